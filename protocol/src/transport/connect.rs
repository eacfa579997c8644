//! Connecting: over TCP, through a proxy's tunnel where there is one, and over TLS where the URI asks for it.

use std::error::Error;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll};
use std::time::Duration;

use http::Uri;
use http::uri::Scheme;
use hyper_rustls::{HttpsConnector, MaybeHttpsStream};
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::client::legacy::connect::proxy::Tunnel;
use hyper_util::rt::TokioIo;
use rustls::ClientConfig;
use tokio::net::TcpStream;
use tower::{Service, ServiceExt};

use super::failure::{ConnectTimeout, Unusable};
use super::proxy::Proxy;
use super::tls::Tls;
use crate::body::BoxError;

/// Makes connections.
#[derive(Clone)]
pub(super) struct Connector {
    http: HttpConnector,
    proxy: Proxy,
    tls: Tls,
    // Trusted certificates take milliseconds to load: they are loaded when the first connection needs them.
    config: Arc<OnceLock<Result<Arc<ClientConfig>, String>>>,
    timeout: Option<Duration>,
}

type Stream = MaybeHttpsStream<TokioIo<TcpStream>>;

impl Connector {
    pub(super) fn new(timeout: Option<Duration>, proxy: Proxy, tls: Tls) -> Self {
        let mut http = HttpConnector::new();
        http.enforce_http(false);
        http.set_nodelay(true);
        Self {
            http,
            proxy,
            tls,
            config: Arc::default(),
            timeout,
        }
    }

    async fn connect(self, uri: Uri) -> Result<Stream, BoxError> {
        if uri.scheme() != Some(&Scheme::HTTPS) {
            return Ok(MaybeHttpsStream::Http(self.http.oneshot(uri).await?));
        }
        let config = self.config.get_or_init(|| self.tls.config()).clone();
        let config = config.map_err(Unusable)?;
        match self.proxy.of(&uri) {
            None => HttpsConnector::from((self.http, config)).oneshot(uri).await,
            Some(proxy) => {
                let mut tunnel = Tunnel::new(proxy.uri().clone(), self.http);
                if let Some(credentials) = proxy.basic_auth() {
                    tunnel = tunnel.with_auth(credentials.clone());
                }
                let connecting = HttpsConnector::from((tunnel, config)).oneshot(uri);
                connecting.await.map_err(|cause| {
                    Box::new(ProxyFailure {
                        proxy: proxy.uri().clone(),
                        cause,
                    })
                    .into()
                })
            }
        }
    }
}

impl Service<Uri> for Connector {
    type Response = Stream;
    type Error = BoxError;
    type Future = Pin<Box<dyn Future<Output = Result<Stream, BoxError>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, uri: Uri) -> Self::Future {
        let connector = self.clone();
        Box::pin(async move {
            match connector.timeout {
                None => connector.connect(uri).await,
                Some(timeout) => tokio::time::timeout(timeout, connector.connect(uri))
                    .await
                    .unwrap_or(Err(Box::new(ConnectTimeout(timeout)))),
            }
        })
    }
}

/// Connecting through a proxy failed.
#[derive(Debug)]
struct ProxyFailure {
    /// It holds no credentials.
    proxy: Uri,
    cause: BoxError,
}

impl fmt::Display for ProxyFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "no connection through the proxy {}", self.proxy)
    }
}

impl Error for ProxyFailure {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(self.cause.as_ref())
    }
}
