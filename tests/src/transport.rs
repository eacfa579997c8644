//! A transport that sends every request to one loopback address, whatever host it names.

use std::future::Future;
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll};

use awsjson_protocol::Body;
use http::header::HOST;
use http::{HeaderValue, Request, Response, Uri};
use hyper::body::Incoming;
use tokio::net::TcpStream;
use tower::Service;

type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// Connects to one address and speaks plain HTTP/1.1, so that tests see what would go to a real host.
#[derive(Clone, Copy, Debug)]
pub struct ToLoopback {
    address: SocketAddr,
}

impl ToLoopback {
    /// Makes a transport to `address`.
    pub fn new(address: SocketAddr) -> Self {
        Self { address }
    }
}

impl Service<Request<Body>> for ToLoopback {
    type Response = Response<Incoming>;
    type Error = BoxError;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, BoxError>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, mut request: Request<Body>) -> Self::Future {
        let address = self.address;
        Box::pin(async move {
            let authority = request
                .uri()
                .authority()
                .ok_or("the URI names no host")?
                .to_string();
            request
                .headers_mut()
                .insert(HOST, HeaderValue::from_str(&authority)?);
            let path = request.uri().path_and_query().map_or("/", |path| path.as_str());
            *request.uri_mut() = path.parse::<Uri>()?;
            let stream = hyper_util::rt::TokioIo::new(TcpStream::connect(address).await?);
            let (mut sender, connection) = hyper::client::conn::http1::handshake(stream).await?;
            tokio::spawn(connection);
            Ok(sender.send_request(request).await?)
        })
    }
}
