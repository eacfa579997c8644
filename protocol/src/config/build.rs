//! Making a client of what a builder has collected.

use std::fmt;
use std::time::Duration;

use super::ClientBuilder;
use crate::client::{Client, Inner};
use crate::credentials::CachedCredentials;
use crate::endpoint::EndpointConfig;
use crate::endpoint_rules::RuleSet;
use crate::environment::Environment;
use crate::error::{Error, ErrorKind, Failure};
use crate::retry::{Budgets, RetryBudget};
use crate::service::Service;
use crate::sign::Signer;
use crate::size_hints::SizeHints;
use crate::skew::ClockSkew;
use crate::transport::{Proxy, Transport, TransportBuilder};
use crate::user_agent::user_agent;
#[cfg(feature = "validation")]
use crate::validation::Rules;

impl<S: Service> ClientBuilder<S> {
    /// Makes the client.
    ///
    /// # Errors
    ///
    /// Fails where the region is missing or no host label, the account has not 12 digits, the endpoint URL is none that can be used, and
    /// where a variable of the environment that was loaded holds something else than it should.
    pub fn build(self) -> Result<Client<S>, Error<S::Exception>> {
        self.check()
            .map(Client::from_inner)
            .map_err(|failure| Error::from_failure(failure, None))
    }

    fn check(self) -> Result<Inner, Failure> {
        let service = self.metadata;
        if let Some(problem) = self.problem {
            return Err(Failure::new(ErrorKind::Config, problem));
        }
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
            signer: Signer::default(),
            size_hints: SizeHints::default(),
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
