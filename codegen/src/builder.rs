//! Generating a client from a build script.

use std::path::{Path, PathBuf};

use crate::lower::Settings;
use crate::output::{self, File, Stale};
use crate::render::{self, Waiters};
use crate::workspace::{Error, Workspace};

/// Generates the part of a client that a crate needs, from its `build.rs`, as one module.
///
/// ```no_run
/// // build.rs
/// awsjson_codegen::Builder::new()
///     .model("models/logs")
///     .operations(["AssociateKmsKey", "PutLogEvents"])
///     .generate()
///     .unwrap_or_else(|error| panic!("{error}"));
/// ```
///
/// ```ignore
/// // src/main.rs
/// include!(concat!(env!("OUT_DIR"), "/logs.rs"));
/// use logs::{AssociateKmsKey, Client};
/// ```
///
/// The crate depends on `awsjson-protocol`, and on `awsjson-codegen` as a build dependency without default features. Operations that answer
/// with a stream of events need the feature `event-stream` of `awsjson-protocol`, those that compress need `compression`.
#[derive(Clone, Debug, Default)]
pub struct Builder {
    model: PathBuf,
    operations: Vec<String>,
    out_dir: Option<PathBuf>,
    waiters: bool,
}

/// Why a build script could not generate a client.
#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    /// The path names no folder of a service, or none was set.
    #[error("`{}` is no folder of a model, which holds `service.json`: name one with `model(..)`", path.display())]
    NoModel {
        /// The path.
        path: PathBuf,
    },
    /// Neither `out_dir` nor the variable is set.
    #[error(
        "nowhere to write to: call this from a build script, where cargo sets OUT_DIR, or set `out_dir(..)`"
    )]
    NoOutDir,
    /// The model, or what stands beside it, is not what the generator implements.
    #[error(transparent)]
    Model(#[from] Error),
    /// The file could not be written.
    #[error(transparent)]
    Write(#[from] output::Error),
}

impl Builder {
    /// Returns a builder that needs a [`model`](Self::model) yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Generates from a folder such as `models/logs`, with `service.json` and what else stands there; the folder names the
    /// module.
    #[must_use]
    pub fn model(mut self, folder: impl Into<PathBuf>) -> Self {
        self.model = folder.into();
        self
    }

    /// Generates these operations, and the types that they reach. Default: all.
    #[must_use]
    pub fn operations(mut self, operations: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.operations.extend(operations.into_iter().map(Into::into));
        self
    }

    /// Generates the waiters of these operations as well; the crate needs the feature `waiters` of `awsjson-protocol`.
    #[must_use]
    pub fn waiters(mut self) -> Self {
        self.waiters = true;
        self
    }

    /// Sets where the file goes. Default: `OUT_DIR`, which cargo sets for build scripts.
    #[must_use]
    pub fn out_dir(mut self, folder: impl Into<PathBuf>) -> Self {
        self.out_dir = Some(folder.into());
        self
    }

    /// Writes the module, if it is not there yet as it should be, and returns its path. Tells cargo to run the build script again
    /// when the model changes.
    ///
    /// # Errors
    ///
    /// Fails where the model cannot be read, has no operation of a name, or holds what the generator does not implement, and
    /// where the file cannot be written.
    pub fn generate(self) -> Result<PathBuf, BuildError> {
        let name = self.model.file_name().and_then(|name| name.to_str());
        let (Some(name), true) = (name, self.model.join("service.json").is_file()) else {
            return Err(BuildError::NoModel { path: self.model });
        };
        println!("cargo:rerun-if-changed={}", self.model.display());
        let out_dir = self
            .out_dir
            .or_else(|| std::env::var_os("OUT_DIR").map(PathBuf::from));
        let out_dir = out_dir.ok_or(BuildError::NoOutDir)?;
        let models = self.model.parent().unwrap_or(Path::new("."));
        let only = (!self.operations.is_empty()).then_some(self.operations.as_slice());
        let (_, service) = Workspace::of_models(models).subset(name, only, Settings::default())?;
        let waiters = match self.waiters {
            true => Waiters::Included,
            false => Waiters::LeftOut,
        };
        let file = File {
            path: format!("{name}.rs").into(),
            contents: render::render_module(&service, waiters).into_bytes(),
        };
        let path = out_dir.join(&file.path);
        output::write(&out_dir, &[file], Stale::Keep)?;
        Ok(path)
    }
}
