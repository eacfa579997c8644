//! Sending: attempts, each signed anew, until one succeeds or the policy ends them.

use std::borrow::Cow;
use std::error::Error;
use std::time::Duration;

use aws_credential_types::Credentials;
use aws_credential_types::provider::error::CredentialsError;
use bytes::Bytes;
use http::header::{CONTENT_ENCODING, CONTENT_TYPE, USER_AGENT};
use http::{HeaderName, HeaderValue, Method, Request, Uri};
use tokio::time::{Instant, sleep, timeout};
use tower::ServiceExt;
use tracing::{Instrument, Span};

use crate::body::Body;
use crate::call::CallOptions;
use crate::client::Inner;
use crate::encoding::{compress, decode};
use crate::endpoint::Endpoint;
use crate::error::{ErrorKind, Failure, RetryAdvice};
use crate::observe::{self, Attempt, Next};
use crate::output::Received;
use crate::response::{Arriving, Raw, read_error, receive};
use crate::retry::{Load, RetryBudget, RetryMode, RetryPolicy};
use crate::service::{Auth, ModeledRetry, OperationMetadata, QueryCompatibility};
use crate::sign::Scope;
use crate::transport::no_answer;
use crate::user_agent::Trace;

const TARGET: HeaderName = HeaderName::from_static("x-amz-target");
const QUERY_MODE: HeaderName = HeaderName::from_static("x-amzn-query-mode");
const TRACE: HeaderName = HeaderName::from_static("x-amzn-trace-id");

/// Room for what is set below, what signing adds, and what HTTP adds.
const USUAL_HEADERS: usize = 10;

/// An operation that has been checked and encoded.
pub(crate) struct Outgoing<'a> {
    pub(crate) operation: &'static OperationMetadata,
    pub(crate) endpoint: Cow<'a, Endpoint>,
    pub(crate) host_prefix: Option<String>,
    pub(crate) body: Bytes,
    pub(crate) options: CallOptions,
    /// Whether the output reads the body of a success itself.
    pub(crate) streams: bool,
    pub(crate) modeled_retry: fn(&str) -> Option<ModeledRetry>,
}

/// Sends an operation, as often as the policy allows, within the time for the whole call.
///
/// # Errors
///
/// Fails as the last attempt did.
pub(crate) async fn send(inner: &Inner, mut outgoing: Outgoing<'_>) -> Result<Received, Failure> {
    let operation = outgoing.operation.name;
    let limit = outgoing.options.timeouts.operation;
    let mut progress = Progress::until(limit);
    let span = observe::call(inner, operation, outgoing.options.region.as_deref());
    let sending = send_attempts(inner, &mut outgoing, &span, &mut progress);
    let result = within(limit, sending.instrument(span.clone())).await;
    let result = result.unwrap_or_else(|limit| Err(progress.out_of_time("the call", limit)));
    let attempts = progress.attempts;
    let result = result
        .map(|(raw, stream)| Received {
            raw,
            stream,
            attempts,
        })
        .map_err(|mut failure| {
            failure.operation = Some(operation);
            failure.attempts = attempts;
            failure
        });
    observe::ended(&span, &result);
    result
}

async fn send_attempts(
    inner: &Inner,
    outgoing: &mut Outgoing<'_>,
    span: &Span,
    progress: &mut Progress,
) -> Result<Answered, Failure> {
    let uri = outgoing.endpoint.uri(outgoing.host_prefix.as_deref())?;
    observe::destination(span, &uri);
    let (body, encoding) = compress(outgoing.operation, std::mem::take(&mut outgoing.body))?;
    let options = &outgoing.options;
    let policy = options.retry;
    let budget = inner.budgets.of(options.region.as_deref());
    let mut paid = 0;
    let mut refreshed = false;
    loop {
        let mut request = build_request(inner, outgoing.operation, &uri, &body, encoding.clone(), options);
        if policy.mode == RetryMode::Adaptive {
            sleep(budget.turn()).await;
        }
        let signer = sign(inner, outgoing, &mut request).await?;
        progress.attempts += 1;
        let attempts = progress.attempts;
        let observed = Attempt::begin(attempts);
        let attempt = attempt(inner, request, &uri, outgoing, &mut progress.arriving);
        let answer = within(options.timeouts.attempt, attempt).await;
        let answer = answer.unwrap_or_else(|limit| Err(progress.arriving.out_of_time("the attempt", limit)));
        let mut failure = match answer {
            Ok((raw, stream)) => {
                budget.give_back(paid.max(policy.success_refund));
                budget.note(policy.mode, Load::Served);
                observed.succeeded(&raw);
                return Ok((raw, stream));
            }
            Err(failure) => failure,
        };
        if let Some(classifier) = &options.classifier {
            classifier.apply(outgoing.operation.name, attempts, &mut failure);
        }
        budget.note(policy.mode, Load::of(failure.retry));
        let expired = signer.filter(|_| !refreshed && is_expired(&failure));
        refreshed |= expired.is_some();
        let next = inner.next(&policy, &budget, &failure, progress, expired).await;
        observed.failed(&failure, &next);
        match next {
            Next::GiveUp(_) => return Err(failure),
            Next::Corrected(_) => progress.failed = Some(failure),
            Next::Retry(pause) => {
                paid = policy.cost(failure.retry);
                progress.failed = Some(failure);
                sleep(pause).await;
            }
        }
    }
}

impl Inner {
    /// Decides what follows a failed attempt; a retry is paid for.
    async fn next(
        &self,
        policy: &RetryPolicy,
        budget: &RetryBudget,
        failure: &Failure,
        progress: &Progress,
        expired: Option<Credentials>,
    ) -> Next {
        if progress.attempts >= policy.max_attempts {
            return Next::GiveUp("there are no more attempts");
        }
        if let Some(expired) = expired
            && self.replace_credentials(&expired).await
        {
            return Next::Corrected("other credentials");
        }
        let now = (self.sources.clock)();
        if self.skew.learn(failure.code.as_deref(), &failure.headers, now) {
            return Next::Corrected("a corrected clock");
        }
        if failure.retry == RetryAdvice::Never {
            return Next::GiveUp("it would fail again");
        }
        let jitter = (self.sources.jitter)();
        let pause = policy.pause(progress.attempts, failure.retry, &failure.headers, jitter);
        if progress.ends_within(pause) {
            // What went wrong says more than that time ran out, and says it earlier.
            return Next::GiveUp("the time for the call would be over before the next attempt");
        }
        if !budget.take(policy.cost(failure.retry)) {
            return Next::GiveUp("the budget for retries is used up");
        }
        Next::Retry(pause)
    }
}

/// Tells whether the service refused credentials because their time is over.
fn is_expired(failure: &Failure) -> bool {
    let code = failure.code.as_deref();
    matches!(code, Some("ExpiredToken" | "ExpiredTokenException"))
}

/// How far a call has come: what is known of it where its time runs out.
struct Progress {
    attempts: u32,
    deadline: Option<Instant>,
    /// What the attempt that is under way has been answered so far.
    arriving: Arriving,
    /// How the attempt before it failed.
    failed: Option<Failure>,
}

impl Progress {
    fn until(limit: Option<Duration>) -> Self {
        Self {
            attempts: 0,
            deadline: limit.and_then(|limit| Instant::now().checked_add(limit)),
            arriving: Arriving::default(),
            failed: None,
        }
    }

    fn ends_within(&self, pause: Duration) -> bool {
        let deadline = self.deadline;
        deadline.is_some_and(|deadline| deadline.saturating_duration_since(Instant::now()) <= pause)
    }

    /// Says that time ran out, and keeps the last that the service answered.
    fn out_of_time(&mut self, what: &str, limit: Duration) -> Failure {
        let mut failure = self.arriving.out_of_time(what, limit);
        let Some(mut before) = self.failed.take() else {
            return failure;
        };
        let texts = [before.code.as_deref(), before.message.as_deref()];
        let text = texts.into_iter().flatten().collect::<Vec<_>>().join(": ");
        if let Some(message) = &mut failure.message {
            message.push_str(&format!("; the last attempt that ended failed with {text}"));
        }
        if failure.status.is_none() {
            failure.status = before.status;
            failure.headers = std::mem::take(&mut before.headers);
            failure.raw_body = std::mem::take(&mut before.raw_body);
        }
        failure
    }
}

/// Awaits `work`, for `limit` at most.
///
/// # Errors
///
/// Fails with the limit, where it is over.
async fn within<T>(limit: Option<Duration>, work: impl Future<Output = T>) -> Result<T, Duration> {
    match limit {
        None => Ok(work.await),
        Some(limit) => timeout(limit, work).await.map_err(|_| limit),
    }
}

fn build_request(
    inner: &Inner,
    operation: &OperationMetadata,
    uri: &Uri,
    body: &Bytes,
    encoding: Option<HeaderValue>,
    options: &CallOptions,
) -> Request<Body> {
    let mut request = Request::new(Body::from(body.clone()));
    *request.method_mut() = Method::POST;
    *request.uri_mut() = uri.clone();
    let headers = request.headers_mut();
    headers.clone_from(&options.headers);
    headers.reserve(USUAL_HEADERS);
    let content_type = inner.service.protocol.content_type();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    headers.insert(TARGET, HeaderValue::from_static(operation.target));
    if inner.service.query_compatibility == QueryCompatibility::AwsQuery {
        // It asks the service to send the codes of the query protocol along.
        headers.insert(QUERY_MODE, HeaderValue::from_static("true"));
    }
    headers.insert(USER_AGENT, inner.user_agent.clone());
    if let Some(id) = inner.trace.as_ref().and_then(Trace::id) {
        // What the caller says of the trace wins.
        headers.entry(TRACE).or_insert(id);
    }
    headers.extend(encoding.map(|encoding| (CONTENT_ENCODING, encoding)));
    request
}

/// Signs a request, unless the operation is an unsigned one, and returns what it was signed with.
async fn sign(
    inner: &Inner,
    outgoing: &Outgoing<'_>,
    request: &mut Request<Body>,
) -> Result<Option<Credentials>, Failure> {
    if outgoing.operation.auth == Auth::None {
        return Ok(None);
    }
    let Some(credentials) = &inner.credentials else {
        return Err(Failure::new(
            ErrorKind::Credentials,
            "no credentials: set them with `credentials(..)` or `credentials_provider(..)`",
        ));
    };
    let now = (inner.sources.clock)();
    let credentials = credentials
        .get(now, &*inner.sources.jitter)
        .await
        .map_err(no_credentials)?;
    let (signing, region) = (outgoing.endpoint.signing(), outgoing.options.region.as_deref());
    let scope = Scope {
        region: (signing.region.as_deref().or(region)).unwrap_or(&inner.endpoint_config.region),
        signing_name: signing.name.as_deref().unwrap_or(inner.service.signing_name),
        time: inner.skew.correct(now),
    };
    match inner.signer.sign(request, &credentials, scope) {
        Ok(()) => Ok(Some(credentials)),
        Err(error) => Err(Failure::new(
            ErrorKind::Credentials,
            format!("the request cannot be signed: {error}"),
        )
        .because(error)),
    }
}

/// Says why there are no credentials.
pub(crate) fn no_credentials(error: CredentialsError) -> Failure {
    let cause = error
        .source()
        .map_or_else(|| error.to_string(), ToString::to_string);
    Failure::new(ErrorKind::Credentials, format!("no credentials: {cause}")).because(error)
}

/// Sends a request once.
async fn attempt(
    inner: &Inner,
    request: Request<Body>,
    uri: &Uri,
    outgoing: &Outgoing<'_>,
    arriving: &mut Arriving,
) -> Result<Answered, Failure> {
    let streams = outgoing.streams;
    let response = inner
        .transport
        .clone()
        .oneshot(request)
        .await
        .map_err(|error| no_answer(error, uri))?;
    #[cfg(feature = "event-stream")]
    if streams && response.status().is_success() && crate::event_stream::is_event_stream(response.headers()) {
        let (parts, body) = response.into_parts();
        let raw = Raw {
            status: parts.status,
            headers: parts.headers,
            body: Bytes::new(),
        };
        return Ok((raw, Some(body)));
    }
    let limit = inner.max_response_bytes;
    let raw = decode(receive(response, limit, arriving).await?, limit)?;
    match raw.status.is_success() {
        true if streams => Err(no_stream(raw)),
        true => Ok((raw, None)),
        false => Err(read_error(
            raw,
            inner.service.query_compatibility,
            outgoing.modeled_retry,
        )),
    }
}

/// What an attempt was answered: a response, and its body where that has not arrived yet.
type Answered = (Raw, Option<Body>);

/// Says that the service answered with something that is no stream of events.
fn no_stream(raw: Raw) -> Failure {
    let mut failure = Failure::new(ErrorKind::Decode, "the response is no stream of events");
    failure.keep(raw);
    failure
}
