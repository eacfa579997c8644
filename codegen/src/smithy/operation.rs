//! Operations.

use serde_json::{Map, Value, json};

use super::ast::{Reference, Shape};
use super::local;
use super::shape::Shapes;
use super::traits::Taken;
use crate::model::Problems;

/// What a service says of all its operations.
#[derive(Clone, Copy)]
pub struct Common<'a> {
    pub errors: &'a [Reference],
    /// In which ways requests can be signed.
    pub auth: Option<&'a Value>,
}

/// Converts an operation.
pub fn convert(
    id: &str,
    operation: &Shape,
    common: Common<'_>,
    shapes: &mut Shapes<'_>,
    problems: &Problems,
) -> Value {
    let mut traits = Taken::new(id, &operation.traits, problems);
    let mut to = Map::new();
    to.insert("name".to_owned(), local(id).into());
    to.insert("http".to_owned(), json!({"method": "POST", "requestUri": "/"}));
    traits.about(&mut to);
    for (name, reference) in [("input", &operation.input), ("output", &operation.output)] {
        let reference = reference
            .as_ref()
            .filter(|reference| reference.target != "smithy.api#Unit");
        if let Some(reference) = reference {
            to.insert(
                name.to_owned(),
                json!({ "shape": shapes.name(&reference.target) }),
            );
        }
    }
    let errors = operation.errors.iter().chain(common.errors);
    let errors: Vec<Value> = errors
        .map(|error| json!({ "shape": shapes.name(&error.target) }))
        .collect();
    if !errors.is_empty() {
        to.insert("errors".to_owned(), errors.into());
    }
    // `auth` orders the ways in which requests can be signed; with `optionalAuth` none is one of them.
    let auth = traits
        .take("smithy.api#auth")
        .or(common.auth)
        .and_then(Value::as_array);
    let signs = auth.is_none_or(|auth| auth.iter().any(|scheme| scheme == "aws.auth#sigv4"));
    if traits.has("smithy.api#optionalAuth") || auth.is_some_and(Vec::is_empty) {
        to.insert("authtype".to_owned(), "none".into());
    } else if !signs {
        traits.problem("`smithy.api#auth` without `aws.auth#sigv4` is not implemented");
    }
    if let Some(prefix) = traits
        .take("smithy.api#endpoint")
        .and_then(|endpoint| endpoint.get("hostPrefix"))
    {
        to.insert("endpoint".to_owned(), json!({ "hostPrefix": prefix }));
    }
    for (name, here) in [
        ("smithy.api#requestCompression", "requestcompression"),
        ("smithy.rules#staticContextParams", "staticContextParams"),
        ("smithy.rules#operationContextParams", "operationContextParams"),
    ] {
        if let Some(value) = traits.take(name) {
            to.insert(here.to_owned(), value.clone());
        }
    }
    // They become files of their own.
    traits.take("smithy.api#paginated");
    traits.take("smithy.waiters#waitable");
    traits.finish();
    to.into()
}
