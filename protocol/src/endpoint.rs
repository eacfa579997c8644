//! Where requests go: the endpoint, and host prefixes.

use std::borrow::Cow;

use http::Uri;
use http::uri::{Authority, PathAndQuery, Scheme};

use crate::endpoint_rules::{OperationValue, Parameters, resolve};
use crate::error::{ErrorKind, Failure};
use crate::host;
use crate::service::ServiceMetadata;
use crate::shown;

/// The longest endpoint URL, in bytes.
const MAX_URL: usize = 2048;

/// Whether plaintext endpoints other than loopback are accepted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Plaintext {
    /// `http://` is accepted for loopback addresses and `localhost` only.
    #[default]
    LoopbackOnly,
    /// `http://` is accepted for every host: requests, and what they say, can be read on the way.
    Anywhere,
}

/// Whether operations with a host prefix, such as `stream-`, get it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum HostPrefix {
    /// They do, unless the endpoint is an IP address or `localhost`.
    #[default]
    Apply,
    /// They do not: for endpoints that serve every operation under one name.
    Ignore,
}

/// An endpoint that has been checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Endpoint {
    /// Where operations without a host prefix go.
    uri: Uri,
    signing: SigningScope,
}

/// What a signature for an endpoint names, where that is not the usual service name or the client's region.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct SigningScope {
    pub(crate) name: Option<String>,
    pub(crate) region: Option<String>,
}

/// What the endpoint of a client follows from.
#[derive(Clone, Debug)]
pub(crate) struct EndpointConfig {
    pub(crate) region: String,
    pub(crate) url: Option<String>,
    pub(crate) use_fips: bool,
    pub(crate) use_dual_stack: bool,
    pub(crate) account_id: Option<String>,
    pub(crate) plaintext: Plaintext,
}

impl EndpointConfig {
    /// Returns the same with another region, if there is one.
    pub(crate) fn in_region(&self, region: Option<&str>) -> Cow<'_, Self> {
        match region {
            None => Cow::Borrowed(self),
            Some(region) => Cow::Owned(Self {
                region: region.to_owned(),
                ..self.clone()
            }),
        }
    }

    /// Checks what does not depend on the service, and returns the endpoint that the URL names.
    ///
    /// # Errors
    ///
    /// Fails where the region, the account or the URL is malformed.
    pub(crate) fn custom(&self) -> Result<Option<Endpoint>, Failure> {
        check_region(&self.region)?;
        self.account_id.as_deref().map_or(Ok(()), check_account)?;
        let url = self.url.as_deref();
        url.map(|url| Endpoint::parse(url, self.plaintext)).transpose()
    }

    /// Finds the endpoint of a service, for an operation that gives `parameters` to its rules.
    ///
    /// # Errors
    ///
    /// Fails where the region or the URL is malformed, or the rules have no endpoint.
    pub(crate) fn endpoint(
        &self,
        service: &ServiceMetadata,
        parameters: Vec<(&str, OperationValue<'_>)>,
    ) -> Result<Endpoint, Failure> {
        let custom = self.custom()?;
        let Some(rules) = service.endpoint_rules else {
            return match custom {
                Some(endpoint) => Ok(endpoint),
                None => Endpoint::regional(service.endpoint_prefix, &self.region),
            };
        };
        let parameters = Parameters {
            region: Some(&self.region),
            use_fips: self.use_fips,
            use_dual_stack: self.use_dual_stack,
            endpoint: self.url.as_deref(),
            account_id: self.account_id.as_deref(),
            account_id_endpoint_mode: Some("preferred"),
            operation: parameters,
        };
        let resolved =
            resolve(rules, &parameters).map_err(|message| Failure::new(ErrorKind::Config, message))?;
        let mut endpoint = match custom {
            Some(endpoint) => endpoint,
            None => Endpoint::parse(&resolved.url, Plaintext::LoopbackOnly)?,
        };
        let names: Vec<&str> = resolved.auth_schemes.iter().map(|scheme| scheme.name).collect();
        if !names.is_empty() && !names.contains(&"sigv4") {
            let names = names.join(" or ");
            let message = format!(
                "the endpoint {} wants requests signed with {names}; this client signs with sigv4",
                resolved.url
            );
            return Err(Failure::new(ErrorKind::Config, message));
        }
        let scheme = resolved
            .auth_schemes
            .into_iter()
            .find(|scheme| scheme.name == "sigv4");
        if let Some(scheme) = scheme {
            endpoint.signing.name = scheme.signing_name;
            endpoint.signing.region = scheme.signing_region;
        }
        Ok(endpoint)
    }
}

impl Endpoint {
    /// Returns what signatures name, where that is not the usual.
    pub(crate) fn signing(&self) -> &SigningScope {
        &self.signing
    }

    /// Returns the regional endpoint of a service.
    ///
    /// # Errors
    ///
    /// Fails where the region is no host label.
    pub(crate) fn regional(prefix: &str, region: &str) -> Result<Self, Failure> {
        check_region(region)?;
        let suffix = match region.starts_with("cn-") {
            true => "amazonaws.com.cn",
            false => "amazonaws.com",
        };
        let host = format!("{prefix}.{region}.{suffix}");
        Self::new(Scheme::HTTPS, &host, "/")
    }

    /// Makes the endpoint of checked parts.
    ///
    /// # Errors
    ///
    /// Fails where they are no URI together.
    fn new(scheme: Scheme, authority: &str, path: &str) -> Result<Self, Failure> {
        Ok(Self {
            uri: uri(scheme, authority, path)?,
            signing: SigningScope::default(),
        })
    }

    /// Reads an endpoint URL.
    ///
    /// # Errors
    ///
    /// Fails where it is no `http` or `https` URL with a host, or plaintext to a host that is not this machine.
    pub(crate) fn parse(url: &str, plaintext: Plaintext) -> Result<Self, Failure> {
        let invalid = |why: &str| {
            let message = format!("the endpoint URL `{}` {why}", shown::url(url));
            Failure::new(ErrorKind::Config, message)
        };
        if url.len() > MAX_URL {
            return Err(invalid(&format!("has more than {MAX_URL} bytes")));
        }
        if url.contains('#') {
            return Err(invalid("must not hold a fragment"));
        }
        let uri: Uri = url.parse().map_err(|_| invalid("is no URL"))?;
        let parts = uri.into_parts();
        let (Some(scheme), Some(authority)) = (parts.scheme, parts.authority) else {
            return Err(invalid("must start with http:// or https:// and name a host"));
        };
        if scheme != Scheme::HTTP && scheme != Scheme::HTTPS {
            return Err(invalid("must start with http:// or https://"));
        }
        if authority.as_str().contains('@') {
            return Err(invalid("must not hold a user name or a password"));
        }
        let path = parts
            .path_and_query
            .unwrap_or_else(|| PathAndQuery::from_static("/"));
        if path.query().is_some() {
            return Err(invalid("must not hold a query"));
        }
        let host = authority.host().to_owned();
        if let Some(why) = host::problem(&host) {
            return Err(invalid(why));
        }
        let port = match authority.as_str()[host.len()..].strip_prefix(':') {
            None => None,
            Some(port) => match port.parse::<u16>() {
                Ok(port @ 1..) => Some(port),
                _ => return Err(invalid("must have a port from 1 to 65535, or none")),
            },
        };
        if scheme == Scheme::HTTP && plaintext == Plaintext::LoopbackOnly && !host::is_loopback(&host) {
            return Err(invalid(
                "is not encrypted; use https://, or allow it with `plaintext(Plaintext::Anywhere)`",
            ));
        }
        let mut path = path.path().to_owned();
        if !path.ends_with('/') {
            path.push('/');
        }
        let default_port = if scheme == Scheme::HTTP { 80 } else { 443 };
        let port = port.filter(|port| *port != default_port);
        let port = port.map(|port| format!(":{port}")).unwrap_or_default();
        Self::new(scheme, &format!("{host}{port}"), &path)
    }

    /// Returns the URI for an operation; `prefix` stands before the host name unless that is an address.
    ///
    /// # Errors
    ///
    /// Fails where host and prefix are no host name together.
    pub(crate) fn uri(&self, prefix: Option<&str>) -> Result<Uri, Failure> {
        let host = self.uri.host().unwrap_or_default();
        let (Some(prefix), false) = (prefix, host::is_address_or_local(host)) else {
            return Ok(self.uri.clone());
        };
        let authority = self.uri.authority().map(Authority::as_str).unwrap_or_default();
        let scheme = self.uri.scheme().cloned().unwrap_or(Scheme::HTTPS);
        uri(scheme, &format!("{prefix}{authority}"), self.uri.path())
    }
}

fn uri(scheme: Scheme, authority: &str, path: &str) -> Result<Uri, Failure> {
    let build = || {
        Uri::builder()
            .scheme(scheme)
            .authority(Authority::try_from(authority)?)
            .path_and_query(path)
            .build()
    };
    build().map_err(|error: http::Error| {
        let text = format!("`{}` is no host name", shown::excerpt(authority));
        Failure::new(ErrorKind::Config, text).because(error)
    })
}

/// Checks that an account can stand in a host name: it has 12 digits.
fn check_account(account_id: &str) -> Result<(), Failure> {
    match account_id.len() == 12 && account_id.bytes().all(|byte| byte.is_ascii_digit()) {
        true => Ok(()),
        false => Err(Failure::new(
            ErrorKind::Config,
            format!(
                "the account `{}` is none: it must have 12 digits",
                shown::excerpt(account_id)
            ),
        )),
    }
}

/// Checks that a region can stand in a host name and in a signature.
///
/// # Errors
///
/// Fails where it is no host label.
pub(crate) fn check_region(region: &str) -> Result<(), Failure> {
    match host::is_label(region) {
        true => Ok(()),
        false => Err(Failure::new(
            ErrorKind::Config,
            format!(
                "the region `{}` is no host label: use letters, digits and hyphens, as in us-east-1",
                shown::excerpt(region)
            ),
        )),
    }
}

/// Fills the labels of a host prefix such as `{AccountId}.`.
///
/// # Errors
///
/// Fails where a member that the prefix names is unset, or is no host label.
pub(crate) fn fill_prefix<'a>(
    prefix: &str,
    label: impl Fn(&str) -> Option<&'a str>,
) -> Result<String, Failure> {
    let mut filled = String::new();
    let mut rest = prefix;
    while let Some((before, after)) = rest.split_once('{') {
        let (member, after) = after.split_once('}').unwrap_or((after, ""));
        let value = label(member).unwrap_or_default();
        if !host::is_label(value) {
            return Err(Failure::new(
                ErrorKind::InvalidInput,
                format!(
                    "`{member}` becomes part of the host name: set it to 1 to 63 letters, digits and hyphens, not to `{}`",
                    shown::excerpt(value)
                ),
            ));
        }
        filled.push_str(before);
        filled.push_str(value);
        rest = after;
    }
    filled.push_str(rest);
    Ok(filled)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn uri(url: &str, prefix: Option<&str>) -> String {
        let endpoint = Endpoint::parse(url, Plaintext::LoopbackOnly).expect("a valid URL");
        endpoint.uri(prefix).expect("a valid host").to_string()
    }

    fn refusal(url: &str) -> String {
        let failure = Endpoint::parse(url, Plaintext::LoopbackOnly).expect_err("an invalid URL");
        failure.message.clone().unwrap_or_default()
    }

    #[test]
    fn regional_endpoints_follow_the_partition() {
        let uri = |region| Endpoint::regional("logs", region).and_then(|endpoint| endpoint.uri(None));
        assert_eq!(
            uri("eu-west-1").expect("valid").to_string(),
            "https://logs.eu-west-1.amazonaws.com/"
        );
        assert_eq!(
            uri("cn-north-1").expect("valid").to_string(),
            "https://logs.cn-north-1.amazonaws.com.cn/"
        );
        assert!(uri("x.evil.example/").is_err());
    }

    #[test]
    fn a_base_path_is_kept() {
        assert_eq!(
            uri("https://example.com/custom", None),
            "https://example.com/custom/"
        );
        assert_eq!(uri("https://example.com:443", None), "https://example.com/");
        assert_eq!(
            uri("https://example.com:8443/a/", None),
            "https://example.com:8443/a/"
        );
    }

    #[test]
    fn a_host_prefix_is_not_put_before_addresses() {
        assert_eq!(
            uri("https://example.com", Some("stream-")),
            "https://stream-example.com/"
        );
        assert_eq!(uri("http://127.0.0.1:9", Some("stream-")), "http://127.0.0.1:9/");
        assert_eq!(uri("http://[::1]:9", Some("stream-")), "http://[::1]:9/");
        assert_eq!(uri("http://localhost:9", Some("stream-")), "http://localhost:9/");
    }

    #[test]
    fn plaintext_leaves_the_machine_only_if_allowed() {
        assert!(refusal("http://example.com").contains("not encrypted"));
        assert!(Endpoint::parse("http://example.com", Plaintext::Anywhere).is_ok());
    }

    #[test]
    fn what_is_no_endpoint_is_refused() {
        for url in [
            "",
            "example.com",
            "ftp://example.com",
            "https://a:b@example.com",
            "https://example.com/?a=b",
        ] {
            assert!(refusal(url).contains("the endpoint URL"), "{url}");
        }
    }

    #[test]
    fn labels_are_filled_in_and_checked() {
        let fill = |value| fill_prefix("{id}.data-", |_| value);
        assert_eq!(fill(Some("abc")).expect("a label"), "abc.data-");
        for bad in [None, Some(""), Some("a.b"), Some("a/b"), Some("-a")] {
            assert!(fill(bad).is_err(), "{bad:?}");
        }
    }
}
