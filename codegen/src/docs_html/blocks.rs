//! Writes blocks as lines.

use super::escape::{escape_line_start, longest_run_of_backticks};
use super::inline::words;
use super::tag::{Block, Inline};
use super::tree::{Node, text_of};

/// The fewest columns that text is squeezed into, however deep it stands.
const MIN_COLUMNS: usize = 40;

/// Writes nodes as lines of up to `columns`, with a blank line between blocks.
pub(super) fn lines(nodes: Vec<Node>, columns: usize) -> Vec<String> {
    let mut out = Vec::new();
    let mut paragraph = Vec::new();
    let mut before = None;
    for node in nodes {
        let (block, children) = match node {
            Node::Block(block, children) => (Some(block), children),
            Node::Break => (None, Vec::new()),
            inline => {
                paragraph.push(inline);
                continue;
            }
        };
        if add_block(&mut out, wrap(&std::mem::take(&mut paragraph), columns)) {
            before = None;
        }
        let Some(block) = block else {
            continue;
        };
        let marker = Marker::behind(block, before);
        if add_block(&mut out, block_lines(block, children, marker, columns)) {
            before = Some((block, marker));
        }
    }
    add_block(&mut out, wrap(&paragraph, columns));
    out
}

/// How a list's items are marked. Two lists in a row differ, for otherwise they would be one.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Marker {
    First,
    Other,
}

impl Marker {
    fn behind(block: Block, before: Option<(Block, Marker)>) -> Self {
        // A definition list is written as bullets.
        let is_bullets = |block| matches!(block, Block::Bullets | Block::Definitions | Block::Table);
        match before {
            Some((other, Self::First)) if other == block || (is_bullets(other) && is_bullets(block)) => {
                Self::Other
            }
            _ => Self::First,
        }
    }

    fn bullet(self) -> &'static str {
        match self {
            Self::First => "- ",
            Self::Other => "* ",
        }
    }

    fn delimiter(self) -> char {
        match self {
            Self::First => '.',
            Self::Other => ')',
        }
    }
}

fn add_block(out: &mut Vec<String>, block: Vec<String>) -> bool {
    if block.is_empty() {
        return false;
    }
    if !out.is_empty() {
        out.push(String::new());
    }
    out.extend(block);
    true
}

fn block_lines(block: Block, children: Vec<Node>, marker: Marker, columns: usize) -> Vec<String> {
    match block {
        Block::Heading => wrap(&[Node::Inline(Inline::Strong, children)], columns),
        Block::Preformatted => fenced(&text_of(&children)),
        Block::Bullets | Block::Numbers => list(block, items(children), marker, columns),
        Block::Item => list(Block::Bullets, vec![children], Marker::First, columns),
        Block::Definitions => list(Block::Bullets, definitions(children), marker, columns),
        Block::Term => wrap(&[Node::Inline(Inline::Strong, children)], columns),
        Block::Note(label) => {
            let label = vec![Node::Inline(Inline::Strong, vec![Node::Text(label.to_owned())])];
            prefixed(lines(labelled(label, children), narrower(columns, 2)), "> ", "> ")
        }
        Block::Table => list(Block::Bullets, rows(children), marker, columns),
        Block::Row => wrap(&cells(children), columns),
        Block::Paragraph | Block::Definition | Block::Cell | Block::Section => lines(children, columns),
    }
}

fn list(block: Block, items: Vec<Vec<Node>>, marker: Marker, columns: usize) -> Vec<String> {
    let mut written: Vec<Vec<String>> = Vec::new();
    for item in items {
        let prefix = match block {
            Block::Numbers => format!("{}{} ", written.len() + 1, marker.delimiter()),
            _ => marker.bullet().to_owned(),
        };
        let content = lines(item, narrower(columns, prefix.len()));
        if !content.is_empty() {
            written.push(prefixed(content, &prefix, &" ".repeat(prefix.len())));
        }
    }
    let is_loose = written.iter().flatten().any(String::is_empty);
    let separator: &[String] = match is_loose {
        true => &[String::new()],
        false => &[],
    };
    written.join(separator)
}

/// Returns what each item of a list holds; what stands between items is an item.
fn items(children: Vec<Node>) -> Vec<Vec<Node>> {
    children
        .into_iter()
        .map(|child| match child {
            Node::Block(Block::Item, content) => content,
            other => vec![other],
        })
        .collect()
}

/// Returns the items of a definition list: the term, then what it means.
fn definitions(children: Vec<Node>) -> Vec<Vec<Node>> {
    let mut entries: Vec<(Vec<Node>, Vec<Node>)> = Vec::new();
    for child in children {
        match (child, entries.last_mut()) {
            (Node::Block(Block::Term, term), _) => entries.push((term, Vec::new())),
            (Node::Block(Block::Definition, meaning), Some((_, body))) => body.extend(meaning),
            (other, Some((_, body))) => body.push(other),
            (other, None) => entries.push((Vec::new(), vec![other])),
        }
    }
    entries
        .into_iter()
        .map(|(term, body)| definition(term, body))
        .collect()
}

fn definition(mut term: Vec<Node>, body: Vec<Node>) -> Vec<Node> {
    let has_body = !text_of(&body).trim().is_empty();
    let text = text_of(&term);
    match text.trim() {
        "" => return body,
        name if has_body && !name.ends_with(':') => term.push(Node::Text(":".to_owned())),
        _ => {}
    }
    labelled(vec![Node::Inline(Inline::Strong, term)], body)
}

/// Returns the items of a table: one for each row.
fn rows(children: Vec<Node>) -> Vec<Vec<Node>> {
    let mut items = Vec::new();
    for child in children {
        match child {
            Node::Block(Block::Row, row) => items.push(cells(row)),
            // A table's head and body.
            Node::Block(Block::Section, inner) => items.extend(rows(inner)),
            other => items.push(vec![other]),
        }
    }
    items
}

/// Returns the cells of a row as text, with dashes between them.
fn cells(row: Vec<Node>) -> Vec<Node> {
    let mut text = Vec::new();
    for node in row {
        match node {
            Node::Block(Block::Cell, content) => {
                if !text_of(&text).trim().is_empty() {
                    text.push(Node::Text(" – ".to_owned()));
                }
                // What is plain may hold blocks, which then lose their structure: a row is one paragraph.
                text.push(Node::Inline(Inline::Plain, content));
            }
            between => text.push(between),
        }
    }
    text
}

/// Puts a label before the first paragraph.
fn labelled(mut label: Vec<Node>, body: Vec<Node>) -> Vec<Node> {
    let is_blank = |node: &Node| matches!(node, Node::Text(text) if text.trim().is_empty());
    let mut body = body.into_iter().skip_while(is_blank).peekable();
    label.push(Node::Text(" ".to_owned()));
    match body.peek() {
        Some(Node::Block(Block::Paragraph, _)) => {
            if let Some(Node::Block(_, text)) = body.next() {
                label.extend(text);
            }
            std::iter::once(Node::Block(Block::Paragraph, label))
                .chain(body)
                .collect()
        }
        Some(Node::Block(..)) | None => std::iter::once(Node::Block(Block::Paragraph, label))
            .chain(body)
            .collect(),
        Some(_) => label.into_iter().chain(body).collect(),
    }
}

/// Writes preformatted text. The fence names a language, for rustdoc would test code that has none.
fn fenced(text: &str) -> Vec<String> {
    let mut lines: Vec<&str> = text.lines().map(str::trim_end).collect();
    while lines.last().is_some_and(|line| line.is_empty()) {
        lines.pop();
    }
    let first = lines.iter().position(|line| !line.is_empty());
    let Some(lines) = first.and_then(|first| lines.get(first..)) else {
        return Vec::new();
    };
    let fence = "`".repeat(longest_run_of_backticks(text).max(2) + 1);
    let inner = lines.iter().map(|&line| line.to_owned());
    std::iter::once(format!("{fence}text"))
        .chain(inner)
        .chain([fence.clone()])
        .collect()
}

/// Writes text as lines of up to `columns`, unless a word is longer.
fn wrap(nodes: &[Node], columns: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    let mut width = 0;
    for word in words(nodes) {
        let length = word.chars().count();
        match lines.last_mut() {
            Some(line) if width + 1 + length <= columns => {
                line.push(' ');
                line.push_str(&word);
                width += 1 + length;
            }
            _ => {
                let word = escape_line_start(&word);
                width = word.chars().count();
                lines.push(word);
            }
        }
    }
    lines
}

fn narrower(columns: usize, by: usize) -> usize {
    columns.saturating_sub(by).max(MIN_COLUMNS)
}

/// Puts `first` before the first line and `other` before the others, without trailing spaces.
fn prefixed(lines: Vec<String>, first: &str, other: &str) -> Vec<String> {
    let prefixes = std::iter::once(first).chain(std::iter::repeat(other));
    let lines = prefixes.zip(lines);
    lines
        .map(|(prefix, line)| format!("{prefix}{line}").trim_end().to_owned())
        .collect()
}
