//! Ways into values, as expressions.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};

use crate::ir::{ContextPath, Path, Presence, Step, Type};

use super::types::ident;

/// Renders an `Option` of a reference to what a path leads to from `root`, a place.
pub fn by_reference(path: &Path, root: &TokenStream) -> TokenStream {
    let mut steps = path.steps.iter();
    let first = match steps.next() {
        Some(Step::Member { name, presence, .. }) => {
            let name = ident(name);
            match presence {
                Presence::Optional => quote!(#root.#name.as_ref()),
                Presence::Required => quote!(Some(&#root.#name)),
            }
        }
        _ => quote!(Some(&#root)),
    };
    steps.fold(first, |value, step| match step {
        Step::Member { name, presence, .. } => {
            let name = ident(name);
            match presence {
                Presence::Optional => quote!(#value.and_then(|value| value.#name.as_ref())),
                Presence::Required => quote!(#value.map(|value| &value.#name)),
            }
        }
        Step::Last => quote!(#value.and_then(|values| values.last())),
        Step::Each | Step::Keys => unreachable!("lowering refuses projections here"),
    })
}

/// Renders an `Option` of a copy of what a path leads to from `root`, a place.
pub fn cloned(path: &Path, root: &TokenStream) -> TokenStream {
    match path.steps.as_slice() {
        [
            Step::Member {
                name,
                presence: Presence::Optional,
                ..
            },
        ] => {
            let name = ident(name);
            quote!(#root.#name.clone())
        }
        _ => {
            let reference = by_reference(path, root);
            quote!(#reference.cloned())
        }
    }
}

/// Renders what a path through structures leads to from `root`, which is consumed; what is not there is empty.
pub fn by_value(path: &Path, root: &TokenStream) -> TokenStream {
    let mut value = quote!(#root);
    let mut is_option = false;
    for step in &path.steps {
        let Step::Member {
            name,
            presence,
            boxed,
        } = step
        else {
            unreachable!("lowering refuses anything but members here");
        };
        let name = ident(name);
        let unbox = boxed.then(|| quote!(.map(|value| *value)));
        value = match (is_option, presence) {
            (false, _) => quote!(#value.#name),
            (true, Presence::Optional) => quote!(#value.and_then(|value| value.#name)#unbox),
            (true, Presence::Required) => quote!(#value.map(|value| value.#name)),
        };
        is_option |= *presence == Presence::Optional;
    }
    match is_option {
        true => quote!(#value.unwrap_or_default()),
        false => value,
    }
}

/// Renders the statements that give a parameter to the endpoint rules.
pub fn context(context: &ContextPath) -> TokenStream {
    let parameter = &context.parameter;
    let paths: Vec<&[Step]> = context.paths.iter().map(|path| path.steps.as_slice()).collect();
    if context.paths.len() == 1 && !context.paths[0].is_projection() {
        let leaf =
            |value| quote!(parameters.push((#parameter, rt::OperationValue::String(#value.as_str()))););
        return visit(&paths, quote!(self), 0, &leaf);
    }
    let visit = visit(
        &paths,
        quote!(self),
        0,
        &|value| quote!(texts.push(#value.as_str());),
    );
    quote! {
        let mut texts = Vec::new();
        #visit
        parameters.push((#parameter, rt::OperationValue::Strings(texts)));
    }
}

/// Renders statements that do `leaf` with each value that the paths lead to, in order.
fn visit(
    paths: &[&[Step]],
    value: TokenStream,
    depth: usize,
    leaf: &dyn Fn(TokenStream) -> TokenStream,
) -> TokenStream {
    let mut statements = TokenStream::new();
    // Paths that begin alike share a loop, so that values come entry by entry.
    for group in paths.chunk_by(|a, b| a.first() == b.first()) {
        let Some(step) = group[0].first() else {
            statements.extend(leaf(value.clone()));
            continue;
        };
        let rest: Vec<&[Step]> = group.iter().map(|path| &path[1..]).collect();
        let next = format_ident!("value{}", depth);
        let inner = |value| visit(&rest, value, depth + 1, leaf);
        statements.extend(match step {
            Step::Member { name, presence, .. } => {
                let name = ident(name);
                match presence {
                    Presence::Required => inner(quote!(#value.#name)),
                    Presence::Optional => {
                        let body = inner(quote!(#next));
                        quote!(if let Some(#next) = &#value.#name { #body })
                    }
                }
            }
            Step::Each => {
                let body = inner(quote!(#next));
                quote!(for #next in #value.iter() { #body })
            }
            Step::Keys => {
                let body = inner(quote!(#next));
                quote!(for #next in #value.keys() { #body })
            }
            Step::Last => {
                let body = inner(quote!(#next));
                quote!(if let Some(#next) = #value.last() { #body })
            }
        });
    }
    statements
}

/// Renders the expression that turns a list or a map, given by value, into a `Vec` of its items.
pub fn into_items(path: &Path, value: TokenStream) -> TokenStream {
    match path.ty {
        Type::Map(..) => quote!(#value.into_iter().collect()),
        _ => value,
    }
}
