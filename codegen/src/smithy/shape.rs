//! Shapes.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::ast::{Member, Members, Model, Shape, Traits};
use super::local;
use super::traits::{OF_VALUES, Taken};
use crate::model::{Problems, QueryCompatibility};

/// Converts the shapes that operations reach.
pub struct Shapes<'a> {
    model: &'a Model,
    rename: &'a BTreeMap<String, String>,
    query_codes: QueryCompatibility,
    problems: &'a Problems,
    converted: BTreeMap<String, Value>,
    /// Which id a name stands for.
    names: BTreeMap<String, String>,
    open: Vec<(String, String)>,
}

impl<'a> Shapes<'a> {
    pub fn new(
        model: &'a Model,
        rename: &'a BTreeMap<String, String>,
        query_codes: QueryCompatibility,
        problems: &'a Problems,
    ) -> Self {
        Self {
            model,
            rename,
            query_codes,
            problems,
            converted: BTreeMap::new(),
            names: BTreeMap::new(),
            open: Vec::new(),
        }
    }

    /// Returns the name of a shape, and sees to it that it is converted.
    pub fn name(&mut self, id: &str) -> String {
        let name = match (self.rename.get(id), id.strip_prefix("smithy.api#")) {
            (Some(renamed), _) => renamed.clone(),
            // Models have shapes of their own that are called `String`.
            (None, Some(prelude)) => format!("Smithy{prelude}"),
            (None, None) => local(id).to_owned(),
        };
        match self.names.get(&name) {
            None => {
                self.names.insert(name.clone(), id.to_owned());
                self.open.push((name.clone(), id.to_owned()));
            }
            Some(other) if other != id => {
                self.problems.add(
                    id,
                    format!("has the same name as `{other}`; `rename` of the service parts them"),
                );
            }
            Some(_) => {}
        }
        name
    }

    /// Converts everything that has been named, and what that reaches.
    pub fn finish(mut self) -> Map<String, Value> {
        while let Some((name, id)) = self.open.pop() {
            let value = match (self.model.shape(&id), id.strip_prefix("smithy.api#")) {
                (Some(shape), _) => self.shape(&name, &id, shape),
                (None, Some(prelude)) => self.prelude(&id, prelude),
                (None, None) => {
                    self.problems.add(&id, "the model has no such shape");
                    continue;
                }
            };
            self.converted.insert(name, value);
        }
        self.converted.into_iter().collect()
    }

    fn prelude(&self, id: &str, name: &str) -> Value {
        match simple(&name.to_ascii_lowercase().replace("primitive", "")) {
            Some(kind) => json!({ "type": kind }),
            None if name == "Document" => json!({"type": "structure", "document": true, "members": {}}),
            None if name == "Unit" => json!({"type": "structure", "members": {}}),
            None => {
                self.problems.add(id, "is not implemented");
                json!({"type": "string"})
            }
        }
    }

    fn shape(&mut self, name: &str, id: &str, shape: &Shape) -> Value {
        let mut traits = Taken::new(id, &shape.traits, self.problems);
        let mut to = Map::new();
        traits.about(&mut to);
        traits.constraints(&mut to);
        match shape.kind.as_str() {
            "structure" => self.structure(name, shape, &mut traits, &mut to),
            "union" => {
                let stream = traits.has("smithy.api#streaming");
                to.insert(
                    if stream { "eventstream" } else { "union" }.to_owned(),
                    true.into(),
                );
                self.members(name, shape, &mut to);
            }
            "list" | "set" => {
                to.insert("type".to_owned(), "list".into());
                self.entry(name, "member", shape.member.as_ref(), &mut to);
                sparse(&mut traits, &mut to);
            }
            "map" => {
                to.insert("type".to_owned(), "map".into());
                self.entry(name, "key", shape.key.as_ref(), &mut to);
                self.entry(name, "value", shape.value.as_ref(), &mut to);
                sparse(&mut traits, &mut to);
            }
            "enum" => {
                to.insert("type".to_owned(), "string".into());
                let values = shape.members.0.iter().map(|(name, member)| {
                    let place = format!("{id}${name}");
                    let mut traits = Taken::new(place, &member.traits, self.problems);
                    traits.about(&mut Map::new());
                    traits.finish();
                    let value = member.traits.get("smithy.api#enumValue");
                    value.cloned().unwrap_or_else(|| name.as_str().into())
                });
                to.insert("enum".to_owned(), values.collect());
            }
            // Values of an intEnum are numbers; the generator has no names for them.
            "intEnum" => {
                to.insert("type".to_owned(), "integer".into());
            }
            "document" => {
                to.insert("type".to_owned(), "structure".into());
                to.insert("document".to_owned(), true.into());
                to.insert("members".to_owned(), json!({}));
            }
            kind => {
                match simple(kind) {
                    Some(kind) => to.insert("type".to_owned(), kind.into()),
                    None => {
                        traits.problem(format!("shapes of type `{kind}` are not implemented"));
                        to.insert("type".to_owned(), "string".into())
                    }
                };
                if let Some(values) = traits.take("smithy.api#enum").and_then(Value::as_array) {
                    to.insert(
                        "enum".to_owned(),
                        values.iter().map(|value| value["value"].clone()).collect(),
                    );
                }
                // A media type describes what a string or a blob holds.
                traits.take("smithy.api#mediaType");
            }
        }
        traits.finish();
        to.into()
    }

    fn structure(&mut self, name: &str, shape: &Shape, traits: &mut Taken<'_>, to: &mut Map<String, Value>) {
        self.members(name, shape, to);
        let fault = traits.take("smithy.api#error").and_then(Value::as_str);
        let status = shape.traits.get("smithy.api#httpError").cloned();
        // Left from the query protocol, it has a meaning only where errors still carry the codes of that.
        let query = traits.take("aws.protocols#awsQueryError");
        let query = query.filter(|_| self.query_codes == QueryCompatibility::AwsQuery);
        if let Some(fault) = fault {
            to.insert("exception".to_owned(), true.into());
            let mut error = Map::new();
            if let Some(code) = query.and_then(|query| query.get("code")) {
                error.insert("code".to_owned(), code.clone());
            }
            if let Some(status) =
                status.or_else(|| query.and_then(|query| query.get("httpResponseCode")).cloned())
            {
                error.insert("httpStatusCode".to_owned(), status);
            }
            if fault == "client" && !error.is_empty() {
                error.insert("senderFault".to_owned(), true.into());
            }
            if fault == "server" {
                to.insert("fault".to_owned(), true.into());
            }
            if !error.is_empty() {
                to.insert("error".to_owned(), error.into());
            }
        }
        if let Some(retryable) = traits.take("smithy.api#retryable") {
            let throttling = retryable.get("throttling").cloned().unwrap_or(false.into());
            to.insert("retryable".to_owned(), json!({ "throttling": throttling }));
        }
    }

    fn members(&mut self, owner: &str, shape: &Shape, to: &mut Map<String, Value>) {
        to.insert("type".to_owned(), "structure".into());
        let mut members = Map::new();
        let mut required = Vec::new();
        for (name, member) in &shape.members.0 {
            if member.traits.contains_key("smithy.api#required") {
                required.push(Value::from(name.as_str()));
            }
            members.insert(name.clone(), self.member(owner, name, member));
        }
        if !required.is_empty() {
            to.insert("required".to_owned(), required.into());
        }
        to.insert("members".to_owned(), members.into());
    }

    fn entry(
        &mut self,
        owner: &str,
        name: &'static str,
        member: Option<&Member>,
        to: &mut Map<String, Value>,
    ) {
        match member {
            Some(member) => {
                let reference = self.member(owner, name, member);
                to.insert(name.to_owned(), reference);
            }
            None => self.problems.add(owner, format!("`{name}` is missing")),
        }
    }

    /// Converts a reference to another shape, with what the member says of itself.
    fn member(&mut self, owner: &str, name: &str, member: &Member) -> Value {
        let place = format!("{owner}${name}");
        let mut traits = Taken::new(place.as_str(), &member.traits, self.problems);
        let mut to = Map::new();
        traits.about(&mut to);
        traits.take("smithy.api#required");
        for (name, here) in [
            ("smithy.api#idempotencyToken", "idempotencyToken"),
            ("smithy.api#hostLabel", "hostLabel"),
        ] {
            if traits.has(name) {
                to.insert(here.to_owned(), true.into());
            }
        }
        if let Some(parameter) = traits.take("smithy.rules#contextParam") {
            to.insert("contextParam".to_owned(), parameter.clone());
        }
        let of_value = OF_VALUES.map(|name| (name, traits.take(name)));
        let of_value: Traits = of_value
            .into_iter()
            .filter_map(|(name, value)| Some((name.to_owned(), value?.clone())))
            .collect();
        let target = match of_value.is_empty() {
            true => self.name(&member.target),
            false => self.refined(&place, &member.target, &of_value),
        };
        traits.finish();
        to.insert("shape".to_owned(), target.into());
        to.into()
    }

    /// Makes a shape of its own for a member that says more about its value than the shape does.
    fn refined(&mut self, place: &str, target: &str, more: &Traits) -> String {
        let mut shape = match (self.model.shape(target), target.strip_prefix("smithy.api#")) {
            (Some(shape), _) => Shape {
                // The members of an intEnum are not used, and there may be many.
                members: Members::default(),
                ..shape.clone()
            },
            (None, Some(prelude)) => Shape {
                kind: prelude.to_ascii_lowercase().replace("primitive", ""),
                ..Shape::default()
            },
            (None, None) => return self.name(target),
        };
        let is_enum = shape.traits.contains_key("smithy.api#enum");
        if is_enum || matches!(shape.kind.as_str(), "structure" | "union" | "enum") {
            // Its name would be that of another type.
            self.problems.add(
                place,
                "traits of the value of a structure, a union or an enum are not implemented",
            );
            return self.name(target);
        }
        shape.traits.extend(more.clone());
        let name = place.replace('$', "__");
        let converted = self.shape(&name, place, &shape);
        self.converted.insert(name.clone(), converted);
        name
    }
}

fn sparse(traits: &mut Taken<'_>, to: &mut Map<String, Value>) {
    if traits.has("smithy.api#sparse") {
        to.insert("sparse".to_owned(), true.into());
    }
}

/// Returns the simple type that the other format has for a type.
fn simple(kind: &str) -> Option<&'static str> {
    Some(match kind {
        "string" => "string",
        "boolean" => "boolean",
        "byte" | "short" | "integer" => "integer",
        "long" => "long",
        "float" => "float",
        "double" => "double",
        "timestamp" => "timestamp",
        "blob" => "blob",
        _ => return None,
    })
}
