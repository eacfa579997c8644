//! How operations are paged through.

use proc_macro2::TokenStream;
use quote::quote;

use crate::ir::{Operation, Paginator, Path, Presence, Step, Type};

use super::path::{by_reference, by_value, cloned, into_items};
use super::types::{Scope, ident};

/// Renders the impls that page through an operation, where it can be.
pub fn render(operation: &Operation, scope: &Scope) -> Option<TokenStream> {
    let paginator = operation.paginator.as_ref()?;
    let request = ident(&operation.request.name);
    let token = scope.ty(&paginator.input_token.ty);
    let start = by_reference(&paginator.input_token, &quote!(self));
    let set = set(&paginator.input_token);
    let more = more_results(paginator);
    let next = cloned(&paginator.output_token, &quote!(output));
    let items = paginator.items.as_ref().map(|items| {
        let item = match &items.ty {
            Type::List(entry) => scope.ty(entry),
            Type::Map(key, value) => {
                let (key, value) = (scope.ty(key), scope.ty(value));
                quote!((#key, #value))
            }
            _ => unreachable!("lowering keeps lists and maps only"),
        };
        let value = into_items(items, by_value(items, &quote!(output)));
        quote! {
            impl rt::PaginatedItems for #request {
                type Item = #item;
                fn items(output: Self::Output) -> Vec<Self::Item> {
                    #value
                }
            }
        }
    });
    Some(quote! {
        impl rt::Paginated for #request {
            type Token = #token;
            fn start_token(&self) -> Option<&Self::Token> {
                #start
            }
            fn set_start_token(&mut self, token: Self::Token) {
                #set
            }
            fn next_token(output: &Self::Output) -> Option<Self::Token> {
                #more
                #next
            }
        }
        #items
    })
}

fn set(path: &Path) -> TokenStream {
    let [Step::Member { name, presence, .. }] = path.steps.as_slice() else {
        unreachable!("lowering keeps top-level members only");
    };
    let name = ident(name);
    match presence {
        Presence::Optional => quote!(self.#name = Some(token);),
        Presence::Required => quote!(self.#name = token;),
    }
}

fn more_results(paginator: &Paginator) -> Option<TokenStream> {
    let more = by_reference(paginator.more_results.as_ref()?, &quote!(output));
    Some(quote! {
        if #more != Some(&true) {
            return None;
        }
    })
}
