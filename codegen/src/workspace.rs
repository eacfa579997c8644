//! Where models and generated crates are, and what the stages of the generator do with them.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::edition::{self, Edition};
use crate::endpoints::{self, RuleSet};
use crate::ir::Service;
use crate::json;
use crate::locate;
use crate::lower::{self, Settings};
use crate::model::{self, Model, Problem};
use crate::output::File;
use crate::overlay::{self, Overlay};
use crate::render::{self, Manifest};

/// A checkout: `models` beside `generated` and `protocol`.
#[derive(Clone, Debug)]
pub struct Workspace {
    /// The folder of the checkout.
    pub root: PathBuf,
    models: PathBuf,
    /// Where overlays are, if that is not among these models.
    overlays: Option<PathBuf>,
}

/// Why a service could not be generated.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No folder at or above the current one holds models.
    #[error("no `models` folder here or above: run this inside of a checkout, or name one with --root")]
    NoWorkspace,
    /// There is no model of that name.
    #[error("no model of `{service}` at {}: import it with `awsjson import --from SOURCE {service}`", path.display())]
    NoModel {
        /// The service.
        service: String,
        /// Where the model would be.
        path: PathBuf,
    },
    /// A file could not be read.
    #[error("cannot read {}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A model is no JSON.
    #[error("{} is no JSON{}", path.display(), locate::show_syntax(path, source))]
    Json {
        /// The file.
        path: PathBuf,
        /// Why.
        source: serde_json::Error,
    },
    /// An overlay is no TOML, or names what does not exist.
    #[error("{} is no overlay", path.display())]
    Overlay {
        /// The file.
        path: PathBuf,
        /// Why.
        source: toml::de::Error,
    },
    /// The version of a committed crate is not known.
    #[error(transparent)]
    Edition(#[from] edition::Error),
    /// A model holds what the generator does not implement, or contradicts itself.
    #[error("{}:{}", path.display(), locate::show(path, problems))]
    Problems {
        /// The file.
        path: PathBuf,
        /// Each problem.
        problems: Vec<Problem>,
    },
}

impl Workspace {
    /// Finds the checkout that holds `start`.
    ///
    /// # Errors
    ///
    /// Fails where neither `start` nor a folder above it holds `models`.
    pub fn find(start: &Path) -> Result<Self, Error> {
        let mut folders = start.ancestors();
        let root = folders.find(|folder| folder.join("models").is_dir());
        let root = root.ok_or(Error::NoWorkspace)?.to_owned();
        let models = root.join("models");
        Ok(Self {
            root,
            models,
            overlays: None,
        })
    }

    /// Returns a workspace that is nothing but a folder of models.
    pub fn of_models(models: &Path) -> Self {
        Self {
            root: models.to_owned(),
            models: models.to_owned(),
            overlays: None,
        }
    }

    /// Returns the same checkout with other models.
    #[must_use]
    pub fn with_models(&self, models: &Path) -> Self {
        Self {
            models: models.to_owned(),
            ..self.clone()
        }
    }

    /// Takes overlays from another folder of models, as far as they are about what is in these.
    #[must_use]
    pub fn with_overlays_of(mut self, models: PathBuf) -> Self {
        self.overlays = Some(models);
        self
    }

    /// Returns where the models are.
    pub fn models(&self) -> PathBuf {
        self.models.clone()
    }

    /// Returns where the committed crates are.
    pub fn generated(&self) -> PathBuf {
        self.root.join("generated")
    }

    /// Returns where downloads and fingerprints are kept; everything there can be made again.
    pub fn cache(&self) -> PathBuf {
        self.root.join("target").join("awsjson-cache")
    }

    /// Lists the services that have a model, sorted.
    ///
    /// # Errors
    ///
    /// Fails where the folder of models cannot be read.
    pub fn services(&self) -> Result<Vec<String>, Error> {
        folders_with(&self.models(), "service.json")
    }

    /// Lists the services that have a committed crate, sorted.
    ///
    /// # Errors
    ///
    /// Fails where the folder of crates cannot be read.
    pub fn committed(&self) -> Result<Vec<String>, Error> {
        folders_with(&self.generated(), "Cargo.toml")
    }

    /// Reads the model of a service.
    ///
    /// # Errors
    ///
    /// Fails where there is no model, or where it holds what the generator does not implement.
    pub fn model(&self, service: &str) -> Result<Model, Error> {
        let path = self.models().join(service).join("service.json");
        if !path.is_file() {
            return Err(Error::NoModel {
                service: service.to_owned(),
                path,
            });
        }
        let json = read_json(&path)?;
        let model = model::read(service, &json).map_err(|problems| Error::Problems { path, problems })?;
        self.with_companions(service, model)
    }

    /// Adds what stands beside a model.
    fn with_companions(&self, service: &str, mut model: Model) -> Result<Model, Error> {
        let folder = self.models().join(service);
        model.paginators = read_companion(&folder.join("paginators.json"), service, model::read_paginators)?;
        model.waiters = read_companion(&folder.join("waiters.json"), service, model::read_waiters)?;
        Ok(model)
    }

    /// Reads the overlay of a service; one that is not there is empty.
    ///
    /// # Errors
    ///
    /// Fails where the overlay is malformed, or does not match the model.
    pub fn overlay(&self, service: &str, model: &Model) -> Result<Overlay, Error> {
        let folder = self.overlays.as_ref().unwrap_or(&self.models);
        let path = folder.join(service).join(overlay::FILE);
        if !path.is_file() {
            return Ok(Overlay::default());
        }
        let text = read(&path)?;
        let mut overlay = Overlay::read(&text).map_err(|source| Error::Overlay {
            path: path.clone(),
            source,
        })?;
        if self.overlays.is_some() {
            overlay.retain(model);
            return Ok(overlay);
        }
        let problems = overlay.check(service, model);
        match problems.is_empty() {
            true => Ok(overlay),
            false => Err(Error::Problems { path, problems }),
        }
    }

    /// Reads the endpoint rules of a service, where it has some.
    ///
    /// # Errors
    ///
    /// Fails where they hold what the generator does not implement.
    pub fn endpoint_rules(&self, service: &str) -> Result<Option<RuleSet>, Error> {
        let path = self.models().join(service).join("endpoint-rule-set.json");
        if !path.is_file() {
            return Ok(None);
        }
        let rules = endpoints::read_rules(service, &read_json(&path)?);
        rules
            .map(Some)
            .map_err(|problems| Error::Problems { path, problems })
    }

    /// Renders the table of partitions that the protocol crate holds, where both are here; its path is relative to the
    /// workspace.
    ///
    /// # Errors
    ///
    /// Fails where the partitions cannot be read.
    pub fn render_partitions(&self) -> Result<Option<File>, Error> {
        let path = self.models().join("partitions.json");
        if !path.is_file() || !self.root.join("protocol").is_dir() {
            return Ok(None);
        }
        let partitions = endpoints::read_partitions(&read_json(&path)?);
        let partitions = partitions.map_err(|problems| Error::Problems { path, problems })?;
        Ok(Some(render::render_partitions(&partitions)))
    }

    /// Reads and lowers a service.
    ///
    /// # Errors
    ///
    /// Fails as [`model`](Self::model) and [`overlay`](Self::overlay) do.
    pub fn service(&self, service: &str, settings: Settings) -> Result<Service, Error> {
        let model = self.model(service)?;
        self.lower_model(service, &model, settings)
    }

    /// Reads and lowers a service with only some of its operations; `None` is all of them. Returns the model of these as well. Modules that
    /// are written by hand, which may need any operation, are left out.
    ///
    /// # Errors
    ///
    /// Fails as [`service`](Self::service) does, and where the model has no operation of a name.
    pub fn subset(
        &self,
        service: &str,
        operations: Option<&[String]>,
        settings: Settings,
    ) -> Result<(Model, Service), Error> {
        let mut model = self.model(service)?;
        let mut overlay = self.overlay(service, &model)?;
        if let Some(operations) = operations {
            let retained = model.retain_operations(service, operations);
            retained.map_err(|problems| Error::Problems {
                path: self.models().join(service),
                problems,
            })?;
            overlay.retain(&model);
        }
        overlay.modules.clear();
        let lowered = self.lower_with(service, &model, &overlay, settings)?;
        Ok((model, lowered))
    }

    /// Lowers a service from a model that is not in `models`, with the overlay that is.
    ///
    /// # Errors
    ///
    /// Fails as [`model`](Self::model) and [`overlay`](Self::overlay) do.
    pub fn lower_json(&self, service: &str, json: &Value, settings: Settings) -> Result<Service, Error> {
        let model = model::read(service, json).map_err(|problems| Error::Problems {
            path: PathBuf::from(service),
            problems,
        })?;
        let model = self.with_companions(service, model)?;
        self.lower_model(service, &model, settings)
    }

    fn lower_model(&self, service: &str, model: &Model, settings: Settings) -> Result<Service, Error> {
        let overlay = self.overlay(service, model)?;
        self.lower_with(service, model, &overlay, settings)
    }

    fn lower_with(
        &self,
        service: &str,
        model: &Model,
        overlay: &Overlay,
        settings: Settings,
    ) -> Result<Service, Error> {
        let endpoint_rules = self.endpoint_rules(service)?;
        let lowered =
            lower::lower(service, model, overlay, settings).map_err(|problems| Error::Problems {
                path: self.models().join(service),
                problems,
            })?;
        Ok(Service {
            endpoint_rules,
            ..lowered
        })
    }

    /// Renders the crate of a service.
    ///
    /// # Errors
    ///
    /// Fails as [`service`](Self::service) does.
    pub fn render(&self, service: &str, settings: Settings, manifest: &Manifest) -> Result<Vec<File>, Error> {
        let rendered = self.service(service, settings)?;
        self.render_service(&rendered, manifest)
    }

    /// Renders the crate of a service that has been lowered, with the modules that are written by hand, and the version and changelog of the
    /// committed crate.
    ///
    /// # Errors
    ///
    /// Fails where such a module is missing, or the committed crate has no version.
    pub fn render_service(&self, service: &Service, manifest: &Manifest) -> Result<Vec<File>, Error> {
        let edition = self.edition(service)?;
        self.render_edition(service, manifest, &edition)
    }

    /// Reads the version and the changelog of the committed crate of a service; where there is none, they are those of a new crate.
    ///
    /// # Errors
    ///
    /// Fails where they cannot be read.
    pub fn edition(&self, service: &Service) -> Result<Edition, Error> {
        Ok(Edition::read(&self.generated().join(&service.folder), service)?)
    }

    /// Renders the crate of a service with another version or changelog than it has.
    ///
    /// # Errors
    ///
    /// Fails where a module that is written by hand is missing.
    pub fn render_edition(
        &self,
        service: &Service,
        manifest: &Manifest,
        edition: &Edition,
    ) -> Result<Vec<File>, Error> {
        let mut files = render::render(service, manifest, edition);
        let root = self.generated().join(&service.folder);
        for (module, _) in &service.hand_written {
            files.extend(hand_written(&root, module)?);
        }
        Ok(files)
    }
}

/// Reads a module that is written by hand: a file, or a folder of files.
fn hand_written(root: &Path, module: &str) -> Result<Vec<File>, Error> {
    let file = PathBuf::from(format!("src/{module}.rs"));
    let folder = PathBuf::from("src").join(module);
    let paths = match root.join(&folder).is_dir() {
        true => files_in(&root.join(&folder))?
            .into_iter()
            .map(|name| folder.join(name))
            .collect(),
        false => vec![file],
    };
    let read = |path: PathBuf| {
        let contents = read(&root.join(&path))?.into_bytes();
        Ok(File { path, contents })
    };
    paths.into_iter().map(read).collect()
}

/// What is read of a file beside a model, by name.
type Companion<T> = BTreeMap<String, T>;

/// Reads such a file; the first argument is the name that problems start with.
type ReadCompanion<T> = fn(&str, &Value) -> Result<Companion<T>, Vec<Problem>>;

fn read_companion<T>(path: &Path, service: &str, read: ReadCompanion<T>) -> Result<Companion<T>, Error> {
    if !path.is_file() {
        return Ok(Companion::new());
    }
    read(service, &read_json(path)?).map_err(|problems| Error::Problems {
        path: path.to_owned(),
        problems,
    })
}

/// Lists the files in a folder, by name.
fn files_in(folder: &Path) -> Result<Vec<String>, Error> {
    names_in(folder, Path::is_file)
}

/// Lists the folders in a folder that hold a file, by name.
fn folders_with(parent: &Path, file: &str) -> Result<Vec<String>, Error> {
    names_in(parent, |path| path.join(file).is_file())
}

fn names_in(parent: &Path, is_wanted: impl Fn(&Path) -> bool) -> Result<Vec<String>, Error> {
    let entries = fs::read_dir(parent).map_err(|source| Error::Read {
        path: parent.to_owned(),
        source,
    })?;
    let mut names: Vec<String> = entries
        .filter_map(Result::ok)
        .filter(|entry| is_wanted(&entry.path()))
        .filter_map(|entry| entry.file_name().into_string().ok())
        .collect();
    names.sort();
    Ok(names)
}

fn read(path: &Path) -> Result<String, Error> {
    fs::read_to_string(path).map_err(|source| Error::Read {
        path: path.to_owned(),
        source,
    })
}

fn read_json(path: &Path) -> Result<Value, Error> {
    json::read(read(path)?.as_bytes()).map_err(|source| Error::Json {
        path: path.to_owned(),
        source,
    })
}
