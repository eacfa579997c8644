//! Writes the text of a paragraph as words that a line may be broken between.

use super::code;
use super::escape::{code_span, destination, escape, is_autolink, split_at_url};
use super::tag::Inline;
use super::tree::{Node, text_of};

/// Writes nodes; blocks among them lose their structure.
pub(super) fn words(nodes: &[Node]) -> Vec<String> {
    let mut writer = Writer::default();
    writer.write(nodes, None);
    writer.words
}

/// Markup that words are written in, and that does not nest in itself.
#[derive(Clone, Copy, Default)]
struct Context {
    is_strong: bool,
    is_emphasis: bool,
    is_link: bool,
}

#[derive(Default)]
struct Writer {
    words: Vec<String>,
    /// Whether what comes next belongs to the last word.
    is_open: bool,
    context: Context,
}

impl Writer {
    /// Writes nodes; `after` is the character that follows them.
    fn write(&mut self, nodes: &[Node], after: Option<char>) {
        for (at, node) in nodes.iter().enumerate() {
            let following = nodes.get(at + 1..).unwrap_or_default();
            let after = first_character(following).or(after);
            match node {
                Node::Text(text) => self.write_text(text, after),
                Node::Break => self.space(),
                Node::Inline(inline, children) => self.write_inline(inline, children, after),
                Node::Block(_, children) => {
                    self.space();
                    self.write(children, None);
                    self.space();
                }
            }
        }
    }

    fn write_inline(&mut self, inline: &Inline, children: &[Node], after: Option<char>) {
        match inline {
            Inline::Strong if !self.context.is_strong => {
                let outer = self.context;
                self.context.is_strong = true;
                self.write_styled("**", children, after);
                self.context = outer;
            }
            Inline::Emphasis if !self.context.is_emphasis => {
                let outer = self.context;
                self.context.is_emphasis = true;
                self.write_styled("*", children, after);
                self.context = outer;
            }
            Inline::Code => self.write_code(children),
            Inline::Link(href) => self.write_link(href.as_deref(), children, after),
            Inline::Strong | Inline::Emphasis | Inline::Plain => self.write(children, after),
        }
    }

    fn write_text(&mut self, text: &str, after: Option<char>) {
        if text.starts_with(char::is_whitespace) {
            self.space();
        }
        for word in text.split_whitespace() {
            self.write_word(word);
            self.space();
        }
        let is_blank = text.trim().is_empty();
        self.is_open = self.is_open || (!is_blank && !text.ends_with(char::is_whitespace));
        // An exclamation mark would turn a link that follows into an image.
        if text.ends_with('!')
            && after.is_some_and(|c| c.is_ascii_punctuation())
            && let Some(word) = self.last_word()
        {
            word.pop();
            word.push_str("\\!");
        }
    }

    fn write_word(&mut self, mut word: &str) {
        while let Some((before, url, behind)) = split_at_url(word).filter(|_| !self.context.is_link) {
            self.append(&escape(before));
            match is_autolink(url) {
                true => self.append(&format!("<{url}>")),
                false => self.append_code(url),
            }
            word = behind;
        }
        self.append(&escape(word));
    }

    /// Writes text between delimiters, if these would be taken for what they are.
    fn write_styled(&mut self, delimiter: &str, children: &[Node], after: Option<char>) {
        if text_of(children).starts_with(char::is_whitespace) {
            self.space();
        }
        let start = match self.is_open {
            true => self.words.len().saturating_sub(1),
            false => self.words.len(),
        };
        let before = self.last_word().and_then(|word| word.chars().next_back());
        let offset = self.last_word().map_or(0, |word| word.len());
        self.write(children, after);
        let Some(inner) = self.words.get(start).and_then(|word| word.get(offset..)) else {
            return;
        };
        let first = inner.chars().next();
        let last = self.words.last().and_then(|word| word.chars().next_back());
        let after = after.filter(|_| self.is_open);
        if is_delimitable(before, first) && is_delimitable(after, last) {
            self.words[start].insert_str(offset, delimiter);
            if let Some(word) = self.words.last_mut() {
                word.push_str(delimiter);
            }
        }
    }

    fn write_code(&mut self, children: &[Node]) {
        for part in code::parts(children) {
            if part.text.starts_with(char::is_whitespace) {
                self.space();
            }
            let text = part.text.split_whitespace().collect::<Vec<_>>().join(" ");
            if text.is_empty() {
                continue;
            }
            match part.href.and_then(destination).filter(|_| !self.context.is_link) {
                Some(url) => self.append_link(&code_in_link(&text), &url),
                None => self.append_code(&text),
            }
            if part.text.ends_with(char::is_whitespace) {
                self.space();
            }
        }
    }

    fn write_link(&mut self, href: Option<&str>, children: &[Node], after: Option<char>) {
        let text = text_of(children);
        let Some(url) = href.and_then(destination).filter(|_| !self.context.is_link) else {
            // A link that was never filled in names an operation or a shape.
            return match href.is_none() && is_identifier(&text) {
                true => self.write_code(children),
                false => self.write(children, after),
            };
        };
        if text.starts_with(char::is_whitespace) {
            self.space();
        }
        let mut inner = Self {
            context: Context {
                is_link: true,
                ..self.context
            },
            ..Self::default()
        };
        inner.write(children, None);
        match text.trim() {
            "" => {}
            text if text == url && is_autolink(&url) => self.append(&format!("<{url}>")),
            _ => self.append_link(&inner.words.join(" "), &url),
        }
        if text.ends_with(char::is_whitespace) {
            self.space();
        }
    }

    fn append_link(&mut self, text: &str, url: &str) {
        self.append(&format!("[{text}]({url})"));
    }

    fn append_code(&mut self, text: &str) {
        if self.last_word().is_some_and(|word| word.ends_with('`')) {
            // Two spans without a space would be one.
            self.space();
        }
        match self.context.is_link {
            true => self.append(&code_in_link(text)),
            false => self.append(&code_span(text)),
        }
    }

    /// Adds to the last word, or starts a new one.
    fn append(&mut self, text: &str) {
        if text.is_empty() {
            return;
        }
        match self.last_word() {
            Some(word) => word.push_str(text),
            None => self.words.push(text.to_owned()),
        }
        self.is_open = true;
    }

    fn space(&mut self) {
        self.is_open = false;
    }

    fn last_word(&mut self) -> Option<&mut String> {
        self.words.last_mut().filter(|_| self.is_open)
    }
}

/// Writes code in the text of a link. At the start of a paragraph, `[x]:` defines a reference even where it ends in code.
fn code_in_link(text: &str) -> String {
    match text.contains("]:") {
        true => escape(text),
        false => code_span(text),
    }
}

/// Tells whether a delimiter counts between `outer` and `inner`: CommonMark's rules for flanking, on the safe side.
fn is_delimitable(outer: Option<char>, inner: Option<char>) -> bool {
    match (outer, inner) {
        (_, None) | (Some('*'), _) => false,
        (None, _) => true,
        (Some(outer), Some(inner)) => {
            inner.is_alphanumeric() || outer.is_whitespace() || outer.is_ascii_punctuation()
        }
    }
}

/// Returns the first character that nodes would be written as.
fn first_character(nodes: &[Node]) -> Option<char> {
    nodes.iter().find_map(|node| match node {
        Node::Text(text) => text.chars().next(),
        Node::Break | Node::Block(..) => Some(' '),
        Node::Inline(Inline::Code, children) => (!text_of(children).trim().is_empty()).then_some('`'),
        Node::Inline(Inline::Link(Some(href)), _) if destination(href).is_some() => Some('['),
        Node::Inline(Inline::Link(_), children) => first_character(children),
        Node::Inline(Inline::Strong | Inline::Emphasis, _) => Some('*'),
        Node::Inline(Inline::Plain, children) => first_character(children),
    })
}

/// Tells whether text is one word that is not written as people write words.
fn is_identifier(text: &str) -> bool {
    let text = text.trim();
    let is_of_identifier = |c: char| c.is_ascii_alphanumeric() || "_:.$-".contains(c);
    let is_of_word = |c: char| c.is_ascii_lowercase() || c == '-';
    text.chars().all(is_of_identifier) && text.chars().skip(1).any(|c| !is_of_word(c))
}
