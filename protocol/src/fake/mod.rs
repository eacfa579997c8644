//! A typed fake of any generated service: the way for crates to test what they do with a client.
//!
//! A fake is a set of functions from request types to outputs or exceptions. It speaks the real protocol, as a
//! loopback HTTP server or as an in-process transport, and it records what it was asked.
//!
//! ```
//! # use awsjson_protocol::{Operation, Service, fake::Fake};
//! async fn fake<S, O>() -> std::io::Result<()>
//! where
//!     S: Service,
//!     O: Operation<Service = S>,
//!     O::Output: Default + serde::Serialize,
//! {
//!     let fake = Fake::<S>::new().on(|request: O| async move { Ok(O::Output::default()) });
//!     let running = fake.start().await?;
//!     println!("send requests to {}", running.endpoint_url());
//!     Ok(())
//! }
//! ```
//!
//! # What to test with it
//!
//! * *What your code does with answers*: [`Fake::on`] with an output, or with one of the service's exceptions.
//! * *What your code sends*: [`Fake::calls`] has every request, with its body and its headers.
//! * *That requests are signed*: [`Fake::verify_signatures`].
//! * *What your code does when things go wrong*: [`Fake::inject`] loses, cuts, delays or replaces answers;
//!   [`Fake::on_raw`] answers with anything, such as an error that the model does not know.
//!
//! A [`RunningFake`] is a server, for programs that take an endpoint URL. [`Fake::into_transport`] needs no sockets, and
//! so works in virtual time: with `tokio::time::pause`, a minute of retries takes no time.
//!
//! ```
//! # use awsjson_protocol::{Operation, Service, fake::{Fake, Fault, Reply}};
//! # use std::time::Duration;
//! # fn faults<S: Service>() -> Fake<S> {
//! Fake::<S>::new().inject(|request| match (request.number, request.operation) {
//!     (0, _) => Fault::Disconnect,
//!     (1, _) => Fault::Reply(Reply::error(400, "ThrottlingException", "slow down")),
//!     (_, "PutLogEvents") => Fault::Delay(Duration::from_millis(20)),
//!     _ => Fault::None,
//! })
//! # }
//! ```

mod fault;
mod reply;
mod server;
mod signature;

use std::collections::BTreeMap;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};

use aws_credential_types::Credentials;
use bytes::Bytes;
use http::header::AUTHORIZATION;
use http::{HeaderMap, Request, Response, StatusCode};
use http_body_util::BodyExt;
use serde::Serialize;

use crate::body::{Body, BoxError};
use crate::service::{Auth, Operation, Service};
use crate::wire::from_slice;

pub use fault::{Fault, Incoming};
pub use reply::Reply;
pub use server::RunningFake;

use fault::{CutBody, Disconnected};
use signature::Verifier;

/// A fake of the service `S`. Operations without a function of their own answer `UnknownOperationException`.
pub struct Fake<S: Service> {
    routes: BTreeMap<&'static str, Route>,
    verifier: Option<Verifier>,
    faults: Option<Faults>,
    calls: Calls,
    service: std::marker::PhantomData<fn() -> S>,
}

type Faults = Arc<dyn Fn(Incoming<'_>) -> Fault + Send + Sync>;
type Handler = Arc<dyn Fn(Bytes) -> Pin<Box<dyn Future<Output = Reply> + Send>> + Send + Sync>;

#[derive(Clone)]
struct Route {
    auth: Auth,
    handler: Handler,
}

/// What a fake was asked, oldest first. Clones share the record.
#[derive(Clone, Debug, Default)]
pub struct Calls(Arc<Mutex<Vec<RecordedCall>>>);

impl Calls {
    /// Returns a copy of the record.
    pub fn recorded(&self) -> Vec<RecordedCall> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn record(&self, call: RecordedCall) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(call);
    }
}

/// A request that a fake received, and what it answered.
#[derive(Clone)]
#[non_exhaustive]
pub struct RecordedCall {
    /// The value of `X-Amz-Target`.
    pub target: String,
    /// The path, and the host that the request named.
    pub uri: String,
    /// The headers. `Debug` shows neither the signature nor the session token among them.
    pub headers: HeaderMap,
    /// The body.
    pub body: Bytes,
    /// The status that was answered; `None` where a fault left the request without an answer.
    pub status: Option<StatusCode>,
    /// The body that was answered, even where a fault cut it.
    pub answer: Bytes,
}

impl fmt::Debug for RecordedCall {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Headers hold signatures and session tokens, bodies may hold anything.
        f.debug_struct("RecordedCall")
            .field("target", &self.target)
            .field("uri", &self.uri)
            .field("status", &self.status)
            .finish_non_exhaustive()
    }
}

impl<S: Service> fmt::Debug for Fake<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Fake")
            .field("service", &S::METADATA.service_id)
            .field("operations", &self.routes.keys())
            .finish_non_exhaustive()
    }
}

impl<S: Service> Default for Fake<S> {
    fn default() -> Self {
        Self::new()
    }
}

impl<S: Service> Fake<S> {
    /// Makes a fake that knows no operation yet.
    pub fn new() -> Self {
        Self {
            routes: BTreeMap::new(),
            verifier: None,
            faults: None,
            calls: Calls::default(),
            service: std::marker::PhantomData,
        }
    }

    /// Answers an operation with an output or an exception.
    #[must_use]
    pub fn on<O, F, R>(self, handler: F) -> Self
    where
        O: Operation<Service = S>,
        O::Output: Serialize,
        F: Fn(O) -> R + Send + Sync + 'static,
        R: Future<Output = Result<O::Output, S::Exception>> + Send + 'static,
    {
        self.on_raw(move |operation: O| {
            let answer = handler(operation);
            async move {
                match answer.await {
                    Ok(output) => Reply::output(&output),
                    Err(exception) => Reply::exception(&exception),
                }
            }
        })
    }

    /// Answers an operation with a stream of events, which ends after the last one, or after an exception among them.
    #[cfg(feature = "event-stream")]
    #[must_use]
    pub fn on_events<O, F, R>(self, handler: F) -> Self
    where
        O: crate::EventStreaming<Service = S>,
        F: Fn(O) -> R + Send + Sync + 'static,
        R: Future<Output = Result<Vec<Result<O::Event, S::Exception>>, S::Exception>> + Send + 'static,
    {
        self.on_raw(move |operation: O| {
            let answer = handler(operation);
            async move {
                match answer.await {
                    Ok(events) => Reply::events(&events),
                    Err(exception) => Reply::exception(&exception),
                }
            }
        })
    }

    /// Answers an operation with anything: errors that the model does not know, delays, garbage.
    #[must_use]
    pub fn on_raw<O, F, R>(mut self, handler: F) -> Self
    where
        O: Operation<Service = S>,
        F: Fn(O) -> R + Send + Sync + 'static,
        R: Future<Output = Reply> + Send + 'static,
    {
        let handler: Handler = Arc::new(move |body| match from_slice::<O>(&body) {
            Ok(operation) => Box::pin(handler(operation)),
            Err(error) => {
                let reply = Reply::error(400, "SerializationException", &error.to_string());
                Box::pin(std::future::ready(reply))
            }
        });
        let auth = O::METADATA.auth;
        self.routes.insert(O::METADATA.target, Route { auth, handler });
        self
    }

    /// Checks the signature of every request that must have one. Without this, none is checked.
    #[must_use]
    pub fn verify_signatures(mut self, credentials: Credentials, region: impl Into<String>) -> Self {
        self.verifier = Some(Verifier::new(
            credentials,
            region.into(),
            S::METADATA.signing_name,
        ));
        self
    }

    /// Lets something go wrong: `choose` says what, for each request that arrives.
    #[must_use]
    pub fn inject(mut self, choose: impl Fn(Incoming<'_>) -> Fault + Send + Sync + 'static) -> Self {
        self.faults = Some(Arc::new(choose));
        self
    }

    /// Returns the record of what the fake is asked; it goes on while the fake runs.
    pub fn calls(&self) -> Calls {
        self.calls.clone()
    }

    /// Starts the fake as an HTTP server on a free loopback port.
    ///
    /// # Errors
    ///
    /// Fails where no port can be had.
    pub async fn start(self) -> std::io::Result<RunningFake> {
        let calls = self.calls();
        RunningFake::start(self.into_transport(), calls).await
    }

    /// Turns the fake into a transport for [`ClientBuilder::transport`](crate::ClientBuilder::transport): no sockets.
    pub fn into_transport(self) -> InProcess {
        InProcess(Arc::new(Router {
            routes: self.routes,
            verifier: self.verifier,
            faults: self.faults,
            arrived: AtomicUsize::new(0),
            calls: self.calls,
        }))
    }
}

/// A fake as a transport.
#[derive(Clone)]
pub struct InProcess(Arc<Router>);

impl fmt::Debug for InProcess {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("InProcess")
    }
}

impl tower::Service<Request<Body>> for InProcess {
    type Response = Response<Body>;
    type Error = BoxError;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, BoxError>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        let router = Arc::clone(&self.0);
        Box::pin(async move {
            let (parts, body) = request.into_parts();
            let body = body.collect().await?.to_bytes();
            Ok(router.answer(Request::from_parts(parts, body)).await?)
        })
    }
}

/// Finds the function for a request, and records the call.
struct Router {
    routes: BTreeMap<&'static str, Route>,
    verifier: Option<Verifier>,
    faults: Option<Faults>,
    /// How many requests have arrived.
    arrived: AtomicUsize,
    calls: Calls,
}

impl Router {
    async fn answer(&self, request: Request<Bytes>) -> Result<Response<Body>, Disconnected> {
        let target = request.headers().get("x-amz-target");
        let target = target
            .and_then(|target| target.to_str().ok())
            .unwrap_or_default()
            .to_owned();
        let number = self.arrived.fetch_add(1, Ordering::Relaxed);
        let operation = target.rsplit('.').next().unwrap_or_default();
        let fault = match &self.faults {
            Some(choose) => choose(Incoming { number, operation }),
            None => Fault::None,
        };
        let reply = match &fault {
            Fault::Disconnect => None,
            Fault::Reply(reply) => Some(reply.clone()),
            Fault::Delay(delay) => {
                tokio::time::sleep(*delay).await;
                Some(self.reply(&target, &request).await)
            }
            Fault::LoseAnswer => {
                self.reply(&target, &request).await;
                None
            }
            Fault::None | Fault::CutAnswer => Some(self.reply(&target, &request).await),
        };
        let (mut parts, body) = request.into_parts();
        for name in [AUTHORIZATION.as_str(), "x-amz-security-token"] {
            if let Some(value) = parts.headers.get_mut(name) {
                value.set_sensitive(true);
            }
        }
        self.calls.record(RecordedCall {
            target,
            uri: parts.uri.to_string(),
            headers: parts.headers,
            body,
            status: reply.as_ref().map(Reply::status),
            answer: reply
                .as_ref()
                .map(|reply| reply.body().clone())
                .unwrap_or_default(),
        });
        let reply = reply.ok_or(Disconnected)?;
        Ok(match fault {
            Fault::CutAnswer => {
                let half = CutBody::new(reply.body());
                reply.into_response().map(|_| Body::new(half))
            }
            _ => reply.into_response(),
        })
    }

    async fn reply(&self, target: &str, request: &Request<Bytes>) -> Reply {
        let Some(route) = self.routes.get(target) else {
            let message = format!("this fake has no function for `{target}`");
            return Reply::error(400, "UnknownOperationException", &message);
        };
        if let (Some(verifier), Auth::SigV4) = (&self.verifier, route.auth)
            && let Err(refusal) = verifier.verify(request)
        {
            return refusal.into();
        }
        (route.handler)(request.body().clone()).await
    }
}
