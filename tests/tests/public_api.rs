//! What users of each committed crate can name, written down: a change of it shows in review, and goes red here until it is meant.
//!
//! `AWSJSON_UPDATE=1 cargo test -p awsjson-tests --test public_api` writes down what there is now. What most types have in common is said once, at
//! the top of each file, so that a type's own lines say what is its own and nothing is left out.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use awsjson_codegen::diff::surface::{self, Surface};
use awsjson_codegen::lower::Settings;
use awsjson_codegen::workspace::Workspace;

#[test]
fn the_interface_of_each_committed_crate_is_what_was_written_down() {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let workspace = Workspace::find(here).expect("the checkout");
    let committed = workspace.committed().expect("the crates");
    assert!(committed.len() >= 15, "crates are missing: {committed:?}");
    let folder = here.join("api");
    let mut changed = Vec::new();
    for service in &committed {
        let lowered = workspace.service(service, Settings::default());
        let now = outline(&surface::of(&lowered.expect("the service can be generated")));
        let path = folder.join(format!("{service}.txt"));
        if std::env::var_os("AWSJSON_UPDATE").is_some() {
            fs::create_dir_all(&folder).expect("the folder can be made");
            fs::write(&path, now).expect("the file can be written");
            continue;
        }
        let before = fs::read_to_string(&path).unwrap_or_default();
        if before != now {
            changed.push(format!("{service}:\n{}", difference(&before, &now)));
        }
    }
    assert!(
        changed.is_empty(),
        "public interfaces changed; if that is meant, update them with AWSJSON_UPDATE=1, and bump versions where lines are gone:\n{}",
        changed.join("\n")
    );
}

#[test]
fn an_outline_loses_nothing() {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let workspace = Workspace::find(here).expect("the checkout");
    let service = workspace.service("sqs", Settings::default());
    let whole = surface::of(&service.expect("the service can be generated"));
    let before = outline(&whole);
    // Some of each kind: a type, a member, a setter, a trait, a variant.
    for path in whole.items.keys().step_by(17) {
        let mut changed = whole.clone();
        let entry = changed.items.remove(path).expect("it is there");
        assert_ne!(outline(&changed), before, "{path} can vanish unnoticed");
        let signature = format!("{} other", entry.signature);
        changed
            .items
            .insert(path.clone(), surface::Entry { signature, ..entry });
        assert_ne!(outline(&changed), before, "{path} can change unnoticed");
        let mut changed = whole.clone();
        if !changed.deprecated.remove(path) {
            changed.deprecated.insert(path.clone());
        }
        assert_ne!(
            outline(&changed),
            before,
            "the deprecation of {path} does not show"
        );
    }
}

/// What is said once for all types of a crate.
struct Common {
    /// The traits that most types of a kind have, by the kind.
    traits: BTreeMap<String, String>,
    /// The functions that most types of a kind have, such as those of enums of strings.
    functions: BTreeMap<String, String>,
    /// The setter that most members of a kind of type have, by that kind; `_` is the type.
    setters: BTreeMap<String, String>,
}

type Types = BTreeMap<String, Parts>;

/// What belongs to one type, by its name there.
#[derive(Default)]
struct Parts {
    head: String,
    /// Members with their types.
    fields: BTreeMap<String, String>,
    /// Variants with what they hold.
    variants: BTreeMap<String, String>,
    functions: BTreeMap<String, String>,
    /// Traits with their associated types.
    traits: BTreeMap<String, String>,
}

fn outline(surface: &Surface) -> String {
    let types = types(surface);
    let common = Common::of(&types);
    let mut text = String::from("# In common, unless a type says otherwise\n");
    for (name, table) in [
        ("traits of", &common.traits),
        ("functions of", &common.functions),
        ("setter of", &common.setters),
    ] {
        for (of, what) in table.iter().filter(|(_, what)| !what.is_empty()) {
            let _ = writeln!(text, "{name} {of}: {what}");
        }
    }
    text.push_str("\n# Types\n");
    for (name, parts) in &types {
        parts.write(name, &common, &types, &mut text);
    }
    text
}

/// Gathers what belongs to each type.
fn types(surface: &Surface) -> Types {
    let mut types = Types::new();
    for (path, entry) in &surface.items {
        let parts = types.entry(entry.owner.clone()).or_default();
        let mark = match surface.deprecated.contains(path) {
            true => " (deprecated)",
            false => "",
        };
        let signature = format!("{}{mark}", entry.signature);
        let own = path
            .strip_prefix(&entry.owner)
            .expect("a path begins with its owner");
        if own.is_empty() {
            parts.head = signature;
        } else if let Some(field) = own.strip_prefix('.') {
            parts.fields.insert(field.to_owned(), signature);
        } else if let Some(name) = own.strip_prefix(": ") {
            parts.traits.insert(name.to_owned(), signature);
        } else {
            let name = own.trim_start_matches("::").to_owned();
            match entry.signature.starts_with("fn(") {
                true => parts.functions.insert(name, signature),
                false => parts.variants.insert(name, signature),
            };
        }
    }
    types
}

impl Common {
    fn of(types: &Types) -> Self {
        let setters = types.values().flat_map(|parts| {
            let setter = |(name, of): (&String, &String)| {
                let (kind, _) = abstracted(of, types);
                Some((kind, abstracted(parts.functions.get(name)?, types).1))
            };
            parts.fields.iter().filter_map(setter)
        });
        let setters = most_frequent(setters);
        let traits = types
            .values()
            .map(|parts| (parts.head.clone(), parts.plain_traits()));
        let functions = types.values().map(|parts| {
            let functions = parts.functions(|field, setter| is_usual(&setters, field, setter, types));
            (parts.head.clone(), functions)
        });
        Self {
            traits: most_frequent(traits),
            functions: most_frequent(functions),
            setters,
        }
    }
}

/// Returns a text with each type that is an enum or a structure replaced by its kind, and by `_`.
fn abstracted(text: &str, types: &Types) -> (String, String) {
    let (mut kinds, mut places) = (String::new(), String::new());
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    let mut rest = text;
    while !rest.is_empty() {
        let end = match rest.find(is_word) {
            Some(0) => rest.find(|c| !is_word(c)).unwrap_or(rest.len()),
            Some(begin) => begin,
            None => rest.len(),
        };
        let (part, later) = rest.split_at(end);
        let named = [part.to_owned(), format!("types::{part}")];
        match named.iter().find_map(|name| types.get(name)) {
            Some(parts) => {
                kinds.push_str(&parts.head);
                places.push('_');
            }
            None => {
                kinds.push_str(part);
                places.push_str(part);
            }
        }
        rest = later;
    }
    (kinds, places)
}

/// Tells whether the setter of a member is the one that members of its kind have.
fn is_usual(setters: &BTreeMap<String, String>, field: &str, setter: &str, types: &Types) -> bool {
    let (kind, _) = abstracted(field, types);
    // The types themselves have to be the same as well, not just their kinds.
    let named = |text: &str| {
        let words = text.split(|c: char| !c.is_alphanumeric() && c != '_');
        let known =
            words.filter(|word| types.contains_key(*word) || types.contains_key(&format!("types::{word}")));
        known.map(str::to_owned).collect::<Vec<_>>()
    };
    setters.get(&kind) == Some(&abstracted(setter, types).1) && named(field) == named(setter)
}

impl Parts {
    fn write(&self, name: &str, common: &Common, types: &Types, text: &mut String) {
        let _ = write!(text, "{name}: {}", self.head);
        let usual = common.traits.get(&self.head).map_or("", String::as_str);
        for change in changes(usual, &self.plain_traits()) {
            let _ = write!(text, " {change}");
        }
        for (name, types) in self.traits.iter().filter(|(_, types)| !types.is_empty()) {
            let _ = write!(text, " {name}<{types}>");
        }
        text.push('\n');
        let functions = self.functions(|field, setter| is_usual(&common.setters, field, setter, types));
        if common.functions.get(&self.head) != Some(&functions) {
            let _ = writeln!(text, "  {functions}");
        }
        for (name, of) in &self.fields {
            // Required members are arguments of `new`, and set as they are afterwards.
            let lacks = match of.starts_with("Option<") && !self.functions.contains_key(name) {
                true => ", no setter",
                false => "",
            };
            let _ = writeln!(text, "  .{name}: {of}{lacks}");
        }
        let variant = |(name, holds): (&String, &String)| match holds.is_empty() {
            true => name.clone(),
            false => format!("{name}({holds})"),
        };
        let variants: Vec<String> = self.variants.iter().map(variant).collect();
        if !variants.is_empty() {
            let _ = writeln!(text, "  {}", variants.join(" | "));
        }
    }

    /// Lists the traits without associated types.
    fn plain_traits(&self) -> String {
        let traits = self.traits.iter().filter(|(_, types)| types.is_empty());
        traits
            .map(|(name, _)| name.as_str())
            .collect::<Vec<_>>()
            .join(", ")
    }

    /// Lists the functions but for setters that are as usual.
    fn functions(&self, is_usual: impl Fn(&str, &str) -> bool) -> String {
        let is_own = |(name, setter): &(&String, &String)| match self.fields.get(*name) {
            Some(field) => !is_usual(field, setter),
            None => true,
        };
        let functions = self.functions.iter().filter(is_own);
        let functions = functions.map(|(name, signature)| format!("{name}: {signature}"));
        functions.collect::<Vec<_>>().join("; ")
    }
}

/// Says what a list has beside, and not of, what is usual.
fn changes(usual: &str, own: &str) -> Vec<String> {
    let set = |text: &str| -> BTreeSet<String> { text.split(", ").map(str::to_owned).collect() };
    let (usual, own) = (set(usual), set(own));
    let lacks = usual.difference(&own).filter(|name| !name.is_empty());
    let lacks = lacks.map(|name| format!("-{name}"));
    let has = own.difference(&usual).filter(|name| !name.is_empty());
    lacks.chain(has.map(|name| format!("+{name}"))).collect()
}

/// Returns, for each key, the value that it has most often.
fn most_frequent(pairs: impl Iterator<Item = (String, String)>) -> BTreeMap<String, String> {
    let mut counts = BTreeMap::<String, BTreeMap<String, usize>>::new();
    for (key, value) in pairs {
        *counts.entry(key).or_default().entry(value).or_default() += 1;
    }
    let most = |values: BTreeMap<String, usize>| {
        values
            .into_iter()
            .max_by_key(|(_, count)| *count)
            .map(|(value, _)| value)
    };
    counts
        .into_iter()
        .filter_map(|(key, values)| Some((key, most(values)?)))
        .collect()
}

/// Shows the lines that are gone and those that are new, each below the type that it is about.
fn difference(before: &str, now: &str) -> String {
    let (old, new) = (lines(before), lines(now));
    let gone = old.difference(&new).map(|line| format!("- {line}"));
    gone.chain(new.difference(&old).map(|line| format!("+ {line}")))
        .collect::<Vec<_>>()
        .join("\n")
}

/// Returns each line with the type that it stands below.
fn lines(text: &str) -> BTreeSet<String> {
    let mut owner = "";
    let mut lines = BTreeSet::new();
    for line in text.lines() {
        match line.starts_with("  ") {
            true => drop(lines.insert(format!("{owner}{}", line.trim_start()))),
            false => {
                owner = line.split(": ").next().unwrap_or(line);
                lines.insert(line.to_owned());
            }
        }
    }
    lines
}
