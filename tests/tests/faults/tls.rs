//! Certificates of every kind, and servers that show them.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair, SanType, date_time_ymd,
};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::crypto::CryptoProvider;
use tokio_rustls::rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use tokio_rustls::rustls::server::WebPkiClientVerifier;
use tokio_rustls::rustls::server::danger::ClientCertVerifier;
use tokio_rustls::rustls::{RootCertStore, ServerConfig};

use super::table::{Connecting, Over};

/// An authority that clients trust, and one that they do not know.
pub struct Authorities {
    trusted: CertifiedIssuer<'static, KeyPair>,
    unknown: CertifiedIssuer<'static, KeyPair>,
}

impl Authorities {
    pub fn new() -> Self {
        let issuer = |name| {
            let mut params = CertificateParams::new([]).expect("no names");
            params.distinguished_name.push(DnType::CommonName, name);
            params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
            CertifiedIssuer::self_signed(params, KeyPair::generate().expect("a key")).expect("an issuer")
        };
        Self {
            trusted: issuer("trusted"),
            unknown: issuer("unknown"),
        }
    }

    /// Returns what clients are to trust.
    pub fn trusted_pem(&self) -> String {
        self.trusted.pem()
    }

    /// Returns what accepts connections, with a certificate that has the given fault, if any.
    pub fn acceptor(&self, over: Over, fault: Option<Connecting>) -> TlsAcceptor {
        let mut params = CertificateParams::new([]).expect("no names");
        params.subject_alt_names = vec![match fault {
            Some(Connecting::WrongHost) => SanType::DnsName("other.example".try_into().expect("a name")),
            _ => SanType::IpAddress(IpAddr::V4(Ipv4Addr::LOCALHOST)),
        }];
        match fault {
            Some(Connecting::Expired) => params.not_after = date_time_ymd(2001, 1, 1),
            Some(Connecting::NotYetValid) => params.not_before = date_time_ymd(2999, 1, 1),
            _ => {}
        }
        let issuer = match fault {
            Some(Connecting::UnknownIssuer) => &self.unknown,
            _ => &self.trusted,
        };
        let key = KeyPair::generate().expect("a key");
        let certificate = params.signed_by(&key, issuer).expect("a certificate");
        let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.serialize_der()));
        let mut config = ServerConfig::builder_with_provider(provider())
            .with_safe_default_protocol_versions()
            .expect("the provider knows TLS")
            .with_client_cert_verifier(self.verifier(fault))
            .with_single_cert(vec![certificate.der().clone()], key)
            .expect("the key fits");
        let protocol: &[u8] = if over == Over::H2 { b"h2" } else { b"http/1.1" };
        config.alpn_protocols = vec![protocol.to_vec()];
        TlsAcceptor::from(Arc::new(config))
    }

    fn verifier(&self, fault: Option<Connecting>) -> Arc<dyn ClientCertVerifier> {
        if fault != Some(Connecting::AsksForCertificate) {
            return WebPkiClientVerifier::no_client_auth();
        }
        let mut roots = RootCertStore::empty();
        roots.add(self.trusted.der().clone()).expect("a root");
        let verifier = WebPkiClientVerifier::builder_with_provider(roots.into(), provider());
        verifier.build().expect("a verifier")
    }
}

fn provider() -> Arc<CryptoProvider> {
    Arc::new(tokio_rustls::rustls::crypto::ring::default_provider())
}
