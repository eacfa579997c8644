//! Open enums: the values that the model knows, and `Unknown` for the rest.

use proc_macro2::TokenStream;
use quote::quote;

use crate::ir::Enumeration;

use super::docs;
use super::types::ident;

/// Renders the file of an enum.
pub fn render(enumeration: &Enumeration) -> TokenStream {
    let name = ident(&enumeration.name);
    let shape = &enumeration.shape;
    let about = docs::attributes(&docs::definition(
        &enumeration.docs,
        format!(
            "The enum {}. It is open: values that the model does not know survive a round trip.",
            docs::code(shape)
        ),
    ));
    let deprecated = docs::deprecation(&enumeration.docs);
    let values: Vec<&str> = enumeration
        .values
        .iter()
        .map(|value| value.value.as_str())
        .collect();
    let names: Vec<_> = enumeration
        .values
        .iter()
        .map(|value| ident(&value.name))
        .collect();
    let value_docs = values
        .iter()
        .map(|value| format!(" The value {}.", docs::code(value)));
    quote! {
        use awsjson_protocol::generated as rt;

        #about
        #deprecated
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum #name {
            #(#[doc = #value_docs] #names,)*
            /// A value that this version of the model does not know.
            Unknown(String),
        }

        impl rt::Enumeration for #name {
            const NAME: &'static str = #shape;
            const VALUES: &'static [&'static str] = &[#(#values),*];

            fn as_str(&self) -> &str {
                match self {
                    #(Self::#names => #values,)*
                    Self::Unknown(value) => value,
                }
            }

            fn from_wire(value: &str) -> Self {
                match value {
                    #(#values => Self::#names,)*
                    _ => Self::Unknown(value.to_owned()),
                }
            }
        }

        rt::enumerations!(#name);
    }
}
