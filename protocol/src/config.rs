//! What a client is made of, and the builder that collects it.

use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use aws_credential_types::Credentials;
use aws_credential_types::provider::{ProvideCredentials, SharedCredentialsProvider};
use bytes::Bytes;
use http::{Request, Response};
use tower::Service as TowerService;

use crate::body::{Body, BoxError};
use crate::client::{Client, Inner};
use crate::credentials::{CachedCredentials, EnvironmentCredentials};
use crate::endpoint::{EndpointConfig, HostPrefix, Plaintext};
use crate::endpoint_rules::RuleSet;
use crate::environment::Environment;
use crate::error::{Error, ErrorKind, Failure, RetryAdvice};
use crate::retry::{Budgets, Classifier, FailedAttempt, RetryBudget, RetryPolicy};
use crate::service::{Service, ServiceMetadata};
use crate::skew::ClockSkew;
use crate::transport::{Proxy, Transport, TransportBuilder, erase};
use crate::user_agent::{Trace, user_agent};
#[cfg(feature = "validation")]
use crate::validation::Rules;
use crate::wire::Strictness;

/// How long the parts of a call may take; `None` is for ever.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Timeouts {
    /// Connecting, TLS included. It applies to the default transport. Default: 3.1 s.
    pub connect: Option<Duration>,
    /// One attempt, from sending the request to the last byte of the answer. Default: 75 s, which leaves room for
    /// the operations that wait up to a minute for something to happen.
    pub attempt: Option<Duration>,
    /// The whole call with every attempt and the pauses between them. Default: none.
    pub operation: Option<Duration>,
    /// A pause in a stream of events. Attempt and call end with the stream's first byte. Default: 75 s; services whose streams
    /// may be silent send something every few seconds.
    pub stream_idle: Option<Duration>,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self {
            connect: Some(Duration::from_millis(3100)),
            attempt: Some(Duration::from_secs(75)),
            operation: None,
            stream_idle: Some(Duration::from_secs(75)),
        }
    }
}

impl Timeouts {
    /// Sets how long a stream of events may be silent.
    #[must_use]
    pub fn stream_idle(mut self, timeout: impl Into<Option<Duration>>) -> Self {
        self.stream_idle = timeout.into();
        self
    }

    /// Sets how long connecting may take.
    #[must_use]
    pub fn connect(mut self, timeout: impl Into<Option<Duration>>) -> Self {
        self.connect = timeout.into();
        self
    }

    /// Sets how long one attempt may take.
    #[must_use]
    pub fn attempt(mut self, timeout: impl Into<Option<Duration>>) -> Self {
        self.attempt = timeout.into();
        self
    }

    /// Sets how long the whole call may take.
    #[must_use]
    pub fn operation(mut self, timeout: impl Into<Option<Duration>>) -> Self {
        self.operation = timeout.into();
        self
    }
}

/// Time and chance, which tests replace.
#[derive(Clone)]
pub(crate) struct Sources {
    pub(crate) clock: Arc<dyn Fn() -> SystemTime + Send + Sync>,
    /// At least 0 and below 1.
    pub(crate) jitter: Arc<dyn Fn() -> f64 + Send + Sync>,
    pub(crate) token: Arc<dyn Fn() -> String + Send + Sync>,
}

impl Default for Sources {
    fn default() -> Self {
        Self {
            clock: Arc::new(SystemTime::now),
            jitter: Arc::new(fastrand::f64),
            token: Arc::new(|| uuid::Uuid::new_v4().to_string()),
        }
    }
}

/// Collects what a client is made of.
///
/// Region and credentials must be set, or [loaded](Self::load_environment) from the environment; everything else
/// has a default.
pub struct ClientBuilder<S> {
    region: Option<String>,
    endpoint_url: Option<String>,
    use_fips: bool,
    use_dual_stack: bool,
    account_id: Option<String>,
    app_id: Option<String>,
    trace: Option<Trace>,
    credentials: Option<SharedCredentialsProvider>,
    plaintext: Plaintext,
    host_prefix: HostPrefix,
    timeouts: Timeouts,
    retry: RetryPolicy,
    budget: Option<RetryBudget>,
    classifier: Option<Classifier>,
    strictness: Strictness,
    #[cfg(feature = "validation")]
    validates: bool,
    max_response_bytes: usize,
    transport: Option<Transport>,
    /// What the default transport is configured by.
    environment: Option<Environment>,
    sources: Sources,
    metadata: &'static ServiceMetadata,
    service: PhantomData<fn() -> S>,
}

impl<S> fmt::Debug for ClientBuilder<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientBuilder")
            .field("region", &self.region)
            .field("endpoint_url", &self.endpoint_url)
            .field("timeouts", &self.timeouts)
            .field("retry", &self.retry)
            .finish_non_exhaustive()
    }
}

impl<S: Service> ClientBuilder<S> {
    pub(crate) fn new() -> Self {
        Self::with_service(S::METADATA)
    }

    pub(crate) fn with_service(metadata: &'static ServiceMetadata) -> Self {
        Self {
            region: None,
            endpoint_url: None,
            use_fips: false,
            use_dual_stack: false,
            account_id: None,
            app_id: None,
            trace: None,
            credentials: None,
            plaintext: Plaintext::default(),
            host_prefix: HostPrefix::default(),
            timeouts: Timeouts::default(),
            retry: RetryPolicy::default(),
            budget: None,
            classifier: None,
            strictness: Strictness::default(),
            #[cfg(feature = "validation")]
            validates: false,
            max_response_bytes: 256 * 1024 * 1024,
            transport: None,
            environment: None,
            sources: Sources::default(),
            metadata,
            service: PhantomData,
        }
    }

    /// Sets the region, such as `eu-central-1`.
    #[must_use]
    pub fn region(mut self, region: impl Into<String>) -> Self {
        self.region = Some(region.into());
        self
    }

    /// Sends every request to this URL, instead of to the service's endpoint in the region. A path is kept.
    #[must_use]
    pub fn endpoint_url(mut self, url: impl Into<String>) -> Self {
        self.endpoint_url = Some(url.into());
        self
    }

    /// Asks for endpoints whose cryptography is validated by FIPS 140.
    #[must_use]
    pub fn use_fips(mut self) -> Self {
        self.use_fips = true;
        self
    }

    /// Asks for endpoints that are reached over IPv4 and IPv6.
    #[must_use]
    pub fn use_dual_stack(mut self) -> Self {
        self.use_dual_stack = true;
        self
    }

    /// Names the account that the client works for; the endpoints of a few services follow from it.
    #[must_use]
    pub fn account_id(mut self, account_id: impl Into<String>) -> Self {
        self.account_id = Some(account_id.into());
        self
    }

    /// Names the application in the user agent: up to 50 letters, digits and some symbols; others become `_`.
    #[must_use]
    pub fn app_id(mut self, app_id: impl Into<String>) -> Self {
        self.app_id = Some(app_id.into());
        self
    }

    /// Signs with these credentials.
    #[must_use]
    pub fn credentials(self, credentials: Credentials) -> Self {
        self.credentials_provider(credentials)
    }

    /// Signs with what this provider returns. Its answer is kept until five to seven minutes before it expires; clients spread over that
    /// time. Where the provider fails then, the answer is used to its end.
    #[must_use]
    pub fn credentials_provider(mut self, provider: impl ProvideCredentials + 'static) -> Self {
        self.credentials = Some(SharedCredentialsProvider::new(provider));
        self
    }

    /// Sets whether plaintext endpoints are accepted beyond this machine. Default: they are not.
    #[must_use]
    pub fn plaintext(mut self, plaintext: Plaintext) -> Self {
        self.plaintext = plaintext;
        self
    }

    /// Sets whether operations with a host prefix get it. Default: they do.
    #[must_use]
    pub fn host_prefix(mut self, host_prefix: HostPrefix) -> Self {
        self.host_prefix = host_prefix;
        self
    }

    /// Sets how long calls may take.
    #[must_use]
    pub fn timeouts(mut self, timeouts: Timeouts) -> Self {
        self.timeouts = timeouts;
        self
    }

    /// Sets when requests are sent again.
    #[must_use]
    pub fn retry(mut self, policy: RetryPolicy) -> Self {
        self.retry = policy;
        self
    }

    /// Pays for retries from a budget that other clients share. Default: one of the client's own, for itself and its clones.
    #[must_use]
    pub fn retry_budget(mut self, budget: RetryBudget) -> Self {
        self.budget = Some(budget);
        self
    }

    /// Sets what decides whether a failed attempt is worth another, where it knows better than the protocol: `None` leaves
    /// the decision alone.
    ///
    /// ```
    /// # use awsjson_protocol::{ClientBuilder, RetryAdvice, Untyped};
    /// # fn configure(builder: ClientBuilder<Untyped>) -> ClientBuilder<Untyped> {
    /// // The quota is used up: another attempt would only cost time.
    /// builder.classify_failures(|failed| {
    ///     (failed.code() == Some("LimitExceededException")).then_some(RetryAdvice::Never)
    /// })
    /// # }
    /// ```
    #[must_use]
    pub fn classify_failures(
        mut self,
        classify: impl Fn(&FailedAttempt<'_>) -> Option<RetryAdvice> + Send + Sync + 'static,
    ) -> Self {
        self.classifier = Some(Classifier::new(classify));
        self
    }

    /// Sets how strictly responses are read.
    #[must_use]
    pub fn strictness(mut self, strictness: Strictness) -> Self {
        self.strictness = strictness;
        self
    }

    /// Checks lengths, ranges, patterns and the values of enums in inputs against the model, before anything is sent; the error
    /// names every place that breaks a rule. Default: the service checks them.
    ///
    /// A model may lag behind its service: a value that is new there is refused here.
    #[cfg(feature = "validation")]
    #[must_use]
    pub fn validate_inputs(mut self) -> Self {
        self.validates = true;
        self
    }

    /// Sets how many bytes of a response are accepted. Default: 256 MiB.
    #[must_use]
    pub fn max_response_bytes(mut self, limit: usize) -> Self {
        self.max_response_bytes = limit;
        self
    }

    /// Sends requests through this service instead of over the network: middleware around the default
    /// [transport](TransportBuilder), or a stand-in for tests.
    #[must_use]
    pub fn transport<T, B>(mut self, transport: T) -> Self
    where
        T: TowerService<Request<Body>, Response = Response<B>> + Clone + Send + Sync + 'static,
        T::Error: Into<BoxError>,
        T::Future: Send + 'static,
        B: http_body::Body<Data = Bytes> + Send + 'static,
        B::Error: Into<BoxError>,
    {
        self.transport = Some(erase(transport));
        self
    }

    /// Sets where the client reads the time that requests are signed with. Default: the system's clock.
    #[must_use]
    pub fn clock(mut self, clock: impl Fn() -> SystemTime + Send + Sync + 'static) -> Self {
        self.sources.clock = Arc::new(clock);
        self
    }

    /// Sets the source of chance for pauses between attempts: at least 0 and below 1.
    #[must_use]
    pub fn jitter(mut self, jitter: impl Fn() -> f64 + Send + Sync + 'static) -> Self {
        self.sources.jitter = Arc::new(jitter);
        self
    }

    /// Sets the source of idempotency tokens. Default: random UUIDs.
    #[must_use]
    pub fn idempotency_tokens(mut self, token: impl Fn() -> String + Send + Sync + 'static) -> Self {
        self.sources.token = Arc::new(token);
        self
    }

    /// Fills what is not set yet from environment variables:
    ///
    /// * the region from `AWS_REGION`, else `AWS_DEFAULT_REGION`;
    /// * the endpoint from `AWS_ENDPOINT_URL_` with the service's suffix, else `AWS_ENDPOINT_URL`, unless
    ///   `AWS_IGNORE_CONFIGURED_ENDPOINT_URLS` is `true`;
    /// * the kind of endpoint from `AWS_USE_FIPS_ENDPOINT` and `AWS_USE_DUALSTACK_ENDPOINT`, which are `true` or not;
    /// * the account from `AWS_ACCOUNT_ID`;
    /// * the name of the application from `AWS_SDK_UA_APP_ID`;
    /// * in a function on AWS Lambda, for each request, the trace that it passes on, from `_X_AMZN_TRACE_ID`;
    /// * for the default transport, the proxy from `HTTPS_PROXY`, else `ALL_PROXY`, except for the hosts in `NO_PROXY`, and the file of the
    ///   only certificates to trust from `AWS_CA_BUNDLE`;
    /// * credentials from `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY` and `AWS_SESSION_TOKEN`.
    #[must_use]
    pub fn load_environment(self) -> Self {
        self.load(Environment::process())
    }

    /// Does the same as [`load_environment`](Self::load_environment) with variables from `lookup`.
    #[must_use]
    pub fn load_environment_from(
        self,
        lookup: impl Fn(&str) -> Option<String> + Send + Sync + 'static,
    ) -> Self {
        self.load(Environment::from_fn(lookup))
    }

    fn load(mut self, environment: Environment) -> Self {
        let first = |names: [&str; 2]| names.into_iter().find_map(|name| environment.get(name));
        let is_true = |name| {
            environment
                .get(name)
                .is_some_and(|value| value.eq_ignore_ascii_case("true"))
        };
        self.use_fips |= is_true("AWS_USE_FIPS_ENDPOINT");
        self.use_dual_stack |= is_true("AWS_USE_DUALSTACK_ENDPOINT");
        self.account_id = self.account_id.or_else(|| environment.get("AWS_ACCOUNT_ID"));
        self.trace = self.trace.or_else(|| Trace::detect(&environment));
        let ignore_urls = is_true("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS");
        let own = format!("AWS_ENDPOINT_URL_{}", self.metadata.env_suffix);
        self = self
            .or_app_id(|| environment.get("AWS_SDK_UA_APP_ID"))
            .or_region(|| first(["AWS_REGION", "AWS_DEFAULT_REGION"]))
            .or_endpoint_url(|| first([&own, "AWS_ENDPOINT_URL"]).filter(|_| !ignore_urls));
        let credentials = EnvironmentCredentials::new(environment.clone());
        self.transport_environment(environment)
            .or_credentials(SharedCredentialsProvider::new(credentials))
    }

    /// Configures the default transport from these variables.
    pub(crate) fn transport_environment(mut self, environment: Environment) -> Self {
        self.environment.get_or_insert(environment);
        self
    }

    pub(crate) fn or_region(mut self, region: impl FnOnce() -> Option<String>) -> Self {
        self.region = self.region.or_else(region);
        self
    }

    pub(crate) fn or_app_id(mut self, app_id: impl FnOnce() -> Option<String>) -> Self {
        self.app_id = self.app_id.or_else(app_id);
        self
    }

    pub(crate) fn or_endpoint_url(mut self, url: impl FnOnce() -> Option<String>) -> Self {
        self.endpoint_url = self.endpoint_url.or_else(url);
        self
    }

    pub(crate) fn or_credentials(mut self, provider: SharedCredentialsProvider) -> Self {
        self.credentials.get_or_insert(provider);
        self
    }

    /// Makes the client.
    ///
    /// # Errors
    ///
    /// Fails where the region is missing or no host label, or the endpoint URL is no URL.
    pub fn build(self) -> Result<Client<S>, Error<S::Exception>> {
        self.check()
            .map(Client::from_inner)
            .map_err(|failure| Error::from_failure(failure, None))
    }

    fn check(self) -> Result<Inner, Failure> {
        let service = self.metadata;
        let region = self.region.ok_or_else(|| {
            Failure::new(
                ErrorKind::Config,
                "no region: set one with `region(..)`, or AWS_REGION or AWS_DEFAULT_REGION in the environment",
            )
        })?;
        let config = EndpointConfig {
            region,
            url: self.endpoint_url,
            use_fips: self.use_fips,
            use_dual_stack: self.use_dual_stack,
            account_id: self.account_id,
            plaintext: self.plaintext,
        };
        let endpoint = match service.endpoint_rules.is_some_and(RuleSet::needs_operation) {
            true => {
                config.custom()?;
                None
            }
            false => Some(config.endpoint(service, Vec::new())?),
        };
        let transport = match (self.transport, self.environment) {
            (Some(transport), _) => transport,
            (None, environment) => default_transport(self.timeouts.connect, environment.as_ref())?,
        };
        #[cfg(feature = "validation")]
        let rules = match self.validates {
            true => Some(Rules::read(service)?),
            false => None,
        };
        Ok(Inner {
            service,
            #[cfg(feature = "validation")]
            rules,
            endpoint,
            endpoint_config: config,
            host_prefix: self.host_prefix,
            credentials: self.credentials.map(CachedCredentials::new),
            transport,
            timeouts: self.timeouts,
            budgets: Budgets::new(
                self.budget
                    .unwrap_or_else(|| RetryBudget::new(self.retry.bucket_capacity)),
            ),
            retry: self.retry,
            classifier: self.classifier,
            strictness: self.strictness,
            max_response_bytes: self.max_response_bytes,
            user_agent: user_agent(service, self.app_id.as_deref()),
            trace: self.trace,
            sources: self.sources,
            skew: ClockSkew::default(),
        })
    }
}

fn default_transport(
    connect: Option<Duration>,
    environment: Option<&Environment>,
) -> Result<Transport, Failure> {
    let mut builder = TransportBuilder::new().connect_timeout(connect);
    if let Some(environment) = environment {
        builder = builder.proxy(Proxy::load(environment)?);
        if let Some(path) = environment.get("AWS_CA_BUNDLE") {
            let unusable = |why: &dyn fmt::Display| {
                let message = format!("AWS_CA_BUNDLE in the environment names `{path}`: {why}");
                Failure::new(ErrorKind::Config, message)
            };
            let pem = std::fs::read(&path).map_err(|error| unusable(&error).because(error))?;
            builder = builder.trust_pem(&pem).map_err(|error| unusable(&error))?;
        }
    }
    Ok(builder.build())
}
