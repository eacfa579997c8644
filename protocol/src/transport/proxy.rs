//! Which requests go through a proxy.

use std::sync::Arc;

use http::Uri;
use hyper_util::client::proxy::matcher::{Intercept, Matcher};

use crate::environment::Environment;
use crate::error::{Error, ErrorKind, Failure};
use crate::host;
use crate::untyped::NoException;

/// The proxy that encrypted connections go through, in a tunnel made with `CONNECT`, and the hosts that are reached without it.
///
/// Loopback and link-local addresses, such as those where instances ask for credentials, are never reached through a proxy;
/// neither are plaintext endpoints, for the proxy could read along.
#[derive(Clone, Debug, Default)]
pub struct Proxy(Option<Arc<Matcher>>);

impl Proxy {
    /// Returns no proxy.
    pub fn none() -> Self {
        Self(None)
    }

    /// Returns the proxy at `url`, such as `http://user:password@proxy.example:3128`.
    ///
    /// `bypass` lists hosts that are reached without it, separated by commas, as in `NO_PROXY`: names, which stand for names below
    /// them too, addresses, networks such as `10.0.0.0/8`, and `*` for all.
    ///
    /// # Errors
    ///
    /// Fails where `url` is no URL, or no `http://` one: the client cannot speak to others.
    pub fn new(url: &str, bypass: &str) -> Result<Self, Error<NoException>> {
        let proxy = Self::checked("the proxy", url, bypass);
        proxy.map_err(|failure| Error::from_failure(failure, None))
    }

    /// Reads the proxy from `HTTPS_PROXY`, else `ALL_PROXY`, and what bypasses it from `NO_PROXY`; the small letters win.
    ///
    /// # Errors
    ///
    /// Fails as [`Proxy::new`] does.
    pub(crate) fn load(environment: &Environment) -> Result<Self, Failure> {
        let either = |small: &str| {
            environment
                .get(small)
                .or_else(|| environment.get(&small.to_ascii_uppercase()))
        };
        for variable in ["https_proxy", "all_proxy"] {
            if let Some(url) = either(variable) {
                let what = format!("{} in the environment", variable.to_ascii_uppercase());
                return Self::checked(&what, &url, &either("no_proxy").unwrap_or_default());
            }
        }
        Ok(Self::none())
    }

    fn checked(what: &str, url: &str, bypass: &str) -> Result<Self, Failure> {
        // The URL may hold a password: it is not repeated.
        let invalid = || {
            let message = format!("{what} must be a URL such as `http://proxy.example:3128`");
            Failure::new(ErrorKind::Config, message)
        };
        let url = match url.contains("://") {
            true => url.to_owned(),
            false => format!("http://{url}"),
        };
        let uri: Uri = url.parse().map_err(|_| invalid())?;
        if uri.scheme_str() != Some("http") || uri.host().is_none() {
            return Err(invalid());
        }
        let matcher = Matcher::builder().https(url).no(bypass).build();
        Ok(Self(Some(Arc::new(matcher))))
    }

    /// Returns the proxy for a URI, if it is to be reached through one.
    pub(super) fn of(&self, uri: &Uri) -> Option<Intercept> {
        let matcher = self.0.as_ref()?;
        match host::is_never_proxied(uri.host()?) {
            true => None,
            false => matcher.intercept(uri),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn proxied(proxy: &Proxy, uri: &'static str) -> bool {
        proxy.of(&Uri::from_static(uri)).is_some()
    }

    #[test]
    fn some_hosts_are_never_reached_through_a_proxy() {
        let proxy = Proxy::new("http://proxy.example:3128", ".internal,10.0.0.0/8").expect("a proxy");
        assert!(proxied(&proxy, "https://logs.eu-west-1.amazonaws.com/"));
        for uri in [
            "http://logs.eu-west-1.amazonaws.com/",
            "https://localhost:4566/",
            "https://127.0.0.1/",
            "https://[::1]/",
            "https://169.254.169.254/",
            "https://[fd00:ec2::254]/",
            "https://logs.internal/",
            "https://10.1.2.3/",
        ] {
            assert!(!proxied(&proxy, uri), "{uri}");
        }
    }

    #[test]
    fn the_environment_is_read_as_other_programs_do() {
        let load = |variables: &'static [(&str, &str)]| {
            let lookup = move |name: &str| {
                let mut found = variables.iter().filter(|(variable, _)| *variable == name);
                found.next().map(|(_, value)| (*value).to_owned())
            };
            Proxy::load(&Environment::from_fn(lookup))
        };
        let target = Uri::from_static("https://logs.eu-west-1.amazonaws.com/");
        let host = |proxy: Proxy| proxy.of(&target).map(|proxy| proxy.uri().to_string());
        let both = load(&[
            ("HTTPS_PROXY", "http://large:1"),
            ("https_proxy", "http://small:2"),
        ]);
        assert_eq!(host(both.expect("a proxy")).as_deref(), Some("http://small:2/"));
        let all = load(&[("ALL_PROXY", "proxy.example:3128")]);
        assert_eq!(
            host(all.expect("a proxy")).as_deref(),
            Some("http://proxy.example:3128/")
        );
        let bypassed = load(&[("HTTPS_PROXY", "http://proxy:1"), ("NO_PROXY", "amazonaws.com")]);
        assert_eq!(host(bypassed.expect("a proxy")), None);
        assert_eq!(
            host(load(&[("HTTP_PROXY", "http://proxy:1")]).expect("none")),
            None
        );
    }

    #[test]
    fn a_proxy_that_cannot_be_used_is_refused_without_its_password() {
        for url in [
            "socks5://user:hunter2@proxy:1",
            "https://user:hunter2@proxy:1",
            "http://user:hunter2@",
        ] {
            let error = Proxy::new(url, "").expect_err(url).to_string();
            assert!(
                error.contains("http://proxy.example:3128") && !error.contains("hunter2"),
                "{error}"
            );
        }
    }
}
