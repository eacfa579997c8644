//! Signature Version 4.

use std::time::SystemTime;

use aws_credential_types::Credentials;
use aws_sigv4::http_request::{SignableBody, SignableRequest, SigningSettings, sign};
use aws_sigv4::sign::v4;
use http::header::AUTHORIZATION;
use http::{HeaderValue, Request};
use tracing::subscriber::{NoSubscriber, with_default};

use crate::body::{Body, BoxError};

/// What a signature is made for, beside the request.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Scope<'a> {
    pub(crate) region: &'a str,
    pub(crate) signing_name: &'a str,
    pub(crate) time: SystemTime,
}

/// Signs a request: adds the date, the session token and the signature over every header that is there.
///
/// # Errors
///
/// Fails where a header is not text.
pub(crate) fn sign_request(
    request: &mut Request<Body>,
    credentials: &Credentials,
    scope: Scope<'_>,
) -> Result<(), BoxError> {
    let identity = credentials.clone().into();
    let params = v4::SigningParams::builder()
        .identity(&identity)
        .region(scope.region)
        .name(scope.signing_name)
        .time(scope.time)
        .settings(SigningSettings::default())
        .build()?
        .into();
    let uri = request.uri().to_string();
    let headers = request
        .headers()
        .iter()
        .map(|(name, value)| Ok((name.as_str(), value.to_str()?)))
        .collect::<Result<Vec<_>, http::header::ToStrError>>()?;
    let body = request.body().bytes().map_or(&[][..], |bytes| bytes.as_ref());
    let signable = SignableRequest::new(
        request.method().as_str(),
        uri,
        headers.into_iter(),
        SignableBody::Bytes(body),
    )?;
    // The signer shows headers to subscribers of its own at the level TRACE.
    let is_secret = request.headers().values().any(HeaderValue::is_sensitive);
    let signed = match is_secret {
        false => sign(signable, &params),
        true => with_default(NoSubscriber::new(), || sign(signable, &params)),
    };
    let (instructions, _) = signed?.into_parts();
    instructions.apply_to_request_http1x(request);
    if let Some(value) = request.headers_mut().get_mut(AUTHORIZATION) {
        value.set_sensitive(true);
    }
    Ok(())
}
