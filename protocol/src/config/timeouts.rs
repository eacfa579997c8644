//! How long the parts of a call may take.

use std::time::Duration;

/// How long the parts of a call may take; `None` is for ever.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Timeouts {
    /// Connecting, TLS included. It applies to the default transport. Default: 3.1 s.
    pub connect: Option<Duration>,
    /// One attempt, from sending the request to the last byte of the answer. Default: 75 s, which leaves room for
    /// the operations that wait up to a minute for something to happen.
    pub attempt: Option<Duration>,
    /// The whole call with every attempt and the pauses between them. Default: none.
    pub operation: Option<Duration>,
    /// A pause in a stream of events. Attempt and call end with the stream's first byte. Default: 75 s; services whose streams
    /// may be silent send something every few seconds.
    pub stream_idle: Option<Duration>,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self {
            connect: Some(Duration::from_millis(3100)),
            attempt: Some(Duration::from_secs(75)),
            operation: None,
            stream_idle: Some(Duration::from_secs(75)),
        }
    }
}

impl Timeouts {
    /// Sets how long a stream of events may be silent.
    #[must_use]
    pub fn stream_idle(mut self, timeout: impl Into<Option<Duration>>) -> Self {
        self.stream_idle = timeout.into();
        self
    }

    /// Sets how long connecting may take.
    #[must_use]
    pub fn connect(mut self, timeout: impl Into<Option<Duration>>) -> Self {
        self.connect = timeout.into();
        self
    }

    /// Sets how long one attempt may take.
    #[must_use]
    pub fn attempt(mut self, timeout: impl Into<Option<Duration>>) -> Self {
        self.attempt = timeout.into();
        self
    }

    /// Sets how long the whole call may take.
    #[must_use]
    pub fn operation(mut self, timeout: impl Into<Option<Duration>>) -> Self {
        self.operation = timeout.into();
        self
    }
}
