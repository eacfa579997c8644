//! Follows JMESPath expressions through shapes, so that generated code reads members directly.

use jmespath::ast::Ast;

use crate::ir::{Path, Presence, Step};
use crate::model::ShapeKind;

use super::Lowering;

/// A place that a part of an expression leads to.
#[derive(Clone)]
struct Cursor {
    steps: Vec<Step>,
    shape: String,
}

/// The longest expression, in bytes; the longest of a model has 201.
const LONGEST: usize = 500;
/// How many characters of an expression may open something, for the parser recurses into it; a model has up to 7.
const MOST_OPENED: usize = 50;
/// How many places one expression may lead to: each list of places in it multiplies them.
const MOST_PLACES: usize = 1000;

/// Parses an expression.
///
/// # Errors
///
/// Says why it is none, or that it is too long.
pub fn parse(expression: &str) -> Result<Ast, String> {
    if expression.len() > LONGEST {
        return Err(format!(
            "an expression of {} bytes is too long: {LONGEST} are the most",
            expression.len()
        ));
    }
    let opened = expression.matches(['(', '[', '{', '!', '&']).count();
    if opened > MOST_OPENED {
        return Err(format!("`{expression}` nests too deeply"));
    }
    jmespath::parse(expression).map_err(|error| format!("`{expression}`: {error}"))
}

impl Lowering<'_> {
    /// Follows an expression from a structure; where it lists several places, each is a path.
    ///
    /// # Errors
    ///
    /// Says what of the expression leads nowhere, or is not implemented.
    pub fn paths(&self, shape: &str, expression: &str) -> Result<Vec<Path>, String> {
        let ast = parse(expression)?;
        let start = Cursor {
            steps: Vec::new(),
            shape: shape.to_owned(),
        };
        let ends = self
            .walk(&ast, vec![start])
            .map_err(|why| format!("`{expression}`: {why}"))?;
        Ok(ends
            .into_iter()
            .map(|end| Path {
                ty: self.types.of(&end.shape),
                steps: end.steps,
            })
            .collect())
    }

    /// Follows an expression that leads to one place without passing through lists or maps.
    ///
    /// # Errors
    ///
    /// Fails as [`paths`](Self::paths) does, and where the expression leads to several places.
    pub fn path(&self, shape: &str, expression: &str) -> Result<Path, String> {
        let mut paths = self.paths(shape, expression)?;
        match (paths.pop(), paths.is_empty()) {
            (Some(path), true) if !path.is_projection() => Ok(path),
            _ => Err(format!("`{expression}` leads to several values, not to one")),
        }
    }

    fn walk(&self, ast: &Ast, from: Vec<Cursor>) -> Result<Vec<Cursor>, String> {
        match ast {
            Ast::Identity { .. } => Ok(from),
            Ast::Field { name, .. } => each(from, |cursor| self.member_step(cursor, name)),
            Ast::Subexpr { lhs, rhs, .. } => self.walk(rhs, self.walk(lhs, from)?),
            Ast::Index { idx: -1, .. } => each(from, |cursor| self.entry_step(cursor, Step::Last)),
            Ast::Projection { lhs, rhs, .. } => {
                let mut lists = self.walk(lhs, from)?;
                if !matches!(**lhs, Ast::Flatten { .. }) {
                    lists = each(lists, |cursor| self.entry_step(cursor, Step::Each))?;
                }
                self.walk(rhs, lists)
            }
            Ast::Flatten { node, .. } => each(self.walk(node, from)?, |cursor| {
                match self.model.shape(&cursor.shape).kind {
                    ShapeKind::List { .. } => self.entry_step(cursor, Step::Each),
                    // The list is one that the expression made, and its entries are already apart.
                    _ => Ok(cursor),
                }
            }),
            Ast::MultiList { elements, .. } => {
                let mut ends = Vec::new();
                for cursor in from {
                    for element in elements {
                        ends.extend(self.walk(element, vec![cursor.clone()])?);
                        if ends.len() > MOST_PLACES {
                            return Err(format!("it leads to more than {MOST_PLACES} places"));
                        }
                    }
                }
                Ok(ends)
            }
            Ast::Function { name, args, .. } if name == "keys" && args.len() == 1 => {
                each(self.walk(&args[0], from)?, |cursor| self.keys_step(cursor))
            }
            other => Err(format!("this part is not implemented: {other:?}")),
        }
    }

    fn member_step(&self, mut cursor: Cursor, name: &str) -> Result<Cursor, String> {
        let shape = &cursor.shape;
        let ShapeKind::Structure(structure) = &self.model.shape(shape).kind else {
            return Err(format!("{shape} is no structure, so it has no member `{name}`"));
        };
        let member = structure.members.iter().find(|member| member.name == name);
        let member = member.ok_or_else(|| format!("{shape} has no member `{name}`"))?;
        cursor.steps.push(Step::Member {
            name: self.types.member_names(shape)[name].clone(),
            presence: match structure.required.iter().any(|required| required == name) {
                true => Presence::Required,
                false => Presence::Optional,
            },
            boxed: self.types.is_boxed(shape, &member.shape),
        });
        cursor.shape.clone_from(&member.shape);
        Ok(cursor)
    }

    fn entry_step(&self, mut cursor: Cursor, step: Step) -> Result<Cursor, String> {
        match &self.model.shape(&cursor.shape).kind {
            ShapeKind::List {
                member,
                sparse: false,
                ..
            } => {
                cursor.steps.push(step);
                cursor.shape.clone_from(member);
                Ok(cursor)
            }
            _ => Err(format!("{} is no dense list", cursor.shape)),
        }
    }

    fn keys_step(&self, mut cursor: Cursor) -> Result<Cursor, String> {
        match &self.model.shape(&cursor.shape).kind {
            ShapeKind::Map { key, .. } => {
                cursor.steps.push(Step::Keys);
                cursor.shape.clone_from(key);
                Ok(cursor)
            }
            _ => Err(format!("{} is no map", cursor.shape)),
        }
    }
}

fn each(
    cursors: Vec<Cursor>,
    step: impl Fn(Cursor) -> Result<Cursor, String>,
) -> Result<Vec<Cursor>, String> {
    cursors.into_iter().map(step).collect()
}
