//! Paginators and waiters, which the other format keeps in files of their own.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::ast::Shape;
use super::local;
use crate::model::Problems;

type Operations<'a> = BTreeMap<&'a String, &'a Shape>;

/// Converts how operations are paged through; what the service says applies where an operation says nothing.
pub fn paginators(operations: &Operations<'_>, service: Option<&Value>) -> Option<Value> {
    let mut pagination = Map::new();
    for (id, operation) in operations {
        let Some(own) = operation.traits.get("smithy.api#paginated") else {
            continue;
        };
        let fact = |name: &str| own.get(name).or_else(|| service?.get(name)).cloned();
        let mut paginator = Map::new();
        for (name, here) in [
            ("inputToken", "input_token"),
            ("outputToken", "output_token"),
            ("pageSize", "limit_key"),
            ("items", "result_key"),
        ] {
            paginator.extend(fact(name).map(|value| (here.to_owned(), value)));
        }
        pagination.insert(local(id).to_owned(), paginator.into());
    }
    (!pagination.is_empty()).then(|| json!({ "pagination": pagination }))
}

/// Converts the states that can be waited for.
pub fn waiters(operations: &Operations<'_>, problems: &Problems) -> Option<Value> {
    let mut waiters = Map::new();
    for (id, operation) in operations {
        let waitable = operation.traits.get("smithy.waiters#waitable");
        for (name, waiter) in waitable.and_then(Value::as_object).into_iter().flatten() {
            let place = format!("{id}: waiter {name}");
            let acceptors = waiter["acceptors"].as_array().into_iter().flatten();
            let acceptors: Vec<Value> = acceptors
                .filter_map(|acceptor| self::acceptor(acceptor, &place, problems))
                .collect();
            // Their defaults; the other format counts attempts.
            let delay = waiter["minDelay"].as_u64().unwrap_or(2).max(1);
            let most = waiter["maxDelay"].as_u64().unwrap_or(120);
            let other = waiters.insert(
                name.clone(),
                json!({
                    "operation": local(id),
                    "delay": delay,
                    "maxAttempts": (most / delay).max(1),
                    "acceptors": acceptors,
                }),
            );
            if other.is_some() {
                problems.add(&place, "another operation has a waiter of the same name");
            }
        }
    }
    (!waiters.is_empty()).then(|| json!({"version": 2, "waiters": waiters}))
}

fn acceptor(acceptor: &Value, place: &str, problems: &Problems) -> Option<Value> {
    let state = acceptor["state"].clone();
    let matcher = acceptor["matcher"].as_object();
    let Some((kind, value)) = matcher.and_then(|matcher| matcher.iter().next()) else {
        problems.add(place, "an acceptor has no matcher");
        return None;
    };
    let converted = match (kind.as_str(), value) {
        ("success", Value::Bool(true)) => json!({"matcher": "status", "expected": 200}),
        ("success", _) => json!({"matcher": "error", "expected": true}),
        ("errorType", Value::String(error)) => json!({"matcher": "error", "expected": local(error)}),
        ("output", output) => {
            let expected = output["expected"].as_str().unwrap_or_default();
            let (matcher, expected) = match output["comparator"].as_str() {
                Some("stringEquals") => ("path", json!(expected)),
                Some("booleanEquals") if matches!(expected, "true" | "false") => {
                    ("path", json!(expected == "true"))
                }
                Some("allStringEquals") => ("pathAll", json!(expected)),
                Some("anyStringEquals") => ("pathAny", json!(expected)),
                other => {
                    problems.add(
                        place,
                        format!("the comparator {other:?} with `{expected}` is not implemented"),
                    );
                    return None;
                }
            };
            json!({"matcher": matcher, "argument": output["path"], "expected": expected})
        }
        (other, _) => {
            problems.add(place, format!("the matcher `{other}` is not implemented"));
            return None;
        }
    };
    let mut converted = converted;
    converted["state"] = state;
    Some(converted)
}
