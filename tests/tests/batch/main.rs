//! The sink for log events: nothing is lost silently, whatever the service does.

mod million;

use std::sync::{Arc, Mutex};
use std::time::Duration;

use awsjson_logs::batch::{Loss, Lost, Missing, Oversized, Sink, SinkBuilder, UnsentKind};
use awsjson_logs::exceptions::{
    DataAlreadyAcceptedException, InvalidParameterException, ResourceNotFoundException,
    ServiceUnavailableException,
};
use awsjson_logs::types::{InputLogEvent, RejectedLogEventsInfo};
use awsjson_logs::{Client, CreateLogGroup, CreateLogStream, Exception, PutLogEvents, PutLogEventsOutput};
use awsjson_protocol::fake::{Fake, Fault};
use awsjson_protocol::{Credentials, EmptyOutput};

/// What the service takes in a batch.
const MAX_BATCH: usize = 1_048_576;
const HOUR: i64 = 60 * 60 * 1000;

fn client(fake: Fake<awsjson_logs::Logs>) -> Client {
    Client::builder()
        .region("us-east-1")
        .credentials(Credentials::new("AKID", "secret", None, None, "tests"))
        .transport(fake.into_transport())
        .build()
        .expect("complete")
}

/// Batches that the service took, as texts, and what was reported.
#[derive(Clone, Default)]
struct Seen {
    batches: Arc<Mutex<Vec<Vec<InputLogEvent>>>>,
    lost: Arc<Mutex<Vec<Lost>>>,
}

impl Seen {
    fn fake(&self) -> Fake<awsjson_logs::Logs> {
        self.answering(|_| Ok(PutLogEventsOutput::new()))
    }

    /// A service that keeps what it accepts.
    fn answering(
        &self,
        answer: impl Fn(&PutLogEvents) -> Result<PutLogEventsOutput, Exception> + Send + Sync + 'static,
    ) -> Fake<awsjson_logs::Logs> {
        let batches = Arc::clone(&self.batches);
        Fake::new().on(move |operation: PutLogEvents| {
            let answer = answer(&operation);
            if answer.is_ok() {
                check(&operation);
                batches.lock().expect("no panic").push(operation.log_events);
            }
            async move { answer }
        })
    }

    fn start(&self, builder: SinkBuilder) -> Sink {
        let lost = Arc::clone(&self.lost);
        builder.start(move |event| lost.lock().expect("no panic").push(event))
    }

    fn texts(&self) -> Vec<Vec<String>> {
        let batches = self.batches.lock().expect("no panic");
        let texts = |batch: &Vec<InputLogEvent>| batch.iter().map(|event| event.message.clone()).collect();
        batches.iter().map(texts).collect()
    }

    fn losses(&self) -> Vec<(String, String)> {
        let lost = self.lost.lock().expect("no panic");
        let losses = lost.iter();
        losses
            .map(|lost| (lost.event.message.clone(), lost.reason.to_string()))
            .collect()
    }
}

/// Checks what the service demands of a batch.
fn check(operation: &PutLogEvents) {
    let events = &operation.log_events;
    let bytes: usize = events.iter().map(|event| event.message.len() + 26).sum();
    assert!(bytes <= MAX_BATCH, "{bytes} bytes");
    assert!((1..=10_000).contains(&events.len()), "{} events", events.len());
    assert!(
        events.is_sorted_by_key(|event| event.timestamp),
        "not in order of time"
    );
    let span = events.last().map(|event| event.timestamp).unwrap_or_default() - events[0].timestamp;
    assert!(span <= 24 * HOUR, "a span of {span} ms");
    assert!(
        events
            .iter()
            .all(|event| !event.message.is_empty() && event.timestamp >= 0)
    );
}

fn builder(fake: Fake<awsjson_logs::Logs>) -> SinkBuilder {
    SinkBuilder::new(client(fake), "group", "stream")
}

fn event(timestamp: i64, message: &str) -> InputLogEvent {
    InputLogEvent::new(timestamp, message)
}

#[tokio::test(start_paused = true)]
async fn a_batch_is_sent_when_the_interval_is_over() {
    let seen = Seen::default();
    let sink = seen.start(builder(seen.fake()).flush_interval(Duration::from_secs(3)));
    sink.send(event(1, "a")).await.expect("it is open");
    tokio::time::sleep(Duration::from_millis(2900)).await;
    sink.send(event(2, "b")).await.expect("it is open");
    assert_eq!(seen.texts().len(), 0);
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert_eq!(seen.texts(), [["a", "b"]]);
}

#[tokio::test(start_paused = true)]
async fn flushing_sends_what_is_there_and_closing_counts_it() {
    let seen = Seen::default();
    let sink = seen.start(builder(seen.fake()));
    sink.send(event(1, "a")).await.expect("it is open");
    sink.flush().await;
    assert_eq!(seen.texts(), [["a"]]);
    let clone = sink.clone();
    clone.send(event(2, "b")).await.expect("it is open");
    let summary = sink.close().await;
    assert_eq!((summary.delivered, summary.lost, summary.batches), (2, 0, 2));
    let refused = clone.send(event(3, "c")).await.expect_err("it is closed");
    assert_eq!(
        (refused.kind, refused.event.message.as_str()),
        (UnsentKind::Closed, "c")
    );
    assert_eq!(
        clone.try_send(event(3, "c")).expect_err("closed").kind,
        UnsentKind::Closed
    );
    assert_eq!(clone.close().await, summary);
}

#[tokio::test(start_paused = true)]
async fn what_is_queued_while_the_sink_closes_is_sent() {
    let seen = Seen::default();
    let slow = seen.fake().inject(|_| Fault::Delay(Duration::from_secs(10)));
    let sink = seen.start(builder(slow).flush_interval(Duration::ZERO));
    sink.send(event(1, "a")).await.expect("it is open");
    // The first batch is on its way, so that the sink does not know yet that it is to close.
    tokio::time::sleep(Duration::from_secs(1)).await;
    let closing = tokio::spawn(sink.clone().close());
    tokio::time::sleep(Duration::from_secs(1)).await;
    sink.send(event(2, "b")).await.expect("it is still open");
    assert_eq!(closing.await.expect("it closes").delivered, 2);
    assert_eq!(seen.texts().concat(), ["a", "b"]);
}

#[tokio::test(start_paused = true)]
async fn a_sink_that_is_dropped_sends_what_it_holds() {
    let seen = Seen::default();
    let sink = seen.start(builder(seen.fake()));
    sink.send(event(1, "a")).await.expect("it is open");
    drop(sink);
    tokio::time::sleep(Duration::from_millis(1)).await;
    assert_eq!(seen.texts(), [["a"]]);
}

#[tokio::test(start_paused = true)]
async fn batches_end_at_every_limit() {
    let half = "x".repeat(MAX_BATCH / 2 - 26);
    let full = "x".repeat(MAX_BATCH - 26);
    let many: Vec<InputLogEvent> = (0..10_001).map(|at| event(at, "x")).collect();
    let cases: [(&str, Vec<InputLogEvent>, &[usize]); 5] = [
        (
            "bytes",
            vec![event(1, &half), event(2, &half), event(3, "x")],
            &[2, 1],
        ),
        (
            "one byte more",
            vec![event(1, &half), event(2, &format!("{half}x"))],
            &[1, 1],
        ),
        ("one full event", vec![event(1, &full), event(2, "x")], &[1, 1]),
        ("events", many, &[10_000, 1]),
        (
            "time, both ways",
            vec![
                event(30 * HOUR, "b"),
                event(6 * HOUR, "a"),
                event(30 * HOUR + 1, "c"),
            ],
            &[2, 1],
        ),
    ];
    for (name, events, sizes) in cases {
        let seen = Seen::default();
        let sink = seen.start(builder(seen.fake()));
        for event in events {
            sink.send(event).await.expect("it is open");
        }
        sink.close().await;
        let found: Vec<usize> = seen.texts().iter().map(Vec::len).collect();
        assert_eq!(found, sizes, "{name}");
    }
}

#[tokio::test(start_paused = true)]
async fn events_that_are_too_large_are_split_between_characters_or_reported() {
    // Three bytes each, which do not divide the limit evenly.
    let text = "語".repeat(800_000);
    let seen = Seen::default();
    let sink = seen.start(builder(seen.fake()));
    sink.send(event(1, &text)).await.expect("it is open");
    assert_eq!(sink.close().await.delivered, 3);
    assert_eq!(seen.texts().concat().concat(), text);

    let seen = Seen::default();
    let sink = seen.start(builder(seen.fake()).oversized(Oversized::Report));
    sink.send(event(1, &text)).await.expect("it is open");
    assert_eq!(sink.close().await.lost, 1);
    assert!(seen.losses()[0].1.contains("larger"));
}

#[tokio::test(start_paused = true)]
async fn events_that_the_service_would_refuse_do_not_spoil_a_batch() {
    let seen = Seen::default();
    let sink = seen.start(builder(seen.fake()));
    for event in [event(1, "a"), event(1, ""), event(-1, "early"), event(2, "b")] {
        sink.send(event).await.expect("it is open");
    }
    let summary = sink.close().await;
    assert_eq!((summary.delivered, summary.lost), (2, 2));
    assert_eq!(seen.texts(), [["a", "b"]]);
}

#[tokio::test(start_paused = true)]
async fn partial_rejections_are_reported_one_by_one() {
    let seen = Seen::default();
    let fake = seen.answering(|_| {
        let rejected = RejectedLogEventsInfo::new()
            .expired_log_event_end_index(1)
            .too_old_log_event_end_index(2)
            .too_new_log_event_start_index(4);
        Ok(PutLogEventsOutput::new().rejected_log_events_info(rejected))
    });
    let sink = seen.start(builder(fake));
    for at in 0..6 {
        sink.send(event(at, &at.to_string())).await.expect("it is open");
    }
    let summary = sink.close().await;
    assert_eq!((summary.delivered, summary.lost), (2, 4));
    let lost = seen.lost.lock().expect("no panic");
    let reasons: Vec<(&str, &Loss)> = lost
        .iter()
        .map(|lost| (lost.event.message.as_str(), &lost.reason))
        .collect();
    assert!(
        matches!(
            reasons.as_slice(),
            [
                ("0", Loss::Expired),
                ("1", Loss::TooOld),
                ("4", Loss::TooNew),
                ("5", Loss::TooNew)
            ]
        ),
        "{reasons:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn a_failure_for_good_is_reported_with_every_event_of_the_batch() {
    let seen = Seen::default();
    let fake = seen.answering(|operation| match operation.log_events[0].message.as_str() {
        "bad" => Err(InvalidParameterException::new().message("no").into()),
        _ => Ok(PutLogEventsOutput::new()),
    });
    let sink = seen.start(builder(fake));
    sink.send(event(1, "bad")).await.expect("it is open");
    sink.send(event(2, "too")).await.expect("it is open");
    sink.flush().await;
    sink.send(event(3, "good")).await.expect("it is open");
    let summary = sink.close().await;
    assert_eq!((summary.delivered, summary.lost), (1, 2));
    let reason = &seen.losses()[1].1;
    assert!(
        reason.contains("PutLogEvents: InvalidParameterException: no"),
        "{reason}"
    );
}

#[tokio::test(start_paused = true)]
async fn patience_ends() {
    let seen = Seen::default();
    let fake = seen.answering(|_| Err(ServiceUnavailableException::new().into()));
    let begun = tokio::time::Instant::now();
    let sink = seen.start(builder(fake).patience(Duration::from_secs(300)));
    sink.send(event(1, "a")).await.expect("it is open");
    assert_eq!(sink.close().await.lost, 1);
    let waited = begun.elapsed().as_secs();
    assert!((300..320).contains(&waited), "{waited} s");
}

#[tokio::test(start_paused = true)]
async fn a_batch_that_the_service_has_already_is_delivered() {
    let seen = Seen::default();
    let fake = seen.answering(|_| Err(DataAlreadyAcceptedException::new().into()));
    let sink = seen.start(builder(fake));
    sink.send(event(1, "a")).await.expect("it is open");
    assert_eq!(sink.close().await.delivered, 1);
}

#[tokio::test(start_paused = true)]
async fn what_is_missing_is_created_if_that_is_asked_for() {
    for (missing, expected) in [(Missing::Create, (1, 0)), (Missing::Report, (0, 1))] {
        let seen = Seen::default();
        let made = Arc::new(Mutex::new(Vec::new()));
        let (groups, streams, all) = (Arc::clone(&made), Arc::clone(&made), Arc::clone(&made));
        let fake = seen.answering(move |_| match all.lock().expect("no panic").len() {
            2 => Ok(PutLogEventsOutput::new()),
            _ => Err(ResourceNotFoundException::new().into()),
        });
        let fake = fake
            .on(move |group: CreateLogGroup| {
                groups.lock().expect("no panic").push(group.log_group_name);
                async { Ok(EmptyOutput::default()) }
            })
            .on(move |stream: CreateLogStream| {
                streams.lock().expect("no panic").push(stream.log_stream_name);
                async { Ok(EmptyOutput::default()) }
            });
        let sink = seen.start(builder(fake).missing(missing));
        sink.send(event(1, "a")).await.expect("it is open");
        let summary = sink.close().await;
        assert_eq!((summary.delivered, summary.lost), expected);
        assert_eq!(
            made.lock().expect("no panic").len(),
            if missing == Missing::Create { 2 } else { 0 }
        );
    }
}

#[tokio::test(start_paused = true)]
async fn a_full_queue_holds_callers_back() {
    let seen = Seen::default();
    let fake = seen.answering(|_| Err(ServiceUnavailableException::new().into()));
    let sink = seen.start(builder(fake).queue_bytes(0).flush_interval(Duration::ZERO));
    let text = "x".repeat(MAX_BATCH - 26);
    for at in 0..2 {
        sink.send(event(at, &text)).await.expect("it is open");
    }
    assert_eq!(
        sink.try_send(event(3, &text)).expect_err("no room").kind,
        UnsentKind::Full
    );
    let waiting = tokio::time::timeout(Duration::from_secs(60), sink.send(event(3, &text)));
    waiting.await.expect_err("there is no room for a minute");
}
