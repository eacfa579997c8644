//! What changed between two versions of a service's model, and what that means for users of the generated client.
//!
//! The public interface is read from the code that is generated for both versions: what is lost or changed there is breaking, what
//! appears is additive. Everything else is a fact of the model with a class of its own.

mod facts;
mod report;
mod source;
pub mod surface;

use std::collections::BTreeSet;
use std::fmt;

use serde::Serialize;
use serde_json::Value;

use crate::ir::Service;
use crate::model::Model;

use facts::Fact;
pub use report::{entries, html, json, markdown, text};
pub use source::{Error, Version};
pub use surface::of as surface;
use surface::{Entry, Surface};

/// What a change means for users of a client.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Class {
    /// Programs that compiled may no longer do so, or speak otherwise over the wire.
    Breaking,
    /// There is more than before, or the client does something better by itself.
    Additive,
    /// Documentation changes, and what a client that checks inputs accepts.
    Documentation,
    /// The files differ, and nothing that they say.
    Formatting,
}

impl Class {
    /// Every class, the gravest first.
    pub const ALL: [Self; 4] = [
        Self::Breaking,
        Self::Additive,
        Self::Documentation,
        Self::Formatting,
    ];

    /// Returns its name in small letters.
    pub fn name(self) -> &'static str {
        match self {
            Self::Breaking => "breaking",
            Self::Additive => "additive",
            Self::Documentation => "documentation",
            Self::Formatting => "formatting",
        }
    }
}

impl fmt::Display for Class {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// One change.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Finding {
    /// What it means.
    pub class: Class,
    /// What changed, such as `PutLogEvents::new`.
    pub what: String,
    /// How it was; `None` where it was not there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub old: Option<String>,
    /// How it is; `None` where it is gone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub new: Option<String>,
    /// Why it is of its class.
    pub reason: &'static str,
}

/// How the version of a crate whose major version is 0 has to grow.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Bump {
    /// The second number.
    Minor,
    /// The third number.
    Patch,
    /// Not at all.
    None,
}

/// The changes of one service, the gravest first.
#[derive(Clone, Debug, Serialize)]
pub struct ServiceDiff {
    /// The service.
    pub service: String,
    /// How the version of its crate has to grow.
    pub bump: Bump,
    /// What changed.
    pub findings: Vec<Finding>,
}

impl ServiceDiff {
    /// Returns the class of the gravest change, if there is one.
    pub fn class(&self) -> Option<Class> {
        self.findings.iter().map(|finding| finding.class).min()
    }

    /// Counts the changes by class, the gravest first, as in `1 breaking, 2 additive`.
    pub fn counts(&self) -> String {
        report::counts(self.findings.iter())
    }
}

/// What a version has of a service.
#[derive(Debug)]
pub struct Side {
    /// The model.
    pub model: Model,
    /// The model, lowered with its overlay.
    pub service: Service,
    /// The files, by name, as they are.
    pub files: Vec<(String, Value)>,
}

/// Compares two versions of a service; `None` is one that has no such service.
pub fn compare(name: &str, old: Option<&Side>, new: Option<&Side>) -> ServiceDiff {
    let mut findings = match (old, new) {
        (Some(old), Some(new)) => changes(old, new),
        (None, None) => Vec::new(),
        (Some(_), None) => vec![whole(Class::Breaking, name, "the service is gone")],
        (None, Some(_)) => vec![whole(Class::Additive, name, "the service is new")],
    };
    findings.sort();
    let gravest = findings.iter().map(|finding| finding.class).min();
    ServiceDiff {
        service: name.to_owned(),
        bump: match gravest {
            Some(Class::Breaking) => Bump::Minor,
            Some(Class::Additive | Class::Documentation) => Bump::Patch,
            Some(Class::Formatting) | None => Bump::None,
        },
        findings,
    }
}

fn whole(class: Class, name: &str, reason: &'static str) -> Finding {
    let there = |is_there: bool| is_there.then(|| "a service".to_owned());
    Finding {
        class,
        what: name.to_owned(),
        old: there(class == Class::Breaking),
        new: there(class == Class::Additive),
        reason,
    }
}

fn changes(old: &Side, new: &Side) -> Vec<Finding> {
    let mut findings = Vec::new();
    let (before, after) = (surface::of(&old.service), surface::of(&new.service));
    interface(&before, &after, &mut findings);
    other_facts(old, new, &mut findings);
    prose(old, new, &mut findings);
    if findings.is_empty() && old.files != new.files {
        findings.push(Finding {
            class: Class::Formatting,
            what: "files".to_owned(),
            old: None,
            new: None,
            reason: "they differ, but the generated code and what the model says do not",
        });
    }
    findings
}

/// Compares public interfaces.
fn interface(old: &Surface, new: &Surface, findings: &mut Vec<Finding>) {
    let paths: BTreeSet<&String> = old.items.keys().chain(new.items.keys()).collect();
    for path in paths {
        let (before, after) = (old.items.get(path), new.items.get(path));
        let (class, reason) = match (before, after) {
            (Some(before), Some(after)) if before == after => continue,
            (Some(entry), None) if is_implied(path, entry, old, new) => continue,
            (None, Some(entry)) if is_implied(path, entry, new, old) => continue,
            (Some(_), None) => (Class::Breaking, "programs that name it no longer compile"),
            (Some(_), Some(_)) => (Class::Breaking, "programs that use it may no longer compile"),
            (None, _) => (Class::Additive, "it is new"),
        };
        let signature = |entry: &Entry| entry.signature.clone();
        findings.push(Finding {
            class,
            what: path.clone(),
            old: before.map(signature),
            new: after.map(signature),
            reason,
        });
    }
    for path in old.deprecated.symmetric_difference(&new.deprecated) {
        // What is new, or gone, is said above.
        if old.items.contains_key(path) && new.items.contains_key(path) {
            let deprecated =
                |surface: &Surface| surface.deprecated.contains(path).then(|| "deprecated".to_owned());
            findings.push(Finding {
                class: Class::Additive,
                what: path.clone(),
                old: deprecated(old),
                new: deprecated(new),
                reason: "the compiler warns of its use, or no longer",
            });
        }
    }
}

/// Tells whether something is there in `with` and not in `without` only because the type, or the member that it sets, is.
fn is_implied(path: &str, entry: &Entry, with: &Surface, without: &Surface) -> bool {
    let only_with = |path: &str| with.items.contains_key(path) && !without.items.contains_key(path);
    let setter = path
        .strip_prefix(&entry.owner)
        .and_then(|rest| rest.strip_prefix("::"));
    path != entry.owner
        && (only_with(&entry.owner)
            || setter.is_some_and(|name| only_with(&format!("{}.{name}", entry.owner))))
}

fn other_facts(old: &Side, new: &Side, findings: &mut Vec<Finding>) {
    let before = facts::of(&old.model, &old.service);
    let after = facts::of(&new.model, &new.service);
    let all: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    for what in all {
        let (before, after) = (before.get(what), after.get(what));
        let value = |fact: Option<&Fact>| fact.map(|fact| fact.value.clone());
        let Some(fact) = after.or(before).filter(|_| value(before) != value(after)) else {
            continue;
        };
        let is_change = before.is_some() && after.is_some();
        let is_there = |side: &Side, about: &str| {
            about.is_empty()
                || side.model.shapes.contains_key(about)
                || side.model.operations.contains_key(about)
        };
        let stands_alone = |about: &String| is_there(old, about) && is_there(new, about);
        if is_change || fact.alone.as_ref().is_some_and(stands_alone) {
            findings.push(Finding {
                class: fact.class,
                what: what.clone(),
                old: value(before).map(shortened),
                new: value(after).map(shortened),
                reason: fact.reason,
            });
        }
    }
}

/// Cuts what is too long to be read.
fn shortened(value: String) -> String {
    const MOST: usize = 200;
    match value.chars().count() > MOST {
        false => value,
        true => value.chars().take(MOST).chain(['…']).collect(),
    }
}

/// Compares upstream's documentation, where the files still have it.
fn prose(old: &Side, new: &Side, findings: &mut Vec<Finding>) {
    let (before, after) = (documentation(&old.files), documentation(&new.files));
    if before != after {
        findings.push(Finding {
            class: Class::Documentation,
            what: "upstream documentation".to_owned(),
            old: Some(format!("{} texts", before.len())),
            new: Some(format!("{} texts", after.len())),
            reason: "only documentation shows it",
        });
    }
}

fn documentation(files: &[(String, Value)]) -> Vec<&str> {
    fn collect<'a>(value: &'a Value, found: &mut Vec<&'a str>) {
        match value {
            Value::Object(members) => {
                for (name, value) in members {
                    match (name.as_str(), value) {
                        ("documentation", Value::String(text)) => found.push(text),
                        _ => collect(value, found),
                    }
                }
            }
            Value::Array(entries) => entries.iter().for_each(|entry| collect(entry, found)),
            _ => {}
        }
    }
    let mut found = Vec::new();
    for (_, file) in files {
        collect(file, &mut found);
    }
    found
}
