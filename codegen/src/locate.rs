//! Finds where in a file a problem is, and shows the place as a compiler would.
//!
//! Reading needs no positions, so it keeps none; a file is read once more when there is a problem to show.

use std::ops::Range;
use std::path::Path;

use annotate_snippets::{AnnotationKind, Level, Renderer, Snippet};
use jsonc_parser::ast;
use jsonc_parser::common::Ranged;
use jsonc_parser::{CollectOptions, ParseOptions, parse_to_ast};
use toml::de::{DeTable, DeValue};

use crate::model::Problem;

/// How deep below a shape the text is searched for what a problem quotes.
const QUOTED_WITHIN: usize = 6;

/// How many problems are shown: each is looked for in the whole file.
const SHOWN: usize = 50;

/// Shows each problem with its line of the file at `path`; one that cannot be found there is a line of its own.
pub(crate) fn show(path: &Path, problems: &[Problem]) -> String {
    let text = std::fs::read_to_string(path).unwrap_or_default();
    let is_toml = path.extension().is_some_and(|extension| extension == "toml");
    let root = if is_toml {
        read_toml(&text)
    } else {
        read_json(&text)
    };
    let shown = problems.iter().take(SHOWN).map(|problem| {
        let found = root.as_ref().and_then(|root| find(root, problem));
        let Some(found) = found else {
            return format!("\n  {problem}");
        };
        format!("\n{}", underline(path, &text, &problem.to_string(), &found))
    });
    let shown: String = shown.collect();
    match problems.len().saturating_sub(SHOWN) {
        0 => shown,
        more => format!("{shown}\n  and {more} more"),
    }
}

/// Shows where a text stops to be JSON.
pub(crate) fn show_syntax(path: &Path, error: &serde_json::Error) -> String {
    let text = std::fs::read_to_string(path).unwrap_or_default();
    let start = match error.line() {
        0 => return String::new(),
        line => text
            .split_inclusive('\n')
            .take(line - 1)
            .map(str::len)
            .sum::<usize>(),
    };
    let mut at = (start + error.column().saturating_sub(1)).min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    let width = text[at..].chars().next().map_or(0, char::len_utf8);
    let found = Found {
        span: at..at + width,
        pointer: String::new(),
    };
    format!("\n{}", underline(path, &text, "expected JSON", &found))
}

/// A place in a file.
struct Found {
    span: Range<usize>,
    /// The place as a JSON pointer (RFC 6901).
    pointer: String,
}

fn underline(path: &Path, text: &str, title: &str, found: &Found) -> String {
    let path = path.display().to_string();
    let (number, line, span) = line_around(text, &found.span);
    let annotation = AnnotationKind::Primary.span(span);
    let annotation = match found.pointer.is_empty() {
        true => annotation,
        false => annotation.label(format!("at {}", cut(&found.pointer, LABEL))),
    };
    let snippet = Snippet::source(line)
        .line_start(number)
        .path(path)
        .annotation(annotation);
    let group = Level::ERROR.primary_title(title.to_owned()).element(snippet);
    Renderer::plain().render(&[group])
}

/// How much of a line is shown on either side of a place: a model may be one line of some megabytes.
const AROUND: usize = 200;
/// How much of a pointer is shown.
const LABEL: usize = 400;

/// Returns the line in which a span begins, or a piece of it, with its number, and the span in it.
fn line_around<'t>(text: &'t str, span: &Range<usize>) -> (usize, &'t str, Range<usize>) {
    let before = &text[..span.start];
    let number = before.matches('\n').count() + 1;
    let first = before.rfind('\n').map_or(0, |at| at + 1);
    let last = text[span.start..]
        .find('\n')
        .map_or(text.len(), |at| span.start + at);
    let (mut start, mut end) = (first, last);
    if last - first > 2 * AROUND {
        start = start.max(span.start.saturating_sub(AROUND));
        end = end.min(span.start + AROUND);
    }
    while !text.is_char_boundary(start) {
        start += 1;
    }
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let end = end.max(span.start);
    (
        number,
        &text[start..end],
        span.start - start..span.end.min(end) - start,
    )
}

fn cut(text: &str, length: usize) -> String {
    text.chars().take(length).collect()
}

/// A value with the place where it stands.
struct Node {
    span: Range<usize>,
    kind: Kind,
}

enum Kind {
    Table(Vec<Entry>),
    List(Vec<Node>),
    Text(String),
    Other,
}

struct Entry {
    key: String,
    key_span: Range<usize>,
    value: Node,
}

fn read_json(text: &str) -> Option<Node> {
    let parsed = parse_to_ast(text, &CollectOptions::default(), &ParseOptions::default());
    Some(from_json(&parsed.ok()?.value?))
}

fn from_json(value: &ast::Value<'_>) -> Node {
    let span = |range: jsonc_parser::common::Range| range.start..range.end;
    let kind = match value {
        ast::Value::Object(object) => {
            let entries = object.properties.iter().map(|property| Entry {
                key: property.name.as_str().to_owned(),
                key_span: span(property.name.range()),
                value: from_json(&property.value),
            });
            Kind::Table(entries.collect())
        }
        ast::Value::Array(array) => Kind::List(array.elements.iter().map(from_json).collect()),
        ast::Value::StringLit(string) => Kind::Text(string.value.to_string()),
        _ => Kind::Other,
    };
    Node {
        span: span(value.range()),
        kind,
    }
}

fn read_toml(text: &str) -> Option<Node> {
    let table = DeTable::parse(text).ok()?;
    Some(Node {
        span: table.span(),
        kind: from_table(table.get_ref()),
    })
}

fn from_table(table: &DeTable<'_>) -> Kind {
    let entries = table.iter().map(|(key, value)| Entry {
        key: key.get_ref().to_string(),
        key_span: key.span(),
        value: from_toml(value),
    });
    Kind::Table(entries.collect())
}

fn from_toml(value: &toml::Spanned<DeValue<'_>>) -> Node {
    let kind = match value.get_ref() {
        DeValue::Table(table) => from_table(table),
        DeValue::Array(array) => Kind::List(array.iter().map(from_toml).collect()),
        DeValue::String(text) => Kind::Text(text.to_string()),
        _ => Kind::Other,
    };
    Node {
        span: value.span(),
        kind,
    }
}

/// Finds the place `service#Shape$member` of a problem, and in it the first thing that the problem quotes.
fn find(root: &Node, problem: &Problem) -> Option<Found> {
    let (_, place) = problem.place.split_once('#').unwrap_or_default();
    let mut names = place.split('$').filter(|name| !name.is_empty());
    let mut at = (root, String::new(), None);
    // Shapes, operations, paginators and waiters stand in groups, and so do members.
    if let Some(name) = names.next() {
        at = step(&at, name)?;
        for name in names {
            match step(&at, name) {
                Some(next) => at = next,
                None => break,
            }
        }
    }
    let (node, pointer, key_span) = at;
    let mut quoted = problem.what.split('`').skip(1).step_by(2);
    let within = std::iter::once(problem.what.as_str())
        .chain(&mut quoted)
        .find_map(|text| find_text(node, text, &pointer, QUOTED_WITHIN));
    within.or(key_span.map(|span| Found { span, pointer }))
}

type At<'a> = (&'a Node, String, Option<Range<usize>>);

/// Goes to the entry `name` of a table, or of one of the tables in it.
fn step<'a>((node, pointer, _): &At<'a>, name: &str) -> Option<At<'a>> {
    let direct = entries(node).find(|entry| entry.key == name);
    if let Some(entry) = direct {
        let at = format!("{pointer}/{}", escape(name));
        return Some((&entry.value, at, Some(entry.key_span.clone())));
    }
    entries(node).find_map(|group| {
        let entry = entries(&group.value).find(|entry| entry.key == name)?;
        let at = format!("{pointer}/{}/{}", escape(&group.key), escape(name));
        Some((&entry.value, at, Some(entry.key_span.clone())))
    })
}

/// Finds a key or a string; those that stand nearer come first.
fn find_text(node: &Node, text: &str, pointer: &str, depth: usize) -> Option<Found> {
    let depth = depth.checked_sub(1)?;
    if let Kind::Text(value) = &node.kind {
        return (value == text).then(|| Found {
            span: node.span.clone(),
            pointer: pointer.to_owned(),
        });
    }
    let key = entries(node).find(|entry| entry.key == text);
    if let Some(entry) = key {
        return Some(Found {
            span: entry.key_span.clone(),
            pointer: format!("{pointer}/{}", escape(text)),
        });
    }
    let below = |key: &str, value| find_text(value, text, &format!("{pointer}/{}", escape(key)), depth);
    match &node.kind {
        Kind::List(list) => {
            let mut list = list.iter().enumerate();
            list.find_map(|(at, value)| below(&at.to_string(), value))
        }
        _ => entries(node).find_map(|entry| below(&entry.key, &entry.value)),
    }
}

fn entries(node: &Node) -> std::slice::Iter<'_, Entry> {
    match &node.kind {
        Kind::Table(entries) => entries.iter(),
        _ => [].iter(),
    }
}

fn escape(key: &str) -> String {
    key.replace('~', "~0").replace('/', "~1")
}
