//! The functions of rule sets.

use std::borrow::Cow;

use super::evaluate::Value;

/// Tells whether `text` may be a label of a host name.
pub(super) fn is_valid_host_label(text: &str, allow_dots: bool) -> bool {
    let is_label = |label: &str| {
        (1..=63).contains(&label.len())
            && label
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
            && !label.starts_with('-')
    };
    match allow_dots {
        true => text.split('.').all(is_label),
        false => is_label(text),
    }
}

/// Returns the characters of an ASCII string from `start` to before `stop`, where there are so many.
pub(super) fn substring(text: &str, start: usize, stop: usize, reverse: bool) -> Option<&str> {
    if start >= stop || text.len() < stop || !text.is_ascii() {
        return None;
    }
    match reverse {
        false => text.get(start..stop),
        true => text.get(text.len() - stop..text.len() - start),
    }
}

/// Returns the parts of an ARN: it has six, of which the first four and the last are not empty.
pub(super) fn parse_arn(text: &str) -> Option<Value<'_>> {
    let parts: Vec<&str> = text.splitn(6, ':').collect();
    let ["arn", partition, service, region, account, resource] = parts.as_slice() else {
        return None;
    };
    if partition.is_empty() || service.is_empty() || resource.is_empty() {
        return None;
    }
    let string = |text| Value::String(Cow::Borrowed(text));
    let resource = resource.split([':', '/']).map(string).collect();
    Some(Value::Record(vec![
        ("partition", string(partition)),
        ("service", string(service)),
        ("region", string(region)),
        ("accountId", string(account)),
        ("resourceId", Value::List(resource)),
    ]))
}

/// Returns the parts of a URL: `http` or `https`, without a query.
pub(super) fn parse_url(text: &str) -> Option<Value<'_>> {
    let uri: http::Uri = text.parse().ok()?;
    let scheme = uri
        .scheme_str()
        .filter(|scheme| matches!(*scheme, "http" | "https"))?;
    if uri.query().is_some() {
        return None;
    }
    let authority = uri.authority()?;
    let path = uri.path().trim_end_matches('/');
    let string = |text: &str| Value::String(Cow::Owned(text.to_owned()));
    Some(Value::Record(vec![
        ("scheme", string(scheme)),
        ("authority", string(authority.as_str())),
        ("path", string(path)),
        ("normalizedPath", string(&format!("{path}/"))),
    ]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn substrings_count_from_either_end() {
        assert_eq!(substring("abcdef", 0, 4, false), Some("abcd"));
        assert_eq!(substring("abcdef", 0, 4, true), Some("cdef"));
        assert_eq!(substring("abc", 0, 4, false), None);
        assert_eq!(substring("\u{e9}bc", 0, 2, false), None);
    }

    #[test]
    fn arns_have_six_parts() {
        assert!(parse_arn("arn:aws:kinesis:us-east-1:123:stream/name").is_some());
        for text in [
            "",
            "arn:aws:kinesis",
            "arn::kinesis:r:a:x",
            "arn:aws:kinesis:r:a:",
            "urn:aws:a:b:c:d",
        ] {
            assert!(parse_arn(text).is_none(), "{text}");
        }
    }
}
