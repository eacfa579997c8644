//! Reading responses: success, and what an error response says.

use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http::{HeaderMap, Response, StatusCode};
use http_body::Body as _;
use http_body_util::BodyExt;

use crate::body::{Body, BoxError};
use crate::error::{ErrorKind, Failure, RetryAdvice};
use crate::error_body::ErrorBody;
use crate::service::{ModeledRetry, QueryCompatibility};
use crate::transport::causes;

/// How much of an unreadable body an error keeps.
const RAW_BODY_LIMIT: usize = 64 * 1024;
/// How much of the body of an error answer is received: it tells the code and the message, wherever in it they stand.
pub(crate) const ERROR_LIMIT: usize = 1024 * 1024;
/// How much of an unreadable body an error's message shows.
const EXCERPT_LIMIT: usize = 200;

/// A response whose body has arrived.
#[derive(Debug)]
pub(crate) struct Raw {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

/// An answer of which a part has arrived: for a failure to keep, where time runs out.
#[derive(Debug, Default)]
pub(crate) struct Arriving {
    head: Option<(StatusCode, HeaderMap)>,
    chunks: Vec<Bytes>,
}

impl Arriving {
    /// Says that time ran out, and keeps what has arrived by then.
    pub(crate) fn out_of_time(&mut self, what: &str, limit: Duration) -> Failure {
        let mut message = format!("{what} took longer than {limit:?}");
        if let Some((status, _)) = &self.head {
            let status = status.as_u16();
            message.push_str(&format!(", amid the response with status {status}"));
        }
        self.fail(Failure::new(ErrorKind::Timeout, message).advise(RetryAdvice::Timeout))
    }

    fn fail(&mut self, mut failure: Failure) -> Failure {
        if let Some((status, headers)) = self.head.take() {
            failure.status = Some(status);
            failure.headers = headers;
            failure.raw_body = start_of(&self.chunks);
        }
        self.chunks.clear();
        failure
    }
}

/// Receives the body of a response, up to `limit` bytes. Of an error's, which is no use beyond that, at most [`ERROR_LIMIT`] bytes are
/// received.
///
/// # Errors
///
/// Fails where the body ends early or is larger; what has arrived by then is kept.
pub(crate) async fn receive(
    response: Response<Body>,
    limit: usize,
    arriving: &mut Arriving,
) -> Result<Raw, Failure> {
    let (parts, mut body) = response.into_parts();
    let status = parts.status;
    arriving.head = Some((status, parts.headers));
    let most = match body.size_hint().lower() > limit as u64 {
        // It will be refused, so that only what the failure keeps is received.
        true => limit.min(RAW_BODY_LIMIT),
        false => body_limit(status, limit),
    };
    let mut length = 0_usize;
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|error| arriving.fail(incomplete(status, error)))?;
        let Ok(data) = frame.into_data() else { continue };
        length = length.saturating_add(data.len());
        arriving.chunks.push(data);
        if length > most {
            if status.is_success() {
                return Err(arriving.fail(too_large(status, limit)));
            }
            break;
        }
    }
    let body = join(std::mem::take(&mut arriving.chunks));
    let headers = arriving.head.take().map(|(_, headers)| headers);
    Ok(Raw {
        status,
        headers: headers.unwrap_or_default(),
        body,
    })
}

/// Returns how many bytes of a body are read, where the client accepts `limit` of a success.
pub(crate) fn body_limit(status: StatusCode, limit: usize) -> usize {
    match status.is_success() {
        true => limit,
        false => limit.min(ERROR_LIMIT),
    }
}

fn incomplete(status: StatusCode, error: BoxError) -> Failure {
    let causes = causes(error.as_ref());
    let message = format!("the response with status {} broke off: {causes}", status.as_u16());
    Failure::new(ErrorKind::Transport, message)
        .because(error)
        .advise(RetryAdvice::Transient)
}

fn too_large(status: StatusCode, limit: usize) -> Failure {
    let message = format!(
        "the response with status {} is larger than the {limit} bytes that the client accepts; `max_response_bytes` sets how many",
        status.as_u16()
    );
    Failure::new(ErrorKind::Transport, message)
}

/// Copies what errors keep of the pieces of a body.
fn start_of(chunks: &[Bytes]) -> Bytes {
    let mut start = BytesMut::new();
    for chunk in chunks {
        let room = RAW_BODY_LIMIT - start.len();
        start.extend_from_slice(chunk.get(..room).unwrap_or(chunk));
    }
    start.freeze()
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
    let body = ErrorBody::read(&raw.body);
    let shape = shape_name(&raw.headers, &body, modeled);
    let query_code = match compatibility {
        QueryCompatibility::AwsQuery => query_code(&raw.headers),
        QueryCompatibility::None => None,
    };
    let code = query_code.or_else(|| shape.clone());
    let message = body.message();
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
    if status.is_redirection() {
        let location = header(&raw.headers, "location").unwrap_or("nowhere");
        let location: String = location.chars().take(EXCERPT_LIMIT).collect();
        return format!(
            "{reason}, to {location:?}, which is not followed, for the request is signed for its endpoint only; set the region or the \
             endpoint that is meant"
        );
    }
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
    body: &ErrorBody,
    modeled: fn(&str) -> Option<ModeledRetry>,
) -> Option<String> {
    let sources = [
        header(headers, "x-amzn-errortype"),
        body.code.as_deref(),
        body.type_name.as_deref(),
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
    use serde_json::{Value, json};

    fn shape(errortype: Option<&str>, body: Value) -> Option<String> {
        let name = http::HeaderName::from_static("x-amzn-errortype");
        let header = errortype.map(|value| (name, value.parse().expect("a value")));
        let body = ErrorBody::read(body.to_string().as_bytes());
        shape_name(&HeaderMap::from_iter(header), &body, |_| None)
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
        let body = ErrorBody::read(body.to_string().as_bytes());
        let found = shape_name(&HeaderMap::new(), &body, knows);
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
