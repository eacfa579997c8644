//! The task that sends batches, one after the other.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::PutLogEvents;
use crate::rt::tokio::sync::mpsc::UnboundedReceiver;
use crate::rt::tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot};
use crate::rt::tokio::time::timeout_at;
use crate::types::InputLogEvent;

use super::delivery::Accepted;
use super::pending::{MAX_TEXT_BYTES, Pending, split};
use super::{Loss, Lost, Message, Oversized, SinkBuilder, Summary};

/// Is told of losses.
type OnLost = Box<dyn FnMut(Lost) + Send>;

pub(super) struct Worker {
    settings: SinkBuilder,
    messages: UnboundedReceiver<Message>,
    room: Arc<Semaphore>,
    summary: Arc<Mutex<Summary>>,
    on_lost: OnLost,
    pending: Pending,
}

impl Worker {
    pub(super) fn new(
        settings: SinkBuilder,
        messages: UnboundedReceiver<Message>,
        room: Arc<Semaphore>,
        summary: Arc<Mutex<Summary>>,
        on_lost: OnLost,
    ) -> Self {
        Self {
            settings,
            messages,
            room,
            summary,
            on_lost,
            pending: Pending::default(),
        }
    }

    /// Works until the sink has been closed, or is gone, and everything has been sent.
    pub(super) async fn run(mut self) {
        let mut closing: Vec<oneshot::Sender<()>> = Vec::new();
        while let Some(message) = self.next().await {
            match message {
                Message::Event(event, room) => self.add(event, room).await,
                Message::Flush(done) => {
                    self.deliver().await;
                    // Nobody may wait for it any more.
                    let _ = done.send(());
                }
                Message::Close(done) => {
                    // What has been queued already still comes.
                    self.messages.close();
                    self.room.close();
                    closing.push(done);
                }
            }
        }
        self.deliver().await;
        for done in closing {
            let _ = done.send(());
        }
    }

    /// Waits for the next message, and sends what waits too long meanwhile.
    async fn next(&mut self) -> Option<Message> {
        loop {
            let Some(deadline) = self.pending.deadline(self.settings.flush_interval) else {
                return self.messages.recv().await;
            };
            match timeout_at(deadline, self.messages.recv()).await {
                Ok(message) => return message,
                Err(_) => self.deliver().await,
            }
        }
    }

    async fn add(&mut self, event: InputLogEvent, room: OwnedSemaphorePermit) {
        if event.message.is_empty() {
            return self.lose(event, Loss::Empty);
        }
        if event.timestamp < 0 {
            return self.lose(event, Loss::Before1970);
        }
        let is_oversized = event.message.len() > MAX_TEXT_BYTES;
        let pieces = match (is_oversized, self.settings.oversized) {
            (true, Oversized::Report) => return self.lose(event, Loss::Oversized),
            (true, Oversized::Split) => split(event),
            (false, _) => vec![event],
        };
        for piece in pieces {
            if !self.pending.fits(&piece) {
                self.deliver().await;
            }
            self.pending.push(piece);
        }
        self.pending.hold(room);
        if self.pending.is_full() {
            self.deliver().await;
        }
    }

    /// Sends the batch, and sorts out what became of its events.
    async fn deliver(&mut self) {
        // The room is free for other events when the batch is done.
        let Some((events, _room)) = self.pending.take() else {
            return;
        };
        let operation = PutLogEvents::new(&self.settings.group, &self.settings.stream, events);
        match self.settings.deliver(&operation).await {
            Ok(accepted) => self.sort_out(operation.log_events, accepted),
            Err(error) => {
                let error = Arc::new(error);
                for event in operation.log_events {
                    self.lose(event, Loss::Failed(Arc::clone(&error)));
                }
            }
        }
    }

    /// Counts what the service took, and reports what it rejected.
    fn sort_out(&mut self, events: Vec<InputLogEvent>, accepted: Accepted) {
        let rejected = accepted.rejected.unwrap_or_default();
        let end = |index: Option<i32>| index.and_then(|index| usize::try_from(index).ok()).unwrap_or(0);
        let expired_end = end(rejected.expired_log_event_end_index);
        let too_old_end = end(rejected.too_old_log_event_end_index);
        let too_new_start = rejected.too_new_log_event_start_index;
        let too_new_start = too_new_start.map_or(usize::MAX, |start| end(Some(start)));
        let mut delivered = 0;
        for (at, event) in events.into_iter().enumerate() {
            match at {
                _ if at < expired_end => self.lose(event, Loss::Expired),
                _ if at < too_old_end => self.lose(event, Loss::TooOld),
                _ if at >= too_new_start => self.lose(event, Loss::TooNew),
                _ => delivered += 1,
            }
        }
        let mut summary = self.summary();
        summary.batches += 1;
        summary.delivered += delivered;
        if accepted.is_repeated {
            summary.repeated += delivered;
        }
    }

    fn lose(&mut self, event: InputLogEvent, reason: Loss) {
        self.summary().lost += 1;
        (self.on_lost)(Lost { event, reason });
    }

    fn summary(&self) -> MutexGuard<'_, Summary> {
        self.summary.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
