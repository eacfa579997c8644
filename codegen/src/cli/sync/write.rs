//! Writes everything that another version of the models changes, in one step.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use awsjson_codegen::changelog;
use awsjson_codegen::edition::CHANGELOG;
use awsjson_codegen::lock;
use awsjson_codegen::lower::Settings;
use awsjson_codegen::model;
use awsjson_codegen::output::{File, Report, Stale, Transaction};
use awsjson_codegen::packages;
use awsjson_codegen::workspace::Workspace;

use super::super::generate::{manifest, stale};
use super::super::{Context, Failure};
use super::plan::Plan;

/// Replaces models, pins, and the crates that are generated from them; returns how many files changed of models, and of everything else.
pub fn write(plan: &Plan, context: &Context) -> Result<(usize, usize), Failure> {
    let workspace = &context.workspace;
    let transaction = Transaction::begin(&workspace.root)?;
    let models = stage_models(plan, workspace, &transaction)?;
    let manifest = manifest(workspace, &workspace.generated())?;
    let mut reports = context.for_each(&workspace.committed()?, |service| {
        let lowered = plan.next.service(service, Settings::default())?;
        let files = match plan.next_editions.get(service) {
            Some(edition) => plan.next.render_edition(&lowered, &manifest, &edition.after)?,
            None => plan.next.render_service(&lowered, &manifest)?,
        };
        let below = Path::new("generated").join(service);
        Ok(transaction.stage(&below, &files, &stale())?)
    })?;
    let mut others = Vec::from_iter(plan.next.render_partitions()?);
    let partitions = transaction.stage(Path::new(""), &others, &Stale::Keep)?;
    let have_partitions_changed = !partitions.written.is_empty();
    reports.push(partitions);
    others = packages::lock_files(&workspace.root, &versions(plan))?;
    if have_partitions_changed {
        others.extend(noted(
            workspace,
            &format!("The partitions of AWS are those of {}.", plan.to()),
        )?);
    }
    reports.push(transaction.stage(Path::new(""), &others, &Stale::Keep)?);
    transaction.commit()?;
    Ok((changed(&models), reports.iter().map(changed).sum()))
}

fn changed(report: &Report) -> usize {
    report.written.len() + report.removed.len()
}

fn stage_models(plan: &Plan, workspace: &Workspace, transaction: &Transaction) -> Result<Report, Failure> {
    let below = model_files(&workspace.services()?);
    let mut files = Vec::new();
    for path in &below {
        match fs::read(plan.next.models().join(path)) {
            Ok(contents) => files.push(File {
                path: path.clone(),
                contents,
            }),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(transaction.stage(Path::new("models"), &files, &Stale::Remove { below })?)
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

/// Returns the names of crates whose versions change, with these.
fn versions(plan: &Plan) -> Vec<(String, String)> {
    let editions = plan.next_editions.iter();
    editions
        .map(|(service, edition)| (format!("awsjson-{service}"), edition.after.version.clone()))
        .collect()
}

/// Returns the changelog of the workspace with another entry, where there is one.
fn noted(workspace: &Workspace, entry: &str) -> Result<Option<File>, Failure> {
    match fs::read_to_string(workspace.root.join(CHANGELOG)) {
        Ok(text) => Ok(Some(File {
            path: CHANGELOG.into(),
            contents: changelog::with_unreleased(&text, entry).into_bytes(),
        })),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error.into()),
    }
}
