//! The default transport: hyper over TCP and rustls, HTTP/1.1 and HTTP/2, pooled.

use std::error::Error;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll};
use std::time::Duration;

use http::uri::Scheme;
use http::{Request, Response, Uri};
use hyper::body::Incoming;
use hyper_rustls::{HttpsConnector, MaybeHttpsStream};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use tokio::net::TcpStream;
use tower::util::BoxCloneSyncService;
use tower::{Service, ServiceExt};

use crate::body::{Body, BoxError};
use crate::tls;

/// A transport of any type.
pub type Transport = BoxCloneSyncService<Request<Body>, Response<Body>, BoxError>;

/// How long an unused connection is kept.
const IDLE_TIMEOUT: Duration = Duration::from_secs(60);

/// Makes the default transport, to put middleware around it.
///
/// Connections are pooled per transport. `connect_timeout` covers TCP and TLS.
pub fn transport(connect_timeout: Option<Duration>) -> Transport {
    let mut http = HttpConnector::new();
    http.enforce_http(false);
    http.set_nodelay(true);
    let connector = Connector {
        http,
        https: Arc::default(),
        timeout: connect_timeout,
    };
    let client = Client::builder(TokioExecutor::new())
        .pool_idle_timeout(IDLE_TIMEOUT)
        .pool_timer(TokioTimer::new())
        .build(connector);
    let client = ServiceExt::<Request<Body>>::map_response(client, |response: Response<Incoming>| {
        response.map(Body::from)
    });
    BoxCloneSyncService::new(client.map_err(Into::into))
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

/// Connects over TCP, and over TLS where the URI asks for it.
#[derive(Clone)]
struct Connector {
    http: HttpConnector,
    // Trusted certificates take milliseconds to load: they are loaded when the first connection needs them.
    https: Arc<OnceLock<Result<HttpsConnector<HttpConnector>, String>>>,
    timeout: Option<Duration>,
}

type Stream = MaybeHttpsStream<TokioIo<TcpStream>>;

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

impl Connector {
    async fn connect(self, uri: Uri) -> Result<Stream, BoxError> {
        if uri.scheme() != Some(&Scheme::HTTPS) {
            return Ok(MaybeHttpsStream::Http(self.http.oneshot(uri).await?));
        }
        let http = self.http;
        let https = self.https.get_or_init(|| tls::connector(http)).clone()?;
        https.oneshot(uri).await
    }
}

/// Connecting, TLS included, took too long.
#[derive(Debug)]
pub(crate) struct ConnectTimeout(Duration);

impl std::fmt::Display for ConnectTimeout {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "no connection within {:?}", self.0)
    }
}

impl Error for ConnectTimeout {}

/// Tells whether connecting took too long, somewhere among the causes of `error`.
pub(crate) fn is_connect_timeout(error: &(dyn Error + 'static)) -> bool {
    let mut cause = Some(error);
    while let Some(error) = cause {
        if error.is::<ConnectTimeout>() {
            return true;
        }
        cause = error.source();
    }
    false
}
