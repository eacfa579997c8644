//! What a builder takes from the environment.

use aws_credential_types::provider::SharedCredentialsProvider;

use super::ClientBuilder;
use crate::credentials::EnvironmentCredentials;
use crate::environment::Environment;
use crate::service::Service;
use crate::shown;
use crate::user_agent::Trace;

impl<S: Service> ClientBuilder<S> {
    /// Fills what is not set yet from environment variables:
    ///
    /// * the region from `AWS_REGION`, else `AWS_DEFAULT_REGION`;
    /// * the endpoint from `AWS_ENDPOINT_URL_` with the service's suffix, else `AWS_ENDPOINT_URL`, unless
    ///   `AWS_IGNORE_CONFIGURED_ENDPOINT_URLS` is `true`;
    /// * the kind of endpoint from `AWS_USE_FIPS_ENDPOINT` and `AWS_USE_DUALSTACK_ENDPOINT`, which are `true` or `false`;
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
        let mut problem = None;
        let mut is_true = |name| {
            switch(name, environment.get(name)).unwrap_or_else(|message| {
                problem.get_or_insert(message);
                false
            })
        };
        self.use_fips |= is_true("AWS_USE_FIPS_ENDPOINT");
        self.use_dual_stack |= is_true("AWS_USE_DUALSTACK_ENDPOINT");
        let ignore_urls = is_true("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS");
        self.problem = self.problem.or(problem);
        self.account_id = self.account_id.or_else(|| environment.get("AWS_ACCOUNT_ID"));
        self.trace = self.trace.or_else(|| Trace::detect(&environment));
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
}

/// Reads a variable that turns something on.
///
/// # Errors
///
/// Fails where it is neither `true` nor `false`: FIPS endpoints that somebody believes to be on must not be off.
fn switch(name: &str, value: Option<String>) -> Result<bool, String> {
    match value.as_deref().map(str::to_ascii_lowercase).as_deref() {
        None | Some("false") => Ok(false),
        Some("true") => Ok(true),
        Some(other) => Err(format!(
            "{name} in the environment must be `true` or `false`, not `{}`",
            shown::excerpt(other)
        )),
    }
}
