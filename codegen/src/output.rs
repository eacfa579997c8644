//! Puts files on disk, or tells how the disk differs from them.

mod transaction;

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Component, Path, PathBuf};

pub use transaction::{Transaction, recover};

/// A file to be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct File {
    /// Where, relative to a root that the writer is told.
    pub path: PathBuf,
    /// What.
    pub contents: Vec<u8>,
}

/// What to do with files that an earlier run wrote and this one does not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stale {
    /// They go, and folders that they leave empty go with them.
    Remove {
        /// The files and folders, relative to the root, that belong to the generator alone.
        below: Vec<PathBuf>,
    },
    /// They stay.
    Keep,
}

/// What a run did, as paths relative to the root.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// Files that are new or whose bytes changed.
    pub written: Vec<PathBuf>,
    /// Files that no longer belong.
    pub removed: Vec<PathBuf>,
    /// How many files were as they should be.
    pub unchanged: usize,
}

/// A file on disk that is not what it should be.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Difference {
    /// The file, relative to the root.
    pub path: PathBuf,
    /// What is wrong with it.
    pub kind: DifferenceKind,
}

/// What is wrong with a file on disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum DifferenceKind {
    /// It is not there.
    Missing,
    /// Its bytes are others.
    Differs,
    /// It no longer belongs.
    Stale,
}

/// Why files could not be written or compared.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A path is absolute, empty, or climbs with `..`.
    #[error("`{}` is no path below the output folder; name files relative to it, without `..`", path.display())]
    Outside {
        /// The path.
        path: PathBuf,
    },
    /// Two files have the same path.
    #[error("two files are both to be written to `{}`; give each a path of its own", path.display())]
    Duplicate {
        /// The path.
        path: PathBuf,
    },
    /// A symbolic link stands where a folder is to be, and may lead anywhere.
    #[error("{} is a symbolic link, through which nothing is written; remove it and run again", path.display())]
    Link {
        /// The link.
        path: PathBuf,
    },
    /// A folder or a device stands where a file is to be written.
    #[error("{} is in the way: it is no file; move it and run again", path.display())]
    Obstacle {
        /// The path.
        path: PathBuf,
    },
    /// Another run changes the same files.
    #[error("another run is at work below {}; wait for its end", path.display())]
    Busy {
        /// Where it keeps what is under way.
        path: PathBuf,
    },
    /// The file system said no.
    #[error("cannot {action} {}; check that it is accessible and run again", path.display())]
    Io {
        /// What was tried.
        action: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// The cause.
        source: io::Error,
    },
}

/// Writes the files whose bytes changed, and removes stale ones, all or none: see [`Transaction`].
///
/// # Errors
///
/// Fails where a path leaves `root`, two paths are the same, another run is at work there, or the file system refuses.
pub fn write(root: &Path, files: &[File], stale: Stale) -> Result<Report, Error> {
    let transaction = Transaction::begin(root)?;
    let report = transaction.stage(Path::new(""), files, &stale)?;
    transaction.commit()?;
    Ok(report)
}

/// Tells how the disk differs from what [`write()`] would leave there, sorted by path; writes nothing.
///
/// # Errors
///
/// Fails where a path leaves `root`, two paths are the same, or the file system refuses.
pub fn check(root: &Path, files: &[File], stale: Stale) -> Result<Vec<Difference>, Error> {
    let plan = plan(root, files, &stale)?;
    let mut differences: Vec<Difference> = plan
        .to_write
        .iter()
        .map(|file| Difference {
            path: file.path.clone(),
            kind: match root.join(&file.path).exists() {
                true => DifferenceKind::Differs,
                false => DifferenceKind::Missing,
            },
        })
        .collect();
    differences.extend(plan.stale.into_iter().map(|path| Difference {
        path,
        kind: DifferenceKind::Stale,
    }));
    differences.sort();
    Ok(differences)
}

/// What separates the disk from what is wanted.
struct Plan<'a> {
    to_write: Vec<&'a File>,
    stale: Vec<PathBuf>,
    unchanged: usize,
}

fn plan<'a>(root: &Path, files: &'a [File], stale: &Stale) -> Result<Plan<'a>, Error> {
    let mut wanted = BTreeSet::new();
    for file in files {
        check_is_below(&file.path)?;
        if !wanted.insert(file.path.as_path()) {
            return Err(Error::Duplicate {
                path: file.path.clone(),
            });
        }
    }
    let mut found = BTreeSet::new();
    if let Stale::Remove { below } = stale {
        for path in below {
            check_is_below(path)?;
            check_is_no_link(root, path)?;
            collect_files(root, path, &mut found)?;
        }
    }
    let mut to_write = Vec::new();
    for file in files {
        if !is_current(&root.join(&file.path), &file.contents)? {
            check_is_no_link(root, &file.path)?;
            to_write.push(file);
        }
    }
    Ok(Plan {
        unchanged: files.len() - to_write.len(),
        to_write,
        stale: found
            .into_iter()
            .filter(|path| !wanted.contains(path.as_path()))
            .collect(),
    })
}

fn check_is_below(path: &Path) -> Result<(), Error> {
    let is_plain = path.components().all(|part| matches!(part, Component::Normal(_)));
    match is_plain && path.components().next().is_some() {
        true => Ok(()),
        false => Err(Error::Outside {
            path: path.to_owned(),
        }),
    }
}

/// Checks that no folder between the root and a file is a symbolic link; the root itself may be one.
fn check_is_no_link(root: &Path, path: &Path) -> Result<(), Error> {
    let folders = path
        .ancestors()
        .skip(1)
        .filter(|folder| !folder.as_os_str().is_empty());
    for folder in folders {
        let folder = root.join(folder);
        if fs::symlink_metadata(&folder).is_ok_and(|metadata| metadata.is_symlink()) {
            return Err(Error::Link { path: folder });
        }
    }
    Ok(())
}

/// Reads a text file, unless there is none.
///
/// # Errors
///
/// Fails where it is there and cannot be read.
pub(crate) fn read_if_there(path: &Path) -> io::Result<Option<String>> {
    match fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

fn is_current(path: &Path, contents: &[u8]) -> Result<bool, Error> {
    let metadata = match fs::metadata(path) {
        Ok(metadata) => metadata,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
        Err(source) => return Err(failure("read", path, source)),
    };
    if !metadata.is_file() {
        return Err(Error::Obstacle {
            path: path.to_owned(),
        });
    }
    if usize::try_from(metadata.len()) != Ok(contents.len()) {
        return Ok(false);
    }
    let current = fs::read(path).map_err(|source| failure("read", path, source))?;
    Ok(current == contents)
}

/// Adds the file `path`, or every file below the folder `path`. Symbolic links count as files: what they point to
/// belongs to somebody else.
fn collect_files(root: &Path, path: &Path, found: &mut BTreeSet<PathBuf>) -> Result<(), Error> {
    let full = root.join(path);
    let metadata = match fs::symlink_metadata(&full) {
        Ok(metadata) => metadata,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(source) => return Err(failure("read", &full, source)),
    };
    if !metadata.is_dir() {
        found.insert(path.to_owned());
        return Ok(());
    }
    for entry in fs::read_dir(&full).map_err(|source| failure("list", &full, source))? {
        let entry = entry.map_err(|source| failure("list", &full, source))?;
        collect_files(root, &path.join(entry.file_name()), found)?;
    }
    Ok(())
}

/// Removes the file `path`, and the folders up to `root` that it leaves empty.
fn remove(root: &Path, path: &Path) -> Result<(), Error> {
    let full = root.join(path);
    fs::remove_file(&full).map_err(|source| failure("remove", &full, source))?;
    for folder in path.ancestors().skip(1) {
        // Only an empty folder can be removed, so the first failure is the first folder that is still in use.
        if folder.as_os_str().is_empty() || fs::remove_dir(root.join(folder)).is_err() {
            break;
        }
    }
    Ok(())
}

fn failure(action: &'static str, path: &Path, source: io::Error) -> Error {
    Error::Io {
        action,
        path: path.to_owned(),
        source,
    }
}

#[cfg(test)]
mod tests;
