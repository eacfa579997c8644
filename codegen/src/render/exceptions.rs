//! Exceptions: their types, and the exception map.

use std::collections::BTreeMap;

use proc_macro2::TokenStream;
use quote::quote;

use crate::ir::{Exception, Service};
use crate::model::{Fault, Retry};

use super::docs;
use super::structure::{Role, define};
use super::types::{Scope, ident};
use super::{Group, Module};

/// Renders the file of an exception.
fn render(exception: &Exception) -> TokenStream {
    let structure = &exception.structure;
    let scope = Scope::outside_types([structure], None);
    let imports = scope.imports();
    let about = docs::definition(
        &structure.docs,
        format!("The exception {}.", docs::code(&exception.code)),
    );
    let mut about = about;
    about.extend(fault(exception));
    let definition = define(structure, &scope, Role::Exception, &about);
    quote! {
        #imports
        #definition
    }
}

fn fault(exception: &Exception) -> Option<String> {
    let fault = match exception.fault {
        Fault::Server => Some("The service is at fault, not the request."),
        Fault::Client => None,
    };
    let retry = match exception.retry {
        Retry::Unspecified => None,
        Retry::Transient => Some("The same request may succeed later; it is retried."),
        Retry::Throttling => Some("The caller sends too much; the request is retried more slowly."),
    };
    let sentences: Vec<&str> = fault.into_iter().chain(retry).collect();
    (!sentences.is_empty()).then(|| sentences.join(" "))
}

/// Renders the module with the exception enum and the exception map.
pub fn group(service: &Service) -> Group {
    let exceptions = &service.exceptions;
    let about = docs::prose(&service.full_name);
    let about = format!(" The exceptions of {about}, and the exception map.");
    let modules = exceptions.iter().map(|exception| Module {
        name: exception.structure.module.clone(),
        exports: vec![exception.structure.name.clone()],
        body: render(exception),
    });
    Group {
        name: "exceptions",
        head: quote! {
            #![doc = #about]

            use awsjson_protocol::generated as rt;
        },
        modules: modules.collect(),
        tail: exception_map(exceptions),
    }
}

fn exception_map(exceptions: &[Exception]) -> TokenStream {
    let names: Vec<_> = exceptions
        .iter()
        .map(|exception| ident(&exception.structure.name))
        .collect();
    let codes: Vec<_> = exceptions.iter().map(|exception| &exception.code).collect();
    let variant_docs = codes
        .iter()
        .map(|code| format!(" The code {}.", docs::code(code)));
    let messages = exceptions.iter().map(message);
    let entries = entries(exceptions);
    let (code_body, message_body) = match exceptions.is_empty() {
        true => (quote!(match *self {}), quote!(match *self {})),
        false => (
            quote!(match self { #(Self::#names(_) => #codes,)* }),
            quote!(match self { #(#messages,)* }),
        ),
    };
    quote! {
        /// Any exception that the model knows; `match` on it to react to one.
        #[derive(Clone, Debug, PartialEq)]
        #[non_exhaustive]
        pub enum Exception {
            #(#[doc = #variant_docs] #names(#names),)*
        }

        impl rt::Exception for Exception {
            const MAP: &'static [rt::ExceptionEntry<Self>] = &[#(#entries),*];

            fn code(&self) -> &'static str {
                #code_body
            }

            fn message(&self) -> Option<&str> {
                #message_body
            }
        }

        rt::exceptions!(#(#names),*);
    }
}

/// Renders how the message of an exception is found: one whose model has another thing of that name has none.
fn message(exception: &Exception) -> TokenStream {
    let name = ident(&exception.structure.name);
    let message = exception
        .structure
        .members
        .iter()
        .find(|member| member.is_message);
    match message.map(|member| ident(&member.name)) {
        Some(field) => quote!(Self::#name(exception) => exception.#field.as_deref()),
        None => quote!(Self::#name(_) => None),
    }
}

/// Renders the lines of the exception map, sorted by code; an exception with a code of the query protocol has two.
fn entries(exceptions: &[Exception]) -> Vec<TokenStream> {
    let mut lines: BTreeMap<&str, &Exception> = BTreeMap::new();
    for exception in exceptions {
        // A shape's own name is nobody else's code.
        lines.insert(&exception.code, exception);
    }
    for exception in exceptions {
        if let Some(code) = &exception.query_code {
            lines.entry(code).or_insert(exception);
        }
    }
    lines
        .into_iter()
        .map(|(code, exception)| entry(code, exception))
        .collect()
}

fn entry(code: &str, exception: &Exception) -> TokenStream {
    let (status, name) = (exception.status, ident(&exception.structure.name));
    let status = proc_macro2::Literal::u16_unsuffixed(status);
    let retry = match exception.retry {
        Retry::Unspecified => quote!(rt::ModeledRetry::Unspecified),
        Retry::Transient => quote!(rt::ModeledRetry::Transient),
        Retry::Throttling => quote!(rt::ModeledRetry::Throttling),
    };
    quote!(rt::ExceptionEntry::new(#code, #status, #retry, |body| rt::from_slice(body).map(Self::#name)))
}
