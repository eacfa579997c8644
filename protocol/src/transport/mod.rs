//! The default transport: hyper over TCP and rustls, HTTP/1.1 and HTTP/2, pooled, through a proxy where there is one.

mod connect;
mod failure;
mod proxy;
mod tls;

use std::sync::Arc;
use std::time::Duration;

use http::{Request, Response};
use hyper::body::Incoming;
use hyper_util::client::legacy::Client;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use tower::util::BoxCloneSyncService;
use tower::{Service, ServiceExt};

use crate::body::{Body, BoxError};
use crate::config::Timeouts;
use crate::error::{Error, Failure};
use crate::untyped::NoException;

use connect::Connector;
pub(crate) use failure::{causes, no_answer};
pub use proxy::Proxy;
use tls::{HttpVersions, Identity, Tls};

/// The largest head of a response, in bytes, and the most that is read from a connection at once. Heads of services take a few
/// hundred bytes; what is larger would let a server keep a thread busy, and let each of many connections hold more memory.
const MAX_HEAD: usize = 64 * 1024;

/// A transport of any type.
pub type Transport = BoxCloneSyncService<Request<Body>, Response<Body>, BoxError>;

/// Makes the default transport: to configure it, to put middleware around it, or to share it among clients.
///
/// ```no_run
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use awsjson_protocol::{Proxy, TransportBuilder};
///
/// let transport = TransportBuilder::new()
///     .proxy(Proxy::new("http://proxy.example:3128", ".internal.example")?)
///     .trust_pem(&std::fs::read("company-ca.pem")?)?
///     .build();
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct TransportBuilder {
    connect_timeout: Option<Duration>,
    pool_idle_timeout: Option<Duration>,
    pool_max_idle_per_host: usize,
    keep_alive: Option<(Duration, Duration)>,
    proxy: Proxy,
    tls: Tls,
}

impl Default for TransportBuilder {
    fn default() -> Self {
        Self::new()
    }
}

impl TransportBuilder {
    /// Starts with the defaults.
    pub fn new() -> Self {
        Self {
            connect_timeout: Timeouts::default().connect,
            pool_idle_timeout: Some(Duration::from_secs(60)),
            pool_max_idle_per_host: usize::MAX,
            keep_alive: Some((Duration::from_secs(15), Duration::from_secs(10))),
            proxy: Proxy::none(),
            tls: Tls::default(),
        }
    }

    /// Sets how long connecting may take, proxy and TLS included; `None` is for ever. Default: 3.1 s.
    #[must_use]
    pub fn connect_timeout(mut self, timeout: impl Into<Option<Duration>>) -> Self {
        self.connect_timeout = timeout.into();
        self
    }

    /// Sets how long an unused connection is kept; `None` is for ever. Default: 60 s.
    #[must_use]
    pub fn pool_idle_timeout(mut self, timeout: impl Into<Option<Duration>>) -> Self {
        self.pool_idle_timeout = timeout.into();
        self
    }

    /// Sets how many unused connections to a host are kept. Default: all.
    #[must_use]
    pub fn pool_max_idle_per_host(mut self, connections: usize) -> Self {
        self.pool_max_idle_per_host = connections;
        self
    }

    /// Sets how connections over HTTP/2 are found that have died without a word: while a request waits, the server is sent a ping each
    /// `interval`, and where it does not answer within `timeout`, every request on the connection fails and may be sent over
    /// another one. `None` sends no pings. Default: 15 s, and 10 s.
    ///
    /// Without pings, further attempts would share the dead connection for as long as the operating system believes in it.
    #[must_use]
    pub fn http2_keep_alive(mut self, interval: impl Into<Option<Duration>>, timeout: Duration) -> Self {
        self.keep_alive = interval.into().map(|interval| (interval, timeout));
        self
    }

    /// Sets the proxy. Default: none.
    #[must_use]
    pub fn proxy(mut self, proxy: Proxy) -> Self {
        self.proxy = proxy;
        self
    }

    /// Trusts the certificates in this PEM text, and no others: neither the system's nor those that are compiled in.
    ///
    /// # Errors
    ///
    /// Fails where there is no certificate in it, or one that cannot be read.
    pub fn trust_pem(mut self, pem: &[u8]) -> Result<Self, Error<NoException>> {
        self.tls.trust(pem).map_err(untyped)?;
        Ok(self)
    }

    /// Shows this certificate to servers that ask for one: the PEM text of the chain, its own first, and of the private key.
    ///
    /// # Errors
    ///
    /// Fails where one of them cannot be read. Whether they fit each other shows when the first connection is made.
    pub fn client_certificate_pem(mut self, chain: &[u8], key: &[u8]) -> Result<Self, Error<NoException>> {
        self.tls.identity = Some(Arc::new(Identity::read(chain, key).map_err(untyped)?));
        Ok(self)
    }

    /// Speaks HTTP/1.1 only, also to servers that offer HTTP/2. Event streams work over both.
    #[must_use]
    pub fn http1_only(mut self) -> Self {
        self.tls.versions = HttpVersions::Http1;
        self
    }

    /// Makes the transport. Connections are pooled per transport, and shared by its clones.
    ///
    /// Trusted certificates of the system are read when the first connection needs them.
    pub fn build(self) -> Transport {
        let mut client = Client::builder(TokioExecutor::new());
        client
            .pool_idle_timeout(self.pool_idle_timeout)
            .pool_max_idle_per_host(self.pool_max_idle_per_host)
            .pool_timer(TokioTimer::new())
            .http1_max_buf_size(MAX_HEAD);
        if let Some((interval, timeout)) = self.keep_alive {
            client
                .timer(TokioTimer::new())
                .http2_keep_alive_interval(interval)
                .http2_keep_alive_timeout(timeout);
        }
        let client = client.build(Connector::new(self.connect_timeout, self.proxy, self.tls));
        let client = ServiceExt::<Request<Body>>::map_response(client, |response: Response<Incoming>| {
            response.map(Body::from)
        });
        BoxCloneSyncService::new(client.map_err(Into::into))
    }
}

fn untyped(failure: Failure) -> Error<NoException> {
    Error::from_failure(failure, None)
}

/// Hides the type of a transport.
pub(crate) fn erase<T, B>(transport: T) -> Transport
where
    T: Service<Request<Body>, Response = Response<B>> + Clone + Send + Sync + 'static,
    T::Error: Into<BoxError>,
    T::Future: Send + 'static,
    B: http_body::Body<Data = bytes::Bytes> + Send + 'static,
    B::Error: Into<BoxError>,
{
    let transport = transport.map_response(|response: Response<B>| response.map(Body::new));
    BoxCloneSyncService::new(transport.map_err(Into::into))
}
