//! What a comparison found as one page that needs nothing else.

use super::{Class, ServiceDiff, change, changed, summary, total};

/// What stands before the findings; it holds neither scripts nor styles from elsewhere.
const HEAD: &str = include_str!("head.html");
/// What stands after them: the search and the filter.
const FOOT: &str = include_str!("foot.html");

/// Writes what changed between `old` and `new` as a page with a search and a filter by class.
pub fn html(old: &str, new: &str, diffs: &[ServiceDiff]) -> String {
    let mut page = HEAD.to_owned();
    let versions = format!("{} → {}", escape(old), escape(new));
    page.push_str(&format!(
        "<h1>{versions}</h1>\n<p>{}</p>\n",
        escape(&total(diffs))
    ));
    page.push_str(
        "<nav><input id=\"search\" type=\"search\" placeholder=\"Search\" aria-label=\"Search\">\n",
    );
    for class in Class::ALL {
        page.push_str(&format!(
            "<label class=\"{class}\"><input type=\"checkbox\" value=\"{class}\" checked> {class}</label>\n"
        ));
    }
    page.push_str("<output id=\"shown\"></output></nav>\n");
    for diff in changed(diffs) {
        page.push_str(&section(diff));
    }
    page.push_str(FOOT);
    page
}

fn section(diff: &ServiceDiff) -> String {
    let service = escape(&diff.service);
    let mut section = format!(
        "<details open id=\"{service}\"><summary><h2>{service}</h2> {}</summary>\n<ul>\n",
        escape(&summary(diff))
    );
    for finding in &diff.findings {
        section.push_str(&format!(
            "<li class=\"{class}\"><b>{class}</b> <code>{}</code>{}<small>{}</small></li>\n",
            escape(&finding.what),
            escape(&change(finding)),
            escape(finding.reason),
            class = finding.class,
        ));
    }
    section + "</ul></details>\n"
}

/// Makes text of a model harmless.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            c => escaped.push(c),
        }
    }
    escaped
}
