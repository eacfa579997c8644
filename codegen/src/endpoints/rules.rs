//! Reads `endpoint-rule-set.json`.

use serde_json::Value;

use crate::model::{Object, Problem, Problems};

use super::{AuthScheme, Condition, Expression, Literal, Parameter, Part, Rule, RuleSet, Source, Step, Then};

/// Reads a rule set; `service` is the name that problems start with.
///
/// # Errors
///
/// Returns every function, parameter and property that is not implemented.
pub fn read_rules(service: &str, json: &Value) -> Result<RuleSet, Vec<Problem>> {
    let problems = Problems::default();
    let place = format!("{service}#endpoint-rule-set");
    let rules = Object::new(place, json, &problems).map(|root| {
        let rules = RuleSet {
            parameters: read_parameters(&root, &problems),
            rules: read_list(&root, "rules", &problems, read_rule),
        };
        root.finish(&["version"]);
        rules
    });
    match (rules, problems.into_sorted()) {
        (Some(rules), problems) if problems.is_empty() => Ok(rules),
        (_, problems) => Err(problems),
    }
}

fn read_parameters(root: &Object<'_>, problems: &Problems) -> Vec<Parameter> {
    let parameters = root.entries("parameters").into_iter();
    parameters
        .filter_map(|(name, value)| {
            let parameter = Object::new(format!("{}${name}", root.place), value, problems)?;
            let source = match parameter.string("builtIn").as_deref() {
                Some("AWS::Region") => Source::Region,
                Some("AWS::UseFIPS") => Source::UseFips,
                Some("AWS::UseDualStack") => Source::UseDualStack,
                Some("SDK::Endpoint") => Source::Endpoint,
                Some("AWS::Auth::AccountId") => Source::AccountId,
                Some("AWS::Auth::AccountIdEndpointMode") => Source::AccountIdEndpointMode,
                None => Source::Operation,
                Some(other) => {
                    parameter.problem(format!("builtIn {other} is not implemented"));
                    Source::Operation
                }
            };
            let read = Parameter {
                name: name.to_owned(),
                source,
                required: parameter.flag("required"),
                default: parameter.get("default").and_then(|default| {
                    parameter.noted("`default` is no string and no boolean", || literal(default))
                }),
            };
            parameter.finish(&["type", "deprecated"]);
            Some(read)
        })
        .collect()
}

fn read_list<T>(
    object: &Object<'_>,
    key: &str,
    problems: &Problems,
    read: fn(Object<'_>, &Problems) -> Option<T>,
) -> Vec<T> {
    let Some(Value::Array(entries)) = object.get(key) else {
        object.problem(format!("`{key}` is no array"));
        return Vec::new();
    };
    let objects = entries.iter().enumerate();
    objects
        .filter_map(|(at, entry)| {
            let place = format!("{}.{key}[{at}]", object.place);
            let entry = Object::new(place.clone(), entry, problems)?;
            // A condition that were left out would let its rule hold where it must not.
            let at = object.child_at(place);
            at.noted("lacks something that it needs", || read(entry, problems))
        })
        .collect()
}

fn read_rule(rule: Object<'_>, problems: &Problems) -> Option<Rule> {
    let conditions = read_list(&rule, "conditions", problems, read_condition);
    let then = match rule.required_string("type").as_str() {
        "tree" => Then::Rules(read_list(&rule, "rules", problems, read_rule)),
        "error" => Then::Error(expression(&rule, rule.get("error")?)?),
        "endpoint" => read_endpoint(rule.object("endpoint")?, problems)?,
        other => {
            rule.problem(format!("rule type {other} is not implemented"));
            return None;
        }
    };
    rule.finish(&["documentation"]);
    Some(Rule { conditions, then })
}

fn read_condition(condition: Object<'_>, _: &Problems) -> Option<Condition> {
    let value = call(&condition)?;
    let assign = condition.string("assign");
    condition.finish(&[]);
    Some(Condition { value, assign })
}

fn read_endpoint(endpoint: Object<'_>, problems: &Problems) -> Option<Then> {
    let url = expression(&endpoint, endpoint.get("url")?)?;
    if endpoint
        .object("headers")
        .is_some_and(|headers| !headers.is_empty())
    {
        endpoint.problem("endpoint headers are not implemented");
    }
    let mut auth_schemes = Vec::new();
    if let Some(properties) = endpoint.object("properties") {
        if properties.get("authSchemes").is_some() {
            auth_schemes = read_list(&properties, "authSchemes", problems, read_auth_scheme);
        }
        // It tells other SDKs how to count their users.
        properties.finish(&["metricValues"]);
    }
    endpoint.finish(&[]);
    Some(Then::Endpoint { url, auth_schemes })
}

fn read_auth_scheme(scheme: Object<'_>, _: &Problems) -> Option<AuthScheme> {
    let text = |key| scheme.get(key).and_then(|value| expression(&scheme, value));
    let read = AuthScheme {
        name: scheme.required_string("name"),
        signing_name: text("signingName"),
        signing_region: text("signingRegion"),
    };
    // A set of regions is for sigv4a, which stands beside sigv4.
    scheme.finish(&["signingRegionSet", "disableDoubleEncoding"]);
    Some(read)
}

fn literal(value: &Value) -> Option<Literal> {
    match value {
        Value::String(text) => Some(Literal::String(text.clone())),
        Value::Bool(value) => Some(Literal::Boolean(*value)),
        _ => None,
    }
}

fn expression<'a>(place: &Object<'a>, value: &'a Value) -> Option<Expression> {
    place.noted(
        "an expression lacks an argument, or has one of the wrong kind",
        || read_expression(place, value),
    )
}

fn read_expression<'a>(place: &Object<'a>, value: &'a Value) -> Option<Expression> {
    match value {
        Value::String(text) => template(place, text),
        Value::Bool(value) => Some(Expression::Literal(Literal::Boolean(*value))),
        Value::Object(_) => {
            let object = place.child(value)?;
            match object.string("ref") {
                Some(name) => Some(Expression::Reference(name)),
                None => call(&object),
            }
        }
        other => {
            place.problem(format!("{other} is no expression"));
            None
        }
    }
}

fn call<'a>(object: &Object<'a>) -> Option<Expression> {
    let function = object.required_string("fn");
    let Some(Value::Array(arguments)) = object.get("argv") else {
        object.problem("`argv` is no array");
        return None;
    };
    let argument = |at: usize| {
        let value = arguments.get(at).or_else(|| {
            object.problem(format!("{function} needs more arguments"));
            None
        })?;
        expression(object, value).map(Box::new)
    };
    let number = |at: usize| usize::try_from(arguments.get(at)?.as_u64()?).ok();
    Some(match function.as_str() {
        "isSet" => Expression::IsSet(argument(0)?),
        "not" => Expression::Not(argument(0)?),
        "booleanEquals" | "stringEquals" => Expression::Equals(argument(0)?, argument(1)?),
        "isValidHostLabel" => Expression::IsValidHostLabel(argument(0)?, argument(1)?),
        "aws.partition" => Expression::Partition(argument(0)?),
        "aws.parseArn" => Expression::ParseArn(argument(0)?),
        "parseURL" => Expression::ParseUrl(argument(0)?),
        "getAttr" => Expression::Attribute(argument(0)?, steps(arguments.get(1)?.as_str()?)?),
        "substring" => {
            let reverse = arguments.get(3)?.as_bool()?;
            Expression::Substring(argument(0)?, number(1)?, number(2)?, reverse)
        }
        other => {
            object.problem(format!("function {other} is not implemented"));
            return None;
        }
    })
}

/// Reads a path such as `resourceId[0]`.
fn steps(path: &str) -> Option<Vec<Step>> {
    let mut steps = Vec::new();
    for part in path.split('.') {
        let (name, index) = match part.split_once('[') {
            Some((name, index)) => (name, Some(index.strip_suffix(']')?.parse().ok()?)),
            None => (part, None),
        };
        if !name.is_empty() {
            steps.push(Step::Name(name.to_owned()));
        }
        steps.extend(index.map(Step::Index));
    }
    Some(steps)
}

/// Reads a string with holes such as `{Region}` and `{PartitionResult#dnsSuffix}`.
fn template(place: &Object<'_>, text: &str) -> Option<Expression> {
    let mut parts = Vec::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        let Some((hole, after)) = after.split_once('}') else {
            place.problem(format!("`{text}` has a hole that does not end"));
            return None;
        };
        if !before.is_empty() {
            parts.push(Part::Text(before.to_owned()));
        }
        let (name, path) = hole.split_once('#').unwrap_or((hole, ""));
        let value = Expression::Reference(name.to_owned());
        parts.push(Part::Hole(match path.is_empty() {
            true => value,
            false => Expression::Attribute(Box::new(value), steps(path)?),
        }));
        rest = after;
    }
    if parts.is_empty() {
        return Some(Expression::Literal(Literal::String(text.to_owned())));
    }
    if !rest.is_empty() {
        parts.push(Part::Text(rest.to_owned()));
    }
    Some(Expression::Template(parts))
}
