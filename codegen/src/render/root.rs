//! The crate root: the anchor type of the service, and what users import.

use proc_macro2::TokenStream;
use quote::quote;

use crate::ir::{Service, Support};
use crate::model::{JsonVersion, QueryCompatibility};

use super::docs;
use super::types::ident;

/// Renders `lib.rs`; `modules` are what a single file holds instead of declarations.
pub fn render(service: &Service, modules: Option<TokenStream>) -> TokenStream {
    let rules = service.endpoint_rules.as_ref();
    // Examples name the crate: in another crate they would not compile.
    let fence = if modules.is_some() { "ignore" } else { "no_run" };
    // A module of another crate has no file beside it.
    let (rules_text, uses_rules) = match modules.is_none() && !service.input_rules.operations.is_empty() {
        true => (Some(input_rules()), Some(quote!(.input_rules(INPUT_RULES)))),
        false => (None, None),
    };
    let modules = modules.unwrap_or_else(|| {
        let endpoint = rules.map(|_| {
            quote! {
                #[rustfmt::skip]
                mod endpoint;
            }
        });
        let waiters = (!service.waiters.is_empty()).then(|| {
            quote! {
                #[cfg(feature = "waiters")]
                #[rustfmt::skip]
                pub mod waiters;
            }
        });
        let hand_written = service.hand_written.iter().map(|(name, _)| {
            let module = ident(name);
            quote! {
                #[cfg(feature = #name)]
                pub mod #module;
            }
        });
        quote! {
            #(#hand_written)*
            #endpoint
            #[rustfmt::skip]
            pub mod exceptions;
            #[rustfmt::skip]
            pub mod operations;
            #[rustfmt::skip]
            pub mod types;
            #waiters
        }
    });
    let about = about(service, fence);
    let about = docs::lines(&about);
    let name = ident(&service.name);
    let full_name = docs::prose(&service.full_name);
    let name_docs = format!(" {full_name}, as a type: clients are generic over it.");
    let client_docs = format!(" A client for {full_name}.");
    let (id, prefix, signing_name, suffix) = (
        &service.service_id,
        &service.endpoint_prefix,
        &service.signing_name,
        &service.env_suffix,
    );
    let protocol = match service.json_version {
        JsonVersion::V1_0 => quote!(rt::Protocol::AwsJson1_0),
        JsonVersion::V1_1 => quote!(rt::Protocol::AwsJson1_1),
    };
    let query = match service.query_compatibility {
        QueryCompatibility::AwsQuery => Some(quote!(.query_compatible())),
        QueryCompatibility::None => None,
    };
    let rules = rules.map(|_| quote!(.endpoint_rules(&endpoint::RULES)));
    quote! {
        #(#![doc = #about])*
        #![cfg_attr(rustfmt, rustfmt_skip)]
        #![forbid(unsafe_code)]
        #![warn(missing_docs)]
        // The crate itself must handle what the service calls deprecated; sizes and names are what the service makes them.
        #![allow(deprecated, clippy::collapsible_if, clippy::large_enum_variant, clippy::should_implement_trait)]

        #modules

        use awsjson_protocol::generated as rt;

        #[doc(no_inline)]
        pub use awsjson_protocol as protocol;
        pub use exceptions::Exception;
        pub use operations::*;

        #[doc = #name_docs]
        #[derive(Clone, Copy, Debug)]
        pub enum #name {}

        impl rt::Service for #name {
            type Exception = Exception;
            const METADATA: &'static rt::ServiceMetadata =
                &rt::ServiceMetadata::new(#id, #prefix, #signing_name, #protocol, #suffix) #query #rules #uses_rules;
        }

        #rules_text

        #[doc = #client_docs]
        pub type Client = rt::Client<#name>;

        /// Why a call failed; [`exception`](rt::Error::exception) has the typed exception.
        pub type Error = rt::Error<Exception>;
    }
}

/// Renders the constant with the rules for values of inputs.
fn input_rules() -> TokenStream {
    quote! {
        #[cfg(feature = "validation")]
        const INPUT_RULES: Option<&str> = Some(include_str!("input-rules.json"));
        #[cfg(not(feature = "validation"))]
        const INPUT_RULES: Option<&str> = None;
    }
}

fn about(service: &Service, fence: &str) -> String {
    let crate_name = format!("awsjson_{}", service.folder.replace('-', "_"));
    let mut paragraphs = vec![format!("A client for {}.", docs::prose(&service.full_name))];
    paragraphs.extend(service.docs.clone());
    paragraphs.push(
        "Each operation is a type: its required members are the arguments of `new`, optional ones are \
         chained setters, and [`Client`] sends any of them."
            .to_owned(),
    );
    if let Some(example) = example(service) {
        paragraphs.push(format!(
            "```{fence}\n\
             # async fn example() -> Result<(), {crate_name}::Error> {{\n\
             use {crate_name}::{{Client, {example}}};\n\
             \n\
             let client = Client::from_env().await?;\n\
             let output = client.send({example}::new()).await?;\n\
             println!(\"{{output:?}}\");\n\
             # Ok(())\n\
             # }}\n\
             ```"
        ));
    }
    paragraphs.push(format!(
        "Failures are an [`Error`] with the operation, the code, the message and the request id in one sentence. \
         Exceptions that the model knows are variants of [`Exception`]. Endpoint variables: \
         {} and `AWS_ENDPOINT_URL`.",
        docs::code(&format!("AWS_ENDPOINT_URL_{}", service.env_suffix)),
    ));
    paragraphs.join("\n\n")
}

/// Picks an operation that can be called without any member, preferably one that describes or lists.
pub(super) fn example(service: &Service) -> Option<&str> {
    let mut candidates: Vec<&str> = service
        .operations
        .iter()
        .filter(|operation| {
            operation.support == Support::Full
                && operation.request.required.is_empty()
                && operation.request.docs.deprecated.is_none()
                && !operation.constraints.iter().any(|constraint| {
                    !matches!(
                        constraint,
                        crate::ir::Constraint::AtMostOneOf(_) | crate::ir::Constraint::Requires(..)
                    )
                })
        })
        .map(|operation| operation.request.name.as_str())
        .collect();
    candidates.sort_by_key(|name| !(name.starts_with("Describe") || name.starts_with("List")));
    candidates.first().copied()
}
