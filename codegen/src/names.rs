//! Every Rust identifier of generated code is decided here. Wire names are never re-cased.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use crate::model::Problem;

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

/// Returns the command line's name for a member or an operation, such as `kms-key-id`.
pub fn flag_name(name: &str) -> String {
    snake(name).replace('_', "-")
}

/// Returns the name of the constant for a waiter.
pub fn constant_name(waiter: &str) -> String {
    guard_digit(snake(waiter).to_ascii_uppercase(), "W")
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

/// Returns the name of the output type of an operation whose request type is `request`.
pub fn output_name(request: &str) -> String {
    // The underscore parts a name from a word of Rust, which the output's name is not.
    format!("{}Output", request.trim_end_matches('_'))
}

/// The longest identifier, in bytes: types name files, whose names may have 255 bytes. The longest of a model has 81.
const LONGEST: usize = 160;

/// Tells why the name of a service, which names its crate and its folder, cannot be that.
pub fn service_problem(service: &str) -> Option<String> {
    let is_plain = service.starts_with(|c: char| c.is_ascii_alphabetic())
        && service
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_');
    (!is_plain || service.len() > 64).then(|| {
        "cannot name a crate: use a letter, then letters, digits, `-` and `_`, 64 at most".to_owned()
    })
}

/// Tells whether a name that a human chose can stand as it is.
fn is_free_identifier(name: &str) -> bool {
    let mut chars = name.chars();
    chars.next().is_some_and(|c| c.is_ascii_alphabetic())
        && chars.all(|c| c.is_ascii_alphanumeric() || c == '_')
        && !KEYWORDS.contains(&name)
        && !METHODS.contains(&name)
        && !TYPES.contains(&name)
}

/// Gives things identifiers, and notes those that would share one.
///
/// An identifier depends on nothing but the thing's own wire name, so a model that grows never renames what was there.
/// Where two would share one, a human names one of them in the overlay; until then generation fails.
#[derive(Debug)]
pub struct Namer<'a> {
    service: &'a str,
    pins: &'a BTreeMap<String, String>,
    used_pins: RefCell<BTreeSet<&'a str>>,
    problems: RefCell<Vec<Problem>>,
}

impl<'a> Namer<'a> {
    /// Starts to name the things of a service; `pins` are the names that the overlay gives, by place.
    pub fn new(service: &'a str, pins: &'a BTreeMap<String, String>) -> Self {
        Self {
            service,
            pins,
            used_pins: RefCell::default(),
            problems: RefCell::default(),
        }
    }

    /// Names things that stand side by side: each by its place in the model, its wire name, and how such things are named.
    ///
    /// Identifiers that differ in case only count as the same: they would share a file.
    pub fn name_all<'n>(
        &self,
        things: impl IntoIterator<Item = (String, &'n str)>,
        name: impl Fn(&str) -> String,
    ) -> BTreeMap<&'n str, String> {
        let mut taken: BTreeMap<String, &str> = BTreeMap::new();
        let mut names = BTreeMap::new();
        for (place, wire_name) in things {
            let name = self.pin(&place).unwrap_or_else(|| name(wire_name));
            self.check(&place, &name);
            if let Some(other) = taken.insert(name.to_ascii_lowercase(), wire_name) {
                self.problem(
                    &place,
                    format!(
                        "is named `{name}` like `{other}`; name one of them under [names] in the overlay"
                    ),
                );
            }
            names.insert(wire_name, name);
        }
        names
    }

    /// Returns what is wrong with the names, once everything has one.
    pub fn into_problems(self) -> Vec<Problem> {
        let used = self.used_pins.take();
        for place in self.pins.keys().filter(|place| !used.contains(place.as_str())) {
            self.problem(
                place,
                "overlay: [names] has a name for it, but the model has no such thing".to_owned(),
            );
        }
        self.problems.into_inner()
    }

    /// Notes a name that cannot stand in Rust, or in the name of a file.
    fn check(&self, place: &str, name: &str) {
        if !name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_') || name == "_" {
            let what =
                "has no letter or digit that a name could be made of; name it under [names] in the overlay";
            self.problem(place, what.to_owned());
        }
        if name.len() > LONGEST {
            let what = format!(
                "has a name of {} bytes, and {LONGEST} are the most; name it under [names] in the overlay",
                name.len()
            );
            self.problem(place, what);
        }
    }

    fn pin(&self, place: &str) -> Option<String> {
        let (place, name) = self.pins.get_key_value(place)?;
        self.used_pins.borrow_mut().insert(place);
        if !is_free_identifier(name) {
            self.problem(place, format!("overlay: `{name}` cannot be the name of it"));
            return None;
        }
        Some(name.clone())
    }

    fn problem(&self, place: &str, what: String) {
        let place = format!("{}#{place}", self.service);
        self.problems.borrow_mut().push(Problem { place, what });
    }
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
    fn names_that_collide_are_a_problem_until_one_is_pinned() {
        let things = || ["fooBar", "FooBar"].map(|name| (format!("Shape${name}"), name));
        let none = BTreeMap::new();
        let namer = Namer::new("probe", &none);
        namer.name_all(things(), member_name);
        let problems = namer.into_problems();
        assert_eq!(problems.len(), 1);
        assert_eq!(problems[0].place, "probe#Shape$FooBar");

        let pins = BTreeMap::from([("Shape$FooBar".to_owned(), "other_foo_bar".to_owned())]);
        let namer = Namer::new("probe", &pins);
        let names = namer.name_all(things(), member_name);
        assert_eq!(
            (names["fooBar"].as_str(), names["FooBar"].as_str()),
            ("foo_bar", "other_foo_bar")
        );
        assert_eq!(namer.into_problems(), []);
    }

    #[test]
    fn a_pin_without_a_use_or_that_is_no_identifier_is_a_problem() {
        for (place, name) in [("Gone", "Fine"), ("Shape", "no identifier"), ("Shape", "type")] {
            let pins = BTreeMap::from([(place.to_owned(), name.to_owned())]);
            let namer = Namer::new("probe", &pins);
            namer.name_all([("Shape".to_owned(), "Shape")], type_name);
            assert_eq!(namer.into_problems().len(), 1, "{place} = {name}");
        }
    }
}
