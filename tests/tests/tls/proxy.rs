//! Proxies: tunnels, credentials for them, and what they refuse.

use std::sync::{Arc, Mutex};

use awsjson_logs::protocol::{ErrorKind, Proxy, TransportBuilder};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};

use super::{ELSEWHERE, builder, call_with, start};

/// A proxy that makes tunnels to one port of this machine, whatever host it is asked for, or refuses to.
struct Tunnels {
    port: u16,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Tunnels {
    async fn start(answer: &'static str, target: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let port = listener.local_addr().expect("it is bound").port();
        let asked = Arc::new(Mutex::new(Vec::new()));
        let heads = Arc::clone(&asked);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let heads = Arc::clone(&heads);
                tokio::spawn(async move {
                    let mut client = BufReader::new(stream);
                    let mut head = String::new();
                    while !head.ends_with("\r\n\r\n") {
                        client.read_line(&mut head).await.expect("a line");
                    }
                    heads.lock().expect("no panic").push(head);
                    client.write_all(answer.as_bytes()).await.expect("it listens");
                    let mut server = TcpStream::connect(("127.0.0.1", target))
                        .await
                        .expect("it listens");
                    // Either side may end the tunnel.
                    let _ = copy_bidirectional(&mut client, &mut server).await;
                });
            }
        });
        Self { port, asked }
    }

    fn url(&self, user: &str) -> String {
        format!("http://{user}127.0.0.1:{}", self.port)
    }

    fn asked(&self) -> Vec<String> {
        self.asked.lock().expect("no panic").clone()
    }
}

#[tokio::test]
async fn a_proxy_sees_the_host_and_its_own_credentials_only() {
    let (port, certificate) = start(&["h2"]).await;
    let proxy = Tunnels::start("HTTP/1.1 200 OK\r\n\r\n", port).await;
    let transport = TransportBuilder::new()
        .proxy(Proxy::new(&proxy.url("user:hunter2@"), "").expect("a proxy"))
        .trust_pem(certificate.as_bytes())
        .expect("a certificate");
    let url = format!("https://{ELSEWHERE}");
    let version = call_with(builder(&url).transport(transport.build())).await;
    assert_eq!(version.expect("the tunnel works"), "2");
    let asked = proxy.asked().concat();
    assert!(
        asked.starts_with(&format!("CONNECT {ELSEWHERE}:443 HTTP/1.1\r\n")),
        "{asked}"
    );
    // `user:hunter2` in base64.
    assert!(
        asked.to_ascii_lowercase().contains("proxy-authorization: basic ")
            && asked.contains("dXNlcjpodW50ZXIy"),
        "{asked}"
    );
    assert!(!asked.contains("AKID"), "{asked}");
}

#[tokio::test]
async fn the_environment_names_the_proxy() {
    let (port, certificate) = start(&["h2"]).await;
    let proxy = Tunnels::start("HTTP/1.1 200 OK\r\n\r\n", port).await;
    let folder = tempfile::tempdir().expect("a folder");
    let bundle = folder.path().join("bundle.pem");
    std::fs::write(&bundle, certificate).expect("it can be written");
    let url = proxy.url("");
    let lookup = move |name: &str| match name {
        "HTTPS_PROXY" => Some(url.clone()),
        "AWS_CA_BUNDLE" => bundle.to_str().map(str::to_owned),
        _ => None,
    };
    let local = builder(&format!("https://localhost:{port}")).load_environment_from(lookup.clone());
    call_with(local).await.expect("this machine is reached directly");
    assert_eq!(proxy.asked().len(), 0);
    let away = builder(&format!("https://{ELSEWHERE}")).load_environment_from(lookup);
    call_with(away).await.expect("the tunnel works");
    assert_eq!(proxy.asked().len(), 1);
}

#[tokio::test]
async fn a_proxy_that_refuses_is_named() {
    let refusal = "HTTP/1.1 407 Proxy Authentication Required\r\n\r\n";
    let proxy = Tunnels::start(refusal, 9).await;
    let transport = TransportBuilder::new()
        .proxy(Proxy::new(&proxy.url("user:hunter2@"), "").expect("a proxy"))
        .build();
    let call = call_with(builder(&format!("https://{ELSEWHERE}")).transport(transport));
    let error = call.await.expect_err("the proxy refuses");
    assert_eq!(error.kind(), ErrorKind::Transport);
    let text = format!("{error} {error:?}");
    assert!(
        text.contains("proxy") && text.contains(&format!(":{}", proxy.port)),
        "{text}"
    );
    assert!(text.to_lowercase().contains("authorization required"), "{text}");
    assert!(!text.contains("hunter2"), "{text}");
}

#[tokio::test]
async fn an_environment_whose_proxy_cannot_be_used_is_refused() {
    let lookup = |name: &str| (name == "HTTPS_PROXY").then(|| "socks5://proxy:1080".to_owned());
    let client = builder("https://localhost:1")
        .load_environment_from(lookup)
        .build();
    let error = client.expect_err("no such proxy");
    assert_eq!(error.kind(), ErrorKind::Config);
    assert!(error.to_string().contains("HTTPS_PROXY"), "{error}");
}
