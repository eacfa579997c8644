//! `diff`.

use std::collections::BTreeSet;
use std::process::ExitCode;

use awsjson_codegen::diff::{self, Class, ServiceDiff, Version};
use clap::{Args, ValueEnum};

use super::{Context, FOUND, Failure};

#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  awsjson diff HEAD~1: models                         since the last commit
  awsjson diff 1.41.0 1.44.5 logs kms                 versions that have been downloaded
  awsjson diff old.whl new.whl --format html > changes.html")]
pub struct Diff {
    /// The earlier version: a folder of models, a wheel of botocore, the number of a version that has been downloaded, or a
    /// revision of git with a colon, as in `HEAD~1:`
    old: String,
    /// The later version
    new: String,
    /// The services to compare; by default all
    #[arg(value_name = "SERVICE")]
    services: Vec<String>,
    /// How to write what changed
    #[arg(long, value_enum, default_value_t)]
    format: Format,
    /// Exits with 1 where anything is breaking
    #[arg(long)]
    exit_code: bool,
}

#[derive(Clone, Copy, Debug, Default, ValueEnum)]
enum Format {
    /// For a terminal
    #[default]
    Text,
    /// For programs
    Json,
    /// For changelogs and pull requests
    Markdown,
    /// One page with a search and a filter
    Html,
}

impl Diff {
    pub fn run(self, context: &Context) -> Result<ExitCode, Failure> {
        let old = Version::open(&self.old, &context.workspace)?;
        let new = Version::open(&self.new, &context.workspace)?;
        let all: BTreeSet<String> = old.services()?.into_iter().chain(new.services()?).collect();
        let unknown = self.services.iter().find(|service| !all.contains(*service));
        if let Some(service) = unknown {
            return Err(format!("neither version has a model of `{service}`").into());
        }
        let wanted: Vec<String> = match self.services.is_empty() {
            true => all.into_iter().collect(),
            false => self.services.clone(),
        };
        let diffs = context.for_each(&wanted, |service| compare(&old, &new, service))?;
        let text = match self.format {
            Format::Text => diff::text(&diffs),
            Format::Json => diff::json(&diffs),
            Format::Markdown => diff::markdown(&diffs),
            Format::Html => diff::html(&self.old, &self.new, &diffs),
        };
        anstream::print!("{text}");
        let mut findings = diffs.iter().flat_map(|diff| &diff.findings);
        let breaks = findings.any(|finding| finding.class == Class::Breaking);
        match self.exit_code && breaks {
            true => Ok(ExitCode::from(FOUND)),
            false => Ok(ExitCode::SUCCESS),
        }
    }
}

pub fn compare(old: &Version, new: &Version, service: &str) -> Result<ServiceDiff, Failure> {
    let (before, after) = (old.files(service)?, new.files(service)?);
    if before == after {
        return Ok(diff::compare(service, None, None));
    }
    let side = |version: &Version, files: Vec<_>| match files.is_empty() {
        true => Ok(None),
        false => version.side(service, files).map(Some),
    };
    let (old, new) = (side(old, before)?, side(new, after)?);
    Ok(diff::compare(service, old.as_ref(), new.as_ref()))
}
