//! The rules that values of inputs follow, for clients that check them before sending.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};

use crate::ir::{InputRules, ShapeRules};
use crate::model::{Bounds, Model, ShapeKind};

/// Collects the rules of everything that inputs reach, without what no rule stands below.
pub fn of(model: &Model) -> InputRules {
    let inputs = model.operations.iter();
    let mut operations: BTreeMap<String, String> = inputs
        .filter_map(|(name, operation)| Some((name.clone(), operation.input.clone()?)))
        .collect();
    let mut shapes = BTreeMap::new();
    let mut open: Vec<String> = operations.values().cloned().collect();
    while let Some(shape) = open.pop() {
        if let Entry::Vacant(entry) = shapes.entry(shape) {
            let rules = rules(model, entry.key());
            open.extend(rules.below().map(ToOwned::to_owned));
            entry.insert(rules);
        }
    }
    let ruled = ruled(&shapes);
    shapes.retain(|shape, _| ruled.contains(shape));
    for rules in shapes.values_mut() {
        rules.retain_below(|shape| ruled.contains(shape));
    }
    operations.retain(|_, shape| ruled.contains(shape));
    InputRules { operations, shapes }
}

/// Finds the shapes that have a rule, or reach one that has.
fn ruled(shapes: &BTreeMap<String, ShapeRules>) -> BTreeSet<String> {
    let mut above: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (name, rules) in shapes {
        for below in rules.below() {
            above.entry(below).or_default().push(name);
        }
    }
    let own = shapes.iter().filter(|(_, rules)| rules.has_own());
    let mut open: Vec<&str> = own.map(|(name, _)| name.as_str()).collect();
    let mut ruled = BTreeSet::new();
    while let Some(name) = open.pop() {
        if ruled.insert(name.to_owned()) {
            open.extend(above.get(name).into_iter().flatten());
        }
    }
    ruled
}

/// Returns the rules of a shape, and the shapes of what its values hold.
pub fn rules(model: &Model, shape: &str) -> ShapeRules {
    let mut rules = ShapeRules::default();
    match &model.shape(shape).kind {
        ShapeKind::Structure(structure) | ShapeKind::Union(structure) => {
            let members = structure.members.iter();
            rules.members = members
                .map(|member| (member.name.clone(), member.shape.clone()))
                .collect();
        }
        ShapeKind::String { length, pattern } => {
            rules.characters = bounds(length);
            rules.pattern = pattern
                .clone()
                .filter(|pattern| !super::facts::allows_everything(pattern));
        }
        ShapeKind::Enum(values) => rules.values.clone_from(values),
        ShapeKind::Integer(range)
        | ShapeKind::Long(range)
        | ShapeKind::Float(range)
        | ShapeKind::Double(range) => rules.range = bounds(range),
        ShapeKind::Blob(length) => rules.bytes = bounds(length),
        ShapeKind::List { member, length, .. } => {
            rules.entries = bounds(length);
            rules.each = Some(member.clone());
        }
        ShapeKind::Map {
            key, value, length, ..
        } => {
            rules.entries = bounds(length);
            rules.keys = Some(key.clone());
            rules.each = Some(value.clone());
        }
        ShapeKind::EventStream(_)
        | ShapeKind::Exception(..)
        | ShapeKind::Document
        | ShapeKind::Boolean
        | ShapeKind::Timestamp(_) => {}
    }
    rules
}

/// Returns the bounds as numbers; one that the model writes otherwise is none.
fn bounds(bounds: &Bounds) -> Option<[Option<serde_json::Number>; 2]> {
    let number = |bound: &Option<String>| bound.as_ref()?.parse().ok();
    let numbers = [number(&bounds.min), number(&bounds.max)];
    numbers.iter().any(Option::is_some).then_some(numbers)
}
