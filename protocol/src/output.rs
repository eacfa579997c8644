//! What a successful call returns, and how it is made of a response.

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
    fn arrive(arrival: Arrival<'_>) -> Result<Self, Failure>;
}

/// A response that has arrived, for the output to be made of.
pub(crate) struct Arrival<'a> {
    #[cfg_attr(not(feature = "event-stream"), allow(dead_code, reason = "streams keep it"))]
    pub(crate) inner: &'a Arc<Inner>,
    pub(crate) raw: &'a Raw,
    /// The body that has not arrived yet, of an output that streams.
    #[cfg_attr(not(feature = "event-stream"), allow(dead_code, reason = "streams read it"))]
    pub(crate) body: Option<Body>,
    #[cfg_attr(not(feature = "event-stream"), allow(dead_code, reason = "streams keep it"))]
    pub(crate) attempts: u32,
}

impl<T: wire::Structure + Serialize + DeserializeOwned + Send + Sync + 'static> OperationOutput for T {
    const STREAMS: bool = false;

    #[allow(private_interfaces, reason = "only this crate implements the trait")]
    fn arrive(arrival: Arrival<'_>) -> Result<Self, Failure> {
        let read = || wire::from_slice(&arrival.raw.body);
        let output = match T::READS_BODY {
            true => with_strictness(arrival.inner.strictness, read),
            false => Ok(T::empty()),
        };
        output.map_err(|error| {
            let message = format!("the response cannot be read: {error}");
            Failure::new(ErrorKind::Decode, message).because(error)
        })
    }
}

/// A response that has arrived, and after how many attempts.
pub(crate) struct Received {
    pub(crate) raw: Raw,
    /// The body that has not arrived yet, of an output that streams.
    pub(crate) stream: Option<Body>,
    pub(crate) attempts: u32,
}

pub(crate) fn read_output<O: Operation>(
    inner: &Arc<Inner>,
    received: Received,
) -> Result<Response<O::Output>, Failure> {
    let Received {
        raw,
        stream,
        attempts,
    } = received;
    let arrival = Arrival {
        inner,
        raw: &raw,
        body: stream,
        attempts,
    };
    match O::Output::arrive(arrival) {
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
#[derive(Clone, Debug)]
pub struct Response<T> {
    output: T,
    status: StatusCode,
    headers: HeaderMap,
    attempts: u32,
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
