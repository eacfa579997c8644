//! Documentation: what the model's facts say, in sentences.

use proc_macro2::TokenStream;
use quote::quote;

use crate::ir::{Constraint, Docs, Fact, Member, MemberReference, Operation, Paginator, Presence};
use crate::model::{Auth, Bounds};

/// Renders paragraphs as doc attributes; paragraphs are parted by an empty line.
pub fn attributes(paragraphs: &[String]) -> TokenStream {
    let lines = lines(&paragraphs.join("\n\n"));
    quote!(#(#[doc = #lines])*)
}

/// Returns the lines of a documentation comment, each of which ends where it ends.
pub fn lines(text: &str) -> Vec<String> {
    let lines = text.lines().map(|line| match line.is_empty() {
        true => String::new(),
        false => format!(" {}", visible(line)),
    });
    lines.collect()
}

/// Replaces what would break a line, or show text in another order than it has, by what can be seen.
fn visible(text: &str) -> String {
    let shown = |c: char| match c {
        c if c.is_control() => ' ',
        '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' => {
            char::REPLACEMENT_CHARACTER
        }
        c => c,
    };
    text.chars().map(shown).collect()
}

/// Writes text as one line of Markdown in which nothing is markup, to stand anywhere in a sentence.
pub fn prose(text: &str) -> String {
    // Spaces at the start of a line would make code of it.
    let text: Vec<String> = text.split_whitespace().map(visible).collect();
    let text = text.join(" ");
    let text = text.trim_start();
    let number = text.len() - text.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let mut prose = String::new();
    for (at, c) in text.char_indices() {
        let starts_block = (at == 0 && "-+=".contains(c)) || (at > 0 && at == number && ".)".contains(c));
        if starts_block || "\\`*_[]<>~|&#$!".contains(c) {
            prose.push('\\');
        }
        prose.push(c);
    }
    prose
}

/// Renders the attribute of something deprecated.
pub fn deprecation(docs: &Docs) -> Option<TokenStream> {
    let note = match docs.deprecated.as_ref()? {
        Some(since) => format!("deprecated by the service since {since}"),
        None => "deprecated by the service".to_owned(),
    };
    Some(quote!(#[deprecated(note = #note)]))
}

/// Describes an operation: what it does, its rules, its exceptions, where to read on.
pub fn operation(operation: &Operation, service: &str) -> Vec<String> {
    let docs = &operation.request.docs;
    let name = code(&operation.wire_name);
    let mut paragraphs = vec![
        docs.summary
            .clone()
            .unwrap_or_else(|| format!("The operation {name} of {}.", prose(service))),
    ];
    paragraphs.extend(docs.upstream.clone());
    if operation.auth == Auth::None {
        paragraphs.push("Requests are not signed and need no credentials.".to_owned());
    }
    if let Some(prefix) = &operation.host_prefix {
        let prefix = code(prefix);
        paragraphs.push(format!("Requests go to the host name with {prefix} before it."));
    }
    paragraphs.extend(operation.paginator.as_ref().map(paging));
    if let Some(events) = &operation.events {
        paragraphs.push(format!(
            "The answer is a stream of events: [`try_next`](super::super::protocol::EventStream::try_next) waits for the next \
             [`{events}`](super::super::types::{events})."
        ));
    }
    if !operation.constraints.is_empty() {
        paragraphs.push("# Constraints".to_owned());
        paragraphs.push("Checked before anything is sent:".to_owned());
        let rules: Vec<String> = operation.constraints.iter().map(constraint).collect();
        paragraphs.push(rules.join("\n"));
    }
    if !operation.exceptions.is_empty() {
        paragraphs.push("# Exceptions".to_owned());
        let links = operation.exceptions.iter().map(|exception| {
            let name = &exception.name;
            format!("* [`{name}`](super::super::exceptions::{name})")
        });
        paragraphs.push(links.collect::<Vec<_>>().join("\n"));
    }
    paragraphs.push("# Reference".to_owned());
    paragraphs.push(format!(
        "[{name} in the official documentation]({})",
        operation.reference
    ));
    paragraphs
}

fn paging(paginator: &Paginator) -> String {
    let client = "super::super::protocol::Client";
    let items = match &paginator.items {
        Some(_) => format!(", [`Client::items`]({client}::items) what is in them"),
        None => String::new(),
    };
    let limit = paginator.limit_key.as_ref().map(|limit| {
        let limit = code(limit);
        format!("; {limit} bounds the size of a page")
    });
    let limit = limit.unwrap_or_default();
    format!(
        "The output comes in pages: [`Client::pages`]({client}::pages) fetches all of them{items}{limit}."
    )
}

pub fn constraint(constraint: &Constraint) -> String {
    let link = |member: &MemberReference| {
        let name = &member.name;
        format!("[`{name}`](#structfield.{name})")
    };
    let list = |members: &[MemberReference]| {
        let links: Vec<String> = members.iter().map(link).collect();
        match links.split_last() {
            Some((last, [])) => last.clone(),
            Some((last, rest)) => format!("{} and {last}", rest.join(", ")),
            None => String::new(),
        }
    };
    match constraint {
        Constraint::ExactlyOneOf(members) => format!("* Set exactly one of {}.", list(members)),
        Constraint::AtMostOneOf(members) => format!("* Set at most one of {}.", list(members)),
        Constraint::AtLeastOneOf(members) => format!("* Set at least one of {}.", list(members)),
        Constraint::Requires(member, needs) => format!("* {} needs {}.", link(member), list(needs)),
    }
}

/// Describes a structure, a union or an enum.
pub fn definition(docs: &Docs, otherwise: String) -> Vec<String> {
    let mut paragraphs = vec![docs.summary.clone().unwrap_or(otherwise)];
    paragraphs.extend(docs.upstream.clone());
    paragraphs
}

/// Describes a member: its wire name and its facts.
pub fn member(member: &Member) -> Vec<String> {
    let mut statements = vec![match member.presence {
        Presence::Required => "required".to_owned(),
        Presence::Optional => "optional".to_owned(),
    }];
    statements.extend(facts(&member.docs.facts));
    if member.idempotency_token {
        statements.push("filled with a random UUID when unset".to_owned());
    }
    if member.sensitive {
        statements.push("sensitive, so `Debug` hides it".to_owned());
    }
    let mut paragraphs = vec![format!("{}: {}.", code(&member.wire_name), statements.join(", "))];
    paragraphs.extend(member.docs.upstream.clone());
    paragraphs
}

/// Describes a variant of a union.
pub fn variant(member: &Member) -> Vec<String> {
    let mut statements = facts(&member.docs.facts);
    if member.sensitive {
        statements.push("sensitive, so `Debug` hides it".to_owned());
    }
    let statements = match statements.is_empty() {
        true => String::new(),
        false => format!(": {}", statements.join(", ")),
    };
    let mut paragraphs = vec![format!("The member {}{statements}.", code(&member.wire_name))];
    paragraphs.extend(member.docs.upstream.clone());
    paragraphs
}

fn facts(facts: &[Fact]) -> Vec<String> {
    facts.iter().map(fact).collect()
}

fn fact(fact: &Fact) -> String {
    match fact {
        Fact::Characters(bounds) => counted(bounds, "character"),
        Fact::Bytes(bounds) => counted(bounds, "byte"),
        Fact::Entries(bounds) => counted(bounds, "item"),
        Fact::Range(Bounds { min, max }) => match (min, max) {
            (Some(min), Some(max)) => format!("{min} to {max}"),
            (Some(min), None) => format!("at least {min}"),
            (None, Some(max)) => format!("at most {max}"),
            (None, None) => "any value".to_owned(),
        },
        Fact::Pattern(pattern) => format!("matching {}", code(pattern)),
        Fact::Each(facts) => format!("each {}", self::facts(facts).join(" and ")),
        Fact::Keys(facts) => format!("keys {}", self::facts(facts).join(" and ")),
    }
}

fn counted(Bounds { min, max }: &Bounds, unit: &str) -> String {
    let units = |number: &str| match number {
        "1" => unit.to_owned(),
        _ => format!("{unit}s"),
    };
    match (min.as_deref(), max.as_deref()) {
        (Some(min), Some(max)) if min == max => format!("{max} {}", units(max)),
        (Some(min), Some(max)) => format!("{min} to {max} {}", units(max)),
        (Some(min), None) => format!("at least {min} {}", units(min)),
        (None, Some(max)) => format!("at most {max} {}", units(max)),
        (None, None) => format!("any number of {unit}s"),
    }
}

/// Writes text as inline code that nothing inside can end.
pub fn code(text: &str) -> String {
    let text = visible(text);
    let longest_run = text.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    match longest_run {
        0 if !text.is_empty() => format!("`{text}`"),
        _ => {
            let fence = "`".repeat(longest_run + 1);
            format!("{fence} {text} {fence}")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_with_backticks_gets_a_longer_fence() {
        assert_eq!(code("[a-z]+"), "`[a-z]+`");
        assert_eq!(code("a`b``c"), "``` a`b``c ```");
        assert_eq!(code("a\nb"), "`a b`");
    }

    #[test]
    fn bounds_are_counted_in_their_unit() {
        let bounds = |min: Option<&str>, max: Option<&str>| Bounds {
            min: min.map(str::to_owned),
            max: max.map(str::to_owned),
        };
        assert_eq!(counted(&bounds(Some("1"), Some("5")), "byte"), "1 to 5 bytes");
        assert_eq!(counted(&bounds(None, Some("1")), "byte"), "at most 1 byte");
        assert_eq!(counted(&bounds(Some("2"), Some("2")), "byte"), "2 bytes");
    }
}
