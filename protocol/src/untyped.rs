//! Calls of operations that a model describes at run time, for tools that have no generated types.

use std::fmt;

use bytes::Bytes;
use serde::{Serialize, Serializer};

use crate::call::{CallOptions, address};
use crate::client::Client;
use crate::config::ClientBuilder;
use crate::endpoint_rules::OperationValue;
use crate::error::Error;
use crate::output::Response;
use crate::send::{Outgoing, send};
use crate::service::{
    Exception, ExceptionEntry, ModeledRetry, OperationMetadata, Protocol, Service, ServiceMetadata,
};

/// A service that is known at run time only: see [`ClientBuilder::for_service`].
#[derive(Debug)]
pub enum Untyped {}

impl Service for Untyped {
    type Exception = NoException;
    /// What stands here until [`ClientBuilder::for_service`] says which service it is.
    const METADATA: &'static ServiceMetadata =
        &ServiceMetadata::new("unknown", "unknown", "unknown", Protocol::AwsJson1_1, "UNKNOWN");
}

/// The exception of an untyped service: there is none, so that errors keep code, message and body.
#[derive(Debug)]
pub enum NoException {}

impl Serialize for NoException {
    fn serialize<S: Serializer>(&self, _: S) -> Result<S::Ok, S::Error> {
        match *self {}
    }
}

impl Exception for NoException {
    const MAP: &'static [ExceptionEntry<Self>] = &[];

    fn code(&self) -> &'static str {
        match *self {}
    }

    fn message(&self) -> Option<&str> {
        match *self {}
    }
}

/// An operation with its input in wire form. Nothing checks the input against a model here.
pub struct UntypedCall<'a> {
    /// The facts of the operation.
    pub operation: &'static OperationMetadata,
    /// The input, as JSON.
    pub body: Bytes,
    /// Returns the value of a member that the host prefix names.
    pub host_label: &'a (dyn Fn(&str) -> Option<&'a str> + Sync),
    /// Says what the model says of an error code; `None` where it does not know the code.
    pub modeled_retry: fn(&str) -> Option<ModeledRetry>,
    /// What the operation gives to the endpoint rules.
    pub parameters: Vec<(&'a str, OperationValue<'a>)>,
}

impl fmt::Debug for UntypedCall<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UntypedCall")
            .field("operation", &self.operation.name)
            .finish_non_exhaustive()
    }
}

impl ClientBuilder<Untyped> {
    /// Starts to configure a client for a service that is known at run time only.
    #[must_use]
    pub fn for_service(service: &'static ServiceMetadata) -> Self {
        Self::with_service(service)
    }
}

impl Client<Untyped> {
    /// Calls an operation, and returns the body of the response as it came.
    ///
    /// # Errors
    ///
    /// Fails for any reason that [`ErrorKind`](crate::ErrorKind) lists, but with no typed exception.
    pub async fn call_untyped(&self, call: UntypedCall<'_>) -> Result<Response<Bytes>, Error<NoException>> {
        let inner = self.inner();
        let untyped = |failure| Error::from_failure(failure, None);
        let (host_prefix, endpoint) =
            address(inner, call.operation, None, call.host_label, call.parameters).map_err(untyped)?;
        let outgoing = Outgoing {
            operation: call.operation,
            endpoint,
            host_prefix,
            body: call.body,
            options: CallOptions::of(inner),
            streams: false,
            modeled_retry: call.modeled_retry,
        };
        let received = send(inner, outgoing).await.map_err(untyped)?;
        Ok(Response::raw(received))
    }
}
