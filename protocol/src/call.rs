//! A call of an operation: its options, what is checked before it is sent, and what its failure becomes.

use std::borrow::Cow;
use std::fmt;
use std::future::{Future, IntoFuture};
use std::pin::Pin;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue};
use serde::Serialize;

use crate::client::{Client, Inner};
use crate::config::Timeouts;
use crate::endpoint::{Endpoint, HostPrefix, fill_prefix};
use crate::endpoint_rules::OperationValue;
use crate::error::{Error, ErrorKind, Failure, RetryAdvice};
use crate::output::{OperationOutput, Response, read_output};
use crate::pages::{Items, Pages, Paginated, PaginatedItems};
use crate::retry::{Classifier, FailedAttempt, RetryPolicy};
use crate::send::{Outgoing, send};
use crate::service::{Exception, ModeledRetry, Operation, OperationMetadata, Service};
use crate::shown;
use crate::wire;

/// A call that has not been sent yet, with options of its own.
#[must_use = "a call does nothing until it is sent or awaited"]
pub struct Call<O: Operation> {
    client: Client<O::Service>,
    operation: O,
    options: CallOptions,
}

impl<O: Operation + fmt::Debug> fmt::Debug for Call<O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Call")
            .field("operation", &self.operation)
            .field("options", &self.options)
            .finish_non_exhaustive()
    }
}

/// The options of one call.
#[derive(Clone)]
pub(crate) struct CallOptions {
    pub(crate) timeouts: Timeouts,
    pub(crate) retry: RetryPolicy,
    pub(crate) classifier: Option<Classifier>,
    pub(crate) headers: HeaderMap,
    /// Another region than the client's.
    pub(crate) region: Option<String>,
}

impl fmt::Debug for CallOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CallOptions")
            .field("timeouts", &self.timeouts)
            .field("retry", &self.retry)
            .field("classifier", &self.classifier)
            .field("headers", &shown::names(&self.headers))
            .field("region", &self.region)
            .finish()
    }
}

impl CallOptions {
    /// Returns the client's own options.
    pub(crate) fn of(inner: &Inner) -> Self {
        Self {
            timeouts: inner.timeouts,
            retry: inner.retry,
            classifier: inner.classifier.clone(),
            headers: HeaderMap::new(),
            region: None,
        }
    }
}

impl<O: Operation> Call<O> {
    /// Prepares a call with the client's own options.
    pub(crate) fn of(client: &Client<O::Service>, operation: O) -> Self {
        Self::new(client, operation, CallOptions::of(client.inner()))
    }

    pub(crate) fn new(client: &Client<O::Service>, operation: O, options: CallOptions) -> Self {
        Self {
            client: client.clone(),
            operation,
            options,
        }
    }

    /// Sets how long one attempt may take; `None` is for ever.
    pub fn attempt_timeout(mut self, timeout: impl Into<Option<Duration>>) -> Self {
        self.options.timeouts.attempt = timeout.into();
        self
    }

    /// Sets how long the whole call may take; `None` is for ever.
    pub fn operation_timeout(mut self, timeout: impl Into<Option<Duration>>) -> Self {
        self.options.timeouts.operation = timeout.into();
        self
    }

    /// Sets when the request is sent again. The budget for retries is still that of the client.
    pub fn retry(mut self, policy: RetryPolicy) -> Self {
        self.options.retry = policy;
        self
    }

    /// Adds what decides whether a failed attempt is worth another: see [`ClientBuilder::classify_failures`](crate::ClientBuilder::classify_failures). What it leaves alone
    /// is for those that were added before, and the client's own.
    pub fn classify_failures(
        mut self,
        classify: impl Fn(&FailedAttempt<'_>) -> Option<RetryAdvice> + Send + Sync + 'static,
    ) -> Self {
        let others = self.options.classifier.take();
        self.options.classifier = Some(Classifier::new(classify).or(others));
        self
    }

    /// Sends the call to another region, and signs it for that one. An endpoint URL that is set stays; retries are paid from that
    /// region's own budget.
    pub fn region(mut self, region: impl Into<String>) -> Self {
        self.options.region = Some(region.into());
        self
    }

    /// Adds a header. It is signed; one that the protocol sets itself is overridden by the protocol. Those that say where a request
    /// goes and where it ends, such as `Host` and `Content-Length`, are refused when the call is sent.
    ///
    /// A value that is marked as [sensitive](HeaderValue::set_sensitive) is never shown to a `tracing` subscriber.
    pub fn header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.options.headers.append(name, value);
        self
    }

    /// Fetches every page, each with the options of this call: see [`Client::pages`].
    pub fn pages(self) -> Pages<O>
    where
        O: Paginated,
    {
        Pages::new(self.client, self.options, self.operation)
    }

    /// Returns every item, each page fetched with the options of this call: see [`Client::items`].
    pub fn items(self) -> Items<O>
    where
        O: PaginatedItems,
    {
        Items::new(self.pages())
    }

    /// Sends the call.
    ///
    /// # Errors
    ///
    /// Fails with the service's exception, or for any reason that [`ErrorKind`] lists.
    pub async fn send(self) -> Result<O::Output, Failed<O>> {
        self.send_with_metadata().await.map(Response::into_output)
    }

    /// Sends the call, and returns what came beside the output.
    ///
    /// # Errors
    ///
    /// Fails with the service's exception, or for any reason that [`ErrorKind`] lists.
    pub async fn send_with_metadata(self) -> Result<Response<O::Output>, Failed<O>> {
        let inner = self.client.inner();
        let outgoing = prepare(inner, self.operation, self.options).map_err(typed::<O>)?;
        let received = send(inner, outgoing).await.map_err(typed::<O>)?;
        read_output::<O>(inner, received).map_err(typed::<O>)
    }
}

impl<O: Operation> IntoFuture for Call<O> {
    type Output = Result<O::Output, Failed<O>>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.send())
    }
}

/// Why a call of `O` failed.
pub(crate) type Failed<O> = Error<<<O as Operation>::Service as Service>::Exception>;

/// Checks and encodes an operation; this and reading the output is all that is compiled for each.
fn prepare<O: Operation>(
    inner: &Inner,
    mut operation: O,
    options: CallOptions,
) -> Result<Outgoing<'_>, Failure> {
    let metadata = O::METADATA;
    let named = |mut failure: Failure| {
        failure.operation = Some(metadata.name);
        failure
    };
    let invalid = |message: String| named(Failure::new(ErrorKind::InvalidInput, message));
    check_headers(&options.headers).map_err(invalid)?;
    operation.fill_idempotency_tokens(&mut || (inner.sources.token)());
    for constraint in O::CONSTRAINTS {
        constraint.check(&operation).map_err(invalid)?;
    }
    let mut parameters = Vec::new();
    operation.endpoint_parameters(&mut parameters);
    let label = |member: &str| operation.host_label(member);
    let region = options.region.as_deref();
    let (host_prefix, endpoint) = address(inner, metadata, region, &label, parameters)?;
    let body = encode(inner, metadata.name, &operation).map_err(|error| invalid(error.to_string()))?;
    #[cfg(feature = "validation")]
    if let Some(rules) = &inner.rules {
        rules.check(metadata.name, &body).map_err(invalid)?;
    }
    Ok(Outgoing {
        operation: metadata,
        endpoint,
        host_prefix,
        body,
        options,
        streams: O::Output::STREAMS,
        modeled_retry: modeled_retry::<<O::Service as Service>::Exception>,
    })
}

/// Checks that the headers of a call leave alone where the request goes, and where it ends.
///
/// # Errors
///
/// Fails with the name of one that does not.
fn check_headers(headers: &HeaderMap) -> Result<(), String> {
    use http::header;
    let own = [
        header::HOST,
        header::CONTENT_LENGTH,
        header::TRANSFER_ENCODING,
        header::CONNECTION,
        header::TE,
        header::TRAILER,
        header::UPGRADE,
        header::EXPECT,
    ];
    match own.iter().find(|name| headers.contains_key(*name)) {
        None => Ok(()),
        Some(name) => Err(format!(
            "the header `{name}` is the connection's own: leave it out"
        )),
    }
}

/// Finds where an operation goes: the host prefix, and the endpoint, which is the client's unless the operation decides.
///
/// # Errors
///
/// Fails where a label of the host prefix is no host label, and where the endpoint rules refuse the parameters.
pub(crate) fn address<'a, 'i>(
    inner: &'i Inner,
    operation: &'static OperationMetadata,
    region: Option<&str>,
    label: &dyn Fn(&str) -> Option<&'a str>,
    parameters: Vec<(&str, OperationValue<'_>)>,
) -> Result<(Option<String>, Cow<'i, Endpoint>), Failure> {
    let named = |mut failure: Failure| {
        failure.operation = Some(operation.name);
        failure
    };
    let host_prefix = match (operation.host_prefix, inner.host_prefix) {
        (Some(prefix), HostPrefix::Apply) => Some(fill_prefix(prefix, label).map_err(named)?),
        _ => None,
    };
    let endpoint = match (&inner.endpoint, region) {
        (Some(endpoint), None) if parameters.is_empty() => Cow::Borrowed(endpoint),
        _ => {
            let config = inner.endpoint_config.in_region(region);
            Cow::Owned(config.endpoint(inner.service, parameters).map_err(named)?)
        }
    };
    Ok((host_prefix, endpoint))
}

fn encode<T: Serialize>(inner: &Inner, name: &str, operation: &T) -> Result<Bytes, serde_json::Error> {
    let body = wire::to_vec_with_capacity(inner.size_hints.capacity(name), operation)?;
    inner.size_hints.note(name, body.len());
    Ok(Bytes::from(body))
}

/// Returns what the model says of a code; `None` where it does not know it.
pub(crate) fn modeled_retry<E: Exception>(code: &str) -> Option<ModeledRetry> {
    E::entry(code).map(|entry| entry.retry)
}

/// Adds the typed exception to a failure that carries one.
pub(crate) fn typed<O: Operation>(mut failure: Failure) -> Failed<O> {
    let entry = match failure.kind {
        ErrorKind::Service => {
            let mut codes = failure.code.iter().chain(&failure.shape);
            codes.find_map(|code| <O::Service as Service>::Exception::entry(code))
        }
        _ => None,
    };
    let Some(entry) = entry else {
        return Error::from_failure(failure, None);
    };
    match (entry.decode)(&failure.raw_body) {
        Ok(exception) => {
            failure.kind = ErrorKind::Exception;
            Error::from_failure(failure, Some(exception))
        }
        // What the service said is still there: code, message and body.
        Err(error) => Error::from_failure(failure.because(error), None),
    }
}
