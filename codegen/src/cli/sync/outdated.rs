//! `outdated`.

use std::process::ExitCode;

use clap::Args;

use super::super::{Context, FOUND, Failure};
use super::Upstream;
use super::plan::Plan;

#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  awsjson outdated           exits with 1 where the newest version has other models
  awsjson outdated 1.44.5    compares with another version
  awsjson sync --dry-run     says what exactly would change")]
pub struct Outdated {
    #[command(flatten)]
    upstream: Upstream,
}

impl Outdated {
    /// Says which services are behind, one to a line.
    pub fn run(self, context: &Context) -> Result<ExitCode, Failure> {
        let plan = Plan::make(&self.upstream, context)?;
        let behind = plan.diffs.iter().filter(|diff| !diff.findings.is_empty());
        let behind: Vec<_> = behind.collect();
        let width = behind.iter().map(|diff| diff.service.len()).max().unwrap_or(0);
        for diff in &behind {
            let crate_version = match plan.next_editions.get(&diff.service) {
                Some(edition) => format!("{} -> {}", edition.before, edition.after.version),
                None => "no crate".to_owned(),
            };
            anstream::println!("{:width$}  {crate_version:16}  {}", diff.service, diff.counts());
        }
        if !plan.new_services.is_empty() {
            context.say(format_args!("not here: {}", plan.new_services.join(", ")));
        }
        context.say(format_args!(
            "{} of {} services are behind {}; models here are of {}",
            behind.len(),
            plan.diffs.len(),
            plan.to(),
            plan.from()
        ));
        match behind.is_empty() {
            true => Ok(ExitCode::SUCCESS),
            false => Ok(ExitCode::from(FOUND)),
        }
    }
}
