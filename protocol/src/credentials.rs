//! Credentials: from the environment, and cached until shortly before they expire.

use std::time::{Duration, SystemTime};

use aws_credential_types::Credentials;
use aws_credential_types::provider::error::CredentialsError;
use aws_credential_types::provider::{ProvideCredentials, SharedCredentialsProvider, future};
use tokio::sync::Mutex;

use crate::environment::Environment;

/// How long before they expire credentials are fetched anew.
const EARLY_REFRESH: Duration = Duration::from_secs(300);

/// Credentials from `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY` and, where set, `AWS_SESSION_TOKEN`.
#[derive(Clone, Debug)]
pub(crate) struct EnvironmentCredentials {
    environment: Environment,
}

impl EnvironmentCredentials {
    pub(crate) fn new(environment: Environment) -> Self {
        Self { environment }
    }

    fn load(&self) -> Result<Credentials, CredentialsError> {
        let variable = |name: &str| self.environment.get(name);
        match (variable("AWS_ACCESS_KEY_ID"), variable("AWS_SECRET_ACCESS_KEY")) {
            (Some(id), Some(secret)) => {
                let token = variable("AWS_SESSION_TOKEN");
                Ok(Credentials::new(id, secret, token, None, "environment"))
            }
            (None, None) => Err(CredentialsError::not_loaded(
                "neither AWS_ACCESS_KEY_ID nor AWS_SECRET_ACCESS_KEY is set",
            )),
            (Some(_), None) => Err(CredentialsError::not_loaded(
                "AWS_ACCESS_KEY_ID is set, but AWS_SECRET_ACCESS_KEY is not",
            )),
            (None, Some(_)) => Err(CredentialsError::not_loaded(
                "AWS_SECRET_ACCESS_KEY is set, but AWS_ACCESS_KEY_ID is not",
            )),
        }
    }
}

impl ProvideCredentials for EnvironmentCredentials {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        future::ProvideCredentials::ready(self.load())
    }
}

/// A provider with its last answer. Calls that come while it is asked wait for the same answer.
#[derive(Debug)]
pub(crate) struct CachedCredentials {
    provider: SharedCredentialsProvider,
    cached: Mutex<Option<Credentials>>,
}

impl CachedCredentials {
    pub(crate) fn new(provider: SharedCredentialsProvider) -> Self {
        Self {
            provider,
            cached: Mutex::new(None),
        }
    }

    /// Returns credentials that are good for some minutes after `now`.
    pub(crate) async fn get(&self, now: SystemTime) -> Result<Credentials, CredentialsError> {
        let mut cached = self.cached.lock().await;
        if let Some(credentials) = cached.as_ref().filter(|credentials| is_fresh(credentials, now)) {
            return Ok(credentials.clone());
        }
        let credentials = self.provider.provide_credentials().await?;
        Ok(cached.insert(credentials).clone())
    }

    /// Asks the provider again, unless another call has done so since `expired` was handed out; tells whether there are other
    /// credentials now.
    pub(crate) async fn replace(&self, expired: &Credentials) -> bool {
        let mut cached = self.cached.lock().await;
        if cached.as_ref().is_some_and(|cached| !is_same(cached, expired)) {
            return true;
        }
        match self.provider.provide_credentials().await {
            Ok(credentials) => !is_same(cached.insert(credentials), expired),
            // The service's answer says more about what is wrong.
            Err(_) => false,
        }
    }
}

fn is_same(one: &Credentials, other: &Credentials) -> bool {
    one.access_key_id() == other.access_key_id() && one.session_token() == other.session_token()
}

fn is_fresh(credentials: &Credentials, now: SystemTime) -> bool {
    credentials
        .expiry()
        .is_none_or(|expiry| now + EARLY_REFRESH < expiry)
}
