//! Sending one batch, until it is accepted or given up.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use crate::protocol::ErrorKind;
use crate::rt::tokio::time::{Instant, sleep};
use crate::types::RejectedLogEventsInfo;
use crate::{CreateLogGroup, CreateLogStream, Error, Exception, PutLogEvents, PutLogEventsOutput};

use super::{Missing, SinkBuilder};

/// The longest pause between two calls for the same batch; the client's own retries come on top.
const MAX_PAUSE: Duration = Duration::from_secs(30);

/// A batch that the service took, at least in part.
pub(super) struct Accepted {
    pub(super) rejected: Option<RejectedLogEventsInfo>,
    /// Whether the batch was sent again after an attempt whose answer was missing.
    pub(super) is_repeated: bool,
}

/// What follows a failed call.
enum Next {
    Repeat,
    GiveUp,
}

impl SinkBuilder {
    /// Sends a batch until it is accepted.
    ///
    /// # Errors
    ///
    /// Fails as the last call did, where that was for good, or the patience is over.
    pub(super) async fn deliver(&self, operation: &PutLogEvents) -> Result<Accepted, Error> {
        let begun = Instant::now();
        let is_unanswered = Arc::new(AtomicBool::new(false));
        let mut may_create = self.missing == Missing::Create;
        let mut calls = 0;
        loop {
            let error = match self.put(operation.clone(), &is_unanswered).await {
                Ok(output) => {
                    return Ok(Accepted {
                        rejected: output.rejected_log_events_info,
                        is_repeated: is_unanswered.load(Ordering::Relaxed),
                    });
                }
                Err(error) => error,
            };
            if may_create && is_missing(&error) {
                may_create = false;
                self.create().await?;
                continue;
            }
            calls += 1;
            match self.follow(&error, begun, calls).await {
                Next::Repeat => {}
                Next::GiveUp => return Err(error),
            }
        }
    }

    /// Calls the service once, with the client's own retries; notes where an answer was missing.
    async fn put(
        &self,
        operation: PutLogEvents,
        is_unanswered: &Arc<AtomicBool>,
    ) -> Result<PutLogEventsOutput, Error> {
        let is_unanswered = Arc::clone(is_unanswered);
        let call = self.client.call(operation).classify_failures(move |failed| {
            let unanswered = matches!(failed.kind(), ErrorKind::Transport | ErrorKind::Timeout);
            is_unanswered.fetch_or(unanswered, Ordering::Relaxed);
            None
        });
        match call.await {
            // The service says that it has the batch already.
            Err(error)
                if matches!(
                    error.exception(),
                    Some(Exception::DataAlreadyAcceptedException(_))
                ) =>
            {
                Ok(PutLogEventsOutput::new())
            }
            result => result,
        }
    }

    /// Decides what follows a failed call, and waits before the next.
    async fn follow(&self, error: &Error, begun: Instant, calls: u32) -> Next {
        // Whatever gives credentials may do so later, and what has just been created may take a while to be found.
        let is_created = self.missing == Missing::Create && is_missing(error);
        let may_pass = error.is_retryable() || error.kind() == ErrorKind::Credentials || is_created;
        let left = self.patience.saturating_sub(begun.elapsed());
        if !may_pass || left.is_zero() {
            return Next::GiveUp;
        }
        let pause = Duration::from_secs(1 << calls.min(6)).min(MAX_PAUSE);
        sleep(pause.min(left)).await;
        Next::Repeat
    }

    /// Creates the log group and the stream, as far as they are missing.
    async fn create(&self) -> Result<(), Error> {
        // A program may be allowed to create streams only: creating the stream says whether there is a group.
        let _ = self.client.send(CreateLogGroup::new(&self.group)).await;
        let stream = CreateLogStream::new(&self.group, &self.stream);
        match self.client.send(stream).await {
            Ok(_) => Ok(()),
            Err(error) => match error.exception() {
                Some(Exception::ResourceAlreadyExistsException(_)) => Ok(()),
                _ => Err(error),
            },
        }
    }
}

fn is_missing(error: &Error) -> bool {
    matches!(error.exception(), Some(Exception::ResourceNotFoundException(_)))
}
