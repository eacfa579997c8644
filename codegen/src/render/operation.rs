//! Operations: the request type, the output type, and the facts that requests need.

use proc_macro2::TokenStream;
use quote::quote;

use crate::endpoints::Literal;
use crate::ir::{Constraint, MemberReference, Operation, Presence, Service, Structure, Support, Type};
use crate::model::Auth;

use super::structure::{Role, define};
use super::types::{Scope, ident};
use super::{Group, Module};
use super::{docs, paginator, path};

/// Renders the module of the operations.
pub fn group(service: &Service) -> Group {
    let about = docs::prose(&service.full_name);
    let about = format!(" The operations of {about}, each with its output.");
    let modules = service.operations.iter().map(|operation| {
        let output = operation.output.as_ref().map(|output| output.name.clone());
        Module {
            name: operation.request.module.clone(),
            exports: std::iter::once(operation.request.name.clone())
                .chain(output)
                .collect(),
            body: render(service, operation),
        }
    });
    Group {
        name: "operations",
        head: quote!(#![doc = #about]),
        modules: modules.collect(),
        tail: TokenStream::new(),
    }
}

/// Renders the file of an operation.
fn render(service: &Service, operation: &Operation) -> TokenStream {
    let paginator = operation.paginator.as_ref();
    let items = paginator.and_then(|paginator| paginator.items.as_ref());
    let scope = Scope::outside_types(
        std::iter::once(&operation.request).chain(&operation.output),
        items.map(|items| &items.ty),
    );
    let imports = scope.imports();
    let mut about = docs::operation(operation, &service.full_name);
    if operation.support == Support::InputEventStreamNotYet {
        about.insert(
            1,
            "The request of this operation is a stream of events, which this client does not support yet: the request type is \
             there, but [`Client::send`](super::super::Client) does not accept it."
                .to_owned(),
        );
    }
    let request = define(&operation.request, &scope, Role::Request, &about);
    let output = operation.output.as_ref().map(|output| {
        let about = format!("What [`{}`] returns.", operation.request.name);
        let about = docs::definition(&output.docs, about);
        define(output, &scope, Role::Output, &about)
    });
    let paginator = paginator::render(operation, &scope);
    let operation = match operation.support {
        Support::Full => Some(operation_impl(service, operation)),
        Support::InputEventStreamNotYet => None,
    };
    quote! {
        #imports
        #request
        #operation
        #paginator
        #output
    }
}

fn operation_impl(service: &Service, operation: &Operation) -> TokenStream {
    let request = ident(&operation.request.name);
    let service = ident(&service.name);
    let output = match (&operation.output, &operation.events) {
        (Some(output), _) => {
            let output = ident(&output.name);
            quote!(#output)
        }
        (None, Some(_)) => quote!(rt::EventStream<Self>),
        (None, None) => quote!(rt::EmptyOutput),
    };
    let events = operation.events.as_ref().map(|events| {
        let events = ident(events);
        quote! {
            impl rt::EventStreaming for #request {
                type Event = super::super::types::#events;
            }
        }
    });
    let metadata = metadata(operation);
    let constraints = constraints(&operation.constraints);
    let tokens = idempotency_tokens(&operation.request);
    let labels = host_labels(&operation.request);
    let parameters = endpoint_parameters(operation);
    quote! {
        impl rt::Operation for #request {
            type Service = super::super::#service;
            type Output = #output;
            const METADATA: &'static rt::OperationMetadata = &#metadata;
            #constraints
            #tokens
            #labels
            #parameters
        }

        #events
    }
}

fn metadata(operation: &Operation) -> TokenStream {
    let (name, target) = (&operation.wire_name, &operation.target);
    let exceptions = operation.exceptions.iter().map(|exception| &exception.code);
    let unsigned = (operation.auth == Auth::None).then(|| quote!(.unsigned()));
    let host_prefix = operation
        .host_prefix
        .as_ref()
        .map(|prefix| quote!(.host_prefix(#prefix)));
    let gzip = operation.gzip.then(|| quote!(.gzip()));
    quote!(rt::OperationMetadata::new(#name, #target, &[#(#exceptions),*]) #unsigned #host_prefix #gzip)
}

fn constraints(constraints: &[Constraint]) -> Option<TokenStream> {
    if constraints.is_empty() {
        return None;
    }
    let member = |member: &MemberReference| {
        let (wire_name, name) = (&member.wire_name, ident(&member.name));
        quote!((#wire_name, |request| request.#name.is_some()))
    };
    let list = |members: &[MemberReference]| {
        let members = members.iter().map(member);
        quote!(&[#(#members),*])
    };
    let constraints = constraints.iter().map(|constraint| match constraint {
        Constraint::ExactlyOneOf(members) => {
            let members = list(members);
            quote!(rt::Constraint::ExactlyOneOf(#members))
        }
        Constraint::AtMostOneOf(members) => {
            let members = list(members);
            quote!(rt::Constraint::AtMostOneOf(#members))
        }
        Constraint::AtLeastOneOf(members) => {
            let members = list(members);
            quote!(rt::Constraint::AtLeastOneOf(#members))
        }
        Constraint::Requires(first, needs) => {
            let (first, needs) = (member(first), list(needs));
            quote!(rt::Constraint::Requires(#first, #needs))
        }
    });
    Some(quote!(const CONSTRAINTS: &'static [rt::Constraint<Self>] = &[#(#constraints),*];))
}

fn idempotency_tokens(request: &Structure) -> Option<TokenStream> {
    let tokens = request.members.iter().filter(|member| member.idempotency_token);
    let fills: Vec<TokenStream> = tokens
        .map(|member| {
            let name = ident(&member.name);
            match member.presence {
                Presence::Optional => quote!(self.#name.get_or_insert_with(&mut *token);),
                Presence::Required => quote! {
                    if self.#name.is_empty() {
                        self.#name = token();
                    }
                },
            }
        })
        .collect();
    if fills.is_empty() {
        return None;
    }
    Some(quote! {
        fn fill_idempotency_tokens(&mut self, token: &mut dyn FnMut() -> String) {
            #(#fills)*
        }
    })
}

/// Renders what an operation gives to the endpoint rules.
fn endpoint_parameters(operation: &Operation) -> Option<TokenStream> {
    let fixed = operation.static_context.iter().map(|(name, value)| match value {
        Literal::String(text) => quote!(parameters.push((#name, rt::OperationValue::String(#text)));),
        Literal::Boolean(value) => quote!(parameters.push((#name, rt::OperationValue::Boolean(#value)));),
    });
    let members = operation.request.members.iter().filter_map(|member| {
        let (parameter, name) = (member.context_param.as_ref()?, ident(&member.name));
        // Rules know strings, and the members that they look at are strings.
        (member.ty == Type::String).then(|| match member.presence {
            Presence::Optional => quote! {
                parameters.extend(self.#name.as_deref().map(|value| (#parameter, rt::OperationValue::String(value))));
            },
            Presence::Required => quote!(parameters.push((#parameter, rt::OperationValue::String(&self.#name)));),
        })
    });
    let paths = operation.context_paths.iter().map(path::context);
    let statements: Vec<TokenStream> = fixed.chain(members).chain(paths).collect();
    if statements.is_empty() {
        return None;
    }
    Some(quote! {
        fn endpoint_parameters<'a>(&'a self, parameters: &mut Vec<(&'a str, rt::OperationValue<'a>)>) {
            #(#statements)*
        }
    })
}

fn host_labels(request: &Structure) -> Option<TokenStream> {
    let labels = request.members.iter().filter(|member| member.host_label);
    let arms: Vec<TokenStream> = labels
        .map(|member| {
            let (wire_name, name) = (&member.wire_name, ident(&member.name));
            match member.presence {
                Presence::Optional => quote!(#wire_name => self.#name.as_deref(),),
                Presence::Required => quote!(#wire_name => Some(&self.#name),),
            }
        })
        .collect();
    if arms.is_empty() {
        return None;
    }
    Some(quote! {
        fn host_label(&self, member: &str) -> Option<&str> {
            match member {
                #(#arms)*
                _ => None,
            }
        }
    })
}
