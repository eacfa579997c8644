//! The `awsjson` command: models in, crates out.

mod cli;

use std::process::ExitCode;

use clap::Parser;

// Formatting makes and drops many small trees: half of the time of the system's allocator is saved.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    match cli::run(cli::Arguments::parse()) {
        Ok(code) => code,
        Err(error) => {
            anstream::eprintln!("{}", cli::explain(error.as_ref()));
            ExitCode::from(cli::FAILED)
        }
    }
}
