//! Takes code apart where links stand in it: Markdown has links around code only.

use super::tag::Inline;
use super::tree::Node;

/// A run of code with one link, or with none.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Part<'a> {
    pub(super) text: String,
    pub(super) href: Option<&'a str>,
}

/// Takes the content of code apart; other markup in it is dropped.
pub(super) fn parts(nodes: &[Node]) -> Vec<Part<'_>> {
    let mut parts = Vec::new();
    add_parts(nodes, None, &mut parts);
    parts
}

fn add_parts<'a>(nodes: &'a [Node], href: Option<&'a str>, parts: &mut Vec<Part<'a>>) {
    for node in nodes {
        match node {
            Node::Text(text) => add_text(text, href, parts),
            Node::Break => add_text("\n", href, parts),
            Node::Inline(Inline::Link(Some(inner)), children) => add_parts(children, Some(inner), parts),
            Node::Inline(_, children) | Node::Block(_, children) => add_parts(children, href, parts),
        }
    }
}

fn add_text<'a>(text: &str, href: Option<&'a str>, parts: &mut Vec<Part<'a>>) {
    match parts.last_mut().filter(|part| part.href == href) {
        Some(part) => part.text.push_str(text),
        None => parts.push(Part {
            text: text.to_owned(),
            href,
        }),
    }
}
