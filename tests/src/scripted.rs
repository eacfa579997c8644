//! A transport that answers from a function: no sockets, and no time passes.

use std::convert::Infallible;

use awsjson_protocol::{Body, Client, Credentials, Service};
use bytes::Bytes;
use http::{Request, Response};
use http_body_util::BodyExt;
use serde_json::Value;

/// Makes a client whose requests, by target and body, `answer` answers with a status and a body.
///
/// # Panics
///
/// Panics where a request is no JSON.
pub fn client<S: Service>(
    answer: impl Fn(&str, Value) -> (u16, Value) + Clone + Send + Sync + 'static,
) -> Client<S> {
    let transport = tower::service_fn(move |request: Request<Body>| {
        let answer = answer.clone();
        async move {
            let target = request.headers()["x-amz-target"].to_str().expect("ASCII");
            let target = target.to_owned();
            let body = request.into_body().collect().await.expect("it is all here");
            let body = serde_json::from_slice(&body.to_bytes()).expect("a request is JSON");
            let (status, body) = answer(&target, body);
            let mut response = Response::new(Body::from(Bytes::from(body.to_string())));
            *response.status_mut() = status.try_into().expect("a status");
            Ok::<_, Infallible>(response)
        }
    });
    Client::builder()
        .region("us-east-1")
        .credentials(Credentials::new("AKID", "secret", None, None, "tests"))
        .transport(transport)
        .build()
        .expect("the configuration is complete")
}
