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

#[cfg(test)]
mod tests {
    use aws_config::Region;
    use aws_credential_types::Credentials;
    use aws_credential_types::provider::SharedCredentialsProvider;

    use super::*;
    use crate::{Exception, ExceptionEntry, Protocol};

    #[derive(Debug)]
    enum Probe {}
    #[derive(Debug, serde::Serialize)]
    enum NoException {}

    impl Service for Probe {
        type Exception = NoException;
        const METADATA: &'static ServiceMetadata =
            &ServiceMetadata::new("Probe", "probe", "probe", Protocol::AwsJson1_1, "PROBE");
    }

    impl Exception for NoException {
        const MAP: &'static [ExceptionEntry<Self>] = &[];

        fn code(&self) -> &'static str {
            match *self {}
        }

        fn message(&self) -> Option<&str> {
            match *self {}
        }
    }

    fn config() -> aws_types::sdk_config::Builder {
        let credentials = Credentials::new("AKID", "secret", None, None, "tests");
        SdkConfig::builder()
            .region(Region::new("eu-north-1"))
            .credentials_provider(SharedCredentialsProvider::new(credentials))
    }

    #[test]
    fn region_and_endpoint_are_taken_over() {
        let config = config().endpoint_url("http://127.0.0.1:9/base").build();
        let client = Client::<Probe>::from_sdk_config(&config).expect("the configuration is complete");
        let shown = format!("{client:?}");
        assert!(
            shown.contains("eu-north-1") && shown.contains("127.0.0.1"),
            "{shown}"
        );
    }

    #[test]
    fn what_is_set_in_code_wins() {
        let builder = Client::<Probe>::builder().region("us-west-2");
        let client = builder
            .load_sdk_config(&config().build())
            .build()
            .expect("complete");
        assert!(format!("{client:?}").contains("us-west-2"));
    }

    #[test]
    fn a_missing_region_is_said() {
        let config = SdkConfig::builder().build();
        let error = Client::<Probe>::from_sdk_config(&config).expect_err("there is no region");
        assert!(error.to_string().contains("no region"), "{error}");
    }
}
