//! What a program with a subscriber sees, and that no secret is among it.

use std::io::{self, Write};
use std::sync::{Arc, Mutex};

use awsjson_protocol::{Credentials, RetryPolicy};
use awsjson_secretsmanager::{Client, PutSecretValue};
use awsjson_tests::server::{Server, Step};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::MakeWriter;

/// What was written so far.
#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl Lines {
    fn text(&self) -> String {
        String::from_utf8(self.0.lock().expect("no panic").clone()).expect("UTF-8")
    }
}

impl Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().expect("no panic").extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Lines {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

/// Puts a secret, which is throttled once, and fails for good another time; returns what was shown.
async fn shown(filter: &str) -> String {
    let lines = Lines::default();
    let subscriber = tracing_subscriber::fmt()
        .with_writer(lines.clone())
        .with_ansi(false)
        .with_env_filter(EnvFilter::new(filter))
        .finish();
    let _guard = tracing::subscriber::set_default(subscriber);
    let server = Server::script([
        Step::status(
            400,
            r#"{"__type": "ThrottlingException", "message": "slow down"}"#,
        ),
        Step::status(200, r#"{"VersionId": "v", "ARN": "arn"}"#),
        Step::status(
            400,
            r#"{"__type": "ResourceNotFoundException", "message": "no such secret"}"#,
        ),
    ])
    .await
    .expect("a port");
    let client = Client::builder()
        .region("us-east-1")
        .endpoint_url(server.url())
        .credentials(Credentials::new(
            "AKID",
            "the-secret-key",
            Some("the-session-token".to_owned()),
            None,
            "tests",
        ))
        .retry(RetryPolicy::standard())
        .jitter(|| 0.0)
        .build()
        .expect("complete");
    let put = || PutSecretValue::new("name").secret_string("the-secret-value");
    client.send(put()).await.expect("the second attempt succeeds");
    client.send(put()).await.expect_err("it is not there");
    lines.text()
}

#[tokio::test]
async fn there_is_one_readable_line_for_each_attempt() {
    let shown = shown("awsjson=debug").await;
    println!("{shown}");
    let lines: Vec<&str> = shown.lines().collect();
    assert_eq!(lines.len(), 3, "{shown}");
    for (line, parts) in lines.iter().zip([
        [
            "INFO",
            "attempt 1 failed",
            "the next one follows in 0ns",
            "ThrottlingException",
        ],
        [
            "DEBUG",
            "attempt 2 succeeded",
            "http.response.status_code=200",
            "PutSecretValue",
        ],
        [
            "DEBUG",
            "the last one: it would fail again",
            "ResourceNotFoundException",
            "Secrets Manager",
        ],
    ]) {
        for part in parts {
            assert!(line.contains(part), "{part} is missing in {line}");
        }
        assert!(
            line.contains("aws.call{") && line.contains("rpc.system=\"aws-api\""),
            "{line}"
        );
    }
}

#[tokio::test]
async fn spans_of_the_program_are_left_alone() {
    let lines = Lines::default();
    let subscriber = tracing_subscriber::fmt()
        .with_writer(lines.clone())
        .with_ansi(false)
        .with_env_filter(EnvFilter::new("awsjson=off,mine=info"))
        .finish();
    let _guard = tracing::subscriber::set_default(subscriber);
    let server = Server::script([Step::status(200, "{}")]).await.expect("a port");
    let client = Client::builder()
        .region("us-east-1")
        .endpoint_url(server.url())
        .credentials(Credentials::new("AKID", "secret", None, None, "tests"))
        .build()
        .expect("complete");
    let span = tracing::info_span!(target: "mine", "job", server.address = "of the job");
    let job = async {
        client.send(PutSecretValue::new("name")).await.expect("an answer");
        tracing::info!(target: "mine", "done");
    };
    tracing::Instrument::instrument(job, span).await;
    let text = lines.text();
    assert!(text.contains("done") && text.contains("of the job"), "{text}");
    assert!(!text.contains("127.0.0.1"), "{text}");
}

#[tokio::test]
async fn no_secret_is_shown_at_any_level() {
    let shown = shown("trace").await;
    assert!(shown.contains("aws.call"), "{shown}");
    for secret in [
        "the-secret-key",
        "the-session-token",
        "the-secret-value",
        "Signature=",
    ] {
        let line = shown.lines().find(|line| line.contains(secret));
        assert!(line.is_none(), "`{secret}` is in {line:?}");
    }
}
