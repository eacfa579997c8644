//! What shapes say of each other: that others exist, are of the right kind, and come to an end.

use std::collections::BTreeMap;

use super::object::Problems;
use super::{Model, ShapeKind, Structure};

/// How deep lists and maps may stand in each other. Real models stop at 3.
const DEEPEST_COLLECTION: usize = 32;

/// Notes every reference to a shape that does not exist, or is of the wrong kind, and shapes without an end.
pub fn check(service: &str, model: &Model, problems: &Problems) {
    check_operations(service, model, problems);
    for (name, shape) in &model.shapes {
        let place = format!("{service}#{name}");
        let check =
            |member: &str, shape: &str| check_exists(&format!("{place}${member}"), model, shape, problems);
        match &shape.kind {
            ShapeKind::Structure(structure)
            | ShapeKind::Union(structure)
            | ShapeKind::EventStream(structure)
            | ShapeKind::Exception(structure, _) => {
                for member in &structure.members {
                    check(&member.name, &member.shape);
                }
            }
            ShapeKind::List { member, .. } => check("member", member),
            ShapeKind::Map { key, value, .. } => {
                check("key", key);
                check("value", value);
                check_key(&place, model, key, problems);
            }
            _ => {}
        }
    }
    check_collections(service, model, problems);
    check_required(service, model, problems);
}

fn check_operations(service: &str, model: &Model, problems: &Problems) {
    for (name, operation) in &model.operations {
        let place = format!("{service}#{name}");
        let check = |shape: &str, is_right: fn(&ShapeKind) -> bool, what: &str| {
            check_exists(&place, model, shape, problems);
            let kind = model.shapes.get(shape).map(|shape| &shape.kind);
            if kind.is_some_and(|kind| !is_right(kind)) {
                problems.add(&place, format!("`{shape}` is no {what}"));
            }
        };
        for shape in operation.input.iter().chain(&operation.output) {
            check(shape, |kind| matches!(kind, ShapeKind::Structure(_)), "structure");
        }
        for shape in &operation.errors {
            check(
                shape,
                |kind| matches!(kind, ShapeKind::Exception(..)),
                "exception",
            );
        }
    }
}

fn check_exists(place: &str, model: &Model, shape: &str, problems: &Problems) {
    if !model.shapes.contains_key(shape) {
        problems.add(place, format!("shape `{shape}` does not exist"));
    }
}

/// The keys of JSON objects are strings.
fn check_key(place: &str, model: &Model, key: &str, problems: &Problems) {
    let kind = model.shapes.get(key).map(|shape| &shape.kind);
    if kind.is_some_and(|kind| !matches!(kind, ShapeKind::String { .. } | ShapeKind::Enum(_))) {
        problems.add(
            place,
            format!("`{key}` is no string, so it cannot be the key of a map"),
        );
    }
}

/// Notes lists and maps that stand too deep in each other, as those do that hold nothing but themselves.
fn check_collections(service: &str, model: &Model, problems: &Problems) {
    for name in model.shapes.keys() {
        let mut at = name.as_str();
        let mut depth = 0;
        loop {
            at = match model.shapes.get(at).map(|shape| &shape.kind) {
                Some(ShapeKind::List { member, .. }) => member,
                Some(ShapeKind::Map { value, .. }) => value,
                _ => break,
            };
            depth += 1;
            if depth > DEEPEST_COLLECTION {
                let what = format!(
                    "is a list or a map that holds nothing but itself, or others more than {DEEPEST_COLLECTION} deep"
                );
                problems.add(&format!("{service}#{name}"), what);
                break;
            }
        }
    }
}

/// Notes structures whose required members lead back to them: no value of them would ever be complete.
fn check_required(service: &str, model: &Model, problems: &Problems) {
    // How many required members of each structure are not known to end, and who waits for whom.
    let mut waits: BTreeMap<&str, usize> = BTreeMap::new();
    let mut waiters: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (name, structure) in structures(model) {
        let required: std::collections::BTreeSet<&str> =
            structure.required.iter().map(String::as_str).collect();
        let members = structure
            .members
            .iter()
            .filter(|member| required.contains(member.name.as_str()));
        let mut count = 0;
        for member in members.filter(|member| structure_at(model, &member.shape).is_some()) {
            waiters.entry(&member.shape).or_default().push(name);
            count += 1;
        }
        waits.insert(name, count);
    }
    let mut ended: Vec<&str> = waits
        .iter()
        .filter(|(_, count)| **count == 0)
        .map(|(name, _)| *name)
        .collect();
    while let Some(name) = ended.pop() {
        waits.remove(name);
        for waiter in waiters.remove(name).unwrap_or_default() {
            if let Some(count) = waits.get_mut(waiter) {
                *count -= 1;
                if *count == 0 {
                    ended.push(waiter);
                }
            }
        }
    }
    for name in waits.into_keys() {
        let what = "requires itself, or what does: a chain of required members never ends";
        problems.add(&format!("{service}#{name}"), what);
    }
}

fn structures(model: &Model) -> impl Iterator<Item = (&str, &Structure)> {
    let shapes = model.shapes.keys();
    shapes.filter_map(|name| Some((name.as_str(), structure_at(model, name)?)))
}

/// Returns a shape whose required members are filled where a response leaves them out.
fn structure_at<'a>(model: &'a Model, shape: &str) -> Option<&'a Structure> {
    match &model.shapes.get(shape)?.kind {
        ShapeKind::Structure(structure) | ShapeKind::Exception(structure, _) => Some(structure),
        _ => None,
    }
}
