//! Credentials: from the environment, and cached until shortly before they expire.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use aws_credential_types::Credentials;
use aws_credential_types::provider::error::CredentialsError;
use aws_credential_types::provider::{ProvideCredentials, SharedCredentialsProvider, future};

use crate::environment::Environment;

/// How long before they expire credentials are fetched anew, at least.
const EARLY_REFRESH: Duration = Duration::from_secs(300);
/// How much earlier that is for some clients than for others.
const SPREAD: Duration = Duration::from_secs(120);
/// How long after a failure the provider is asked again, while what it gave is still good.
const RETRY: Duration = Duration::from_secs(10);

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
                "neither AWS_ACCESS_KEY_ID nor AWS_SECRET_ACCESS_KEY is set, and nothing else was tried: profiles, SSO, \
                 containers and instances need the feature `aws-config` and `from_default_chain()`",
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

/// A provider with its last answer.
///
/// Some minutes before credentials expire the provider is asked for others, by one call; calls that come meanwhile use the
/// old ones, and wait for the answer only if these have expired.
#[derive(Debug)]
pub(crate) struct CachedCredentials {
    provider: SharedCredentialsProvider,
    cached: Mutex<Option<Cached>>,
    asking: tokio::sync::Mutex<()>,
}

#[derive(Clone, Debug)]
struct Cached {
    credentials: Credentials,
    /// When to ask for others; never, where they do not expire.
    refresh: Option<SystemTime>,
}

impl CachedCredentials {
    pub(crate) fn new(provider: SharedCredentialsProvider) -> Self {
        Self {
            provider,
            cached: Mutex::default(),
            asking: tokio::sync::Mutex::default(),
        }
    }

    /// Returns credentials that are good at `now`; `jitter`, which gives numbers of at least 0 and below 1, spreads the renewals of many
    /// clients.
    ///
    /// # Errors
    ///
    /// Fails as the provider does, unless what it gave before is still good.
    pub(crate) async fn get(
        &self,
        now: SystemTime,
        jitter: &(dyn Fn() -> f64 + Send + Sync),
    ) -> Result<Credentials, CredentialsError> {
        let cached = self.cached();
        if let Some(fresh) = cached.as_ref().filter(|cached| cached.is_fresh(now)) {
            return Ok(fresh.credentials.clone());
        }
        let still_good =
            cached.filter(|cached| cached.credentials.expiry().is_some_and(|expiry| now < expiry));
        let _asking = match (self.asking.try_lock(), &still_good) {
            (Ok(asking), _) => asking,
            (Err(_), Some(cached)) => return Ok(cached.credentials.clone()),
            (Err(_), None) => self.asking.lock().await,
        };
        // Another call may have asked while this one waited.
        if let Some(fresh) = self.cached().filter(|cached| cached.is_fresh(now)) {
            return Ok(fresh.credentials);
        }
        match (self.provider.provide_credentials().await, still_good) {
            (Ok(credentials), _) => Ok(self.keep(Cached::new(credentials, now, jitter()))),
            (Err(_), Some(cached)) => Ok(self.keep(cached.retried(now))),
            (Err(error), None) => Err(error),
        }
    }

    /// Asks the provider again, unless another call has done so since `expired` was handed out; tells whether there are other
    /// credentials now.
    pub(crate) async fn replace(
        &self,
        expired: &Credentials,
        now: SystemTime,
        jitter: &(dyn Fn() -> f64 + Send + Sync),
    ) -> bool {
        let _asking = self.asking.lock().await;
        let is_other = |cached: &Cached| !is_same(&cached.credentials, expired);
        if self.cached().as_ref().is_some_and(is_other) {
            return true;
        }
        match self.provider.provide_credentials().await {
            Ok(credentials) => !is_same(&self.keep(Cached::new(credentials, now, jitter())), expired),
            // The service's answer says more about what is wrong.
            Err(_) => false,
        }
    }

    fn cached(&self) -> Option<Cached> {
        let cached = self.cached.lock().unwrap_or_else(PoisonError::into_inner);
        cached.clone()
    }

    fn keep(&self, cached: Cached) -> Credentials {
        let credentials = cached.credentials.clone();
        *self.cached.lock().unwrap_or_else(PoisonError::into_inner) = Some(cached);
        credentials
    }
}

impl Cached {
    fn new(credentials: Credentials, now: SystemTime, jitter: f64) -> Self {
        let refresh = credentials.expiry().map(|expiry| {
            let left = expiry.duration_since(now).unwrap_or_default();
            // Those that are given shortly before they expire are not asked for again with every call.
            let early = (EARLY_REFRESH + SPREAD.mul_f64(jitter.clamp(0.0, 1.0))).min(left / 2);
            now + (left - early)
        });
        Self { credentials, refresh }
    }

    /// Returns the same, to be asked for again some seconds after a failure.
    fn retried(self, now: SystemTime) -> Self {
        Self {
            refresh: Some(now + RETRY),
            ..self
        }
    }

    fn is_fresh(&self, now: SystemTime) -> bool {
        self.refresh.is_none_or(|refresh| now < refresh)
            && self.credentials.expiry().is_none_or(|expiry| now < expiry)
    }
}

fn is_same(one: &Credentials, other: &Credentials) -> bool {
    one.access_key_id() == other.access_key_id() && one.session_token() == other.session_token()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU32, Ordering};
    use std::time::UNIX_EPOCH;

    use super::*;

    /// Gives credentials that are good for `lifetime`, slowly, and fails after `good` answers.
    #[derive(Clone, Debug)]
    struct Provider {
        asked: Arc<AtomicU32>,
        lifetime: Duration,
        good: u32,
    }

    impl ProvideCredentials for Provider {
        fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
        where
            Self: 'a,
        {
            future::ProvideCredentials::new(async {
                let asked = self.asked.fetch_add(1, Ordering::Relaxed);
                tokio::time::sleep(Duration::from_secs(1)).await;
                match asked < self.good {
                    true => {
                        let expiry = Some(UNIX_EPOCH + self.lifetime * (asked + 1));
                        Ok(Credentials::new(
                            format!("AKID{asked}"),
                            "",
                            None,
                            expiry,
                            "tests",
                        ))
                    }
                    false => Err(CredentialsError::not_loaded("no more")),
                }
            })
        }
    }

    fn cache(lifetime: u64, good: u32) -> (CachedCredentials, Arc<AtomicU32>) {
        let asked = Arc::new(AtomicU32::new(0));
        let provider = Provider {
            asked: Arc::clone(&asked),
            lifetime: Duration::from_secs(lifetime),
            good,
        };
        (
            CachedCredentials::new(SharedCredentialsProvider::new(provider)),
            asked,
        )
    }

    async fn id_at(cache: &CachedCredentials, seconds: u64, jitter: f64) -> Result<String, String> {
        let now = UNIX_EPOCH + Duration::from_secs(seconds);
        let found = cache.get(now, &move || jitter).await;
        found
            .map(|found| found.access_key_id().to_owned())
            .map_err(|error| error.to_string())
    }

    #[tokio::test(start_paused = true)]
    async fn renewals_are_early_and_spread() {
        for (jitter, last) in [(0.0, 3299), (0.5, 3239), (0.99, 3181)] {
            let (cache, _) = cache(3600, 2);
            for (time, id) in [(0, "AKID0"), (last, "AKID0"), (last + 1, "AKID1")] {
                assert_eq!(
                    id_at(&cache, time, jitter).await.as_deref(),
                    Ok(id),
                    "{jitter}, {time}"
                );
            }
        }
    }

    #[tokio::test(start_paused = true)]
    async fn one_call_asks_for_all() {
        let (cache, asked) = cache(3600, 9);
        let calls = (0..20).map(|_| id_at(&cache, 0, 0.5));
        for call in futures_of(calls).await {
            assert_eq!(call.as_deref(), Ok("AKID0"));
        }
        assert_eq!(asked.load(Ordering::Relaxed), 1);
    }

    #[tokio::test(start_paused = true)]
    async fn calls_do_not_wait_for_a_renewal_while_the_old_ones_are_good() {
        let (cache, _) = cache(3600, 9);
        id_at(&cache, 0, 0.0).await.expect("the first");
        let (renewal, other) = tokio::join!(id_at(&cache, 3400, 0.0), id_at(&cache, 3400, 0.0));
        assert_eq!((renewal.as_deref(), other.as_deref()), (Ok("AKID1"), Ok("AKID0")));
    }

    #[tokio::test(start_paused = true)]
    async fn a_failed_renewal_is_no_failure_before_the_old_ones_expire() {
        let (cache, asked) = cache(3600, 1);
        for time in [0, 3400, 3405, 3411, 3599] {
            assert_eq!(id_at(&cache, time, 0.0).await.as_deref(), Ok("AKID0"), "{time}");
        }
        assert_eq!(
            asked.load(Ordering::Relaxed),
            4,
            "some seconds pass between attempts"
        );
        assert!(id_at(&cache, 3600, 0.0).await.is_err());
    }

    #[tokio::test(start_paused = true)]
    async fn credentials_that_expire_soon_are_not_asked_for_with_every_call() {
        let (cache, asked) = cache(120, 9);
        for time in 0..60 {
            id_at(&cache, time, 0.0).await.expect("credentials");
        }
        assert_eq!(asked.load(Ordering::Relaxed), 1);
    }

    async fn futures_of<T>(futures: impl Iterator<Item = impl Future<Output = T>>) -> Vec<T> {
        let mut pinned: Vec<_> = futures.map(Box::pin).collect();
        let mut results = Vec::new();
        std::future::poll_fn(|context| {
            pinned.retain_mut(|future| match future.as_mut().poll(context) {
                std::task::Poll::Ready(result) => {
                    results.push(result);
                    false
                }
                std::task::Poll::Pending => true,
            });
            match pinned.is_empty() {
                true => std::task::Poll::Ready(()),
                false => std::task::Poll::Pending,
            }
        })
        .await;
        results
    }
}
