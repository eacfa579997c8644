//! What is rendered: a service in Rust's terms. It knows no model format, and does not render itself.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::endpoints::{Literal, RuleSet};
use crate::model::{Acceptor, Auth, Bounds, Fault, JsonVersion, QueryCompatibility, Retry, TimestampFormat};

/// How services spell the message of an exception.
pub const MESSAGE_SPELLINGS: [&str; 3] = ["message", "Message", "errorMessage"];

/// A generated crate.
#[derive(Clone, Debug)]
pub struct Service {
    /// The folder of the service, such as `logs`.
    pub folder: String,
    /// The anchor type, such as `Logs`.
    pub name: String,
    /// Such as `Amazon CloudWatch Logs`.
    pub full_name: String,
    /// Such as `CloudWatch Logs`.
    pub service_id: String,
    /// The first label of the regional host name.
    pub endpoint_prefix: String,
    /// The service name in signatures.
    pub signing_name: String,
    /// The suffix of `AWS_ENDPOINT_URL_...`.
    pub env_suffix: String,
    /// The version of awsJson.
    pub json_version: JsonVersion,
    /// Whether errors carry the codes of the older query protocol.
    pub query_compatibility: QueryCompatibility,
    /// The rules by which the endpoint follows from the region.
    pub endpoint_rules: Option<RuleSet>,
    /// Paragraphs of upstream documentation.
    pub docs: Option<String>,
    /// The operations, sorted by name.
    pub operations: Vec<Operation>,
    /// The types that operations use, sorted by name.
    pub types: Vec<TypeDefinition>,
    /// The exceptions, sorted by code.
    pub exceptions: Vec<Exception>,
    /// The states that can be waited for, sorted by name.
    pub waiters: Vec<Waiter>,
    /// The rules that values of inputs follow.
    pub input_rules: InputRules,
    /// The modules that are written by hand, with what they are for.
    pub hand_written: Vec<(String, String)>,
}

/// An operation.
#[derive(Clone, Debug)]
pub struct Operation {
    /// The name of the operation.
    pub wire_name: String,
    /// The request type.
    pub request: Structure,
    /// The output type, where there is one.
    pub output: Option<Structure>,
    /// The value of `X-Amz-Target`.
    pub target: String,
    /// The exceptions that it lists.
    pub exceptions: Vec<ExceptionReference>,
    /// Whether requests are signed.
    pub auth: Auth,
    /// What stands before the host name.
    pub host_prefix: Option<String>,
    /// Whether request bodies are gzipped.
    pub gzip: bool,
    /// Parameters of the endpoint rules that are the same for every request.
    pub static_context: Vec<(String, Literal)>,
    /// Parameters of the endpoint rules that stand deeper in the request.
    pub context_paths: Vec<ContextPath>,
    /// How it is paged through.
    pub paginator: Option<Paginator>,
    /// Rules between members.
    pub constraints: Vec<Constraint>,
    /// The union of the events that it answers with, where it answers with a stream of them.
    pub events: Option<String>,
    /// Whether a client can send it.
    pub support: Support,
    /// The address of the official reference page.
    pub reference: String,
}

/// A way from a structure to a value in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Path {
    /// The steps, from the outside in.
    pub steps: Vec<Step>,
    /// The type of the value.
    pub ty: Type,
}

impl Path {
    /// Tells whether the path leads to any number of values.
    pub fn is_projection(&self) -> bool {
        let projects = |step: &Step| matches!(step, Step::Each | Step::Keys);
        self.steps.iter().any(projects)
    }
}

/// A step into a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// Into a member of a structure.
    Member {
        /// The field.
        name: String,
        /// Whether it must be there.
        presence: Presence,
        /// Whether it stands behind a pointer.
        boxed: bool,
    },
    /// To the last entry of a list.
    Last,
    /// To each entry of a list.
    Each,
    /// To each key of a map.
    Keys,
}

/// A parameter of the endpoint rules that stands deeper in a request.
#[derive(Clone, Debug)]
pub struct ContextPath {
    /// The parameter.
    pub parameter: String,
    /// Where its value stands, or its values.
    pub paths: Vec<Path>,
}

/// How an operation is paged through.
#[derive(Clone, Debug)]
pub struct Paginator {
    /// Where the request says at which page to start.
    pub input_token: Path,
    /// Where the output says at which page to go on.
    pub output_token: Path,
    /// Where the output says whether there are more, if its token does not.
    pub more_results: Option<Path>,
    /// The list or map of the output that pages are pieces of.
    pub items: Option<Path>,
    /// The wire name of the member that bounds the size of a page.
    pub limit_key: Option<String>,
}

/// A state that can be waited for.
#[derive(Clone, Debug)]
pub struct Waiter {
    /// Its name, such as `ServicesStable`.
    pub name: String,
    /// The constant, such as `SERVICES_STABLE`.
    pub constant: String,
    /// The request type that asks for it.
    pub request: String,
    /// How long to wait between two questions at least, in seconds.
    pub delay: u32,
    /// How often upstream asks.
    pub max_attempts: u32,
    /// What answers mean.
    pub acceptors: Vec<Acceptor>,
}

/// Whether a client can send an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Support {
    /// It can.
    Full,
    /// It cannot yet: the request itself would be a stream of events.
    InputEventStreamNotYet,
}

/// An exception that an operation lists.
#[derive(Clone, Debug)]
pub struct ExceptionReference {
    /// The type.
    pub name: String,
    /// The code on the wire.
    pub code: String,
}

/// A rule between members of a request.
#[derive(Clone, Debug)]
pub enum Constraint {
    /// One is set, and only one.
    ExactlyOneOf(Vec<MemberReference>),
    /// One is set, or none.
    AtMostOneOf(Vec<MemberReference>),
    /// One is set, or several.
    AtLeastOneOf(Vec<MemberReference>),
    /// Where the first is set, so are the others.
    Requires(MemberReference, Vec<MemberReference>),
}

/// A member that a rule names.
#[derive(Clone, Debug)]
pub struct MemberReference {
    /// The name on the wire.
    pub wire_name: String,
    /// The field.
    pub name: String,
}

/// A type that operations use.
#[derive(Clone, Debug)]
pub enum TypeDefinition {
    /// A structure.
    Structure(Structure),
    /// A union.
    Union(Structure),
    /// The union of the events of a stream.
    Events(Structure),
    /// An open enum.
    Enumeration(Enumeration),
}

impl TypeDefinition {
    /// Returns the type's name.
    pub fn name(&self) -> &str {
        match self {
            Self::Structure(structure) | Self::Union(structure) | Self::Events(structure) => &structure.name,
            Self::Enumeration(enumeration) => &enumeration.name,
        }
    }

    /// Returns the module, and file, that the type stands in.
    pub fn module(&self) -> &str {
        match self {
            Self::Structure(structure) | Self::Union(structure) | Self::Events(structure) => {
                &structure.module
            }
            Self::Enumeration(enumeration) => &enumeration.module,
        }
    }
}

/// A structure or a union.
#[derive(Clone, Debug)]
pub struct Structure {
    /// The type's name.
    pub name: String,
    /// The module, and file, that it stands in.
    pub module: String,
    /// The shape's name.
    pub shape: String,
    /// The members, sorted by wire name; for a union, the variants.
    pub members: Vec<Member>,
    /// Where the required ones are among the members, in the order of the arguments of `new`.
    pub required: Vec<usize>,
    /// What to say about it.
    pub docs: Docs,
}

impl Structure {
    /// Returns the required members in the order of the arguments of `new`.
    pub fn required_members(&self) -> impl Iterator<Item = &Member> {
        self.required.iter().map(|&at| &self.members[at])
    }
}

/// A member of a structure, or a variant of a union.
#[derive(Clone, Debug)]
pub struct Member {
    /// The field, or the variant.
    pub name: String,
    /// The name on the wire.
    pub wire_name: String,
    /// The type.
    pub ty: Type,
    /// Whether it must be there.
    pub presence: Presence,
    /// Whether it stands behind a pointer, for its type contains itself.
    pub boxed: bool,
    /// Whether its value must never be shown.
    pub sensitive: bool,
    /// Whether the client fills it with a random token.
    pub idempotency_token: bool,
    /// Whether the host prefix names it.
    pub host_label: bool,
    /// The parameter of the endpoint rules that it is.
    pub context_param: Option<String>,
    /// Whether it is the message of an exception, which services spell in several ways.
    pub is_message: bool,
    /// What to say about it.
    pub docs: Docs,
}

/// Whether a member must be there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Presence {
    /// It must.
    Required,
    /// It may be left out.
    Optional,
}

/// A Rust type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Type {
    /// `String`.
    String,
    /// `bool`.
    Boolean,
    /// `i32`.
    Integer,
    /// `i64`.
    Long,
    /// `f32`.
    Float,
    /// `f64`.
    Double,
    /// `Timestamp<..>`.
    Timestamp(TimestampFormat),
    /// `Blob`.
    Blob,
    /// `Document`.
    Document,
    /// A generated enum.
    Enumeration(String),
    /// A generated structure or union.
    Structure(String),
    /// `Vec<..>`.
    List(Box<Type>),
    /// `BTreeMap<..>`.
    Map(Box<Type>, Box<Type>),
    /// `Option<..>`, an entry of a sparse collection.
    Nullable(Box<Type>),
}

/// An enum.
#[derive(Clone, Debug)]
pub struct Enumeration {
    /// The type's name.
    pub name: String,
    /// The module, and file, that it stands in.
    pub module: String,
    /// The shape's name.
    pub shape: String,
    /// The values, in the model's order.
    pub values: Vec<EnumerationValue>,
    /// What to say about it.
    pub docs: Docs,
}

/// A value of an enum.
#[derive(Clone, Debug)]
pub struct EnumerationValue {
    /// The variant.
    pub name: String,
    /// The value on the wire.
    pub value: String,
}

/// An exception.
#[derive(Clone, Debug)]
pub struct Exception {
    /// The structure with its members.
    pub structure: Structure,
    /// The code on the wire, which is the shape's name.
    pub code: String,
    /// The code of the query protocol, which some services send as well.
    pub query_code: Option<String>,
    /// The HTTP status that a fake answers with.
    pub status: u16,
    /// Who is at fault.
    pub fault: Fault,
    /// Whether a retry is worthwhile.
    pub retry: Retry,
}

/// What there is to say about something.
#[derive(Clone, Debug, Default)]
pub struct Docs {
    /// One sentence in our own words.
    pub summary: Option<String>,
    /// Upstream documentation, as Markdown.
    pub upstream: Option<String>,
    /// Facts of the model.
    pub facts: Vec<Fact>,
    /// Whether it is deprecated, and since when.
    pub deprecated: Option<Option<String>>,
}

/// A fact of the model about a member.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fact {
    /// The number of characters.
    Characters(Bounds),
    /// The number of bytes.
    Bytes(Bounds),
    /// The number of entries.
    Entries(Bounds),
    /// The value.
    Range(Bounds),
    /// A regular expression for the value.
    Pattern(String),
    /// Facts of the entries of a list, or the values of a map.
    Each(Vec<Fact>),
    /// Facts of the keys of a map.
    Keys(Vec<Fact>),
}

/// The rules that values of inputs follow, by the names of the model.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct InputRules {
    /// The input shape of each operation.
    pub operations: BTreeMap<String, String>,
    /// The shapes that have rules, and those that reach them.
    pub shapes: BTreeMap<String, ShapeRules>,
}

/// The least and the greatest value; both are allowed.
pub type Limits = [Option<serde_json::Number>; 2];

/// The rules that values of a shape follow.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct ShapeRules {
    /// How many characters a string has.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub characters: Option<Limits>,
    /// How many bytes a blob has.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bytes: Option<Limits>,
    /// How many entries a list or a map has.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub entries: Option<Limits>,
    /// What a number may be.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub range: Option<Limits>,
    /// A regular expression that matches the whole string.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pattern: Option<String>,
    /// The values that a string may have.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub values: Vec<String>,
    /// The shapes of members, by wire name.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub members: BTreeMap<String, String>,
    /// The shape of a map's keys.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub keys: Option<String>,
    /// The shape of a list's entries, or of a map's values.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub each: Option<String>,
}

impl ShapeRules {
    /// Tells whether there is a rule about the value itself, not only about what it holds.
    pub fn has_own(&self) -> bool {
        let limits = [&self.characters, &self.bytes, &self.entries, &self.range];
        limits.into_iter().any(Option::is_some) || self.pattern.is_some() || !self.values.is_empty()
    }

    /// Returns the shapes of what a value holds.
    pub fn below(&self) -> impl Iterator<Item = &String> {
        self.members.values().chain(&self.keys).chain(&self.each)
    }

    /// Forgets what a value holds, unless it is of a shape that is to be kept.
    pub fn retain_below(&mut self, keep: impl Fn(&str) -> bool) {
        self.members.retain(|_, shape| keep(shape));
        self.keys = self.keys.take().filter(|shape| keep(shape));
        self.each = self.each.take().filter(|shape| keep(shape));
    }
}
