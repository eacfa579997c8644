//! Strips upstream's prose, so that only interface facts are committed.
//!
//! `documentation` is a trait in some places and a name in others: a member may well be called so. Each kind of file
//! is therefore walked along its own structure, and only traits are dropped.

use serde_json::{Map, Value};

use super::Kind;

/// Drops documentation strings, deprecation messages and examples.
pub(super) fn strip(kind: Kind, json: &mut Value) {
    match kind {
        Kind::Service => strip_service(json),
        Kind::Waiters => for_each_entry(json, "waiters", |waiter| drop_traits(waiter, &["description"])),
        Kind::EndpointRules => strip_endpoint_rules(json),
        Kind::Paginators | Kind::Partitions => {}
    }
}

/// Returns where a documentation string still stands, as a JSON pointer.
pub(super) fn leftover(json: &Value) -> Option<String> {
    let within = |key: &str, value: &Value| leftover(value).map(|place| format!("/{key}{place}"));
    match json {
        Value::Object(map) => map.iter().find_map(|(key, value)| match value {
            Value::String(_) if key == "documentation" => Some("/documentation".to_owned()),
            value => within(key, value),
        }),
        Value::Array(values) => {
            let mut values = values.iter().enumerate();
            values.find_map(|(at, value)| within(&at.to_string(), value))
        }
        _ => None,
    }
}

/// The traits that hold prose wherever traits stand in a service model.
const PROSE: &[&str] = &["documentation", "deprecatedMessage"];

fn strip_service(service: &mut Value) {
    drop_traits(service, PROSE);
    if let Value::Object(service) = service {
        service.remove("examples");
    }
    for_each_entry(service, "clientContextParams", drop_prose);
    for_each_entry(service, "operations", strip_operation);
    for_each_entry(service, "shapes", strip_shape);
}

fn strip_operation(operation: &mut Value) {
    drop_prose(operation);
    for key in ["input", "output"] {
        if let Some(reference) = operation.get_mut(key) {
            drop_prose(reference);
        }
    }
    if let Some(Value::Array(errors)) = operation.get_mut("errors") {
        errors.iter_mut().for_each(drop_prose);
    }
}

fn strip_shape(shape: &mut Value) {
    drop_prose(shape);
    for_each_entry(shape, "members", drop_prose);
    for key in ["member", "key", "value"] {
        if let Some(reference) = shape.get_mut(key) {
            drop_prose(reference);
        }
    }
}

fn strip_endpoint_rules(rules: &mut Value) {
    drop_prose(rules);
    for_each_entry(rules, "parameters", drop_prose);
    strip_rules(rules);
}

/// Strips the rules of a rule set, or of a rule that is a tree. What JSON nests is bounded by the parser.
fn strip_rules(tree: &mut Value) {
    let Some(Value::Array(rules)) = tree.get_mut("rules") else {
        return;
    };
    for rule in rules {
        drop_prose(rule);
        strip_rules(rule);
    }
}

fn drop_prose(traits: &mut Value) {
    drop_traits(traits, PROSE);
}

/// Drops the traits among `names` whose value is a string, as prose is.
fn drop_traits(traits: &mut Value, names: &[&str]) {
    let Value::Object(traits) = traits else {
        return;
    };
    for name in names {
        if traits.get(*name).is_some_and(Value::is_string) {
            traits.remove(*name);
        }
    }
}

/// Applies `strip` to each value of the object at `key`, whose keys are names.
fn for_each_entry(parent: &mut Value, key: &str, strip: impl Fn(&mut Value)) {
    let entries = parent.get_mut(key).and_then(Value::as_object_mut);
    entries.into_iter().flat_map(Map::values_mut).for_each(strip);
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn stripped(kind: Kind, mut json: Value) -> Value {
        strip(kind, &mut json);
        json
    }

    #[test]
    fn prose_is_dropped_at_every_trait_position_of_a_service_model() {
        let prose = |mut traits: Value| {
            traits["documentation"] = "prose".into();
            traits["deprecatedMessage"] = "prose".into();
            traits
        };
        let model = prose(json!({
            "examples": {"Bake": ["prose"]},
            "clientContextParams": {"Oven": prose(json!({"type": "string"}))},
            "operations": {"Bake": prose(json!({
                "input": prose(json!({"shape": "Dough"})),
                "output": prose(json!({"shape": "Loaf"})),
                "errors": [prose(json!({"shape": "Burnt"}))],
                "deprecated": true,
            }))},
            "shapes": {
                "Dough": prose(json!({"members": {"flour": prose(json!({"shape": "Flour"}))}})),
                "Flours": prose(json!({"type": "list", "member": prose(json!({"shape": "Flour"}))})),
                "Shelf": prose(json!({
                    "type": "map",
                    "key": prose(json!({"shape": "Flour"})),
                    "value": prose(json!({"shape": "Flour"})),
                })),
            },
        }));
        let expected = json!({
            "clientContextParams": {"Oven": {"type": "string"}},
            "operations": {"Bake": {
                "input": {"shape": "Dough"},
                "output": {"shape": "Loaf"},
                "errors": [{"shape": "Burnt"}],
                "deprecated": true,
            }},
            "shapes": {
                "Dough": {"members": {"flour": {"shape": "Flour"}}},
                "Flours": {"type": "list", "member": {"shape": "Flour"}},
                "Shelf": {"type": "map", "key": {"shape": "Flour"}, "value": {"shape": "Flour"}},
            },
        });
        assert_eq!(stripped(Kind::Service, model), expected);
    }

    #[test]
    fn things_that_are_named_documentation_survive() {
        let named = |thing: Value| json!({"documentation": thing, "deprecatedMessage": {"shape": "Text"}});
        let model = json!({
            "operations": named(json!({"input": {"shape": "documentation"}})),
            "shapes": named(json!({
                "type": "structure",
                "required": ["documentation"],
                "members": named(json!({"shape": "Text"})),
            })),
            "clientContextParams": named(json!({"type": "string"})),
        });
        assert_eq!(stripped(Kind::Service, model.clone()), model);
        assert_eq!(leftover(&model), None);
    }

    #[test]
    fn an_operation_without_input_or_output_gains_neither() {
        let model = json!({"operations": {"Bake": {"name": "Bake"}}});
        assert_eq!(stripped(Kind::Service, model.clone()), model);
    }

    #[test]
    fn prose_is_dropped_from_endpoint_rules_at_every_depth() {
        let rules = json!({
            "parameters": {"Region": {"type": "string", "documentation": "prose"}},
            "rules": [{
                "documentation": "prose",
                "type": "tree",
                "rules": [{"documentation": "prose", "type": "error", "error": "no such region"}],
            }],
        });
        let expected = json!({
            "parameters": {"Region": {"type": "string"}},
            "rules": [{"type": "tree", "rules": [{"type": "error", "error": "no such region"}]}],
        });
        assert_eq!(stripped(Kind::EndpointRules, rules), expected);
    }

    #[test]
    fn descriptions_of_waiters_are_dropped() {
        let waiters = json!({"waiters": {"description": {"delay": 2, "description": "prose"}}});
        assert_eq!(
            stripped(Kind::Waiters, waiters),
            json!({"waiters": {"description": {"delay": 2}}})
        );
    }

    #[test]
    fn documentation_in_an_unknown_place_is_found() {
        let model = json!({"news": [{"a": 1}, {"documentation": "prose"}]});
        assert_eq!(leftover(&model).as_deref(), Some("/news/1/documentation"));
    }
}
