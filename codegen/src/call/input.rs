//! Checks the input of an operation against its model, before it is sent.

use std::fmt;

use serde_json::{Map, Value};

use crate::model::{Model, Operation, ShapeKind, Structure};
use crate::nearest::nearest;
use crate::overlay::Constraint;

/// Something in an input that the service would not understand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InputProblem {
    /// Where, such as `logEvents[3].timestamp`; empty for the input itself.
    pub path: String,
    /// What is wrong there, and what to do.
    pub what: String,
}

impl fmt::Display for InputProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.path.as_str() {
            "" => f.write_str(&self.what),
            path => write!(f, "{path}: {}", self.what),
        }
    }
}

/// Checks the input of an operation; returns every problem, in the order of the input.
///
/// Unknown and missing members, types, nulls, unions and the overlay's rules are checked; lengths, ranges, patterns and
/// the values of enums are left to the service, which knows the newest.
pub fn check_input(
    model: &Model,
    operation: &Operation,
    constraints: &[Constraint],
    input: &Value,
) -> Vec<InputProblem> {
    let mut check = Check {
        model,
        problems: Vec::new(),
    };
    let empty = Structure::default();
    let structure = model.input(operation).unwrap_or(&empty);
    match input {
        Value::Object(members) => {
            check.structure(structure, "", members);
            for constraint in constraints {
                check.constraint(constraint, members);
            }
        }
        other => check.problem("", format!("expected an object, found {}", kind(other))),
    }
    check.problems
}

struct Check<'a> {
    model: &'a Model,
    problems: Vec<InputProblem>,
}

impl Check<'_> {
    fn problem(&mut self, path: &str, what: impl Into<String>) {
        self.problems.push(InputProblem {
            path: path.to_owned(),
            what: what.into(),
        });
    }

    fn structure(&mut self, structure: &Structure, path: &str, members: &Map<String, Value>) {
        for (name, value) in members {
            let path = join(path, name);
            match structure.members.iter().find(|member| &member.name == name) {
                Some(member) => self.value(&member.shape, &path, value),
                None => {
                    let near = nearest(name, structure.members.iter().map(|member| member.name.as_str()));
                    self.problem(&path, format!("there is no such member{near}"));
                }
            }
        }
        for name in &structure.required {
            let is_token = structure
                .members
                .iter()
                .any(|member| &member.name == name && member.idempotency_token);
            if !members.contains_key(name) && !is_token {
                self.problem(&join(path, name), "is required and missing");
            }
        }
    }

    fn value(&mut self, shape: &str, path: &str, value: &Value) {
        let model = self.model;
        let expected = match (&model.shape(shape).kind, value) {
            (ShapeKind::Structure(structure), Value::Object(members)) => {
                return self.structure(structure, path, members);
            }
            (ShapeKind::Union(union), Value::Object(members)) => {
                if members.len() != 1 {
                    let names: Vec<&str> = union.members.iter().map(|member| member.name.as_str()).collect();
                    let what = format!(
                        "set exactly one of {}: {} are set",
                        names.join(", "),
                        members.len()
                    );
                    self.problem(path, what);
                }
                return self.structure(union, path, members);
            }
            (ShapeKind::List { member, sparse, .. }, Value::Array(entries)) => {
                for (at, entry) in entries.iter().enumerate() {
                    if !(entry.is_null() && *sparse) {
                        self.value(member, &format!("{path}[{at}]"), entry);
                    }
                }
                return;
            }
            (
                ShapeKind::Map {
                    value: shape, sparse, ..
                },
                Value::Object(entries),
            ) => {
                for (key, entry) in entries {
                    if !(entry.is_null() && *sparse) {
                        self.value(shape, &join(path, key), entry);
                    }
                }
                return;
            }
            (kind, value) => match expectation(kind, value) {
                None => return,
                Some(expected) => expected,
            },
        };
        self.problem(path, format!("expected {expected}, found {}", kind(value)));
    }

    fn constraint(&mut self, constraint: &Constraint, members: &Map<String, Value>) {
        let is_set = |name: &&String| members.contains_key(*name);
        let count = |names: &Vec<String>| names.iter().filter(is_set).count();
        let broken = match constraint {
            Constraint::ExactlyOneOf(names) if count(names) != 1 => ("exactly one", names),
            Constraint::AtMostOneOf(names) if count(names) > 1 => ("at most one", names),
            Constraint::AtLeastOneOf(names) if count(names) == 0 => ("at least one", names),
            Constraint::Requires { member, needs } if is_set(&member) && count(needs) < needs.len() => {
                let needs = needs.join(" and ");
                return self.problem(member, format!("needs {needs} to be set as well"));
            }
            _ => return,
        };
        let (rule, names) = broken;
        let set = count(names);
        self.problem(
            "",
            format!("set {rule} of {}: {set} are set", names.join(" and ")),
        );
    }
}

/// Says what a scalar shape expects, where the value is something else.
fn expectation(kind: &ShapeKind, value: &Value) -> Option<&'static str> {
    let is_special = |value: &Value| matches!(value.as_str(), Some("NaN" | "Infinity" | "-Infinity"));
    let (fits, expected) = match kind {
        ShapeKind::String { .. } | ShapeKind::Enum(_) => (value.is_string(), "a string"),
        ShapeKind::Boolean => (value.is_boolean(), "true or false"),
        ShapeKind::Integer(_) => {
            let fits = value.as_i64().is_some_and(|number| i32::try_from(number).is_ok());
            (fits, "an integer of 32 bits")
        }
        ShapeKind::Long(_) => (value.is_i64(), "an integer of 64 bits"),
        ShapeKind::Float(_) | ShapeKind::Double(_) => (value.is_number() || is_special(value), "a number"),
        ShapeKind::Timestamp(_) => (
            value.is_number() || value.is_string(),
            "a time in seconds, or a string such as 2026-01-31T12:00:00Z",
        ),
        ShapeKind::Blob(_) => (value.is_string(), "a string in base64"),
        ShapeKind::Document => (true, ""),
        ShapeKind::List { .. } => (false, "a list"),
        ShapeKind::Structure(_)
        | ShapeKind::Union(_)
        | ShapeKind::Exception(..)
        | ShapeKind::EventStream(_)
        | ShapeKind::Map { .. } => (false, "an object"),
    };
    (!fits).then_some(expected)
}

fn kind(value: &Value) -> String {
    match value {
        Value::Null => "null".to_owned(),
        Value::Bool(_) => "true or false".to_owned(),
        Value::Number(number) => format!("the number {number}"),
        Value::String(_) => "a string".to_owned(),
        Value::Array(_) => "a list".to_owned(),
        Value::Object(_) => "an object".to_owned(),
    }
}

fn join(path: &str, name: &str) -> String {
    match path {
        "" => name.to_owned(),
        path => format!("{path}.{name}"),
    }
}
