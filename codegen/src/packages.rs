//! The packages of the workspace, as cargo knows them.

use std::io;
use std::path::{Path, PathBuf};

use crate::output::{File, read_if_there};

/// Why the packages of a workspace are not known.
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
    /// A manifest is no TOML.
    #[error("{} is no manifest", path.display())]
    Manifest {
        /// The file.
        path: PathBuf,
        /// Why.
        source: toml::de::Error,
    },
}

/// Returns the lock files of the workspace, and of those that it excludes, with other versions of packages; paths are relative to the root.
///
/// # Errors
///
/// Fails where a file cannot be read.
pub fn lock_files(root: &Path, versions: &[(String, String)]) -> Result<Vec<File>, Error> {
    let manifest = root.join("Cargo.toml");
    let mut folders = vec![PathBuf::new()];
    if let Some(text) = read(&manifest)? {
        let manifest: toml::Table = text.parse().map_err(|source| Error::Manifest {
            path: manifest,
            source,
        })?;
        let excluded = manifest
            .get("workspace")
            .and_then(|workspace| workspace.get("exclude")?.as_array());
        folders.extend(
            excluded
                .into_iter()
                .flatten()
                .filter_map(|folder| Some(folder.as_str()?.into())),
        );
    }
    let mut files = Vec::new();
    for folder in folders {
        let path = folder.join("Cargo.lock");
        if let Some(text) = read(&root.join(&path))? {
            let contents = with_versions(&text, versions).into_bytes();
            files.push(File { path, contents });
        }
    }
    Ok(files)
}

/// Changes versions in a lock file; cargo writes the version below the name.
fn with_versions(text: &str, versions: &[(String, String)]) -> String {
    let mut version = None;
    let lines = text.lines().map(|line| {
        if let (Some(version), true) = (version.take(), line.starts_with("version = ")) {
            return format!("version = \"{version}\"\n");
        }
        let name = line
            .strip_prefix("name = \"")
            .and_then(|rest| rest.strip_suffix('"'));
        version = name.and_then(|name| {
            versions
                .iter()
                .find(|(of, _)| of == name)
                .map(|(_, version)| version)
        });
        format!("{line}\n")
    });
    lines.collect()
}

fn read(path: &Path) -> Result<Option<String>, Error> {
    read_if_there(path).map_err(|source| Error::Read {
        path: path.to_owned(),
        source,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lock_files_have_the_new_versions_of_the_named_packages_only() {
        let text = "[[package]]\nname = \"a\"\nversion = \"0.1.0\"\n\n[[package]]\nname = \"ab\"\nversion = \"0.1.0\"\n";
        let changed = with_versions(text, &[("a".to_owned(), "0.2.0".to_owned())]);
        let expected = "[[package]]\nname = \"a\"\nversion = \"0.2.0\"\n\n[[package]]\nname = \"ab\"\nversion = \"0.1.0\"\n";
        assert_eq!(changed, expected);
    }
}
