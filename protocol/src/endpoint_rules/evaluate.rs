//! Evaluates a rule set.

use std::borrow::Cow;

use crate::shown;

use super::partition::{self, Partition};
use super::{Condition, Expression, Literal, Part, Rule, RuleSet, Source, Step, Then, functions};

/// The values of parameters; those that are not set take their default.
#[derive(Clone, Debug, Default)]
pub struct Parameters<'a> {
    /// The region of the client.
    pub region: Option<&'a str>,
    /// Whether the client asks for FIPS endpoints.
    pub use_fips: bool,
    /// Whether the client asks for dual stack endpoints.
    pub use_dual_stack: bool,
    /// The endpoint URL of the client.
    pub endpoint: Option<&'a str>,
    /// The account that the client works for.
    pub account_id: Option<&'a str>,
    /// `preferred`, `disabled` or `required`.
    pub account_id_endpoint_mode: Option<&'a str>,
    /// What the operation gives, by the name of the parameter.
    pub operation: Vec<(&'a str, OperationValue<'a>)>,
}

/// A value that an operation gives.
#[derive(Clone, Debug)]
pub enum OperationValue<'a> {
    /// A string.
    String(&'a str),
    /// true or false.
    Boolean(bool),
    /// Strings.
    Strings(Vec<&'a str>),
}

/// Where requests go, and how they are signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResolvedEndpoint {
    /// The URL.
    pub url: String,
    /// How requests are signed, best first; empty where the client's own signing name and region do.
    pub auth_schemes: Vec<AuthScheme>,
}

/// How requests to an endpoint are signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuthScheme {
    /// Such as `sigv4`.
    pub name: &'static str,
    /// The service name in signatures, where it is not the usual one.
    pub signing_name: Option<String>,
    /// The region in signatures, where it is not the client's.
    pub signing_region: Option<String>,
}

/// A value while rules are evaluated.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Value<'a> {
    String(Cow<'a, str>),
    Boolean(bool),
    List(Vec<Value<'a>>),
    Record(Vec<(&'static str, Value<'a>)>),
    Partition(&'static Partition),
}

/// Finds the endpoint.
///
/// # Errors
///
/// Fails with the message of the rule set where it has no endpoint for the parameters.
pub fn resolve(rules: &RuleSet, parameters: &Parameters<'_>) -> Result<ResolvedEndpoint, String> {
    let mut scope = Scope(Vec::new());
    for parameter in rules.parameters {
        let given = given(parameter.name, parameter.source, parameters);
        let value = given.or_else(|| parameter.default.map(literal));
        if value.is_none() && parameter.required {
            return Err(format!(
                "the endpoint rules need the parameter {}",
                parameter.name
            ));
        }
        scope.0.extend(value.map(|value| (parameter.name, value)));
    }
    scope
        .first(rules.rules)
        .unwrap_or_else(|| Err("the endpoint rules have no endpoint for this configuration".to_owned()))
}

fn given<'a>(name: &str, source: Source, parameters: &Parameters<'a>) -> Option<Value<'a>> {
    let string = |text: Option<&'a str>| text.map(|text| Value::String(Cow::Borrowed(text)));
    match source {
        Source::Region => string(parameters.region),
        Source::UseFips => Some(Value::Boolean(parameters.use_fips)),
        Source::UseDualStack => Some(Value::Boolean(parameters.use_dual_stack)),
        Source::Endpoint => string(parameters.endpoint),
        Source::AccountId => string(parameters.account_id),
        Source::AccountIdEndpointMode => string(parameters.account_id_endpoint_mode),
        Source::Operation => {
            let (_, value) = parameters.operation.iter().find(|(given, _)| *given == name)?;
            Some(match value {
                OperationValue::String(text) => Value::String(Cow::Borrowed(text)),
                OperationValue::Boolean(value) => Value::Boolean(*value),
                OperationValue::Strings(texts) => Value::List(
                    texts
                        .iter()
                        .map(|text| Value::String(Cow::Borrowed(*text)))
                        .collect(),
                ),
            })
        }
    }
}

fn literal<'a>(literal: Literal) -> Value<'a> {
    match literal {
        Literal::String(text) => Value::String(Cow::Borrowed(text)),
        Literal::Boolean(value) => Value::Boolean(value),
    }
}

/// The names that expressions may refer to; the last of a name counts.
struct Scope<'a>(Vec<(&'static str, Value<'a>)>);

type Resolution<T = ResolvedEndpoint> = Result<T, String>;

impl<'a> Scope<'a> {
    /// Returns what the first rule whose conditions hold says, if there is one.
    fn first(&mut self, rules: &'static [Rule]) -> Option<Resolution> {
        rules.iter().find_map(|rule| {
            let before = self.0.len();
            let resolution = match self.hold(rule.conditions) {
                true => self.then(&rule.then),
                false => None,
            };
            self.0.truncate(before);
            resolution
        })
    }

    fn hold(&mut self, conditions: &'static [Condition]) -> bool {
        conditions
            .iter()
            .all(|condition| match self.evaluate(&condition.value) {
                None | Some(Value::Boolean(false)) => false,
                Some(value) => {
                    self.0.extend(condition.assign.map(|name| (name, value)));
                    true
                }
            })
    }

    fn then(&mut self, then: &'static Then) -> Option<Resolution> {
        match then {
            Then::Rules(rules) => self.first(rules),
            Then::Error(message) => Some(Err(self.string(message).unwrap_or_default())),
            Then::Endpoint { url, auth_schemes } => {
                let auth_schemes = auth_schemes.iter().map(|scheme| AuthScheme {
                    name: scheme.name,
                    signing_name: scheme.signing_name.as_ref().and_then(|name| self.string(name)),
                    signing_region: scheme
                        .signing_region
                        .as_ref()
                        .and_then(|region| self.string(region)),
                });
                let auth_schemes = auth_schemes.collect();
                Some(self.url(url).map(|url| ResolvedEndpoint { url, auth_schemes }))
            }
        }
    }

    /// Fills a URL. What is filled in stays where it stands: it can neither end the host nor begin another one.
    fn url(&self, url: &'static Expression) -> Resolution<String> {
        if let Expression::Template([Part::Text(_), rest @ ..]) = url {
            let is_part = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_');
            for part in rest {
                if let Part::Hole(hole) = part
                    && let Some(text) = self.string(hole)
                    && !text.bytes().all(is_part)
                {
                    let text = shown::excerpt(&text);
                    return Err(format!(
                        "`{text}` cannot be part of the host that the endpoint rules name"
                    ));
                }
            }
        }
        self.string(url)
            .ok_or_else(|| "the endpoint rules name no URL".to_owned())
    }

    fn evaluate(&self, expression: &'static Expression) -> Option<Value<'a>> {
        match expression {
            Expression::Literal(value) => Some(literal(*value)),
            Expression::Template(parts) => self.fill(parts),
            Expression::Reference(name) => {
                let mut names = self.0.iter().rev();
                names
                    .find(|(known, _)| known == name)
                    .map(|(_, value)| value.clone())
            }
            Expression::Attribute(value, path) => path
                .iter()
                .try_fold(self.evaluate(value)?, |value, step| value.step(*step)),
            Expression::IsSet(value) => Some(Value::Boolean(self.evaluate(value).is_some())),
            Expression::Not(value) => match self.evaluate(value) {
                Some(Value::Boolean(value)) => Some(Value::Boolean(!value)),
                _ => Some(Value::Boolean(true)),
            },
            Expression::Equals(left, right) => {
                let (left, right) = (self.evaluate(left)?, self.evaluate(right)?);
                Some(Value::Boolean(left == right))
            }
            Expression::IsValidHostLabel(text, dots) => {
                let dots = self.evaluate(dots) == Some(Value::Boolean(true));
                Some(Value::Boolean(functions::is_valid_host_label(
                    &self.string(text)?,
                    dots,
                )))
            }
            Expression::Partition(region) => partition::of(&self.string(region)?).map(Value::Partition),
            Expression::ParseArn(text) => functions::parse_arn(&self.string(text)?).map(Value::into_owned),
            Expression::ParseUrl(text) => functions::parse_url(&self.string(text)?).map(Value::into_owned),
            Expression::Substring(text, start, stop, reverse) => {
                let text = self.string(text)?;
                let part = functions::substring(&text, *start, *stop, *reverse)?;
                Some(Value::String(Cow::Owned(part.to_owned())))
            }
        }
    }

    fn fill(&self, parts: &'static [Part]) -> Option<Value<'a>> {
        let mut text = String::new();
        for part in parts {
            match part {
                Part::Text(part) => text.push_str(part),
                Part::Hole(expression) => text.push_str(&self.string(expression)?),
            }
        }
        Some(Value::String(Cow::Owned(text)))
    }

    fn string(&self, expression: &'static Expression) -> Option<String> {
        match self.evaluate(expression)? {
            Value::String(text) => Some(text.into_owned()),
            _ => None,
        }
    }
}

impl<'a> Value<'a> {
    fn step(self, step: Step) -> Option<Self> {
        let text = |text: &'static str| Some(Value::String(Cow::Borrowed(text)));
        match (self, step) {
            (Value::List(entries), Step::Index(at)) => entries.into_iter().nth(at),
            (Value::Record(members), Step::Name(name)) => {
                let mut members = members.into_iter();
                members
                    .find(|(member, _)| *member == name)
                    .map(|(_, value)| value)
            }
            (Value::Partition(partition), Step::Name(name)) => match name {
                "name" => text(partition.name),
                "dnsSuffix" => text(partition.dns_suffix),
                "dualStackDnsSuffix" => text(partition.dual_stack_dns_suffix),
                "implicitGlobalRegion" => text(partition.implicit_global_region),
                "supportsFIPS" => Some(Value::Boolean(partition.supports_fips)),
                "supportsDualStack" => Some(Value::Boolean(partition.supports_dual_stack)),
                _ => None,
            },
            _ => None,
        }
    }

    fn into_owned<'b>(self) -> Value<'b> {
        match self {
            Value::String(text) => Value::String(Cow::Owned(text.into_owned())),
            Value::Boolean(value) => Value::Boolean(value),
            Value::List(entries) => Value::List(entries.into_iter().map(Value::into_owned).collect()),
            Value::Record(members) => {
                let members = members
                    .into_iter()
                    .map(|(name, value)| (name, value.into_owned()));
                Value::Record(members.collect())
            }
            Value::Partition(partition) => Value::Partition(partition),
        }
    }
}
