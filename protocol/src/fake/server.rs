//! A fake as a loopback HTTP server.

use std::io;
use std::net::SocketAddr;

use http::{Request, Response};
use http_body_util::{BodyExt, Limited};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{JoinHandle, JoinSet};

use crate::body::{Body, BoxError};

use super::{Calls, InProcess, RecordedCall, Reply};

/// The largest request that a fake reads.
const MAX_REQUEST_BYTES: usize = 64 * 1024 * 1024;

/// A fake that listens. It stops when dropped.
#[derive(Debug)]
pub struct RunningFake {
    address: SocketAddr,
    calls: Calls,
    task: JoinHandle<()>,
}

impl RunningFake {
    pub(super) async fn start(fake: InProcess, calls: Calls) -> io::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let address = listener.local_addr()?;
        Ok(Self {
            address,
            calls,
            task: tokio::spawn(accept(listener, fake)),
        })
    }

    /// Returns the endpoint URL for clients.
    pub fn endpoint_url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Returns what the fake was asked so far, oldest first.
    pub fn calls(&self) -> Vec<RecordedCall> {
        self.calls.recorded()
    }
}

impl Drop for RunningFake {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn accept(listener: TcpListener, fake: InProcess) {
    // Connections end with the set, and the set with this task.
    let mut connections = JoinSet::new();
    loop {
        match listener.accept().await {
            Ok((stream, _)) => connections.spawn(serve(stream, fake.clone())),
            // A connection that was gone before it was accepted says nothing about the next.
            Err(_) => continue,
        };
        while connections.try_join_next().is_some() {}
    }
}

async fn serve(stream: TcpStream, fake: InProcess) {
    let service = service_fn(move |request| answer(fake.clone(), request));
    let builder = auto::Builder::new(TokioExecutor::new());
    // The client learns of a broken connection by itself.
    let _ = builder.serve_connection(TokioIo::new(stream), service).await;
}

async fn answer(fake: InProcess, request: Request<Incoming>) -> Result<Response<Body>, BoxError> {
    let (parts, body) = request.into_parts();
    match Limited::new(body, MAX_REQUEST_BYTES).collect().await {
        Ok(body) => Ok(fake.0.answer(Request::from_parts(parts, body.to_bytes())).await?),
        Err(error) => {
            Ok(Reply::error(413, "RequestEntityTooLargeException", &error.to_string()).into_response())
        }
    }
}
