//! The facts of a model that documentation states.

use crate::ir::Fact;
use crate::model::{Bounds, Model, ShapeKind};

/// Returns the facts about values of a shape.
pub fn of(model: &Model, shape: &str) -> Vec<Fact> {
    let mut facts = Vec::new();
    let mut bounds = |bounds: &Bounds, fact: fn(Bounds) -> Fact| {
        if *bounds != Bounds::default() {
            facts.push(fact(bounds.clone()));
        }
    };
    match &model.shape(shape).kind {
        ShapeKind::String { length, pattern } => {
            bounds(length, Fact::Characters);
            let pattern = pattern.iter().filter(|pattern| !allows_everything(pattern));
            facts.extend(pattern.cloned().map(Fact::Pattern));
        }
        ShapeKind::Integer(range)
        | ShapeKind::Long(range)
        | ShapeKind::Float(range)
        | ShapeKind::Double(range) => bounds(range, Fact::Range),
        ShapeKind::Blob(length) => bounds(length, Fact::Bytes),
        ShapeKind::List { member, length, .. } => {
            bounds(length, Fact::Entries);
            facts.extend(group(of(model, member), Fact::Each));
        }
        ShapeKind::Map {
            key, value, length, ..
        } => {
            bounds(length, Fact::Entries);
            facts.extend(group(of(model, key), Fact::Keys));
            facts.extend(group(of(model, value), Fact::Each));
        }
        _ => {}
    }
    facts
}

fn group(facts: Vec<Fact>, fact: fn(Vec<Fact>) -> Fact) -> Option<Fact> {
    (!facts.is_empty()).then(|| fact(facts))
}

/// Tells whether a pattern says nothing.
pub fn allows_everything(pattern: &str) -> bool {
    matches!(pattern, ".*" | "^.*$" | "[\\s\\S]*")
}
