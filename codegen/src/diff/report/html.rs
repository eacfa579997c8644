//! What a comparison found as one page that needs nothing else.

use super::{Class, Finding, ServiceDiff, changed, summary, total};

/// What stands before the findings; it holds neither scripts nor styles from elsewhere.
const HEAD: &str = include_str!("head.html");
/// What stands after them: the search and the filters, which show by the address what they are set to.
const FOOT: &str = include_str!("foot.html");

/// Writes what changed between `old` and `new` as a page with a search, and filters by class and service. Without scripts everything is shown.
pub fn html(old: &str, new: &str, diffs: &[ServiceDiff]) -> String {
    let mut page = HEAD.to_owned();
    page.push_str(&format!(
        "<header><h1><small>Changes of models</small> {} <span>→</span> {}</h1>\n<p>{}</p>\n<ul class=\"totals\">\n",
        escape(old),
        escape(new),
        escape(&total(diffs))
    ));
    let all = diffs.iter().flat_map(|diff| &diff.findings);
    for class in Class::ALL {
        let count = all.clone().filter(|finding| finding.class == class).count();
        page.push_str(&format!(
            "<li class=\"{class}\"><strong>{count}</strong><span>{class}</span></li>\n"
        ));
    }
    page.push_str("</ul></header>\n");
    page.push_str(&controls(diffs));
    page.push_str("<div class=\"layout\">\n<aside><ol>\n");
    for diff in changed(diffs) {
        let service = escape(&diff.service);
        let (class, count) = (diff.class().unwrap_or(Class::Formatting), diff.findings.len());
        page.push_str(&format!(
            "<li><a href=\"#{service}\">{service} <b class=\"{class}\">{count}</b></a></li>\n"
        ));
    }
    page.push_str("</ol></aside>\n<main>\n");
    let is_empty = changed(diffs).next().is_none();
    page.push_str(match is_empty {
        true => "<p class=\"empty\">Nothing changed.</p>\n<p id=\"nothing\" hidden></p>\n",
        false => "<p id=\"nothing\" class=\"empty\" hidden>No change matches.</p>\n",
    });
    for diff in changed(diffs) {
        page.push_str(&section(diff));
    }
    page.push_str("</main></div>\n");
    page.push_str(FOOT);
    page
}

/// Writes the search and the filters, which only a script can use, and therefore shows.
fn controls(diffs: &[ServiceDiff]) -> String {
    let mut controls = String::from(
        "<nav hidden><div><input id=\"search\" type=\"search\" placeholder=\"Search\" aria-label=\"Search\" autocomplete=\"off\">\n\
         <select id=\"service\" aria-label=\"Service\"><option value=\"\">All services</option>\n",
    );
    for diff in changed(diffs) {
        let service = escape(&diff.service);
        controls.push_str(&format!("<option value=\"{service}\">{service}</option>\n"));
    }
    controls.push_str("</select>\n");
    for class in Class::ALL {
        controls.push_str(&format!(
            "<label class=\"{class}\"><input type=\"checkbox\" value=\"{class}\" autocomplete=\"off\" checked>{class}</label>\n"
        ));
    }
    controls + "<output id=\"shown\" aria-live=\"polite\"></output></div></nav>\n"
}

fn section(diff: &ServiceDiff) -> String {
    let service = escape(&diff.service);
    let mut section = format!(
        "<section id=\"{service}\"><h2>{service}</h2>\n<p>{}</p>\n<ul>\n",
        escape(&summary(diff))
    );
    for finding in &diff.findings {
        section.push_str(&format!(
            "<li class=\"{class}\"><b>{class}</b><div><code>{}</code>{}<small>{}</small></div></li>\n",
            escape(&finding.what),
            change(finding),
            escape(finding.reason),
            class = finding.class,
        ));
    }
    section + "</ul></section>\n"
}

/// Says how a finding was, and how it is.
fn change(finding: &Finding) -> String {
    let side = |text: &Option<String>, tag: &str| match text.as_deref() {
        None | Some("") => String::new(),
        Some(text) => format!(" <{tag}><code>{}</code></{tag}>", escape(text)),
    };
    side(&finding.old, "del") + &side(&finding.new, "ins")
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
