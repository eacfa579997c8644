//! What a version of upstream would change, made in a folder of its own.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use awsjson_codegen::changelog::Changelog;
use awsjson_codegen::diff::{self, Class, ServiceDiff, Version};
use awsjson_codegen::edition::Edition;
use awsjson_codegen::fetch::{self, Artifact, Fetched};
use awsjson_codegen::import::{self, Pin, Source};
use awsjson_codegen::lock::{self, Lock};
use awsjson_codegen::lower::Settings;
use awsjson_codegen::model;
use awsjson_codegen::overlay;
use awsjson_codegen::workspace::Workspace;
use tempfile::TempDir;

use super::super::diff::compare;
use super::super::{Context, Failure};
use super::Upstream;

pub struct Plan {
    /// The checkout with the other models.
    pub next: Workspace,
    /// The pins as they are.
    pub pinned: Lock,
    /// The pins of the other models.
    pub lock: Lock,
    /// What changes, of each service here.
    pub diffs: Vec<ServiceDiff>,
    /// Versions and changelogs of the crates whose users see a change.
    pub next_editions: BTreeMap<String, NextEdition>,
    /// Services upstream that are not here.
    pub new_services: Vec<String>,
    _folder: TempDir,
}

/// The version of a crate before, and what it is after.
pub struct NextEdition {
    pub before: String,
    pub after: Edition,
}

impl Plan {
    pub fn make(upstream: &Upstream, context: &Context) -> Result<Self, Failure> {
        let folder = tempfile::tempdir()?;
        let path = folder.path().to_owned();
        // Overlays stand in a copy here: whoever mends one needs to know the original.
        Self::make_in(folder, upstream, context)
            .map_err(|error| in_place(error, &path, &context.workspace.models()))
    }

    fn make_in(folder: TempDir, upstream: &Upstream, context: &Context) -> Result<Self, Failure> {
        let workspace = &context.workspace;
        let (wheel, source_distribution) = upstream.fetch(workspace)?;
        let source = Source::open(&wheel)?;
        let pinned = Lock::load_or_default(&workspace.models())?;
        let services = workspace.services()?;
        let lock = import_into(
            folder.path(),
            &source,
            &services,
            &pinned,
            source_distribution,
            workspace,
        )?;
        let open = |models: &Path| Version::open(&models.to_string_lossy(), workspace);
        let (old, new) = (open(&workspace.models())?, open(folder.path())?);
        let diffs = context.for_each(&services, |service| compare(&old, &new, service))?;
        let here = BTreeSet::from_iter(services);
        let upstream_services = import::awsjson_services(&source)?;
        let mut plan = Self {
            next: workspace.with_models(folder.path()),
            pinned,
            lock,
            diffs,
            next_editions: BTreeMap::new(),
            new_services: upstream_services
                .into_iter()
                .filter(|service| !here.contains(service))
                .collect(),
            _folder: folder,
        };
        plan.next_editions = plan.editions(workspace)?;
        Ok(plan)
    }

    /// Names the version that the models here are of.
    pub fn from(&self) -> String {
        named(&self.pinned)
    }

    /// Names the version that they are compared with.
    pub fn to(&self) -> String {
        named(&self.lock)
    }

    /// Writes the change of each committed crate into its changelog, and lets its version grow by it.
    fn editions(&self, workspace: &Workspace) -> Result<BTreeMap<String, NextEdition>, Failure> {
        let committed = BTreeSet::from_iter(workspace.committed()?);
        let mut editions = BTreeMap::new();
        for diff in self.diffs.iter().filter(|diff| committed.contains(&diff.service)) {
            let Some(class) = diff.class().filter(|class| *class != Class::Formatting) else {
                continue;
            };
            let service = workspace.service(&diff.service, Settings::default())?;
            let edition = workspace.edition(&service)?;
            let mut changelog = Changelog::read(&edition.changelog);
            let version = changelog.version_after(&edition.version.parse()?, class);
            changelog.add(
                &version,
                &format!("Models of {}", self.to()),
                &diff::entries(diff),
            );
            let after = Edition {
                version: version.to_string(),
                changelog: changelog.to_string(),
            };
            let before = edition.version;
            editions.insert(diff.service.clone(), NextEdition { before, after });
        }
        Ok(editions)
    }
}

/// Names a folder of the checkout in an error, rather than its copy.
fn in_place(error: Failure, copy: &Path, original: &Path) -> Failure {
    let text = error.to_string();
    let copy = copy.display().to_string();
    match text.contains(&copy) {
        true => text.replace(&copy, &original.display().to_string()).into(),
        false => error,
    }
}

fn named(lock: &Lock) -> String {
    match &lock.upstream.version {
        Some(version) => format!("{} {version}", lock.upstream.package),
        None => format!("{} without a version", lock.upstream.package),
    }
}

/// Imports the services that a source has into an empty folder, and copies there what stays as it is; returns the pins.
fn import_into(
    models: &Path,
    source: &Source,
    services: &[String],
    pinned: &Lock,
    source_distribution: Option<Fetched>,
    workspace: &Workspace,
) -> Result<Lock, Failure> {
    let mut present = Vec::new();
    let mut lacking = Vec::new();
    for service in services {
        match import::has_awsjson_model(source, service)? {
            true => present.push(service.clone()),
            false => lacking.push(service.clone()),
        }
    }
    import::import(source, &present, models, Pin::Update)?;
    let mut lock = Lock::load(models)?;
    for service in &present {
        copy(service, &[overlay::FILE], &workspace.models(), models)?;
    }
    for service in &lacking {
        copy(service, &model::FILES, &workspace.models(), models)?;
        copy(service, &[overlay::FILE], &workspace.models(), models)?;
        let files = pinned.files_of(service);
        lock.files
            .extend(files.map(|(name, digest)| (name.clone(), digest.clone())));
        let version = pinned.kept.get(service).or(pinned.upstream.version.as_ref());
        let version = version.map_or("an unknown version", String::as_str);
        lock.kept.insert(service.clone(), version.to_owned());
    }
    if pinned.upstream == lock.upstream {
        // Of the same version, the source distribution is the same.
        lock.artifacts.extend(pinned.artifacts.clone());
    }
    lock.artifacts
        .extend(source_distribution.map(|fetched| (fetched.name, fetched.digest)));
    lock.save(models)?;
    Ok(lock)
}

/// Copies those files of a service that are there.
fn copy(service: &str, names: &[&str], from: &Path, to: &Path) -> Result<(), Failure> {
    fs::create_dir_all(to.join(service))?;
    for name in names {
        match fs::copy(from.join(service).join(name), to.join(service).join(name)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error.into()),
            _ => {}
        }
    }
    Ok(())
}

impl Upstream {
    fn fetch(&self, workspace: &Workspace) -> Result<(PathBuf, Option<Fetched>), Failure> {
        if let Some(wheel) = &self.from {
            return Ok((wheel.clone(), None));
        }
        let package = Lock::load_or_default(&workspace.models())?.upstream.package;
        let upstream = |version: &str| lock::Upstream {
            package: package.clone(),
            version: Some(version.to_owned()),
        };
        let cache = workspace.cache();
        let wheel = fetch::unpinned(&upstream(&self.version), Artifact::Wheel, &cache)?;
        // The newest wheel says which version that is.
        let version = wheel.name.split('-').nth(1).unwrap_or(&self.version).to_owned();
        let source_distribution = fetch::unpinned(&upstream(&version), Artifact::SourceDistribution, &cache)?;
        Ok((wheel.path, Some(source_distribution)))
    }
}
