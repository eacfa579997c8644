//! Why no answer came: what the errors of a transport mean, whether another attempt may help, and what to do.

use std::error::Error;
use std::fmt;
use std::io;
use std::time::Duration;

use http::Uri;
use rustls::{AlertDescription, CertificateError, InvalidMessage};

use crate::body::BoxError;
use crate::error::{ErrorKind, Failure, RetryAdvice};

/// Connecting, TLS included, took too long.
#[derive(Debug)]
pub(super) struct ConnectTimeout(pub(super) Duration);

impl fmt::Display for ConnectTimeout {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "no connection within {:?}", self.0)
    }
}

impl Error for ConnectTimeout {}

/// The client cannot connect anywhere as it is built or configured.
#[derive(Debug)]
pub(super) struct Unusable(pub(super) String);

impl fmt::Display for Unusable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Error for Unusable {}

/// Says why no answer came from the host of `uri`.
pub(crate) fn no_answer(error: BoxError, uri: &Uri) -> Failure {
    let (mut kind, mut retry, mut advice) = (ErrorKind::Transport, RetryAdvice::Transient, None);
    for cause in chain(error.as_ref()) {
        if cause.is::<ConnectTimeout>() {
            (kind, retry) = (ErrorKind::Timeout, RetryAdvice::Timeout);
        } else if cause.is::<Unusable>() {
            (kind, retry) = (ErrorKind::Config, RetryAdvice::Never);
        } else if let Some(permanent) = permanent(cause) {
            (retry, advice) = (RetryAdvice::Never, permanent.or(advice));
        }
    }
    let host = uri.authority().map_or("nowhere", |authority| authority.as_str());
    let mut message = format!("no answer from {host}: {}", causes(error.as_ref()));
    if let Some(advice) = advice {
        message.push_str("; ");
        message.push_str(advice);
    }
    Failure::new(kind, message).because(error).advise(retry)
}

/// Returns what an error and its causes say, in one line.
pub(crate) fn causes(error: &(dyn Error + 'static)) -> String {
    let mut texts: Vec<String> = Vec::new();
    for cause in chain(error) {
        let text = cause.to_string();
        // The pool's own words say nothing, and some layers repeat what is below them.
        let is_pool = cause.is::<hyper_util::client::legacy::Error>() && cause.source().is_some();
        if !is_pool && texts.last().is_none_or(|last| !last.contains(&text)) {
            texts.push(text);
        }
    }
    texts.join(": ")
}

/// Returns an error and its causes, those inside of an [`io::Error`] included, which are no sources of it.
fn chain<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(Some(error), |&error| {
        let inner = error.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
        match inner {
            Some(inner) => Some(inner as &(dyn Error + 'static)),
            None => error.source(),
        }
    })
}

/// Tells whether the same would happen again, and what to do then.
fn permanent(cause: &(dyn Error + 'static)) -> Option<Option<&'static str>> {
    if let Some(error) = cause.downcast_ref::<rustls::Error>() {
        return permanent_tls(error);
    }
    let error = cause.downcast_ref::<hyper::Error>()?;
    // Hyper has a predicate for it, but only for servers.
    let is_too_large = error.is_parse() && error.to_string().contains("too large");
    is_too_large.then_some(Some("the head of the response is larger than a client reads"))
}

/// Tells whether a TLS connection can never be made, and what to do then.
///
/// Certificates, versions and cipher suites do not change between two attempts, so that pauses and more attempts would only hide
/// what is wrong.
fn permanent_tls(error: &rustls::Error) -> Option<Option<&'static str>> {
    use AlertDescription as Alert;
    use rustls::Error as Tls;
    const DISAGREE: &str = "the server and this client share no version, cipher suite or protocol of TLS";
    const CLIENT_REFUSED: &str = "the server does not accept this client's certificate: `TransportBuilder::client_certificate_pem` sets it";
    let advice = match error {
        Tls::InvalidCertificate(certificate) => certificate_advice(certificate),
        Tls::PeerIncompatible(_) | Tls::NoApplicationProtocol => Some(DISAGREE),
        Tls::AlertReceived(
            Alert::HandshakeFailure
            | Alert::ProtocolVersion
            | Alert::InsufficientSecurity
            | Alert::NoApplicationProtocol,
        ) => Some(DISAGREE),
        Tls::AlertReceived(
            Alert::NoCertificate
            | Alert::BadCertificate
            | Alert::UnsupportedCertificate
            | Alert::CertificateRevoked
            | Alert::CertificateExpired
            | Alert::CertificateUnknown
            | Alert::CertificateRequired
            | Alert::UnknownCA
            | Alert::AccessDenied,
        ) => Some(CLIENT_REFUSED),
        Tls::AlertReceived(Alert::UnrecognisedName) => {
            Some("the server is not the endpoint's: check its URL")
        }
        Tls::InvalidMessage(InvalidMessage::InvalidContentType) => {
            Some("the server does not speak TLS: check the scheme and the port of the endpoint's URL")
        }
        _ => return None,
    };
    Some(advice)
}

fn certificate_advice(error: &CertificateError) -> Option<&'static str> {
    use CertificateError as Certificate;
    match error {
        Certificate::Expired
        | Certificate::ExpiredContext { .. }
        | Certificate::NotValidYet
        | Certificate::NotValidYetContext { .. } => {
            Some("the server needs another certificate, unless this machine's clock is wrong")
        }
        Certificate::NotValidForName | Certificate::NotValidForNameContext { .. } => {
            Some("check the host of the endpoint's URL: the server is another one")
        }
        Certificate::UnknownIssuer | Certificate::BadSignature => Some(
            "if the server, or a proxy on the way, is your own, trust its issuer with `TransportBuilder::trust_pem` or AWS_CA_BUNDLE",
        ),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug)]
    struct Layer(BoxError);

    impl fmt::Display for Layer {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            write!(f, "a layer of the user's: {}", self.0)
        }
    }

    impl Error for Layer {
        fn source(&self) -> Option<&(dyn Error + 'static)> {
            Some(self.0.as_ref())
        }
    }

    fn failure(error: impl Into<BoxError>) -> Failure {
        no_answer(error.into(), &Uri::from_static("https://localhost:4566/"))
    }

    #[test]
    fn what_is_wrong_with_a_certificate_is_found_below_layers() {
        let tls = rustls::Error::InvalidCertificate(CertificateError::UnknownIssuer);
        let failure = failure(Layer(io::Error::new(io::ErrorKind::InvalidData, tls).into()));
        assert_eq!(
            (failure.kind, failure.retry),
            (ErrorKind::Transport, RetryAdvice::Never)
        );
        assert_eq!(
            failure.message.as_deref(),
            Some(
                "no answer from localhost:4566: a layer of the user's: invalid peer certificate: UnknownIssuer; if the server, or a \
                 proxy on the way, is your own, trust its issuer with `TransportBuilder::trust_pem` or AWS_CA_BUNDLE"
            )
        );
    }

    #[test]
    fn what_may_pass_is_tried_again() {
        for error in [
            rustls::Error::DecryptError,
            rustls::Error::AlertReceived(AlertDescription::InternalError),
        ] {
            let failure = failure(io::Error::other(error));
            assert_eq!(failure.retry, RetryAdvice::Transient);
        }
        assert_eq!(
            failure(ConnectTimeout(Duration::from_secs(1))).kind,
            ErrorKind::Timeout
        );
    }

    #[test]
    fn a_client_that_cannot_connect_at_all_says_so_once() {
        let failure = failure(Layer(Unusable("this build has no TLS".to_owned()).into()));
        assert_eq!(
            (failure.kind, failure.retry),
            (ErrorKind::Config, RetryAdvice::Never)
        );
    }
}
