//! botocore's own signer accepts what the client sends.

use std::io::Write as _;
use std::process::{Command, Stdio};

use awsjson_logs::protocol::Credentials;
use awsjson_logs::protocol::http::{HeaderName, HeaderValue};
use awsjson_logs::types::InputLogEvent;
use awsjson_logs::{Client, DescribeLogGroups, PutLogEvents};
use awsjson_tests::python;
use awsjson_tests::server::{Recorded, Server, response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;

const ACCESS_KEY: &str = "AKIDEXAMPLE";
const SECRET_KEY: &str = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";

/// A request as it was sent, and what it was signed with.
struct Signed {
    request: Recorded,
    token: Option<&'static str>,
    region: &'static str,
}

#[tokio::test]
async fn botocore_accepts_every_signature() {
    let mut signed = Vec::new();
    for token in [None, Some("a/session+token==")] {
        for region in ["us-east-1", "eu-central-1"] {
            for (path, messages) in [("", messages()), ("/base/path", vec!["at a path".to_owned()])] {
                let requests = send(token, region, path, &messages).await;
                signed.extend(requests.into_iter().map(|request| Signed {
                    request,
                    token,
                    region,
                }));
            }
        }
    }
    let answers = verify(&signed);
    assert_eq!(answers.len(), signed.len());
    for (answer, signed) in answers.iter().zip(&signed) {
        assert_eq!(
            answer,
            "ok",
            "{:?}",
            String::from_utf8_lossy(&signed.request.body)
        );
    }
}

#[tokio::test]
async fn botocore_refuses_a_body_that_was_changed_on_the_way() {
    let mut requests = send(None, "us-east-1", "", &["text".to_owned()]).await;
    let mut request = requests.pop().expect("a request was sent");
    let last = request.body.last_mut().expect("the body is not empty");
    *last = b' ';
    let answers = verify(&[Signed {
        request,
        token: None,
        region: "us-east-1",
    }]);
    assert!(answers[0].starts_with("botocore signs"), "{answers:?}");
}

/// Texts that together put every byte that JSON can hold into a body.
fn messages() -> Vec<String> {
    let latin: String = (0..=255_u8).map(char::from).collect();
    let mut messages = vec![
        "plain".to_owned(),
        "ünïcödé 日本語 \u{1F980}\u{200D}".to_owned(),
        "x".repeat(1 << 20),
    ];
    messages.push(latin);
    // One character for each lead byte of UTF-8.
    messages.push(
        (0x80..0x11_0000)
            .step_by(0x333)
            .filter_map(char::from_u32)
            .collect(),
    );
    messages
}

/// Sends one request without members and one for each message, and returns what came over the wire.
async fn send(token: Option<&str>, region: &str, path: &str, messages: &[String]) -> Vec<Recorded> {
    let server = Server::start(response(200, &[], b"{}")).await.expect("a port");
    let credentials = Credentials::new(ACCESS_KEY, SECRET_KEY, token.map(str::to_owned), None, "tests");
    let client = Client::builder()
        .region(region)
        .endpoint_url(format!("{}{path}", server.url()))
        .credentials(credentials)
        .build()
        .expect("the configuration is complete");
    client
        .send(DescribeLogGroups::new())
        .await
        .expect("the server answers");
    for message in messages {
        let events = [InputLogEvent::new(1_700_000_000_000, message)];
        let header = (
            HeaderName::from_static("x-extra"),
            HeaderValue::from_static("a  b"),
        );
        let call = client
            .call(PutLogEvents::new("group", "stream", events))
            .header(header.0, header.1);
        call.await.expect("the server answers");
    }
    let recorded = server.recorded();
    assert_eq!(recorded.len(), messages.len() + 1);
    recorded
}

/// Asks botocore what it thinks of each request: "ok", or what differs.
fn verify(signed: &[Signed]) -> Vec<String> {
    let script = python::tests_folder().join("python/verify_signatures.py");
    let mut process = Command::new(python::program("python").expect("the Python environment"))
        .arg(script)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("Python starts");
    let mut lines = String::new();
    for Signed {
        request,
        token,
        region,
    } in signed
    {
        let host = request.header("host").expect("a host");
        let line = json!({
            "url": format!("http://{host}{}", request.path),
            "headers": request.headers,
            "body": STANDARD.encode(&request.body),
            "access_key": ACCESS_KEY,
            "secret_key": SECRET_KEY,
            "token": token,
            "service": "logs",
            "region": region,
        });
        lines.push_str(&format!("{line}\n"));
    }
    let mut input = process.stdin.take().expect("it is piped");
    let writer = std::thread::spawn(move || input.write_all(lines.as_bytes()));
    let output = process.wait_with_output().expect("Python ends");
    writer
        .join()
        .expect("the writer ends")
        .expect("Python reads everything");
    assert!(output.status.success());
    let text = String::from_utf8(output.stdout).expect("the answers are text");
    text.lines().map(str::to_owned).collect()
}
