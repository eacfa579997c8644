//! Changelogs: what is new is added to the version that comes next; what stands there stays as it is.
//!
//! The newest version stands first. It is marked with `(unreleased)` until it is released:
//!
//! ```text
//! ## 0.2.0 (unreleased)
//! ...
//! ## 0.1.0
//! ```

use semver::Version;

use crate::diff::Class;

/// What marks a version that is not released.
const UNRELEASED: &str = "(unreleased)";

/// Returns the version that follows `released` after a change of that class.
pub fn next(released: &Version, class: Class) -> Version {
    let Version {
        major, minor, patch, ..
    } = *released;
    match (class, major) {
        (Class::Formatting, _) => released.clone(),
        (Class::Breaking, 0) => Version::new(0, minor + 1, 0),
        (Class::Breaking, _) => Version::new(major + 1, 0, 0),
        (Class::Additive, 1..) => Version::new(major, minor + 1, 0),
        (Class::Additive | Class::Documentation, _) => Version::new(major, minor, patch + 1),
    }
}

/// A changelog, newest version first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Changelog {
    lines: Vec<String>,
}

impl Changelog {
    /// Reads a changelog; every text is one.
    pub fn read(text: &str) -> Self {
        Self {
            lines: text.lines().map(str::to_owned).collect(),
        }
    }

    /// Returns the newest version that is released.
    pub fn released(&self) -> Option<Version> {
        let mut released = self.lines.iter().filter(|line| !line.contains(UNRELEASED));
        released.find_map(|line| heading(line))
    }

    /// Returns the version that is not released yet, where there is one.
    pub fn pending(&self) -> Option<Version> {
        let newest = self.newest().map(|newest| &self.lines[newest]);
        newest
            .filter(|line| line.contains(UNRELEASED))
            .and_then(|line| heading(line))
    }

    /// Returns the version that a crate has after a change of that class. What is not released yet grows once only, by the
    /// gravest of its changes.
    pub fn version_after(&self, current: &Version, class: Class) -> Version {
        let released = self.released();
        match (released, self.pending()) {
            // Nothing was released that the change could be compared with.
            (None, Some(_)) => current.clone(),
            (Some(released), _) => next(&released, class).max(current.clone()),
            (None, None) => next(current, class),
        }
    }

    /// Adds entries below a heading to the version that is not released yet, which is `version` now.
    pub fn add(&mut self, version: &Version, heading: &str, entries: &[String]) {
        self.open(version);
        let begin = self.newest().map_or(0, |newest| newest + 1);
        let next = self.lines[begin..]
            .iter()
            .position(|line| line.starts_with("## "));
        let mut end = next.map_or(self.lines.len(), |next| begin + next);
        while end > begin && self.lines[end - 1].trim().is_empty() {
            end -= 1;
        }
        let added = [String::new(), format!("### {heading}"), String::new()];
        self.lines
            .splice(end..end, added.into_iter().chain(entries.iter().cloned()));
    }

    /// Makes the version that comes next the newest one, with a mark.
    fn open(&mut self, version: &Version) {
        let line = format!("## {version} {UNRELEASED}");
        match self.newest() {
            Some(newest) if self.lines[newest].contains(UNRELEASED) => self.lines[newest] = line,
            Some(newest) => drop(self.lines.splice(newest..newest, [line, String::new()])),
            None => self.lines.extend([String::new(), line]),
        }
    }

    /// Dates the version that comes next, which is released thereby.
    pub fn release(&mut self, version: &Version, date: &str) {
        self.open(version);
        if let Some(newest) = self.newest() {
            self.lines[newest] = format!("## {version} ({date})");
        }
    }

    fn newest(&self) -> Option<usize> {
        self.lines.iter().position(|line| heading(line).is_some())
    }
}

impl std::fmt::Display for Changelog {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.lines.iter().try_for_each(|line| writeln!(f, "{line}"))
    }
}

/// Adds an entry below the heading of what is not released, in a changelog that is not about versions of one crate.
pub fn with_unreleased(text: &str, entry: &str) -> String {
    let heading = "## Unreleased\n\n";
    match text.split_once(heading) {
        Some((before, after)) => format!("{before}{heading}* {entry}\n{after}"),
        None => format!("{}\n\n{heading}* {entry}\n", text.trim_end()),
    }
}

/// Returns the version that a line is the heading of.
fn heading(line: &str) -> Option<Version> {
    let name = line.strip_prefix("## ")?.split_whitespace().next()?;
    Version::parse(name.trim_matches(['[', ']'])).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn version(text: &str) -> Version {
        text.parse().expect("a version")
    }

    #[test]
    fn versions_grow_as_cargo_understands_them() {
        for (class, from, to) in [
            (Class::Breaking, "0.1.3", "0.2.0"),
            (Class::Additive, "0.1.3", "0.1.4"),
            (Class::Documentation, "0.1.3", "0.1.4"),
            (Class::Formatting, "0.1.3", "0.1.3"),
            (Class::Breaking, "1.2.3", "2.0.0"),
            (Class::Additive, "1.2.3", "1.3.0"),
            (Class::Documentation, "1.2.3", "1.2.4"),
        ] {
            assert_eq!(next(&version(from), class), version(to), "{class} after {from}");
        }
    }

    #[test]
    fn what_is_not_released_grows_once_by_the_gravest_change() {
        let mut log = Changelog::read("# Changelog\n\n## 0.1.0\n\n* The first version.\n");
        let mut current = version("0.1.0");
        for (class, expected) in [
            (Class::Additive, "0.1.1"),
            (Class::Additive, "0.1.1"),
            (Class::Breaking, "0.2.0"),
            (Class::Additive, "0.2.0"),
            (Class::Breaking, "0.2.0"),
        ] {
            current = log.version_after(&current, class);
            assert_eq!(current, version(expected), "{class}");
            log.add(&current, "Models", &["* A change.".to_owned()]);
        }
        log.release(&current, "2026-01-02");
        assert_eq!(log.version_after(&current, Class::Additive), version("0.2.1"));
    }

    #[test]
    fn entries_by_hand_stay_and_new_ones_follow_them() {
        let mut log = Changelog::read(
            "# Changelog\n\nWhat changes.\n\n## 0.1.1 (unreleased)\n\n* By hand.\n\n## 0.1.0\n\n* The first.\n",
        );
        log.add(
            &version("0.2.0"),
            "Models of 2",
            &["* **breaking** `a`".to_owned()],
        );
        assert_eq!(
            log.to_string(),
            "# Changelog\n\nWhat changes.\n\n## 0.2.0 (unreleased)\n\n* By hand.\n\n### Models of 2\n\n* **breaking** `a`\n\n\
             ## 0.1.0\n\n* The first.\n"
        );
        log.release(&version("0.2.0"), "2026-01-02");
        assert!(
            log.to_string().contains("\n## 0.2.0 (2026-01-02)\n\n* By hand."),
            "{log}"
        );
        log.add(
            &version("0.2.1"),
            "Models of 3",
            &["* **additive** `b`".to_owned()],
        );
        assert!(
            log.to_string().contains(
                "\n## 0.2.1 (unreleased)\n\n### Models of 3\n\n* **additive** `b`\n\n## 0.2.0 (2026-01-02)"
            ),
            "{log}"
        );
    }

    #[test]
    fn a_changelog_without_versions_gets_one() {
        let mut log = Changelog::read("# Changelog\n");
        log.add(&version("0.1.1"), "Models", &["* A change.".to_owned()]);
        assert_eq!(
            log.to_string(),
            "# Changelog\n\n## 0.1.1 (unreleased)\n\n### Models\n\n* A change.\n"
        );
    }
}
