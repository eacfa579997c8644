//! What a comparison found, for people and for programs.

mod html;

use std::fmt::Write;

use anstyle::{AnsiColor, Style};

use super::{Bump, Class, Finding, ServiceDiff};

pub use html::html;

/// Writes what changed as text with colours, which a terminal shows.
pub fn text(diffs: &[ServiceDiff]) -> String {
    let mut text = String::new();
    for diff in changed(diffs) {
        let bold = Style::new().bold();
        let _ = writeln!(text, "{bold}{}{bold:#}: {}", diff.service, summary(diff));
        for finding in &diff.findings {
            let style = style(finding.class);
            let _ = writeln!(
                text,
                "  {style}{:13}{style:#} {}{}: {}",
                finding.class,
                finding.what,
                change(finding),
                finding.reason
            );
        }
    }
    let _ = writeln!(text, "{}", total(diffs));
    text
}

fn style(class: Class) -> Style {
    let color = match class {
        Class::Breaking => AnsiColor::Red,
        Class::Additive => AnsiColor::Green,
        Class::Documentation => AnsiColor::Blue,
        Class::Formatting => AnsiColor::BrightBlack,
    };
    Style::new().fg_color(Some(color.into()))
}

/// Writes what changed as JSON: a list of services with their findings.
pub fn json(diffs: &[ServiceDiff]) -> String {
    let changed: Vec<&ServiceDiff> = changed(diffs).collect();
    let text = serde_json::to_string_pretty(&changed).expect("findings have a wire form");
    text + "\n"
}

/// Writes what changed as Markdown, for a changelog or a pull request.
pub fn markdown(diffs: &[ServiceDiff]) -> String {
    let mut text = format!("# Changes of models\n\n{}\n", total(diffs));
    for diff in changed(diffs) {
        let _ = write!(text, "\n## {}\n\n{}\n\n", diff.service, summary(diff));
        for finding in &diff.findings {
            text.push_str(&entry(finding));
            text.push('\n');
        }
    }
    text
}

/// Writes what changed for users of one crate as entries of its changelog.
pub fn entries(diff: &ServiceDiff) -> Vec<String> {
    let findings = diff.findings.iter();
    let matter = findings.filter(|finding| finding.class != Class::Formatting);
    matter.map(entry).collect()
}

fn entry(finding: &Finding) -> String {
    format!(
        "* **{}** {}{}: {}",
        finding.class,
        code(&finding.what),
        change_with(finding, code),
        finding.reason
    )
}

/// Marks text as code, whatever it holds.
fn code(text: &str) -> String {
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest + 1);
    let space = if longest > 0 { " " } else { "" };
    format!("{fence}{space}{}{space}{fence}", text.replace('\n', " "))
}

fn changed(diffs: &[ServiceDiff]) -> impl Iterator<Item = &ServiceDiff> {
    diffs.iter().filter(|diff| !diff.findings.is_empty())
}

/// Says how a finding was and how it is.
fn change(finding: &Finding) -> String {
    change_with(finding, str::to_owned)
}

fn change_with(finding: &Finding, show: impl Fn(&str) -> String) -> String {
    match (finding.old.as_deref(), finding.new.as_deref()) {
        (Some(old), Some(new)) => format!(", {} before, {} now", show(old), show(new)),
        (Some(""), None) | (None, Some("") | None) => String::new(),
        (Some(old), None) => format!(", {} before", show(old)),
        (None, Some(new)) => format!(", {} now", show(new)),
    }
}

/// Counts the findings of a service by class, and names the bump.
fn summary(diff: &ServiceDiff) -> String {
    let counts = counts(diff.findings.iter());
    let bump = match diff.bump {
        Bump::Minor => "; 0.x crates: bump the minor version",
        Bump::Patch => "; bump the patch version",
        Bump::None => "; no new version is needed",
    };
    counts + bump
}

fn total(diffs: &[ServiceDiff]) -> String {
    let findings = diffs.iter().flat_map(|diff| &diff.findings);
    let services = changed(diffs).count();
    match services {
        0 => format!("{} services, nothing changed", diffs.len()),
        _ => format!(
            "{services} of {} services changed: {}",
            diffs.len(),
            counts(findings)
        ),
    }
}

/// Counts findings by class, the gravest first.
pub(super) fn counts<'a>(findings: impl Iterator<Item = &'a Finding> + Clone) -> String {
    let count = |class: Class| findings.clone().filter(|finding| finding.class == class).count();
    let counts = Class::ALL.into_iter().map(|class| (class, count(class)));
    let counts: Vec<String> = counts
        .filter(|(_, count)| *count > 0)
        .map(|(class, count)| format!("{count} {class}"))
        .collect();
    counts.join(", ")
}
