//! The version of a generated crate and its changelog: what a crate has of its own, beside what its model says.

use std::io;
use std::path::{Path, PathBuf};

use crate::ir::Service;
use crate::output::read_if_there;
use crate::render::prose;

/// The version that a crate begins with.
pub const FIRST_VERSION: &str = "0.1.0";

/// The name of the changelog in the folder of a crate.
pub const CHANGELOG: &str = "CHANGELOG.md";

/// The version of a crate, and its changelog.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edition {
    /// The version, as `Cargo.toml` has it.
    pub version: String,
    /// The text of `CHANGELOG.md`, which people write as well.
    pub changelog: String,
}

/// Why a crate's version is not known.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A file could not be read.
    #[error("cannot read {}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The manifest does not say the version.
    #[error("{} has no version under [package]; restore it from version control", path.display())]
    NoVersion {
        /// The manifest.
        path: PathBuf,
    },
}

impl Edition {
    /// Reads what the crate in `folder` has of its own; a crate that is not there yet has its first version.
    ///
    /// # Errors
    ///
    /// Fails where a file cannot be read, or does not say the version.
    pub fn read(folder: &Path, service: &Service) -> Result<Self, Error> {
        let version = version(folder)?.unwrap_or_else(|| FIRST_VERSION.to_owned());
        let changelog = read(&folder.join(CHANGELOG))?;
        Ok(Self {
            changelog: changelog.unwrap_or_else(|| first_changelog(service, &version)),
            version,
        })
    }
}

/// Reads the version of the crate in `folder`; `None` where there is no crate.
///
/// # Errors
///
/// Fails where its manifest cannot be read, or does not say the version.
pub fn version(folder: &Path) -> Result<Option<String>, Error> {
    let path = folder.join("Cargo.toml");
    let Some(text) = read(&path)? else {
        return Ok(None);
    };
    let manifest: Option<toml::Table> = text.parse().ok();
    let version = manifest
        .as_ref()
        .and_then(|manifest| manifest.get("package")?.get("version")?.as_str());
    match version {
        Some(version) => Ok(Some(version.to_owned())),
        None => Err(Error::NoVersion { path }),
    }
}

fn first_changelog(service: &Service, version: &str) -> String {
    let operations = service.operations.len();
    format!(
        "# Changelog\n\n## {version}\n\n* The first version: {operations} operations of {}.\n",
        prose(&service.full_name)
    )
}

fn read(path: &Path) -> Result<Option<String>, Error> {
    read_if_there(path).map_err(|source| Error::Read {
        path: path.to_owned(),
        source,
    })
}
