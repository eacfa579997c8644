//! Operations that answer with a stream of events.

mod decode;
mod frame;

use std::fmt;
use std::future::{Future, poll_fn};
use std::marker::PhantomData;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use aws_smithy_types::event_stream::Message;
use bytes::Bytes;
use futures_core::Stream;
use http::header::CONTENT_TYPE;
use http::{HeaderMap, StatusCode};
use http_body::Body as _;
use serde::Serialize;
use serde::de::{Deserialize as _, DeserializeOwned};
use tokio::time::{Instant, Sleep, sleep};

use crate::body::{Body, BoxError};
use crate::call::{Failed, typed};
use crate::client::Inner;
use crate::error::{ErrorKind, Failure, RetryAdvice, request_id};
use crate::output::{OperationOutput, Received};
use crate::response::{Raw, advise};
use crate::service::Operation;
use crate::shown::without_value;
use crate::wire::with_strictness;

use decode::Fields;
use frame::Frames;

#[cfg(feature = "fake")]
pub(crate) use frame::encode;

/// The type of the body that carries events.
pub(crate) const CONTENT: &str = "application/vnd.amazon.eventstream";

/// An operation that answers with a stream of events.
pub trait EventStreaming: Operation<Output = EventStream<Self>> {
    /// An event: one variant for each type of event that the model knows.
    type Event: Serialize + DeserializeOwned + Send + 'static;
}

/// The events that a service sends, in order.
///
/// The stream ends when the service ends it, and after the first error. An exception that the service sends amid the
/// events is an error like that of any call. Dropping the stream ends the connection, or the HTTP/2 stream.
///
/// An event that is larger than `max_response_bytes` of the client is an error, and so is a pause that is longer than
/// [`Timeouts::stream_idle`](crate::Timeouts::stream_idle).
#[must_use = "events arrive when they are asked for"]
pub struct EventStream<O> {
    body: Body,
    frames: Frames,
    inner: Arc<Inner>,
    status: StatusCode,
    headers: HeaderMap,
    attempts: u32,
    idle: Option<Idle>,
    initial_response: Option<Bytes>,
    ended: bool,
    operation: PhantomData<fn() -> O>,
}

/// A timer that runs while nothing arrives.
struct Idle {
    limit: Duration,
    timer: Pin<Box<Sleep>>,
}

/// What a message says.
enum Said<E> {
    Event(E),
    InitialResponse(Bytes),
}

impl<O: EventStreaming> OperationOutput for EventStream<O> {
    const STREAMS: bool = true;

    #[allow(private_interfaces, reason = "only this crate implements the trait")]
    fn arrive(inner: &Arc<Inner>, received: &mut Received) -> Result<Self, Failure> {
        let Some(body) = received.stream.take() else {
            return Err(Failure::new(ErrorKind::Decode, "the response has no stream"));
        };
        let limit = inner.timeouts.stream_idle;
        Ok(Self {
            body,
            frames: Frames::new(inner.max_response_bytes),
            inner: Arc::clone(inner),
            status: received.raw.status,
            headers: received.raw.headers.clone(),
            attempts: received.attempts,
            idle: limit.map(|limit| Idle {
                limit,
                timer: Box::pin(sleep(limit)),
            }),
            initial_response: None,
            ended: false,
            operation: PhantomData,
        })
    }
}

/// Tells whether a response's body is a stream of events, as far as its headers say.
pub(crate) fn is_event_stream(headers: &HeaderMap) -> bool {
    headers
        .get(CONTENT_TYPE)
        .is_none_or(|content| content.as_bytes().starts_with(CONTENT.as_bytes()))
}

impl<O: EventStreaming> EventStream<O> {
    /// Waits for the next event; `None` after the last one.
    ///
    /// # Errors
    ///
    /// Fails with an exception that the service sent, where a message is corrupt or too large, where the connection
    /// breaks, and where nothing arrives for too long. No events follow.
    pub async fn try_next(&mut self) -> Result<Option<O::Event>, Failed<O>> {
        poll_fn(|context| self.poll_event(context)).await.transpose()
    }

    /// Returns the request id; AWS support asks for it.
    pub fn request_id(&self) -> Option<&str> {
        request_id(&self.headers)
    }

    /// Returns the HTTP headers that came before the first event.
    pub fn headers(&self) -> &HeaderMap {
        &self.headers
    }

    /// Returns what the service said before the first event, as JSON; `None` where it has said nothing yet. Events do not
    /// wait for it.
    pub fn initial_response(&self) -> Option<&Bytes> {
        self.initial_response.as_ref()
    }

    fn poll_event(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<O::Event, Failed<O>>>> {
        if self.ended {
            return Poll::Ready(None);
        }
        let next = match self.poll_said(context) {
            Poll::Pending => return Poll::Pending,
            Poll::Ready(next) => next,
        };
        self.ended = !matches!(next, Some(Ok(_)));
        Poll::Ready(next.map(|event| event.map_err(|failure| self.explain(failure))))
    }

    fn poll_said(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<O::Event, Failure>>> {
        loop {
            match self.frames.next() {
                Ok(Some(message)) => match self.read(&message) {
                    Ok(Said::Event(event)) => return Poll::Ready(Some(Ok(event))),
                    Ok(Said::InitialResponse(payload)) => self.initial_response = Some(payload),
                    Err(failure) => return Poll::Ready(Some(Err(failure))),
                },
                Ok(None) => match self.poll_data(context) {
                    Poll::Pending => return self.poll_idle(context).map(|failure| Some(Err(failure))),
                    Poll::Ready(Some(Ok(data))) => {
                        self.frames.add(&data);
                        if let Some(Idle { limit, timer }) = &mut self.idle {
                            timer.as_mut().reset(Instant::now() + *limit);
                        }
                    }
                    Poll::Ready(Some(Err(error))) => {
                        let failure = broken("the stream broke off").because(error);
                        return Poll::Ready(Some(Err(failure)));
                    }
                    Poll::Ready(None) if self.frames.is_empty() => return Poll::Ready(None),
                    Poll::Ready(None) => {
                        let failure = broken("the stream broke off amid a message");
                        return Poll::Ready(Some(Err(failure)));
                    }
                },
                Err(what) => return Poll::Ready(Some(Err(corrupt(what, Bytes::new())))),
            }
        }
    }

    fn poll_data(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<Bytes, BoxError>>> {
        loop {
            match Pin::new(&mut self.body).poll_frame(context) {
                Poll::Ready(Some(Ok(frame))) => {
                    if let Ok(data) = frame.into_data() {
                        return Poll::Ready(Some(Ok(data)));
                    }
                }
                Poll::Ready(Some(Err(error))) => return Poll::Ready(Some(Err(error))),
                Poll::Ready(None) => return Poll::Ready(None),
                Poll::Pending => return Poll::Pending,
            }
        }
    }

    fn poll_idle(&mut self, context: &mut Context<'_>) -> Poll<Failure> {
        let Some(Idle { limit, timer }) = &mut self.idle else {
            return Poll::Pending;
        };
        let limit = *limit;
        timer.as_mut().poll(context).map(|()| {
            let message = format!("no event arrived for {limit:?}");
            Failure::new(ErrorKind::Timeout, message).advise(RetryAdvice::Timeout)
        })
    }

    /// Reads a message: an event, what comes before the first one, or an error.
    fn read(&self, message: &Message) -> Result<Said<O::Event>, Failure> {
        let header = |name: &str| decode::header(message, name);
        let payload = message.payload();
        match (header(":message-type"), header(":event-type")) {
            (Some("event"), Some("initial-response")) => Ok(Said::InitialResponse(payload.clone())),
            (Some("event"), Some(name)) => {
                let read = || O::Event::deserialize(Fields::new(name, payload));
                match with_strictness(self.inner.strictness, read) {
                    Ok(event) => Ok(Said::Event(event)),
                    Err(error) => {
                        let error = without_value(error);
                        let what = format!("the event `{name}` cannot be read: {error}");
                        Err(corrupt(what, payload.clone()).because(error))
                    }
                }
            }
            (Some("exception"), _) => {
                let code = header(":exception-type").unwrap_or_default();
                Err(self.refusal(code, None, payload.clone()))
            }
            (Some("error"), _) => {
                let code = header(":error-code").unwrap_or_default();
                Err(self.refusal(code, header(":error-message"), payload.clone()))
            }
            (kind, _) => Err(corrupt(
                format!("a message is of the unknown type `{}`", kind.unwrap_or_default()),
                payload.clone(),
            )),
        }
    }

    /// Says what the service refused amid the events.
    fn refusal(&self, code: &str, message: Option<&str>, payload: Bytes) -> Failure {
        let code = code.to_owned();
        let said = crate::error_body::ErrorBody::read(&payload).message();
        let modeled = crate::call::modeled_retry::<<O::Service as crate::Service>::Exception>;
        let advice = advise([&code], StatusCode::OK, modeled);
        let mut failure = Failure::new(ErrorKind::Service, "").advise(advice);
        failure.message = message.map(str::to_owned).or(said);
        failure.code = Some(code);
        failure.raw_body = payload;
        failure
    }

    /// Adds what is known of the whole call to a failure.
    fn explain(&self, mut failure: Failure) -> Failed<O> {
        let body = std::mem::take(&mut failure.raw_body);
        failure.keep(Raw {
            status: self.status,
            headers: self.headers.clone(),
            body,
        });
        failure.operation = Some(O::METADATA.name);
        failure.attempts = self.attempts;
        typed::<O>(failure)
    }
}

fn broken(what: &str) -> Failure {
    Failure::new(ErrorKind::Transport, what).advise(RetryAdvice::Transient)
}

fn corrupt(what: impl Into<String>, payload: Bytes) -> Failure {
    let mut failure = Failure::new(ErrorKind::Decode, what);
    failure.raw_body = payload;
    failure
}

impl<O: EventStreaming> Stream for EventStream<O> {
    type Item = Result<O::Event, Failed<O>>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.poll_event(context)
    }
}

impl<O: Operation> fmt::Debug for EventStream<O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EventStream")
            .field("operation", &O::METADATA.name)
            .field("status", &self.status)
            .field("ended", &self.ended)
            .finish_non_exhaustive()
    }
}
