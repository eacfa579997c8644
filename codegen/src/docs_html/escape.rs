//! Keeps text from being markup.

/// Escapes text that has no whitespace.
pub(super) fn escape(word: &str) -> String {
    let mut escaped = String::new();
    let mut before = None;
    let mut rest = word.chars();
    while let Some(c) = rest.next() {
        if is_special(c, before, rest.clone().next()) {
            escaped.push('\\');
        }
        escaped.push(c);
        before = Some(c);
    }
    escaped
}

/// Tells whether a character means something to Markdown or rustdoc, between the ones around it.
fn is_special(c: char, before: Option<char>, after: Option<char>) -> bool {
    let is_alphanumeric = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
    match c {
        '\\' | '`' | '*' | '[' | ']' | '<' | '>' | '~' | '|' => true,
        // Within a word it is an underscore.
        '_' => !(is_alphanumeric(before) && is_alphanumeric(after)),
        // An entity.
        '&' => is_alphanumeric(after) || after == Some('#'),
        _ => false,
    }
}

/// Escapes what would start a heading, a list or a rule, in the first word of a line.
pub(super) fn escape_line_start(word: &str) -> String {
    if word.starts_with(['#', '+', '-', '=']) {
        return format!("\\{word}");
    }
    let digits = word.trim_start_matches(|c: char| c.is_ascii_digit());
    match word.len() - digits.len() {
        0 => word.to_owned(),
        number if digits == "." || digits == ")" => format!("{}\\{digits}", &word[..number]),
        _ => word.to_owned(),
    }
}

/// Writes code; it has no line breaks.
pub(super) fn code_span(code: &str) -> String {
    let fence = "`".repeat(longest_run_of_backticks(code) + 1);
    let pad = match code.starts_with('`') || code.ends_with('`') {
        true => " ",
        false => "",
    };
    format!("{fence}{pad}{code}{pad}{fence}")
}

/// Returns the length of the longest run of backticks.
pub(super) fn longest_run_of_backticks(text: &str) -> usize {
    text.split(|c| c != '`').map(str::len).max().unwrap_or_default()
}

/// Finds a URL in a word: what stands before it, the URL, and what stands behind it.
pub(super) fn split_at_url(word: &str) -> Option<(&str, &str, &str)> {
    let start = ["https://", "http://"]
        .iter()
        .filter_map(|scheme| word.find(scheme))
        .min()?;
    let (before, rest) = word.split_at(start);
    let quoted = rest
        .find(['"', '\'', '“', '”', '‘', '’', '`'])
        .unwrap_or(rest.len());
    let mut url = &rest[..quoted];
    // Punctuation at the end belongs to the sentence, unless it closes a parenthesis of the URL.
    while let Some(shorter) = url.strip_suffix(['.', ',', ';', ':', '!', '?', ')', ']', '}']) {
        if url.ends_with(')') && url.contains('(') {
            break;
        }
        url = shorter;
    }
    Some((before, url, &rest[url.len()..]))
}

/// Tells whether a URL can stand between angle brackets, and leads somewhere: it has no placeholders.
pub(super) fn is_autolink(url: &str) -> bool {
    let host = host(url);
    let is_of_url = |c: char| c.is_ascii_alphanumeric() || "-._~:/?#@!$&'()+,;=%".contains(c);
    host.starts_with(|c: char| c.is_ascii_alphanumeric()) && host.contains('.') && url.chars().all(is_of_url)
}

/// Returns a URL in a form that can be a link's destination, if it is absolute.
pub(super) fn destination(href: &str) -> Option<String> {
    let href = href.trim();
    if host(href).is_empty() {
        return None;
    }
    let mut destination = String::new();
    for c in href.chars() {
        match c {
            c if c.is_control() => {}
            ' ' | '"' | '(' | ')' | '<' | '>' | '[' | ']' | '\\' | '`' | '{' | '|' | '}' | '^' | '*' => {
                destination.push_str(&format!("%{:02X}", u32::from(c)));
            }
            c if c.is_whitespace() => destination.push_str("%20"),
            c => destination.push(c),
        }
    }
    Some(destination)
}

/// Returns the host of an absolute URL, or nothing.
fn host(url: &str) -> &str {
    let rest = url
        .strip_prefix("https://")
        .or_else(|| url.strip_prefix("http://"));
    rest.and_then(|rest| rest.split(['/', '?', '#']).next())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markup_is_escaped() {
        for (text, escaped) in [
            ("a[0]", r"a\[0\]"),
            ("<region>", r"\<region\>"),
            ("*.rs", r"\*.rs"),
            (r"C:\dir", r"C:\\dir"),
            ("_private", r"\_private"),
            ("CREATE_FAILED", "CREATE_FAILED"),
            ("&lt;", r"\&lt;"),
            ("R&D", r"R\&D"),
            ("&&", "&&"),
            ("`x`", r"\`x\`"),
            ("~~x~~", r"\~\~x\~\~"),
        ] {
            assert_eq!(escape(text), escaped);
        }
    }

    #[test]
    fn what_starts_a_line_is_escaped() {
        for (text, escaped) in [
            ("#", r"\#"),
            ("-", r"\-"),
            ("+1", r"\+1"),
            ("===", r"\==="),
            ("1.", r"1\."),
            ("12)", r"12\)"),
            ("1.5", "1.5"),
            ("2014", "2014"),
            ("word", "word"),
        ] {
            assert_eq!(escape_line_start(text), escaped);
        }
    }

    #[test]
    fn code_gets_a_longer_fence_than_any_within() {
        assert_eq!(code_span("a b"), "`a b`");
        assert_eq!(code_span("a`b"), "``a`b``");
        assert_eq!(code_span("``a"), "``` ``a ```");
    }

    #[test]
    fn urls_end_where_the_sentence_goes_on() {
        for (word, parts) in [
            ("https://a.b/c.", ("", "https://a.b/c", ".")),
            ("(http://a.b)", ("(", "http://a.b", ")")),
            ("https://a.b/c_(d),", ("", "https://a.b/c_(d)", ",")),
            ("\"https://a.b\"", ("\"", "https://a.b", "\"")),
        ] {
            assert_eq!(split_at_url(word), Some(parts));
        }
        assert_eq!(split_at_url("ftp://a.b"), None);
    }

    #[test]
    fn urls_with_placeholders_are_no_links() {
        assert!(is_autolink("https://example.com/a?b=c#d"));
        for url in [
            "https://",
            "https://<region>.example.com",
            "https://{a}.b",
            "https://localhost",
            "https://*.b.c",
        ] {
            assert!(!is_autolink(url), "{url}");
        }
    }

    #[test]
    fn destinations_are_absolute_and_have_no_delimiters() {
        assert_eq!(
            destination(" https://a.b/(c) ").as_deref(),
            Some("https://a.b/%28c%29")
        );
        for href in [
            "",
            "#here",
            "API_Foo.html",
            "/latest",
            "javascript:alert(1)",
            "mailto:a@b.c",
            "https://",
        ] {
            assert_eq!(destination(href), None, "{href}");
        }
    }
}
