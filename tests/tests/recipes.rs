//! The recipes of the README, as they stand there.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use awsjson_logs::protocol::fake::{Fake, RunningFake};
use awsjson_logs::protocol::{Credentials, TransportBuilder};
use awsjson_logs::{Client, DescribeLogGroups, DescribeLogGroupsOutput, Logs};
use tower::ServiceBuilder;

fn fake() -> Fake<Logs> {
    Fake::new().on(|_: DescribeLogGroups| async { Ok(DescribeLogGroupsOutput::new()) })
}

fn builder(server: &RunningFake) -> awsjson_logs::protocol::ClientBuilder<Logs> {
    Client::builder()
        .region("us-east-1")
        .endpoint_url(server.endpoint_url())
        .credentials(Credentials::new("AKID", "secret", None, None, "tests"))
}

#[test]
fn a_program_without_async_blocks_on_a_runtime_of_its_own() {
    // The fake is a server elsewhere.
    let elsewhere = tokio::runtime::Runtime::new().expect("threads");
    let server = elsewhere.block_on(fake().start()).expect("a port");

    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    let client = builder(&server).build().expect("complete");
    let first = runtime
        .block_on(client.send(DescribeLogGroups::new()))
        .expect("an answer");
    let second = runtime
        .block_on(client.send(DescribeLogGroups::new()))
        .expect("an answer");
    assert_eq!(first, second);
    assert_eq!(server.calls().len(), 2);
}

#[tokio::test]
async fn a_layer_of_ones_own_sees_every_attempt() {
    let server = fake().start().await.expect("a port");
    let attempts = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&attempts);
    let layers = ServiceBuilder::new()
        .map_request(move |mut request: awsjson_logs::protocol::http::Request<_>| {
            counter.fetch_add(1, Ordering::Relaxed);
            request
                .headers_mut()
                .insert("x-team", "checkout".parse().expect("a value"));
            request
        })
        .service(TransportBuilder::new().build());
    let client = builder(&server).transport(layers).build().expect("complete");
    client.send(DescribeLogGroups::new()).await.expect("an answer");
    assert_eq!(attempts.load(Ordering::Relaxed), 1);
    assert_eq!(server.calls()[0].headers["x-team"], "checkout");
}
