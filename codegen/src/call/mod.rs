//! Calls an operation that a model describes, without generating anything first.

mod flags;
mod input;
mod metadata;
mod tables;

pub use crate::nearest::nearest;
pub use flags::{FlagError, command, read_flags};
pub use input::{InputProblem, check_input};
pub use metadata::{UnusableModel, operation_metadata, service_metadata};
pub use tables::{leak, table};

use serde_json::Value;

use crate::endpoints::Literal;
use crate::model::{Model, Operation};
use awsjson_protocol::endpoint_rules::OperationValue;

/// Returns the members of an operation's input; none where it has no input.
pub fn input_members<'a>(model: &'a Model, operation: &Operation) -> &'a [crate::model::Member] {
    model.input(operation).map_or(&[], |input| &input.members)
}

/// Tells whether an operation reads or answers a stream of events.
pub fn streams_events(model: &Model, operation: &Operation) -> bool {
    let mut shapes = [&operation.input, &operation.output].into_iter();
    shapes.any(|shape| model.event_stream(shape.as_ref()).is_some())
}

/// Collects what an operation gives to the endpoint rules: fixed values, and top-level members of the input.
pub fn endpoint_parameters<'a>(
    model: &'a Model,
    operation: &'a Operation,
    input: &'a Value,
) -> Vec<(&'a str, OperationValue<'a>)> {
    let fixed = operation.static_context.iter().map(|(name, value)| {
        let value = match value {
            Literal::String(text) => OperationValue::String(text),
            Literal::Boolean(value) => OperationValue::Boolean(*value),
        };
        (name.as_str(), value)
    });
    let members = input_members(model, operation).iter().filter_map(|member| {
        let text = input.get(&member.name)?.as_str()?;
        Some((member.context_param.as_deref()?, OperationValue::String(text)))
    });
    let deep = operation.context_paths.iter().filter_map(|(name, path)| {
        let texts = deep_texts(path, input)?;
        Some((name.as_str(), texts))
    });
    fixed.chain(members).chain(deep).collect()
}

/// Evaluates the path of a parameter that stands deeper in the input.
fn deep_texts<'a>(path: &str, input: &'a Value) -> Option<OperationValue<'a>> {
    let found = jmespath::compile(path).ok()?.search(input).ok()?;
    let borrowed = |text: &String| -> &'a str { leak(text) };
    if let Some(text) = found.as_string() {
        return Some(OperationValue::String(borrowed(text)));
    }
    let texts = found.as_array()?.iter();
    let texts = texts.filter_map(|text| text.as_string()).map(borrowed);
    Some(OperationValue::Strings(texts.collect()))
}
