//! Finds the members whose type would contain itself without a pointer.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::{Model, ShapeKind};

/// The cycles among structures and unions that contain each other directly.
pub struct Recursion<'a> {
    /// The number of the cycle that a shape belongs to; shapes outside of cycles are not listed.
    cycles: BTreeMap<&'a str, usize>,
}

impl<'a> Recursion<'a> {
    /// Finds the cycles: the strongly connected components, with the two passes of Kosaraju's algorithm.
    pub fn new(model: &'a Model) -> Self {
        let mut edges: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        let mut reverse: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for (name, shape) in &model.shapes {
            let (ShapeKind::Structure(structure)
            | ShapeKind::Union(structure)
            | ShapeKind::Exception(structure, _)) = &shape.kind
            else {
                continue;
            };
            for member in &structure.members {
                edges.entry(name).or_default().push(&member.shape);
                reverse.entry(&member.shape).or_default().push(name);
            }
        }
        let mut seen = BTreeSet::new();
        let mut finished = Vec::new();
        for name in edges.keys() {
            visit(name, &edges, &mut seen, &mut finished);
        }
        let mut seen = BTreeSet::new();
        let mut cycles = BTreeMap::new();
        for (number, name) in finished.into_iter().rev().enumerate() {
            let mut component = Vec::new();
            visit(name, &reverse, &mut seen, &mut component);
            let refers_to_itself = |name| edges.get(name).is_some_and(|targets| targets.contains(&name));
            if component.len() > 1 || component.iter().any(|name| refers_to_itself(*name)) {
                cycles.extend(component.into_iter().map(|name| (name, number)));
            }
        }
        Self { cycles }
    }

    /// Tells whether a member of `shape` leads back to it.
    pub fn is_cyclic(&self, shape: &str, member_shape: &str) -> bool {
        let cycle = self.cycles.get(shape);
        cycle.is_some() && cycle == self.cycles.get(member_shape)
    }
}

/// Walks depth first from `start` and lists what it has not seen, each after everything below it.
fn visit<'a>(
    start: &'a str,
    edges: &BTreeMap<&'a str, Vec<&'a str>>,
    seen: &mut BTreeSet<&'a str>,
    finished: &mut Vec<&'a str>,
) {
    if !seen.insert(start) {
        return;
    }
    let next = |name: &str| edges.get(name).cloned().unwrap_or_default().into_iter();
    let mut stack = vec![(start, next(start))];
    while let Some((name, targets)) = stack.last_mut() {
        match targets.next() {
            Some(target) if seen.insert(target) => stack.push((target, next(target))),
            Some(_) => {}
            None => {
                finished.push(name);
                stack.pop();
            }
        }
    }
}
