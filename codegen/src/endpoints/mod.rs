//! Endpoint rule sets and partitions: read from their JSON, into types that the renderer knows.

mod partitions;
mod rules;

pub use partitions::{Partition, read_partitions};
pub use rules::read_rules;

/// The rules by which a service's endpoint follows from parameters.
#[derive(Clone, Debug)]
pub struct RuleSet {
    /// The parameters, sorted by name.
    pub parameters: Vec<Parameter>,
    /// The rules: the first whose conditions hold decides.
    pub rules: Vec<Rule>,
}

/// A parameter of a rule set.
#[derive(Clone, Debug)]
pub struct Parameter {
    /// The name that rules refer to.
    pub name: String,
    /// Where the client gets the value from.
    pub source: Source,
    /// Whether it must have a value.
    pub required: bool,
    /// The value where nobody gives one.
    pub default: Option<Literal>,
}

/// Where the value of a parameter comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// The region of the client.
    Region,
    /// Whether the client asks for FIPS endpoints.
    UseFips,
    /// Whether the client asks for dual stack endpoints.
    UseDualStack,
    /// The endpoint URL of the client.
    Endpoint,
    /// The account that the client works for.
    AccountId,
    /// Whether endpoints may name the account.
    AccountIdEndpointMode,
    /// An operation or its members.
    Operation,
}

/// A value that stands in a rule set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Literal {
    /// A string.
    String(String),
    /// true or false.
    Boolean(bool),
}

/// A rule.
#[derive(Clone, Debug)]
pub struct Rule {
    /// They are tried in order.
    pub conditions: Vec<Condition>,
    /// What follows where all hold.
    pub then: Then,
}

/// What follows from a rule.
#[derive(Clone, Debug)]
pub enum Then {
    /// One of these rules decides.
    Rules(Vec<Rule>),
    /// This is the endpoint.
    Endpoint {
        /// The URL.
        url: Expression,
        /// How requests to it are signed.
        auth_schemes: Vec<AuthScheme>,
    },
    /// There is no endpoint, and this says why.
    Error(Expression),
}

/// How requests to an endpoint are signed.
#[derive(Clone, Debug)]
pub struct AuthScheme {
    /// Such as `sigv4`.
    pub name: String,
    /// The service name in signatures.
    pub signing_name: Option<Expression>,
    /// The region in signatures.
    pub signing_region: Option<Expression>,
}

/// A condition.
#[derive(Clone, Debug)]
pub struct Condition {
    /// It holds where this is neither absent nor false.
    pub value: Expression,
    /// The name under which the value is found later.
    pub assign: Option<String>,
}

/// An expression.
#[derive(Clone, Debug)]
pub enum Expression {
    /// A value.
    Literal(Literal),
    /// A string with holes.
    Template(Vec<Part>),
    /// A parameter, or what a condition assigned.
    Reference(String),
    /// A part of a value.
    Attribute(Box<Expression>, Vec<Step>),
    /// Whether there is a value.
    IsSet(Box<Expression>),
    /// The contrary.
    Not(Box<Expression>),
    /// Whether two values are the same.
    Equals(Box<Expression>, Box<Expression>),
    /// Whether a string may be a label of a host name.
    IsValidHostLabel(Box<Expression>, Box<Expression>),
    /// The partition of a region.
    Partition(Box<Expression>),
    /// The parts of an ARN.
    ParseArn(Box<Expression>),
    /// The parts of a URL.
    ParseUrl(Box<Expression>),
    /// A part of a string.
    Substring(Box<Expression>, usize, usize, bool),
}

/// A piece of a string with holes.
#[derive(Clone, Debug)]
pub enum Part {
    /// Text.
    Text(String),
    /// The string that an expression gives.
    Hole(Expression),
}

/// A step into a value.
#[derive(Clone, Debug)]
pub enum Step {
    /// A part by its name.
    Name(String),
    /// An entry by its number.
    Index(usize),
}
