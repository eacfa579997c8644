//! Whom a client trusts: where requests go, what configuration can put into them, and how connections are checked.

#[path = "../../golden/host_prefix.rs"]
#[allow(dead_code, unused_imports)]
mod golden;

mod environment;
mod headers;
mod injection;
mod redirects;
mod tls;

use std::convert::Infallible;
use std::sync::{Arc, Mutex};

use awsjson_protocol::{Body, BoxError, Credentials};
use http::{HeaderMap, Request, Response, Uri};
use tower::Service;

/// A request that would have gone over the network.
#[derive(Clone)]
struct Sent {
    uri: Uri,
    headers: HeaderMap,
}

/// What was sent so far.
#[derive(Clone, Default)]
struct Network(Arc<Mutex<Vec<Sent>>>);

impl Network {
    /// Returns a transport that keeps requests, and answers each with an empty object.
    fn transport(
        &self,
    ) -> impl Service<Request<Body>, Response = Response<Body>, Error = BoxError, Future: Send>
    + Clone
    + Send
    + Sync
    + 'static {
        let sent = Arc::clone(&self.0);
        tower::ServiceExt::<Request<Body>>::map_err(
            tower::service_fn(move |request: Request<Body>| {
                let (parts, _) = request.into_parts();
                sent.lock().expect("no panic").push(Sent {
                    uri: parts.uri,
                    headers: parts.headers,
                });
                let answer = Response::new(Body::from(bytes::Bytes::from_static(b"{}")));
                std::future::ready(Ok::<_, Infallible>(answer))
            }),
            |never| match never {},
        )
    }

    fn take(&self) -> Vec<Sent> {
        std::mem::take(&mut self.0.lock().expect("no panic"))
    }
}

fn credentials() -> Credentials {
    Credentials::new("AKID", "secret", None, None, "tests")
}
