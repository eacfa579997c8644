//! Thousands of calls at a time for minutes, a tenth of whose attempts fail in every way: whether each ends as it has to, and whether
//! anything stays behind.
//!
//! `cargo run --release -p awsjson-tests --bin soak` keeps 2,000 calls going for five minutes, and writes `target/soak/report.md`.

mod load;
mod plan;
mod report;
mod server;

use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, ExitCode, Stdio};
use std::sync::Arc;
use std::time::Duration;

use clap::{Parser, Subcommand};
use tokio::runtime::Handle;
use tokio::time::{Instant, sleep};

use load::Tally;
use report::{Counts, Memory, Report, open_files};

type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// Keeps calls going against a service that fails in every way.
#[derive(Clone, Debug, Parser)]
struct Arguments {
    #[command(subcommand)]
    role: Option<Role>,
    /// How many calls are under way at a time.
    #[arg(long, default_value_t = 2000)]
    in_flight: usize,
    /// How long calls are begun.
    #[arg(long, default_value_t = 300)]
    seconds: u64,
    /// How many of a hundred attempts meet a fault.
    #[arg(long, default_value_t = 10, global = true)]
    percent: u64,
    /// How many milliseconds an answer takes on average.
    #[arg(long, default_value_t = 400, global = true)]
    latency: u64,
    /// Where the report is written.
    #[arg(long, default_value = "target/soak")]
    out: PathBuf,
}

#[derive(Clone, Copy, Debug, Subcommand)]
enum Role {
    /// Is the service.
    Serve,
}

#[tokio::main]
async fn main() -> Result<ExitCode, BoxError> {
    let arguments = Arguments::parse();
    if let Some(Role::Serve) = arguments.role {
        server::serve(arguments.percent, arguments.latency).await?;
        return Ok(ExitCode::SUCCESS);
    }
    let mut service = Service::start(&arguments)?;
    let report = soak(&arguments, service.port).await;
    service.child.kill()?;
    service.child.wait()?;
    let report = report?;
    report.write(&arguments.out)?;
    println!("{}", report.markdown());
    match report.problems.is_empty() {
        true => Ok(ExitCode::SUCCESS),
        false => Ok(ExitCode::FAILURE),
    }
}

async fn soak(arguments: &Arguments, port: u16) -> Result<Report, BoxError> {
    let (files, tasks) = (open_files()?, alive_tasks());
    let tally = Arc::new(Tally::default());
    let client = load::client(port);
    let start = Instant::now();
    let memory = Memory::watch(Duration::from_secs(1));
    let end = start + Duration::from_secs(arguments.seconds);
    load::run(&client, &tally, arguments.in_flight, end, arguments.percent).await;
    let took = start.elapsed();
    let memory = memory.end().await;
    let most_files = open_files()?;
    drop(client);
    // Connections end as soon as nobody can use them.
    let waited = Instant::now();
    while waited.elapsed() < Duration::from_secs(5) && (open_files()? > files || alive_tasks() > tasks) {
        sleep(Duration::from_millis(10)).await;
    }
    let left = (
        open_files()?.saturating_sub(files),
        alive_tasks().saturating_sub(tasks),
    );
    // Requests whose callers lost interest may still arrive.
    sleep(Duration::from_millis(2 * arguments.latency)).await;
    let counts = Counts::ask(port).await?;
    Ok(Report::new(
        arguments,
        &tally,
        took,
        memory,
        most_files - files,
        left,
        counts,
    ))
}

fn alive_tasks() -> usize {
    Handle::current().metrics().num_alive_tasks()
}

/// The service, in a process of its own.
struct Service {
    child: Child,
    port: u16,
}

impl Service {
    fn start(arguments: &Arguments) -> Result<Self, BoxError> {
        let mut command = Command::new(std::env::current_exe()?);
        command
            .arg("serve")
            .args(["--percent", &arguments.percent.to_string()]);
        command.args(["--latency", &arguments.latency.to_string()]);
        let mut child = command.stdout(Stdio::piped()).spawn()?;
        let mut line = String::new();
        let stdout = child.stdout.take().ok_or("the service has no output")?;
        BufReader::new(stdout).read_line(&mut line)?;
        let port = line.trim().parse()?;
        Ok(Self { child, port })
    }
}
