//! How often a call allocates memory, over a real connection: recorded, so that growth shows.
//!
//! Only the client's thread is counted. A number that falls is good news: record it.

use std::thread;

use awsjson_logs::protocol::Credentials;
use awsjson_logs::types::{InputLogEvent, OutputLogEvent};
use awsjson_logs::{
    AssociateKmsKey, Client, GetLogEvents, GetLogEventsOutput, PutLogEvents, PutLogEventsOutput,
};
use awsjson_protocol::EmptyOutput;
use awsjson_protocol::fake::Fake;
use tokio::runtime::{Builder, Runtime};

const EVENTS: usize = 1000;
/// 200 bytes with escapes, as lines of logs have them.
const MESSAGE: &str = "2026-01-01T00:00:00Z INFO \"request\"\thandled path=\"/a/b\" status=200 \\ user=\"someone\" agent=\"a browser of some \
                       kind\" duration=12.5ms bytes=12345 trace=0123456789abcdef0123456789abcdef";

/// Starts a service on a thread of its own.
fn service() -> String {
    let (send, receive) = std::sync::mpsc::channel();
    thread::spawn(move || {
        let fake = Fake::new()
            .on(|_: AssociateKmsKey| async { Ok(EmptyOutput::new()) })
            .on(|_: PutLogEvents| async { Ok(PutLogEventsOutput::new()) })
            .on(|_: GetLogEvents| async {
                let event = |at: usize| {
                    let at = i64::try_from(at).expect("few");
                    OutputLogEvent::new()
                        .timestamp(at)
                        .message(MESSAGE)
                        .ingestion_time(at)
                };
                Ok(GetLogEventsOutput::new().events((0..EVENTS).map(event)))
            });
        let runtime = Runtime::new().expect("threads");
        let server = runtime.block_on(fake.start()).expect("a port");
        send.send(server.endpoint_url()).expect("somebody waits");
        loop {
            thread::park();
        }
    });
    receive.recv().expect("it starts")
}

#[test]
fn calls_allocate_no_more_than_recorded() {
    let url = service();
    let runtime = Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    let client = Client::builder()
        .region("us-east-1")
        .endpoint_url(url)
        .credentials(Credentials::new("AKID", "secret", None, None, "tests"))
        .build()
        .expect("complete");
    let associate = || AssociateKmsKey::new("arn:aws:kms:us-east-1:123456789012:key/1").log_group_name("app");
    let events = || (0..EVENTS).map(|at| InputLogEvent::new(i64::try_from(at).expect("few"), MESSAGE));
    let put = || PutLogEvents::new("app", "stream", events());
    let get = || GetLogEvents::new("stream").log_group_name("app");

    // The first calls connect, and fill what is kept.
    for _ in 0..3 {
        runtime.block_on(client.send(associate())).expect("an answer");
    }
    macro_rules! count {
        ($operation:expr) => {{
            // Whether a connection is read once or twice for an answer is chance: the least counts.
            let counts = (0..10).map(|_| {
                let operation = $operation;
                let call = || {
                    let _output = runtime.block_on(client.send(operation)).expect("an answer");
                };
                allocation_counter::measure(call).count_total
            });
            counts.min().expect("ten calls")
        }};
    }
    let found = [
        ("AssociateKmsKey", count!(associate()), 113),
        ("PutLogEvents, 1,000 events", count!(put()), 123),
        ("GetLogEvents, 1,000 events", count!(get()), 1126),
    ];
    println!("{found:?}");
    for (operation, found, recorded) in found {
        assert!(
            found <= recorded,
            "{operation}: {found} allocations, {recorded} are recorded"
        );
    }
}
