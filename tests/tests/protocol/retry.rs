//! When requests are sent again.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use awsjson_protocol::http::{Request, Response};
use awsjson_protocol::{Body, Credentials, ErrorKind, RetryPolicy, Timeouts};
use awsjson_tests::server::{Server, Step, response};
use tokio::time::Instant;

use super::probe::{Act, Client, Error};
use super::{answering, builder, client, script};

/// Sends an operation to a server that fails once and then succeeds, and returns how often it was asked.
async fn attempts_after(first: Step) -> usize {
    let server = script([first, Step::status(200, "{}")]).await;
    // A failure shows in the count.
    let _ = client(&server).send(Act::new()).await;
    server.recorded().len()
}

#[tokio::test]
async fn statuses_of_a_troubled_server_are_retried() {
    for (status, attempts) in [
        (500, 2),
        (502, 2),
        (503, 2),
        (504, 2),
        (429, 2),
        (501, 1),
        (400, 1),
        (404, 1),
    ] {
        assert_eq!(
            attempts_after(Step::status(status, "")).await,
            attempts,
            "{status}"
        );
    }
}

#[tokio::test]
async fn throttling_codes_are_retried() {
    for code in [
        "Throttling",
        "ThrottlingException",
        "ThrottledException",
        "RequestThrottledException",
        "TooManyRequestsException",
        "ProvisionedThroughputExceededException",
        "TransactionInProgressException",
        "RequestLimitExceeded",
        "BandwidthLimitExceeded",
        "LimitExceededException",
        "RequestThrottled",
        "SlowDown",
        "PriorRequestNotComplete",
    ] {
        let body = format!("{{\"__type\": \"{code}\"}}");
        assert_eq!(attempts_after(Step::status(400, &body)).await, 2, "{code}");
        let server = answering(400, &[], &body).await;
        let error = client(&server)
            .send(Act::new())
            .await
            .expect_err("it is throttled");
        assert!(error.is_throttling() && error.is_retryable(), "{code}");
        assert_eq!(error.attempts(), 3);
    }
}

#[tokio::test]
async fn transient_codes_and_what_the_model_calls_retryable_are_retried() {
    for code in ["RequestTimeout", "RequestTimeoutException", "Slow", "Broken"] {
        let body = format!("{{\"__type\": \"{code}\"}}");
        assert_eq!(attempts_after(Step::status(400, &body)).await, 2, "{code}");
    }
    for code in ["NotFound", "AccessDeniedException"] {
        let body = format!("{{\"__type\": \"{code}\"}}");
        assert_eq!(attempts_after(Step::status(400, &body)).await, 1, "{code}");
    }
}

#[tokio::test]
async fn broken_connections_are_retried() {
    let part = b"HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\n{".to_vec();
    for step in [
        Step::AnswerAndClose(Vec::new()),
        Step::AnswerAndClose(b"HTTP/1.1 2".to_vec()),
        Step::AnswerAndClose(part),
    ] {
        assert_eq!(attempts_after(step.clone()).await, 2, "{step:?}");
    }
}

#[tokio::test]
async fn a_refused_connection_is_retried_and_explained() {
    let server = answering(200, &[], "{}").await;
    let client = client(&server);
    let address = server.address();
    drop(server);
    // The listener is gone once its task is.
    while tokio::net::TcpStream::connect(address).await.is_ok() {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let error = client.send(Act::new()).await.expect_err("nobody listens");
    assert_eq!((error.kind(), error.attempts()), (ErrorKind::Transport, 3));
    assert!(error.to_string().contains("refused"), "{error}");
}

#[tokio::test]
async fn an_attempt_that_takes_too_long_is_retried() {
    let server = script([Step::Hang, Step::status(200, "{}")]).await;
    let call = client(&server)
        .call(Act::new())
        .attempt_timeout(Duration::from_millis(200));
    let response = call
        .send_with_metadata()
        .await
        .expect("the second attempt succeeds");
    assert_eq!(response.attempts(), 2);
}

#[tokio::test]
async fn a_call_that_takes_too_long_ends() {
    let server = script([Step::Hang]).await;
    let client = client(&server);
    let start = std::time::Instant::now();
    let call = client
        .call(Act::new())
        .operation_timeout(Duration::from_millis(200));
    let error = call.await.expect_err("time runs out");
    assert!(start.elapsed() < Duration::from_secs(5));
    assert!(error.is_timeout() && error.is_retryable(), "{error:?}");
    assert_eq!(error.to_string(), "Act: the call took longer than 200ms");
}

#[tokio::test]
async fn connecting_has_a_limit_of_its_own() {
    // A full backlog neither accepts nor refuses.
    let listener = tokio::net::TcpSocket::new_v4().expect("a socket");
    listener
        .bind("127.0.0.1:0".parse().expect("an address"))
        .expect("a port");
    let address = listener.local_addr().expect("it is bound");
    let listener = listener.listen(1).expect("it listens");
    let mut waiting = Vec::new();
    for _ in 0..8 {
        let connect = tokio::net::TcpStream::connect(address);
        waiting.push(tokio::time::timeout(Duration::from_millis(100), connect).await);
    }
    let client = Client::builder()
        .region("us-east-1")
        .endpoint_url(format!("http://{address}"))
        .credentials(Credentials::new("AKID", "secret", None, None, "tests"))
        .retry(RetryPolicy::none())
        .timeouts(Timeouts::default().connect(Duration::from_millis(200)))
        .build()
        .expect("complete");
    let error = client.send(Act::new()).await.expect_err("nobody accepts");
    assert!(error.is_timeout(), "{error:?}");
    assert!(
        error.to_string().contains("no connection within 200ms"),
        "{error}"
    );
    drop(listener);
}

#[tokio::test]
async fn a_policy_limits_the_attempts() {
    let server = answering(500, &[], "").await;
    let client = client(&server);
    for (policy, attempts) in [
        (RetryPolicy::none(), 1),
        (RetryPolicy::standard().max_attempts(5), 5),
    ] {
        let error = client
            .call(Act::new())
            .retry(policy)
            .await
            .expect_err("it always fails");
        assert_eq!(error.attempts(), attempts);
    }
}

#[tokio::test]
async fn clones_share_the_budget_for_retries() {
    let server = answering(500, &[], "").await;
    let first = client(&server);
    let second = first.clone();
    let mut attempts = Vec::new();
    for client in [&first, &second].into_iter().cycle().take(60) {
        attempts.push(
            client
                .send(Act::new())
                .await
                .expect_err("it always fails")
                .attempts(),
        );
    }
    // 500 tokens are 100 retries: 50 calls with two each.
    assert_eq!(attempts.iter().filter(|&&attempts| attempts == 3).count(), 50);
    assert_eq!(attempts[50..], [1; 10]);
}

/// A transport that answers from a function of the attempt, counted from 0.
fn client_of(
    answer: impl Fn(u64, &Request<Body>) -> Response<Body> + Clone + Send + Sync + 'static,
) -> Client {
    let count = Arc::new(AtomicU64::new(0));
    let transport = tower::service_fn(move |request: Request<Body>| {
        let attempt = count.fetch_add(1, Ordering::Relaxed);
        std::future::ready(Ok::<_, std::convert::Infallible>(answer(attempt, &request)))
    });
    Client::builder()
        .region("us-east-1")
        .credentials(Credentials::new("AKID", "secret", None, None, "tests"))
        .jitter(|| 0.5)
        .transport(transport)
        .build()
        .expect("complete")
}

fn failing(headers: &[(&'static str, &str)]) -> Response<Body> {
    let mut response = Response::new(Body::from(bytes::Bytes::new()));
    *response.status_mut() = http::StatusCode::SERVICE_UNAVAILABLE;
    for (name, value) in headers {
        response
            .headers_mut()
            .insert(*name, value.parse().expect("a value"));
    }
    response
}

async fn seconds_of(call: impl Future<Output = Result<super::probe::ActOutput, Error>>) -> f64 {
    let start = Instant::now();
    call.await.expect_err("it always fails");
    start.elapsed().as_secs_f64()
}

#[tokio::test(start_paused = true)]
async fn pauses_double() {
    let client = client_of(|_, _| failing(&[]));
    let policy = RetryPolicy::standard().max_attempts(4);
    let seconds = seconds_of(client.call(Act::new()).retry(policy).send()).await;
    assert!(
        (3.5..3.6).contains(&seconds),
        "0.5 + 1 + 2 seconds, not {seconds}"
    );
}

#[tokio::test(start_paused = true)]
async fn the_service_may_ask_for_a_pause() {
    let client = client_of(|_, _| failing(&[("x-amz-retry-after", "7000")]));
    let seconds = seconds_of(client.send(Act::new())).await;
    assert!((14.0..14.1).contains(&seconds), "twice 7 seconds, not {seconds}");
}

#[tokio::test]
async fn a_clock_that_is_off_is_corrected_for_good() {
    // The client believes it is 2000-01-01; the service says it is two hours later.
    let now = UNIX_EPOCH + Duration::from_secs(946_684_800);
    let date = ("date", "Sat, 01 Jan 2000 02:00:00 GMT");
    for code in [
        "RequestTimeTooSkewed",
        "RequestExpired",
        "InvalidSignatureException",
    ] {
        let body = format!("{{\"__type\": \"{code}\"}}");
        let skewed = Step::Answer(response(400, &[date], body.as_bytes()));
        let server = script([skewed, Step::status(200, "{}")]).await;
        let client = builder(&server).clock(move || now).build().expect("complete");
        client
            .send(Act::new())
            .await
            .expect("the second attempt succeeds");
        client.send(Act::new()).await.expect("the clock stays corrected");
        assert_eq!(
            dates(&server),
            ["20000101T000000Z", "20000101T020000Z", "20000101T020000Z"],
            "{code}"
        );
    }
}

#[tokio::test]
async fn every_attempt_is_signed_anew() {
    let server = script([Step::status(500, ""), Step::status(200, "{}")]).await;
    let seconds = AtomicU64::new(946_684_800);
    let clock =
        move || -> SystemTime { UNIX_EPOCH + Duration::from_secs(seconds.fetch_add(1, Ordering::Relaxed)) };
    let client = builder(&server).clock(clock).build().expect("complete");
    client
        .send(Act::new())
        .await
        .expect("the second attempt succeeds");
    let dates = dates(&server);
    assert_ne!(dates[0], dates[1]);
    let signatures: Vec<_> = server
        .recorded()
        .iter()
        .map(|r| r.header("authorization").map(str::to_owned))
        .collect();
    assert_ne!(signatures[0], signatures[1]);
}

fn dates(server: &Server) -> Vec<String> {
    let requests = server.recorded();
    let dates = requests.iter().filter_map(|request| request.header("x-amz-date"));
    dates.map(str::to_owned).collect()
}

#[tokio::test]
async fn a_call_that_is_dropped_leaves_the_client_usable() {
    let server = script([Step::Hang, Step::status(200, "{}")]).await;
    let client = client(&server);
    let call = client.send(Act::new());
    assert!(
        tokio::time::timeout(Duration::from_millis(200), call)
            .await
            .is_err()
    );
    client.send(Act::new()).await.expect("the next call succeeds");
}
