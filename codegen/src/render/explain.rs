//! An operation in words, for a terminal: what to write, what goes over the wire, what can go wrong.

use std::fmt::Write;

use serde_json::{Map, Value};

use super::docs;
use super::types::Scope;
use crate::ir::{Member, Operation, Presence, Service, Structure, Type};
use crate::model::JsonVersion;

/// Explains an operation.
pub fn explain(service: &Service, operation: &Operation) -> String {
    let mut text = String::new();
    let name = &operation.wire_name;
    let summary = operation.request.docs.summary.clone();
    let summary = summary.unwrap_or_else(|| format!("The operation `{name}` of {}.", service.full_name));
    let crate_name = format!("awsjson_{}", service.folder.replace('-', "_"));
    let _ = writeln!(text, "{name}: {summary}");
    section(&mut text, "In Rust", &rust(&crate_name, operation));
    section(&mut text, "Takes", &members(&operation.request));
    let output = match (&operation.output, &operation.events) {
        (_, Some(events)) => vec![format!("a stream of `{events}`")],
        (Some(output), None) => members(output),
        (None, None) => vec!["nothing".to_owned()],
    };
    section(&mut text, "Returns", &output);
    let rules = operation
        .constraints
        .iter()
        .map(|rule| without_links(&docs::constraint(rule)));
    section(
        &mut text,
        "Rules, checked before anything is sent",
        &rules.collect::<Vec<_>>(),
    );
    section(&mut text, "On the wire", &wire(service, operation));
    let exceptions = operation
        .exceptions
        .iter()
        .map(|exception| exception.code.clone());
    section(&mut text, "Exceptions", &exceptions.collect::<Vec<_>>());
    section(&mut text, "Reference", std::slice::from_ref(&operation.reference));
    // What a model says shall not steer a terminal.
    text.replace(|c: char| c.is_control() && c != '\n', " ")
}

/// Takes the targets of links to fields out of a sentence for rustdoc.
fn without_links(sentence: &str) -> String {
    let mut parts = sentence.split("](#structfield.");
    let mut plain = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        plain.push_str(part.split_once(')').map_or("", |(_, rest)| rest));
    }
    plain.replace("[`", "`")
}

fn section(text: &mut String, title: &str, lines: &[String]) {
    if !lines.is_empty() {
        let _ = writeln!(text, "\n{title}");
        for line in lines.iter().flat_map(|line| line.lines()) {
            let _ = writeln!(text, "  {line}");
        }
    }
}

/// Writes a call with every required member.
fn rust(crate_name: &str, operation: &Operation) -> Vec<String> {
    let request = &operation.request;
    let arguments = request.required_members().map(|member| member.name.clone());
    let arguments = arguments.collect::<Vec<_>>().join(", ");
    let mut lines = vec![
        format!("use {crate_name}::{{Client, {}}};", request.name),
        "let client = Client::from_env().await?;".to_owned(),
        format!(
            "let output = client.send({}::new({arguments})).await?;",
            request.name
        ),
    ];
    if operation.paginator.is_some() {
        lines.push(format!(
            "let pages = client.pages({}::new({arguments}));",
            request.name
        ));
    }
    lines
}

fn members(structure: &Structure) -> Vec<String> {
    let scope = Scope::in_types(structure);
    let member = |member: &Member| {
        let facts = docs::member(member).into_iter().next().unwrap_or_default();
        format!(
            "{}: {}, {facts}",
            member.name,
            scope.ty(&member.ty).to_string().replace(' ', "")
        )
    };
    structure.members.iter().map(member).collect()
}

fn wire(service: &Service, operation: &Operation) -> Vec<String> {
    let version = match service.json_version {
        JsonVersion::V1_0 => "1.0",
        JsonVersion::V1_1 => "1.1",
    };
    let required = operation
        .request
        .members
        .iter()
        .filter(|member| member.presence == Presence::Required);
    let body: Map<String, Value> = required
        .map(|member| (member.wire_name.clone(), sample(&member.ty)))
        .collect();
    vec![
        "POST /".to_owned(),
        format!("Content-Type: application/x-amz-json-{version}"),
        format!("X-Amz-Target: {}", operation.target),
        Value::from(body).to_string(),
    ]
}

/// Makes up a value in wire form.
fn sample(ty: &Type) -> Value {
    match ty {
        Type::Boolean => true.into(),
        Type::Integer | Type::Long | Type::Float | Type::Double | Type::Timestamp(_) => 1.into(),
        Type::List(entry) => vec![sample(entry)].into(),
        Type::Map(_, value) => Value::from_iter([("key", sample(value))]),
        Type::Structure(_) | Type::Document => Map::new().into(),
        Type::Nullable(inner) => sample(inner),
        Type::String | Type::Blob | Type::Enumeration(_) => "...".into(),
    }
}
