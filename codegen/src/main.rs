//! The `awsjson` command: models in, crates out.

mod cli;

use std::process::ExitCode;

use clap::Parser;

fn main() -> ExitCode {
    match cli::run(cli::Arguments::parse()) {
        Ok(code) => code,
        Err(error) => {
            anstream::eprintln!("{}", cli::explain(error.as_ref()));
            ExitCode::from(cli::FAILED)
        }
    }
}
