//! Finds upstream's files in a folder or a wheel.

use std::collections::BTreeMap;
use std::fs;
use std::io::Cursor;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use zip::ZipArchive;

use super::{Error, Upstream, decode};
use crate::lock::Sha256;

/// Where the data folder is in a wheel.
const DATA: &str = "botocore/data/";

/// The file that states the version of the package.
const INIT: &str = "botocore/__init__.py";

/// Upstream's models: a folder or a wheel.
#[derive(Debug)]
pub struct Source {
    path: PathBuf,
    version: Option<String>,
    artifact: Option<(String, Sha256)>,
    files: Files,
    /// Service, API version, and what stands there.
    names: BTreeMap<String, BTreeMap<String, Vec<String>>>,
}

#[derive(Debug)]
enum Files {
    /// The data folder itself.
    Folder(PathBuf),
    /// Its clones share the bytes and the directory.
    Wheel(ZipArchive<Cursor<Arc<[u8]>>>),
}

impl Source {
    /// Opens a wheel (`*.whl`), the folder `botocore/data`, or a folder that holds `botocore/data` or `data`.
    ///
    /// # Errors
    ///
    /// Fails where there are no models, or they cannot be read.
    pub fn open(path: &Path) -> Result<Self, Error> {
        let source = match path.extension().is_some_and(|extension| extension == "whl") {
            true => Self::open_wheel(path)?,
            false => Self::open_folder(path)?,
        };
        let has_models = source.services().next().is_some();
        match has_models {
            true => Ok(source),
            false => Err(Error::NoModels {
                path: path.to_owned(),
            }),
        }
    }

    /// Returns what was opened.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Returns the version of the package, if it says one.
    pub fn version(&self) -> Option<&str> {
        self.version.as_deref()
    }

    /// Returns the names of all services that have a model, sorted.
    pub fn services(&self) -> impl Iterator<Item = &str> {
        let with_model = self
            .names
            .keys()
            .filter(|service| self.api_versions(service).next().is_some());
        with_model.map(String::as_str)
    }

    /// Returns the file name and the digest of a wheel.
    pub(super) fn artifact(&self) -> Option<(String, Sha256)> {
        self.artifact.clone()
    }

    /// Returns the newest API version of a service that has a model.
    pub(super) fn newest_api_version(&self, service: &str) -> Result<String, Error> {
        // Versions are dates with the year first, so the newest is the greatest.
        match self.api_versions(service).max() {
            Some(version) => Ok(version.to_owned()),
            None => Err(Error::UnknownService {
                service: service.to_owned(),
                close: self.close_names(service),
            }),
        }
    }

    /// Reads the file `stem.json.gz` or `stem.json` below the data folder, as it is.
    ///
    /// A release has only one of the two. The compressed one goes first, for that is what a release ships.
    pub(super) fn read(&self, stem: &str) -> Result<Option<Upstream>, Error> {
        for suffix in [".json.gz", ".json"] {
            let name = format!("{stem}{suffix}");
            let bytes = match &self.files {
                Files::Folder(data) => read_file(&data.join(&name))?,
                Files::Wheel(archive) => read_entry(&self.path, archive, &format!("{DATA}{name}"))?,
            };
            if let Some(bytes) = bytes {
                return Ok(Some(Upstream { name, bytes }));
            }
        }
        Ok(None)
    }

    fn open_wheel(path: &Path) -> Result<Self, Error> {
        let bytes = read_file(path)?.ok_or_else(|| Error::NoModels {
            path: path.to_owned(),
        })?;
        let file_name = path
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        let artifact = (file_name, Sha256::of(&bytes));
        let archive = ZipArchive::new(Cursor::new(Arc::from(bytes))).map_err(|source| Error::Wheel {
            path: path.to_owned(),
            source: Box::new(source),
        })?;
        let mut names = BTreeMap::new();
        for name in archive.file_names() {
            let name = name.map_err(|source| Error::Wheel {
                path: path.to_owned(),
                source: Box::new(source),
            })?;
            let below = name.strip_prefix(DATA).unwrap_or_default();
            if let [service, version, file] = below.split('/').collect::<Vec<_>>()[..] {
                add_name(&mut names, service, version, file);
            }
        }
        Ok(Self {
            path: path.to_owned(),
            version: read_entry(path, &archive, INIT)?.and_then(|init| stated_version(&init)),
            artifact: Some(artifact),
            files: Files::Wheel(archive),
            names,
        })
    }

    fn open_folder(path: &Path) -> Result<Self, Error> {
        let candidates = [path.join("botocore/data"), path.join("data"), path.to_owned()];
        let data = candidates.into_iter().find(|folder| folder.is_dir());
        let data = data.ok_or_else(|| Error::NoModels {
            path: path.to_owned(),
        })?;
        let mut names = BTreeMap::new();
        for service in list(&data)? {
            for version in list(&data.join(&service))? {
                for file in list(&data.join(&service).join(&version))? {
                    add_name(&mut names, &service, &version, &file);
                }
            }
        }
        let init = read_file(&data.join("../__init__.py"))?;
        Ok(Self {
            path: path.to_owned(),
            version: init.and_then(|init| stated_version(&init)),
            artifact: None,
            files: Files::Folder(data),
            names,
        })
    }

    /// Returns the API versions of a service for which there is a model.
    fn api_versions(&self, service: &str) -> impl Iterator<Item = &str> {
        let versions = self.names.get(service).into_iter().flatten();
        versions
            .filter(|(_, files)| {
                files
                    .iter()
                    .any(|file| file == "service-2.json" || file == "service-2.json.gz")
            })
            .map(|(version, _)| version.as_str())
    }

    fn close_names(&self, wanted: &str) -> Vec<String> {
        let likeness = |service: &str| strsim::jaro_winkler(service, &wanted.to_lowercase());
        let mut close: Vec<(f64, &str)> = self
            .services()
            .map(|service| (likeness(service), service))
            .filter(|(likeness, service)| *likeness > 0.8 || service.contains(wanted))
            .collect();
        close.sort_by(|(a, _), (b, _)| b.total_cmp(a));
        close
            .into_iter()
            .take(3)
            .map(|(_, service)| service.to_owned())
            .collect()
    }
}

type Names = BTreeMap<String, BTreeMap<String, Vec<String>>>;

fn add_name(names: &mut Names, service: &str, version: &str, file: &str) {
    let versions = names.entry(service.to_owned()).or_default();
    versions
        .entry(version.to_owned())
        .or_default()
        .push(file.to_owned());
}

/// Returns the names of what stands in a folder; a file holds nothing.
fn list(folder: &Path) -> Result<Vec<String>, Error> {
    if !folder.is_dir() {
        return Ok(Vec::new());
    }
    let failure = |source| Error::Read {
        path: folder.to_owned(),
        source,
    };
    let mut names = Vec::new();
    for entry in fs::read_dir(folder).map_err(failure)? {
        // Upstream's names are ASCII, so that others are not upstream's.
        names.extend(entry.map_err(failure)?.file_name().into_string().ok());
    }
    Ok(names)
}

/// Reads a file, unless there is none.
fn read_file(path: &Path) -> Result<Option<Vec<u8>>, Error> {
    let failure = |source| Error::Read {
        path: path.to_owned(),
        source,
    };
    match fs::File::open(path) {
        Ok(file) => decode::read_bounded(&path.to_string_lossy(), file, failure).map(Some),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(failure(error)),
    }
}

/// Reads an entry of a wheel, unless there is none.
fn read_entry(
    path: &Path,
    archive: &ZipArchive<Cursor<Arc<[u8]>>>,
    name: &str,
) -> Result<Option<Vec<u8>>, Error> {
    let failure = |source| Error::Wheel {
        path: path.to_owned(),
        source: Box::new(source),
    };
    let mut archive = archive.clone();
    match archive.by_name(name) {
        Ok(entry) => decode::read_bounded(name, entry, |error| failure(error.into())).map(Some),
        Err(zip::result::ZipError::FileNotFound) => Ok(None),
        Err(error) => Err(failure(error)),
    }
}

/// Finds `__version__ = '1.2.3'`.
fn stated_version(init: &[u8]) -> Option<String> {
    let init = String::from_utf8_lossy(init);
    let stated = init.lines().find_map(|line| line.strip_prefix("__version__"))?;
    let version = stated
        .trim_start_matches([' ', '='])
        .trim()
        .trim_matches(['\'', '"']);
    let is_version = |c: char| c.is_ascii_alphanumeric() || ".+!-_".contains(c);
    (!version.is_empty() && version.chars().all(is_version)).then(|| version.to_owned())
}
