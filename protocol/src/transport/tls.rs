//! TLS: which cryptography and which trusted certificates the features choose, and what the builder adds.

use std::fmt;
use std::sync::Arc;

use rustls::ClientConfig;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};

use crate::error::{ErrorKind, Failure};

/// How connections are encrypted. The text of errors says what to do.
#[derive(Clone, Debug, Default)]
pub(super) struct Tls {
    /// The only certificates that are trusted, where any are named.
    trusted: Vec<CertificateDer<'static>>,
    pub(super) identity: Option<Arc<Identity>>,
    pub(super) versions: HttpVersions,
}

/// Which versions of HTTP are offered to servers.
#[derive(Clone, Copy, Debug, Default)]
pub(super) enum HttpVersions {
    #[default]
    All,
    Http1,
}

/// The certificate that the client shows, and its private key.
#[cfg_attr(not(any(feature = "ring", feature = "aws-lc-rs")), allow(dead_code))]
pub(super) struct Identity {
    chain: Vec<CertificateDer<'static>>,
    key: PrivateKeyDer<'static>,
}

impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Identity")
    }
}

impl Identity {
    pub(super) fn read(chain: &[u8], key: &[u8]) -> Result<Self, Failure> {
        let key = PrivateKeyDer::from_pem_slice(key)
            .map_err(|error| invalid("the private key of the client's certificate", error))?;
        Ok(Self {
            chain: certificates("the client's certificate", chain)?,
            key,
        })
    }
}

/// Reads certificates; there must be one.
fn certificates(what: &str, pem: &[u8]) -> Result<Vec<CertificateDer<'static>>, Failure> {
    let read: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem).collect();
    let certificates = read.map_err(|error| invalid(what, error))?;
    match certificates.is_empty() {
        false => Ok(certificates),
        true => Err(Failure::new(
            ErrorKind::Config,
            format!("{what}: there is no PEM section `CERTIFICATE`"),
        )),
    }
}

fn invalid(what: &str, error: rustls::pki_types::pem::Error) -> Failure {
    Failure::new(ErrorKind::Config, format!("{what} cannot be read: {error}")).because(error)
}

impl Tls {
    /// Trusts the certificates in `pem`, and no others but those that it has been called with before.
    pub(super) fn trust(&mut self, pem: &[u8]) -> Result<(), Failure> {
        self.trusted
            .extend(certificates("the trusted certificates", pem)?);
        Ok(())
    }

    /// Makes what connections are configured by.
    #[cfg(any(feature = "ring", feature = "aws-lc-rs"))]
    pub(super) fn config(&self) -> Result<Arc<ClientConfig>, String> {
        // Where both are compiled in, the one that is no default was asked for by name.
        #[cfg(feature = "aws-lc-rs")]
        let provider = rustls::crypto::aws_lc_rs::default_provider();
        #[cfg(not(feature = "aws-lc-rs"))]
        let provider = rustls::crypto::ring::default_provider();
        let builder = ClientConfig::builder_with_provider(Arc::new(provider))
            .with_safe_default_protocol_versions()
            .map_err(|error| error.to_string())?
            .with_root_certificates(self.roots()?);
        let mut config = match &self.identity {
            None => builder.with_no_client_auth(),
            Some(identity) => builder
                .with_client_auth_cert(identity.chain.clone(), identity.key.clone_key())
                .map_err(|error| format!("the client's certificate cannot be used: {error}"))?,
        };
        let protocols: &[&str] = match self.versions {
            HttpVersions::All => &["h2", "http/1.1"],
            HttpVersions::Http1 => &["http/1.1"],
        };
        config.alpn_protocols = protocols.iter().map(|name| name.as_bytes().to_vec()).collect();
        Ok(Arc::new(config))
    }

    /// Makes what connections are configured by.
    #[cfg(not(any(feature = "ring", feature = "aws-lc-rs")))]
    pub(super) fn config(&self) -> Result<Arc<ClientConfig>, String> {
        Err("this build has no TLS: turn on the feature `ring` or `aws-lc-rs`".to_owned())
    }

    /// Collects the certificates that are trusted: those that were named, else the system's, Mozilla's, or both.
    #[cfg(any(feature = "ring", feature = "aws-lc-rs"))]
    fn roots(&self) -> Result<rustls::RootCertStore, String> {
        let mut roots = rustls::RootCertStore::empty();
        if !self.trusted.is_empty() {
            for certificate in &self.trusted {
                let added = roots.add(certificate.clone());
                added.map_err(|error| format!("a trusted certificate cannot be used: {error}"))?;
            }
            return Ok(roots);
        }
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
                "no trusted certificates: install the system's, or turn on the feature `webpki-roots`"
                    .to_owned(),
            ),
        }
    }
}
