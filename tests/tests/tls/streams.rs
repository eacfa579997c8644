//! Streams of events over HTTP/2.

use awsjson_logs::protocol::TransportBuilder;
use awsjson_logs::types::{
    LiveTailSessionLogEvent, LiveTailSessionStart, LiveTailSessionUpdate, StartLiveTailResponseStream,
};
use awsjson_logs::{Client, DescribeLogGroups, Exception, StartLiveTail};
use futures_util::TryStreamExt;

use super::{builder, start};

type Events = Vec<Result<StartLiveTailResponseStream, Exception>>;

/// Answers with a start and as many updates as there are log groups to tail.
pub(super) async fn tail(request: StartLiveTail) -> Result<Events, Exception> {
    let update = |group: &String| {
        let event = LiveTailSessionLogEvent::new().message(group.repeat(1000));
        let update = LiveTailSessionUpdate::new().session_results([event]);
        Ok(StartLiveTailResponseStream::SessionUpdate(update))
    };
    let begin = StartLiveTailResponseStream::SessionStart(LiveTailSessionStart::new());
    let groups = request.log_group_identifiers.iter();
    Ok(std::iter::once(Ok(begin)).chain(groups.map(update)).collect())
}

async fn client() -> Client {
    let (port, certificate) = start(&["h2"]).await;
    let transport = TransportBuilder::new()
        .trust_pem(certificate.as_bytes())
        .expect("a certificate");
    builder(&format!("https://localhost:{port}"))
        .transport(transport.build())
        .build()
        .expect("complete")
}

fn operation() -> StartLiveTail {
    let groups: Vec<String> = (0..200).map(|at| format!("group-{at}")).collect();
    StartLiveTail::new(groups)
}

#[tokio::test]
async fn many_streams_share_a_connection_and_each_comes_to_its_end() {
    let client = client().await;
    let tails = (0..8).map(|_| async {
        let events = client.send(operation()).await.expect("a stream");
        events.try_collect::<Vec<_>>().await.expect("every event").len()
    });
    assert_eq!(futures_util::future::join_all(tails).await, [201; 8]);
}

#[tokio::test]
async fn a_stream_that_is_dropped_leaves_the_connection_usable() {
    let client = client().await;
    for _ in 0..50 {
        let mut events = client.send(operation()).await.expect("a stream");
        events.try_next().await.expect("an event");
        drop(events);
        let output = client.send(DescribeLogGroups::new()).await.expect("an answer");
        assert_eq!(output.next_token.as_deref(), Some("2"));
    }
}
