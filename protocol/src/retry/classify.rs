//! A user's own say in whether a failed attempt is worth another.

use std::fmt;
use std::sync::Arc;

use bytes::Bytes;
use http::{HeaderMap, StatusCode};

use crate::error::{ErrorKind, Failure, RetryAdvice};

/// An attempt that failed, for [`classify_failures`](crate::ClientBuilder::classify_failures) to judge.
pub struct FailedAttempt<'a> {
    operation: &'static str,
    number: u32,
    failure: &'a Failure,
}

impl FailedAttempt<'_> {
    /// Returns the name of the operation.
    pub fn operation(&self) -> &'static str {
        self.operation
    }

    /// Returns which attempt it was; the first is 1.
    pub fn number(&self) -> u32 {
        self.number
    }

    /// Returns what kind of failure it is. Exceptions are of kind [`Service`](ErrorKind::Service) here, for they are decoded
    /// when the call ends.
    pub fn kind(&self) -> ErrorKind {
        self.failure.kind
    }

    /// Returns the error code that the service sent.
    pub fn code(&self) -> Option<&str> {
        self.failure.code.as_deref()
    }

    /// Returns the message: the service's own, or ours where no answer came.
    pub fn message(&self) -> Option<&str> {
        self.failure.message.as_deref()
    }

    /// Returns the HTTP status; `None` where no answer came.
    pub fn status(&self) -> Option<StatusCode> {
        self.failure.status
    }

    /// Returns the HTTP headers of the answer.
    pub fn headers(&self) -> &HeaderMap {
        &self.failure.headers
    }

    /// Returns the body of the answer, at most its first 64 KiB.
    pub fn raw_body(&self) -> &Bytes {
        &self.failure.raw_body
    }

    /// Returns what the protocol makes of it.
    pub fn advice(&self) -> RetryAdvice {
        self.failure.retry
    }
}

impl fmt::Debug for FailedAttempt<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FailedAttempt")
            .field("operation", &self.operation)
            .field("number", &self.number)
            .field("kind", &self.kind())
            .field("code", &self.code())
            .field("advice", &self.advice())
            .finish_non_exhaustive()
    }
}

/// What judges failed attempts.
#[derive(Clone)]
pub(crate) struct Classifier(Arc<Classify>);

type Classify = dyn Fn(&FailedAttempt<'_>) -> Option<RetryAdvice> + Send + Sync;

impl Classifier {
    pub(crate) fn new(
        classify: impl Fn(&FailedAttempt<'_>) -> Option<RetryAdvice> + Send + Sync + 'static,
    ) -> Self {
        Self(Arc::new(classify))
    }

    /// Returns one that asks `other` where this one leaves the decision alone.
    pub(crate) fn or(self, other: Option<Self>) -> Self {
        match other {
            None => self,
            Some(other) => Self(Arc::new(move |failed| {
                (self.0)(failed).or_else(|| (other.0)(failed))
            })),
        }
    }

    /// Judges a failure, and notes the judgement in it.
    pub(crate) fn apply(&self, operation: &'static str, number: u32, failure: &mut Failure) {
        let advice = (self.0)(&FailedAttempt {
            operation,
            number,
            failure,
        });
        failure.retry = advice.unwrap_or(failure.retry);
    }
}

impl fmt::Debug for Classifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Classifier")
    }
}
