//! The default transport over TLS: HTTP/2 where the server offers it, HTTP/1.1 otherwise, and no trust in strangers.

mod certificates;
mod proxy;
mod streams;

use std::process::Command;
use std::sync::Arc;

use awsjson_logs::protocol::fake::Fake;
use awsjson_logs::protocol::http::{Request, Response, Version};
use awsjson_logs::protocol::{Body, ClientBuilder, Credentials, ErrorKind, RetryPolicy};
use awsjson_logs::{Client, DescribeLogGroups, DescribeLogGroupsOutput, Error, Logs};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::CryptoProvider;
use tokio_rustls::rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use tokio_rustls::rustls::server::WebPkiClientVerifier;
use tokio_rustls::rustls::server::danger::ClientCertVerifier;
use tower::ServiceExt as _;

/// Names the file of the certificate to the child process, which trusts it.
const TRUSTED: &str = "SSL_CERT_FILE";

/// A host that every certificate of the servers here is good for.
const ELSEWHERE: &str = "logs.us-east-1.amazonaws.com";

/// Starts a fake behind TLS that answers with the HTTP version of the request, and returns its port and certificate.
async fn start(protocols: &[&str]) -> (u16, String) {
    start_for_clients(protocols, WebPkiClientVerifier::no_client_auth()).await
}

/// Does the same, for clients that `verifier` accepts.
async fn start_for_clients(protocols: &[&str], verifier: Arc<dyn ClientCertVerifier>) -> (u16, String) {
    let names = ["localhost".to_owned(), ELSEWHERE.to_owned()];
    let certified = rcgen::generate_simple_self_signed(names).expect("a certificate");
    let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(certified.signing_key.serialize_der()));
    let mut config = ServerConfig::builder_with_provider(provider())
        .with_safe_default_protocol_versions()
        .expect("the provider knows TLS")
        .with_client_cert_verifier(verifier)
        .with_single_cert(vec![certified.cert.der().clone()], key)
        .expect("the key fits");
    config.alpn_protocols = protocols
        .iter()
        .map(|protocol| protocol.as_bytes().to_vec())
        .collect();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let port = listener.local_addr().expect("it is bound").port();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let acceptor = acceptor.clone();
            tokio::spawn(async move {
                let Ok(stream) = acceptor.accept(stream).await else {
                    return;
                };
                let builder = auto::Builder::new(TokioExecutor::new());
                // The client learns of a broken connection by itself.
                let _ = builder
                    .serve_connection(TokioIo::new(stream), service_fn(answer))
                    .await;
            });
        }
    });
    (port, certified.cert.pem())
}

fn provider() -> Arc<CryptoProvider> {
    Arc::new(tokio_rustls::rustls::crypto::ring::default_provider())
}

async fn answer(
    request: Request<Incoming>,
) -> Result<Response<Body>, Box<dyn std::error::Error + Send + Sync>> {
    let version = match request.version() {
        Version::HTTP_2 => "2",
        _ => "1.1",
    };
    let fake = Fake::new().on(move |_: DescribeLogGroups| async move {
        Ok(DescribeLogGroupsOutput::new().next_token(version))
    });
    let fake = fake.on_events(streams::tail);
    let fake = fake.verify_signatures(credentials(), "us-east-1");
    fake.into_transport().oneshot(request.map(Body::from)).await
}

fn credentials() -> Credentials {
    Credentials::new("AKID", "secret", None, None, "tests")
}

async fn call(port: u16) -> Result<String, Error> {
    call_with(builder(&format!("https://localhost:{port}"))).await
}

fn builder(url: &str) -> ClientBuilder<Logs> {
    Client::builder()
        .region("us-east-1")
        .endpoint_url(url)
        .credentials(credentials())
        .retry(RetryPolicy::none())
}

/// Calls the fake, and returns which version of HTTP it was spoken to in.
async fn call_with(builder: ClientBuilder<Logs>) -> Result<String, Error> {
    let output = builder.build()?.send(DescribeLogGroups::new()).await?;
    Ok(output.next_token.unwrap_or_default())
}

#[tokio::test]
async fn a_certificate_that_nobody_vouches_for_is_refused() {
    let (port, _) = start(&["h2", "http/1.1"]).await;
    let error = call(port).await.expect_err("nobody knows the certificate");
    assert_eq!(error.kind(), ErrorKind::Transport);
    assert!(error.to_string().contains("certificate"), "{error}");
}

#[tokio::test]
async fn http_2_is_spoken_where_the_server_offers_it() {
    for (protocols, version) in [
        (&["h2", "http/1.1"][..], "2"),
        (&["http/1.1"], "1.1"),
        (&[], "1.1"),
    ] {
        let (port, certificate) = start(protocols).await;
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("trusted.pem");
        std::fs::write(&file, certificate).expect("the file can be written");
        // Trust comes from the environment, so the client is a process of its own.
        let mut child = Command::new(std::env::current_exe().expect("a path"));
        child.args(["--exact", "client_of_its_own", "--ignored", "--nocapture"]);
        child.env(TRUSTED, &file).env("PORT", port.to_string());
        let output = tokio::task::spawn_blocking(move || child.output())
            .await
            .expect("it runs")
            .expect("it starts");
        let text = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success(), "{text}");
        assert!(
            text.contains(&format!("spoke HTTP/{version}\n")),
            "{protocols:?}: {text}"
        );
    }
}

#[tokio::test]
#[ignore = "it is the child process of another test"]
async fn client_of_its_own() {
    let port = std::env::var("PORT")
        .expect("the parent sets it")
        .parse()
        .expect("a port");
    println!(
        "spoke HTTP/{}",
        call(port).await.expect("the certificate is trusted")
    );
}
