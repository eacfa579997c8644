//! Every generated type of the committed crates that holds something sensitive, at any depth.
//!
//! `AWSJSON_UPDATE=1 cargo test -p awsjson-tests --test secrets` lists the types anew.

use std::collections::BTreeMap;
use std::fmt::{Debug, Write as _};
use std::fs;
use std::path::Path;

use awsjson_protocol::serde::{Serialize, de::DeserializeOwned};
use serde_json::{Map, Value, json};

use crate::sensitive_types::SENSITIVE_TYPES;

/// What stands in sensitive places: a text, and the number that stands for one.
const SECRET: &str = "hunter2-secret";
const SECRET_NUMBER: u64 = 918_273;
/// How many variants of unions, and how deep recursion, are tried.
const VARIANTS: usize = 12;
const DEPTH: usize = 12;

/// A type that holds something sensitive.
pub struct SensitiveType {
    pub service: &'static str,
    pub shape: &'static str,
    pub show: fn(&Value) -> Shown,
}

/// What a value shows, and what it says over the wire.
pub struct Shown {
    debug: String,
    wire: String,
}

/// Reads a value of a type, and shows it.
pub fn show<T: DeserializeOwned + Serialize + Debug>(json: &Value) -> Shown {
    let value: T = serde_json::from_value(json.clone()).unwrap_or_else(|error| panic!("{error}: {json}"));
    Shown {
        debug: format!("{value:?} {value:#?}"),
        wire: serde_json::to_string(&value).expect("a wire form"),
    }
}

struct Model(Map<String, Value>);

impl Model {
    fn read(service: &str) -> Self {
        let path = root().join("models").join(service).join("service.json");
        let mut model: Value =
            serde_json::from_str(&fs::read_to_string(path).expect("a model")).expect("models are JSON");
        match model["shapes"].take() {
            Value::Object(shapes) => Self(shapes),
            other => panic!("{other}"),
        }
    }

    /// Returns the references of a shape to others, each with the name of the member.
    fn references(&self, shape: &str) -> Vec<(String, &Value)> {
        let shape = &self.0[shape];
        let inner = ["member", "key", "value"].into_iter();
        let inner = inner.filter_map(|name| Some((name.to_owned(), shape.get(name)?)));
        let members = shape["members"].as_object().into_iter().flatten();
        inner
            .chain(members.map(|(name, member)| (name.clone(), member)))
            .collect()
    }

    fn is_sensitive(&self, reference: &Value) -> bool {
        let target = &self.0[reference["shape"].as_str().expect("a shape")];
        // Booleans say too little to be found in a text, and blobs never show what they hold.
        let is_visible = !matches!(target["type"].as_str(), Some("boolean" | "blob"));
        is_visible && (reference["sensitive"] == true || target["sensitive"] == true)
    }

    fn holds_secrets(&self, shape: &str, above: &mut Vec<String>) -> bool {
        if above.iter().any(|known| known == shape) {
            return false;
        }
        above.push(shape.to_owned());
        let found = self.references(shape).iter().any(|(_, reference)| {
            self.is_sensitive(reference)
                || self.holds_secrets(reference["shape"].as_str().expect("a shape"), above)
        });
        above.pop();
        found
    }

    /// Makes a value in which every member is set; of unions, the variant with this number.
    fn value(&self, reference: &Value, is_secret: bool, variant: usize, depth: usize) -> Option<Value> {
        let name = reference["shape"].as_str().expect("a shape");
        let shape = &self.0[name];
        if depth == 0 {
            return None;
        }
        let is_secret = is_secret || self.is_sensitive(reference);
        let text = if is_secret { SECRET } else { "plain" };
        let below = |reference: &Value| self.value(reference, is_secret, variant, depth - 1);
        Some(match shape["type"].as_str().expect("a type") {
            "string" | "character" => json!(text),
            "blob" => json!("AAAA"),
            "boolean" => json!(true),
            "timestamp" => json!(1),
            "list" => json!(below(&shape["member"]).into_iter().collect::<Vec<_>>()),
            "map" => json!({text: below(&shape["value"])?}),
            "structure" if shape["document"] == true => json!(text),
            "structure" => {
                let members = shape["members"].as_object().expect("members");
                let (skip, take) = match shape["union"] == true {
                    true => (variant % members.len().max(1), 1),
                    false => (0, members.len()),
                };
                let members = members.iter().skip(skip).take(take);
                members
                    .filter_map(|(name, member)| Some((name.clone(), below(member)?)))
                    .collect()
            }
            _ => json!(if is_secret { SECRET_NUMBER } else { 1 }),
        })
    }
}

fn root() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
}

/// Lists the types of a crate whose shapes hold secrets, each with its path.
fn listed(service: &str) -> BTreeMap<String, String> {
    let model = Model::read(service);
    let mut found = BTreeMap::new();
    for group in ["exceptions", "operations", "types"] {
        let folder = root().join("generated").join(service).join("src").join(group);
        for entry in fs::read_dir(folder).into_iter().flatten() {
            let text = fs::read_to_string(entry.expect("an entry").path()).expect("text");
            for (start, _) in text
                .match_indices("impl rt::Structure for ")
                .chain(text.match_indices("impl rt::Union for "))
            {
                let rest = &text[start..];
                let name = rest.split(" for ").nth(1).and_then(|rest| rest.split(' ').next());
                let shape = rest
                    .split("NAME: &'static str = \"")
                    .nth(1)
                    .and_then(|rest| rest.split('"').next());
                let (Some(name), Some(shape)) = (name, shape) else {
                    panic!("{rest}")
                };
                if model.0.contains_key(shape) && model.holds_secrets(shape, &mut Vec::new()) {
                    let path = format!("awsjson_{}::{group}::{name}", service.replace('-', "_"));
                    found.insert(path, shape.to_owned());
                }
            }
        }
    }
    found
}

#[test]
fn the_list_of_sensitive_types_is_complete() {
    let mut services: Vec<String> = fs::read_dir(root().join("generated"))
        .expect("crates")
        .map(|entry| entry.expect("an entry").file_name().into_string().expect("text"))
        .collect();
    services.sort();
    let mut text = "//! The types that hold something sensitive. Written by the test.\n\n\
        use crate::types::{SensitiveType, show};\n\n#[rustfmt::skip]\npub const SENSITIVE_TYPES: &[SensitiveType] = &[\n"
        .to_owned();
    for service in &services {
        for (path, shape) in listed(service) {
            let _ = writeln!(
                text,
                "    SensitiveType {{ service: {service:?}, shape: {shape:?}, show: show::<{path}> }},"
            );
        }
    }
    text.push_str("];\n");
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/secrets/sensitive_types.rs");
    if std::env::var_os("AWSJSON_UPDATE").is_some() {
        fs::write(file, text).expect("it can be written");
        return;
    }
    let written = fs::read_to_string(file).expect("the list");
    assert!(
        written == text,
        "list the types anew: AWSJSON_UPDATE=1 cargo test -p awsjson-tests --test secrets"
    );
}

#[test]
fn nothing_sensitive_is_shown() {
    assert!(SENSITIVE_TYPES.len() > 300, "{} types", SENSITIVE_TYPES.len());
    let mut models: BTreeMap<&str, Model> = BTreeMap::new();
    for SensitiveType { service, shape, show } in SENSITIVE_TYPES {
        let model = models.entry(service).or_insert_with(|| Model::read(service));
        let mut is_reached = false;
        for variant in 0..VARIANTS {
            let json = model
                .value(&json!({"shape": shape}), false, variant, DEPTH)
                .expect("a value");
            let Shown { debug, wire } = show(&json);
            for secret in [SECRET, &SECRET_NUMBER.to_string()] {
                assert!(
                    !debug.contains(secret),
                    "{service}#{shape} shows a secret: {debug}"
                );
                is_reached |= wire.contains(secret);
            }
        }
        assert!(
            is_reached,
            "{service}#{shape}: the secret is nowhere in the value"
        );
    }
}
