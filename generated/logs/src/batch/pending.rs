//! The batch that is being filled, within the limits of the service.

use std::time::Duration;

use crate::rt::tokio::sync::OwnedSemaphorePermit;
use crate::rt::tokio::time::Instant;
use crate::types::InputLogEvent;

/// The size of a batch, counting each event as its text and [`EVENT_BYTES`].
pub(super) const MAX_BATCH_BYTES: u32 = 1_048_576;
/// What an event counts beside its text.
const EVENT_BYTES: usize = 26;
const MAX_EVENTS: usize = 10_000;
/// The text of an event that fills a batch alone.
pub(super) const MAX_TEXT_BYTES: usize = MAX_BATCH_BYTES as usize - EVENT_BYTES;
/// The time between the first and the last event of a batch, in milliseconds.
const MAX_SPAN: u64 = 24 * 60 * 60 * 1000;

/// Returns the room that an event takes in a queue.
pub(super) fn room_of(event: &InputLogEvent) -> u32 {
    u32::try_from(size(event)).unwrap_or(u32::MAX)
}

fn size(event: &InputLogEvent) -> usize {
    event.message.len().saturating_add(EVENT_BYTES)
}

/// Splits an event between characters, into pieces that a batch can hold.
pub(super) fn split(event: InputLogEvent) -> Vec<InputLogEvent> {
    let mut rest = event.message.as_str();
    let mut pieces = Vec::new();
    while rest.len() > MAX_TEXT_BYTES {
        let (piece, after) = rest.split_at(rest.floor_char_boundary(MAX_TEXT_BYTES));
        pieces.push(InputLogEvent::new(event.timestamp, piece));
        rest = after;
    }
    pieces.push(InputLogEvent::new(event.timestamp, rest));
    pieces
}

/// Events that wait to be sent.
#[derive(Debug, Default)]
pub(super) struct Pending {
    events: Vec<InputLogEvent>,
    bytes: usize,
    /// The earliest and the latest time among the events.
    span: Option<(i64, i64)>,
    /// When the first event came.
    since: Option<Instant>,
    room: Option<OwnedSemaphorePermit>,
}

impl Pending {
    /// Returns when the batch is to be sent though it is not full; `None` where it is empty.
    pub(super) fn deadline(&self, interval: Duration) -> Option<Instant> {
        self.since.map(|since| since + interval)
    }

    /// Tells whether the batch has room for an event beside those that it holds.
    pub(super) fn fits(&self, event: &InputLogEvent) -> bool {
        let (earliest, latest) = self.span_with(event);
        self.events.is_empty()
            || self.events.len() < MAX_EVENTS
                && self.bytes + size(event) <= MAX_BATCH_BYTES as usize
                && latest.abs_diff(earliest) <= MAX_SPAN
    }

    pub(super) fn push(&mut self, event: InputLogEvent) {
        self.bytes += size(&event);
        self.span = Some(self.span_with(&event));
        self.since.get_or_insert_with(Instant::now);
        self.events.push(event);
    }

    /// Keeps the room that an event takes until the batch is gone.
    pub(super) fn hold(&mut self, room: OwnedSemaphorePermit) {
        match &mut self.room {
            Some(held) => held.merge(room),
            held => *held = Some(room),
        }
    }

    /// Tells whether no event is small enough to be added.
    pub(super) fn is_full(&self) -> bool {
        self.events.len() >= MAX_EVENTS || self.bytes + EVENT_BYTES >= MAX_BATCH_BYTES as usize
    }

    /// Returns the events in order of time, if there are any, with the room that they take.
    pub(super) fn take(&mut self) -> Option<(Vec<InputLogEvent>, Option<OwnedSemaphorePermit>)> {
        let mut taken = std::mem::take(self);
        // Events of the same time stay in the order they came in.
        taken.events.sort_by_key(|event| event.timestamp);
        (!taken.events.is_empty()).then_some((taken.events, taken.room))
    }

    fn span_with(&self, event: &InputLogEvent) -> (i64, i64) {
        let (earliest, latest) = self.span.unwrap_or((event.timestamp, event.timestamp));
        (earliest.min(event.timestamp), latest.max(event.timestamp))
    }
}
