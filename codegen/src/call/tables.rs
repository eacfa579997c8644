//! Endpoint rules as the client's engine takes them, built at run time.

use awsjson_protocol::endpoint_rules::{
    AuthSchemeTemplate, Condition, Expression, Literal, Parameter, Part, Rule, RuleSet, Source, Step, Then,
};

use crate::endpoints as model;

/// Builds a table as generated crates hold it. It lives as long as the process.
pub fn table(rules: &model::RuleSet) -> RuleSet {
    let parameters = rules.parameters.iter().map(|parameter| Parameter {
        name: leak(&parameter.name),
        source: match parameter.source {
            model::Source::Region => Source::Region,
            model::Source::UseFips => Source::UseFips,
            model::Source::UseDualStack => Source::UseDualStack,
            model::Source::Endpoint => Source::Endpoint,
            model::Source::AccountId => Source::AccountId,
            model::Source::AccountIdEndpointMode => Source::AccountIdEndpointMode,
            model::Source::Operation => Source::Operation,
        },
        required: parameter.required,
        default: parameter.default.as_ref().map(literal),
    });
    RuleSet {
        parameters: slice(parameters),
        rules: slice(rules.rules.iter().map(rule)),
    }
}

fn rule(rule: &model::Rule) -> Rule {
    let conditions = rule.conditions.iter().map(|condition| Condition {
        value: expression(&condition.value),
        assign: condition.assign.as_deref().map(leak),
    });
    Rule {
        conditions: slice(conditions),
        then: match &rule.then {
            model::Then::Rules(rules) => Then::Rules(slice(rules.iter().map(self::rule))),
            model::Then::Error(message) => Then::Error(expression(message)),
            model::Then::Endpoint { url, auth_schemes } => Then::Endpoint {
                url: expression(url),
                auth_schemes: slice(auth_schemes.iter().map(|scheme| AuthSchemeTemplate {
                    name: leak(&scheme.name),
                    signing_name: scheme.signing_name.as_ref().map(expression),
                    signing_region: scheme.signing_region.as_ref().map(expression),
                })),
            },
        },
    }
}

fn expression(value: &model::Expression) -> Expression {
    let one = |value: &model::Expression| -> &'static Expression { Box::leak(Box::new(expression(value))) };
    match value {
        model::Expression::Literal(value) => Expression::Literal(literal(value)),
        model::Expression::Template(parts) => {
            Expression::Template(slice(parts.iter().map(|part| match part {
                model::Part::Text(text) => Part::Text(leak(text)),
                model::Part::Hole(value) => Part::Hole(expression(value)),
            })))
        }
        model::Expression::Reference(name) => Expression::Reference(leak(name)),
        model::Expression::Attribute(value, steps) => {
            let steps = steps.iter().map(|step| match step {
                model::Step::Name(name) => Step::Name(leak(name)),
                model::Step::Index(at) => Step::Index(*at),
            });
            Expression::Attribute(one(value), slice(steps))
        }
        model::Expression::IsSet(value) => Expression::IsSet(one(value)),
        model::Expression::Not(value) => Expression::Not(one(value)),
        model::Expression::Equals(left, right) => Expression::Equals(one(left), one(right)),
        model::Expression::IsValidHostLabel(text, dots) => Expression::IsValidHostLabel(one(text), one(dots)),
        model::Expression::Partition(value) => Expression::Partition(one(value)),
        model::Expression::ParseArn(value) => Expression::ParseArn(one(value)),
        model::Expression::ParseUrl(value) => Expression::ParseUrl(one(value)),
        model::Expression::Substring(value, start, stop, reverse) => {
            Expression::Substring(one(value), *start, *stop, *reverse)
        }
    }
}

fn literal(literal: &model::Literal) -> Literal {
    match literal {
        model::Literal::String(text) => Literal::String(leak(text)),
        model::Literal::Boolean(value) => Literal::Boolean(*value),
    }
}

fn slice<T>(entries: impl Iterator<Item = T>) -> &'static [T] {
    Vec::leak(entries.collect())
}

/// Keeps a text for as long as the process lives.
pub fn leak(text: &str) -> &'static str {
    String::leak(text.to_owned())
}
