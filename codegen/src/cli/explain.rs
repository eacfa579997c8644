//! `explain`.

use std::process::ExitCode;

use awsjson_codegen::lower::Settings;
use awsjson_codegen::render;
use awsjson_codegen::workspace::Workspace;
use clap::Args;

use super::Failure;

#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  awsjson explain logs AssociateKmsKey")]
pub struct Explain {
    /// The service by its folder name, such as `logs`
    service: String,
    /// The operation, such as `AssociateKmsKey`
    operation: String,
}

impl Explain {
    pub fn run(self, workspace: &Workspace) -> Result<ExitCode, Failure> {
        let only = std::slice::from_ref(&self.operation);
        let (_, service) = workspace.subset(&self.service, Some(only), Settings::default())?;
        for operation in &service.operations {
            anstream::print!("{}", render::explain(&service, operation));
        }
        Ok(ExitCode::SUCCESS)
    }
}
