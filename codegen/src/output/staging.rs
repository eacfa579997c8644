//! Writes files beside their places first, so that all of them can be written before any is moved.

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use super::{Error, failure};

/// Files that are written beside their places and wait to be moved there; what is left when it is dropped vanishes.
#[derive(Default)]
pub(super) struct Staging {
    files: Vec<(NamedTempFile, PathBuf)>,
    new_folders: Vec<PathBuf>,
}

impl Staging {
    /// Writes a file beside `target`.
    pub(super) fn stage(&mut self, target: &Path, contents: &[u8]) -> Result<(), Error> {
        let folder = target.parent().unwrap_or(Path::new("."));
        self.create_folders(folder)?;
        let mut file =
            create_temporary(folder).map_err(|source| failure("create a file in", folder, source))?;
        file.write_all(contents)
            .map_err(|source| failure("write", file.path(), source))?;
        self.files.push((file, target.to_owned()));
        Ok(())
    }

    fn create_folders(&mut self, folder: &Path) -> Result<(), Error> {
        if folder.as_os_str().is_empty() || folder.is_dir() {
            return Ok(());
        }
        if let Some(parent) = folder.parent() {
            self.create_folders(parent)?;
        }
        fs::create_dir(folder).map_err(|source| failure("create the folder", folder, source))?;
        self.new_folders.push(folder.to_owned());
        Ok(())
    }

    /// Moves every file to its place.
    pub(super) fn persist(mut self) -> Result<(), Error> {
        for (file, target) in self.files.drain(..) {
            file.persist(&target)
                .map_err(|error| failure("replace", &target, error.error))?;
        }
        self.new_folders.clear();
        Ok(())
    }
}

impl Drop for Staging {
    fn drop(&mut self) {
        self.files.clear();
        for folder in self.new_folders.iter().rev() {
            // A folder that somebody else put something into meanwhile stays.
            let _ = fs::remove_dir(folder);
        }
    }
}

fn create_temporary(folder: &Path) -> io::Result<NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(".awsjson-");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        // As `File::create` has it: the umask narrows this down. The crate's own default is for secrets.
        builder.permissions(fs::Permissions::from_mode(0o666));
    }
    let folder = match folder.as_os_str().is_empty() {
        true => Path::new("."),
        false => folder,
    };
    builder.tempfile_in(folder)
}
