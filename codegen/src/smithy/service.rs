//! The service: its facts, and which operations it has.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use super::ast::{Model, Reference, Shape};
use super::shape::Shapes;
use super::traits::Taken;
use super::{Converted, companions, local, operation};
use crate::model::{Problems, QueryCompatibility};

/// Converts the only service of a model.
pub fn convert(model: &Model, name: &str, problems: &Problems) -> Option<Converted> {
    let mut services = model.shapes.iter().filter(|(_, shape)| shape.kind == "service");
    let (id, service) = match (services.next(), services.next()) {
        (Some(service), None) => service,
        (None, _) => {
            problems.add(name, "the model has no service");
            return None;
        }
        (Some((one, _)), Some((other, _))) => {
            problems.add(
                name,
                format!("the model has several services, `{one}` and `{other}`: keep one"),
            );
            return None;
        }
    };
    let mut traits = Taken::new(id, &service.traits, problems);
    let mut converted = Map::new();
    traits.about(&mut converted);
    let metadata = metadata(id, service, &mut traits)?;
    let endpoint_rules = traits.take("smithy.rules#endpointRuleSet").cloned();
    if endpoint_rules.is_none() && service.traits.contains_key("smithy.rules#endpointBdd") {
        traits
            .problem("`smithy.rules#endpointBdd` without `smithy.rules#endpointRuleSet` is not implemented");
    }
    if let Some(parameters) = traits.take("smithy.rules#clientContextParams") {
        converted.insert("clientContextParams".to_owned(), parameters.clone());
    }
    let pages = traits.take("smithy.api#paginated");
    traits.finish();

    let operations = operations(model, service, problems);
    let query_codes = match metadata.get("awsQueryCompatible") {
        Some(_) => QueryCompatibility::AwsQuery,
        None => QueryCompatibility::None,
    };
    let mut shapes = Shapes::new(model, &service.rename, query_codes, problems);
    let common = operation::Common {
        errors: &service.errors,
        auth: service.traits.get("smithy.api#auth"),
    };
    let operation = |(id, shape): (&&String, &&Shape)| {
        let value = operation::convert(id, shape, common, &mut shapes, problems);
        (local(id).to_owned(), value)
    };
    let converted_operations: Map<String, Value> = operations.iter().map(operation).collect();
    converted.insert("metadata".to_owned(), metadata);
    converted.insert("version".to_owned(), "2.0".into());
    converted.insert("operations".to_owned(), converted_operations.into());
    converted.insert("shapes".to_owned(), shapes.finish().into());
    Some(Converted {
        service: converted.into(),
        paginators: companions::paginators(&operations, pages),
        waiters: companions::waiters(&operations, problems),
        endpoint_rules,
    })
}

fn metadata(id: &str, service: &Shape, traits: &mut Taken<'_>) -> Option<Value> {
    let version = service.version.clone().unwrap_or_default();
    let json_version = match (
        traits.has("aws.protocols#awsJson1_0"),
        traits.has("aws.protocols#awsJson1_1"),
    ) {
        (_, true) => "1.1",
        (true, false) => "1.0",
        (false, false) => {
            let others = service
                .traits
                .keys()
                .filter(|name| name.starts_with("aws.protocols#") || name.starts_with("smithy.protocols#"));
            let others: Vec<&str> = others.map(String::as_str).collect();
            let others = match others.is_empty() {
                true => "it names no protocol".to_owned(),
                false => format!("it speaks {}", others.join(", ")),
            };
            traits.problem(format!("the service does not speak awsJson: {others}"));
            return None;
        }
    };
    // A service that speaks several protocols is talked to in awsJson.
    for other in [
        "aws.protocols#awsQuery",
        "aws.protocols#restJson1",
        "aws.protocols#restXml",
        "smithy.protocols#rpcv2Cbor",
        "aws.protocols#ec2Query",
    ] {
        traits.take(other);
    }
    let Some(facts) = traits.take("aws.api#service") else {
        traits.problem("`aws.api#service` is missing: the service is not one of AWS's");
        return None;
    };
    let text = |name: &str| facts.get(name).and_then(Value::as_str);
    let Some(service_id) = text("sdkId") else {
        traits.problem("`aws.api#service` has no `sdkId`");
        return None;
    };
    let namespace = text("arnNamespace").map_or_else(|| local(id).to_ascii_lowercase(), str::to_owned);
    let endpoint_prefix = text("endpointPrefix").unwrap_or(&namespace);
    let signing = traits
        .take("aws.auth#sigv4")
        .and_then(|signing| signing.get("name"));
    let title = traits.take("smithy.api#title").and_then(Value::as_str);
    let document = text("docId").map_or_else(|| format!("{endpoint_prefix}-{version}"), str::to_owned);
    let mut metadata = json!({
        "apiVersion": version,
        "auth": ["aws.auth#sigv4"],
        "endpointPrefix": endpoint_prefix,
        "jsonVersion": json_version,
        "protocol": "json",
        "protocols": ["json"],
        "serviceFullName": title.unwrap_or(service_id),
        "serviceId": service_id,
        "signatureVersion": "v4",
        "targetPrefix": local(id),
        "uid": document,
    });
    if let Some(signing) = signing
        .and_then(Value::as_str)
        .filter(|name| *name != endpoint_prefix)
    {
        metadata["signingName"] = signing.into();
    }
    if traits.has("aws.protocols#awsQueryCompatible") {
        metadata["awsQueryCompatible"] = json!({});
    }
    // Operations inherit it.
    traits.take("smithy.api#auth");
    Some(metadata)
}

/// Collects the operations of a service and of its resources, by id.
fn operations<'a>(
    model: &'a Model,
    service: &'a Shape,
    problems: &Problems,
) -> BTreeMap<&'a String, &'a Shape> {
    let mut operations = BTreeMap::new();
    let mut open = vec![service];
    let mut seen: BTreeSet<&String> = BTreeSet::new();
    while let Some(owner) = open.pop() {
        let lifecycle = [
            &owner.create,
            &owner.put,
            &owner.read,
            &owner.update,
            &owner.delete,
            &owner.list,
        ];
        let own = owner.operations.iter().chain(&owner.collection_operations);
        for Reference { target } in own.chain(lifecycle.into_iter().flatten()) {
            match model.shape(target) {
                Some(shape) => drop(operations.insert(target, shape)),
                None => problems.add(target, "the model has no such operation"),
            }
        }
        for Reference { target } in &owner.resources {
            match model.shape(target) {
                Some(resource) if seen.insert(target) => open.push(resource),
                Some(_) => {}
                None => problems.add(target, "the model has no such resource"),
            }
        }
    }
    operations
}
