//! Reads what stands beside a model: paginators and waiters.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

use super::object::{Object, Problem, Problems};

/// How an operation is paged through. Members are JMESPath expressions over the input or the output.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Paginator {
    /// The member of the input that says where a page starts.
    pub input_token: String,
    /// What the output says of where the next page starts.
    pub output_token: String,
    /// What the output says of whether there is a next page, where its token does not.
    pub more_results: Option<String>,
    /// The lists of the output that pages are pieces of; the first is the one that matters.
    pub result_keys: Vec<String>,
    /// The member of the input that bounds the size of a page.
    pub limit_key: Option<String>,
}

/// A state that is waited for by asking again and again.
#[derive(Clone, Debug)]
pub struct Waiter {
    /// The operation that is asked.
    pub operation: String,
    /// How long to wait between two questions, in seconds.
    pub delay: u32,
    /// How often to ask.
    pub max_attempts: u32,
    /// What answers mean; the first that matches decides.
    pub acceptors: Vec<Acceptor>,
}

/// What an answer means.
#[derive(Clone, Debug)]
pub struct Acceptor {
    /// What it means.
    pub state: AcceptorState,
    /// Which answers.
    pub matcher: Matcher,
}

/// What an answer means to a waiter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AcceptorState {
    /// The state has been reached.
    Success,
    /// The state cannot be reached any more.
    Failure,
    /// It is too early to tell.
    Retry,
}

/// Which answers an acceptor is about.
#[derive(Clone, Debug, PartialEq)]
pub enum Matcher {
    /// The call succeeded with this status.
    Status(u16),
    /// The call failed with this code.
    Error(String),
    /// The call failed, or did not.
    AnyError(bool),
    /// A JMESPath expression over the output has this value.
    Path(String, Expected),
    /// It gives a list with entries, and each is this.
    PathAll(String, Expected),
    /// It gives a list, and an entry of it is this.
    PathAny(String, Expected),
}

/// The value that an acceptor expects.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Expected {
    /// A string.
    String(String),
    /// true or false.
    Boolean(bool),
}

/// Reads the paginators of a service, by operation.
///
/// # Errors
///
/// Returns every problem that was found, not only the first.
pub fn read_paginators(service: &str, json: &Value) -> Result<BTreeMap<String, Paginator>, Vec<Problem>> {
    read_entries(service, json, "pagination", |_, object| {
        // The keys that pages repeat say nothing about how to page.
        object.get("non_aggregate_keys");
        Some(Paginator {
            input_token: object.required_string("input_token"),
            output_token: object.required_string("output_token"),
            more_results: object.string("more_results"),
            result_keys: match object.get("result_key") {
                Some(Value::Array(_)) => object.strings("result_key"),
                // Models of Smithy may page without saying what the items are.
                _ => object.string("result_key").into_iter().collect(),
            },
            limit_key: object.string("limit_key"),
        })
    })
}

/// Reads the waiters of a service, by name.
///
/// # Errors
///
/// Returns every problem that was found, not only the first.
pub fn read_waiters(service: &str, json: &Value) -> Result<BTreeMap<String, Waiter>, Vec<Problem>> {
    read_entries(service, json, "waiters", |problems, object| {
        let acceptors = match object.get("acceptors") {
            Some(Value::Array(acceptors)) => acceptors.as_slice(),
            _ => &[],
        };
        let place = |at: usize| format!("{}.acceptors[{at}]", object.place);
        Some(Waiter {
            operation: object.required_string("operation"),
            delay: positive(object, "delay"),
            max_attempts: positive(object, "maxAttempts"),
            acceptors: acceptors
                .iter()
                .enumerate()
                .filter_map(|(at, acceptor)| read_acceptor(Object::new(place(at), acceptor, problems)?))
                .collect(),
        })
    })
}

fn read_entries<T>(
    service: &str,
    json: &Value,
    key: &str,
    read: impl Fn(&Problems, &Object<'_>) -> Option<T>,
) -> Result<BTreeMap<String, T>, Vec<Problem>> {
    let problems = Problems::default();
    let mut entries = BTreeMap::new();
    if let Some(root) = Object::new(service.to_owned(), json, &problems) {
        for (name, value) in root.entries(key) {
            let place = format!("{service}#{name}");
            let Some(object) = Object::new(place, value, &problems) else {
                continue;
            };
            entries.extend(read(&problems, &object).map(|entry| (name.to_owned(), entry)));
            object.finish(&[]);
        }
        root.finish(&["version"]);
    }
    match problems.into_sorted() {
        problems if problems.is_empty() => Ok(entries),
        problems => Err(problems),
    }
}

fn positive(object: &Object<'_>, key: &str) -> u32 {
    let number = object.number(key).and_then(|number| number.parse().ok());
    number.filter(|&number| number > 0).unwrap_or_else(|| {
        object.problem(format!("`{key}` is no positive integer"));
        1
    })
}

fn read_acceptor(object: Object<'_>) -> Option<Acceptor> {
    let state = match object.required_string("state").as_str() {
        "success" => AcceptorState::Success,
        "failure" => AcceptorState::Failure,
        "retry" => AcceptorState::Retry,
        other => {
            object.problem(format!("`state` {other} is not implemented"));
            return None;
        }
    };
    let matcher = read_matcher(&object);
    object.finish(&[]);
    Some(Acceptor {
        state,
        matcher: matcher?,
    })
}

fn read_matcher(object: &Object<'_>) -> Option<Matcher> {
    let kind = object.required_string("matcher");
    let path = |matcher: fn(String, Expected) -> Matcher| {
        let expected = match object.get("expected") {
            Some(Value::String(text)) => Expected::String(text.clone()),
            Some(Value::Bool(value)) => Expected::Boolean(*value),
            _ => {
                object.problem("`expected` is no string and no boolean");
                return None;
            }
        };
        Some(matcher(object.required_string("argument"), expected))
    };
    match (kind.as_str(), object.get("expected")) {
        ("path", _) => path(Matcher::Path),
        ("pathAll", _) => path(Matcher::PathAll),
        ("pathAny", _) => path(Matcher::PathAny),
        ("error", Some(Value::String(code))) => Some(Matcher::Error(code.clone())),
        ("error", Some(Value::Bool(failed))) => Some(Matcher::AnyError(*failed)),
        ("status", Some(Value::Number(status))) => {
            let status = status.as_u64().and_then(|status| u16::try_from(status).ok());
            status.map(Matcher::Status)
        }
        (other, _) => {
            object.problem(format!(
                "matcher `{other}` with this expectation is not implemented"
            ));
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn one_result_key_or_several() {
        let json = json!({"pagination": {"List": {
            "input_token": "marker", "output_token": "next", "result_key": ["a", "b"], "limit_key": "max"
        }}});
        let paginators = read_paginators("probe", &json).expect("valid");
        assert_eq!(paginators["List"].result_keys, ["a", "b"]);
        assert_eq!(paginators["List"].limit_key.as_deref(), Some("max"));
    }

    #[test]
    fn everything_that_is_not_known_is_named() {
        let json = json!({"waiters": {"Ready": {
            "operation": "Get", "delay": 0, "maxAttempts": 3, "colour": "blue",
            "acceptors": [{"state": "success", "matcher": "moon", "expected": 1}]
        }}});
        let problems = read_waiters("probe", &json).expect_err("nobody knows the moon");
        let text: Vec<String> = problems.iter().map(ToString::to_string).collect();
        let text = text.join("\n");
        for part in ["colour", "moon", "`delay`"] {
            assert!(text.contains(part), "{part} is missing in {text}");
        }
    }
}
