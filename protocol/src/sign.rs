//! Signature Version 4 of requests as awsJson makes them: one path, no query, a body that is at hand.
//!
//! `aws-sigv4` derives keys and computes signatures. Its own way from a request to the string to sign is for every request that there is,
//! and costs more than all else that a small call does, so that way is taken here, with the key of a day kept. A test compares the two.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::sync::{Mutex, PoisonError};
use std::time::SystemTime;

use aws_credential_types::Credentials;
use aws_sigv4::sign::v4::{calculate_signature, generate_signing_key};
use http::header::{AUTHORIZATION, HOST, TRANSFER_ENCODING, ToStrError, USER_AGENT};
use http::{HeaderName, HeaderValue, Request, Uri};
use sha2::{Digest, Sha256};
use time::OffsetDateTime;
use zeroize::Zeroizing;

use crate::body::{Body, BoxError};

const DATE: HeaderName = HeaderName::from_static("x-amz-date");
const TOKEN: HeaderName = HeaderName::from_static("x-amz-security-token");
/// Headers that may change on the way.
const UNSIGNED: [HeaderName; 4] = [
    AUTHORIZATION,
    TRANSFER_ENCODING,
    USER_AGENT,
    HeaderName::from_static("x-amzn-trace-id"),
];

/// What a signature is made for, beside the request.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Scope<'a> {
    pub(crate) region: &'a str,
    pub(crate) signing_name: &'a str,
    pub(crate) time: SystemTime,
}

/// Signs requests, and keeps the last key: it is good for a day, a region and a service.
#[derive(Default)]
pub(crate) struct Signer {
    key: Mutex<Option<Key>>,
}

struct Key {
    access_key: String,
    secret: Zeroizing<String>,
    date: String,
    region: String,
    signing_name: String,
    key: Zeroizing<Vec<u8>>,
}

impl Signer {
    /// Signs a request: adds the date, the session token and the signature over every header that is there.
    ///
    /// # Errors
    ///
    /// Fails where a header is not text.
    pub(crate) fn sign(
        &self,
        request: &mut Request<Body>,
        credentials: &Credentials,
        scope: Scope<'_>,
    ) -> Result<(), BoxError> {
        let date_time = date_time(scope.time);
        let date = date_time.get(..8).unwrap_or_default();
        let headers = request.headers_mut();
        headers.insert(DATE, HeaderValue::from_str(&date_time)?);
        if let Some(token) = credentials.session_token() {
            let mut token = HeaderValue::from_str(token)?;
            token.set_sensitive(true);
            headers.insert(TOKEN, token);
        }
        let Canonical {
            mut text,
            signed_headers,
        } = canonical(request)?;
        let digest = Sha256::digest(&text);
        let (region, name) = (scope.region, scope.signing_name);
        text.clear();
        write!(
            text,
            "AWS4-HMAC-SHA256\n{date_time}\n{date}/{region}/{name}/aws4_request\n"
        )?;
        push_hex(&mut text, &digest);
        let signature = self.with_key(credentials, date, scope, |key| {
            calculate_signature(key, text.as_bytes())
        });
        text.clear();
        write!(
            text,
            "AWS4-HMAC-SHA256 Credential={}/{date}/{region}/{name}/aws4_request, SignedHeaders={signed_headers}, Signature={signature}",
            credentials.access_key_id(),
        )?;
        let mut authorization = HeaderValue::from_maybe_shared(bytes::Bytes::from(text))?;
        authorization.set_sensitive(true);
        request.headers_mut().insert(AUTHORIZATION, authorization);
        Ok(())
    }

    /// Calls `work` with the key for a day, a region and a service, which is derived unless it is the last one.
    fn with_key<T>(
        &self,
        credentials: &Credentials,
        date: &str,
        scope: Scope<'_>,
        work: impl FnOnce(&[u8]) -> T,
    ) -> T {
        let mut kept = self.key.lock().unwrap_or_else(PoisonError::into_inner);
        let key = match kept.take().filter(|key| key.is_for(credentials, date, scope)) {
            Some(key) => key,
            None => Key::derive(credentials, date, scope),
        };
        work(&kept.insert(key).key)
    }
}

impl Key {
    fn derive(credentials: &Credentials, date: &str, scope: Scope<'_>) -> Self {
        let secret = credentials.secret_access_key();
        let key = generate_signing_key(secret, scope.time, scope.region, scope.signing_name);
        Self {
            access_key: credentials.access_key_id().to_owned(),
            secret: Zeroizing::new(secret.to_owned()),
            date: date.to_owned(),
            region: scope.region.to_owned(),
            signing_name: scope.signing_name.to_owned(),
            key: Zeroizing::new(key.as_ref().to_vec()),
        }
    }

    fn is_for(&self, credentials: &Credentials, date: &str, scope: Scope<'_>) -> bool {
        self.access_key == credentials.access_key_id()
            && self.secret.as_str() == credentials.secret_access_key()
            && self.date == date
            && self.region == scope.region
            && self.signing_name == scope.signing_name
    }
}

/// A request in the form that is signed.
struct Canonical {
    text: String,
    /// The names of the headers that are signed, as the signature names them.
    signed_headers: String,
}

fn canonical(request: &Request<Body>) -> Result<Canonical, ToStrError> {
    let headers = signed(request)?;
    let length: usize = headers
        .iter()
        .map(|(name, value)| 2 * name.len() + value.len() + 3)
        .sum();
    let mut text = String::with_capacity(length + 256);
    let mut signed_headers = String::with_capacity(length / 2);
    text.push_str(request.method().as_str());
    text.push('\n');
    text.push_str(&canonical_path(request.uri().path()));
    // The line between is the query.
    text.push_str("\n\n");
    let mut last = "";
    for (name, value) in headers {
        if name == last {
            // Values of a header that is there twice stand in one line.
            text.pop();
            text.push(',');
        } else {
            if !last.is_empty() {
                signed_headers.push(';');
            }
            signed_headers.push_str(name);
            text.push_str(name);
            text.push(':');
        }
        text.push_str(&fold_spaces(value));
        text.push('\n');
        last = name;
    }
    text.push('\n');
    text.push_str(&signed_headers);
    text.push('\n');
    let body = request.body().bytes().map_or(&[][..], |bytes| bytes.as_ref());
    push_hex(&mut text, &Sha256::digest(body));
    Ok(Canonical { text, signed_headers })
}

/// Collects the headers that are signed, in the order of their names; `Host` is what HTTP will send.
fn signed(request: &Request<Body>) -> Result<Vec<(&str, &str)>, ToStrError> {
    let mut headers = Vec::with_capacity(request.headers().len() + 1);
    if !request.headers().contains_key(HOST) {
        headers.push((HOST.as_str(), host(request.uri())));
    }
    for (name, value) in request.headers() {
        let value = value.to_str()?;
        if !UNSIGNED.contains(name) {
            headers.push((name.as_str(), value));
        }
    }
    // It is stable: values of a header that is there twice keep their order.
    headers.sort_by_key(|(name, _)| *name);
    Ok(headers)
}

fn host(uri: &Uri) -> &str {
    let default = match uri.scheme_str() {
        Some("http") => Some(80),
        Some("https") => Some(443),
        _ => None,
    };
    match uri.port_u16() {
        port if port == default => uri.host(),
        _ => uri.authority().map(|authority| authority.as_str()),
    }
    .unwrap_or_default()
}

/// Removes spaces at the ends, and all but one of those that follow each other.
fn fold_spaces(value: &str) -> Cow<'_, str> {
    let value = value.trim_matches(' ');
    if !value.contains("  ") {
        return Cow::Borrowed(value);
    }
    let words = value.split(' ').filter(|word| !word.is_empty());
    Cow::Owned(words.collect::<Vec<_>>().join(" "))
}

/// Resolves dots in a path, and encodes it once more, as services other than S3 want it.
fn canonical_path(path: &str) -> Cow<'_, str> {
    if path == "/" {
        return Cow::Borrowed(path);
    }
    let mut segments = Vec::new();
    for segment in path.split('/') {
        match segment {
            "" | "." => {}
            ".." => drop(segments.pop()),
            segment => segments.push(segment),
        }
    }
    let ends = ["/", "/.", "/.."];
    let mut canonical = String::from("/");
    for byte in segments.join("/").bytes() {
        match byte {
            b'/' | b'-' | b'_' | b'.' | b'~' => canonical.push(byte.into()),
            byte if byte.is_ascii_alphanumeric() => canonical.push(byte.into()),
            byte => canonical.push_str(&format!("%{byte:02X}")),
        }
    }
    if canonical != "/" && ends.iter().any(|end| path.ends_with(end)) {
        canonical.push('/');
    }
    Cow::Owned(canonical)
}

/// Writes a time such as `20150830T123600Z`.
fn date_time(time: SystemTime) -> String {
    let time = OffsetDateTime::from(time);
    format!(
        "{:04}{:02}{:02}T{:02}{:02}{:02}Z",
        time.year(),
        u8::from(time.month()),
        time.day(),
        time.hour(),
        time.minute(),
        time.second()
    )
}

fn push_hex(text: &mut String, bytes: &[u8]) {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digit = |nibble: u8| char::from(DIGITS[usize::from(nibble & 15)]);
    text.extend(bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(*byte)]));
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, UNIX_EPOCH};

    use aws_sigv4::http_request::{SignableBody, SignableRequest, SigningSettings, sign};
    use aws_sigv4::sign::v4::SigningParams;
    use bytes::Bytes;
    use http::Method;

    use super::*;

    /// Signs as `aws-sigv4` does it.
    fn library(request: &mut Request<Body>, credentials: &Credentials, scope: Scope<'_>) {
        let identity = credentials.clone().into();
        let params = SigningParams::builder()
            .identity(&identity)
            .region(scope.region)
            .name(scope.signing_name)
            .time(scope.time)
            .settings(SigningSettings::default())
            .build()
            .expect("complete")
            .into();
        let headers = request
            .headers()
            .iter()
            .map(|(name, value)| (name.as_str(), value.to_str().expect("text")));
        let body = request.body().bytes().map_or(&[][..], |bytes| bytes.as_ref());
        let signable = SignableRequest::new(
            request.method().as_str(),
            request.uri().to_string(),
            headers,
            SignableBody::Bytes(body),
        );
        let signed = sign(signable.expect("a request"), &params).expect("a signature");
        signed.into_parts().0.apply_to_request_http1x(request);
    }

    fn one_of<T: Copy>(random: &mut fastrand::Rng, choices: &[T]) -> T {
        *random.choice(choices).expect("there are some")
    }

    fn random_request(random: &mut fastrand::Rng) -> Request<Body> {
        let hosts = [
            "https://logs.eu-west-1.amazonaws.com",
            "http://127.0.0.1:4566",
            "http://[::1]:80",
            "https://example.com:443",
        ];
        let paths = [
            "/",
            "/base/",
            "/a/../b/./",
            "/a//b/",
            "/%7Ea%20b/:+*,;=@!$&'()/",
            "/../",
            "/a/..",
            "/a/.",
            "/a.b-c_d~e",
        ];
        let uri = format!("{}{}", one_of(random, &hosts), one_of(random, &paths));
        let mut body = vec![0; random.usize(..200)];
        random.fill(&mut body);
        let mut request = Request::new(Body::from(Bytes::from(body)));
        *request.method_mut() = Method::POST;
        *request.uri_mut() = uri.parse().expect("a URI");
        let names = [
            "content-type",
            "x-amz-target",
            "user-agent",
            "x-amzn-trace-id",
            "host",
            "x-a",
            "x-amz-date",
            "authorization",
            "content-encoding",
        ];
        let values = ["a", "  b   c  ", "d, e", "", "~!@#$%^&*()_+", "x  y"];
        for _ in 0..random.usize(..12) {
            let name = HeaderName::from_static(one_of(random, &names));
            let value = HeaderValue::from_static(one_of(random, &values));
            match name == HOST {
                true => drop(request.headers_mut().insert(name, value)),
                false => drop(request.headers_mut().append(name, value)),
            }
        }
        request
    }

    fn copy(request: &Request<Body>) -> Request<Body> {
        let mut copy = Request::new(Body::from(request.body().bytes().expect("at hand").clone()));
        *copy.method_mut() = request.method().clone();
        *copy.uri_mut() = request.uri().clone();
        *copy.headers_mut() = request.headers().clone();
        copy
    }

    #[test]
    fn requests_are_signed_as_aws_sigv4_signs_them() {
        let random = &mut fastrand::Rng::with_seed(7);
        let signer = Signer::default();
        for _ in 0..5_000 {
            let mut ours = random_request(random);
            let mut theirs = copy(&ours);
            let credentials = Credentials::new(
                one_of(random, &["AKID1", "AKID2"]),
                one_of(random, &["secret1", "secret2"]),
                one_of(random, &[None, Some("a/session+token==")]).map(str::to_owned),
                None,
                "tests",
            );
            let scope = Scope {
                region: one_of(random, &["us-east-1", "eu-west-1"]),
                signing_name: one_of(random, &["logs", "ecr"]),
                time: UNIX_EPOCH + Duration::from_secs(random.u64(..5_000_000_000)),
            };
            library(&mut theirs, &credentials, scope);
            let signed = signer.sign(&mut ours, &credentials, scope);
            signed.expect("a signature");
            assert_eq!(ours.headers(), theirs.headers(), "{}", ours.uri());
        }
    }

    #[test]
    fn a_key_is_derived_once_a_day() {
        let signer = Signer::default();
        let credentials = Credentials::new("AKID", "secret", None, None, "tests");
        let key_at = |seconds| {
            let scope = Scope {
                region: "us-east-1",
                signing_name: "logs",
                time: UNIX_EPOCH + Duration::from_secs(seconds),
            };
            let date = date_time(scope.time);
            signer.with_key(&credentials, &date[..8], scope, |key| {
                (key.as_ptr() as usize, key.to_vec())
            })
        };
        let (first, second, next_day) = (key_at(0), key_at(86_399), key_at(86_400));
        assert_eq!(first, second);
        assert_ne!(first.1, next_day.1);
    }
}
