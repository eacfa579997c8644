//! Where the versions of models come from that are compared.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;
use tempfile::TempDir;

use super::Side;
use crate::import::{self, Pin, Source};
use crate::lower::Settings;
use crate::model;
use crate::overlay;
use crate::workspace::{self, Workspace};

/// Why a version cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Nothing is known by that name.
    #[error(
        "`{name}` is no folder of models, no wheel of botocore, no version of it in {} and no revision of git: name one of them, a revision \
         with a colon, as in `HEAD~1:`",
        cache.display()
    )]
    Unknown {
        /// The name.
        name: String,
        /// Where downloads are.
        cache: PathBuf,
    },
    /// The revision is not known, or holds no models.
    #[error("git has no models at `{revision}`: {message}")]
    Git {
        /// The revision.
        revision: String,
        /// What git says.
        message: String,
    },
    /// A file could not be read or written.
    #[error("cannot use {}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The archive of a revision could not be read.
    #[error("the archive that git made cannot be read")]
    Archive(#[from] zip::result::ZipError),
    /// Upstream models could not be imported.
    #[error(transparent)]
    Import(#[from] import::Error),
    /// A model is not what the generator implements.
    #[error(transparent)]
    Model(#[from] workspace::Error),
}

/// A version of models: a folder, which may be a temporary one.
#[derive(Debug)]
pub struct Version {
    /// What it was asked for by.
    pub name: String,
    models: Workspace,
    /// The only service, where one was named.
    only: Option<String>,
    _folder: Option<TempDir>,
}

impl Version {
    /// Finds a version: the folder of a service, a folder of such folders, a checkout, a wheel or data folder of botocore, the number of a version of
    /// it that has been downloaded, or a revision of git with a colon behind it, as in `HEAD~1:`.
    ///
    /// # Errors
    ///
    /// Fails where there is no such version.
    pub fn open(name: &str, workspace: &Workspace) -> Result<Self, Error> {
        if let Some(revision) = name.strip_suffix(':') {
            let folder = archive(&workspace.root, revision)?;
            return Ok(Self::of(name, &folder.path().join("models"), None, Some(folder)));
        }
        let path = Path::new(name);
        if path.join("service.json").is_file() {
            let path = fs::canonicalize(path).map_err(|source| file(path, source))?;
            let service = path.file_name().map(|name| name.to_string_lossy().into_owned());
            let parent = path.parent().unwrap_or(Path::new("/"));
            return Ok(Self::of(name, parent, service, None));
        }
        for folder in [path.to_owned(), path.join("models")] {
            if holds_models(&folder) {
                return Ok(Self::of(name, &folder, None, None));
            }
        }
        let wheel = workspace
            .cache()
            .join(format!("botocore-{name}-py3-none-any.whl"));
        for upstream in [path, &wheel] {
            if upstream.exists() {
                return Self::imported(name, &Source::open(upstream)?, workspace);
            }
        }
        Err(Error::Unknown {
            name: name.to_owned(),
            cache: workspace.cache(),
        })
    }

    fn imported(name: &str, source: &Source, workspace: &Workspace) -> Result<Self, Error> {
        let folder = temporary()?;
        let services = import::awsjson_services(source)?;
        import::import(source, &services, folder.path(), Pin::Update)?;
        let path = folder.path().to_owned();
        let version = Self::of(name, &path, None, Some(folder));
        Ok(Self {
            // Upstream knows nothing of ours.
            models: version.models.with_overlays_of(workspace.models()),
            ..version
        })
    }

    fn of(name: &str, models: &Path, only: Option<String>, folder: Option<TempDir>) -> Self {
        Self {
            name: name.to_owned(),
            models: Workspace::of_models(models),
            only,
            _folder: folder,
        }
    }

    /// Lists the services, sorted.
    ///
    /// # Errors
    ///
    /// Fails where the folder cannot be read.
    pub fn services(&self) -> Result<Vec<String>, Error> {
        match &self.only {
            Some(only) => Ok(vec![only.clone()]),
            None => Ok(self.models.services()?),
        }
    }

    /// Reads the files of a service as they are; there are none where the version has no such service.
    ///
    /// # Errors
    ///
    /// Fails where a file cannot be read.
    pub fn files(&self, service: &str) -> Result<Vec<(String, Vec<u8>)>, Error> {
        let folder = self.models.models().join(service);
        let mut files = Vec::new();
        for name in model::FILES.into_iter().chain([overlay::FILE]) {
            let path = folder.join(name);
            match fs::read(&path) {
                Ok(contents) => files.push((name.to_owned(), contents)),
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(source) => return Err(file(&path, source)),
            }
        }
        Ok(files)
    }

    /// Reads and lowers a service; `files` are what [`files`](Self::files) has read of it.
    ///
    /// # Errors
    ///
    /// Fails where the model holds what the generator does not implement.
    pub fn side(&self, service: &str, files: Vec<(String, Vec<u8>)>) -> Result<Side, Error> {
        let (model, lowered) = self.models.subset(service, None, Settings::default())?;
        let files = files.into_iter().map(|(name, contents)| {
            let value = serde_json::from_slice(&contents);
            (
                name,
                value.unwrap_or_else(|_| Value::from(String::from_utf8_lossy(&contents))),
            )
        });
        Ok(Side {
            model,
            service: lowered,
            files: files.collect(),
        })
    }
}

fn holds_models(folder: &Path) -> bool {
    let services = Workspace::of_models(folder).services();
    services.is_ok_and(|services| !services.is_empty())
}

/// Unpacks the models of a revision.
fn archive(root: &Path, revision: &str) -> Result<TempDir, Error> {
    let failed = |message: String| Error::Git {
        revision: revision.to_owned(),
        message,
    };
    let git = Command::new("git")
        .arg("-C")
        .arg(root)
        .args(["archive", "--format=zip", "-0", revision, "--", "models"])
        .output();
    let output = git.map_err(|error| failed(error.to_string()))?;
    if !output.status.success() {
        return Err(failed(String::from_utf8_lossy(&output.stderr).trim().to_owned()));
    }
    let folder = temporary()?;
    zip::ZipArchive::new(io::Cursor::new(output.stdout))?.extract(folder.path())?;
    Ok(folder)
}

fn temporary() -> Result<TempDir, Error> {
    tempfile::tempdir().map_err(|source| file(&std::env::temp_dir(), source))
}

fn file(path: &Path, source: io::Error) -> Error {
    Error::File {
        path: path.to_owned(),
        source,
    }
}
