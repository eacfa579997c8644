//! The protocol test cases that botocore ships, run through the public API over real sockets.
//!
//! The cases are data in `tests/conformance`; the clients for their shapes are what our generator makes of them.

use std::io::Read as _;

use aws_smithy_types::DateTime;
use aws_smithy_types::date_time::Format;
use awsjson_protocol::{Client, Credentials, Error, ErrorKind, Exception, Operation, Service};
use awsjson_tests::server::{Recorded, Server, response};
use awsjson_tests::transport::ToLoopback;
use base64::Engine as _;
use serde::Serialize;
use serde_json::{Map, Value, json};

/// Runs every case of a file with the client for its shapes. The numbers are those of request and response cases.
macro_rules! suite {
    ($client:ident, $file:literal, $requests:literal, $responses:literal, $operations:tt) => {
        #[tokio::test]
        async fn $client() {
            let suite: Value = serde_json::from_str(include_str!($file)).expect("the cases are JSON");
            let model = &suite["model"];
            let (requests, responses) = (cases(&suite, "input"), cases(&suite, "output"));
            assert_eq!((requests.len(), responses.len()), ($requests, $responses));
            for case in requests {
                let name = case["operation"].as_str().expect("a name");
                let result = for_each!($client, name, check_request(model, case), $operations);
                result.unwrap_or_else(|difference| panic!("{}: {difference}", case["id"]));
            }
            for case in responses {
                let name = case["operation"].as_str().expect("a name");
                let result = for_each!($client, name, check_response(model, case), $operations);
                result.unwrap_or_else(|difference| panic!("{}: {difference}", case["id"]));
            }
        }
    };
}

macro_rules! for_each {
    ($client:ident, $name:expr, $action:ident $arguments:tt, [$($operation:ident),* $(,)?]) => {
        match $name {
            $(stringify!($operation) => $action::<$client::$operation> $arguments .await,)*
            other => panic!("the case names an unknown operation {other}"),
        }
    };
}

#[path = "../../conformance/awsjson_1_0.rs"]
#[allow(dead_code, unused_imports, clippy::disallowed_names)]
mod awsjson_1_0;
#[path = "../../conformance/awsjson_1_0_query_compatible.rs"]
#[allow(dead_code, unused_imports, clippy::disallowed_names)]
mod awsjson_1_0_query_compatible;
#[path = "../../conformance/awsjson_1_1.rs"]
#[allow(dead_code, unused_imports, clippy::disallowed_names)]
mod awsjson_1_1;

suite!(
    awsjson_1_1,
    "../../conformance/awsjson-1.1.json",
    54,
    58,
    [
        DatetimeOffsets,
        EmptyOperation,
        EndpointOperation,
        EndpointWithHostLabelOperation,
        FractionalSeconds,
        GreetingWithErrors,
        HostWithPathOperation,
        JsonEnums,
        JsonIntEnums,
        JsonUnions,
        KitchenSinkOperation,
        NullOperation,
        OperationWithOptionalInputOutput,
        PutAndGetInlineDocuments,
        PutWithContentEncoding,
        SimpleScalarProperties,
    ]
);
suite!(
    awsjson_1_0,
    "../../conformance/awsjson-1.0.json",
    21,
    32,
    [
        EmptyInputAndEmptyOutput,
        EndpointOperation,
        EndpointWithHostLabelOperation,
        GreetingWithErrors,
        HostWithPathOperation,
        JsonUnions,
        NoInputAndNoOutput,
        NoInputAndOutput,
        PutWithContentEncoding,
        SimpleScalarProperties,
    ]
);
suite!(
    awsjson_1_0_query_compatible,
    "../../conformance/awsjson-1.0-query-compatible.json",
    1,
    2,
    [QueryCompatibleOperation]
);

fn cases<'a>(suite: &'a Value, kind: &str) -> &'a [Value] {
    suite[kind].as_array().expect("cases")
}

async fn check_request<O>(model: &Value, case: &Value) -> Result<(), String>
where
    O: Operation,
{
    let server = Server::start(response(200, &[], b"{}")).await.expect("a port");
    let endpoint = case["clientEndpoint"].as_str();
    let client = client(endpoint.unwrap_or(&server.url()), &server);
    let input = &model["operations"][O::METADATA.name]["input"]["shape"];
    let params = to_wire(model, input, &case["params"]);
    let operation: O = serde_json::from_value(params.clone()).expect("params are valid input");
    client.send(operation).await.map_err(|error| error.to_string())?;
    let recorded = server.recorded();
    let [request] = recorded.as_slice() else {
        return Err(format!("{} requests were sent", recorded.len()));
    };
    compare_request(request, &case["serialized"], &params)
}

fn compare_request(request: &Recorded, expected: &Value, params: &Value) -> Result<(), String> {
    let check = |what: &str, actual: Option<&str>, expected: &Value| match actual == expected.as_str() {
        true => Ok(()),
        false => Err(format!("{what} is {actual:?}, not {expected}")),
    };
    check("method", Some(&request.method), &expected["method"])?;
    check("path", Some(&request.path), &expected["uri"])?;
    for (name, value) in expected["headers"].as_object().into_iter().flatten() {
        check(name, request.header(&name.to_lowercase()), value)?;
    }
    for name in expected["requireHeaders"].as_array().into_iter().flatten() {
        let name = name.as_str().expect("a header name").to_lowercase();
        request.header(&name).ok_or(format!("header {name} is missing"))?;
    }
    if let Some(host) = expected["host"].as_str() {
        // Some cases write the path of the endpoint behind the host.
        let host = host.split('/').next();
        check("host", request.header("host"), &json!(host))?;
    }
    let body = match request.header("content-encoding") {
        Some("gzip") => gunzip(&request.body),
        _ => request.body.clone(),
    };
    let body: Value = serde_json::from_slice(&body).map_err(|error| error.to_string())?;
    let expected_body = match expected["body"].as_str() {
        Some(text) => serde_json::from_str(text).expect("the expected body is JSON"),
        // A case that names no body is about something else; the members must have been sent all the same.
        None => params.clone(),
    };
    match body == expected_body {
        true => Ok(()),
        false => Err(format!("body is {body}, not {expected_body}")),
    }
}

async fn check_response<O>(model: &Value, case: &Value) -> Result<(), String>
where
    O: Operation,
    O::Output: Serialize,
{
    let answer = &case["response"];
    let status = answer["status_code"].as_u64().expect("a status") as u16;
    let headers: Vec<(&str, &str)> = answer["headers"]
        .as_object()
        .into_iter()
        .flatten()
        .map(|(name, value)| (name.as_str(), value.as_str().expect("a header")))
        .collect();
    let body = answer["body"].as_str().unwrap_or_default();
    let server = Server::start(response(status, &headers, body.as_bytes()))
        .await
        .expect("a port");
    let client = client(&server.url(), &server);
    let result = client.call(O::empty()).send_with_metadata().await;
    if case.get("error").is_some() {
        let error = match result {
            Err(error) => error,
            Ok(_) => return Err("the call succeeded".to_owned()),
        };
        return compare_error(model, case, &error);
    }
    let output = result.map_err(|error| error.to_string())?;
    if let Some((_, id)) = headers
        .iter()
        .find(|(name, _)| name.eq_ignore_ascii_case("x-amzn-requestid"))
    {
        assert_eq!(output.request_id(), Some(*id));
    }
    let shape = &model["operations"][O::METADATA.name]["output"]["shape"];
    let expected = to_wire(model, shape, &case["result"]);
    let actual = serde_json::to_value(output.output()).map_err(|error| error.to_string())?;
    match actual == expected {
        true => Ok(()),
        false => Err(format!("output is {actual}, not {expected}")),
    }
}

fn compare_error<E: Exception>(model: &Value, case: &Value, error: &Error<E>) -> Result<(), String> {
    if error.kind() != ErrorKind::Exception {
        return Err(format!("the error is no typed exception: {error:?}"));
    }
    if error.code() != case["errorCode"].as_str() {
        return Err(format!("code is {:?}", error.code()));
    }
    if error.message() != case["errorMessage"].as_str() {
        return Err(format!("message is {:?}", error.message()));
    }
    let exception = error.exception().expect("kind is exception");
    let expected = to_wire(model, &json!(exception.code()), &case["error"]);
    let actual = serde_json::to_value(exception).map_err(|error| error.to_string())?;
    match actual == expected {
        true => Ok(()),
        false => Err(format!("exception is {actual}, not {expected}")),
    }
}

fn client<S: Service>(endpoint: &str, server: &Server) -> Client<S> {
    Client::builder()
        .region("us-east-1")
        .endpoint_url(endpoint)
        .credentials(Credentials::new("AKID", "secret", None, None, "tests"))
        .jitter(|| 0.0)
        .transport(ToLoopback::new(server.address()))
        .build()
        .expect("the configuration is complete")
}

/// Writes the values of a case as they are on the wire, independently of the code under test.
fn to_wire(model: &Value, shape: &Value, value: &Value) -> Value {
    let Some(shape) = shape.as_str().map(|name| &model["shapes"][name]) else {
        return json!({});
    };
    match (shape["type"].as_str().expect("a type"), value) {
        ("structure", Value::Object(members)) if shape.get("document").is_none() => {
            let set = members.iter().filter(|(_, value)| !value.is_null());
            let members = set.map(|(name, value)| {
                let member = &shape["members"][name]["shape"];
                (name.clone(), to_wire(model, member, value))
            });
            Value::Object(members.collect())
        }
        ("list", Value::Array(entries)) => {
            let entries = entries.iter();
            entries
                .map(|entry| to_wire(model, &shape["member"]["shape"], entry))
                .collect()
        }
        ("map", Value::Object(entries)) => {
            let entries = entries.iter();
            let entries =
                entries.map(|(key, entry)| (key.clone(), to_wire(model, &shape["value"]["shape"], entry)));
            Value::Object(entries.collect::<Map<_, _>>())
        }
        ("blob", Value::String(text)) => base64::engine::general_purpose::STANDARD.encode(text).into(),
        ("timestamp", Value::Number(seconds)) => {
            let time = DateTime::from_secs_f64(seconds.as_f64().expect("a number"));
            let time = DateTime::from_millis(time.to_millis().expect("in range"));
            match shape["timestampFormat"].as_str() {
                Some("iso8601") => time.fmt(Format::DateTime).expect("in range").into(),
                Some("rfc822") => time.fmt(Format::HttpDate).expect("in range").into(),
                _ => value.clone(),
            }
        }
        _ => value.clone(),
    }
}

fn gunzip(body: &[u8]) -> Vec<u8> {
    let mut plain = Vec::new();
    flate2::read::GzDecoder::new(body)
        .read_to_end(&mut plain)
        .expect("the body is gzip");
    plain
}
