//! Renders upstream documentation, which is HTML of a kind, as Markdown that rustdoc takes without a complaint.
//!
//! ```text
//! tokens -> tree -> blocks -> lines
//! ```
//!
//! A crate tokenizes; the tree is ours, for the documentation has elements of its own (`<note>`), and
//! placeholders in angle brackets that look like elements (`arn:aws:<region>`).

mod blocks;
mod code;
mod escape;
mod inline;
mod tag;
mod tree;

/// The number of columns that lines are wrapped at, except where a link or code is longer than that.
const COLUMNS: usize = 100;

/// Renders HTML as Markdown.
///
/// Whatever the input is, the output has no HTML and no fence that stays open, and each bracket, bare URL or other
/// text that would mean something to Markdown or rustdoc is escaped. Elements that are unknown or never closed lose
/// their markup at most, not their text.
///
/// # Examples
///
/// ```
/// use awsjson_codegen::docs_html::to_markdown;
///
/// let html = "<p>Bakes a <code>Loaf</code>.</p><note><p>Takes <i>hours</i>.</p></note>";
/// assert_eq!(to_markdown(html), "Bakes a `Loaf`.\n\n> **Note:** Takes *hours*.");
/// ```
pub fn to_markdown(html: &str) -> String {
    blocks::lines(tree::parse(html), COLUMNS).join("\n")
}

#[cfg(test)]
mod tests;
