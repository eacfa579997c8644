//! Headers that callers add.

use awsjson_kinesis::{Client, DescribeStreamSummary};
use awsjson_protocol::ErrorKind;
use http::{HeaderName, HeaderValue};

use crate::{Network, credentials};

fn client(network: &Network) -> Client {
    Client::builder()
        .region("us-east-1")
        .credentials(credentials())
        .transport(network.transport())
        .build()
        .expect("complete")
}

#[tokio::test]
async fn where_a_request_goes_and_where_it_ends_is_no_callers_business() {
    let network = Network::default();
    for name in [
        "host",
        "content-length",
        "transfer-encoding",
        "connection",
        "te",
        "trailer",
        "upgrade",
        "expect",
    ] {
        let header = HeaderName::from_static(name);
        let call = client(&network).call(DescribeStreamSummary::new());
        let error = call
            .header(header, HeaderValue::from_static("0"))
            .send()
            .await
            .expect_err(name);
        assert_eq!(error.kind(), ErrorKind::InvalidInput, "{error}");
        assert!(error.to_string().contains(name), "{error}");
    }
    assert!(network.take().is_empty());
}

#[tokio::test]
async fn what_the_protocol_says_cannot_be_said_otherwise() {
    let network = Network::default();
    let mut call = client(&network).call(DescribeStreamSummary::new());
    for name in [
        "authorization",
        "content-type",
        "x-amz-date",
        "x-amz-target",
        "user-agent",
    ] {
        call = call.header(HeaderName::from_static(name), HeaderValue::from_static("evil"));
    }
    call.send().await.expect("an answer");
    let sent = network.take();
    for (name, value) in &sent[0].headers {
        assert_ne!(value, "evil", "{name}");
    }
    assert_eq!(
        sent[0].headers.len(),
        sent[0].headers.keys_len(),
        "each is there once"
    );
}

#[tokio::test]
async fn a_header_that_is_no_text_is_refused_before_anything_is_sent() {
    let network = Network::default();
    let call = client(&network).call(DescribeStreamSummary::new());
    let value = HeaderValue::from_bytes(b"\xff\xfe").expect("HTTP allows it");
    let error = call
        .header(HeaderName::from_static("x-custom"), value)
        .send()
        .await;
    error.expect_err("it cannot be signed");
    assert!(network.take().is_empty());
}

#[tokio::test]
async fn signatures_are_marked_as_secret_for_layers_that_show_headers() {
    let network = Network::default();
    client(&network)
        .send(DescribeStreamSummary::new())
        .await
        .expect("an answer");
    let sent = network.take();
    assert!(sent[0].headers["authorization"].is_sensitive());
    assert!(!format!("{:?}", sent[0].headers).contains("Signature"));
}
