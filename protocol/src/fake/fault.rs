//! What goes wrong between a client and a fake, on purpose.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http_body::{Frame, SizeHint};

use crate::body::BoxError;

use super::Reply;

/// What happens to one request: see [`Fake::inject`](super::Fake::inject).
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Fault {
    /// Nothing: the operation's function answers.
    None,
    /// The operation's function answers, after a while. Tokio's time counts, which tests may pause.
    Delay(Duration),
    /// This is the answer; the operation's function is not asked.
    Reply(Reply),
    /// The operation's function is asked, but its answer is lost: the connection ends without one.
    LoseAnswer,
    /// The connection ends before the operation's function is asked.
    Disconnect,
    /// The operation's function answers, but the connection ends in the middle of the body.
    CutAnswer,
}

/// A request for which a fault is chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Incoming<'a> {
    /// How many requests came before it.
    pub number: usize,
    /// The operation, such as `AssociateKmsKey`.
    pub operation: &'a str,
}

/// The connection ended.
#[derive(Debug)]
pub(super) struct Disconnected;

impl fmt::Display for Disconnected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the fake ended the connection, as it was told to")
    }
}

impl std::error::Error for Disconnected {}

/// A body that promises more than comes.
pub(super) struct CutBody {
    half: Option<Bytes>,
    promised: u64,
}

impl CutBody {
    pub(super) fn new(whole: &Bytes) -> Self {
        Self {
            half: Some(whole.slice(..whole.len() / 2)),
            // An empty body cannot be cut, so that one byte more is promised.
            promised: whole.len().max(1) as u64,
        }
    }
}

impl http_body::Body for CutBody {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        Poll::Ready(Some(match self.half.take().filter(|half| !half.is_empty()) {
            Some(half) => Ok(Frame::data(half)),
            None => Err(Box::new(Disconnected)),
        }))
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.promised)
    }
}
