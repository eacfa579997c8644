//! What is sent.

use std::sync::{Arc, Mutex};

use awsjson_protocol::http::{HeaderName, HeaderValue, Response};
use awsjson_protocol::{Body, Credentials, ErrorKind, HostPrefix};
use serde_json::{Value, json};

use super::probe::types::Choice;
use super::probe::{Act, Client, Open, Quiet, Stream};
use super::{answering, builder, client};

fn body(server: &awsjson_tests::server::Server) -> Value {
    serde_json::from_slice(&server.recorded()[0].body).expect("the body is JSON")
}

#[tokio::test]
async fn operations_are_posted_with_their_target() {
    let server = answering(200, &[], "{}").await;
    client(&server).send(Quiet::new()).await.expect("it is answered");
    let request = &server.recorded()[0];
    assert_eq!((request.method.as_str(), request.path.as_str()), ("POST", "/"));
    assert_eq!(request.header("content-type"), Some("application/x-amz-json-1.1"));
    assert_eq!(request.header("x-amz-target"), Some("Probe_20200101.Quiet"));
    assert_eq!(request.header("content-length"), Some("2"));
    assert_eq!(
        request.body, b"{}",
        "an operation without input sends an empty object"
    );
}

#[tokio::test]
async fn unset_members_are_not_sent() {
    let server = answering(200, &[], "{}").await;
    let act = Act::new().text("a").token("mine");
    client(&server).send(act).await.expect("it is answered");
    assert_eq!(body(&server), json!({"text": "a", "token": "mine"}));
}

#[tokio::test]
async fn an_unset_idempotency_token_is_filled() {
    let server = answering(200, &[], "{}").await;
    let client = builder(&server)
        .idempotency_tokens(|| "injected".to_owned())
        .build()
        .expect("complete");
    client.send(Act::new()).await.expect("it is answered");
    assert_eq!(body(&server), json!({"token": "injected"}));
}

#[tokio::test]
async fn idempotency_tokens_are_random_uuids_by_default() {
    let server = answering(200, &[], "{}").await;
    let client = client(&server);
    client.send(Act::new()).await.expect("it is answered");
    client.send(Act::new()).await.expect("it is answered");
    let tokens: Vec<Value> = server
        .recorded()
        .iter()
        .map(|request| serde_json::from_slice::<Value>(&request.body).expect("JSON")["token"].clone())
        .collect();
    assert_ne!(tokens[0], tokens[1]);
    assert_eq!(
        tokens[0]
            .as_str()
            .map(|token| (token.len(), token.chars().nth(14))),
        Some((36, Some('4')))
    );
}

#[tokio::test]
async fn an_unknown_union_variant_is_refused_before_the_network() {
    let server = answering(200, &[], "{}").await;
    let act = Act::new().choice(Choice::Unknown("later".to_owned()));
    let error = client(&server).send(act).await.expect_err("it has no wire form");
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
    assert!(
        error
            .to_string()
            .starts_with("Act: Choice: the unknown variant `later`"),
        "{error}"
    );
    assert_eq!(server.recorded(), []);
}

#[tokio::test]
async fn a_union_sends_its_one_member() {
    let server = answering(200, &[], "{}").await;
    client(&server)
        .send(Act::new().token("t").choice(Choice::Count(7)))
        .await
        .expect("it is answered");
    assert_eq!(body(&server), json!({"token": "t", "choice": {"count": 7}}));
}

#[tokio::test]
async fn the_path_of_an_endpoint_is_kept() {
    let server = answering(200, &[], "{}").await;
    let client = builder(&server)
        .endpoint_url(format!("{}/base", server.url()))
        .build()
        .expect("complete");
    client.send(Quiet::new()).await.expect("it is answered");
    assert_eq!(server.recorded()[0].path, "/base/");
}

#[tokio::test]
async fn requests_are_signed_for_the_signing_name() {
    let server = answering(200, &[], "{}").await;
    client(&server).send(Quiet::new()).await.expect("it is answered");
    let request = &server.recorded()[0];
    let authorization = request.header("authorization").expect("it is signed");
    assert!(
        authorization.contains("/us-east-1/probe-signing/aws4_request"),
        "{authorization}"
    );
    assert!(
        authorization.contains("x-amz-target"),
        "the target is signed: {authorization}"
    );
}

#[tokio::test]
async fn unsigned_operations_need_no_credentials() {
    let server = answering(200, &[], "{}").await;
    let client = Client::builder()
        .region("us-east-1")
        .endpoint_url(server.url())
        .build()
        .expect("complete");
    client.send(Open::new()).await.expect("it is answered");
    assert_eq!(server.recorded()[0].header("authorization"), None);

    let error = client.send(Quiet::new()).await.expect_err("this one is signed");
    assert_eq!(error.kind(), ErrorKind::Credentials);
    assert_eq!(server.recorded().len(), 1);
}

#[tokio::test]
async fn the_session_token_is_sent() {
    let server = answering(200, &[], "{}").await;
    let credentials = Credentials::new("AKID", "secret", Some("session".to_owned()), None, "tests");
    let client = builder(&server)
        .credentials(credentials)
        .build()
        .expect("complete");
    client.send(Quiet::new()).await.expect("it is answered");
    let request = &server.recorded()[0];
    assert_eq!(request.header("x-amz-security-token"), Some("session"));
    assert!(
        request
            .header("authorization")
            .is_some_and(|header| header.contains("x-amz-security-token"))
    );
}

#[tokio::test]
async fn a_header_of_one_call_is_signed_and_cannot_replace_the_protocols() {
    let server = answering(200, &[], "{}").await;
    let client = client(&server);
    let call = client.call(Quiet::new());
    let call = call.header(HeaderName::from_static("x-mine"), HeaderValue::from_static("1"));
    let call = call.header(
        HeaderName::from_static("x-amz-target"),
        HeaderValue::from_static("Other.Op"),
    );
    call.await.expect("it is answered");
    client.send(Quiet::new()).await.expect("it is answered");
    let [first, second] = &server.recorded()[..] else {
        panic!("two requests")
    };
    assert_eq!(first.header("x-mine"), Some("1"));
    assert!(
        first
            .header("authorization")
            .is_some_and(|header| header.contains("x-mine"))
    );
    assert_eq!(first.header("x-amz-target"), Some("Probe_20200101.Quiet"));
    assert_eq!(second.header("x-mine"), None);
}

/// Sends `Stream` through a transport that notes the host, and returns it.
async fn host_of_stream(endpoint: Option<&str>, host_prefix: HostPrefix) -> String {
    let host = Arc::new(Mutex::new(String::new()));
    let noted = Arc::clone(&host);
    let transport = tower::service_fn(move |request: http::Request<Body>| {
        *noted.lock().expect("nobody panics") = request.uri().host().unwrap_or_default().to_owned();
        std::future::ready(Ok::<_, std::convert::Infallible>(Response::new(Body::from(
            bytes::Bytes::new(),
        ))))
    });
    let mut builder = Client::builder()
        .region("us-east-1")
        .credentials(Credentials::new("AKID", "secret", None, None, "tests"))
        .host_prefix(host_prefix)
        .transport(transport);
    if let Some(endpoint) = endpoint {
        builder = builder.endpoint_url(endpoint);
    }
    let client = builder.build().expect("complete");
    client.send(Stream::new()).await.expect("it is answered");
    host.lock().expect("nobody panics").clone()
}

#[tokio::test]
async fn a_host_prefix_stands_before_names_but_not_before_addresses() {
    let apply = HostPrefix::Apply;
    assert_eq!(
        host_of_stream(None, apply).await,
        "stream-probe.us-east-1.amazonaws.com"
    );
    assert_eq!(
        host_of_stream(Some("https://example.com"), apply).await,
        "stream-example.com"
    );
    assert_eq!(
        host_of_stream(Some("http://127.0.0.1:1"), apply).await,
        "127.0.0.1"
    );
    assert_eq!(
        host_of_stream(Some("http://localhost:1"), apply).await,
        "localhost"
    );
    assert_eq!(
        host_of_stream(None, HostPrefix::Ignore).await,
        "probe.us-east-1.amazonaws.com"
    );
}

#[test]
fn the_environment_configures_a_client() {
    let build = |variables: &'static [(&str, &str)]| {
        let lookup = |name: &str| {
            let found = variables.iter().find(|(variable, _)| *variable == name);
            found.map(|(_, value)| (*value).to_owned())
        };
        Client::builder()
            .load_environment_from(lookup)
            .build()
            .map(|client| format!("{client:?}"))
    };
    let both = build(&[("AWS_REGION", "eu-west-1"), ("AWS_DEFAULT_REGION", "eu-west-2")]).expect("complete");
    assert!(both.contains("eu-west-1"), "{both}");
    let fallback = build(&[("AWS_REGION", ""), ("AWS_DEFAULT_REGION", "eu-west-2")]).expect("complete");
    assert!(fallback.contains("eu-west-2"), "{fallback}");
    let endpoints = [
        ("AWS_REGION", "eu-west-1"),
        ("AWS_ENDPOINT_URL", "https://all.example"),
        ("AWS_ENDPOINT_URL_PROBE", "https://probe.example"),
    ];
    let endpoints = build(Box::leak(Box::new(endpoints))).expect("complete");
    assert!(endpoints.contains("probe.example"), "{endpoints}");
    let error = build(&[]).expect_err("there is no region");
    assert_eq!(error.kind(), ErrorKind::Config);
    assert!(
        error.to_string().contains("AWS_REGION or AWS_DEFAULT_REGION"),
        "{error}"
    );
}

#[tokio::test]
async fn the_application_is_named_in_the_user_agent() {
    let server = answering(200, &[], "{}").await;
    let lookup = |name: &str| match name {
        "AWS_SDK_UA_APP_ID" => Some("shop".to_owned()),
        "AWS_LAMBDA_FUNCTION_NAME" => Some("function".to_owned()),
        "_X_AMZN_TRACE_ID" => Some("Root=1-2-3".to_owned()),
        _ => None,
    };
    let client = builder(&server)
        .load_environment_from(lookup)
        .build()
        .expect("complete");
    client.send(Quiet::new()).await.expect("an answer");
    let request = &server.recorded()[0];
    let agent = request.header("user-agent").expect("it is sent");
    assert!(
        agent.starts_with("awsjson/") && agent.ends_with(" app/shop"),
        "{agent}"
    );
    assert_eq!(request.header("x-amzn-trace-id"), Some("Root=1-2-3"));
}

#[tokio::test]
async fn missing_credentials_are_named() {
    let server = answering(200, &[], "{}").await;
    let lookup = |name: &str| (name == "AWS_ACCESS_KEY_ID").then(|| "AKID".to_owned());
    let builder = Client::builder().region("us-east-1").endpoint_url(server.url());
    let client = builder.load_environment_from(lookup).build().expect("complete");
    let error = client
        .send(Quiet::new())
        .await
        .expect_err("the secret is missing");
    assert_eq!(error.kind(), ErrorKind::Credentials);
    assert!(
        error.to_string().contains("AWS_SECRET_ACCESS_KEY is not"),
        "{error}"
    );
}
