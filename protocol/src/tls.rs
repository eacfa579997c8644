//! TLS: which cryptography and which trusted certificates the features choose.

use hyper_rustls::HttpsConnector;
use hyper_util::client::legacy::connect::HttpConnector;

/// Makes the connector for `https://`; the text of the error says what to do.
#[cfg(any(feature = "ring", feature = "aws-lc-rs"))]
pub(crate) fn connector(http: HttpConnector) -> Result<HttpsConnector<HttpConnector>, String> {
    use std::sync::Arc;

    use rustls::ClientConfig;

    // Where both are compiled in, the one that is no default was asked for by name.
    #[cfg(feature = "aws-lc-rs")]
    let provider = rustls::crypto::aws_lc_rs::default_provider();
    #[cfg(not(feature = "aws-lc-rs"))]
    let provider = rustls::crypto::ring::default_provider();
    let config = ClientConfig::builder_with_provider(Arc::new(provider))
        .with_safe_default_protocol_versions()
        .map_err(|error| error.to_string())?
        .with_root_certificates(roots()?)
        .with_no_client_auth();
    Ok(hyper_rustls::HttpsConnectorBuilder::new()
        .with_tls_config(config)
        .https_or_http()
        .enable_all_versions()
        .wrap_connector(http))
}

/// Makes the connector for `https://`; the text of the error says what to do.
#[cfg(not(any(feature = "ring", feature = "aws-lc-rs")))]
pub(crate) fn connector(_: HttpConnector) -> Result<HttpsConnector<HttpConnector>, String> {
    Err("this build has no TLS: turn on the feature `ring` or `aws-lc-rs`".to_owned())
}

/// Collects the certificates that are trusted: those of the system, Mozilla's, or both.
#[cfg(any(feature = "ring", feature = "aws-lc-rs"))]
fn roots() -> Result<rustls::RootCertStore, String> {
    #[allow(unused_mut)]
    let mut roots = rustls::RootCertStore::empty();
    #[cfg(feature = "webpki-roots")]
    roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
    #[cfg(feature = "native-roots")]
    {
        let native = rustls_native_certs::load_native_certs();
        roots.add_parsable_certificates(native.certs);
        if let (true, Some(error)) = (roots.is_empty(), native.errors.first()) {
            return Err(format!("the certificates of the system cannot be read: {error}"));
        }
    }
    match roots.is_empty() {
        false => Ok(roots),
        true => Err(
            "no trusted certificates: install the system's, or turn on the feature `webpki-roots`".to_owned(),
        ),
    }
}
