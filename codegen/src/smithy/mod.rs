//! The second front end: models in Smithy's JSON AST, turned into the files that the first one reads.
//!
//! There is one stored form, that of `models`. Whatever comes after, overlays, lowering, `diff`, `call`, need not know where
//! a model came from.

mod ast;
mod companions;
mod operation;
mod service;
mod shape;
mod traits;

use serde_json::Value;

use crate::json;
use crate::model::{Problem, Problems};

use ast::Ast;

/// The files of a model, as upstream's other format has them.
#[derive(Clone, Debug, PartialEq)]
pub struct Converted {
    /// The service model.
    pub service: Value,
    /// How operations are paged through, where any is.
    pub paginators: Option<Value>,
    /// States that can be waited for, where there are any.
    pub waiters: Option<Value>,
    /// The endpoint rule set, where there is one.
    pub endpoint_rules: Option<Value>,
}

/// Converts a model; `name` is what problems start with.
///
/// # Errors
///
/// Returns every problem: text that is no Smithy 2.0 AST with one service, protocols other than awsJson, and traits that the generator does not
/// implement.
pub fn convert(name: &str, text: &[u8]) -> Result<Converted, Vec<Problem>> {
    let problem = |what: String| {
        vec![Problem {
            place: name.to_owned(),
            what,
        }]
    };
    let no_ast = |error: serde_json::Error| problem(format!("is no Smithy JSON AST: {error}"));
    // The AST keeps members in order, which a JSON value does not, and would take a key twice.
    json::read(text).map_err(no_ast)?;
    let ast: Ast = serde_json::from_slice(text).map_err(no_ast)?;
    if !ast.smithy.starts_with("2.") {
        return Err(problem(format!(
            "Smithy {} is not implemented; convert the model to 2.0",
            ast.smithy
        )));
    }
    let problems = Problems::default();
    let model = ast.resolve(&problems);
    let converted = service::convert(&model, name, &problems);
    match (converted, problems.into_sorted()) {
        (Some(converted), problems) if problems.is_empty() => Ok(converted),
        (_, problems) => Err(problems),
    }
}

/// Returns the name of a shape without its namespace.
fn local(id: &str) -> &str {
    id.rsplit('#').next().unwrap_or(id)
}
