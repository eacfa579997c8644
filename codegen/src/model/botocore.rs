//! Reads the model format of botocore, `service-2.json`.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::endpoints::Literal;

use super::object::{Object, Problem, Problems};
use super::references;
use super::{
    About, Auth, Bounds, Deprecation, ExceptionTraits, Fault, JsonVersion, Member, Model, Operation,
    QueryCompatibility, Retry, ServiceTraits, Shape, ShapeKind, Structure, TimestampFormat,
};

/// Traits that change nothing in an awsJson client, by where they stand. Each is a decision: a trait that is
/// neither read below nor listed here fails generation.
mod harmless {
    /// Names, prose, other protocols.
    pub const METADATA: &[&str] = &[
        "apiVersion",
        "auth",
        "protocol",
        "protocolSettings",
        "protocols",
        "ripServiceName",
        "serviceAbbreviation",
        "signatureVersion",
        "xmlNamespace",
    ];
    /// Endpoint parameters, and the format's own version.
    pub const SERVICE: &[&str] = &["clientContextParams", "examples", "version"];
    /// Hints to tools, and endpoint discovery, which is optional wherever it stands.
    pub const OPERATION: &[&str] = &[
        "deprecatedMessage",
        "documentationUrl",
        "endpointdiscovery",
        "endpointoperation",
        "idempotent",
        "name",
        "readonly",
    ];
    /// Marks of the older XML protocols.
    pub const REFERENCE: &[&str] = &["documentation", "exception", "fault", "resultWrapper", "shape"];
    /// Marks of the older XML protocols and of other SDKs' nullability rules.
    pub const SHAPE: &[&str] = &[
        "box",
        "deprecatedMessage",
        "flattened",
        "locationName",
        "synthetic",
        "wrapper",
        "xmlOrder",
    ];
    /// The same for members; a `jsonvalue` is a string that happens to hold JSON.
    pub const MEMBER: &[&str] = &[
        "box",
        "deprecatedMessage",
        "flattened",
        "jsonvalue",
        "locationName",
        "xmlNamespace",
    ];
}

/// Reads a model; `service` is the name that problems start with.
///
/// # Errors
///
/// Returns every problem that was found, not only the first.
pub fn read(service: &str, json: &Value) -> Result<Model, Vec<Problem>> {
    let problems = Problems::default();
    let model = read_service(service, json, &problems);
    let problems = problems.into_sorted();
    match model {
        Some(model) if problems.is_empty() => Ok(model),
        _ => Err(problems),
    }
}

fn read_service(service: &str, json: &Value, problems: &Problems) -> Option<Model> {
    let root = Object::new(service.to_owned(), json, problems)?;
    let Some(metadata) = root.object("metadata") else {
        root.problem("`metadata` is missing: this is no service model");
        return None;
    };
    let traits = read_metadata(metadata, root.string("documentation"));
    let shapes: BTreeMap<String, Shape> = root
        .entries("shapes")
        .into_iter()
        .filter_map(|(name, value)| {
            let object = Object::new(format!("{service}#{name}"), value, problems)?;
            Some((name.to_owned(), read_shape(name, object, problems)?))
        })
        .collect();
    let operations = root
        .entries("operations")
        .into_iter()
        .filter_map(|(name, value)| {
            let object = Object::new(format!("{service}#{name}"), value, problems)?;
            Some((name.to_owned(), read_operation(name, object)))
        })
        .collect();
    root.finish(harmless::SERVICE);
    let model = Model {
        service: traits,
        operations,
        shapes,
        paginators: BTreeMap::new(),
        waiters: BTreeMap::new(),
    };
    references::check(service, &model, problems);
    Some(model)
}

fn read_metadata(metadata: Object<'_>, documentation: Option<String>) -> ServiceTraits {
    let endpoint_prefix = metadata.required_string("endpointPrefix");
    let protocols = metadata.strings("protocols");
    if metadata.string("protocol").as_deref() != Some("json") && !protocols.iter().any(|p| p == "json") {
        metadata.problem("the service does not speak awsJson (`protocol` is not `json`)");
    }
    let json_version = match metadata.required_string("jsonVersion").as_str() {
        "1.0" => JsonVersion::V1_0,
        "1.1" | "" => JsonVersion::V1_1,
        other => {
            metadata.problem(format!("`jsonVersion` {other} is not 1.0 or 1.1"));
            JsonVersion::V1_1
        }
    };
    let traits = ServiceTraits {
        service_id: metadata.required_string("serviceId"),
        full_name: metadata.required_string("serviceFullName"),
        uid: metadata.string("uid").unwrap_or_default(),
        signing_name: metadata
            .string("signingName")
            .unwrap_or_else(|| endpoint_prefix.clone()),
        endpoint_prefix,
        target_prefix: metadata.required_string("targetPrefix"),
        json_version,
        query_compatibility: match metadata.get("awsQueryCompatible") {
            Some(_) => QueryCompatibility::AwsQuery,
            None => QueryCompatibility::None,
        },
        documentation,
    };
    // They stand in headers and signatures.
    for (key, value) in [
        ("endpointPrefix", &traits.endpoint_prefix),
        ("signingName", &traits.signing_name),
        ("targetPrefix", &traits.target_prefix),
    ] {
        if !value.chars().all(|c| c.is_ascii_graphic()) {
            metadata.problem(format!("`{key}` holds what is no visible ASCII character"));
        }
    }
    metadata.finish(harmless::METADATA);
    traits
}

fn read_operation(name: &str, object: Object<'_>) -> Operation {
    // It stands in a header.
    let is_plain = |c: char| c.is_ascii_alphanumeric() || c == '_';
    if !name.starts_with(is_plain) || !name.chars().all(is_plain) {
        object.problem("the name of an operation is made of letters, digits and `_`");
    }
    if let Some(http) = object.object("http") {
        if http.string("method").as_deref() != Some("POST")
            || http.string("requestUri").as_deref() != Some("/")
        {
            http.problem("awsJson operations are `POST /`");
        }
        http.finish(&["responseCode"]);
    }
    let auth = match object.string("authtype").as_deref() {
        Some("none") => Auth::None,
        None | Some("v4") => Auth::SigV4,
        Some(other) => {
            object.problem(format!("`authtype` {other} is not implemented"));
            Auth::SigV4
        }
    };
    for scheme in object.strings("auth") {
        if !matches!(scheme.as_str(), "aws.auth#sigv4" | "smithy.api#noAuth") {
            object.problem(format!("`auth` {scheme} is not implemented"));
        }
    }
    let host_prefix = object.object("endpoint").and_then(|endpoint| {
        let prefix = endpoint.string("hostPrefix");
        endpoint.finish(&[]);
        prefix
    });
    let encodings = object.object("requestcompression").map(|compression| {
        let encodings = compression.strings("encodings");
        compression.finish(&[]);
        encodings
    });
    let operation = Operation {
        input: read_reference(&object, "input"),
        output: read_reference(&object, "output"),
        errors: read_errors(&object),
        auth,
        host_prefix,
        static_context: read_static_context(&object),
        context_paths: read_context_paths(&object),
        gzip: encodings.is_some_and(|encodings| encodings.iter().any(|e| e == "gzip")),
        about: read_about(&object),
    };
    object.finish(harmless::OPERATION);
    operation
}

fn read_static_context(object: &Object<'_>) -> BTreeMap<String, Literal> {
    let parameters = object.entries("staticContextParams").into_iter();
    parameters
        .filter_map(|(name, parameter)| match parameter.get("value") {
            Some(Value::String(text)) => Some((name.to_owned(), Literal::String(text.clone()))),
            Some(Value::Bool(value)) => Some((name.to_owned(), Literal::Boolean(*value))),
            _ => {
                object.problem(format!(
                    "static context parameter {name} is no string and no boolean"
                ));
                None
            }
        })
        .collect()
}

fn read_context_paths(object: &Object<'_>) -> BTreeMap<String, String> {
    let parameters = object.entries("operationContextParams").into_iter();
    parameters
        .filter_map(|(name, parameter)| match parameter.get("path") {
            Some(Value::String(path)) => Some((name.to_owned(), path.clone())),
            _ => {
                object.problem(format!("operation context parameter {name} has no path"));
                None
            }
        })
        .collect()
}

fn read_context_param(object: &Object<'_>) -> Option<String> {
    let parameter = object.object("contextParam")?;
    let name = parameter.required_string("name");
    parameter.finish(&[]);
    Some(name)
}

fn read_reference(object: &Object<'_>, key: &str) -> Option<String> {
    let reference = object.object(key)?;
    let shape = reference.required_string("shape");
    reference.finish(harmless::REFERENCE);
    Some(shape)
}

fn read_errors(object: &Object<'_>) -> Vec<String> {
    match object.get("errors") {
        Some(Value::Array(errors)) => errors
            .iter()
            .filter_map(|error| error.get("shape")?.as_str().map(str::to_owned))
            .collect(),
        Some(_) => {
            object.problem("`errors` is no array");
            Vec::new()
        }
        None => Vec::new(),
    }
}

fn read_about(object: &Object<'_>) -> About {
    let since = object.string("deprecatedSince");
    About {
        documentation: object.string("documentation"),
        deprecated: object.flag("deprecated").then_some(Deprecation { since }),
    }
}

fn read_shape(name: &str, object: Object<'_>, problems: &Problems) -> Option<Shape> {
    let kind = match object.required_string("type").as_str() {
        "structure" => read_structure_kind(name, &object, problems),
        "string" => read_string(&object),
        "boolean" => ShapeKind::Boolean,
        "integer" => ShapeKind::Integer(read_bounds(&object)),
        "long" => ShapeKind::Long(read_bounds(&object)),
        "float" => ShapeKind::Float(read_bounds(&object)),
        "double" => ShapeKind::Double(read_bounds(&object)),
        "timestamp" => ShapeKind::Timestamp(read_timestamp_format(&object)),
        "blob" => ShapeKind::Blob(read_bounds(&object)),
        "list" => ShapeKind::List {
            member: read_member_shape(&object, "member"),
            sparse: object.flag("sparse"),
            length: read_bounds(&object),
        },
        "map" => ShapeKind::Map {
            key: read_member_shape(&object, "key"),
            value: read_member_shape(&object, "value"),
            sparse: object.flag("sparse"),
            length: read_bounds(&object),
        },
        other => {
            object.problem(format!("shape type `{other}` is not implemented"));
            return None;
        }
    };
    let shape = Shape {
        kind,
        sensitive: object.flag("sensitive"),
        about: read_about(&object),
    };
    object.finish(harmless::SHAPE);
    Some(shape)
}

fn read_structure_kind(name: &str, object: &Object<'_>, problems: &Problems) -> ShapeKind {
    let required = object.strings("required");
    let members: Vec<Member> = object
        .entries("members")
        .into_iter()
        .filter_map(|(name, value)| {
            let member = Object::new(format!("{}${name}", object.place), value, problems)?;
            Some(read_member(name, member))
        })
        .collect();
    let names: BTreeSet<&str> = members.iter().map(|member| member.name.as_str()).collect();
    let mut seen = BTreeSet::new();
    for name in &required {
        if !seen.insert(name.as_str()) {
            object.problem(format!("required member `{name}` is listed twice"));
        }
        if !names.contains(name.as_str()) {
            object.problem(format!("required member `{name}` does not exist"));
        }
    }
    let structure = Structure { members, required };
    // An event is a structure like any other; what makes it one is the stream that lists it.
    object.flag("event");
    if object.flag("document") {
        ShapeKind::Document
    } else if object.flag("exception") {
        ShapeKind::Exception(structure, read_exception(name, object))
    } else if object.flag("eventstream") {
        ShapeKind::EventStream(structure)
    } else if object.flag("union") {
        ShapeKind::Union(structure)
    } else {
        ShapeKind::Structure(structure)
    }
}

fn read_member(name: &str, object: Object<'_>) -> Member {
    let member = Member {
        name: name.to_owned(),
        shape: object.required_string("shape"),
        idempotency_token: object.flag("idempotencyToken"),
        host_label: object.flag("hostLabel"),
        context_param: read_context_param(&object),
        about: read_about(&object),
    };
    object.finish(harmless::MEMBER);
    member
}

fn read_exception(name: &str, object: &Object<'_>) -> ExceptionTraits {
    let error = object.object("error");
    let text = |key| error.as_ref().and_then(|error| error.string(key));
    let status = error.as_ref().and_then(|error| error.number("httpStatusCode"));
    let retry = match object.object("retryable") {
        Some(retryable) => match retryable.flag("throttling") {
            true => Retry::Throttling,
            false => Retry::Transient,
        },
        None => Retry::Unspecified,
    };
    let traits = ExceptionTraits {
        query_code: text("code").filter(|code| code != name),
        status: status.and_then(|status| status.parse().ok()),
        fault: match object.flag("fault") {
            true => Fault::Server,
            false => Fault::Client,
        },
        retry,
    };
    if let Some(error) = error {
        error.finish(&["fault", "senderFault"]);
    }
    traits
}

fn read_string(object: &Object<'_>) -> ShapeKind {
    let length = read_bounds(object);
    let pattern = object.string("pattern");
    let values = object.strings("enum");
    if values.is_empty() {
        return ShapeKind::String { length, pattern };
    }
    ShapeKind::Enum(values)
}

fn read_bounds(object: &Object<'_>) -> Bounds {
    Bounds {
        min: object.number("min"),
        max: object.number("max"),
    }
}

fn read_timestamp_format(object: &Object<'_>) -> TimestampFormat {
    match object.string("timestampFormat").as_deref() {
        None | Some("unixTimestamp") => TimestampFormat::EpochSeconds,
        Some("iso8601") => TimestampFormat::Iso8601,
        Some("rfc822") => TimestampFormat::HttpDate,
        Some(other) => {
            object.problem(format!("`timestampFormat` {other} is not implemented"));
            TimestampFormat::EpochSeconds
        }
    }
}

fn read_member_shape(object: &Object<'_>, key: &str) -> String {
    let Some(member) = object.object(key) else {
        object.problem(format!("`{key}` is missing"));
        return String::new();
    };
    let shape = member.required_string("shape");
    member.finish(&["documentation", "jsonvalue", "locationName"]);
    shape
}
