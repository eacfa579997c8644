//! Every Rust identifier of generated code is decided here. Wire names are never re-cased.

use std::collections::{BTreeMap, BTreeSet};

/// Splits a name into words: at symbols, before an upper-case letter that starts a word, and
/// after the plural of an acronym (`ARNs`).
fn words(name: &str) -> Vec<String> {
    let chars: Vec<char> = name.chars().collect();
    let mut words: Vec<String> = Vec::new();
    let mut word = String::new();
    for (at, &c) in chars.iter().enumerate() {
        if !c.is_ascii_alphanumeric() {
            words.push(std::mem::take(&mut word));
            continue;
        }
        if c.is_ascii_uppercase() && starts_word(&chars, at) {
            words.push(std::mem::take(&mut word));
        }
        word.push(c);
    }
    words.push(word);
    words.retain(|word| !word.is_empty());
    words
}

/// Tells whether the upper-case letter at `at` starts a word.
fn starts_word(chars: &[char], at: usize) -> bool {
    let Some(before) = at.checked_sub(1).and_then(|at| chars.get(at)) else {
        return false;
    };
    if !before.is_ascii_uppercase() {
        return true;
    }
    // Inside a run of capitals, the last one starts the next word: `KMSKey`. The plural `ARNs` is one word.
    let is_plural =
        chars.get(at + 1) == Some(&'s') && chars.get(at + 2).is_none_or(|c| !c.is_ascii_lowercase());
    chars.get(at + 1).is_some_and(char::is_ascii_lowercase) && !is_plural
}

/// Returns a name in `snake_case`, without regard to keywords.
fn snake(name: &str) -> String {
    words(name).join("_").to_ascii_lowercase()
}

/// Returns a name in `UpperCamelCase`, without regard to keywords.
fn pascal(name: &str) -> String {
    words(name)
        .iter()
        .map(|word| {
            let (first, rest) = word.split_at(1);
            let rest = match word.chars().any(|c| c.is_ascii_lowercase()) {
                true => rest.to_owned(),
                false => rest.to_ascii_lowercase(),
            };
            first.to_ascii_uppercase() + &rest
        })
        .collect()
}

/// Words that cannot name a member, a method or a module as they are.
const KEYWORDS: &[&str] = &[
    "abstract", "as", "async", "await", "become", "box", "break", "const", "continue", "crate", "do", "dyn",
    "else", "enum", "extern", "false", "final", "fn", "for", "gen", "if", "impl", "in", "let", "loop",
    "macro", "match", "mod", "move", "mut", "override", "priv", "pub", "ref", "return", "self", "static",
    "struct", "super", "trait", "true", "try", "type", "typeof", "unsafe", "unsized", "use", "virtual",
    "where", "while", "yield",
];

/// Methods that a setter would hide.
const METHODS: &[&str] = &[
    "new",
    "clone",
    "eq",
    "ne",
    "fmt",
    "serialize",
    "send",
    "check_constraints",
];

/// Type names that generated code needs for something else.
const TYPES: &[&str] = &[
    "Box",
    "Client",
    "Clone",
    "Debug",
    "Default",
    "Err",
    "Error",
    "Exception",
    "From",
    "Into",
    "IntoIterator",
    "None",
    "Ok",
    "Option",
    "Result",
    "Self",
    "Some",
    "String",
    "Vec",
];

/// Returns the name of the type for a shape: the shape's own name where that is a Rust type name.
pub fn type_name(shape: &str) -> String {
    let is_camel = shape.starts_with(|c: char| c.is_ascii_uppercase())
        && shape.chars().all(|c| c.is_ascii_alphanumeric());
    let name = match is_camel {
        true => shape.to_owned(),
        false => guard_digit(pascal(shape), "V"),
    };
    match TYPES.contains(&name.as_str()) {
        true => name + "_",
        false => name,
    }
}

/// Returns the name of the field, and of the setter, for a member.
pub fn member_name(member: &str) -> String {
    let name = guard_digit(snake(member), "_");
    match KEYWORDS.contains(&name.as_str()) || METHODS.contains(&name.as_str()) {
        true => name + "_",
        false => name,
    }
}

/// Returns the name of the module, and of the file, for a type.
pub fn module_name(type_name: &str) -> String {
    let name = snake(type_name);
    match KEYWORDS.contains(&name.as_str()) || name == "mod" {
        true => name + "_",
        false => name,
    }
}

/// Returns the name of the variant for an enum value or a union member.
pub fn variant_name(value: &str) -> String {
    let name = guard_digit(pascal(&spell_symbols(value)), "V");
    match name.as_str() {
        "" => "Empty".to_owned(),
        "Self" | "Unknown" => name + "Value",
        _ => name,
    }
}

/// Returns the name of the service's anchor type.
pub fn service_name(service: &str) -> String {
    guard_digit(pascal(service), "V")
}

/// Spells out the symbols of a value that consists of nothing else, so that `<` and `>` differ.
fn spell_symbols(value: &str) -> String {
    if value.chars().any(|c| c.is_ascii_alphanumeric()) {
        return value.to_owned();
    }
    value
        .chars()
        .map(|symbol| match symbol {
            '*' => "Asterisk ".to_owned(),
            '<' => "Less ".to_owned(),
            '>' => "Greater ".to_owned(),
            '=' => "Equal ".to_owned(),
            '!' => "Not ".to_owned(),
            '-' => "Minus ".to_owned(),
            '+' => "Plus ".to_owned(),
            '/' => "Slash ".to_owned(),
            '.' => "Dot ".to_owned(),
            ',' => "Comma ".to_owned(),
            ' ' => String::new(),
            other => format!("U{:x} ", u32::from(other)),
        })
        .collect()
}

fn guard_digit(name: String, prefix: &str) -> String {
    match name.starts_with(|c: char| c.is_ascii_digit()) {
        true => format!("{prefix}{name}"),
        false => name,
    }
}

/// Gives every wire name an identifier of its own.
///
/// Where several wire names have the same identifier, the first keeps it and the others count on, in the order
/// of `wire_names`. That order is the model's.
pub fn distinct<'a>(
    wire_names: impl IntoIterator<Item = &'a str>,
    name: impl Fn(&str) -> String,
) -> BTreeMap<&'a str, String> {
    let mut taken = BTreeSet::new();
    let mut names = BTreeMap::new();
    for wire_name in wire_names {
        let base = name(wire_name);
        let candidates = std::iter::once(base.clone()).chain((2..).map(|n| format!("{base}{n}")));
        for candidate in candidates {
            if taken.insert(candidate.to_ascii_lowercase()) {
                names.insert(wire_name, candidate);
                break;
            }
        }
    }
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_become_snake_case() {
        for (wire, rust) in [
            ("kmsKeyId", "kms_key_id"),
            ("logGroupARNs", "log_group_arns"),
            ("KMSKeyARN", "kms_key_arn"),
            ("S3Bucket", "s3_bucket"),
            ("EC2TagSet", "ec2_tag_set"),
            ("type", "type_"),
            ("new", "new_"),
            ("2faCode", "_2fa_code"),
            ("__type", "type_"),
            ("a-b.c", "a_b_c"),
        ] {
            assert_eq!(member_name(wire), rust, "{wire}");
        }
    }

    #[test]
    fn variants_become_camel_case() {
        for (wire, rust) in [
            ("INFREQUENT_ACCESS", "InfrequentAccess"),
            ("Foo", "Foo"),
            ("0", "V0"),
            ("m5.xlarge", "M5Xlarge"),
            ("aws:kms", "AwsKms"),
            ("", "Empty"),
            ("UNKNOWN", "UnknownValue"),
            ("<=", "LessEqual"),
            ("*", "Asterisk"),
        ] {
            assert_eq!(variant_name(wire), rust, "{wire}");
        }
    }

    #[test]
    fn types_keep_their_name_unless_rust_needs_it() {
        assert_eq!(type_name("LogGroup"), "LogGroup");
        assert_eq!(type_name("S3DeliveryConfiguration"), "S3DeliveryConfiguration");
        assert_eq!(type_name("Result"), "Result_");
        assert_eq!(type_name("lower_case"), "LowerCase");
    }

    #[test]
    fn colliding_names_count_on_in_the_models_order() {
        let names = distinct(["Foo", "FOO", "foo"], variant_name);
        assert_eq!(names["Foo"], "Foo");
        assert_eq!(names["FOO"], "Foo2");
        assert_eq!(names["foo"], "Foo3");
    }
}
