//! Shows requests and responses.

use awsjson_protocol::http::HeaderMap;
use comfy_table::{Table, presets};
use serde_json::{Map, Value};

/// Headers whose values are secrets.
const SECRET: [&str; 1] = ["x-amz-security-token"];

/// Writes headers line by line; what is secret stays hidden.
pub fn headers(headers: &HeaderMap, mut line: impl FnMut(String)) {
    for (name, value) in headers {
        let value = match SECRET.contains(&name.as_str()) {
            true => "<hidden>".to_owned(),
            false => String::from_utf8_lossy(value.as_bytes()).into_owned(),
        };
        line(format!("{name}: {value}"));
    }
}

/// Shows a body: as indented JSON, as a table, or as it is where it is no JSON.
pub fn body(body: &[u8], as_table: bool) -> String {
    if body.is_empty() {
        return "{}".to_owned();
    }
    match serde_json::from_slice::<Value>(body) {
        Ok(value) if as_table => table(&value),
        Ok(value) => format!("{value:#}"),
        Err(_) => String::from_utf8_lossy(body).into_owned(),
    }
}

/// Shows an object as a table of its members; each list of objects becomes a table of its own.
fn table(value: &Value) -> String {
    let Value::Object(members) = value else {
        return value.to_string();
    };
    let mut tables = Vec::new();
    let mut plain = Vec::new();
    for (name, value) in members {
        match rows(value) {
            Some(rows) => tables.push(format!("{name}\n{}", list(&rows))),
            None => plain.push((name, value)),
        }
    }
    if !plain.is_empty() {
        let mut table = new_table();
        for (name, value) in plain {
            table.add_row([name.clone(), cell(Some(value))]);
        }
        tables.insert(0, table.to_string());
    }
    match tables.is_empty() {
        true => "(nothing)".to_owned(),
        false => tables.join("\n\n"),
    }
}

/// Returns the objects of a list that holds nothing else.
fn rows(value: &Value) -> Option<Vec<&Map<String, Value>>> {
    let entries = value.as_array()?;
    let rows: Vec<_> = entries.iter().filter_map(Value::as_object).collect();
    (!rows.is_empty() && rows.len() == entries.len()).then_some(rows)
}

fn list(rows: &[&Map<String, Value>]) -> String {
    let mut columns: Vec<&String> = rows.iter().flat_map(|row| row.keys()).collect();
    columns.sort();
    columns.dedup();
    let mut table = new_table();
    table.set_header(&columns);
    for row in rows {
        table.add_row(columns.iter().map(|column| cell(row.get(*column))));
    }
    table.to_string()
}

fn cell(value: Option<&Value>) -> String {
    match value {
        None => String::new(),
        Some(Value::String(text)) => text.clone(),
        Some(value) => value.to_string(),
    }
}

fn new_table() -> Table {
    let mut table = Table::new();
    table.load_preset(presets::UTF8_FULL_CONDENSED);
    table
}
