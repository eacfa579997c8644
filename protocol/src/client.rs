//! The client.

use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

use aws_credential_types::Credentials;
use http::HeaderValue;
#[cfg(feature = "waiters")]
use serde::Serialize;

use crate::call::Call;
use crate::config::{ClientBuilder, Sources, Timeouts};
use crate::credentials::CachedCredentials;
use crate::endpoint::{Endpoint, EndpointConfig, HostPrefix};
use crate::error::Error;
use crate::pages::{Items, Pages, Paginated, PaginatedItems};
use crate::retry::{Budgets, Classifier, RetryBudget, RetryPolicy};
use crate::service::{Operation, Service, ServiceMetadata};
use crate::sign::Signer;
use crate::size_hints::SizeHints;
use crate::skew::ClockSkew;
use crate::transport::Transport;
use crate::user_agent::Trace;
use crate::wire::Strictness;

/// A client for one service. Clones are cheap; they share connections, credentials and the retry budget.
pub struct Client<S> {
    inner: Arc<Inner>,
    service: PhantomData<fn() -> S>,
}

/// What clones of a client share. It does not know the service's types, so that the code is compiled once.
pub(crate) struct Inner {
    pub(crate) service: &'static ServiceMetadata,
    #[cfg(feature = "validation")]
    pub(crate) rules: Option<crate::validation::Rules>,
    pub(crate) endpoint_config: EndpointConfig,
    /// The endpoint for operations that give nothing to the rules; `None` where each has to.
    pub(crate) endpoint: Option<Endpoint>,
    pub(crate) host_prefix: HostPrefix,
    pub(crate) credentials: Option<CachedCredentials>,
    pub(crate) transport: Transport,
    pub(crate) timeouts: Timeouts,
    pub(crate) retry: RetryPolicy,
    pub(crate) classifier: Option<Classifier>,
    pub(crate) budgets: Budgets,
    pub(crate) strictness: Strictness,
    pub(crate) max_response_bytes: usize,
    pub(crate) sources: Sources,
    pub(crate) user_agent: HeaderValue,
    pub(crate) trace: Option<Trace>,
    pub(crate) skew: ClockSkew,
    pub(crate) signer: Signer,
    pub(crate) size_hints: SizeHints,
}

impl Inner {
    /// Asks for other credentials than these, which the service calls expired; tells whether there are any.
    pub(crate) async fn replace_credentials(&self, expired: &Credentials) -> bool {
        match &self.credentials {
            Some(credentials) => {
                let now = (self.sources.clock)();
                credentials.replace(expired, now, &*self.sources.jitter).await
            }
            None => false,
        }
    }
}

impl<S> Clone for Client<S> {
    fn clone(&self) -> Self {
        Self {
            inner: Arc::clone(&self.inner),
            service: PhantomData,
        }
    }
}

impl<S> fmt::Debug for Client<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("service", &self.inner.service.service_id)
            .field("region", &self.inner.endpoint_config.region)
            .field("endpoint", &self.inner.endpoint)
            .finish_non_exhaustive()
    }
}

impl<S: Service> Client<S> {
    /// Starts to configure a client.
    pub fn builder() -> ClientBuilder<S> {
        ClientBuilder::new()
    }

    /// Makes a client from environment variables: see [`ClientBuilder::load_environment`].
    ///
    /// # Errors
    ///
    /// Fails where no region is set, where the endpoint is no URL, and where there are no credentials.
    pub async fn from_env() -> Result<Self, Error<S::Exception>> {
        let client = Self::builder().load_environment().build()?;
        if let Some(credentials) = &client.inner.credentials {
            let now = (client.inner.sources.clock)();
            let loaded = credentials.get(now, &*client.inner.sources.jitter).await;
            loaded.map_err(|error| Error::from_failure(crate::send::no_credentials(error), None))?;
        }
        Ok(client)
    }

    pub(crate) fn from_inner(inner: Inner) -> Self {
        Self {
            inner: Arc::new(inner),
            service: PhantomData,
        }
    }

    /// Returns what clones of the client share.
    pub(crate) fn inner(&self) -> &Arc<Inner> {
        &self.inner
    }

    /// Calls an operation.
    ///
    /// # Errors
    ///
    /// Fails with the service's exception, or for any reason that [`ErrorKind`](crate::ErrorKind) lists.
    pub async fn send<O: Operation<Service = S>>(
        &self,
        operation: O,
    ) -> Result<O::Output, Error<S::Exception>> {
        self.call(operation).send().await
    }

    /// Returns the budget that retries in the client's own region are paid from.
    pub fn retry_budget(&self) -> RetryBudget {
        self.inner.budgets.home()
    }

    /// Prepares a call, to set options for it alone. Awaiting the call sends it.
    pub fn call<O: Operation<Service = S>>(&self, operation: O) -> Call<O> {
        Call::of(self, operation)
    }

    /// Fetches every page of a list, beginning where `operation` says. Nothing is sent until a page is asked for.
    pub fn pages<O: Paginated<Service = S>>(&self, operation: O) -> Pages<O> {
        self.call(operation).pages()
    }

    /// Returns every item of every page of a list, beginning where `operation` says. Nothing is sent until an item is
    /// asked for.
    pub fn items<O: PaginatedItems<Service = S>>(&self, operation: O) -> Items<O> {
        self.call(operation).items()
    }

    /// Asks `operation` until it reports the state that `waiter` stands for. Awaiting it begins.
    #[cfg(feature = "waiters")]
    pub fn wait<O: Operation<Service = S> + Clone>(
        &self,
        waiter: crate::Waiter<O>,
        operation: O,
    ) -> crate::Wait<O>
    where
        O::Output: Serialize,
    {
        crate::Wait::new(self, waiter, operation)
    }

    /// Returns a random number from 0 to 1.
    #[cfg(feature = "waiters")]
    pub(crate) fn chance(&self) -> f64 {
        (self.inner.sources.jitter)()
    }
}
