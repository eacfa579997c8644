//! Sending events to a log stream in batches, without losing any silently.
//!
//! A [`Sink`] takes events one by one, and a task of its own sends them with [`PutLogEvents`](crate::PutLogEvents): at most
//! 1,048,576 bytes, counting 26 for each event beside its text, 10,000 events and 24 hours in a batch, in order of time. Batches
//! of a stream follow each other, so events arrive in the order they were given, as far as their times allow.
//!
//! * **Back-pressure**: [`Sink::send`] waits while the queue is full; [`Sink::try_send`] says so instead.
//! * **Failures**: what may pass, such as throttling and broken connections, is tried again for as long as the builder's
//!   [`patience`](SinkBuilder::patience) says; the queue fills up meanwhile.
//! * **Losses**: every event that cannot be delivered, also those that the service rejects in an answer of success, is handed to the function that
//!   [`SinkBuilder::start`] takes, with the reason.
//! * **Repetitions**: where a connection breaks before the answer comes, nobody knows whether the batch arrived. It is sent
//!   again, and counted in [`Summary::repeated`]: these events may be there twice.
//! * **Shutdown**: [`Sink::close`] sends what is left. A runtime that ends before drops the queue.
//!
//! ```no_run
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! use awsjson_logs::Client;
//! use awsjson_logs::batch::SinkBuilder;
//! use awsjson_logs::types::InputLogEvent;
//!
//! let client = Client::from_env().await?;
//! let sink = SinkBuilder::new(client, "my-group", "my-stream").start(|lost| eprintln!("{lost}"));
//! sink.send(InputLogEvent::new(1_700_000_000_000, "it works")).await?;
//! let summary = sink.close().await;
//! println!("{} delivered, {} lost", summary.delivered, summary.lost);
//! # Ok(())
//! # }
//! ```

mod delivery;
mod pending;
mod worker;

use std::error::Error as StdError;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use crate::rt::tokio::sync::mpsc::{self, UnboundedSender};
use crate::rt::tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot};
use crate::rt::tokio::{self};
use crate::types::InputLogEvent;
use crate::{Client, Error};

use pending::{MAX_BATCH_BYTES, room_of};
use worker::Worker;

/// Configures a [`Sink`].
#[derive(Clone, Debug)]
pub struct SinkBuilder {
    client: Client,
    group: String,
    stream: String,
    queue_bytes: u32,
    flush_interval: Duration,
    patience: Duration,
    oversized: Oversized,
    missing: Missing,
}

/// What becomes of events whose text is larger than 1,048,550 bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Oversized {
    /// They are split between characters, into events of the same time.
    #[default]
    Split,
    /// They are reported as lost.
    Report,
}

/// What becomes of batches where the service does not know the log group or the stream.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Missing {
    /// They are reported as lost.
    #[default]
    Report,
    /// The group and the stream are created, and the batch is sent again.
    Create,
}

impl SinkBuilder {
    /// Starts to configure a sink for a log stream; the client's retries, timeouts and middleware apply to it.
    pub fn new(
        client: Client,
        log_group_name: impl Into<String>,
        log_stream_name: impl Into<String>,
    ) -> Self {
        Self {
            client,
            group: log_group_name.into(),
            stream: log_stream_name.into(),
            queue_bytes: 8 * MAX_BATCH_BYTES,
            flush_interval: Duration::from_secs(5),
            patience: Duration::from_secs(600),
            oversized: Oversized::default(),
            missing: Missing::default(),
        }
    }

    /// Sets how many bytes of events are held at most, those on their way included. Default: 8 MiB; at least: 2 MiB, which are two
    /// batches.
    #[must_use]
    pub fn queue_bytes(mut self, bytes: u32) -> Self {
        self.queue_bytes = bytes.max(2 * MAX_BATCH_BYTES);
        self
    }

    /// Sets how long an event waits for others before a batch is sent that is not full. Default: 5 s.
    #[must_use]
    pub fn flush_interval(mut self, interval: Duration) -> Self {
        self.flush_interval = interval;
        self
    }

    /// Sets for how long a batch is tried again after failures that may pass. Default: 10 minutes.
    #[must_use]
    pub fn patience(mut self, patience: Duration) -> Self {
        self.patience = patience;
        self
    }

    /// Sets what becomes of events that are too large. Default: they are split.
    #[must_use]
    pub fn oversized(mut self, oversized: Oversized) -> Self {
        self.oversized = oversized;
        self
    }

    /// Sets what becomes of events for a group or a stream that does not exist. Default: they are reported.
    #[must_use]
    pub fn missing(mut self, missing: Missing) -> Self {
        self.missing = missing;
        self
    }

    /// Starts the task that sends batches, on the current runtime of tokio. `on_lost` is told of each event that is not
    /// delivered; it should be quick, for no events are sent meanwhile.
    ///
    /// # Panics
    ///
    /// Panics outside of a runtime of tokio.
    pub fn start(self, on_lost: impl FnMut(Lost) + Send + 'static) -> Sink {
        let (queue, messages) = mpsc::unbounded_channel();
        let sink = Sink {
            queue,
            room: Arc::new(Semaphore::new(
                self.queue_bytes.try_into().unwrap_or(usize::MAX >> 3),
            )),
            queue_bytes: self.queue_bytes,
            summary: Arc::default(),
        };
        let (room, summary) = (Arc::clone(&sink.room), Arc::clone(&sink.summary));
        tokio::spawn(Worker::new(self, messages, room, summary, Box::new(on_lost)).run());
        sink
    }
}

/// Takes events for a log stream. Clones feed the same queue; it is sent to its end once all are gone.
#[derive(Clone)]
pub struct Sink {
    queue: UnboundedSender<Message>,
    room: Arc<Semaphore>,
    queue_bytes: u32,
    summary: Arc<Mutex<Summary>>,
}

/// What the task is told.
enum Message {
    /// An event, and the room that it takes in the queue.
    Event(InputLogEvent, OwnedSemaphorePermit),
    Flush(oneshot::Sender<()>),
    Close(oneshot::Sender<()>),
}

impl fmt::Debug for Sink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sink")
            .field("summary", &self.summary())
            .finish_non_exhaustive()
    }
}

impl Sink {
    /// Queues an event, and waits for room. Events of one caller stay in order. A wait that is given up queues nothing.
    ///
    /// # Errors
    ///
    /// Gives the event back where the sink has been closed.
    pub async fn send(&self, event: InputLogEvent) -> Result<(), Unsent> {
        let room = room_of(&event).min(self.queue_bytes);
        match Arc::clone(&self.room).acquire_many_owned(room).await {
            Ok(room) => self.queue(event, room),
            Err(_) => Err(Unsent::new(event, UnsentKind::Closed)),
        }
    }

    /// Queues an event, if there is room now.
    ///
    /// # Errors
    ///
    /// Gives the event back where there is none, and where the sink has been closed.
    pub fn try_send(&self, event: InputLogEvent) -> Result<(), Unsent> {
        let room = room_of(&event).min(self.queue_bytes);
        match Arc::clone(&self.room).try_acquire_many_owned(room) {
            Ok(room) => self.queue(event, room),
            Err(tokio::sync::TryAcquireError::NoPermits) => Err(Unsent::new(event, UnsentKind::Full)),
            Err(tokio::sync::TryAcquireError::Closed) => Err(Unsent::new(event, UnsentKind::Closed)),
        }
    }

    fn queue(&self, event: InputLogEvent, room: OwnedSemaphorePermit) -> Result<(), Unsent> {
        self.queue
            .send(Message::Event(event, room))
            .map_err(|unsent| match unsent.0 {
                Message::Event(event, _) => Unsent::new(event, UnsentKind::Closed),
                Message::Flush(_) | Message::Close(_) => unreachable!("an event was sent"),
            })
    }

    /// Sends what has been queued so far, and returns when every event of it has been delivered or reported.
    pub async fn flush(&self) {
        self.ask(Message::Flush).await;
    }

    /// Takes no more events from this sink and its clones, sends what is left, and returns the final counts when every event has been
    /// delivered or reported.
    pub async fn close(self) -> Summary {
        self.ask(Message::Close).await;
        self.summary()
    }

    async fn ask(&self, message: fn(oneshot::Sender<()>) -> Message) {
        let (done, is_done) = oneshot::channel();
        // Where the task has ended, there is nothing left to send.
        if self.queue.send(message(done)).is_ok() {
            let _ = is_done.await;
        }
    }

    /// Returns the counts so far.
    pub fn summary(&self) -> Summary {
        self.summary
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}

/// What became of the events of a sink.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Summary {
    /// Events that the service accepted; an event that was split counts once for each piece.
    pub delivered: u64,
    /// Events that were handed to the function for losses.
    pub lost: u64,
    /// Delivered events of batches that were sent again because an answer was missing: they may be there twice.
    pub repeated: u64,
    /// Batches that the service accepted, at least in part.
    pub batches: u64,
}

/// An event that was not delivered.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Lost {
    /// The event.
    pub event: InputLogEvent,
    /// Why it was not delivered.
    pub reason: Loss,
}

impl fmt::Display for Lost {
    /// Tells the time of the event and the reason, but not its text.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "an event of {} ms since 1970 was not delivered: {}",
            self.event.timestamp, self.reason
        )
    }
}

/// Why an event was not delivered.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Loss {
    /// It is older than the log group keeps events.
    Expired,
    /// It is older than 14 days, or than the log group.
    TooOld,
    /// It is more than two hours ahead of the service's clock.
    TooNew,
    /// It is larger than an event may be.
    Oversized,
    /// It has no text.
    Empty,
    /// Its time is before 1970.
    Before1970,
    /// The batch that it was part of failed for good, or for longer than the sink's patience.
    Failed(Arc<Error>),
}

impl fmt::Display for Loss {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Expired => f.write_str("it is older than the log group keeps events"),
            Self::TooOld => f.write_str("it is older than the service accepts"),
            Self::TooNew => f.write_str("it is more than two hours ahead of the service's clock"),
            Self::Oversized => f.write_str("it is larger than an event may be"),
            Self::Empty => f.write_str("it has no text"),
            Self::Before1970 => f.write_str("its time is before 1970"),
            Self::Failed(error) => write!(f, "its batch failed: {error}"),
        }
    }
}

/// An event that a sink did not take.
#[derive(Debug)]
#[non_exhaustive]
pub struct Unsent {
    /// The event.
    pub event: Box<InputLogEvent>,
    /// Why it was not taken.
    pub kind: UnsentKind,
}

/// Why a sink did not take an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum UnsentKind {
    /// The queue has no room for it now.
    Full,
    /// The sink has been closed.
    Closed,
}

impl Unsent {
    fn new(event: InputLogEvent, kind: UnsentKind) -> Self {
        Self {
            event: Box::new(event),
            kind,
        }
    }
}

impl fmt::Display for Unsent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.kind {
            UnsentKind::Full => "the queue of events is full",
            UnsentKind::Closed => "the sink for events has been closed",
        })
    }
}

impl StdError for Unsent {}
