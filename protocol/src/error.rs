//! Why a call failed.

use std::error::Error as StdError;
use std::fmt;
use std::ops::{Deref, DerefMut};

use bytes::Bytes;
use http::{HeaderMap, StatusCode};

use crate::body::BoxError;
use crate::response::{Raw, truncate};

/// Why a call failed: one type with a kind, predicates, and everything that the service said.
///
/// Its `Display` is one sentence: the operation, the code, the message, the request id, and the number of attempts if
/// there were several.
pub struct Error<E>(Box<Inner<E>>);

struct Inner<E> {
    failure: Failure,
    exception: Option<E>,
}

/// What kind of failure an [`Error`] is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The service answered with an exception that its model knows: see [`Error::exception`].
    Exception,
    /// The service answered with an error that its model does not know.
    Service,
    /// No complete answer came: connecting, sending or receiving failed.
    Transport,
    /// An attempt, or the whole call, took longer than it may.
    Timeout,
    /// The service answered with success, but the body is not what the model says.
    Decode,
    /// The request breaks a rule of the model, or has no wire form; nothing was sent.
    InvalidInput,
    /// There are no credentials, or the request could not be signed; nothing was sent.
    Credentials,
    /// The client's configuration is incomplete or contradicts itself; nothing was sent.
    Config,
}

/// Everything about a failure but the typed exception. It is one pointer, for it travels in many results.
#[derive(Debug)]
pub(crate) struct Failure(Box<Facts>);

/// What is known of a failure.
pub(crate) struct Facts {
    pub(crate) kind: ErrorKind,
    pub(crate) operation: Option<&'static str>,
    pub(crate) code: Option<String>,
    /// The shape that the answer names beside a code of the query protocol.
    pub(crate) shape: Option<String>,
    pub(crate) message: Option<String>,
    pub(crate) status: Option<StatusCode>,
    pub(crate) headers: HeaderMap,
    pub(crate) raw_body: Bytes,
    pub(crate) attempts: u32,
    pub(crate) retry: RetryAdvice,
    pub(crate) source: Option<BoxError>,
}

impl Deref for Failure {
    type Target = Facts;

    fn deref(&self) -> &Facts {
        &self.0
    }
}

impl DerefMut for Failure {
    fn deref_mut(&mut self) -> &mut Facts {
        &mut self.0
    }
}

impl fmt::Debug for Facts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Headers and the body of an answer may hold anything.
        f.debug_struct("Facts")
            .field("kind", &self.kind)
            .field("operation", &self.operation)
            .field("code", &self.code)
            .field("message", &self.message)
            .field("status", &self.status)
            .field("attempts", &self.attempts)
            .field("source", &self.source)
            .finish_non_exhaustive()
    }
}

/// What a failure means for a retry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RetryAdvice {
    /// It would fail again.
    Never,
    /// It may succeed.
    Transient,
    /// It may succeed, and waited longer than it may.
    Timeout,
    /// It may succeed later.
    Throttling,
}

impl Failure {
    pub(crate) fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self(Box::new(Facts {
            kind,
            operation: None,
            code: None,
            shape: None,
            message: Some(message.into()),
            status: None,
            headers: HeaderMap::new(),
            raw_body: Bytes::new(),
            attempts: 0,
            retry: RetryAdvice::Never,
            source: None,
        }))
    }

    pub(crate) fn because(mut self, source: impl Into<BoxError>) -> Self {
        self.source = Some(source.into());
        self
    }

    pub(crate) fn advise(mut self, retry: RetryAdvice) -> Self {
        self.retry = retry;
        self
    }

    /// Keeps what the service answered.
    pub(crate) fn keep(&mut self, raw: Raw) {
        self.status = Some(raw.status);
        self.raw_body = truncate(&raw.body);
        self.headers = raw.headers;
    }

    fn request_id(&self) -> Option<&str> {
        request_id(&self.headers)
    }
}

/// Returns the request id that a response carries.
pub(crate) fn request_id(headers: &HeaderMap) -> Option<&str> {
    let id = headers
        .get("x-amzn-requestid")
        .or_else(|| headers.get("x-amz-request-id"));
    id?.to_str().ok()
}

impl<E> Error<E> {
    pub(crate) fn from_failure(failure: Failure, exception: Option<E>) -> Self {
        Self(Box::new(Inner { failure, exception }))
    }

    /// Returns what kind of failure this is.
    pub fn kind(&self) -> ErrorKind {
        self.0.failure.kind
    }

    /// Returns the exception, where the service's model knows it.
    pub fn exception(&self) -> Option<&E> {
        self.0.exception.as_ref()
    }

    /// Turns the error into its exception, where the service's model knows it.
    ///
    /// # Errors
    ///
    /// Gives the error back if it is no exception.
    pub fn into_exception(mut self) -> Result<E, Self> {
        self.0.exception.take().ok_or(self)
    }

    /// Returns the name of the operation; `None` where there was none yet, as when a client is configured.
    pub fn operation(&self) -> Option<&'static str> {
        self.0.failure.operation
    }

    /// Returns the error code that the service sent, known to the model or not.
    pub fn code(&self) -> Option<&str> {
        self.0.failure.code.as_deref()
    }

    /// Returns the message: the service's own, or ours where the service was not asked.
    pub fn message(&self) -> Option<&str> {
        self.0.failure.message.as_deref()
    }

    /// Returns the request id; AWS support asks for it.
    pub fn request_id(&self) -> Option<&str> {
        self.0.failure.request_id()
    }

    /// Returns the HTTP status of the last answer.
    pub fn status(&self) -> Option<StatusCode> {
        self.0.failure.status
    }

    /// Returns the HTTP headers of the last answer.
    pub fn headers(&self) -> &HeaderMap {
        &self.0.failure.headers
    }

    /// Returns the body of the last answer as it came, at most its first 64 KiB; empty where none came.
    pub fn raw_body(&self) -> &Bytes {
        &self.0.failure.raw_body
    }

    /// Returns how many times the request was sent.
    pub fn attempts(&self) -> u32 {
        self.0.failure.attempts
    }

    /// Tells whether the service asked to be called less often.
    pub fn is_throttling(&self) -> bool {
        self.0.failure.retry == RetryAdvice::Throttling
    }

    /// Tells whether the same request may succeed later. The client has retried it already, as far as its policy allows.
    pub fn is_retryable(&self) -> bool {
        self.0.failure.retry != RetryAdvice::Never
    }

    /// Tells whether time ran out.
    pub fn is_timeout(&self) -> bool {
        self.kind() == ErrorKind::Timeout
    }
}

impl<E> fmt::Display for Error<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let failure = &self.0.failure;
        if let Some(operation) = failure.operation {
            write!(f, "{operation}: ")?;
        }
        match (&failure.code, &failure.message) {
            (Some(code), Some(message)) => write!(f, "{code}: {message}")?,
            (Some(text), None) | (None, Some(text)) => f.write_str(text)?,
            (None, None) => f.write_str("the call failed")?,
        }
        let mut facts = Vec::new();
        facts.extend(failure.request_id().map(|id| format!("request id {id}")));
        facts.extend(failure.status.map(|status| format!("status {}", status.as_u16())));
        if failure.attempts > 1 {
            facts.push(format!("after {} attempts", failure.attempts));
        }
        match facts.is_empty() {
            true => Ok(()),
            false => write!(f, " ({})", facts.join(", ")),
        }
    }
}

impl<E: fmt::Debug> fmt::Debug for Error<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let failure = &self.0.failure;
        f.debug_struct("Error")
            .field("kind", &failure.kind)
            .field("operation", &failure.operation)
            .field("code", &failure.code)
            .field("message", &failure.message)
            .field("request_id", &failure.request_id())
            .field("status", &failure.status)
            .field("attempts", &failure.attempts)
            .field("exception", &self.0.exception)
            .field("source", &failure.source)
            .finish_non_exhaustive()
    }
}

impl<E: fmt::Debug> StdError for Error<E> {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        let source = self.0.failure.source.as_deref()?;
        Some(source)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_is_one_pointer_and_may_travel() {
        fn travels<T: Send + Sync + 'static>() {}
        travels::<Error<String>>();
        assert_eq!(size_of::<Error<String>>(), size_of::<usize>());
    }

    #[test]
    fn display_is_one_sentence_with_all_that_support_asks_for() {
        let mut failure = Failure::new(ErrorKind::Service, "no such group");
        failure.operation = Some("AssociateKmsKey");
        failure.code = Some("ResourceNotFoundException".to_owned());
        failure.status = Some(StatusCode::BAD_REQUEST);
        failure.attempts = 3;
        failure
            .headers
            .insert("x-amzn-requestid", "id-1".parse().expect("a value"));
        assert_eq!(
            Error::<String>::from_failure(failure, None).to_string(),
            "AssociateKmsKey: ResourceNotFoundException: no such group (request id id-1, status 400, after 3 attempts)"
        );
    }
}
