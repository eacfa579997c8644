//! Endpoint rule sets: const tables that the generator makes, and the engine that evaluates them.
//!
//! Neither reads JSON nor compiles a regular expression: both happened when the tables were generated. The
//! semantics are those of Smithy's rules engine.

mod evaluate;
mod functions;
mod partition;
mod partitions;

pub use evaluate::{AuthScheme, OperationValue, Parameters, ResolvedEndpoint, resolve};
pub use partition::Partition;

/// The rules by which a service's endpoint follows from parameters.
#[derive(Debug)]
pub struct RuleSet {
    /// The parameters that rules may refer to.
    pub parameters: &'static [Parameter],
    /// The rules: the first whose conditions hold decides.
    pub rules: &'static [Rule],
}

impl RuleSet {
    /// Tells whether there is no endpoint without a value that an operation gives.
    pub(crate) fn needs_operation(&self) -> bool {
        let needed = |parameter: &Parameter| {
            parameter.source == Source::Operation && parameter.required && parameter.default.is_none()
        };
        self.parameters.iter().any(needed)
    }
}

/// A parameter of a rule set.
#[derive(Debug)]
pub struct Parameter {
    /// The name that rules refer to.
    pub name: &'static str,
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
    /// The account that the client works for, where it is known.
    AccountId,
    /// Whether endpoints may name the account.
    AccountIdEndpointMode,
    /// An operation or its members.
    Operation,
}

/// A value that stands in a rule set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Literal {
    /// A string.
    String(&'static str),
    /// true or false.
    Boolean(bool),
}

/// A rule: what follows where all conditions hold.
#[derive(Debug)]
pub struct Rule {
    /// They are tried in order; later ones may refer to what earlier ones assign.
    pub conditions: &'static [Condition],
    /// What follows.
    pub then: Then,
}

/// What follows from a rule.
#[derive(Debug)]
pub enum Then {
    /// One of these rules decides.
    Rules(&'static [Rule]),
    /// This is the endpoint.
    Endpoint {
        /// The URL.
        url: Expression,
        /// How requests to it are signed, best first.
        auth_schemes: &'static [AuthSchemeTemplate],
    },
    /// There is no endpoint, and this says why.
    Error(Expression),
}

/// How requests to an endpoint are signed.
#[derive(Debug)]
pub struct AuthSchemeTemplate {
    /// Such as `sigv4`.
    pub name: &'static str,
    /// The service name in signatures, where it is not the usual one.
    pub signing_name: Option<Expression>,
    /// The region in signatures, where it is not the client's.
    pub signing_region: Option<Expression>,
}

/// A condition: it holds where its value is neither absent nor false.
#[derive(Debug)]
pub struct Condition {
    /// The value.
    pub value: Expression,
    /// The name under which later conditions and the conclusion find it.
    pub assign: Option<&'static str>,
}

/// An expression.
#[derive(Debug)]
pub enum Expression {
    /// A value that stands in the rule set.
    Literal(Literal),
    /// A string with holes.
    Template(&'static [Part]),
    /// The value of a parameter, or of what a condition assigned.
    Reference(&'static str),
    /// A part of a value.
    Attribute(&'static Expression, &'static [Step]),
    /// Whether there is a value.
    IsSet(&'static Expression),
    /// The contrary.
    Not(&'static Expression),
    /// Whether two values are the same.
    Equals(&'static Expression, &'static Expression),
    /// Whether a string may be a label of a host name, or several where the second says so.
    IsValidHostLabel(&'static Expression, &'static Expression),
    /// The partition of a region.
    Partition(&'static Expression),
    /// The parts of an ARN.
    ParseArn(&'static Expression),
    /// The parts of a URL.
    ParseUrl(&'static Expression),
    /// A part of an ASCII string: from, to, and whether both count from the end.
    Substring(&'static Expression, usize, usize, bool),
}

/// A piece of a string with holes.
#[derive(Debug)]
pub enum Part {
    /// Text.
    Text(&'static str),
    /// The string that an expression gives.
    Hole(Expression),
}

/// A step into a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// A part by its name.
    Name(&'static str),
    /// An entry by its number.
    Index(usize),
}
