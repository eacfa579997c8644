//! A run at the level TRACE, with everything that every crate says, failures and a panic among it.

use std::io::{self, Write};
use std::sync::{Arc, Mutex};

use awsjson_protocol::{Client as Protocol, Credentials, ErrorKind, Proxy, TransportBuilder};
use awsjson_secretsmanager::protocol::fake::{Fake, Reply};
use awsjson_secretsmanager::{Client, GetSecretValue, PutSecretValue, Secretsmanager};
use awsjson_tests::server::{Server, Step};
use http::{HeaderName, HeaderValue};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::MakeWriter;

/// What nobody may see.
const SECRETS: [&str; 8] = [
    "the-secret-key",
    "the-session-token",
    "the-secret-value",
    "the-header-value",
    "the-answered-secret",
    "the-password",
    "Signature=",
    // The same as a list of bytes, as `Debug` of a slice shows it.
    "116, 104, 101, 45, 115, 101, 99, 114, 101, 116",
];

#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

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

fn credentials() -> Credentials {
    let token = Some("the-session-token".to_owned());
    Credentials::new("AKID", "the-secret-key", token, None, "tests")
}

fn builder(url: &str) -> awsjson_protocol::ClientBuilder<Secretsmanager> {
    Client::builder()
        .region("us-east-1")
        .endpoint_url(url)
        .credentials(credentials())
        .jitter(|| 0.0)
}

/// Sends requests that succeed, fail, are answered with what cannot be read, and one whose handler panics; returns what `Debug` and `Display`
/// say of all that took part.
async fn exercise() -> String {
    let mut said = String::new();
    let mut say = |what: &dyn std::fmt::Debug| said.push_str(&format!("{what:?}\n{what:#?}\n"));
    let server = Server::script([
        Step::status(
            400,
            r#"{"__type": "ThrottlingException", "message": "slow down"}"#,
        ),
        Step::status(200, r#"{"VersionId": "v"}"#),
        Step::status(
            400,
            r#"{"__type": "Unknown", "message": "no", "SecretString": "the-answered-secret"}"#,
        ),
        Step::status(200, r#"{"SecretString": "the-answered-secret"}"#),
        Step::status(200, r#"{"VersionStages": "the-answered-secret"}"#),
        Step::status(200, r#"{"SecretBinary": "the-answered-secret!"}"#),
    ])
    .await
    .expect("a port");
    let client = builder(&server.url()).build().expect("complete");
    let mut value = HeaderValue::from_static("the-header-value");
    value.set_sensitive(true);
    let put = || PutSecretValue::new("name").secret_string("the-secret-value");
    let call = client
        .call(put())
        .header(HeaderName::from_static("x-secret"), value);
    say(&call);
    say(&call
        .send_with_metadata()
        .await
        .expect("the second attempt succeeds"));
    say(&client.send(put()).await.expect_err("an error"));
    say(&client
        .call(GetSecretValue::new("name"))
        .send_with_metadata()
        .await
        .expect("a secret"));
    for _ in 0..2 {
        let error = client
            .send(GetSecretValue::new("name"))
            .await
            .expect_err("another type");
        assert_eq!(error.kind(), ErrorKind::Decode);
        say(&error);
        say(&error.to_string());
        let source = std::error::Error::source(&error).expect("a cause");
        say(&source.to_string());
    }
    say(&client);
    say(&builder("https://user:the-password@example.com").credentials(credentials()));
    let refused = builder("https://user:the-password@example.com").build();
    say(&refused.expect_err("it holds a password").to_string());
    let proxy = Proxy::new("http://user:the-password@127.0.0.1:1", "").expect("a proxy");
    say(&proxy);
    say(&TransportBuilder::new().proxy(proxy.clone()));
    let through = builder("https://example.com").transport(TransportBuilder::new().proxy(proxy).build());
    say(&through
        .build()
        .expect("complete")
        .send(put())
        .await
        .expect_err("there is no proxy"));
    say(&Reply::raw(200, "the-secret-value"));

    let fake = Fake::<Secretsmanager>::new()
        .verify_signatures(credentials(), "us-east-1")
        .on(|_: PutSecretValue| async { panic!("the handler of the test panics") });
    let running = fake.start().await.expect("a port");
    say(&running);
    let client: Protocol<Secretsmanager> = builder(&running.endpoint_url()).build().expect("complete");
    say(&client.send(put()).await.expect_err("the handler panics"));
    client
        .send(GetSecretValue::new("the-name"))
        .await
        .expect_err("it has no handler");
    let calls = running.calls();
    assert!(
        calls
            .iter()
            .any(|call| call.headers.contains_key("authorization"))
    );
    say(&calls);
    calls.iter().for_each(|call| say(&call.headers));
    said
}

#[test]
fn nothing_that_a_run_shows_holds_a_secret() {
    let lines = Lines::default();
    let subscriber = tracing_subscriber::fmt()
        .with_writer(lines.clone())
        .with_ansi(false)
        .with_env_filter(EnvFilter::new("trace"))
        .finish();
    // For all threads, and so for what connections say in tasks of their own.
    tracing::subscriber::set_global_default(subscriber).expect("the only one of this program");
    let panics = lines.clone();
    std::panic::set_hook(Box::new(move |panic| {
        let _ = writeln!(panics.clone(), "{panic} {panic:?}");
    }));
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build();
    let said = runtime.expect("a runtime").block_on(exercise());
    let _ = std::panic::take_hook();
    let shown = String::from_utf8(lines.0.lock().expect("no panic").clone()).expect("UTF-8");
    for expected in [
        "aws.call",
        "hyper",
        "aws_sigv4",
        "signing request",
        "the handler of the test panics",
    ] {
        assert!(shown.contains(expected), "{expected} is missing");
    }
    assert!(said.contains("RecordedCall") && said.contains("Reply"), "{said}");
    for secret in SECRETS {
        for text in [&shown, &said] {
            let line = text.lines().find(|line| line.contains(secret));
            assert!(line.is_none(), "`{secret}` is in {line:?}");
        }
    }
}
