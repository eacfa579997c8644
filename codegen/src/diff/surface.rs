//! What users of a generated client can name: read from the code itself, so that it cannot differ from what is generated.

use std::collections::{BTreeMap, BTreeSet};

use quote::ToTokens;
use syn::punctuated::Punctuated;
use syn::{
    Attribute, Fields, FnArg, ImplItem, Item, ItemEnum, ItemImpl, ItemStruct, Token, Type, Visibility,
};

use crate::ir::Service;
use crate::render;

/// The public interface of a client: what there is, by path, with its signature.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Surface {
    /// What can be named, by path, such as `PutLogEvents::new` and `PutLogEvents.entity`. To lose one, or its signature, breaks users.
    pub items: BTreeMap<String, Entry>,
    /// The paths of what is called deprecated.
    pub deprecated: BTreeSet<String>,
}

/// Something that can be named.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The path of the type that it belongs to; a type belongs to itself.
    pub owner: String,
    /// What the compiler knows of it.
    pub signature: String,
}

/// Reads the interface of the client that is generated for a service.
pub fn of(service: &Service) -> Surface {
    let file = render::render_syntax(service);
    let mut surface = Surface::default();
    surface.read("", &file.items);
    surface
}

impl Surface {
    fn read(&mut self, module: &str, items: &[Item]) {
        for item in items {
            match item {
                Item::Mod(inner) => {
                    // Operations are exported at the root; where a private module stands is nobody's business.
                    let name = inner.ident.to_string();
                    let module = match name.as_str() {
                        "operations" => "",
                        "exceptions" | "types" | "waiters" => &format!("{name}::"),
                        _ => module,
                    };
                    let content = inner.content.as_ref();
                    self.read(module, content.map_or(&[][..], |(_, items)| items.as_slice()));
                }
                Item::Struct(structure) => self.structure(module, structure),
                Item::Enum(enumeration) => self.enumeration(module, enumeration),
                Item::Impl(implementation) => self.implementation(module, implementation),
                Item::Const(constant) if is_public(&constant.vis) => {
                    let path = format!("{module}{}", constant.ident);
                    self.item(&path, path.clone(), text(&constant.ty));
                }
                Item::Type(alias) if is_public(&alias.vis) => {
                    let path = format!("{module}{}", alias.ident);
                    self.item(&path, path.clone(), text(&alias.ty));
                }
                _ => {}
            }
        }
    }

    fn structure(&mut self, module: &str, structure: &ItemStruct) {
        let path = format!("{module}{}", structure.ident);
        self.head(&path, "struct", &structure.attrs);
        for field in &structure.fields {
            if let (Some(name), true) = (&field.ident, is_public(&field.vis)) {
                let field_path = format!("{path}.{name}");
                self.deprecation(&field_path, &field.attrs);
                self.item(&path, field_path, text(&field.ty));
            }
        }
    }

    fn enumeration(&mut self, module: &str, enumeration: &ItemEnum) {
        let path = format!("{module}{}", enumeration.ident);
        self.head(&path, "enum", &enumeration.attrs);
        for variant in &enumeration.variants {
            let variant_path = format!("{path}::{}", variant.ident);
            self.deprecation(&variant_path, &variant.attrs);
            self.item(&path, variant_path, fields(&variant.fields));
        }
    }

    fn implementation(&mut self, module: &str, implementation: &ItemImpl) {
        let owner = format!("{module}{}", text(&implementation.self_ty));
        match &implementation.trait_ {
            None => {
                for item in &implementation.items {
                    if let ImplItem::Fn(function) = item
                        && is_public(&function.vis)
                    {
                        let path = format!("{owner}::{}", function.sig.ident);
                        self.deprecation(&path, &function.attrs);
                        self.item(&owner, path, signature(function));
                    }
                }
            }
            Some((name, _)) => {
                let types = implementation.items.iter().filter_map(|item| match item {
                    ImplItem::Type(ty) => Some(format!("{} = {}", ty.ident, text(&ty.ty))),
                    _ => None,
                });
                let types = types.collect::<Vec<_>>().join(", ");
                self.item(&owner, format!("{owner}: {}", text(name)), types);
            }
        }
    }

    /// Notes a type, and the traits that the compiler derives for it.
    fn head(&mut self, path: &str, kind: &str, attributes: &[Attribute]) {
        self.deprecation(path, attributes);
        let is = |name| move |attribute: &&Attribute| attribute.path().is_ident(name);
        // Whether it may grow is part of what it is.
        let open = if attributes
            .iter()
            .any(|attribute| is("non_exhaustive")(&attribute))
        {
            "open "
        } else {
            ""
        };
        self.item(path, path.to_owned(), format!("{open}{kind}"));
        for derive in attributes.iter().filter(is("derive")) {
            let traits = derive.parse_args_with(Punctuated::<syn::Path, Token![,]>::parse_terminated);
            for name in traits.into_iter().flatten() {
                self.item(path, format!("{path}: {}", text(&name)), String::new());
            }
        }
    }

    fn deprecation(&mut self, path: &str, attributes: &[Attribute]) {
        if attributes
            .iter()
            .any(|attribute| attribute.path().is_ident("deprecated"))
        {
            self.deprecated.insert(path.to_owned());
        }
    }

    fn item(&mut self, owner: &str, path: String, signature: String) {
        let owner = owner.to_owned();
        self.items.insert(path, Entry { owner, signature });
    }
}

/// Returns the types of a function. The arguments of `new` are named as well, for some that have the same type may change places.
fn signature(function: &syn::ImplItemFn) -> String {
    let is_named = function.sig.ident == "new";
    let arguments = function.sig.inputs.iter().map(|argument| match argument {
        FnArg::Receiver(receiver) => text(receiver),
        FnArg::Typed(typed) if is_named => format!("{}: {}", text(&typed.pat), text(&typed.ty)),
        FnArg::Typed(typed) => text(&typed.ty),
    });
    let arguments: Vec<String> = arguments.collect();
    format!("fn({}){}", arguments.join(", "), text(&function.sig.output))
}

fn fields(fields: &Fields) -> String {
    let types = fields.iter().map(|field: &syn::Field| text::<Type>(&field.ty));
    types.collect::<Vec<_>>().join(", ")
}

fn is_public(visibility: &Visibility) -> bool {
    matches!(visibility, Visibility::Public(_))
}

/// Returns code as text, without the spaces that tokens are parted by, and without the modules that types stand in.
fn text<T: ToTokens>(tokens: &T) -> String {
    let text = tokens.to_token_stream().to_string();
    let mut dense = String::with_capacity(text.len());
    let mut words = text.split(' ').peekable();
    while let Some(word) = words.next() {
        let is_path = matches!(word, "super" | "types" | "operations" | "exceptions" | "rt");
        if is_path && words.peek() == Some(&"::") {
            words.next();
            continue;
        }
        let ends_in_name = dense.ends_with(|last: char| last.is_alphanumeric() || last == '_');
        if ends_in_name && word.starts_with(|first: char| first.is_alphanumeric() || first == '_') {
            dense.push(' ');
        }
        dense.push_str(word);
    }
    dense
}
