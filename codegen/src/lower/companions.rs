//! What stands beside a model: parameters of endpoint rules that paths name, paginators, waiters.

use crate::ir::{ContextPath, Paginator, Type, Waiter};
use crate::model;
use crate::names;
use crate::overlay::OperationOverlay;

use super::Lowering;

impl Lowering<'_> {
    /// Follows the paths of the parameters that an operation gives to the endpoint rules.
    pub fn context_paths(&self, name: &str, operation: &model::Operation) -> Vec<ContextPath> {
        let Some(input) = &operation.input else {
            return Vec::new();
        };
        let parameters = operation.context_paths.iter();
        parameters
            .filter_map(|(parameter, expression)| {
                let paths = self.paths(input, expression);
                let paths = self.noted(name, "operationContextParams", paths)?;
                if let Some(path) = paths.iter().find(|path| path.ty != Type::String) {
                    self.problem(
                        name,
                        format!("operationContextParams: {:?} is no string", path.ty),
                    );
                    return None;
                }
                Some(ContextPath {
                    parameter: parameter.clone(),
                    paths,
                })
            })
            .collect()
    }

    /// Lowers how an operation is paged through; the overlay knows what the model does not.
    pub fn paginator(
        &self,
        name: &str,
        operation: &model::Operation,
        overlay: &OperationOverlay,
    ) -> Option<Paginator> {
        let known = self.model.paginators.get(name);
        if known.is_some() && overlay.paginator.is_some() {
            self.problem(
                name,
                "overlay: the model has a paginator of its own now; remove the overlay's".to_owned(),
            );
        }
        let paginator = known.or(overlay.paginator.as_ref())?;
        let (Some(input), Some(output)) = (&operation.input, &operation.output) else {
            self.problem(
                name,
                "paginator: the operation has no input or no output".to_owned(),
            );
            return None;
        };
        let follow =
            |shape: &str, expression: &String| self.noted(name, "paginator", self.path(shape, expression));
        let input_token = follow(input, &paginator.input_token)?;
        let output_token = follow(output, &paginator.output_token)?;
        let items = follow(output, paginator.result_keys.first()?)?;
        if input_token.ty != output_token.ty {
            self.problem(
                name,
                "paginator: the tokens of input and output have different types".to_owned(),
            );
            return None;
        }
        let more_results = match &paginator.more_results {
            Some(expression) => Some(follow(output, expression)?),
            None => None,
        };
        if let Some(limit) = &paginator.limit_key {
            follow(input, limit)?;
        }
        Some(Paginator {
            input_token,
            output_token,
            more_results,
            items: matches!(items.ty, Type::List(_) | Type::Map(..)).then_some(items),
            limit_key: paginator.limit_key.clone(),
        })
    }

    /// Lowers the waiters of the service, sorted by name.
    pub fn waiters(&self) -> Vec<Waiter> {
        let waiters = self.model.waiters.iter();
        let named = waiters.clone().map(|(name, _)| (name.clone(), name.as_str()));
        let constants = self.namer.name_all(named, names::constant_name);
        waiters
            .filter_map(|(name, waiter)| {
                let Some(request) = self.operation_names.get(&waiter.operation) else {
                    self.problem(
                        name,
                        format!("waiter: there is no operation `{}`", waiter.operation),
                    );
                    return None;
                };
                for acceptor in &waiter.acceptors {
                    self.check_expression(name, &acceptor.matcher);
                }
                Some(Waiter {
                    name: name.clone(),
                    constant: constants[name.as_str()].clone(),
                    request: request.clone(),
                    delay: waiter.delay,
                    max_attempts: waiter.max_attempts,
                    acceptors: waiter.acceptors.clone(),
                })
            })
            .collect()
    }

    fn check_expression(&self, waiter: &str, matcher: &model::Matcher) {
        use model::Matcher::{Path, PathAll, PathAny};
        if let Path(expression, _) | PathAll(expression, _) | PathAny(expression, _) = matcher {
            let parsed = super::path::parse(expression);
            self.noted(waiter, "waiter", parsed);
        }
    }

    fn noted<T>(&self, name: &str, what: &str, result: Result<T, String>) -> Option<T> {
        result
            .map_err(|why| self.problem(name, format!("{what}: {why}")))
            .ok()
    }

    /// Notes a problem of an operation or a waiter.
    pub fn problem(&self, name: &str, what: String) {
        self.problems.add(&format!("{}#{name}", self.folder), what);
    }
}
