//! Responses whose body is encoded, though the client asks for no encoding.

use std::io::Write;

use awsjson_protocol::ErrorKind;
use awsjson_tests::server::{Step, response};
use flate2::Compression;
use flate2::write::GzEncoder;

use super::probe::Act;
use super::{builder, client, script};

const GZIP: (&str, &str) = ("content-encoding", "gzip");

fn gzip(body: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(body).expect("memory takes it");
    encoder.finish().expect("memory takes it")
}

fn answer(status: u16, header: (&str, &str), body: &[u8]) -> Step {
    Step::Answer(response(status, &[header], body))
}

#[tokio::test]
async fn a_compressed_answer_is_read() {
    let server = script([answer(200, GZIP, &gzip(br#"{"text": "plain"}"#))]).await;
    let output = client(&server).send(Act::new()).await.expect("it is readable");
    assert_eq!(output.text.as_deref(), Some("plain"));
    assert_eq!(server.recorded()[0].header("accept-encoding"), None);
}

#[tokio::test]
async fn a_compressed_error_is_read() {
    let body = gzip(br#"{"__type": "NoSuchThing", "message": "it is gone"}"#);
    let server = script([answer(400, GZIP, &body)]).await;
    let error = client(&server).send(Act::new()).await.expect_err("an error");
    assert_eq!(
        (error.code(), error.message()),
        (Some("NoSuchThing"), Some("it is gone"))
    );
}

#[tokio::test]
async fn an_answer_that_is_only_called_compressed_is_read() {
    let server = script([answer(200, GZIP, br#"{"text": "plain"}"#)]).await;
    let output = client(&server).send(Act::new()).await.expect("it is readable");
    assert_eq!(output.text.as_deref(), Some("plain"));
}

#[tokio::test]
async fn a_damaged_or_unknown_encoding_is_an_error_that_keeps_the_body() {
    let mut damaged = gzip(br#"{"text": "plain"}"#);
    damaged.truncate(15);
    for (header, body, says) in [
        (GZIP, damaged.as_slice(), "damaged"),
        (("content-encoding", "br"), b"{}", "\"br\""),
    ] {
        let server = script([answer(200, header, body)]).await;
        let error = client(&server).send(Act::new()).await.expect_err("unreadable");
        assert_eq!(error.kind(), ErrorKind::Decode);
        assert!(error.to_string().contains(says), "{error}");
        assert_eq!(error.raw_body(), body);
    }
}

#[tokio::test]
async fn a_damaged_error_is_retried_by_its_status() {
    let damaged = &gzip(b"{}")[..12];
    let steps = [answer(503, GZIP, damaged), Step::status(200, "{}")];
    let server = script(steps).await;
    client(&server)
        .send(Act::new())
        .await
        .expect("the second attempt");
    assert_eq!(server.recorded().len(), 2);
}

#[tokio::test]
async fn a_small_answer_cannot_unfold_without_a_bound() {
    let bomb = gzip(&vec![b' '; 1_000_000]);
    assert!(bomb.len() < 2_000);
    let server = script([answer(200, GZIP, &bomb)]).await;
    let client = builder(&server)
        .max_response_bytes(100_000)
        .build()
        .expect("complete");
    let error = client.send(Act::new()).await.expect_err("it is too large");
    assert!(error.to_string().contains("100000 bytes"), "{error}");
}
