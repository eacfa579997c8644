//! Certificates that a program names, and those that a server asks for.

use std::process::Command;

use awsjson_logs::protocol::{ErrorKind, TransportBuilder};
use rcgen::{CertificateParams, CertifiedIssuer, KeyPair};
use tokio_rustls::rustls::RootCertStore;
use tokio_rustls::rustls::server::WebPkiClientVerifier;

use super::{TRUSTED, builder, call_with, provider, start, start_for_clients};

const BOTH: &[&str] = &["h2", "http/1.1"];

#[tokio::test]
async fn certificates_that_are_named_are_trusted() {
    let (port, certificate) = start(BOTH).await;
    let url = format!("https://localhost:{port}");
    let trusting = TransportBuilder::new()
        .trust_pem(certificate.as_bytes())
        .expect("a certificate");
    let version = call_with(builder(&url).transport(trusting.clone().build())).await;
    assert_eq!(version.expect("it is trusted"), "2");
    let version = call_with(builder(&url).transport(trusting.http1_only().build())).await;
    assert_eq!(version.expect("it is trusted"), "1.1");
}

#[tokio::test]
async fn certificates_that_are_named_are_the_only_ones() {
    let (port, _) = start(BOTH).await;
    let (_, other) = start(BOTH).await;
    let transport = TransportBuilder::new().trust_pem(other.as_bytes());
    let transport = transport.expect("a certificate").build();
    let call = call_with(builder(&format!("https://localhost:{port}")).transport(transport));
    let error = call.await.expect_err("another server's certificate");
    assert!(error.to_string().contains("certificate"), "{error}");
}

#[tokio::test]
async fn certificates_of_the_system_are_not_trusted_beside_those_that_are_named() {
    let (port, certificate) = start(BOTH).await;
    let (_, other) = start(BOTH).await;
    let folder = tempfile::tempdir().expect("a folder");
    let [system, named] = [("system.pem", certificate), ("named.pem", other)].map(|(name, pem)| {
        let path = folder.path().join(name);
        std::fs::write(&path, pem).expect("it can be written");
        path
    });
    // What the system trusts is read from the environment, so the client is a process of its own.
    let mut child = Command::new(std::env::current_exe().expect("a path"));
    child.args([
        "--exact",
        "certificates::client_of_its_own",
        "--ignored",
        "--nocapture",
    ]);
    child
        .env(TRUSTED, &system)
        .env("NAMED", &named)
        .env("PORT", port.to_string());
    let output = tokio::task::spawn_blocking(move || child.output())
        .await
        .expect("it runs")
        .expect("it starts");
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && text.contains("refused"), "{text}");
}

#[tokio::test]
#[ignore = "it is the child process of another test"]
async fn client_of_its_own() {
    let variable = |name| std::env::var(name).expect("the parent sets it");
    let url = format!("https://localhost:{}", variable("PORT"));
    let version = call_with(builder(&url)).await;
    assert_eq!(version.expect("the system trusts the server"), "2");
    let named = std::fs::read(variable("NAMED")).expect("it is there");
    let transport = TransportBuilder::new().trust_pem(&named).expect("a certificate");
    let error = call_with(builder(&url).transport(transport.build())).await;
    let error = error.expect_err("only the other is named").to_string();
    assert!(error.contains("certificate"), "{error}");
    println!("refused");
}

#[tokio::test]
async fn the_environment_names_a_bundle() {
    let (port, certificate) = start(BOTH).await;
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("bundle.pem");
    let url = format!("https://localhost:{port}");
    let call = || {
        let path = file.to_str().expect("text").to_owned();
        let lookup = move |name: &str| (name == "AWS_CA_BUNDLE").then(|| path.clone());
        call_with(builder(&url).load_environment_from(lookup))
    };
    let error = call().await.expect_err("there is no such file");
    assert_eq!(error.kind(), ErrorKind::Config);
    assert!(error.to_string().contains("AWS_CA_BUNDLE"), "{error}");
    std::fs::write(&file, "no certificate").expect("it can be written");
    let error = call().await.expect_err("it holds no certificate");
    assert!(error.to_string().contains("CERTIFICATE"), "{error}");
    std::fs::write(&file, certificate).expect("it can be written");
    assert_eq!(call().await.expect("it is trusted"), "2");
}

#[tokio::test]
async fn a_server_may_ask_for_the_clients_certificate() {
    let issuer_key = KeyPair::generate().expect("a key");
    let mut params = CertificateParams::new([]).expect("no names");
    params.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    let issuer = CertifiedIssuer::self_signed(params, issuer_key).expect("an issuer");
    let mut roots = RootCertStore::empty();
    roots.add(issuer.der().clone()).expect("a root");
    let verifier = WebPkiClientVerifier::builder_with_provider(roots.into(), provider())
        .build()
        .expect("a verifier");
    let (port, certificate) = start_for_clients(BOTH, verifier).await;
    let url = format!("https://localhost:{port}");
    let trusting = TransportBuilder::new()
        .trust_pem(certificate.as_bytes())
        .expect("a certificate");

    call_with(builder(&url).transport(trusting.clone().build()))
        .await
        .expect_err("the client shows none");

    let key = KeyPair::generate().expect("a key");
    let params = CertificateParams::new(["client".to_owned()]).expect("a name");
    let shown = params.signed_by(&key, &issuer).expect("a certificate").pem();
    let transport = trusting
        .client_certificate_pem(shown.as_bytes(), key.serialize_pem().as_bytes())
        .expect("both can be read");
    let version = call_with(builder(&url).transport(transport.build())).await;
    assert_eq!(version.expect("it is accepted"), "2");
}

#[test]
fn what_is_no_pem_is_refused_at_once() {
    let error = TransportBuilder::new().trust_pem(b"nothing").expect_err("no PEM");
    assert_eq!(error.kind(), ErrorKind::Config);
    assert!(error.to_string().contains("CERTIFICATE"), "{error}");
    let error = TransportBuilder::new().client_certificate_pem(b"nothing", b"nothing");
    let error = error.expect_err("no PEM").to_string();
    assert!(error.contains("private key"), "{error}");
}
