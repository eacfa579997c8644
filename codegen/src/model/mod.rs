//! The service model as the generator understands it: shapes and traits, no Rust.

mod botocore;
mod companions;
mod object;
mod references;
mod subset;

use std::collections::BTreeMap;

use crate::endpoints::Literal;

pub use botocore::read;
pub use companions::{
    Acceptor, AcceptorState, Expected, Matcher, Paginator, Waiter, read_paginators, read_waiters,
};
pub use object::Problem;
pub(crate) use object::{Object, Problems};

/// The files that a service's folder among the models may hold beside its overlay; the first is always there.
pub const FILES: [&str; 4] = [
    "service.json",
    "paginators.json",
    "waiters.json",
    "endpoint-rule-set.json",
];

/// A service: its traits, operations and shapes.
#[derive(Clone, Debug)]
pub struct Model {
    /// The traits of the service itself.
    pub service: ServiceTraits,
    /// The operations by name.
    pub operations: BTreeMap<String, Operation>,
    /// The shapes by name.
    pub shapes: BTreeMap<String, Shape>,
    /// How operations are paged through, by operation.
    pub paginators: BTreeMap<String, Paginator>,
    /// States that can be waited for, by name.
    pub waiters: BTreeMap<String, Waiter>,
}

impl Model {
    /// Returns the shape with this name; reading a model has checked that every reference resolves.
    pub fn shape(&self, name: &str) -> &Shape {
        &self.shapes[name]
    }

    /// Returns the structure that an operation takes, where it takes one.
    pub fn input(&self, operation: &Operation) -> Option<&Structure> {
        self.structure(operation.input.as_deref()?)
    }

    /// Returns the event stream among the members of a structure.
    pub fn event_stream(&self, shape: Option<&String>) -> Option<&str> {
        let members = &self.structure(shape?)?.members;
        let streams = |shape: &str| matches!(self.shape(shape).kind, ShapeKind::EventStream(_));
        let member = members.iter().find(|member| streams(&member.shape))?;
        Some(&member.shape)
    }

    fn structure(&self, shape: &str) -> Option<&Structure> {
        match &self.shape(shape).kind {
            ShapeKind::Structure(structure) => Some(structure),
            _ => None,
        }
    }
}

/// What a model says of the service as a whole.
#[derive(Clone, Debug)]
pub struct ServiceTraits {
    /// Such as `CloudWatch Logs`.
    pub service_id: String,
    /// Such as `Amazon CloudWatch Logs`.
    pub full_name: String,
    /// Such as `logs-2014-03-28`; reference pages are found by it.
    pub uid: String,
    /// The first label of the regional host name.
    pub endpoint_prefix: String,
    /// The service name in signatures.
    pub signing_name: String,
    /// What stands before the operation name in `X-Amz-Target`.
    pub target_prefix: String,
    /// The version of awsJson.
    pub json_version: JsonVersion,
    /// Whether errors carry the codes of the older query protocol.
    pub query_compatibility: QueryCompatibility,
    /// Upstream documentation, where it has not been stripped.
    pub documentation: Option<String>,
}

/// The version of the awsJson protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JsonVersion {
    /// `application/x-amz-json-1.0`.
    V1_0,
    /// `application/x-amz-json-1.1`.
    V1_1,
}

/// Whether `x-amzn-query-error` overrides the error code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum QueryCompatibility {
    /// The service was born with awsJson.
    None,
    /// The service spoke the query protocol before.
    AwsQuery,
}

/// An operation.
#[derive(Clone, Debug)]
pub struct Operation {
    /// The input shape.
    pub input: Option<String>,
    /// The output shape.
    pub output: Option<String>,
    /// The exceptions that it lists.
    pub errors: Vec<String>,
    /// Whether requests are signed.
    pub auth: Auth,
    /// What stands before the host name.
    pub host_prefix: Option<String>,
    /// Whether request bodies are gzipped.
    pub gzip: bool,
    /// Parameters of the endpoint rules that are the same for every request, by name.
    pub static_context: BTreeMap<String, Literal>,
    /// Parameters of the endpoint rules that JMESPath expressions find in the input, by name.
    pub context_paths: BTreeMap<String, String>,
    /// Deprecation and documentation.
    pub about: About,
}

/// Whether requests are signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Auth {
    /// Signature Version 4.
    SigV4,
    /// No signature.
    None,
}

/// What every shape, member and operation may say about itself.
#[derive(Clone, Debug, Default)]
pub struct About {
    /// Upstream documentation, where it has not been stripped.
    pub documentation: Option<String>,
    /// Set where the service calls the thing deprecated.
    pub deprecated: Option<Deprecation>,
}

/// A deprecation.
#[derive(Clone, Debug)]
pub struct Deprecation {
    /// The date or version since when, as the model has it.
    pub since: Option<String>,
}

/// A shape.
#[derive(Clone, Debug)]
pub struct Shape {
    /// What the shape is.
    pub kind: ShapeKind,
    /// Whether values must never be shown.
    pub sensitive: bool,
    /// Deprecation and documentation.
    pub about: About,
}

/// What a shape is.
#[derive(Clone, Debug)]
pub enum ShapeKind {
    /// A structure.
    Structure(Structure),
    /// Exactly one of several members.
    Union(Structure),
    /// A stream of events, each of them a member.
    EventStream(Structure),
    /// An error.
    Exception(Structure, ExceptionTraits),
    /// Free JSON.
    Document,
    /// A string.
    String {
        /// Bounds on the number of characters.
        length: Bounds,
        /// A regular expression.
        pattern: Option<String>,
    },
    /// A string with known values.
    Enum(Vec<String>),
    /// true or false.
    Boolean,
    /// 32 bits.
    Integer(Bounds),
    /// 64 bits.
    Long(Bounds),
    /// Single precision.
    Float(Bounds),
    /// Double precision.
    Double(Bounds),
    /// A point in time.
    Timestamp(TimestampFormat),
    /// Bytes.
    Blob(Bounds),
    /// A list.
    List {
        /// The shape of the entries.
        member: String,
        /// Whether entries may be null.
        sparse: bool,
        /// Bounds on the number of entries.
        length: Bounds,
    },
    /// A map from strings.
    Map {
        /// The shape of the keys.
        key: String,
        /// The shape of the values.
        value: String,
        /// Whether values may be null.
        sparse: bool,
        /// Bounds on the number of entries.
        length: Bounds,
    },
}

/// Inclusive bounds, as the model writes them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Bounds {
    /// The least value.
    pub min: Option<String>,
    /// The greatest value.
    pub max: Option<String>,
}

/// The members of a structure.
#[derive(Clone, Debug, Default)]
pub struct Structure {
    /// The members, sorted by name.
    pub members: Vec<Member>,
    /// The names of the required members, in the order in which the model lists them.
    pub required: Vec<String>,
}

/// A member of a structure.
#[derive(Clone, Debug)]
pub struct Member {
    /// The name on the wire.
    pub name: String,
    /// The shape.
    pub shape: String,
    /// Whether the client fills it with a random token.
    pub idempotency_token: bool,
    /// Whether the host prefix names it.
    pub host_label: bool,
    /// The parameter of the endpoint rules that it is.
    pub context_param: Option<String>,
    /// Deprecation and documentation.
    pub about: About,
}

/// What a model says of an exception.
#[derive(Clone, Debug)]
pub struct ExceptionTraits {
    /// The code that the service used in the query protocol, where that is not the shape's name.
    pub query_code: Option<String>,
    /// The HTTP status, where the model names one.
    pub status: Option<u16>,
    /// Whether the service, not the caller, is at fault.
    pub fault: Fault,
    /// Whether a retry is worthwhile.
    pub retry: Retry,
}

/// Who is at fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The caller.
    Client,
    /// The service.
    Server,
}

/// What the `retryable` trait says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Retry {
    /// Nothing.
    Unspecified,
    /// The same request may succeed later.
    Transient,
    /// The caller sends too much.
    Throttling,
}

/// How a timestamp is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TimestampFormat {
    /// A JSON number.
    EpochSeconds,
    /// A string such as `2000-01-02T20:34:56Z`.
    Iso8601,
    /// A string such as `Sun, 02 Jan 2000 20:34:56 GMT`.
    HttpDate,
}
