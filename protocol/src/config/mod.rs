//! What a client is made of, and the builder that collects it.

mod build;
mod load;
mod timeouts;

use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;
use std::time::SystemTime;

use aws_credential_types::Credentials;
use aws_credential_types::provider::{ProvideCredentials, SharedCredentialsProvider};
use bytes::Bytes;
use http::{Request, Response};
use tower::Service as TowerService;

use crate::body::{Body, BoxError};
use crate::endpoint::{HostPrefix, Plaintext};
use crate::environment::Environment;
use crate::error::RetryAdvice;
use crate::retry::{Classifier, FailedAttempt, RetryBudget, RetryPolicy};
use crate::service::{Service, ServiceMetadata};
use crate::shown;
use crate::transport::{Transport, erase};
use crate::user_agent::Trace;
use crate::wire::Strictness;

pub use timeouts::Timeouts;

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
    /// What is wrong with the environment; nothing is built of it.
    problem: Option<String>,
    sources: Sources,
    metadata: &'static ServiceMetadata,
    service: PhantomData<fn() -> S>,
}

impl<S> fmt::Debug for ClientBuilder<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientBuilder")
            .field("region", &self.region)
            .field("endpoint_url", &self.endpoint_url.as_deref().map(shown::url))
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
            problem: None,
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
    /// [transport](crate::TransportBuilder), or a stand-in for tests.
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
}
