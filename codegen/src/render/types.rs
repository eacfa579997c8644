//! Identifiers, types, and the imports that a file needs for them.

use std::collections::BTreeSet;

use proc_macro2::{Ident, Span, TokenStream};
use quote::quote;

use crate::ir::{Member, Presence, Structure, Type};
use crate::model::TimestampFormat;

/// Makes an identifier.
pub fn ident(name: &str) -> Ident {
    Ident::new(name, Span::call_site())
}

/// Where the types of a file come from.
pub struct Scope {
    /// The types that the file itself defines.
    local: BTreeSet<String>,
    imports: TokenStream,
}

impl Scope {
    /// Prepares the scope of a file outside of the `types` module that defines `structures`, and names `types` as well.
    pub fn outside_types<'a>(
        structures: impl IntoIterator<Item = &'a Structure>,
        types: impl IntoIterator<Item = &'a Type>,
    ) -> Self {
        let mut local = BTreeSet::new();
        let mut used = BTreeSet::new();
        for ty in types {
            collect(ty, &mut used);
        }
        for structure in structures {
            local.insert(structure.name.clone());
            for member in &structure.members {
                collect(&member.ty, &mut used);
            }
        }
        let imports = imports(quote!(super::super::types), used.difference(&local));
        Self { local, imports }
    }

    /// Prepares the scope of the file in the `types` module that defines `structure`.
    pub fn in_types(structure: &Structure) -> Self {
        let mut used = BTreeSet::new();
        for member in &structure.members {
            collect(&member.ty, &mut used);
        }
        used.remove(&structure.name);
        Self {
            local: BTreeSet::new(),
            imports: imports(quote!(super), &used),
        }
    }

    /// Returns the imports of the file.
    pub fn imports(&self) -> TokenStream {
        let imports = &self.imports;
        quote! {
            use awsjson_protocol::generated as rt;
            #imports
        }
    }

    /// Returns the type of a field or of a variant's value.
    pub fn field(&self, member: &Member) -> TokenStream {
        let ty = self.ty(&member.ty);
        let ty = match member.boxed {
            true => quote!(Box<#ty>),
            false => ty,
        };
        match member.presence {
            Presence::Required => ty,
            Presence::Optional => quote!(Option<#ty>),
        }
    }

    /// Returns the type of an argument for a member, and the expression that turns it into the field's value.
    pub fn argument(&self, member: &Member, name: &Ident) -> (TokenStream, TokenStream) {
        let ty = self.ty(&member.ty);
        if member.boxed {
            return (ty, quote!(Box::new(#name)));
        }
        match &member.ty {
            Type::List(entry) => {
                let (entry, conversion) = self.entry(entry);
                let convert = conversion.map(|into| quote!(.map(#into)));
                (
                    quote!(impl IntoIterator<Item = #entry>),
                    quote!(#name.into_iter() #convert .collect()),
                )
            }
            Type::Map(key, value) => {
                let (key, _) = self.entry(key);
                let (value, conversion) = self.entry(value);
                let value_expression = match conversion {
                    Some(_) => quote!(value.into()),
                    None => quote!(value),
                };
                (
                    quote!(impl IntoIterator<Item = (#key, #value)>),
                    quote!(#name.into_iter().map(|(key, value)| (key.into(), #value_expression)).collect()),
                )
            }
            other if converts(other) => (quote!(impl Into<#ty>), quote!(#name.into())),
            _ => (ty, quote!(#name)),
        }
    }

    fn entry(&self, ty: &Type) -> (TokenStream, Option<TokenStream>) {
        let tokens = self.ty(ty);
        match converts(ty) {
            true => (quote!(impl Into<#tokens>), Some(quote!(Into::into))),
            false => (tokens, None),
        }
    }

    /// Returns a type.
    pub fn ty(&self, ty: &Type) -> TokenStream {
        match ty {
            Type::String => quote!(String),
            Type::Boolean => quote!(bool),
            Type::Integer => quote!(i32),
            Type::Long => quote!(i64),
            Type::Float => quote!(f32),
            Type::Double => quote!(f64),
            Type::Timestamp(TimestampFormat::EpochSeconds) => quote!(rt::Timestamp),
            Type::Timestamp(TimestampFormat::Iso8601) => quote!(rt::Timestamp<rt::Iso8601>),
            Type::Timestamp(TimestampFormat::HttpDate) => quote!(rt::Timestamp<rt::HttpDate>),
            Type::Blob => quote!(rt::Blob),
            Type::Document => quote!(rt::Document),
            Type::Enumeration(name) | Type::Structure(name) => {
                let ident = ident(name);
                match self.local.contains(name) {
                    true => quote!(super::super::types::#ident),
                    false => quote!(#ident),
                }
            }
            Type::List(entry) => {
                let entry = self.ty(entry);
                quote!(Vec<#entry>)
            }
            Type::Map(key, value) => {
                let (key, value) = (self.ty(key), self.ty(value));
                quote!(rt::BTreeMap<#key, #value>)
            }
            Type::Nullable(inner) => {
                let inner = self.ty(inner);
                quote!(Option<#inner>)
            }
        }
    }
}

fn imports<'a>(module: TokenStream, names: impl IntoIterator<Item = &'a String>) -> TokenStream {
    let names: Vec<Ident> = names.into_iter().map(|name| ident(name)).collect();
    match names.is_empty() {
        true => TokenStream::new(),
        false => quote!(use #module::{#(#names),*};),
    }
}

/// Tells whether callers may pass anything that converts into the type.
fn converts(ty: &Type) -> bool {
    matches!(
        ty,
        Type::String | Type::Timestamp(_) | Type::Blob | Type::Document | Type::Enumeration(_)
    )
}

fn collect(ty: &Type, used: &mut BTreeSet<String>) {
    match ty {
        Type::Enumeration(name) | Type::Structure(name) => {
            used.insert(name.clone());
        }
        Type::List(inner) | Type::Nullable(inner) => collect(inner, used),
        Type::Map(key, value) => {
            collect(key, used);
            collect(value, used);
        }
        _ => {}
    }
}
