//! What messages repeat of values that came from outside: no secrets, and not much.

use std::fmt::Debug;

use http::{HeaderMap, HeaderName};

/// How much of a value a message repeats.
const SHOWN: usize = 100;

/// Returns the beginning of a value, with what cannot be read escaped.
pub(crate) fn excerpt(text: &str) -> String {
    let mut excerpt: String = text.chars().take(SHOWN).flat_map(char::escape_debug).collect();
    if text.chars().nth(SHOWN).is_some() {
        excerpt.push_str("...");
    }
    excerpt
}

/// Returns what may be shown of a URL: neither a user's name and password nor a query, and no more than its beginning.
pub(crate) fn url(url: &str) -> String {
    let (scheme, rest) = match url.split_once("://") {
        Some((scheme, rest)) => (format!("{scheme}://"), rest),
        None => (String::new(), url),
    };
    // A password that was not escaped may hold any character, so that the last `@` ends it.
    let rest = match rest.rsplit_once('@') {
        Some((_, rest)) => format!("***@{rest}"),
        None => rest.to_owned(),
    };
    excerpt(&match rest.split_once('?') {
        Some((rest, _)) => format!("{scheme}{rest}?***"),
        None => scheme + &rest,
    })
}

/// Returns the names of headers, whose values may be secrets.
pub(crate) fn names(headers: &HeaderMap) -> impl Debug + '_ {
    headers.keys().map(HeaderName::as_str).collect::<Vec<_>>()
}

/// Leaves out the value that JSON has in place of what the model says: it may be a secret.
///
/// `invalid type: string "hunter2", expected an object at line 1 column 9` becomes `invalid type: string, expected ...`.
pub(crate) fn without_value(error: serde_json::Error) -> serde_json::Error {
    let text = error.to_string();
    // The value may hold anything, also what looks like the end of it.
    let parts = ["invalid type: ", "invalid value: "]
        .into_iter()
        .find_map(|start| {
            let (value, expected) = text.strip_prefix(start)?.rsplit_once(", expected ")?;
            let kind = value.split(['`', '"']).next().unwrap_or_default().trim_end();
            Some(format!("{start}{kind}, expected {expected}"))
        });
    match parts {
        // It reads line and column from the text.
        Some(text) => serde::de::Error::custom(text),
        None => error,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_is_shown_without_what_only_its_owner_knows() {
        for (given, expected) in [
            ("https://example.com/a", "https://example.com/a"),
            ("https://user:hunter2@example.com/a", "https://***@example.com/a"),
            (
                "https://user:hun@t/e?r#2@example.com/a",
                "https://***@example.com/a",
            ),
            ("user:hunter2@example.com", "***@example.com"),
            ("https://example.com/?token=hunter2", "https://example.com/?***"),
            ("https://example.com/\r\nx", "https://example.com/\\r\\nx"),
        ] {
            assert_eq!(url(given), expected);
        }
        assert_eq!(url(&"x".repeat(5000)).len(), SHOWN + 3);
    }

    #[test]
    fn an_error_keeps_place_and_kind_but_no_value() {
        for (json, expected) in [
            (
                r#"["hunter2, expected nothing at line 9"]"#,
                "invalid type: string, expected u32 at line 1 column 38",
            ),
            ("[-77]", "invalid value: integer, expected u32 at line 1 column 4"),
            (
                "[7.5]",
                "invalid type: floating point, expected u32 at line 1 column 4",
            ),
            ("[true]", "invalid type: boolean, expected u32 at line 1 column 5"),
            ("[[]]", "invalid type: sequence, expected u32 at line 1 column 1"),
            ("[", "EOF while parsing a list at line 1 column 1"),
        ] {
            let error = serde_json::from_str::<Vec<u32>>(json).expect_err(json);
            let (line, column) = (error.line(), error.column());
            let error = without_value(error);
            assert_eq!(error.to_string(), expected);
            assert_eq!((error.line(), error.column()), (line, column));
        }
    }
}
