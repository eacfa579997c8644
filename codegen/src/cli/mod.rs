//! The command line.

#[cfg(feature = "call")]
mod call;
mod diff;
mod explain;
mod generate;
mod list;
mod upgrade;
mod upstream;

use std::error::Error;
use std::path::PathBuf;
use std::process::ExitCode;

use awsjson_codegen::output;
use awsjson_codegen::workspace::Workspace;
use clap::{Args, CommandFactory, Parser, Subcommand};

/// Anything that can go wrong.
type Failure = Box<dyn Error + Send + Sync>;

/// The exit code of `check` where something is not fresh.
pub const STALE: u8 = 1;
/// The exit code of everything that went wrong.
pub const FAILED: u8 = 2;

/// Generates small typed clients from AWS service models that speak awsJson.
#[derive(Debug, Parser)]
#[command(
    version,
    after_help = "Exit codes: 0 done; 1 `check` found differences, or `diff --exit-code` something breaking; 2 anything that went wrong.\n\
                  Environment: NO_COLOR turns colours off, CLICOLOR_FORCE=1 turns them on where output is no terminal."
)]
pub struct Arguments {
    /// The checkout to work in; by default the one that holds the current folder
    #[arg(long, global = true, value_name = "DIR")]
    root: Option<PathBuf>,
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
    Import(upstream::Import),
    /// Downloads the pinned botocore and imports the services that are here
    Sync(upstream::Sync),
    /// Writes what a shell needs to complete this command
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
    /// Takes over the models of another version, with everything that follows from them, in one step
    Upgrade(upgrade::Upgrade),
    /// Says what the newest version of the models would change, as `upgrade --dry-run` does; changes nothing
    Outdated,
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
    match arguments.command {
        Command::Generate(generate) => generate.run(&workspace),
        Command::Check(check) => check.run(&workspace),
        Command::Diff(diff) => diff.run(&workspace),
        Command::Explain(explain) => explain.run(&workspace),
        Command::List(list) => list.run(&workspace),
        #[cfg(feature = "call")]
        Command::Call(call) => call.run(&workspace),
        Command::Import(import) => import.run(&workspace),
        Command::Sync(sync) => sync.run(&workspace),
        Command::Upgrade(upgrade) => upgrade.run(&workspace),
        Command::Outdated => upgrade::Upgrade::outdated().run(&workspace),
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
