//! Fetches the pinned upstream package with pip, into a cache.

use std::ffi::{OsStr, OsString};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::lock::{Lock, Sha256, Upstream};

/// A file of a package at the registry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Artifact {
    /// The wheel: the models.
    Wheel,
    /// The source distribution: the models, and upstream's tests of protocols and endpoint rules.
    SourceDistribution,
}

/// A file that was fetched without a pin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fetched {
    /// Where it is.
    pub path: PathBuf,
    /// Its name, as `models.lock` has it.
    pub name: String,
    /// Its digest, to be pinned.
    pub digest: Sha256,
}

/// Why a package could not be fetched.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// There is no pip.
    #[error(
        "python3 with pip is needed to fetch {package}, and {what} was not found; install it \
         (for example `apt install python3-pip`), or pass a wheel to `awsjson import`"
    )]
    NoPip {
        /// The package.
        package: String,
        /// What is missing.
        what: &'static str,
    },
    /// The lock does not say which version to fetch.
    #[error("models.lock pins no version of {package}; import from a wheel with `--pin` first")]
    NoVersion {
        /// The package.
        package: String,
    },
    /// The lock does not say which file to fetch.
    #[error("models.lock pins no {what} of {package}; pass `--pin` to accept what the registry has")]
    NoArtifact {
        /// The package.
        package: String,
        /// The kind of file.
        what: &'static str,
    },
    /// A name in the lock would mean something else to pip or to the file system.
    #[error(
        "`{name}` in models.lock is no name of a package, a version or a file; restore it from version control"
    )]
    Name {
        /// The name.
        name: String,
    },
    /// Pip failed.
    #[error(
        "pip could not fetch {requirement}; check the network and the package index; pip said:\n{stderr}"
    )]
    Pip {
        /// What it was asked for.
        requirement: String,
        /// What it said.
        stderr: String,
    },
    /// Pip went through, but left other files than it was asked for.
    #[error("pip left no {wanted} behind; remove {} and run again", cache.display())]
    NotLeft {
        /// What was expected.
        wanted: String,
        /// The cache.
        cache: PathBuf,
    },
    /// What was fetched is not what was pinned.
    #[error(
        "{name} is not what models.lock pins: expected sha256 {expected}, found {found}; fetch nothing from that index"
    )]
    Mismatch {
        /// The file.
        name: String,
        /// The pinned digest.
        expected: Sha256,
        /// What its digest is.
        found: Sha256,
    },
    /// The file system or the operating system said no.
    #[error("cannot {action} {}; check that it is accessible and run again", path.display())]
    Io {
        /// What was tried.
        action: &'static str,
        /// The file, folder or program.
        path: PathBuf,
        /// The cause.
        source: io::Error,
    },
}

/// Returns the pinned wheel or source distribution in `cache`; it is fetched unless it is there.
///
/// # Errors
///
/// Fails where the lock does not pin it, pip is missing or fails, or the file is not the pinned one.
pub fn pinned(lock: &Lock, artifact: Artifact, cache: &Path) -> Result<PathBuf, Error> {
    pinned_with(&Pip::installed(), lock, artifact, cache)
}

/// Fetches a wheel or a source distribution of a version that is not pinned yet; `latest` is the newest.
///
/// Pip checks it against the digest in the registry's index, which is all there is to check it against.
///
/// # Errors
///
/// Fails where `upstream` has no version, or pip is missing or fails.
pub fn unpinned(upstream: &Upstream, artifact: Artifact, cache: &Path) -> Result<Fetched, Error> {
    unpinned_with(&Pip::installed(), upstream, artifact, cache)
}

impl Artifact {
    fn what(self) -> &'static str {
        match self {
            Self::Wheel => "wheel",
            Self::SourceDistribution => "source distribution",
        }
    }

    fn suffix(self) -> &'static str {
        match self {
            Self::Wheel => ".whl",
            Self::SourceDistribution => ".tar.gz",
        }
    }

    /// The option that makes pip take this kind. Only for the package itself: what its build needs may be a wheel.
    fn option(self) -> &'static str {
        match self {
            Self::Wheel => "--only-binary",
            Self::SourceDistribution => "--no-binary",
        }
    }
}

fn pinned_with(pip: &Pip, lock: &Lock, artifact: Artifact, cache: &Path) -> Result<PathBuf, Error> {
    let mut artifacts = lock.artifacts.iter();
    let (name, expected) = artifacts
        .find(|(name, _)| name.ends_with(artifact.suffix()))
        .ok_or_else(|| Error::NoArtifact {
            package: lock.upstream.package.clone(),
            what: artifact.what(),
        })?;
    if Path::new(name).file_name() != Some(OsStr::new(name)) {
        return Err(Error::Name { name: name.clone() });
    }
    let path = cache.join(name);
    if digest(&path)?.as_ref() == Some(expected) {
        return Ok(path);
    }
    let requirement = format!("{} --hash=sha256:{expected}", requirement(&lock.upstream)?);
    let fetched = pip.download(&lock.upstream, artifact, &requirement, cache)?;
    if fetched.digest != *expected {
        // Pip has checked this, unless something stands in for it.
        return Err(Error::Mismatch {
            name: fetched.name,
            expected: expected.clone(),
            found: fetched.digest,
        });
    }
    fetched.keep(path)
}

fn unpinned_with(pip: &Pip, upstream: &Upstream, artifact: Artifact, cache: &Path) -> Result<Fetched, Error> {
    let downloaded = pip.download(upstream, artifact, &requirement(upstream)?, cache)?;
    let (name, digest) = (downloaded.name.clone(), downloaded.digest.clone());
    let path = downloaded.keep(cache.join(&name))?;
    Ok(Fetched { path, name, digest })
}

/// Returns `package==version`, as a requirements file has it.
fn requirement(upstream: &Upstream) -> Result<String, Error> {
    let package = &upstream.package;
    let version = upstream.version.as_ref().ok_or_else(|| Error::NoVersion {
        package: package.clone(),
    })?;
    for name in [package, version] {
        let is_plain = |c: char| c.is_ascii_alphanumeric() || "._+!-".contains(c);
        if !name.starts_with(|c: char| c.is_ascii_alphanumeric()) || !name.chars().all(is_plain) {
            return Err(Error::Name { name: name.clone() });
        }
    }
    Ok(match version.as_str() {
        "latest" => package.clone(),
        version => format!("{package}=={version}"),
    })
}

/// Returns the digest of a file, if there is one.
fn digest(path: &Path) -> Result<Option<Sha256>, Error> {
    match fs::read(path) {
        Ok(bytes) => Ok(Some(Sha256::of(&bytes))),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(source) => Err(failure("read", path, source)),
    }
}

fn failure(action: &'static str, path: &Path, source: io::Error) -> Error {
    Error::Io {
        action,
        path: path.to_owned(),
        source,
    }
}

/// How to call pip.
struct Pip {
    program: PathBuf,
    arguments: Vec<OsString>,
}

/// A file that pip fetched, in a folder that vanishes with this.
struct Downloaded {
    folder: tempfile::TempDir,
    name: String,
    digest: Sha256,
}

impl Pip {
    /// Returns the one that is installed.
    fn installed() -> Self {
        Self {
            program: "python3".into(),
            arguments: vec!["-m".into(), "pip".into()],
        }
    }

    fn download(
        &self,
        upstream: &Upstream,
        artifact: Artifact,
        requirement: &str,
        cache: &Path,
    ) -> Result<Downloaded, Error> {
        fs::create_dir_all(cache).map_err(|source| failure("create", cache, source))?;
        let folder =
            tempfile::tempdir_in(cache).map_err(|source| failure("create a folder in", cache, source))?;
        let requirements = folder.path().join("requirements.txt");
        fs::write(&requirements, format!("{requirement}\n"))
            .map_err(|source| failure("write", &requirements, source))?;
        let mut command = self.command(&upstream.package, artifact);
        if requirement.contains("--hash") {
            command.arg("--require-hashes");
        }
        command
            .arg("--dest")
            .arg(folder.path())
            .arg("--requirement")
            .arg(&requirements);
        self.run(command, &upstream.package, requirement)?;
        let name = only_file(folder.path(), artifact)?.ok_or_else(|| Error::NotLeft {
            wanted: format!("{} of {}", artifact.what(), upstream.package),
            cache: cache.to_owned(),
        })?;
        let bytes = fs::read(folder.path().join(&name))
            .map_err(|source| failure("read", &folder.path().join(&name), source))?;
        Ok(Downloaded {
            folder,
            name,
            digest: Sha256::of(&bytes),
        })
    }

    fn command(&self, package: &str, artifact: Artifact) -> Command {
        let mut command = Command::new(&self.program);
        command.args(&self.arguments);
        command.args([
            "download",
            "--no-deps",
            "--no-input",
            "--disable-pip-version-check",
        ]);
        // The package is read and never run, so that its demands on Python do not matter.
        command.args(["--ignore-requires-python", artifact.option(), package]);
        command
    }

    fn run(&self, mut command: Command, package: &str, requirement: &str) -> Result<(), Error> {
        let missing = |what| Error::NoPip {
            package: package.to_owned(),
            what,
        };
        let output = match command.output() {
            Ok(output) => output,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Err(missing("python3")),
            Err(source) => return Err(failure("run", &self.program, source)),
        };
        if output.status.success() {
            return Ok(());
        }
        let stderr = String::from_utf8_lossy(&output.stderr);
        match stderr.contains("No module named pip") {
            true => Err(missing("its module pip")),
            false => Err(Error::Pip {
                requirement: requirement.to_owned(),
                stderr: stderr.trim().to_owned(),
            }),
        }
    }
}

impl Downloaded {
    fn keep(self, path: PathBuf) -> Result<PathBuf, Error> {
        fs::rename(self.folder.path().join(&self.name), &path)
            .map_err(|source| failure("move the download to", &path, source))?;
        Ok(path)
    }
}

/// Returns the name of the file of that kind in a folder.
fn only_file(folder: &Path, artifact: Artifact) -> Result<Option<String>, Error> {
    for entry in fs::read_dir(folder).map_err(|source| failure("list", folder, source))? {
        let name = entry
            .map_err(|source| failure("list", folder, source))?
            .file_name();
        if let Some(name) = name.to_str().filter(|name| name.ends_with(artifact.suffix())) {
            return Ok(Some(name.to_owned()));
        }
    }
    Ok(None)
}

#[cfg(all(test, unix))]
mod tests;
