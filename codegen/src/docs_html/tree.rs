//! Builds a tree of the elements, with the ends that authors left out.

use std::collections::BTreeSet;

use html5gum::emitters::default::DefaultEmitter;
use html5gum::{StartTag, Token, Tokenizer};

use super::tag::{Block, Inline, Tag};

/// How deep elements may nest; the tags of deeper ones are dropped. Real documentation nests up to ten.
const MAX_DEPTH: usize = 40;

/// A part of the documentation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Node {
    Text(String),
    Break,
    Inline(Inline, Vec<Node>),
    Block(Block, Vec<Node>),
}

impl Node {
    /// Adds the text, without its markup, to `text`.
    pub(super) fn add_text(&self, text: &mut String) {
        match self {
            Self::Text(own) => text.push_str(own),
            Self::Break => text.push('\n'),
            Self::Inline(_, children) => children.iter().for_each(|child| child.add_text(text)),
            Self::Block(_, children) => {
                children.iter().for_each(|child| child.add_text(text));
                text.push('\n');
            }
        }
    }
}

/// Returns the text of nodes, without its markup.
pub(super) fn text_of(nodes: &[Node]) -> String {
    let mut text = String::new();
    nodes.iter().for_each(|node| node.add_text(&mut text));
    text
}

/// Reads HTML; nothing is an error.
pub(super) fn parse(html: &str) -> Vec<Node> {
    let tokens: Vec<Token<usize>> = Tokenizer::new_with_emitter(html, DefaultEmitter::new_with_span())
        .map(|token| match token {
            Ok(token) => token,
            Err(never) => match never {},
        })
        .collect();
    let mut builder = Builder::new(&tokens);
    for token in &tokens {
        match token {
            Token::StartTag(tag) => builder.start(html, tag),
            Token::EndTag(tag) => builder.end(&String::from_utf8_lossy(&tag.name)),
            Token::String(text) => builder.text(&String::from_utf8_lossy(text)),
            Token::Comment(_) | Token::Doctype(_) | Token::Error(_) => {}
        }
    }
    builder.finish()
}

/// An element that has begun.
struct Open {
    name: String,
    kind: Kind,
    children: Vec<Node>,
}

enum Kind {
    Block(Block),
    Inline(Inline),
}

struct Builder {
    /// The first one is the document.
    open: Vec<Open>,
    /// The names of all elements that end somewhere.
    ended: BTreeSet<String>,
}

impl Builder {
    fn new(tokens: &[Token<usize>]) -> Self {
        let ends = tokens.iter().filter_map(|token| match token {
            Token::EndTag(tag) => Some(String::from_utf8_lossy(&tag.name).into_owned()),
            _ => None,
        });
        Self {
            open: vec![Open {
                name: String::new(),
                kind: Kind::Block(Block::Section),
                children: Vec::new(),
            }],
            ended: ends.collect(),
        }
    }

    fn start(&mut self, html: &str, tag: &StartTag<usize>) {
        let name = String::from_utf8_lossy(&tag.name).into_owned();
        let attribute = |wanted: &str| {
            let value = tag.attributes.get(wanted.as_bytes())?;
            Some(String::from_utf8_lossy(value).into_owned())
        };
        match Tag::of(&name, attribute) {
            Tag::Break => self.add(Node::Break),
            Tag::Block(block) => self.start_block(name, block),
            Tag::Inline(inline) => self.start_inline(name, inline),
            // An element that ends is markup that nobody knows; one that does not is a placeholder.
            Tag::Unknown if self.ended.contains(&name) => {}
            Tag::Unknown => match html.get(tag.span.start..tag.span.end) {
                Some(written) => self.text(written),
                None => self.text(&format!("<{name}>")),
            },
        }
    }

    fn start_block(&mut self, name: String, block: Block) {
        if self
            .open
            .iter()
            .any(|open| matches!(open.kind, Kind::Block(Block::Preformatted)))
        {
            return;
        }
        self.close_inlines();
        while matches!(self.innermost(), Some(Kind::Block(block)) if block.holds_text()) {
            self.close();
        }
        self.close_sibling(block);
        self.push(name, Kind::Block(block));
    }

    fn start_inline(&mut self, name: String, inline: Inline) {
        // Links do not nest: the next one ends the one before.
        if matches!(inline, Inline::Link(_)) {
            self.end(&name);
        }
        self.push(name, Kind::Inline(inline));
    }

    fn push(&mut self, name: String, kind: Kind) {
        if self.open.len() < MAX_DEPTH {
            self.open.push(Open {
                name,
                kind,
                children: Vec::new(),
            });
        }
    }

    fn end(&mut self, name: &str) {
        for at in (1..self.open.len()).rev() {
            let open = &self.open[at];
            if open.name == name {
                self.close_down_to(at);
                return;
            }
            // An inline element's end does not reach out of the block that it stands in.
            let is_block = matches!(open.kind, Kind::Block(_));
            if is_block && !matches!(Tag::of(name, |_| None), Tag::Block(_)) {
                return;
            }
        }
    }

    fn text(&mut self, text: &str) {
        let text = clean(text);
        let children = self.open.last_mut().map(|open| &mut open.children);
        match children.and_then(|children| children.last_mut()) {
            Some(Node::Text(before)) => before.push_str(&text),
            _ => self.add(Node::Text(text)),
        }
    }

    fn add(&mut self, node: Node) {
        if let Some(open) = self.open.last_mut() {
            open.children.push(node);
        }
    }

    fn innermost(&self) -> Option<&Kind> {
        self.open.last().map(|open| &open.kind)
    }

    fn close_inlines(&mut self) {
        while matches!(self.innermost(), Some(Kind::Inline(_))) {
            self.close();
        }
    }

    /// Closes the block before `next` whose end was left out.
    fn close_sibling(&mut self, next: Block) {
        for at in (1..self.open.len()).rev() {
            match self.open[at].kind {
                Kind::Block(block) if block.ends_before(next) => return self.close_down_to(at),
                Kind::Block(block) if block.is_boundary() => return,
                _ => {}
            }
        }
    }

    fn close_down_to(&mut self, at: usize) {
        while self.open.len() > at.max(1) {
            self.close();
        }
    }

    /// Closes the innermost element; one that is empty leaves nothing behind, but a cell keeps its column.
    fn close(&mut self) {
        let Some(Open { kind, children, .. }) = self.open.pop() else {
            return;
        };
        match kind {
            Kind::Block(Block::Cell) => self.add(Node::Block(Block::Cell, children)),
            _ if children.is_empty() => {}
            Kind::Block(block) => self.add(Node::Block(block, children)),
            Kind::Inline(inline) => self.add(Node::Inline(inline, children)),
        }
    }

    fn finish(mut self) -> Vec<Node> {
        self.close_down_to(1);
        self.open
            .pop()
            .map(|document| document.children)
            .unwrap_or_default()
    }
}

/// Drops characters that rustc or a reader must not meet: controls, and marks that reorder text.
fn clean(text: &str) -> String {
    text.chars()
        .filter_map(|c| match c {
            '\n' | '\t' => Some(c),
            '\u{85}' | '\u{2028}' | '\u{2029}' => Some('\n'),
            '\u{200b}'
            | '\u{200e}'
            | '\u{200f}'
            | '\u{202a}'..='\u{202e}'
            | '\u{2066}'..='\u{2069}'
            | '\u{feff}' => None,
            c if c.is_control() => None,
            c => Some(c),
        })
        .collect()
}
