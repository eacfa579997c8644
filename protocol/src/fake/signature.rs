//! Checks the signatures of requests that a fake receives.

use std::time::{Duration, SystemTime};

use aws_credential_types::Credentials;
use aws_sigv4::http_request::{SignableBody, SignableRequest, SigningSettings, sign};
use aws_sigv4::sign::v4;
use aws_smithy_types::DateTime;
use aws_smithy_types::date_time::Format;
use bytes::Bytes;
use http::header::{AUTHORIZATION, HOST};
use http::{HeaderMap, Request};

use crate::body::BoxError;

use super::Reply;

/// How far the date of a signature may be off.
const MAX_SKEW: Duration = Duration::from_secs(300);

/// Whom a fake lets in.
pub(super) struct Verifier {
    credentials: Credentials,
    region: String,
    signing_name: &'static str,
}

impl Verifier {
    pub(super) fn new(credentials: Credentials, region: String, signing_name: &'static str) -> Self {
        Self {
            credentials,
            region,
            signing_name,
        }
    }

    /// Signs the request as it came, and compares.
    ///
    /// # Errors
    ///
    /// Returns why a service would not accept the request.
    pub(super) fn verify(&self, request: &Request<Bytes>) -> Result<(), Refusal> {
        let headers = request.headers();
        let Some(authorization) = text(headers, AUTHORIZATION.as_str()) else {
            return Err(Refusal(
                "MissingAuthenticationTokenException",
                "the request is not signed".to_owned(),
            ));
        };
        let parsed = Authorization::parse(authorization)
            .ok_or_else(|| invalid("the authorization header is malformed"))?;
        if parsed.access_key != self.credentials.access_key_id() {
            return Err(unrecognized("the security token of the request is invalid"));
        }
        if text(headers, "x-amz-security-token") != self.credentials.session_token() {
            return Err(unrecognized(
                "the session token of the request is missing or wrong",
            ));
        }
        let date = text(headers, "x-amz-date").and_then(parse_date);
        let date = date.ok_or_else(|| invalid("the date of the request is missing"))?;
        if skew(date) > MAX_SKEW {
            return Err(invalid("the signature expired: is the clock right?"));
        }
        match self.sign(request, &parsed, date) {
            Ok(signature) if signature == parsed.signature => Ok(()),
            Ok(_) => Err(invalid("the signature does not match the request")),
            Err(error) => Err(invalid(&format!("the request cannot be signed: {error}"))),
        }
    }

    fn sign(
        &self,
        request: &Request<Bytes>,
        authorization: &Authorization<'_>,
        date: SystemTime,
    ) -> Result<String, BoxError> {
        let identity = self.credentials.clone().into();
        let params = v4::SigningParams::builder()
            .identity(&identity)
            .region(&self.region)
            .name(self.signing_name)
            .time(date)
            .settings(SigningSettings::default())
            .build()?
            .into();
        let host = match request.uri().authority() {
            Some(authority) => authority.as_str(),
            None => text(request.headers(), HOST.as_str()).unwrap_or_default(),
        };
        let uri = format!("http://{host}{}", request.uri().path());
        // The signer adds host, date and token by itself.
        let own = [HOST.as_str(), "x-amz-date", "x-amz-security-token"];
        let headers = authorization
            .signed_headers
            .iter()
            .filter(|name| !own.contains(name));
        let headers = headers.filter_map(|name| Some((*name, text(request.headers(), name)?)));
        let signable = SignableRequest::new(
            request.method().as_str(),
            uri,
            headers,
            SignableBody::Bytes(request.body()),
        )?;
        Ok(sign(signable, &params)?.signature().to_owned())
    }
}

/// Why a request is not let in: the code of the error, and its message.
pub(super) struct Refusal(&'static str, String);

impl From<Refusal> for Reply {
    fn from(Refusal(code, message): Refusal) -> Self {
        Self::error(403, code, &message)
    }
}

fn invalid(message: &str) -> Refusal {
    Refusal("InvalidSignatureException", message.to_owned())
}

fn unrecognized(message: &str) -> Refusal {
    Refusal("UnrecognizedClientException", message.to_owned())
}

/// The parts of an `Authorization` header.
struct Authorization<'a> {
    access_key: &'a str,
    signed_headers: Vec<&'a str>,
    signature: &'a str,
}

impl<'a> Authorization<'a> {
    fn parse(header: &'a str) -> Option<Self> {
        let parts = header.strip_prefix("AWS4-HMAC-SHA256 ")?;
        let part = |name: &str| {
            let mut parts = parts.split(',').map(str::trim);
            parts.find_map(|part| part.strip_prefix(name)?.strip_prefix('='))
        };
        Some(Self {
            access_key: part("Credential")?.split('/').next()?,
            signed_headers: part("SignedHeaders")?.split(';').collect(),
            signature: part("Signature")?,
        })
    }
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

/// Reads a date such as `20000102T203456Z`.
fn parse_date(text: &str) -> Option<SystemTime> {
    let part = |from: usize, to: usize| text.get(from..to);
    let iso = format!(
        "{}-{}-{}T{}:{}:{}Z",
        part(0, 4)?,
        part(4, 6)?,
        part(6, 8)?,
        part(9, 11)?,
        part(11, 13)?,
        part(13, 15)?
    );
    DateTime::from_str(&iso, Format::DateTime).ok()?.try_into().ok()
}

fn skew(date: SystemTime) -> Duration {
    let now = SystemTime::now();
    now.duration_since(date).unwrap_or_else(|error| error.duration())
}
