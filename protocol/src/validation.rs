//! Checks values of inputs against the rules of the model (feature `validation`).

use std::collections::HashMap;
use std::fmt::Write;
use std::sync::{Arc, Mutex, PoisonError};

use fancy_regex::Regex;
use serde_json::Value;

use crate::error::{ErrorKind, Failure};
use crate::service::ServiceMetadata;

/// How many values of an enum an error lists.
const LISTED_VALUES: usize = 20;

/// The rules of a service, as its crate has them:
/// `{"operations": {operation: shape}, "shapes": {shape: rules}}`.
pub(crate) struct Rules {
    rules: Value,
    /// Compiled patterns; `None` where one is not understood.
    patterns: Mutex<HashMap<String, Option<Arc<Regex>>>>,
}

impl Rules {
    /// Reads the rules of a service.
    ///
    /// # Errors
    ///
    /// Fails where they have not been compiled in.
    pub(crate) fn read(service: &ServiceMetadata) -> Result<Self, Failure> {
        let text = service.input_rules.unwrap_or("null");
        match serde_json::from_str(text) {
            Ok(Value::Object(rules)) => Ok(Self {
                rules: rules.into(),
                patterns: Mutex::default(),
            }),
            _ => Err(Failure::new(
                ErrorKind::Config,
                "the rules for inputs are not compiled in: turn on the feature `validation` of the service's crate",
            )),
        }
    }

    /// Checks an input in wire form.
    ///
    /// # Errors
    ///
    /// Says every place that breaks a rule, but no value, which may be a secret.
    pub(crate) fn check(&self, operation: &str, body: &[u8]) -> Result<(), String> {
        let Some(shape) = self.rules["operations"][operation].as_str() else {
            return Ok(());
        };
        let input: Value = serde_json::from_slice(body).map_err(|error| error.to_string())?;
        let mut check = Check {
            rules: self,
            path: String::new(),
            problems: Vec::new(),
        };
        check.value(shape, &input);
        match check.problems.as_slice() {
            [] => Ok(()),
            [problem] => Err(format!("the input breaks a rule of the model: {problem}")),
            problems => Err(format!(
                "the input breaks {} rules of the model: {}",
                problems.len(),
                problems.join("; ")
            )),
        }
    }

    /// Tells whether a pattern matches the whole of a text, as services take it; one that is not understood does.
    fn matches(&self, pattern: &str, text: &str) -> bool {
        // A match that takes too many steps is left to the service.
        self.compiled(pattern)
            .is_none_or(|compiled| compiled.is_match(text).unwrap_or(true))
    }

    fn compiled(&self, pattern: &str) -> Option<Arc<Regex>> {
        let mut patterns = self.patterns.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(compiled) = patterns.get(pattern) {
            return compiled.clone();
        }
        let compiled = compile(pattern).map(Arc::new);
        patterns.insert(pattern.to_owned(), compiled.clone());
        compiled
    }
}

/// Compiles a pattern of a model; `None` where it is not understood.
fn compile(pattern: &str) -> Option<Regex> {
    Regex::new(&format!(r"\A(?:{pattern})\z")).ok()
}

/// A walk through an input.
struct Check<'a> {
    rules: &'a Rules,
    path: String,
    problems: Vec<String>,
}

impl Check<'_> {
    fn value(&mut self, shape: &str, value: &Value) {
        let rules = &self.rules.rules["shapes"][shape];
        if rules.is_null() {
            return;
        }
        match value {
            Value::String(text) => self.text(rules, text),
            Value::Number(number) => self.number(rules, number),
            Value::Array(entries) => {
                self.count(&rules["entries"], entries.len(), "entries", "entry");
                self.entries(rules["each"].as_str(), entries.iter());
            }
            Value::Object(members) if rules["members"].is_object() => {
                for (name, value) in members {
                    if let Some(shape) = rules["members"][name].as_str() {
                        let dot = if self.path.is_empty() { "" } else { "." };
                        self.below(&format!("{dot}{name}"), shape, value);
                    }
                }
            }
            Value::Object(entries) => {
                self.count(&rules["entries"], entries.len(), "entries", "entry");
                if let Some(shape) = rules["keys"].as_str() {
                    let keys: Vec<Value> = entries.keys().map(|key| key.as_str().into()).collect();
                    self.entries(Some(shape), keys.iter());
                }
                self.entries(rules["each"].as_str(), entries.values());
            }
            Value::Null | Value::Bool(_) => {}
        }
    }

    /// Checks the entries of a list, or the keys or values of a map. Keys may be secrets: they are counted.
    fn entries<'v>(&mut self, shape: Option<&str>, entries: impl Iterator<Item = &'v Value>) {
        let Some(shape) = shape else { return };
        for (at, entry) in entries.enumerate() {
            self.below(&format!("[{at}]"), shape, entry);
        }
    }

    fn below(&mut self, step: &str, shape: &str, value: &Value) {
        let length = self.path.len();
        self.path.push_str(step);
        self.value(shape, value);
        self.path.truncate(length);
    }

    fn text(&mut self, rules: &Value, text: &str) {
        if !rules["characters"].is_null() {
            let characters = text.chars().count();
            self.count(&rules["characters"], characters, "characters", "character");
        }
        if !rules["bytes"].is_null() {
            let padding = text.bytes().rev().take_while(|byte| *byte == b'=').count();
            let bytes = (text.len() / 4 * 3).saturating_sub(padding);
            self.count(&rules["bytes"], bytes, "bytes", "byte");
        }
        if let Some(pattern) = rules["pattern"].as_str()
            && !self.rules.matches(pattern, text)
        {
            self.problem(&format!("does not match `{pattern}`"));
        }
        if let Some(values) = rules["values"].as_array()
            && !values.iter().any(|value| value == text)
        {
            let listed = values.iter().take(LISTED_VALUES).filter_map(Value::as_str);
            let mut listed = listed.collect::<Vec<_>>().join(", ");
            if let Some(more @ 1..) = values.len().checked_sub(LISTED_VALUES) {
                let _ = write!(listed, " or {more} more");
            }
            self.problem(&format!("is none of {listed}"));
        }
    }

    fn number(&mut self, rules: &Value, number: &serde_json::Number) {
        let number = number.as_f64().unwrap_or_default();
        let [least, most] = limits(&rules["range"]);
        if least.and_then(Value::as_f64).is_some_and(|least| number < least) {
            self.problem(&format!("must be at least {}", &rules["range"][0]));
        }
        if most.and_then(Value::as_f64).is_some_and(|most| number > most) {
            self.problem(&format!("must be at most {}", &rules["range"][1]));
        }
    }

    fn count(&mut self, rule: &Value, count: usize, units: &str, unit: &str) {
        let [least, most] = limits(rule).map(|limit| usize::try_from(limit?.as_u64()?).ok());
        let unit = if count == 1 { unit } else { units };
        match (least, most) {
            (Some(least), _) if count < least => {
                self.problem(&format!("has {count} {unit}, at least {least} are needed"));
            }
            (_, Some(most)) if count > most => {
                self.problem(&format!("has {count} {unit}, at most {most} are allowed"));
            }
            _ => {}
        }
    }

    fn problem(&mut self, what: &str) {
        self.problems.push(format!("`{}` {what}", self.path));
    }
}

/// Returns the least and the greatest value.
fn limits(rule: &Value) -> [Option<&Value>; 2] {
    [0, 1].map(|at| rule.get(at))
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    /// Collects the patterns of every committed model.
    fn patterns() -> Vec<String> {
        let models = Path::new(env!("CARGO_MANIFEST_DIR")).join("../models");
        let folders = std::fs::read_dir(models).into_iter().flatten().flatten();
        let texts = folders.filter_map(|folder| std::fs::read(folder.path().join("service.json")).ok());
        let mut patterns = Vec::new();
        for text in texts {
            let model: Value = serde_json::from_slice(&text).expect("models are JSON");
            let shapes = model["shapes"].as_object().expect("a model has shapes").values();
            patterns.extend(shapes.filter_map(|shape| shape["pattern"].as_str().map(str::to_owned)));
        }
        patterns
    }

    #[test]
    fn nearly_every_pattern_of_the_models_is_understood() {
        let mut all = patterns();
        all.sort();
        all.dedup();
        // They use surrogates, classes of Java, or so many repetitions that they are too large when compiled. Where the
        // models are not beside this crate, there is nothing to check.
        let others: Vec<&String> = all.iter().filter(|pattern| compile(pattern).is_none()).collect();
        assert!(
            others.len() <= 37,
            "{} of {}: {others:#?}",
            others.len(),
            all.len()
        );
    }
}
