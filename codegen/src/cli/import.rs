//! `import` and `fetch`.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use awsjson_codegen::fetch::{self, Artifact};
use awsjson_codegen::import::{self, Pin, Source};
use awsjson_codegen::lock::Lock;
use awsjson_codegen::output;
use clap::Args;

use super::{Context, Failure, Services};

#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  awsjson import --from botocore.whl --pin glue    a newer model, pinned
  awsjson import --from model.json probe           a model in Smithy's JSON AST")]
pub struct Import {
    #[command(flatten)]
    services: Services,
    /// A botocore wheel, a folder that holds its data, or the model of one service in Smithy's JSON AST
    #[arg(long, value_name = "DIR|WHEEL|JSON")]
    from: PathBuf,
    /// Accepts files that models.lock does not pin, or pins otherwise, and pins them
    #[arg(long)]
    pin: bool,
}

impl Import {
    pub fn run(self, context: &Context) -> Result<ExitCode, Failure> {
        let workspace = &context.workspace;
        if self.services.services.is_empty() {
            return Err("name the services to import, such as `logs`".into());
        }
        if self.from.extension().is_some_and(|extension| extension == "json") {
            let [service] = self.services.services.as_slice() else {
                return Err("a Smithy model holds one service: name the one".into());
            };
            let report = import::import_smithy(&self.from, service, &workspace.models())?;
            report_files(&report, context);
            return Ok(ExitCode::SUCCESS);
        }
        let pin = match self.pin {
            true => Pin::Update,
            false => Pin::Verify,
        };
        import(context, &self.from, &self.services.services, pin)
    }
}

#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  awsjson fetch           the pinned models of every service
  awsjson fetch --sdist   prints where the source distribution is")]
pub struct Fetch {
    #[command(flatten)]
    services: Services,
    /// Fetches the source distribution instead, which holds upstream's tests, and imports nothing
    #[arg(long, conflicts_with = "services")]
    sdist: bool,
}

impl Fetch {
    pub fn run(self, context: &Context) -> Result<ExitCode, Failure> {
        let workspace = &context.workspace;
        let lock = Lock::load(&workspace.models())?;
        let cache = workspace.cache();
        if self.sdist {
            let path = fetch::pinned(&lock, Artifact::SourceDistribution, &cache)?;
            anstream::println!("{}", path.display());
            return Ok(ExitCode::SUCCESS);
        }
        let services = self.services.or(|| {
            let mut services = workspace.services()?;
            // The pinned version has no model of these.
            services.retain(|service| !lock.kept.contains_key(service));
            Ok::<_, Failure>(services)
        })?;
        let wheel = fetch::pinned(&lock, Artifact::Wheel, &cache)?;
        import(context, &wheel, &services, Pin::Verify)
    }
}

fn import(context: &Context, from: &Path, services: &[String], pin: Pin) -> Result<ExitCode, Failure> {
    let source = Source::open(from)?;
    let report = import::import(&source, services, &context.workspace.models(), pin)?;
    for imported in &report.services {
        context.say(format_args!(
            "{}: version {}",
            imported.service, imported.api_version
        ));
    }
    report_files(&report.output, context);
    Ok(ExitCode::SUCCESS)
}

fn report_files(report: &output::Report, context: &Context) {
    context.say(format_args!(
        "{} files written, {} removed, {} unchanged",
        report.written.len(),
        report.removed.len(),
        report.unchanged
    ));
}
