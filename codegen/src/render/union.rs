//! Unions: an enum with one variant for each member, and one for members that are not known.

use proc_macro2::TokenStream;
use quote::quote;

use crate::ir::{Presence, Structure};

use super::docs;
use super::types::{Scope, ident};

/// What a union stands for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// A value that is one of several.
    Member,
    /// An event of a stream.
    Event,
}

/// Renders the file of a union.
pub fn render(union: &Structure, role: Role) -> TokenStream {
    let scope = Scope::in_types(union);
    let imports = scope.imports();
    let name = ident(&union.name);
    let shape = &union.shape;
    let about = docs::attributes(&docs::definition(
        &union.docs,
        match role {
            Role::Member => format!("The union {}: exactly one of its members.", docs::code(shape)),
            Role::Event => format!(
                "An event of the stream {}; exceptions among the events are errors.",
                docs::code(shape)
            ),
        },
    ));
    let deprecated = docs::deprecation(&union.docs);
    let has_secrets = union.members.iter().any(|member| member.sensitive);
    let debug_derive = (!has_secrets).then(|| quote!(Debug,));
    let debug_impl = has_secrets.then(|| debug(union));
    let variants = union.members.iter().map(|member| {
        let about = docs::attributes(&docs::variant(member));
        let deprecated = docs::deprecation(&member.docs);
        let mut value = member.clone();
        value.presence = Presence::Required;
        let (name, ty) = (ident(&member.name), scope.field(&value));
        quote!(#about #deprecated #name(#ty),)
    });
    let unknown = match role {
        Role::Member => {
            " A member that this version of the model does not know, by its name; it cannot be sent."
        }
        Role::Event => " An event that this version of the model does not know, by its type.",
    };
    let encode = union.members.iter().map(|member| {
        let (name, wire_name) = (ident(&member.name), &member.wire_name);
        quote!(Self::#name(value) => to.put(#wire_name, value),)
    });
    let decode = union.members.iter().map(|member| {
        let (name, wire_name) = (ident(&member.name), &member.wire_name);
        quote!(#wire_name => from.variant(Self::#name),)
    });
    quote! {
        #imports

        #about
        #deprecated
        #[derive(Clone, #debug_derive PartialEq)]
        #[non_exhaustive]
        pub enum #name {
            #(#variants)*
            #[doc = #unknown]
            Unknown(String),
        }

        #debug_impl

        impl rt::Union for #name {
            const NAME: &'static str = #shape;

            fn unknown(member: String) -> Self {
                Self::Unknown(member)
            }

            fn write<S: rt::Struct>(&self, to: &mut rt::Members<S>) -> rt::Written<S> {
                match self {
                    #(#encode)*
                    Self::Unknown(member) => to.refuse_unknown(#shape, member),
                }
            }

            fn read<'de, A: rt::Map<'de>>(from: rt::Member<A>) -> Result<rt::Variant<Self>, A::Error> {
                match from.name {
                    #(#decode)*
                    _ => from.unknown_variant(),
                }
            }
        }

        rt::unions!(#name);
    }
}

/// Renders a `Debug` that hides sensitive members.
fn debug(union: &Structure) -> TokenStream {
    let name = ident(&union.name);
    let arms = union.members.iter().map(|member| {
        let (variant, text) = (ident(&member.name), &member.name);
        match member.sensitive {
            true => quote!(Self::#variant(_) => f.debug_tuple(#text).field(&rt::Redacted).finish(),),
            false => quote!(Self::#variant(value) => f.debug_tuple(#text).field(value).finish(),),
        }
    });
    quote! {
        impl rt::Debug for #name {
            fn fmt(&self, f: &mut rt::Formatter<'_>) -> rt::FmtResult {
                match self {
                    #(#arms)*
                    Self::Unknown(member) => f.debug_tuple("Unknown").field(member).finish(),
                }
            }
        }
    }
}
