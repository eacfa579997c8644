//! Region, credentials and endpoint from the official SDK's configuration (feature `aws-config`).

use aws_config::SdkConfig;
use aws_types::service_config::ServiceConfigKey;

use crate::client::Client;
use crate::config::ClientBuilder;
use crate::environment::Environment;
use crate::error::Error;
use crate::service::{Service, ServiceMetadata};

impl<S: Service> Client<S> {
    /// Makes a client from the whole default chain of the official SDK: environment, profiles, SSO, web identity,
    /// containers and instances. The proxy and `AWS_CA_BUNDLE` are read from the environment, as in [`ClientBuilder::load_environment`].
    ///
    /// # Errors
    ///
    /// Fails where the chain finds no region, or an endpoint that is no URL.
    pub async fn from_default_chain() -> Result<Self, Error<S::Exception>> {
        let config = aws_config::load_defaults(aws_config::BehaviorVersion::latest()).await;
        let builder = Self::builder().load_sdk_config(&config);
        builder.transport_environment(Environment::process()).build()
    }

    /// Makes a client from a configuration that the official SDK has loaded.
    ///
    /// # Errors
    ///
    /// Fails where it has no region, or an endpoint that is no URL.
    pub fn from_sdk_config(config: &SdkConfig) -> Result<Self, Error<S::Exception>> {
        Self::builder().load_sdk_config(config).build()
    }
}

impl<S: Service> ClientBuilder<S> {
    /// Fills what is not set yet from a configuration that the official SDK has loaded.
    ///
    /// A service's own endpoint, from `AWS_ENDPOINT_URL_` with its suffix or from the profile's `services` section, wins over
    /// the one for all services.
    #[must_use]
    pub fn load_sdk_config(mut self, config: &SdkConfig) -> Self {
        if let Some(region) = config.region() {
            self = self.or_region(|| Some(region.to_string()));
        }
        if let Some(name) = config.app_name() {
            self = self.or_app_id(|| Some(name.to_string()));
        }
        if config.use_fips() == Some(true) {
            self = self.use_fips();
        }
        if config.use_dual_stack() == Some(true) {
            self = self.use_dual_stack();
        }
        self = self.or_endpoint_url(|| {
            let own = own_endpoint(config, S::METADATA);
            own.or_else(|| config.endpoint_url().map(str::to_owned))
        });
        match config.credentials_provider() {
            Some(provider) => self.or_credentials(provider),
            None => self,
        }
    }
}

fn own_endpoint(config: &SdkConfig, service: &ServiceMetadata) -> Option<String> {
    let key = ServiceConfigKey::builder()
        .service_id(service.service_id)
        .env("AWS_ENDPOINT_URL")
        .profile("endpoint_url")
        .build()
        .ok()?;
    config.service_config()?.load_config(key)
}
