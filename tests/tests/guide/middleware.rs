//! Layers of one's own around the transport.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use awsjson_logs::protocol::http::{HeaderValue, Request, Response};
use awsjson_logs::protocol::{Body, Credentials, Transport, TransportBuilder};
use awsjson_logs::{Client, DescribeLogGroups};
use http_body_util::BodyExt;
use tower::{ServiceBuilder, ServiceExt};

use super::{BoxError, service};

fn client(transport: Transport) -> Client {
    Client::builder()
        .region("eu-west-1")
        .credentials(Credentials::new("AKID", "secret", None, None, "tests"))
        .transport(transport)
        .build()
        .expect("complete")
}

#[tokio::test]
async fn layers() -> Result<(), BoxError> {
    let server = service().start().await?;
    let builder = Client::builder()
        .region("eu-west-1")
        .endpoint_url(server.endpoint_url())
        .credentials(Credentials::new("AKID", "secret", None, None, "tests"));
    // example: layers
    let failures = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&failures);
    let transport = ServiceBuilder::new()
        // At most eight requests at a time; others wait.
        .concurrency_limit(8)
        // A header that is not signed. `client.call(op).header(..)` adds one that is.
        .map_request(|mut request: Request<Body>| {
            request
                .headers_mut()
                .insert("x-team", HeaderValue::from_static("checkout"));
            request
        })
        // A metric: every attempt comes by here.
        .map_response(move |response: Response<Body>| {
            counter.fetch_add(usize::from(!response.status().is_success()), Ordering::Relaxed);
            response
        })
        .service(TransportBuilder::new().build());
    let client = builder.transport(transport).build()?;
    // end
    client.send(DescribeLogGroups::new()).await?;
    assert_eq!(server.calls()[0].headers["x-team"], "checkout");
    assert_eq!(failures.load(Ordering::Relaxed), 0);
    Ok(())
}

// example: record
/// Answers as `inner` does, and keeps what it answers.
fn record(inner: Transport, tape: Arc<Mutex<VecDeque<Response<bytes::Bytes>>>>) -> Transport {
    let service = tower::service_fn(move |request: Request<Body>| {
        let (inner, tape) = (inner.clone(), Arc::clone(&tape));
        async move {
            let (parts, body) = inner.oneshot(request).await?.into_parts();
            let body = body.collect().await?.to_bytes();
            let response = Response::from_parts(parts, body);
            tape.lock().expect("no panic").push_back(response.clone());
            Ok::<_, BoxError>(response.map(Body::from))
        }
    });
    Transport::new(service)
}

/// Answers what has been kept, in its order, without any network.
fn replay(tape: Arc<Mutex<VecDeque<Response<bytes::Bytes>>>>) -> Transport {
    let service = tower::service_fn(move |_: Request<Body>| {
        let answer = tape.lock().expect("no panic").pop_front();
        async { Ok::<_, BoxError>(answer.ok_or("the tape is at its end")?.map(Body::from)) }
    });
    Transport::new(service)
}
// end

#[tokio::test]
async fn what_has_been_recorded_is_replayed() -> Result<(), BoxError> {
    let tape = Arc::default();
    let network = Transport::new(service().into_transport().map_err(Into::into));
    let recorded = client(record(network, Arc::clone(&tape)));
    let first = recorded.send(DescribeLogGroups::new()).await?;
    let replayed = client(replay(tape));
    assert_eq!(replayed.send(DescribeLogGroups::new()).await?, first);
    let error = replayed
        .call(DescribeLogGroups::new())
        .operation_timeout(std::time::Duration::from_millis(1));
    error.await.expect_err("the tape is at its end");
    Ok(())
}
