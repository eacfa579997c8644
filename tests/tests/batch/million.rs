//! A million events.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use awsjson_logs::batch::{Loss, Summary};
use awsjson_logs::types::{InputLogEvent, RejectedLogEventsInfo};
use awsjson_logs::{PutLogEvents, PutLogEventsOutput};
use awsjson_protocol::fake::{Fake, Fault, Reply};

use super::{MAX_BATCH, builder, check};

/// A million events through a service that throttles, rejects in part, resets connections and loses answers.
struct Million {
    sent: AtomicUsize,
    /// How often the service took each event.
    taken: Mutex<Vec<u8>>,
    reported: Mutex<Vec<bool>>,
    /// Events that were queued, delivered or lost so far.
    last: AtomicUsize,
}

const MILLION: usize = 1_000_000;
const QUEUE: usize = 4 * MAX_BATCH;

fn number(event: &InputLogEvent) -> usize {
    let number = event.message.split(' ').nth(1).expect("a number");
    number.parse().expect("a number")
}

impl Million {
    /// Takes a batch: every fifth in part only.
    fn take(&self, operation: &PutLogEvents, call: usize) -> PutLogEventsOutput {
        check(operation);
        let events = &operation.log_events;
        let first = number(&events[0]);
        assert!(first <= self.last.load(Ordering::Relaxed), "a batch was left out");
        // What is queued and what is under way stays below the bound; the text says how large an event is.
        let waiting = self.sent.load(Ordering::Relaxed).saturating_sub(first);
        let size = events[0].message.len() + 26;
        assert!(waiting * size <= QUEUE + 2 * size, "{waiting} events are waiting");
        let rejected = if call % 5 == 4 { events.len() / 4 } else { 0 };
        let mut taken = self.taken.lock().expect("no panic");
        for (at, event) in events.iter().enumerate().skip(rejected) {
            let number = number(event);
            assert_eq!(number, first + at, "events are in order, without a gap");
            taken[number] += 1;
        }
        self.last.store(first + events.len(), Ordering::Relaxed);
        let rejected = i32::try_from(rejected).expect("few");
        let rejected = RejectedLogEventsInfo::new().too_old_log_event_end_index(rejected);
        PutLogEventsOutput::new().rejected_log_events_info(rejected)
    }
}

#[tokio::test(start_paused = true)]
async fn a_million_events_arrive_or_are_reported_once_and_in_order() {
    let million = Arc::new(Million {
        sent: AtomicUsize::new(0),
        taken: Mutex::new(vec![0; MILLION]),
        reported: Mutex::new(vec![false; MILLION]),
        last: AtomicUsize::new(0),
    });
    let service = Arc::clone(&million);
    let calls = AtomicUsize::new(0);
    let fake = Fake::new().on(move |operation: PutLogEvents| {
        let output = service.take(&operation, calls.fetch_add(1, Ordering::Relaxed));
        async { Ok(output) }
    });
    let fake = fake.inject(|request| match request.number % 11 {
        1 | 2 => Fault::Reply(Reply::error(400, "ThrottlingException", "not now")),
        4 => Fault::Disconnect,
        6 => Fault::Reply(Reply::error(503, "ServiceUnavailableException", "not now")),
        8 => Fault::LoseAnswer,
        _ => Fault::None,
    });
    let reported = Arc::clone(&million);
    let builder = builder(fake).queue_bytes(u32::try_from(QUEUE).expect("small"));
    let sink = builder.start(move |lost| {
        assert!(matches!(lost.reason, Loss::TooOld), "{lost}");
        let mut reported = reported.reported.lock().expect("no panic");
        let twice = std::mem::replace(&mut reported[number(&lost.event)], true);
        assert!(!twice, "an event was reported twice");
    });
    for at in 0..MILLION {
        let text = format!("event {at:07} with some text that is as long as lines of logs are");
        let timestamp = i64::try_from(at).expect("small") * 20;
        sink.send(InputLogEvent::new(timestamp, text))
            .await
            .expect("it is open");
        million.sent.fetch_add(1, Ordering::Relaxed);
    }
    let summary = sink.close().await;
    million.account_for(&summary);
}

impl Million {
    fn account_for(&self, summary: &Summary) {
        let (taken, reported) = (
            self.taken.lock().expect("no panic"),
            self.reported.lock().expect("no panic"),
        );
        let mut counts = [0_u64; 3];
        for (at, (taken, reported)) in taken.iter().zip(reported.iter()).enumerate() {
            assert!(*taken > 0 || *reported, "event {at} vanished");
            counts[0] += u64::from(!*reported);
            counts[1] += u64::from(*reported);
            counts[2] += u64::from(*taken > 1);
        }
        println!("{summary:?}");
        assert_eq!((summary.delivered, summary.lost), (counts[0], counts[1]));
        assert!(
            summary.lost > 0 && counts[2] > 0,
            "the service was too kind: {counts:?}"
        );
        assert!(
            counts[2] <= summary.repeated,
            "{} repeated, {summary:?}",
            counts[2]
        );
    }
}
