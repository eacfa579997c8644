//! Traits: what is done with each, and a problem for those with which nothing is.

use serde_json::{Map, Value, json};

use super::ast::Traits;
use crate::model::Problems;

/// Traits that change nothing of what a client of an awsJson service does, or that say what the form of the AST says already.
const HARMLESS: &[&str] = &[
    "aws.api#arn",
    "aws.api#arnReference",
    // Discovery is an offer: the regional endpoint serves every operation.
    "aws.api#clientDiscoveredEndpoint",
    "aws.api#clientEndpointDiscovery",
    "aws.api#clientEndpointDiscoveryId",
    "aws.api#controlPlane",
    "aws.api#data",
    "aws.api#dataPlane",
    "aws.api#tagEnabled",
    "aws.api#taggable",
    "aws.auth#sigv4a",
    "aws.auth#unsignedPayload",
    "aws.endpoints#dualStackOnlyEndpoints",
    "aws.endpoints#endpointsModifier",
    "aws.endpoints#rulesBasedEndpoints",
    "aws.endpoints#standardPartitionalEndpoints",
    "aws.endpoints#standardRegionalEndpoints",
    "smithy.api#addedDefault",
    "smithy.api#box",
    "smithy.api#clientOptional",
    "smithy.api#cors",
    "smithy.api#default",
    "smithy.api#enumValue",
    "smithy.api#examples",
    "smithy.api#externalDocumentation",
    "smithy.api#http",
    "smithy.api#httpError",
    "smithy.api#httpHeader",
    "smithy.api#httpLabel",
    "smithy.api#httpPayload",
    "smithy.api#httpPrefixHeaders",
    "smithy.api#httpQuery",
    "smithy.api#httpQueryParams",
    "smithy.api#httpResponseCode",
    "smithy.api#idRef",
    "smithy.api#idempotent",
    "smithy.api#input",
    "smithy.api#internal",
    // The protocol says that it is ignored.
    "smithy.api#jsonName",
    "smithy.api#mixin",
    "smithy.api#noReplace",
    "smithy.api#notProperty",
    "smithy.api#output",
    "smithy.api#private",
    "smithy.api#property",
    "smithy.api#readonly",
    "smithy.api#recommended",
    "smithy.api#references",
    "smithy.api#resourceIdentifier",
    "smithy.api#since",
    "smithy.api#suppress",
    "smithy.api#tags",
    "smithy.api#title",
    "smithy.api#trait",
    "smithy.api#uniqueItems",
    "smithy.api#unstable",
    "smithy.api#xmlAttribute",
    "smithy.api#xmlFlattened",
    "smithy.api#xmlName",
    "smithy.api#xmlNamespace",
    "smithy.rules#endpointBdd",
    "smithy.rules#endpointTests",
    "smithy.test#smokeTests",
];

/// Namespaces whose traits are for other tools.
const OTHER_TOOLS: &[&str] = &[
    "aws.cloudformation#",
    "aws.iam#",
    "smithy.openapi#",
    "smithy.contracts#",
];

/// Traits of one shape or member that are taken one by one; what is left at the end is a problem.
pub struct Taken<'a> {
    place: String,
    traits: &'a Traits,
    taken: Vec<&'static str>,
    problems: &'a Problems,
}

impl<'a> Taken<'a> {
    pub fn new(place: impl Into<String>, traits: &'a Traits, problems: &'a Problems) -> Self {
        Self {
            place: place.into(),
            traits,
            taken: Vec::new(),
            problems,
        }
    }

    /// Takes a trait.
    pub fn take(&mut self, name: &'static str) -> Option<&'a Value> {
        self.taken.push(name);
        self.traits.get(name)
    }

    pub fn has(&mut self, name: &'static str) -> bool {
        self.take(name).is_some()
    }

    pub fn problem(&self, what: impl Into<String>) {
        self.problems.add(&self.place, what);
    }

    /// Copies what documentation and deprecation say.
    pub fn about(&mut self, to: &mut Map<String, Value>) {
        if let Some(text) = self.take("smithy.api#documentation") {
            to.insert("documentation".to_owned(), text.clone());
        }
        if let Some(deprecated) = self.take("smithy.api#deprecated") {
            to.insert("deprecated".to_owned(), true.into());
            if let Some(since) = deprecated.get("since") {
                to.insert("deprecatedSince".to_owned(), since.clone());
            }
        }
    }

    /// Copies what values of a simple shape or a collection must be.
    pub fn constraints(&mut self, to: &mut Map<String, Value>) {
        for name in ["smithy.api#length", "smithy.api#range"] {
            for bound in ["min", "max"] {
                if let Some(value) = self.take(name).and_then(|limits| limits.get(bound)) {
                    to.insert(bound.to_owned(), value.clone());
                }
            }
        }
        if let Some(pattern) = self.take("smithy.api#pattern").and_then(Value::as_str) {
            to.insert("pattern".to_owned(), pattern.into());
        }
        if self.has("smithy.api#sensitive") {
            to.insert("sensitive".to_owned(), true.into());
        }
        if let Some(format) = self.take("smithy.api#timestampFormat").and_then(Value::as_str) {
            let format = match format {
                "epoch-seconds" => json!("unixTimestamp"),
                "date-time" => json!("iso8601"),
                "http-date" => json!("rfc822"),
                other => {
                    self.problem(format!("`smithy.api#timestampFormat` {other} is not implemented"));
                    return;
                }
            };
            to.insert("timestampFormat".to_owned(), format);
        }
    }

    /// Names every trait that nobody took and that is not harmless.
    pub fn finish(self) {
        for name in self.traits.keys() {
            let is_known = self.taken.contains(&name.as_str())
                || HARMLESS.contains(&name.as_str())
                || OTHER_TOOLS.iter().any(|namespace| name.starts_with(namespace));
            if !is_known {
                self.problem(format!("`{name}` is not implemented"));
            }
        }
    }
}

/// The traits of a member that say something about its value, which the other format says of shapes only.
pub const OF_VALUES: [&str; 5] = [
    "smithy.api#length",
    "smithy.api#pattern",
    "smithy.api#range",
    "smithy.api#sensitive",
    "smithy.api#timestampFormat",
];
