//! `sync`.

mod outdated;
mod plan;
mod write;

use std::path::PathBuf;
use std::process::ExitCode;

use awsjson_codegen::diff;
use clap::Args;

pub use outdated::Outdated;
use plan::Plan;

use super::{Context, Failure};

/// The version of upstream that is compared with the models here.
#[derive(Args, Debug)]
struct Upstream {
    /// The version of botocore
    #[arg(default_value = "latest")]
    version: String,
    /// Takes this wheel instead of fetching one; a source distribution of the same version stays pinned, none is fetched
    #[arg(long, value_name = "WHEEL", conflicts_with = "version")]
    from: Option<PathBuf>,
}

#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  awsjson sync --dry-run     says what the newest models would change
  awsjson sync               takes them over: models, pins, crates, versions and changelogs, for one commit
  awsjson sync 1.44.5        another version, also an earlier one
  awsjson sync --from botocore-1.44.5-py3-none-any.whl

A service that the version lacks keeps its model, and models.lock says so. Where anything fails, or the command is killed, everything stays as it
is or the next command completes what was begun.")]
pub struct Sync {
    #[command(flatten)]
    upstream: Upstream,
    /// Says what would change, and changes nothing
    #[arg(long)]
    dry_run: bool,
}

impl Sync {
    pub fn run(self, context: &Context) -> Result<ExitCode, Failure> {
        let plan = Plan::make(&self.upstream, context)?;
        anstream::print!("{}", diff::text(&plan.diffs));
        say(&plan);
        if self.dry_run {
            return Ok(ExitCode::SUCCESS);
        }
        let (models, crates) = write::write(&plan, context)?;
        context.say(format_args!(
            "{models} files of models and {crates} other files written or removed"
        ));
        if !plan.next_editions.is_empty() {
            context.say(format_args!(
                "next: AWSJSON_UPDATE=1 cargo test -p awsjson-tests --test public_api; review; commit"
            ));
        }
        Ok(ExitCode::SUCCESS)
    }
}

/// Says what becomes of versions and services.
fn say(plan: &Plan) {
    for (service, edition) in &plan.next_editions {
        anstream::println!(
            "awsjson-{service} {} -> {}",
            edition.before,
            edition.after.version
        );
    }
    for (service, version) in &plan.lock.kept {
        anstream::println!(
            "{service}: {} has no such service; its model stays that of {version}",
            plan.to()
        );
    }
    if !plan.new_services.is_empty() {
        anstream::println!(
            "new in {}, and not here: {}; `awsjson import --from WHEEL --pin SERVICE` takes one",
            plan.to(),
            plan.new_services.join(", ")
        );
    }
}
