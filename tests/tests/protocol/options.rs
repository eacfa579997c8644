//! Options of single calls, and what clients share.

use std::sync::{Arc, Mutex};

use awsjson_protocol::{Body, Credentials, RetryBudget};
use bytes::Bytes;
use http::{Request, Response};

use super::probe::{Act, Client};

/// A client whose requests are kept as `host, credential scope`, and answered with this status.
fn recording(status: u16, budget: RetryBudget) -> (Client, Arc<Mutex<Vec<String>>>) {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let sent = Arc::clone(&seen);
    let transport = tower::service_fn(move |request: Request<Body>| {
        let signature = request.headers()["authorization"].to_str().expect("text");
        let scope = signature.split(['/', ',']).skip(2).take(2).collect::<Vec<_>>();
        let host = request.uri().host().expect("a host");
        sent.lock()
            .expect("no panic")
            .push(format!("{host}, {}", scope.join("/")));
        let mut response = Response::new(Body::from(Bytes::from_static(b"{}")));
        *response.status_mut() = status.try_into().expect("a status");
        async move { Ok::<_, std::io::Error>(response) }
    });
    let client = Client::builder()
        .region("us-east-1")
        .credentials(Credentials::new("AKID", "secret", None, None, "tests"))
        .jitter(|| 0.0)
        .retry_budget(budget)
        .transport(transport)
        .build()
        .expect("complete");
    (client, seen)
}

#[tokio::test]
async fn a_call_may_go_to_another_region() {
    let (client, seen) = recording(200, RetryBudget::new(500));
    client.send(Act::new()).await.expect("a success");
    client
        .call(Act::new())
        .region("cn-north-1")
        .await
        .expect("a success");
    client.send(Act::new()).await.expect("a success");
    let home = "probe.us-east-1.amazonaws.com, us-east-1/probe-signing";
    let away = "probe.cn-north-1.amazonaws.com.cn, cn-north-1/probe-signing";
    assert_eq!(*seen.lock().expect("no panic"), [home, away, home]);
}

#[tokio::test]
async fn a_region_that_is_no_host_label_is_refused() {
    let (client, seen) = recording(200, RetryBudget::new(500));
    let error = client.call(Act::new()).region("evil.example/").await;
    let error = error.expect_err("no region").to_string();
    assert!(error.contains("evil.example/"), "{error}");
    assert!(seen.lock().expect("no panic").is_empty());
}

#[tokio::test]
async fn retries_elsewhere_are_paid_from_that_regions_budget() {
    let (client, seen) = recording(500, RetryBudget::new(10));
    let away = || client.call(Act::new()).region("eu-west-1").send();
    away().await.expect_err("it always fails");
    assert_eq!(client.retry_budget().tokens(), 10);
    away().await.expect_err("it always fails");
    assert_eq!(
        seen.lock().expect("no panic").len(),
        3 + 1,
        "the second call has no tokens left"
    );
}

#[tokio::test]
async fn clients_may_share_a_budget() {
    let budget = RetryBudget::new(10);
    let (one, _) = recording(500, budget.clone());
    let (other, seen) = recording(500, budget.clone());
    one.send(Act::new()).await.expect_err("it always fails");
    assert_eq!(budget.tokens(), 0);
    other.send(Act::new()).await.expect_err("it always fails");
    assert_eq!(seen.lock().expect("no panic").len(), 1);
}
