//! The states that can be waited for, as constants.

use proc_macro2::TokenStream;
use quote::quote;

use crate::ir::{Service, Waiter};
use crate::model::{Acceptor, AcceptorState, Expected, Matcher};

use super::docs;
use super::types::ident;

/// Renders the module of the waiters, where the service has any.
pub fn module(service: &Service) -> Option<TokenStream> {
    if service.waiters.is_empty() {
        return None;
    }
    let about = format!(
        " The states of {} that can be waited for.",
        docs::prose(&service.full_name)
    );
    let waiters = service.waiters.iter().map(waiter);
    Some(quote! {
        #![doc = #about]

        use awsjson_protocol::generated as rt;
        #(#waiters)*
    })
}

fn waiter(waiter: &Waiter) -> TokenStream {
    let Waiter {
        name,
        constant,
        request,
        delay,
        max_attempts,
        acceptors,
    } = waiter;
    let about = docs::attributes(&[
        format!(
            "Asks [`{request}`](super::{request}) until {} is reached.",
            docs::code(name)
        ),
        format!(
            "By default it asks every {delay} seconds or less often, for {} seconds in all.",
            delay.saturating_mul(*max_attempts)
        ),
    ]);
    let (constant, request) = (ident(constant), ident(request));
    let acceptors = acceptors.iter().map(acceptor);
    quote! {
        #about
        pub const #constant: rt::Waiter<super::operations::#request> =
            rt::Waiter::new(#name, #delay, #max_attempts, &[#(#acceptors),*]);
    }
}

fn acceptor(acceptor: &Acceptor) -> TokenStream {
    let state = match acceptor.state {
        AcceptorState::Success => quote!(Success),
        AcceptorState::Failure => quote!(Failure),
        AcceptorState::Retry => quote!(Retry),
    };
    let matcher = match &acceptor.matcher {
        Matcher::Status(status) => quote!(Status(#status)),
        Matcher::Error(code) => quote!(Error(#code)),
        Matcher::AnyError(failed) => quote!(AnyError(#failed)),
        Matcher::Path(path, value) => with_path(quote!(Path), path, value),
        Matcher::PathAll(path, value) => with_path(quote!(PathAll), path, value),
        Matcher::PathAny(path, value) => with_path(quote!(PathAny), path, value),
    };
    quote!(rt::Acceptor { matcher: rt::Matcher::#matcher, state: rt::AcceptorState::#state })
}

fn with_path(kind: TokenStream, path: &str, expected: &Expected) -> TokenStream {
    let expected = match expected {
        Expected::String(text) => quote!(String(#text)),
        Expected::Boolean(value) => quote!(Boolean(#value)),
    };
    quote!(#kind(#path, rt::Expected::#expected))
}
