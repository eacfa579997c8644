//! Answers, line by line, what generated types make of wire JSON.
//!
//! A question is `{"service", "operation", "kind": "input" | "output", "body"}` with the body as text, or
//! `{"service", "kind": "error", "status", "headers", "body"}`; an answer is `{"ok": text}` or `{"err": text}`, for errors
//! `{"code": text or null, "ok": text or null}`.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::io::{self, BufRead, BufWriter, Write};

use awsjson_protocol::endpoint_rules::OperationValue;
use awsjson_protocol::http::{HeaderName, HeaderValue, Request, Response};
use awsjson_protocol::{Body, ClientBuilder, Credentials, OperationMetadata, RetryPolicy, UntypedCall};
use differential_table::{Entry, Table};
use serde_json::{Value, json};

static OPERATION: OperationMetadata = OperationMetadata::new("Any", "Any.Any", &[]);

fn main() -> io::Result<()> {
    let tables: BTreeMap<&str, &Table> = TABLES.iter().map(|table| (table.folder, *table)).collect();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let mut answers = BufWriter::new(io::stdout().lock());
    for line in io::stdin().lock().lines() {
        let question: Value = serde_json::from_str(&line?).expect("a question is JSON");
        let answer = match tables.get(text(&question, "service")) {
            None => json!({"err": "no such service"}),
            Some(table) => match text(&question, "kind") {
                "error" => runtime.block_on(error(table, &question)),
                kind => round_trip(table, &question, kind),
            },
        };
        writeln!(answers, "{answer}")?;
    }
    answers.flush()
}

fn text<'a>(question: &'a Value, name: &str) -> &'a str {
    question[name].as_str().unwrap_or_default()
}

fn round_trip(table: &Table, question: &Value, kind: &str) -> Value {
    let name = text(question, "operation");
    let Some(Entry {
        target,
        input,
        output,
        ..
    }) = table.operations.iter().find(|entry| entry.name == name)
    else {
        return json!({"err": "no such operation"});
    };
    let round_trip = if kind == "input" { input } else { output };
    match round_trip(text(question, "body").as_bytes()) {
        Ok(body) => json!({
            "ok": String::from_utf8(body).expect("JSON is UTF-8"),
            "target": target,
            "content_type": table.metadata.protocol.content_type(),
        }),
        Err(error) => json!({"err": error}),
    }
}

/// Lets a client receive an error, and decodes it by the code that the client finds.
async fn error(table: &Table, question: &Value) -> Value {
    let body = text(question, "body").to_owned();
    let mut response = Response::new(());
    let status = question["status"]
        .as_u64()
        .and_then(|status| u16::try_from(status).ok());
    *response.status_mut() = status
        .and_then(|status| status.try_into().ok())
        .expect("a status");
    for (name, value) in question["headers"].as_object().into_iter().flatten() {
        let name = HeaderName::from_bytes(name.as_bytes()).expect("a name");
        let value = HeaderValue::from_str(value.as_str().expect("text")).expect("a value");
        response.headers_mut().insert(name, value);
    }
    let answer = body.clone();
    let transport = tower::service_fn(move |_: Request<Body>| {
        let response = response
            .clone()
            .map(|()| Body::from(bytes::Bytes::from(answer.clone())));
        std::future::ready(Ok::<_, Infallible>(response))
    });
    let client = ClientBuilder::for_service(table.metadata)
        .region("us-east-1")
        .endpoint_url("http://127.0.0.1:1")
        .credentials(Credentials::new("AKID", "secret", None, None, "tests"))
        .retry(RetryPolicy::none())
        .transport(transport)
        .build()
        .expect("complete");
    let call = UntypedCall {
        operation: &OPERATION,
        body: bytes::Bytes::from_static(b"{}"),
        host_label: &|_| None,
        modeled_retry: table.modeled_retry,
        // The rules of one service need this of each operation.
        parameters: vec![("ServiceType", OperationValue::String("ACM"))],
    };
    let error = client
        .call_untyped(call)
        .await
        .expect_err("an error was answered");
    let code = error.code().map(str::to_owned);
    let decoded = code
        .as_deref()
        .and_then(|code| (table.exception)(code, body.as_bytes()));
    match decoded {
        None => json!({"code": code, "ok": null}),
        Some(Ok(body)) => json!({"code": code, "ok": String::from_utf8(body).expect("JSON is UTF-8")}),
        Some(Err(error)) => json!({"code": code, "err": error}),
    }
}
