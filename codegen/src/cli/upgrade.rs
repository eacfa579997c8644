//! `upgrade`.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use awsjson_codegen::diff::{self, ServiceDiff, Version};
use awsjson_codegen::import::{self, Pin, Source};
use awsjson_codegen::lock::{self, Lock, Upstream};
use awsjson_codegen::lower::Settings;
use awsjson_codegen::model;
use awsjson_codegen::output::{File, Stale, Transaction};
use awsjson_codegen::overlay;
use awsjson_codegen::sync::{self, Artifact};
use awsjson_codegen::workspace::Workspace;
use clap::Args;

use super::Failure;
use super::diff::compare;
use super::generate::{for_each, manifest, stale};

#[derive(Args, Debug)]
pub struct Upgrade {
    /// The version of botocore to take the models from
    #[arg(default_value = "latest")]
    version: String,
    /// Takes this wheel instead of fetching one; a source distribution of the same version stays pinned, none is fetched
    #[arg(long, value_name = "WHEEL", conflicts_with = "version")]
    from: Option<PathBuf>,
    /// Says what would change, and changes nothing
    #[arg(long)]
    dry_run: bool,
}

impl Upgrade {
    /// Returns the upgrade to the newest version that changes nothing.
    pub fn outdated() -> Self {
        Self {
            version: "latest".to_owned(),
            from: None,
            dry_run: true,
        }
    }

    pub fn run(self, workspace: &Workspace) -> Result<ExitCode, Failure> {
        let (wheel, source_distribution) = self.fetch(workspace)?;
        // Everything is made in a folder of its own first.
        let folder = tempfile::tempdir()?;
        let models = folder.path();
        let services = workspace.services()?;
        import::import(&Source::open(&wheel)?, &services, models, Pin::Update)?;
        copy_overlays(workspace, models)?;
        let mut lock = Lock::load(models)?;
        let pinned = Lock::load_or_default(&workspace.models())?;
        if pinned.upstream == lock.upstream {
            // Of the same version, the source distribution is the same.
            lock.artifacts.extend(pinned.artifacts.clone());
        }
        let fetched = source_distribution.map(|fetched| (fetched.name, fetched.digest));
        lock.artifacts.extend(fetched);
        lock.save(models)?;
        let next = workspace.with_models(models);
        let open = |models: &Path| Version::open(&models.to_string_lossy(), workspace);
        let (old, new) = (open(&workspace.models())?, open(models)?);
        let version = |lock: &Lock| {
            lock.upstream
                .version
                .clone()
                .unwrap_or_else(|| "no version".to_owned())
        };
        anstream::eprintln!("from {} to {}", version(&pinned), version(&lock));
        let diffs: Vec<ServiceDiff> = for_each(&services, |service| compare(&old, &new, service))?;
        anstream::print!("{}", diff::text(&diffs));
        if self.dry_run {
            return Ok(ExitCode::SUCCESS);
        }
        let (models, crates) = replace(workspace, &next)?;
        anstream::println!("{models} files of models and {crates} files of crates written or removed");
        Ok(ExitCode::SUCCESS)
    }

    fn fetch(&self, workspace: &Workspace) -> Result<(PathBuf, Option<sync::Fetched>), Failure> {
        if let Some(wheel) = &self.from {
            return Ok((wheel.clone(), None));
        }
        let package = Lock::load_or_default(&workspace.models())?.upstream.package;
        let upstream = |version: &str| Upstream {
            package: package.clone(),
            version: Some(version.to_owned()),
        };
        let cache = workspace.cache();
        let wheel = sync::fetch_unpinned(&upstream(&self.version), Artifact::Wheel, &cache)?;
        // The newest wheel says which version that is.
        let version = wheel.name.split('-').nth(1).unwrap_or(&self.version).to_owned();
        let source_distribution =
            sync::fetch_unpinned(&upstream(&version), Artifact::SourceDistribution, &cache)?;
        Ok((wheel.path, Some(source_distribution)))
    }
}

fn copy_overlays(workspace: &Workspace, models: &Path) -> Result<(), Failure> {
    for service in workspace.services()? {
        let overlay = workspace.models().join(&service).join(overlay::FILE);
        if overlay.is_file() {
            fs::copy(overlay, models.join(&service).join(overlay::FILE))?;
        }
    }
    Ok(())
}

/// Replaces the models, and the crates that are generated from them, in one step; returns how many files of each changed.
fn replace(workspace: &Workspace, next: &Workspace) -> Result<(usize, usize), Failure> {
    let transaction = Transaction::begin(&workspace.root)?;
    let below = model_files(&workspace.services()?);
    let mut files = Vec::new();
    for path in &below {
        match fs::read(next.models().join(path)) {
            Ok(contents) => files.push(File {
                path: path.clone(),
                contents,
            }),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            Err(error) => return Err(error.into()),
        }
    }
    let models = transaction.stage(Path::new("models"), &files, &Stale::Remove { below })?;
    let manifest = manifest(workspace, &workspace.generated());
    let crates = for_each(&workspace.committed()?, |service| {
        let lowered = next.service(service, Settings::default())?;
        let files = next.render_service(&lowered, &manifest)?;
        let below = Path::new("generated").join(service);
        Ok(transaction.stage(&below, &files, &stale())?)
    })?;
    let partitions = Vec::from_iter(next.render_partitions()?);
    let partitions = transaction.stage(Path::new(""), &partitions, &Stale::Keep)?;
    transaction.commit()?;
    let changed = crates.iter().chain([&partitions]);
    let crates = changed
        .map(|report| report.written.len() + report.removed.len())
        .sum();
    Ok((models.written.len() + models.removed.len(), crates))
}

/// Lists every file that an import may leave, relative to the folder of models.
fn model_files(services: &[String]) -> Vec<PathBuf> {
    let of_services = services
        .iter()
        .flat_map(|service| model::FILES.map(|file| Path::new(service).join(file)));
    of_services
        .chain([lock::FILE_NAME.into(), "partitions.json".into()])
        .collect()
}
