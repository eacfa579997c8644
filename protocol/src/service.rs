//! What a generated crate tells this crate about a service and its operations.

use serde::{Serialize, de::DeserializeOwned};

use crate::client::Client;
use crate::constraint::Constraint;
use crate::endpoint_rules::{OperationValue, RuleSet};
use crate::error::Error;
use crate::output::OperationOutput;
use crate::wire::Structure;

/// A service: the anchor type that a generated crate emits once.
pub trait Service: Sized + Send + Sync + 'static {
    /// The service's exceptions, decoded through its exception map.
    type Exception: Exception;

    /// The facts that requests to this service are made of.
    const METADATA: &'static ServiceMetadata;
}

/// The facts of a service that every request needs.
#[derive(Debug)]
#[non_exhaustive]
pub struct ServiceMetadata {
    /// The service id of the model, such as `CloudWatch Logs`.
    pub service_id: &'static str,
    /// The first label of the regional host name, such as `logs`.
    pub endpoint_prefix: &'static str,
    /// The service name in the credential scope of a signature.
    pub signing_name: &'static str,
    /// The protocol version, which decides the content type.
    pub protocol: Protocol,
    /// The suffix of the service's own endpoint variable: `CLOUDWATCH_LOGS` for
    /// `AWS_ENDPOINT_URL_CLOUDWATCH_LOGS`.
    pub env_suffix: &'static str,
    /// Whether errors carry the codes of the older query protocol.
    pub query_compatibility: QueryCompatibility,
    /// The rules by which the endpoint follows from the region; without them it is
    /// `https://<endpoint prefix>.<region>.amazonaws.com`.
    pub endpoint_rules: Option<&'static RuleSet>,
    /// The rules that values of inputs follow, as JSON, where the crate has been built with its feature `validation`.
    pub input_rules: Option<&'static str>,
}

impl ServiceMetadata {
    /// Collects the facts of a service; generated crates call it in a constant.
    pub const fn new(
        service_id: &'static str,
        endpoint_prefix: &'static str,
        signing_name: &'static str,
        protocol: Protocol,
        env_suffix: &'static str,
    ) -> Self {
        Self {
            service_id,
            endpoint_prefix,
            signing_name,
            protocol,
            env_suffix,
            query_compatibility: QueryCompatibility::None,
            endpoint_rules: None,
            input_rules: None,
        }
    }

    /// Sets the endpoint rules.
    #[must_use]
    pub const fn endpoint_rules(mut self, rules: &'static RuleSet) -> Self {
        self.endpoint_rules = Some(rules);
        self
    }

    /// Sets the rules that values of inputs follow.
    #[must_use]
    pub const fn input_rules(mut self, rules: Option<&'static str>) -> Self {
        self.input_rules = rules;
        self
    }

    /// Marks the service as one that spoke the query protocol before.
    #[must_use]
    pub const fn query_compatible(mut self) -> Self {
        self.query_compatibility = QueryCompatibility::AwsQuery;
        self
    }
}

/// Whether the header `x-amzn-query-error` overrides the error code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum QueryCompatibility {
    /// The service was born with awsJson.
    None,
    /// The service spoke the query protocol before, and keeps its codes.
    AwsQuery,
}

/// The version of the awsJson protocol that a service speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Protocol {
    /// awsJson 1.0.
    AwsJson1_0,
    /// awsJson 1.1.
    AwsJson1_1,
}

impl Protocol {
    /// Returns the `Content-Type` of requests.
    pub const fn content_type(self) -> &'static str {
        match self {
            Self::AwsJson1_0 => "application/x-amz-json-1.0",
            Self::AwsJson1_1 => "application/x-amz-json-1.1",
        }
    }
}

/// An operation: the request type, which *is* the operation.
///
/// Generated request types implement it; [`Client::send`](crate::Client::send) accepts any.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an operation that a client can send",
    note = "request types are named after their operation, and belong to the client of their own service"
)]
pub trait Operation: Structure + Serialize + DeserializeOwned + Send + Sync + 'static {
    /// The service that the operation belongs to.
    type Service: Service;
    /// What a successful call returns: a structure; [`EmptyOutput`](crate::EmptyOutput) where the model has no output; a stream
    /// where the service sends events.
    type Output: OperationOutput;

    /// The facts of this operation that its requests need.
    const METADATA: &'static OperationMetadata;

    /// Rules between members, checked before anything is sent.
    const CONSTRAINTS: &'static [Constraint<Self>] = &[];

    /// Sets every unset idempotency token to what `token` returns.
    fn fill_idempotency_tokens(&mut self, token: &mut dyn FnMut() -> String) {
        let _ = token;
    }

    /// Adds what the operation and its members give to the endpoint rules.
    fn endpoint_parameters<'a>(&'a self, parameters: &mut Vec<(&'a str, OperationValue<'a>)>) {
        let _ = parameters;
    }

    /// Calls this operation; the same as [`Client::send`](crate::Client::send), from the other side.
    ///
    /// # Errors
    ///
    /// Fails with the service's exception, or for any reason that [`ErrorKind`](crate::ErrorKind) lists.
    fn send(
        self,
        client: &Client<Self::Service>,
    ) -> impl Future<Output = Result<Self::Output, Error<<Self::Service as Service>::Exception>>> + Send {
        client.call(self).send()
    }

    /// Returns the value of a member that the host prefix names in braces.
    fn host_label(&self, member: &str) -> Option<&str> {
        let _ = member;
        None
    }
}

/// The facts of an operation that every request needs.
#[derive(Debug)]
#[non_exhaustive]
pub struct OperationMetadata {
    /// The name of the operation, such as `AssociateKmsKey`.
    pub name: &'static str,
    /// The value of `X-Amz-Target`, such as `Logs_20140328.AssociateKmsKey`.
    pub target: &'static str,
    /// The codes of the exceptions that the model lists for this operation.
    pub exceptions: &'static [&'static str],
    /// Whether requests are signed.
    pub auth: Auth,
    /// What stands before the host name, such as `stream-`; members in braces are filled in.
    pub host_prefix: Option<&'static str>,
    /// Whether the model asks for a compressed request body.
    pub compression: Compression,
}

impl OperationMetadata {
    /// Collects the facts of a plain, signed operation; generated crates call it in a constant.
    pub const fn new(name: &'static str, target: &'static str, exceptions: &'static [&'static str]) -> Self {
        Self {
            name,
            target,
            exceptions,
            auth: Auth::SigV4,
            host_prefix: None,
            compression: Compression::None,
        }
    }

    /// Marks the operation as unsigned.
    #[must_use]
    pub const fn unsigned(mut self) -> Self {
        self.auth = Auth::None;
        self
    }

    /// Sets the host prefix.
    #[must_use]
    pub const fn host_prefix(mut self, prefix: &'static str) -> Self {
        self.host_prefix = Some(prefix);
        self
    }

    /// Asks for gzip on request bodies that are large enough.
    #[must_use]
    pub const fn gzip(mut self) -> Self {
        self.compression = Compression::Gzip;
        self
    }
}

/// How an operation's requests are authorised.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Auth {
    /// Signed with Signature Version 4.
    SigV4,
    /// Sent without a signature and without credentials.
    None,
}

/// Whether an operation's request body is compressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Compression {
    /// Sent as it is.
    None,
    /// Sent as gzip from 10,240 bytes on, where the `compression` feature is on.
    Gzip,
}

/// A service's exceptions: an enum that a generated crate emits once.
pub trait Exception: Sized + std::fmt::Debug + Serialize + Send + Sync + 'static {
    /// The exception map, sorted by code.
    const MAP: &'static [ExceptionEntry<Self>];

    /// Returns the code of this exception, as it stands in the exception map.
    fn code(&self) -> &'static str;

    /// Returns the message that came with this exception.
    fn message(&self) -> Option<&str>;

    /// Returns the entry of the exception map for `code`.
    fn entry(code: &str) -> Option<&'static ExceptionEntry<Self>> {
        let at = Self::MAP.binary_search_by(|entry| entry.code.cmp(code)).ok()?;
        Self::MAP.get(at)
    }
}

/// One line of an exception map: how to decode an exception, and what the model says of it.
#[derive(Debug)]
#[non_exhaustive]
pub struct ExceptionEntry<E> {
    /// The code on the wire.
    pub code: &'static str,
    /// The HTTP status that the service answers with; used by fakes, never to choose a type.
    pub status: u16,
    /// Whether the model calls a retry worthwhile.
    pub retry: ModeledRetry,
    /// Decodes the body of an error response.
    pub decode: fn(&[u8]) -> Result<E, serde_json::Error>,
}

impl<E> ExceptionEntry<E> {
    /// Makes a line of an exception map; generated crates call it in a constant.
    pub const fn new(
        code: &'static str,
        status: u16,
        retry: ModeledRetry,
        decode: fn(&[u8]) -> Result<E, serde_json::Error>,
    ) -> Self {
        Self {
            code,
            status,
            retry,
            decode,
        }
    }
}

/// What the model's `retryable` trait says of an exception.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ModeledRetry {
    /// The model does not say.
    Unspecified,
    /// The same request may succeed later.
    Transient,
    /// The caller sends too much; it should slow down.
    Throttling,
}
