//! Pins the upstream files that models are imported from: `models/models.lock`.

use std::collections::BTreeMap;
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use sha2::Digest as _;

use crate::output::{self, File, Stale};

/// The name of the file in the models folder.
pub const FILE_NAME: &str = "models.lock";

/// Stands above the pins.
const HEADER: &str = "\
# Pins of the upstream files that the models beside this file were imported from.
# Written by `awsjson sync` and `awsjson import --pin`; not meant to be edited by hand.

";

/// The pins of all models.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Lock {
    /// Where the models come from.
    pub upstream: Upstream,
    /// The package's files at the registry, by file name.
    #[serde(default)]
    pub artifacts: BTreeMap<String, Sha256>,
    /// Services that this version of the package lacks, with the version that their models are of.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub kept: BTreeMap<String, String>,
    /// The files in the package, by path below its `data` folder, as they are: compressed ones compressed.
    #[serde(default)]
    pub files: BTreeMap<String, Sha256>,
}

/// A package of a registry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Upstream {
    /// Its name.
    pub package: String,
    /// Its version, where the source of the models said it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
}

impl Default for Upstream {
    fn default() -> Self {
        Self {
            package: "botocore".to_owned(),
            version: None,
        }
    }
}

/// A SHA-256 digest, shown as 64 lower-case hexadecimal digits.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Sha256(String);

impl Sha256 {
    /// Computes the digest of `bytes`.
    pub fn of(bytes: &[u8]) -> Self {
        let digest = sha2::Sha256::digest(bytes);
        Self(digest.iter().map(|byte| format!("{byte:02x}")).collect())
    }

    /// Returns the hexadecimal digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Sha256 {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        Self::try_from(text.to_owned())
    }
}

impl TryFrom<String> for Sha256 {
    type Error = Error;

    fn try_from(text: String) -> Result<Self, Error> {
        let is_digit = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
        match text.len() == 64 && text.bytes().all(is_digit) {
            true => Ok(Self(text)),
            false => Err(Error::Digest { text }),
        }
    }
}

impl From<Sha256> for String {
    fn from(digest: Sha256) -> Self {
        digest.0
    }
}

impl fmt::Display for Sha256 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Why pins could not be read or written, or do not hold.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// There is no lock file.
    #[error("{} is missing; run the import with `--pin` to create it", path.display())]
    Missing {
        /// Where it should be.
        path: PathBuf,
    },
    /// The lock file could not be read.
    #[error("cannot read {}; check that it is accessible and run again", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// The cause.
        source: io::Error,
    },
    /// The lock file is no lock file.
    #[error("{} is no lock file; restore it from version control", path.display())]
    Format {
        /// The file.
        path: PathBuf,
        /// The cause.
        source: Box<toml::de::Error>,
    },
    /// A text is no digest.
    #[error("`{text}` is no sha256 digest; expected 64 lower-case hexadecimal digits")]
    Digest {
        /// The text.
        text: String,
    },
    /// A file has no pin.
    #[error("{name} is not in models.lock: expected a pin, found sha256 {found}; pass `--pin` to accept it")]
    Unpinned {
        /// The file, as the lock would name it.
        name: String,
        /// What its digest is.
        found: Sha256,
    },
    /// A file is not the one that was pinned.
    #[error(
        "{name} is not what models.lock pins: expected sha256 {expected}, found {found}; pass `--pin` to accept it"
    )]
    Mismatch {
        /// The file, as the lock names it.
        name: String,
        /// The pinned digest.
        expected: Sha256,
        /// What its digest is.
        found: Sha256,
    },
    /// A pinned file has vanished.
    #[error(
        "{name} is pinned in models.lock: expected sha256 {expected}, found no such file; pass `--pin` to accept that"
    )]
    Vanished {
        /// The file, as the lock names it.
        name: String,
        /// The pinned digest.
        expected: Sha256,
    },
    /// The lock file could not be written.
    #[error("cannot save models.lock")]
    Save(#[from] output::Error),
}

impl Lock {
    /// Reads the lock file of a models folder.
    ///
    /// # Errors
    ///
    /// Fails where the file is missing, unreadable, or no lock file.
    pub fn load(models: &Path) -> Result<Self, Error> {
        let path = models.join(FILE_NAME);
        match std::fs::read_to_string(&path) {
            Ok(text) => Self::parse(&text).map_err(|source| Error::Format {
                path,
                source: Box::new(source),
            }),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Err(Error::Missing { path }),
            Err(source) => Err(Error::Read { path, source }),
        }
    }

    /// Reads the lock file of a models folder, or starts a new one where there is none.
    ///
    /// # Errors
    ///
    /// Fails where the file is unreadable or no lock file.
    pub fn load_or_default(models: &Path) -> Result<Self, Error> {
        match Self::load(models) {
            Err(Error::Missing { .. }) => Ok(Self::default()),
            loaded => loaded,
        }
    }

    /// Writes the lock file of a models folder, if it changed.
    ///
    /// # Errors
    ///
    /// Fails where the file system refuses.
    pub fn save(&self, models: &Path) -> Result<(), Error> {
        output::write(models, &[self.to_file()], Stale::Keep)?;
        Ok(())
    }

    /// Returns the lock file, to be written to the models folder.
    pub fn to_file(&self) -> File {
        let pins = toml::to_string(self).expect("tables of strings have a form in TOML");
        File {
            path: FILE_NAME.into(),
            contents: format!("{HEADER}{pins}").into_bytes(),
        }
    }

    /// Returns the pins of the files of a service.
    pub fn files_of<'a>(&'a self, service: &'a str) -> impl Iterator<Item = (&'a String, &'a Sha256)> {
        let is_of = move |name: &str| name.split_once('/').is_some_and(|(folder, _)| folder == service);
        self.files.iter().filter(move |(name, _)| is_of(name))
    }

    /// Checks that the file `name` of the package is the one that is pinned.
    ///
    /// # Errors
    ///
    /// Fails where the file has no pin, or another digest.
    pub fn verify(&self, name: &str, found: &Sha256) -> Result<(), Error> {
        match self.files.get(name) {
            Some(expected) if expected == found => Ok(()),
            Some(expected) => Err(Error::Mismatch {
                name: name.to_owned(),
                expected: expected.clone(),
                found: found.clone(),
            }),
            None => Err(Error::Unpinned {
                name: name.to_owned(),
                found: found.clone(),
            }),
        }
    }

    fn parse(text: &str) -> Result<Self, toml::de::Error> {
        toml::from_str(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lock() -> Lock {
        let mut lock = Lock::default();
        lock.upstream.version = Some("1.2.3".to_owned());
        lock.artifacts.insert("b.whl".to_owned(), Sha256::of(b"wheel"));
        lock.files
            .insert("z/2020-01-01/service-2.json.gz".to_owned(), Sha256::of(b"z"));
        lock.files
            .insert("a/2020-01-01/service-2.json.gz".to_owned(), Sha256::of(b"a"));
        lock
    }

    #[test]
    fn a_saved_lock_loads_as_it_was() {
        let models = tempfile::tempdir().unwrap();
        lock().save(models.path()).unwrap();
        assert_eq!(Lock::load(models.path()).unwrap(), lock());
        let without_version = Lock::default();
        without_version.save(models.path()).unwrap();
        assert_eq!(Lock::load(models.path()).unwrap(), without_version);
    }

    #[test]
    fn the_file_is_sorted_and_says_what_writes_it() {
        let file = lock().to_file();
        let text = String::from_utf8(file.contents).unwrap();
        assert!(text.starts_with("# Pins of"), "{text}");
        let at = |part: &str| text.find(part).unwrap_or_else(|| panic!("no {part} in {text}"));
        let parts = [
            "version = \"1.2.3\"",
            "[artifacts]",
            "[files]",
            "\"a/2020",
            "\"z/2020",
        ];
        assert!(parts.windows(2).all(|pair| at(pair[0]) < at(pair[1])), "{text}");
    }

    #[test]
    fn a_file_is_verified_against_its_pin() {
        let name = "a/2020-01-01/service-2.json.gz";
        lock().verify(name, &Sha256::of(b"a")).unwrap();
        let error = lock().verify(name, &Sha256::of(b"other")).unwrap_err();
        let text = error.to_string();
        for part in [
            name,
            Sha256::of(b"a").as_str(),
            Sha256::of(b"other").as_str(),
            "--pin",
        ] {
            assert!(text.contains(part), "no {part} in {text}");
        }
        let error = lock().verify("b/service-2.json", &Sha256::of(b"a")).unwrap_err();
        assert!(matches!(error, Error::Unpinned { .. }), "{error}");
    }

    #[test]
    fn a_missing_lock_is_an_error_that_says_how_to_make_one() {
        let models = tempfile::tempdir().unwrap();
        let error = Lock::load(models.path()).unwrap_err();
        assert!(error.to_string().contains("--pin"), "{error}");
        assert_eq!(Lock::load_or_default(models.path()).unwrap(), Lock::default());
    }

    #[test]
    fn a_damaged_lock_is_an_error_and_no_new_lock() {
        let models = tempfile::tempdir().unwrap();
        for text in [
            "upstream = 1",
            "<<<<<<< HEAD",
            "[upstream]\npackage = \"b\"\n[files]\na = \"beef\"\n",
        ] {
            std::fs::write(models.path().join(FILE_NAME), text).unwrap();
            let error = Lock::load_or_default(models.path()).unwrap_err();
            assert!(matches!(error, Error::Format { .. }), "{text}: {error}");
        }
    }

    #[test]
    fn digests_are_those_of_sha256() {
        // The empty message's digest, FIPS 180-4.
        let empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        assert_eq!(Sha256::of(b"").as_str(), empty);
        assert_eq!(empty.parse::<Sha256>().unwrap(), Sha256::of(b""));
        empty.to_uppercase().parse::<Sha256>().unwrap_err();
    }
}
