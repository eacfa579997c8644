//! A JSON object that knows where it stands, and which of its keys have been read.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::fmt;

use serde_json::{Map, Value};

/// Something in a model that the generator cannot accept.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Problem {
    /// Where: `service#Shape$member`.
    pub place: String,
    /// What: a trait's name, or a sentence.
    pub what: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (place, what) = (shown(&self.place), shown(&self.what));
        write!(f, "{place}: {what}")
    }
}

/// How much of a place, and of what is wrong there, is shown: names may have any length.
const SHOWN: usize = 400;

/// Returns text as a terminal may show it.
fn shown(text: &str) -> String {
    let mut chars = text.chars();
    let mut shown = String::new();
    for c in chars.by_ref().take(SHOWN) {
        match c.is_control() && c != '\n' {
            true => shown.extend(c.escape_default()),
            false => shown.push(c),
        }
    }
    if chars.next().is_some() {
        shown.push('…');
    }
    shown
}

/// The problems that were found so far; reading goes on after each.
#[derive(Debug, Default)]
pub struct Problems(RefCell<Vec<Problem>>);

impl Problems {
    /// Notes a problem.
    pub fn add(&self, place: &str, what: impl Into<String>) {
        self.0.borrow_mut().push(Problem {
            place: place.to_owned(),
            what: what.into(),
        });
    }

    /// Returns what was noted, sorted.
    pub fn into_sorted(self) -> Vec<Problem> {
        let mut problems = self.0.into_inner();
        problems.sort();
        problems.dedup();
        problems
    }
}

/// A JSON object that is being read: whatever is not asked for is a trait that nobody implements.
pub struct Object<'a> {
    /// Where the object stands.
    pub place: String,
    map: &'a Map<String, Value>,
    read: RefCell<BTreeSet<&'a str>>,
    problems: &'a Problems,
}

impl<'a> Object<'a> {
    /// Starts to read `value`, which stands at `place`.
    pub fn new(place: String, value: &'a Value, problems: &'a Problems) -> Option<Self> {
        let Value::Object(map) = value else {
            problems.add(&place, "expected a JSON object here");
            return None;
        };
        Some(Self {
            place,
            map,
            read: RefCell::default(),
            problems,
        })
    }

    /// Returns the value of `key`.
    pub fn get(&self, key: &str) -> Option<&'a Value> {
        let (key, value) = self.map.get_key_value(key)?;
        self.read.borrow_mut().insert(key);
        Some(value)
    }

    /// Returns the string at `key`.
    pub fn string(&self, key: &str) -> Option<String> {
        self.typed(key, "a string", |value| value.as_str().map(str::to_owned))
    }

    /// Returns the string at `key`, and notes a problem if there is none.
    pub fn required_string(&self, key: &str) -> String {
        self.string(key).unwrap_or_else(|| {
            if !self.map.contains_key(key) {
                self.problem(format!("`{key}` is missing"));
            }
            String::new()
        })
    }

    /// Tells whether `key` is there and true.
    pub fn flag(&self, key: &str) -> bool {
        self.typed(key, "true or false", Value::as_bool)
            .unwrap_or_default()
    }

    /// Returns the strings of the array at `key`.
    pub fn strings(&self, key: &str) -> Vec<String> {
        self.typed(key, "an array of strings", |value| {
            let strings = value.as_array()?.iter();
            strings.map(|s| s.as_str().map(str::to_owned)).collect()
        })
        .unwrap_or_default()
    }

    /// Returns the number at `key` as the model writes it.
    pub fn number(&self, key: &str) -> Option<String> {
        self.typed(key, "a number", |value| value.as_number().map(|n| n.to_string()))
    }

    /// Returns the object at `key`, as an object that stands at the same place.
    pub fn object(&self, key: &str) -> Option<Object<'a>> {
        self.child(self.get(key)?)
    }

    /// Starts to read an object that stands at the same place.
    pub fn child(&self, value: &'a Value) -> Option<Object<'a>> {
        Object::new(self.place.clone(), value, self.problems)
    }

    /// Returns the same object as standing at another place.
    pub fn child_at(&self, place: String) -> Self {
        Self {
            place,
            map: self.map,
            read: RefCell::default(),
            problems: self.problems,
        }
    }

    /// Tells whether the object has no keys.
    pub fn is_empty(&self) -> bool {
        self.map.is_empty()
    }

    /// Returns the entries of the object at `key`, each with its key.
    pub fn entries(&self, key: &str) -> Vec<(&'a str, &'a Value)> {
        match self.get(key) {
            Some(Value::Object(map)) => map.iter().map(|(k, v)| (k.as_str(), v)).collect(),
            Some(_) => {
                self.problem(format!("`{key}` is no JSON object"));
                Vec::new()
            }
            None => Vec::new(),
        }
    }

    /// Reads something of this place, and notes a problem where there is nothing and nobody has said why.
    pub fn noted<T>(&self, what: &str, read: impl FnOnce() -> Option<T>) -> Option<T> {
        let before = self.problems.0.borrow().len();
        let read = read();
        if read.is_none() && self.problems.0.borrow().len() == before {
            self.problem(what);
        }
        read
    }

    /// Notes a problem at this place.
    pub fn problem(&self, what: impl Into<String>) {
        self.problems.add(&self.place, what);
    }

    /// Ends reading: keys that were not read and are not harmless are traits that nobody implements.
    pub fn finish(self, harmless: &[&str]) {
        let read = self.read.borrow();
        for key in self.map.keys() {
            if !read.contains(key.as_str()) && !harmless.contains(&key.as_str()) {
                self.problems.add(&self.place, key.as_str());
            }
        }
    }

    fn typed<T>(&self, key: &str, expected: &str, convert: impl FnOnce(&'a Value) -> Option<T>) -> Option<T> {
        let value = self.get(key)?;
        let converted = convert(value);
        if converted.is_none() {
            self.problem(format!("`{key}` is not {expected}"));
        }
        converted
    }
}
