//! Reading responses: success, and what an error response says.

use bytes::{Bytes, BytesMut};
use http::{HeaderMap, Response, StatusCode};
use http_body_util::BodyExt;
use serde_json::Value;

use crate::body::{Body, BoxError};
use crate::error::{ErrorKind, Failure, RetryAdvice};
use crate::service::{ModeledRetry, QueryCompatibility};

/// How much of an unreadable body an error keeps.
const RAW_BODY_LIMIT: usize = 64 * 1024;
/// How much of an unreadable body an error's message shows.
const EXCERPT_LIMIT: usize = 200;

/// A response whose body has arrived.
#[derive(Debug)]
pub(crate) struct Raw {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

/// Receives the body of a response, up to `limit` bytes.
///
/// # Errors
///
/// Fails where the body ends early or is larger; what has arrived by then is kept.
pub(crate) async fn receive(response: Response<Body>, limit: usize) -> Result<Raw, Failure> {
    let (parts, mut body) = response.into_parts();
    let status = parts.status;
    let mut chunks = Vec::new();
    let mut length = 0_usize;
    let broken = loop {
        match body.frame().await {
            None => break None,
            Some(Err(error)) => break Some(incomplete(status, error)),
            Some(Ok(frame)) => {
                let Ok(data) = frame.into_data() else { continue };
                length = length.saturating_add(data.len());
                if length > limit {
                    break Some(too_large(status, limit));
                }
                chunks.push(data);
            }
        }
    };
    let body = join(chunks);
    match broken {
        None => Ok(Raw {
            status,
            headers: parts.headers,
            body,
        }),
        Some(mut failure) => {
            failure.status = Some(status);
            failure.headers = parts.headers;
            failure.raw_body = truncate(&body);
            Err(failure)
        }
    }
}

fn incomplete(status: StatusCode, error: BoxError) -> Failure {
    let message = format!("the response with status {} broke off", status.as_u16());
    Failure::new(ErrorKind::Transport, message)
        .because(error)
        .advise(RetryAdvice::Transient)
}

fn too_large(status: StatusCode, limit: usize) -> Failure {
    let message = format!(
        "the response with status {} is larger than the {limit} bytes that the client accepts",
        status.as_u16()
    );
    Failure::new(ErrorKind::Transport, message)
}

/// Joins what arrived; the usual single piece is not copied.
fn join(mut chunks: Vec<Bytes>) -> Bytes {
    if let [_] = chunks.as_slice() {
        return chunks.pop().unwrap_or_default();
    }
    let mut joined = BytesMut::with_capacity(chunks.iter().map(Bytes::len).sum());
    for chunk in &chunks {
        joined.extend_from_slice(chunk);
    }
    joined.freeze()
}

/// Returns as much of a body as errors keep.
pub(crate) fn truncate(body: &Bytes) -> Bytes {
    // A slice would keep the whole body alive.
    match body.get(..RAW_BODY_LIMIT) {
        Some(start) => Bytes::copy_from_slice(start),
        None => body.clone(),
    }
}

/// Reads an error response: the code, the message, and whether to retry.
///
/// `modeled` tells what the service's model says of a code.
pub(crate) fn read_error(
    raw: Raw,
    compatibility: QueryCompatibility,
    modeled: fn(&str) -> Option<ModeledRetry>,
) -> Failure {
    let body: Option<Value> = serde_json::from_slice(&raw.body).ok();
    let body = body.as_ref();
    let shape = shape_name(&raw.headers, body, modeled);
    let query_code = match compatibility {
        QueryCompatibility::AwsQuery => query_code(&raw.headers),
        QueryCompatibility::None => None,
    };
    let code = query_code.or_else(|| shape.clone());
    let message = error_message(body);
    let retry = advise(code.iter().chain(&shape), raw.status, modeled);
    let fallback = || match code {
        Some(_) => None,
        None => Some(describe(&raw)),
    };
    let mut failure = Failure::new(ErrorKind::Service, "").advise(retry);
    failure.message = message.or_else(fallback);
    failure.code = code;
    failure.shape = shape;
    failure.keep(raw);
    failure
}

/// Says what came instead of an awsJson error.
fn describe(raw: &Raw) -> String {
    let status = raw.status;
    let reason = status.canonical_reason().unwrap_or("an unknown status");
    if raw.body.is_empty() {
        return format!("{reason}, with an empty body");
    }
    let text = String::from_utf8_lossy(raw.body.get(..EXCERPT_LIMIT * 4).unwrap_or(&raw.body)).into_owned();
    let excerpt: String = text.chars().take(EXCERPT_LIMIT).collect();
    format!(
        "{reason}, with a body that is no awsJson error: {}",
        excerpt.escape_debug()
    )
}

/// Finds the name of the exception's shape: header before body, `code` before `__type`.
///
/// The order, and the parts that are cut off, follow the awsJson 1.1 specification of Smithy. A name that the model knows
/// comes before one that it does not know: some exceptions have a member `code` of their own.
fn shape_name(
    headers: &HeaderMap,
    body: Option<&Value>,
    modeled: fn(&str) -> Option<ModeledRetry>,
) -> Option<String> {
    let member = |name: &str| body.and_then(|body| body.get(name)).and_then(Value::as_str);
    let sources = [
        header(headers, "x-amzn-errortype"),
        member("code"),
        member("__type"),
    ];
    let names = sources.into_iter().flatten().map(bare_code);
    let mut names = names.filter(|name| !name.is_empty());
    let known = names.clone().find(|name| modeled(name).is_some());
    known.or_else(|| names.next()).map(str::to_owned)
}

/// Finds the code that a service keeps from the query protocol, such as `AWS.SimpleQueueService.NonExistentQueue;Sender`.
fn query_code(headers: &HeaderMap) -> Option<String> {
    let code = header(headers, "x-amzn-query-error")?.split(';').next()?.trim();
    (!code.is_empty()).then(|| code.to_owned())
}

fn header<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

/// Cuts off the URI behind the code, then the namespace before it.
fn bare_code(code: &str) -> &str {
    let code = code.split(':').next().unwrap_or(code);
    code.rsplit('#').next().unwrap_or(code).trim()
}

pub(crate) fn error_message(body: Option<&Value>) -> Option<String> {
    let spellings = ["message", "Message", "errorMessage"].into_iter();
    let mut messages = spellings.filter_map(|spelling| body?.get(spelling)?.as_str());
    messages.next().map(str::to_owned)
}

/// Codes by which services say that they are called too often.
const THROTTLING_CODES: [&str; 14] = [
    "BandwidthLimitExceeded",
    "EC2ThrottledException",
    "LimitExceededException",
    "PriorRequestNotComplete",
    "ProvisionedThroughputExceededException",
    "RequestLimitExceeded",
    "RequestThrottled",
    "RequestThrottledException",
    "SlowDown",
    "ThrottledException",
    "Throttling",
    "ThrottlingException",
    "TooManyRequestsException",
    "TransactionInProgressException",
];

/// Codes of failures that pass.
const TRANSIENT_CODES: [&str; 4] = [
    "InternalFailure",
    "RequestTimeout",
    "RequestTimeoutException",
    "ServiceUnavailable",
];

/// Decides by the codes of an error, of which a query-compatible service sends two, then by the status.
pub(crate) fn advise<'a>(
    codes: impl IntoIterator<Item = &'a String>,
    status: StatusCode,
    modeled: fn(&str) -> Option<ModeledRetry>,
) -> RetryAdvice {
    for code in codes {
        if THROTTLING_CODES.contains(&code.as_str()) {
            return RetryAdvice::Throttling;
        }
        match modeled(code) {
            Some(ModeledRetry::Throttling) => return RetryAdvice::Throttling,
            Some(ModeledRetry::Transient) => return RetryAdvice::Transient,
            Some(ModeledRetry::Unspecified) | None => {}
        }
        if TRANSIENT_CODES.contains(&code.as_str()) {
            return RetryAdvice::Transient;
        }
    }
    match status.as_u16() {
        429 => RetryAdvice::Throttling,
        500 | 502 | 503 | 504 => RetryAdvice::Transient,
        _ => RetryAdvice::Never,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn shape(errortype: Option<&str>, body: Value) -> Option<String> {
        let name = http::HeaderName::from_static("x-amzn-errortype");
        let header = errortype.map(|value| (name, value.parse().expect("a value")));
        shape_name(&HeaderMap::from_iter(header), Some(&body), |_| None)
    }

    #[test]
    fn the_header_wins_over_the_body() {
        let body = json!({"__type": "B", "code": "C"});
        assert_eq!(shape(Some("A"), body).as_deref(), Some("A"));
    }

    #[test]
    fn code_wins_over_type_only_if_it_is_a_string() {
        assert_eq!(
            shape(None, json!({"__type": "B", "code": "C"})).as_deref(),
            Some("C")
        );
        assert_eq!(
            shape(None, json!({"__type": "B", "code": 7})).as_deref(),
            Some("B")
        );
    }

    #[test]
    fn a_name_that_the_model_knows_wins() {
        let body = json!({"__type": "com.example#NotFound", "code": "resource-17"});
        let knows: fn(&str) -> Option<ModeledRetry> =
            |code| (code == "NotFound").then_some(ModeledRetry::Unspecified);
        let found = shape_name(&HeaderMap::new(), Some(&body), knows);
        assert_eq!(found.as_deref(), Some("NotFound"));
    }

    #[test]
    fn the_uri_is_cut_before_the_namespace() {
        let body = json!({"__type": "com.example#Foo:http://example.com/#fragment"});
        assert_eq!(shape(None, body).as_deref(), Some("Foo"));
    }

    #[test]
    fn a_nested_type_is_no_code() {
        assert_eq!(shape(None, json!({"detail": {"__type": "Foo"}})), None);
    }

    #[test]
    fn the_query_code_wins_where_the_service_is_compatible() {
        let raw = || Raw {
            status: StatusCode::BAD_REQUEST,
            headers: HeaderMap::from_iter([(
                http::HeaderName::from_static("x-amzn-query-error"),
                http::HeaderValue::from_static("AWS.Old;Sender"),
            )]),
            body: Bytes::from_static(b"{\"__type\": \"com.example#New\"}"),
        };
        let read = |compatibility| read_error(raw(), compatibility, |_| None);
        let compatible = read(QueryCompatibility::AwsQuery);
        assert_eq!(
            (compatible.code.as_deref(), compatible.shape.as_deref()),
            (Some("AWS.Old"), Some("New"))
        );
        assert_eq!(read(QueryCompatibility::None).code.as_deref(), Some("New"));
    }

    #[test]
    fn the_message_has_three_spellings() {
        assert_eq!(
            error_message(Some(&json!({"message": "a", "Message": "b"}))).as_deref(),
            Some("a")
        );
        assert_eq!(
            error_message(Some(&json!({"Message": "b"}))).as_deref(),
            Some("b")
        );
        assert_eq!(
            error_message(Some(&json!({"errorMessage": "c"}))).as_deref(),
            Some("c")
        );
        assert_eq!(
            error_message(Some(&json!({"message": null, "Message": "b"}))).as_deref(),
            Some("b")
        );
        assert_eq!(error_message(Some(&json!([]))), None);
    }

    #[test]
    fn retries_follow_the_code_then_the_model_then_the_status() {
        let unspecified: fn(&str) -> Option<ModeledRetry> = |_| None;
        let bad_request = StatusCode::BAD_REQUEST;
        let advice = |code: Option<&str>, status, modeled| advise(&code.map(str::to_owned), status, modeled);
        assert_eq!(
            advice(Some("SlowDown"), bad_request, unspecified),
            RetryAdvice::Throttling
        );
        assert_eq!(advice(Some("Foo"), bad_request, unspecified), RetryAdvice::Never);
        assert_eq!(
            advice(Some("Foo"), bad_request, |_| Some(ModeledRetry::Transient)),
            RetryAdvice::Transient
        );
        assert_eq!(
            advice(None, StatusCode::BAD_GATEWAY, unspecified),
            RetryAdvice::Transient
        );
        assert_eq!(
            advice(None, StatusCode::NOT_IMPLEMENTED, unspecified),
            RetryAdvice::Never
        );
    }
}
