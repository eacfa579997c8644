//! Models of a few operations.

use std::collections::BTreeSet;

use crate::nearest::nearest;

use super::{Model, Problem, ShapeKind};

impl Model {
    /// Keeps these operations, what pages through and waits for them, and the shapes that they reach, exceptions included.
    ///
    /// # Errors
    ///
    /// Names each operation that the model does not have; `service` is the name that problems start with.
    pub fn retain_operations(&mut self, service: &str, wanted: &[String]) -> Result<(), Vec<Problem>> {
        let unknown = wanted.iter().filter(|name| !self.operations.contains_key(*name));
        let problems: Vec<Problem> = unknown
            .map(|name| self.unknown_operation(service, name))
            .collect();
        if !problems.is_empty() {
            return Err(problems);
        }
        self.operations.retain(|name, _| wanted.contains(name));
        self.paginators.retain(|name, _| wanted.contains(name));
        self.waiters
            .retain(|_, waiter| wanted.contains(&waiter.operation));
        let reached = self.reached();
        self.shapes.retain(|name, _| reached.contains(name));
        Ok(())
    }

    fn unknown_operation(&self, service: &str, name: &str) -> Problem {
        let hint = nearest(name, self.operations.keys().map(String::as_str));
        Problem {
            place: format!("{service}#{name}"),
            what: format!("the model has no such operation{hint}"),
        }
    }

    /// Finds the shapes that operations reach.
    fn reached(&self) -> BTreeSet<String> {
        let mut reached = BTreeSet::new();
        let operations = self.operations.values();
        let mut open: Vec<&String> = operations
            .flat_map(|operation| {
                operation
                    .input
                    .iter()
                    .chain(&operation.output)
                    .chain(&operation.errors)
            })
            .collect();
        while let Some(name) = open.pop() {
            if reached.insert(name.clone()) {
                open.extend(self.below(name));
            }
        }
        reached
    }

    /// Returns the shapes that a shape is made of.
    fn below(&self, shape: &str) -> Vec<&String> {
        match &self.shape(shape).kind {
            ShapeKind::Structure(structure)
            | ShapeKind::Union(structure)
            | ShapeKind::EventStream(structure)
            | ShapeKind::Exception(structure, _) => {
                structure.members.iter().map(|member| &member.shape).collect()
            }
            ShapeKind::List { member, .. } => vec![member],
            ShapeKind::Map { key, value, .. } => vec![key, value],
            _ => Vec::new(),
        }
    }
}
