//! What a successful call returns, and how it is made of a response.

use std::fmt;
use std::sync::Arc;

use bytes::Bytes;
use http::{HeaderMap, StatusCode};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::body::Body;
use crate::client::Inner;
use crate::error::{ErrorKind, Failure, request_id};
use crate::response::Raw;
use crate::service::Operation;
use crate::wire::{self, with_strictness};

/// What an operation may return: any generated structure, or a stream of events.
pub trait OperationOutput: Sized + Send + 'static {
    /// Whether the body is read bit by bit, by the output itself.
    #[doc(hidden)]
    const STREAMS: bool;

    /// Makes the output of a response.
    #[doc(hidden)]
    #[allow(private_interfaces, reason = "only this crate implements the trait")]
    fn arrive(inner: &Arc<Inner>, received: &mut Received) -> Result<Self, Failure>;
}

impl<T: wire::Structure + Serialize + DeserializeOwned + Send + Sync + 'static> OperationOutput for T {
    const STREAMS: bool = false;

    #[allow(private_interfaces, reason = "only this crate implements the trait")]
    fn arrive(inner: &Arc<Inner>, received: &mut Received) -> Result<Self, Failure> {
        let read = || wire::from_slice(&received.raw.body);
        let output = match T::READS_BODY {
            true => with_strictness(inner.strictness, read),
            false => Ok(T::empty()),
        };
        output.map_err(|error| {
            let mut message = format!("the response cannot be read: {error}");
            if received.raw.body.trim_ascii_start().starts_with(b"<") {
                message.push_str(
                    "; it is a page of HTML or XML: check the endpoint's URL, and the proxies on the way",
                );
            }
            Failure::new(ErrorKind::Decode, message).because(error)
        })
    }
}

/// A response that has arrived, and after how many attempts.
pub(crate) struct Received {
    pub(crate) raw: Raw,
    /// The body that has not arrived yet, of an output that streams; it takes the body.
    #[cfg_attr(not(feature = "event-stream"), allow(dead_code, reason = "streams take it"))]
    pub(crate) stream: Option<Body>,
    pub(crate) attempts: u32,
}

/// Makes the output of a response.
pub(crate) fn read_output<O: Operation>(
    inner: &Arc<Inner>,
    mut received: Received,
) -> Result<Response<O::Output>, Failure> {
    let output = O::Output::arrive(inner, &mut received);
    let Received { raw, attempts, .. } = received;
    match output {
        Ok(output) => Ok(Response {
            output,
            status: raw.status,
            headers: raw.headers,
            attempts,
        }),
        Err(mut failure) => {
            failure.operation = Some(O::METADATA.name);
            failure.attempts = attempts;
            failure.keep(raw);
            Err(failure)
        }
    }
}

/// The output of a successful call, and what came beside it.
#[derive(Clone)]
pub struct Response<T> {
    output: T,
    status: StatusCode,
    headers: HeaderMap,
    attempts: u32,
}

impl<T> Response<T> {
    /// Shows `output`, and nothing that headers hold but the request id.
    fn show(&self, output: &dyn fmt::Debug, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Response")
            .field("output", output)
            .field("status", &self.status)
            .field("request_id", &self.request_id())
            .field("attempts", &self.attempts)
            .finish_non_exhaustive()
    }
}

impl<T: wire::Structure + fmt::Debug> fmt::Debug for Response<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.show(&self.output, f)
    }
}

#[cfg(feature = "event-stream")]
impl<O: Operation> fmt::Debug for Response<crate::EventStream<O>> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.show(&self.output, f)
    }
}

/// Nothing is known of a body as it came, so that it is not shown.
impl fmt::Debug for Response<Bytes> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.show(&format_args!("{} bytes", self.output.len()), f)
    }
}

impl Response<Bytes> {
    /// Keeps the body of a response as it came.
    pub(crate) fn raw(received: Received) -> Self {
        Self {
            output: received.raw.body,
            status: received.raw.status,
            headers: received.raw.headers,
            attempts: received.attempts,
        }
    }
}

impl<T> Response<T> {
    /// Returns the output.
    pub fn output(&self) -> &T {
        &self.output
    }

    /// Turns the response into its output.
    pub fn into_output(self) -> T {
        self.output
    }

    /// Returns the request id; AWS support asks for it.
    pub fn request_id(&self) -> Option<&str> {
        request_id(&self.headers)
    }

    /// Returns the HTTP status.
    pub fn status(&self) -> StatusCode {
        self.status
    }

    /// Returns the HTTP headers.
    pub fn headers(&self) -> &HeaderMap {
        &self.headers
    }

    /// Returns how many times the request was sent.
    pub fn attempts(&self) -> u32 {
        self.attempts
    }
}
