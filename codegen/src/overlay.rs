//! Human knowledge about a service that its model does not hold: data, and an error once it no longer applies.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::model::{Model, Paginator, Problem};
use crate::names;

/// The name of the file, in the service's folder among the models.
pub const FILE: &str = "overlay.toml";

/// What `overlay.toml` of a service says.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Overlay {
    /// By operation name.
    #[serde(default)]
    pub operations: BTreeMap<String, OperationOverlay>,
    /// Rust names for things whose own would be taken, by place: `Shape`, `Shape$member`, `Shape$VALUE`,
    /// `Operation`, `Operation$output`.
    #[serde(default)]
    pub names: BTreeMap<String, String>,
    /// Modules of the crate that are written by hand, by name; they stand in its `src` folder, and are inputs of the generator.
    #[serde(default)]
    pub modules: BTreeMap<String, HandWrittenModule>,
}

/// Names of modules and features that every generated crate may have.
const TAKEN: [&str; 11] = [
    "",
    "default",
    "endpoint",
    "exceptions",
    "fake",
    "operations",
    "protocol",
    "ring",
    "types",
    "validation",
    "waiters",
];

/// A module that is written by hand, behind a feature of the same name.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HandWrittenModule {
    /// One sentence that says what the module is for.
    pub about: String,
}

/// What an overlay says of one operation.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OperationOverlay {
    /// One sentence that says what the operation does.
    pub summary: Option<String>,
    /// Rules between members that the model states only in prose.
    #[serde(default)]
    pub constraints: Vec<Constraint>,
    /// How the operation is paged through, where the model does not say.
    pub paginator: Option<Paginator>,
}

/// A rule between top-level members of an operation's input, by their wire names.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Constraint {
    /// One is set, and only one.
    ExactlyOneOf(Vec<String>),
    /// One is set, or none.
    AtMostOneOf(Vec<String>),
    /// One is set, or several.
    AtLeastOneOf(Vec<String>),
    /// Where `member` is set, so are `needs`.
    Requires {
        /// The member that asks for others.
        member: String,
        /// The others.
        needs: Vec<String>,
    },
}

impl Constraint {
    /// Returns every member that the rule names.
    pub fn members(&self) -> Vec<&str> {
        match self {
            Self::ExactlyOneOf(members) | Self::AtMostOneOf(members) | Self::AtLeastOneOf(members) => {
                members.iter().map(String::as_str).collect()
            }
            Self::Requires { member, needs } => {
                std::iter::once(member).chain(needs).map(String::as_str).collect()
            }
        }
    }
}

impl Overlay {
    /// Reads an overlay.
    ///
    /// # Errors
    ///
    /// Fails where the text is no TOML, or names a setting that does not exist.
    pub fn read(text: &str) -> Result<Self, toml::de::Error> {
        toml::from_str(text)
    }

    /// Forgets what is about operations and shapes that the model no longer holds.
    pub fn retain(&mut self, model: &Model) {
        self.operations
            .retain(|name, _| model.operations.contains_key(name));
        self.names.retain(|place, _| {
            let name = place.split('$').next().unwrap_or_default();
            model.operations.contains_key(name) || model.shapes.contains_key(name)
        });
    }

    /// Checks that modules have names that features, files and Rust can have.
    fn check_modules(&self, service: &str) -> Vec<Problem> {
        let problem = |name: &String, what: &str| Problem {
            place: format!("{service}#{name}"),
            what: format!("overlay: {what}"),
        };
        let mut problems = Vec::new();
        for (name, module) in &self.modules {
            if names::module_name(name) != *name || TAKEN.contains(&name.as_str()) {
                problems.push(problem(
                    name,
                    "a module cannot have this name; use a free `snake_case` one",
                ));
            }
            if module.about.chars().any(char::is_control) {
                problems.push(problem(name, "`about` is one sentence on one line"));
            }
        }
        problems
    }

    /// Checks that every entry still matches the model; `service` is the name that problems start with.
    pub fn check(&self, service: &str, model: &Model) -> Vec<Problem> {
        let mut problems = self.check_modules(service);
        for (name, overlay) in &self.operations {
            let mut problem = |what: String| {
                problems.push(Problem {
                    place: format!("{service}#{name}"),
                    what: format!("overlay: {what}"),
                });
            };
            let Some(operation) = model.operations.get(name) else {
                problem("the model has no such operation; remove or rename the entry".to_owned());
                continue;
            };
            let Some(input) = model.input(operation) else {
                if !overlay.constraints.is_empty() {
                    problem("the operation has no input that constraints could apply to".to_owned());
                }
                continue;
            };
            for constraint in &overlay.constraints {
                for member in constraint.members() {
                    if !input.members.iter().any(|m| m.name == member) {
                        problem(format!("the input has no member `{member}`"));
                    } else if input.required.iter().any(|required| required == member) {
                        problem(format!(
                            "member `{member}` is required, so a rule about it says nothing"
                        ));
                    }
                }
                let is_too_short = match constraint {
                    Constraint::Requires { needs, .. } => needs.is_empty(),
                    _ => constraint.members().len() < 2,
                };
                if is_too_short {
                    problem(format!("a rule needs at least two members: {constraint:?}"));
                }
            }
        }
        problems
    }
}
