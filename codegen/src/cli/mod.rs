//! The command line.

#[cfg(feature = "call")]
mod call;
mod context;
mod diff;
mod explain;
mod generate;
mod import;
mod list;
mod sync;

use std::error::Error;
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::process::ExitCode;
use std::thread;

use awsjson_codegen::output;
use awsjson_codegen::workspace::Workspace;
use clap::{Args, CommandFactory, Parser, Subcommand};

use context::Context;

/// Anything that can go wrong.
type Failure = Box<dyn Error + Send + Sync>;

/// The exit code of commands that look for something, where they find it: stale files, breaking changes, newer models.
pub const FOUND: u8 = 1;
/// The exit code of everything that went wrong, wrong arguments included.
pub const FAILED: u8 = 2;

/// Generates small typed clients from AWS service models that speak awsJson.
#[derive(Debug, Parser)]
#[command(
    version,
    after_help = "\
Exit codes:
  0  done; `check`, `outdated` and `diff --exit-code` found nothing
  1  `check` found stale files, `outdated` newer models, `diff --exit-code` breaking changes
  2  anything that went wrong, wrong arguments included; nothing was changed

Environment: NO_COLOR=1 or CLICOLOR=0 turns colours off, CLICOLOR_FORCE=1 turns them on where output is no terminal."
)]
pub struct Arguments {
    /// The checkout to work in; by default the one that holds the current folder
    #[arg(long, global = true, value_name = "DIR")]
    root: Option<PathBuf>,
    /// How many services are worked on at once; by default as many as there are cores
    #[arg(long, global = true, value_name = "N")]
    jobs: Option<NonZeroUsize>,
    /// Says only what was asked for, and errors
    #[arg(long, short, global = true)]
    quiet: bool,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Writes the crates of services, by default of all that are committed
    Generate(generate::Generate),
    /// Proves that the committed crates are what the models say; changes nothing
    Check(generate::Check),
    /// Says what changed between two versions of models, and what it means for users of the clients
    Diff(diff::Diff),
    /// Explains an operation: how to call it, its wire form, its rules, its exceptions
    Explain(explain::Explain),
    /// Lists services with what their models hold
    List(list::List),
    /// Calls an operation as its model describes it, without generating anything
    #[cfg(feature = "call")]
    Call(call::Call),
    /// Reads models from a botocore wheel or data folder, strips the prose and keeps the facts
    Import(import::Import),
    /// Downloads the pinned botocore and imports the services that are here
    Fetch(import::Fetch),
    /// Writes what a shell needs to complete this command
    #[command(
        after_help = "Examples:\n  awsjson completions bash > ~/.local/share/bash-completion/completions/awsjson"
    )]
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
    /// Takes over the models of another version, with everything that follows from them, in one step
    Sync(sync::Sync),
    /// Says which services are behind the newest version of the models; changes nothing
    Outdated(sync::Outdated),
}

/// The services that a command works on.
#[derive(Args, Debug)]
struct Services {
    /// Services by folder name, such as `logs`
    #[arg(value_name = "SERVICE")]
    services: Vec<String>,
}

impl Services {
    /// Returns the named services, or what `otherwise` lists if none is named.
    fn or<E>(&self, otherwise: impl FnOnce() -> Result<Vec<String>, E>) -> Result<Vec<String>, E> {
        match self.services.is_empty() {
            true => otherwise(),
            false => Ok(self.services.clone()),
        }
    }
}

/// Runs a command.
pub fn run(arguments: Arguments) -> Result<ExitCode, Failure> {
    if let Command::Completions { shell } = arguments.command {
        let mut text = Vec::new();
        clap_complete::generate(shell, &mut Arguments::command(), "awsjson", &mut text);
        anstream::print!("{}", String::from_utf8_lossy(&text));
        return Ok(ExitCode::SUCCESS);
    }
    let start = match arguments.root {
        Some(root) => root,
        None => std::env::current_dir()?,
    };
    let workspace = Workspace::find(&start)?;
    for root in [workspace.root.clone(), workspace.models(), workspace.generated()] {
        if output::recover(&root)? {
            anstream::eprintln!("completed what an interrupted run left below {}", root.display());
        }
    }
    let cores = || thread::available_parallelism().unwrap_or(NonZeroUsize::MIN);
    let context = Context {
        workspace,
        jobs: arguments.jobs.unwrap_or_else(cores),
        quiet: arguments.quiet,
    };
    match arguments.command {
        Command::Generate(generate) => generate.run(&context),
        Command::Check(check) => check.run(&context),
        Command::Diff(diff) => diff.run(&context),
        Command::Explain(explain) => explain.run(&context.workspace),
        Command::List(list) => list.run(&context.workspace),
        #[cfg(feature = "call")]
        Command::Call(call) => call.run(&context.workspace),
        Command::Import(import) => import.run(&context),
        Command::Fetch(fetch) => fetch.run(&context),
        Command::Sync(sync) => sync.run(&context),
        Command::Outdated(outdated) => outdated.run(&context),
        Command::Completions { .. } => unreachable!("it needs no workspace, and has been answered"),
    }
}

/// Writes an error with everything that caused it.
pub fn explain(error: &(dyn Error + 'static)) -> String {
    let mut text = format!("error: {error}");
    let mut source = error.source();
    while let Some(cause) = source {
        text.push_str(&format!("\n  caused by: {cause}"));
        source = cause.source();
    }
    text
}
