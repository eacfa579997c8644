//! `generate` and `check`.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use awsjson_codegen::docs_html;
use awsjson_codegen::edition;
use awsjson_codegen::fingerprint::Fingerprints;
use awsjson_codegen::import::{self, Source};
use awsjson_codegen::lower::Settings;
use awsjson_codegen::output::{self, DifferenceKind, File, Stale, Transaction};
use awsjson_codegen::render::Manifest;
use awsjson_codegen::workspace::Workspace;
use clap::Args;

use super::{Context, FOUND, Failure, Services};

/// The folders of a generated crate in which every file is generated.
const GENERATED_FOLDERS: [&str; 3] = ["src/exceptions", "src/operations", "src/types"];

#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  awsjson generate                        every committed crate
  awsjson generate glue --out clients     a crate elsewhere
  awsjson generate logs --operations AssociateKmsKey,PutLogEvents --out clients")]
pub struct Generate {
    #[command(flatten)]
    services: Services,
    /// Where the crates go, one folder each; by default `generated` of the checkout
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Generates these operations only, separated by commas, with the types that they reach; needs one service, and --out
    #[arg(
        long,
        value_name = "OPERATION",
        value_delimiter = ',',
        requires = "out",
        conflicts_with = "docs"
    )]
    operations: Vec<String>,
    /// Documents the crates with the upstream documentation; needs --from
    #[arg(long, requires = "from")]
    docs: bool,
    /// Reads the models from a botocore wheel or data folder instead of `models`
    #[arg(long, value_name = "UPSTREAM", requires = "docs")]
    from: Option<PathBuf>,
}

impl Generate {
    pub fn run(self, context: &Context) -> Result<ExitCode, Failure> {
        let workspace = &context.workspace;
        let services = self.services.or(|| workspace.committed())?;
        if !self.operations.is_empty() && services.len() != 1 {
            return Err("--operations needs one service: name it".into());
        }
        let only = (!self.operations.is_empty()).then_some(self.operations.as_slice());
        let out = self.out.clone().unwrap_or_else(|| workspace.generated());
        let manifest = manifest(workspace, &out)?;
        let upstream = self.from.as_deref().map(Source::open).transpose()?;
        if self.out.is_none() {
            output::write(
                &workspace.root,
                &Vec::from_iter(workspace.render_partitions()?),
                Stale::Keep,
            )?;
        }
        // Every crate, or none.
        let transaction = Transaction::begin(&out)?;
        let fingerprints = Fingerprints::load(&workspace.cache(), &out, &manifest);
        let done = context.for_each(&services, |service| {
            let folder = out.join(service);
            // What upstream says of a service is not fingerprinted, nor are parts of a service.
            let inputs = match (&upstream, only) {
                (Some(_), _) | (_, Some(_)) => None,
                (None, None) => fingerprints.inputs(&workspace.models(), &workspace.generated(), service),
            };
            let take = || inputs.as_ref().and_then(|inputs| inputs.with_outputs(&folder));
            let files = match &upstream {
                Some(upstream) => render_documented(workspace, upstream, service, &manifest)?,
                None if take().is_some_and(|now| fingerprints.is_current(service, &now)) => {
                    return Ok((format!("{service}: unchanged"), None));
                }
                None => {
                    let service = match only {
                        None => workspace.service(service, Settings::default())?,
                        Some(_) => workspace.subset(service, only, Settings::default())?.1,
                    };
                    workspace.render_service(&service, &manifest)?
                }
            };
            let report = transaction.stage(Path::new(service), &files, &stale())?;
            let line = format!(
                "{service}: {} files written, {} removed, {} unchanged",
                report.written.len(),
                report.removed.len(),
                report.unchanged
            );
            Ok((line, inputs.map(|inputs| (service.to_owned(), inputs))))
        })?;
        transaction.commit()?;
        let (lines, fresh): (Vec<_>, Vec<_>) = done.into_iter().unzip();
        let left = fresh.into_iter().flatten().filter_map(|(service, inputs)| {
            let left = inputs.with_outputs(&out.join(&service))?;
            Some((service, left))
        });
        fingerprints.store(left)?;
        for line in lines {
            context.say(format_args!("{line}"));
        }
        Ok(ExitCode::SUCCESS)
    }
}

/// Renders a service from its upstream model, documentation included.
fn render_documented(
    workspace: &Workspace,
    upstream: &Source,
    service: &str,
    manifest: &Manifest,
) -> Result<Vec<File>, Failure> {
    let json = import::upstream_model(upstream, service)?;
    let settings = Settings {
        upstream_docs: Some(docs_html::to_markdown),
    };
    let service = workspace.lower_json(service, &json, settings)?;
    Ok(workspace.render_service(&service, manifest)?)
}

#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  awsjson check           every committed crate
  awsjson check logs kms  these two")]
pub struct Check {
    #[command(flatten)]
    services: Services,
}

impl Check {
    pub fn run(self, context: &Context) -> Result<ExitCode, Failure> {
        let workspace = &context.workspace;
        let services = self.services.or(|| workspace.committed())?;
        let out = workspace.generated();
        let manifest = manifest(workspace, &out)?;
        let differences = context.for_each(&services, |service| {
            let files = workspace.render(service, Settings::default(), &manifest)?;
            Ok(output::check(&out.join(service), &files, stale())?)
        })?;
        let partitions = output::check(
            &workspace.root,
            &Vec::from_iter(workspace.render_partitions()?),
            Stale::Keep,
        )?;
        let mut stale = Vec::new();
        for (service, differences) in services.iter().zip(differences) {
            if differences.is_empty() {
                context.say(format_args!("{service}: fresh"));
                continue;
            }
            stale.push(service.as_str());
            for difference in differences {
                anstream::println!(
                    "{service}: {} {}",
                    difference.path.display(),
                    describe(difference.kind)
                );
            }
        }
        for difference in &partitions {
            anstream::println!(
                "partitions: {} {}",
                difference.path.display(),
                describe(difference.kind)
            );
        }
        if stale.is_empty() && partitions.is_empty() {
            return Ok(ExitCode::SUCCESS);
        }
        anstream::println!(
            "to fix this, run: cargo run -p awsjson-codegen -- generate {}",
            stale.join(" ")
        );
        Ok(ExitCode::from(FOUND))
    }
}

fn describe(kind: DifferenceKind) -> &'static str {
    match kind {
        DifferenceKind::Missing => "is missing",
        DifferenceKind::Differs => "differs from what the model says",
        DifferenceKind::Stale => "no longer belongs there",
    }
}

pub fn stale() -> Stale {
    Stale::Remove {
        below: GENERATED_FOLDERS.iter().map(PathBuf::from).collect(),
    }
}

/// Points generated crates at the protocol crate of the checkout.
pub fn manifest(workspace: &Workspace, out: &Path) -> Result<Manifest, Failure> {
    let protocol = workspace.root.join("protocol");
    let protocol_version = edition::version(&protocol)?;
    let protocol_path = match out == workspace.generated() {
        true => "../../protocol".to_owned(),
        false => protocol.display().to_string(),
    };
    Ok(Manifest {
        protocol_path: Some(protocol_path),
        // Without a protocol crate, nothing can be compiled: the version is that of a first one.
        protocol_version: protocol_version.unwrap_or_else(|| edition::FIRST_VERSION.to_owned()),
    })
}
