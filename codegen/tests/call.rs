//! `awsjson call`, with the models of this checkout, against a server of its own.
#![cfg(feature = "call")]

use std::fs;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Command, Output};
use std::thread::{self, JoinHandle};

/// Answers one request, and returns it.
fn serve(status: u16, body: &'static str) -> (String, JoinHandle<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    let server = thread::spawn(move || {
        let (mut stream, _) = listener.accept().expect("a connection");
        let request = read_request(&mut stream);
        let answer = format!(
            "HTTP/1.1 {status} OK\r\ncontent-length: {}\r\nx-amzn-requestid: id-1\r\nconnection: close\r\n\r\n{body}",
            body.len()
        );
        stream.write_all(answer.as_bytes()).expect("the client reads");
        request
    });
    (url, server)
}

fn read_request(stream: &mut TcpStream) -> String {
    let mut request = Vec::new();
    let mut buffer = [0; 4096];
    loop {
        let count = stream.read(&mut buffer).expect("the client writes");
        request.extend_from_slice(&buffer[..count]);
        let text = String::from_utf8_lossy(&request).to_ascii_lowercase();
        let length = text
            .split("content-length: ")
            .nth(1)
            .and_then(|rest| rest.lines().next());
        let length: usize = length.and_then(|length| length.parse().ok()).unwrap_or(0);
        let complete = text
            .find("\r\n\r\n")
            .is_some_and(|end| request.len() >= end + 4 + length);
        if complete || count == 0 {
            return String::from_utf8(request).expect("UTF-8");
        }
    }
}

fn call(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_awsjson"));
    command
        .args(["--root", concat!(env!("CARGO_MANIFEST_DIR"), "/.."), "call"])
        .args(arguments)
        .env_clear()
        .envs([
            ("AWS_REGION", "eu-west-1"),
            ("AWS_ACCESS_KEY_ID", "AKID"),
            ("AWS_SECRET_ACCESS_KEY", "secret"),
            ("AWS_SESSION_TOKEN", "a-session-token"),
        ]);
    command.output().expect("it runs")
}

fn text(output: &Output) -> (String, String) {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (text(&output.stdout), text(&output.stderr))
}

/// Runs a dry run, and returns what it shows.
fn dry_run(arguments: &[&str]) -> String {
    let output = call(&[arguments, &["--dry-run"]].concat());
    let (shown, errors) = text(&output);
    assert_eq!(output.status.code(), Some(0), "{errors}");
    shown
}

fn body(shown: &str) -> serde_json::Value {
    let (_, body) = shown.split_once("\n\n").expect("a body");
    serde_json::from_str(body).expect("JSON")
}

/// Runs a call that must be refused, and returns why.
fn refused(arguments: &[&str]) -> String {
    let output = call(arguments);
    let (shown, errors) = text(&output);
    assert_eq!(output.status.code(), Some(2), "{shown}{errors}");
    errors
}

#[test]
fn a_dry_run_shows_the_signed_request_but_no_secret() {
    let shown = dry_run(&[
        "logs",
        "associate-kms-key",
        "--kms-key-id",
        "key",
        "--log-group-name",
        "group",
    ]);
    for part in [
        "POST https://logs.eu-west-1.amazonaws.com/",
        "x-amz-target: Logs_20140328.AssociateKmsKey",
        "Credential=AKID/",
        "eu-west-1/logs/aws4_request",
        "x-amz-security-token: <hidden>",
    ] {
        assert!(shown.contains(part), "{part} is missing in {shown}");
    }
    assert!(!shown.contains("a-session-token"), "{shown}");
    assert_eq!(
        body(&shown),
        serde_json::json!({"kmsKeyId": "key", "logGroupName": "group"})
    );
}

#[test]
fn flags_become_members_of_their_type() {
    let shown = dry_run(&[
        "logs",
        "FilterLogEvents",
        "--log-group-name",
        "g",
        "--log-stream-names",
        "a",
        "b",
        "--start-time",
        "-5",
        "--no-interleaved",
    ]);
    let expected = serde_json::json!({
        "logGroupName": "g", "logStreamNames": ["a", "b"], "startTime": -5, "interleaved": false,
    });
    assert_eq!(body(&shown), expected);
    let shown = dry_run(&[
        "kms",
        "encrypt",
        "--key-id",
        "k",
        "--plaintext",
        "aGk=",
        "--encryption-context",
        r#"{"a": "b"}"#,
    ]);
    let expected = serde_json::json!({"KeyId": "k", "Plaintext": "aGk=", "EncryptionContext": {"a": "b"}});
    assert_eq!(body(&shown), expected);
    let shown = dry_run(&[
        "cloudtrail",
        "lookup-events",
        "--start-time",
        "2026-01-31T12:00:00Z",
    ]);
    assert_eq!(body(&shown), serde_json::json!({"StartTime": 1769860800}));
}

#[test]
fn flags_win_over_json_from_a_file() {
    let file = tempfile::NamedTempFile::new().expect("a file");
    fs::write(file.path(), r#"{"logGroupName": "from the file", "limit": 1}"#).expect("written");
    let url = format!("file://{}", file.path().display());
    let shown = dry_run(&[
        "logs",
        "filter-log-events",
        "--cli-input-json",
        &url,
        "--limit",
        "2",
    ]);
    assert_eq!(
        body(&shown),
        serde_json::json!({"logGroupName": "from the file", "limit": 2})
    );
}

#[test]
fn idempotency_tokens_are_made_where_none_is_given() {
    let shown = dry_run(&[
        "ssm",
        "create-ops-item",
        "--description",
        "d",
        "--source",
        "s",
        "--title",
        "t",
    ]);
    assert!(body(&shown)["Title"] == "t", "{shown}");
    let shown = dry_run(&["secretsmanager", "create-secret", "--name", "n"]);
    assert_eq!(
        body(&shown)["ClientRequestToken"].as_str().map(str::len),
        Some(36),
        "{shown}"
    );
}

#[test]
fn every_problem_of_an_input_is_named_by_its_path() {
    let input = r#"{"logGroupName": "g", "logEvents": [{"timestamp": "x", "message": 3}, {"timestamp": 1}], "logStreamNam": 1}"#;
    let errors = refused(&["logs", "put-log-events", "--cli-input-json", input]);
    for problem in [
        "logEvents[0].timestamp: expected an integer of 64 bits, found a string",
        "logEvents[0].message: expected a string, found the number 3",
        "logEvents[1].message: is required and missing",
        "logStreamNam: there is no such member; did you mean `logStreamName`?",
        "logStreamName: is required and missing",
    ] {
        assert!(errors.contains(problem), "{problem} is missing in {errors}");
    }
    let errors = refused(&["logs", "associate-kms-key", "--kms-key-id", "k"]);
    assert!(
        errors.contains("set exactly one of logGroupName and resourceIdentifier"),
        "{errors}"
    );
}

#[test]
fn what_cannot_be_called_is_refused_with_a_suggestion() {
    assert!(refused(&["logs", "start-live-tail", "--log-group-identifiers", "g"]).contains("streams events"));
    assert!(refused(&["logs", "associate-kms-keys"]).contains("did you mean `AssociateKmsKey`?"));
    assert!(refused(&["logs", "associate-kms-key", "--kms-key", "k"]).contains("'--kms-key-id'"));
    assert!(refused(&["log", "associate-kms-key"]).contains("no model of `log`"));
    assert!(
        refused(&["logs", "filter-log-events", "--limit", "many"]).contains("--limit: `many` is no integer")
    );
}

#[test]
fn a_response_is_shown_as_json_or_as_a_table() {
    let groups = r#"{"logGroups": [{"logGroupName": "a", "storedBytes": 1}, {"logGroupName": "b"}], "nextToken": "t"}"#;
    let (url, server) = serve(200, groups);
    let output = call(&["logs", "describe-log-groups", "--endpoint-url", &url]);
    let (shown, errors) = text(&output);
    assert_eq!(output.status.code(), Some(0), "{errors}");
    let shown: serde_json::Value = serde_json::from_str(&shown).expect("JSON");
    assert_eq!(shown["logGroups"][1]["logGroupName"], "b");
    let request = server.join().expect("it served");
    assert!(
        request
            .to_ascii_lowercase()
            .contains("x-amz-target: logs_20140328.describeloggroups"),
        "{request}"
    );
    assert!(request.ends_with("\r\n\r\n{}"), "{request}");

    let (url, _server) = serve(200, groups);
    let output = call(&[
        "logs",
        "describe-log-groups",
        "--endpoint-url",
        &url,
        "--output",
        "table",
    ]);
    let (shown, _) = text(&output);
    let row = shown
        .lines()
        .find(|line| line.contains(" a "))
        .unwrap_or_else(|| panic!("no row in {shown}"));
    assert!(row.contains(" 1 "), "{shown}");
    assert!(
        shown.contains("logGroupName") && shown.contains("nextToken"),
        "{shown}"
    );
}

#[test]
fn an_exception_is_shown_with_all_its_members() {
    let (url, _server) = serve(
        400,
        r#"{"__type": "InvalidSequenceTokenException", "message": "not this one", "expectedSequenceToken": "next"}"#,
    );
    let errors = refused(&[
        "logs",
        "delete-log-group",
        "--log-group-name",
        "g",
        "--endpoint-url",
        &url,
    ]);
    assert!(
        errors.contains(
            "DeleteLogGroup: InvalidSequenceTokenException: not this one (request id id-1, status 400)"
        ),
        "{errors}"
    );
    assert!(errors.contains(r#""expectedSequenceToken": "next""#), "{errors}");
}

#[test]
fn help_lists_the_members() {
    let output = call(&["logs", "associate-kms-key", "--help"]);
    let (shown, _) = text(&output);
    assert_eq!(output.status.code(), Some(0));
    for part in ["--kms-key-id <TEXT>", "--resource-identifier", "--dry-run"] {
        assert!(shown.contains(part), "{part} is missing in {shown}");
    }
    let (shown, _) = text(&call(&["--help"]));
    assert!(shown.contains("awsjson call"), "{shown}");
}
