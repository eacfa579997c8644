//! The AST as it is written, and with mixins and applied traits where they belong.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::Value;

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
    /// Gives traits to a shape or a member; tells whether there is such a one.
    fn apply(&mut self, id: &str, apply: &Shape) -> bool {
        let (shape, member) = match id.split_once('$') {
            Some((shape, member)) => (shape, Some(member)),
            None => (id, None),
        };
        let Some(shape) = self.shapes.get_mut(shape) else {
            return false;
        };
        let traits = match member {
            None => Some(&mut shape.traits),
            Some(member) => shape.members.get_mut(member).map(|member| &mut member.traits),
        };
        let Some(traits) = traits else { return false };
        traits.extend(apply.traits.clone());
        true
    }

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
        // A trait may be applied to a mixin, whose users get it by mixing, or to a member that a shape gets by mixing.
        let mut open: Vec<(String, Shape)> = applied.into_iter().collect();
        open.retain(|(id, apply)| !model.apply(id, apply));
        let ids: Vec<String> = model.shapes.keys().cloned().collect();
        let mut mixed = 0;
        for id in &ids {
            mix(&mut model, id, &mut Vec::new(), problems);
            mixed += model.shapes.get(id).map_or(0, |shape| shape.members.0.len());
            if mixed > MOST_MEMBERS {
                let what = format!(
                    "the shapes up to this one have more than {MOST_MEMBERS} members with their mixins"
                );
                problems.add(id, what);
                break;
            }
        }
        for (id, apply) in open {
            if !model.apply(&id, &apply) {
                let what = "traits are applied to it, but the model has no such shape or member";
                problems.add(&id, what);
            }
        }
        model
    }
}

/// How many members all shapes may have: mixins of mixins multiply what they bring. The largest model has 20,000.
const MOST_MEMBERS: usize = 1_000_000;

/// Gives a shape the members and traits of its mixins; its own win.
fn mix(model: &mut Model, id: &str, path: &mut Vec<String>, problems: &Problems) {
    /// Deeper than any model, and shallower than the stack.
    const DEEPEST: usize = 100;

    if path.len() > DEEPEST || path.iter().any(|above| above == id) {
        let what = "is a mixin of itself, or of mixins that are nested too deeply";
        problems.add(id, what);
        return;
    }
    let Some(shape) = model.shapes.get_mut(id) else {
        problems.add(id, "is a mixin, but the model has no such shape");
        return;
    };
    let mixins = std::mem::take(&mut shape.mixins);
    if mixins.is_empty() {
        return;
    }
    path.push(id.to_owned());
    let mut mixed = Shape::default();
    for mixin in mixins {
        mix(model, &mixin.target, path, problems);
        if let Some(mixin) = model.shapes.get(&mixin.target) {
            mixed.take_over(mixin.clone().without_local_traits());
        }
    }
    path.pop();
    if let Some(shape) = model.shapes.get_mut(id) {
        let own = std::mem::take(shape);
        mixed.kind.clone_from(&own.kind);
        mixed.take_over(own);
        *shape = mixed;
    }
}

impl Shape {
    /// Takes off the traits that a mixin keeps to itself.
    fn without_local_traits(mut self) -> Self {
        if let Some(mixin) = self.traits.remove("smithy.api#mixin") {
            let local = mixin.get("localTraits").and_then(Value::as_array);
            for name in local.into_iter().flatten().filter_map(Value::as_str) {
                self.traits.remove(name);
            }
        }
        self
    }

    /// Takes over what another shape has; that wins over what is here.
    fn take_over(&mut self, other: Self) {
        let members = self.members.0.iter().enumerate();
        let mut places: BTreeMap<String, usize> = members.map(|(at, (name, _))| (name.clone(), at)).collect();
        for (name, member) in other.members.0 {
            match places.get(&name) {
                Some(&at) => self.members.0[at].1.traits.extend(member.traits),
                None => {
                    places.insert(name.clone(), self.members.0.len());
                    self.members.0.push((name, member));
                }
            }
        }
        self.traits.extend(other.traits);
        // Two mixins may bring the same: a mixin of both would else have it twice, one of that four times, and so on.
        add_new(&mut self.errors, other.errors);
        add_new(&mut self.operations, other.operations);
        add_new(&mut self.collection_operations, other.collection_operations);
        add_new(&mut self.resources, other.resources);
        self.rename.extend(other.rename);
        replace(&mut self.input, other.input);
        replace(&mut self.output, other.output);
        replace(&mut self.create, other.create);
        replace(&mut self.put, other.put);
        replace(&mut self.read, other.read);
        replace(&mut self.update, other.update);
        replace(&mut self.delete, other.delete);
        replace(&mut self.list, other.list);
        replace(&mut self.member, other.member);
        replace(&mut self.key, other.key);
        replace(&mut self.value, other.value);
        replace(&mut self.version, other.version);
    }
}

/// Adds references that are not there yet.
fn add_new(here: &mut Vec<Reference>, others: Vec<Reference>) {
    let mut seen: BTreeSet<String> = here.iter().map(|reference| reference.target.clone()).collect();
    here.extend(
        others
            .into_iter()
            .filter(|other| seen.insert(other.target.clone())),
    );
}

fn replace<T>(here: &mut Option<T>, other: Option<T>) {
    *here = other.or(here.take());
}
