//! Structures: fields, setters, and the list of members for the wire.

use proc_macro2::{Ident, TokenStream};
use quote::quote;

use crate::ir::{MESSAGE_SPELLINGS, Member, Presence, Structure};

use super::docs;
use super::types::{Scope, ident};

/// What a structure is in the crate, which decides how it is documented.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// The request type of an operation.
    Request,
    /// The output type of an operation.
    Output,
    /// A type inside of these.
    Type,
    /// An exception.
    Exception,
}

/// Renders the file of a structure in the `types` module.
pub fn render(structure: &Structure, role: Role) -> TokenStream {
    let scope = Scope::in_types(structure);
    let imports = scope.imports();
    let about = docs::definition(
        &structure.docs,
        format!("The structure {}.", docs::code(&structure.shape)),
    );
    let definition = define(structure, &scope, role, &about);
    quote! {
        #imports
        #definition
    }
}

/// Renders a structure with its impls.
pub fn define(structure: &Structure, scope: &Scope, role: Role, about: &[String]) -> TokenStream {
    let name = ident(&structure.name);
    let about = docs::attributes(about);
    let deprecated = docs::deprecation(&structure.docs);
    let has_secrets = structure.members.iter().any(|member| member.sensitive);
    let debug_derive = (!has_secrets).then(|| quote!(Debug,));
    let debug_impl = has_secrets.then(|| debug(structure));
    let default = structure.required.is_empty().then(|| quote!(Default,));
    let fields = structure.members.iter().map(|member| {
        let about = docs::attributes(&docs::member(member));
        let deprecated = docs::deprecation(&member.docs);
        let (name, ty) = (ident(&member.name), scope.field(member));
        quote!(#about #deprecated pub #name: #ty,)
    });
    let must_use =
        (role == Role::Request).then(|| quote!(#[must_use = "an operation does nothing until it is sent"]));
    let new = constructor(structure, scope, role);
    let setters = structure
        .members
        .iter()
        .filter_map(|member| setter(member, scope));
    let wire = wire_impl(structure);
    quote! {
        #about
        #deprecated
        #must_use
        #[derive(Clone, #debug_derive #default PartialEq)]
        #[non_exhaustive]
        pub struct #name {
            #(#fields)*
        }

        impl #name {
            #new
            #(#setters)*
        }

        #debug_impl
        #wire
        rt::structures!(#name);
    }
}

fn constructor(structure: &Structure, scope: &Scope, role: Role) -> TokenStream {
    let thing = match role {
        Role::Request => "a request",
        Role::Output => "an output",
        Role::Type => "a value",
        Role::Exception => "an exception",
    };
    if structure.required.is_empty() {
        let about = format!(" Makes {thing} in which no member is set.");
        return quote! {
            #[doc = #about]
            pub fn new() -> Self {
                Self::default()
            }
        };
    }
    let about = format!(" Makes {thing} from its required members.");
    let (arguments, values): (Vec<_>, Vec<_>) = structure
        .required_members()
        .map(|member| {
            let name = ident(&member.name);
            let (ty, value) = scope.argument(member, &name);
            let field = match converts_nothing(&name, &value) {
                true => quote!(#name),
                false => quote!(#name: #value),
            };
            (quote!(#name: #ty), field)
        })
        .unzip();
    let optional = structure
        .members
        .iter()
        .filter(|member| member.presence == Presence::Optional)
        .map(|member| ident(&member.name));
    let many = (arguments.len() > 7).then(|| quote!(#[allow(clippy::too_many_arguments)]));
    quote! {
        #[doc = #about]
        #many
        pub fn new(#(#arguments),*) -> Self {
            Self { #(#values,)* #(#optional: None),* }
        }
    }
}

fn converts_nothing(name: &Ident, value: &TokenStream) -> bool {
    *name == value.to_string()
}

fn setter(member: &Member, scope: &Scope) -> Option<TokenStream> {
    if member.presence == Presence::Required {
        return None;
    }
    let name = ident(&member.name);
    let about = format!(" Sets [`{0}`](#structfield.{0}).", member.name);
    let deprecated = docs::deprecation(&member.docs);
    let (ty, value) = scope.argument(member, &name);
    Some(quote! {
        #[doc = #about]
        #deprecated
        pub fn #name(mut self, #name: #ty) -> Self {
            self.#name = Some(#value);
            self
        }
    })
}

fn wire_impl(structure: &Structure) -> TokenStream {
    let name = ident(&structure.name);
    let shape = &structure.shape;
    let count = proc_macro2::Literal::usize_unsuffixed(structure.members.len());
    let empty = match structure.required.is_empty() {
        true => quote!(Self::default()),
        false => {
            let fields = structure.members.iter().map(|member| {
                let name = ident(&member.name);
                match member.presence {
                    Presence::Required => quote!(#name: rt::Wire::empty()),
                    Presence::Optional => quote!(#name: None),
                }
            });
            quote!(Self { #(#fields),* })
        }
    };
    let members = (!structure.members.is_empty()).then(|| members_impl(structure));
    quote! {
        impl rt::Structure for #name {
            const NAME: &'static str = #shape;
            const MEMBERS: usize = #count;

            fn empty() -> Self {
                #empty
            }

            #members
        }
    }
}

fn members_impl(structure: &Structure) -> TokenStream {
    let encode = structure.members.iter().map(|member| {
        let (name, wire_name) = (ident(&member.name), &member.wire_name);
        quote!(to.put(#wire_name, &self.#name)?;)
    });
    let decode = structure.members.iter().map(|member| {
        let (name, wire_name) = (ident(&member.name), &member.wire_name);
        match member.is_message {
            true => {
                // A spelling that is a member of its own is that.
                let is_other = |spelling: &&&str| {
                    let mut others = structure.members.iter().filter(|member| !member.is_message);
                    others.any(|other| other.wire_name == ***spelling)
                };
                let spellings = MESSAGE_SPELLINGS.iter().filter(|spelling| !is_other(spelling));
                quote!(#(#spellings)|* => from.read_message(&mut self.#name),)
            }
            false => quote!(#wire_name => from.read(&mut self.#name),),
        }
    });
    quote! {
        fn write<S: rt::Struct>(&self, to: &mut rt::Members<S>) -> rt::Written<S> {
            #(#encode)*
            Ok(())
        }

        fn read<'de, A: rt::Map<'de>>(&mut self, from: rt::Member<A>) -> rt::Read<'de, A> {
            match from.name {
                #(#decode)*
                _ => from.skip(),
            }
        }
    }
}

/// Renders a `Debug` that hides sensitive members.
fn debug(structure: &Structure) -> TokenStream {
    let name = ident(&structure.name);
    let text = &structure.name;
    let fields = structure.members.iter().map(|member| {
        let field = ident(&member.name);
        let text = &member.name;
        match member.sensitive {
            true => quote!(.field(#text, &rt::Redacted)),
            false => quote!(.field(#text, &self.#field)),
        }
    });
    quote! {
        impl rt::Debug for #name {
            fn fmt(&self, f: &mut rt::Formatter<'_>) -> rt::FmtResult {
                f.debug_struct(#text) #(#fields)* .finish()
            }
        }
    }
}
