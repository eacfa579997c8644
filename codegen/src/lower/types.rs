//! Which shapes become types, and what a member's type is.

use std::collections::{BTreeMap, BTreeSet};

use crate::ir::{Enumeration, EnumerationValue, Type, TypeDefinition};
use crate::model::{self, Model, Shape, ShapeKind};
use crate::names::{self, Namer};

use super::Lowering;
use super::recursion::Recursion;

/// The types of a service.
pub struct Types<'a> {
    model: &'a Model,
    /// The shapes that become types of their own, with their names.
    names: BTreeMap<&'a str, String>,
    exception_names: BTreeMap<&'a str, String>,
    /// The names of fields, variants of unions, and variants of enums, by shape and wire name.
    inner_names: BTreeMap<&'a str, BTreeMap<&'a str, String>>,
    recursion: Recursion<'a>,
}

impl<'a> Types<'a> {
    pub fn new(model: &'a Model, namer: &Namer<'_>) -> Self {
        let exceptions = model.shapes.iter().filter_map(|(name, shape)| match shape.kind {
            ShapeKind::Exception(..) => Some(name.as_str()),
            _ => None,
        });
        let exceptions: Vec<&str> = exceptions.collect();
        let shapes = |names: Vec<&'a str>| names.into_iter().map(|name| (name.to_owned(), name));
        let types = reachable(model, &exceptions).into_iter().collect();
        Self {
            model,
            names: namer.name_all(shapes(types), names::type_name),
            exception_names: namer.name_all(shapes(exceptions), names::type_name),
            inner_names: inner_names(model, namer),
            recursion: Recursion::new(model),
        }
    }

    /// Returns the members of a structure, a union, an exception or an event stream.
    pub fn members(&self, shape: &str) -> &'a [model::Member] {
        members(self.model.shape(shape))
    }

    /// Returns the names of the fields of a structure, or of the variants of a union or an enum, by wire name.
    pub fn member_names(&self, shape: &str) -> &BTreeMap<&'a str, String> {
        &self.inner_names[shape]
    }

    /// Returns the name of an exception's type.
    pub fn exception_name(&self, shape: &str) -> String {
        self.exception_names[shape].clone()
    }

    /// Returns the Rust type for a shape.
    pub fn of(&self, name: &str) -> Type {
        match &self.model.shape(name).kind {
            ShapeKind::String { .. } => Type::String,
            ShapeKind::Boolean => Type::Boolean,
            ShapeKind::Integer(_) => Type::Integer,
            ShapeKind::Long(_) => Type::Long,
            ShapeKind::Float(_) => Type::Float,
            ShapeKind::Double(_) => Type::Double,
            ShapeKind::Timestamp(format) => Type::Timestamp(*format),
            ShapeKind::Blob(_) => Type::Blob,
            ShapeKind::Document => Type::Document,
            ShapeKind::Enum(_) => Type::Enumeration(self.names[name].clone()),
            ShapeKind::Structure(_)
            | ShapeKind::Union(_)
            | ShapeKind::EventStream(_)
            | ShapeKind::Exception(..) => Type::Structure(self.names[name].clone()),
            ShapeKind::List { member, sparse, .. } => Type::List(Box::new(self.entry(member, *sparse))),
            ShapeKind::Map {
                key, value, sparse, ..
            } => Type::Map(Box::new(self.of(key)), Box::new(self.entry(value, *sparse))),
        }
    }

    fn entry(&self, name: &str, sparse: bool) -> Type {
        match sparse {
            true => Type::Nullable(Box::new(self.of(name))),
            false => self.of(name),
        }
    }

    /// Tells whether a member of `shape` must stand behind a pointer.
    pub fn is_boxed(&self, shape: &str, member_shape: &str) -> bool {
        self.recursion.is_cyclic(shape, member_shape)
    }

    /// Tells whether values of a shape must never be shown.
    pub fn is_sensitive(&self, name: &str) -> bool {
        let shape = self.model.shape(name);
        shape.sensitive
            || match &shape.kind {
                ShapeKind::List { member, .. } => self.is_sensitive(member),
                ShapeKind::Map { key, value, .. } => self.is_sensitive(key) || self.is_sensitive(value),
                _ => false,
            }
    }
}

impl Lowering<'_> {
    /// Defines every type that operations and exceptions use.
    pub fn type_definitions(&self) -> Vec<TypeDefinition> {
        let mut definitions: Vec<TypeDefinition> = self
            .types
            .names
            .iter()
            .map(|(shape, name)| self.type_definition(shape, name))
            .collect();
        definitions.sort_by(|a, b| a.module().cmp(b.module()));
        definitions
    }

    fn type_definition(&self, shape: &str, name: &str) -> TypeDefinition {
        let definition = self.model.shape(shape);
        match &definition.kind {
            ShapeKind::Enum(values) => TypeDefinition::Enumeration(Enumeration {
                name: name.to_owned(),
                module: names::module_name(name),
                shape: shape.to_owned(),
                values: enumeration_values(values, self.types.member_names(shape)),
                docs: self.docs(&definition.about),
            }),
            ShapeKind::Union(_) => TypeDefinition::Union(self.structure_of(shape, name.to_owned())),
            ShapeKind::EventStream(_) => TypeDefinition::Events(self.structure_of(shape, name.to_owned())),
            _ => TypeDefinition::Structure(self.structure_of(shape, name.to_owned())),
        }
    }
}

fn enumeration_values(values: &[String], names: &BTreeMap<&str, String>) -> Vec<EnumerationValue> {
    let mut seen = BTreeSet::new();
    let values = values.iter().filter(|value| seen.insert(value.as_str()));
    values
        .map(|value| EnumerationValue {
            name: names[value.as_str()].clone(),
            value: value.clone(),
        })
        .collect()
}

/// Names what stands inside of shapes.
fn inner_names<'a>(model: &'a Model, namer: &Namer<'_>) -> BTreeMap<&'a str, BTreeMap<&'a str, String>> {
    let shapes = model.shapes.iter();
    shapes
        .map(|(shape, definition)| {
            let place = |name: &'a str| (format!("{shape}${name}"), name);
            let names = match &definition.kind {
                ShapeKind::Enum(values) => {
                    let values: BTreeSet<&str> = values.iter().map(String::as_str).collect();
                    namer.name_all(values.into_iter().map(place), names::variant_name)
                }
                ShapeKind::Union(union) | ShapeKind::EventStream(union) => {
                    let members = union.members.iter().map(|member| member.name.as_str());
                    namer.name_all(members.map(place), names::variant_name)
                }
                _ => {
                    let members = members(definition).iter().map(|member| member.name.as_str());
                    namer.name_all(members.map(place), names::member_name)
                }
            };
            (shape.as_str(), names)
        })
        .collect()
}

/// Returns the shapes below inputs, outputs and exceptions that become types of their own, sorted.
fn reachable<'a>(model: &'a Model, exceptions: &[&'a str]) -> BTreeSet<&'a str> {
    let operations = model.operations.values();
    let roots = operations.flat_map(|operation| operation.input.iter().chain(&operation.output));
    let roots = roots.map(String::as_str).chain(exceptions.iter().copied());
    let mut pending: Vec<&str> = roots.flat_map(|root| references(model.shape(root))).collect();
    let mut seen = BTreeSet::new();
    let mut types = BTreeSet::new();
    while let Some(name) = pending.pop() {
        if !seen.insert(name) {
            continue;
        }
        let shape = model.shape(name);
        match shape.kind {
            ShapeKind::EventStream(ref stream) => {
                types.insert(name);
                // The exceptions among the events are in the exception map, and are no types besides.
                pending.extend(events(model, stream).map(|event| event.shape.as_str()));
                continue;
            }
            ShapeKind::Structure(_) | ShapeKind::Union(_) | ShapeKind::Exception(..) | ShapeKind::Enum(_) => {
                types.insert(name);
            }
            _ => {}
        }
        pending.extend(references(shape));
    }
    types
}

/// Returns the members of an event stream that are events, not exceptions.
pub fn events<'a>(model: &'a Model, stream: &'a model::Structure) -> impl Iterator<Item = &'a model::Member> {
    let is_exception =
        |member: &model::Member| matches!(model.shape(&member.shape).kind, ShapeKind::Exception(..));
    stream.members.iter().filter(move |member| !is_exception(member))
}

fn references(shape: &Shape) -> Vec<&str> {
    match &shape.kind {
        ShapeKind::List { member, .. } => vec![member],
        ShapeKind::Map { key, value, .. } => vec![key, value],
        _ => members(shape)
            .iter()
            .map(|member| member.shape.as_str())
            .collect(),
    }
}

fn members(shape: &Shape) -> &[model::Member] {
    match &shape.kind {
        ShapeKind::Structure(structure)
        | ShapeKind::Union(structure)
        | ShapeKind::EventStream(structure)
        | ShapeKind::Exception(structure, _) => &structure.members,
        _ => &[],
    }
}
