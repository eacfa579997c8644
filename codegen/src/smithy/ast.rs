//! The AST as it is written, and with mixins and applied traits where they belong.

use std::collections::BTreeMap;
use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::Value;

use super::problem;
use crate::model::Problems;

/// A model as it is written.
#[derive(Debug, Deserialize)]
pub struct Ast {
    pub smithy: String,
    #[serde(default)]
    shapes: BTreeMap<String, Shape>,
}

/// Traits by id.
pub type Traits = BTreeMap<String, Value>;

/// Any shape; which fields it has follows from its type.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Shape {
    #[serde(rename = "type")]
    pub kind: String,
    #[serde(default)]
    pub traits: Traits,
    #[serde(default)]
    pub members: Members,
    #[serde(default)]
    pub mixins: Vec<Reference>,
    pub member: Option<Member>,
    pub key: Option<Member>,
    pub value: Option<Member>,
    pub input: Option<Reference>,
    pub output: Option<Reference>,
    #[serde(default)]
    pub errors: Vec<Reference>,
    pub version: Option<String>,
    #[serde(default)]
    pub operations: Vec<Reference>,
    #[serde(default)]
    pub collection_operations: Vec<Reference>,
    #[serde(default)]
    pub resources: Vec<Reference>,
    pub create: Option<Reference>,
    pub put: Option<Reference>,
    pub read: Option<Reference>,
    pub update: Option<Reference>,
    pub delete: Option<Reference>,
    pub list: Option<Reference>,
    /// Other local names for shapes of a service, by id.
    #[serde(default)]
    pub rename: BTreeMap<String, String>,
}

/// The id of another shape.
#[derive(Clone, Debug, Deserialize)]
pub struct Reference {
    pub target: String,
}

/// A member.
#[derive(Clone, Debug, Deserialize)]
pub struct Member {
    pub target: String,
    #[serde(default)]
    pub traits: Traits,
}

/// Members in the order in which they are written, which decides about the order of arguments.
#[derive(Clone, Debug, Default)]
pub struct Members(pub Vec<(String, Member)>);

impl Members {
    fn get_mut(&mut self, name: &str) -> Option<&mut Member> {
        let mut members = self.0.iter_mut();
        members
            .find(|(member, _)| member == name)
            .map(|(_, member)| member)
    }
}

impl<'de> Deserialize<'de> for Members {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct InOrder;

        impl<'de> Visitor<'de> for InOrder {
            type Value = Members;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("members by name")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Members, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(Members(members))
            }
        }

        deserializer.deserialize_map(InOrder)
    }
}

/// A model in which every shape has all its members and traits.
#[derive(Debug)]
pub struct Model {
    pub shapes: BTreeMap<String, Shape>,
}

impl Model {
    /// Returns a shape of the model; those of the prelude are none.
    pub fn shape(&self, id: &str) -> Option<&Shape> {
        self.shapes.get(id)
    }
}

impl Ast {
    /// Applies traits, and mixes mixins in.
    pub fn resolve(self, problems: &Problems) -> Model {
        let (applied, shapes) = self
            .shapes
            .into_iter()
            .partition::<BTreeMap<_, _>, _>(|(_, shape)| shape.kind == "apply");
        let mut model = Model { shapes };
        // Traits that are applied to members of mixins come with the members, so that mixing goes first.
        let ids: Vec<String> = model.shapes.keys().cloned().collect();
        for id in &ids {
            mix(&mut model, id, &mut Vec::new(), problems);
        }
        for (id, apply) in applied {
            let (shape, member) = match id.split_once('$') {
                Some((shape, member)) => (shape, Some(member)),
                None => (id.as_str(), None),
            };
            let shape = model.shapes.get_mut(shape);
            let traits = match (shape, member) {
                (Some(shape), None) => Some(&mut shape.traits),
                (Some(shape), Some(member)) => shape.members.get_mut(member).map(|member| &mut member.traits),
                (None, _) => None,
            };
            match traits {
                Some(traits) => traits.extend(apply.traits),
                None => problem(
                    problems,
                    &id,
                    "traits are applied to it, but the model has no such shape or member",
                ),
            }
        }
        model
    }
}

/// Gives a shape the members and traits of its mixins; its own win.
fn mix(model: &mut Model, id: &str, path: &mut Vec<String>, problems: &Problems) {
    if path.iter().any(|above| above == id) {
        problem(problems, id, "is a mixin of itself");
        return;
    }
    let Some(shape) = model.shapes.get_mut(id) else {
        problem(problems, id, "is a mixin, but the model has no such shape");
        return;
    };
    let mixins = std::mem::take(&mut shape.mixins);
    if mixins.is_empty() {
        return;
    }
    path.push(id.to_owned());
    let (mut members, mut traits) = (Vec::new(), Traits::new());
    for mixin in mixins {
        mix(model, &mixin.target, path, problems);
        if let Some(mixin) = model.shapes.get(&mixin.target) {
            members.extend(mixin.members.0.iter().cloned());
            let kept = mixin
                .traits
                .iter()
                .filter(|(name, _)| *name != "smithy.api#mixin");
            traits.extend(kept.map(|(name, value)| (name.clone(), value.clone())));
        }
    }
    path.pop();
    if let Some(shape) = model.shapes.get_mut(id) {
        for (name, member) in std::mem::take(&mut shape.members.0) {
            match members
                .iter_mut()
                .find(|(other, _): &&mut (String, Member)| *other == name)
            {
                Some((_, mixed)) => mixed.traits.extend(member.traits),
                None => members.push((name, member)),
            }
        }
        shape.members.0 = members;
        traits.extend(std::mem::take(&mut shape.traits));
        shape.traits = traits;
    }
}
