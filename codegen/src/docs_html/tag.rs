//! The elements of upstream's documentation.

/// What a tag stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Tag {
    Block(Block),
    Inline(Inline),
    /// A line break.
    Break,
    /// An element that means nothing here, or a placeholder such as `<region>`.
    Unknown,
}

/// An element that stands on lines of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Block {
    Paragraph,
    Heading,
    Preformatted,
    Bullets,
    Numbers,
    Item,
    Definitions,
    Term,
    Definition,
    /// An aside, with its label.
    Note(&'static str),
    Table,
    Row,
    Cell,
    /// A container that adds nothing.
    Section,
}

/// An element within a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Inline {
    Strong,
    Emphasis,
    Code,
    /// A link that leads to an absolute URL, elsewhere (`Some("")`, `Some("#here")`), or was never filled in.
    Link(Option<String>),
    /// An element that adds nothing.
    Plain,
}

impl Tag {
    /// Returns what the tag `name` stands for, and asks for the values of its attributes.
    pub(super) fn of(name: &str, attribute: impl Fn(&str) -> Option<String>) -> Self {
        if let Some(block) = Block::of(name) {
            return Self::Block(block);
        }
        match name {
            "b" | "strong" => Self::Inline(Inline::Strong),
            "i" | "em" | "emphasis" | "replaceable" | "var" | "cite" => Self::Inline(Inline::Emphasis),
            "code" | "tt" | "kbd" | "samp" | "literal" | "filename" | "function" => {
                Self::Inline(Inline::Code)
            }
            "a" => Self::Inline(Inline::Link(attribute("href"))),
            "ulink" => Self::Inline(Inline::Link(attribute("url"))),
            "u" | "span" | "small" | "sub" | "sup" | "font" | "link" => Self::Inline(Inline::Plain),
            "br" => Self::Break,
            _ => Self::Unknown,
        }
    }
}

impl Block {
    fn of(name: &str) -> Option<Self> {
        Some(match name {
            "p" | "para" => Self::Paragraph,
            "h1" | "h2" | "h3" | "h4" | "h5" | "h6" | "fullname" | "title" => Self::Heading,
            "pre" | "programlisting" => Self::Preformatted,
            "ul" => Self::Bullets,
            "ol" => Self::Numbers,
            "li" => Self::Item,
            "dl" => Self::Definitions,
            "dt" => Self::Term,
            "dd" => Self::Definition,
            "note" => Self::Note("Note:"),
            "important" => Self::Note("Important:"),
            "warning" => Self::Note("Warning:"),
            "caution" => Self::Note("Caution:"),
            "tip" => Self::Note("Tip:"),
            "table" => Self::Table,
            "tr" => Self::Row,
            "td" | "th" => Self::Cell,
            "div" | "section" | "blockquote" | "thead" | "tbody" | "tfoot" => Self::Section,
            _ => return None,
        })
    }

    /// Tells whether the end of this block may be left out where `next` begins.
    pub(super) fn ends_before(self, next: Block) -> bool {
        match self {
            Self::Item => next == Self::Item,
            Self::Term | Self::Definition => matches!(next, Self::Term | Self::Definition),
            Self::Row => next == Self::Row,
            Self::Cell => matches!(next, Self::Cell | Self::Row),
            _ => false,
        }
    }

    /// Tells whether blocks around this one are out of sight from within.
    pub(super) fn is_boundary(self) -> bool {
        matches!(
            self,
            Self::Bullets | Self::Numbers | Self::Definitions | Self::Table | Self::Note(_)
        )
    }

    /// Tells whether this block holds text only, so that any block ends it.
    pub(super) fn holds_text(self) -> bool {
        matches!(self, Self::Paragraph | Self::Heading)
    }
}
