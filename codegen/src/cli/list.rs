//! `list`.

use std::process::ExitCode;

use awsjson_codegen::ir::{Service, Support};
use awsjson_codegen::lower::Settings;
use awsjson_codegen::workspace::Workspace;
use clap::Args;

use super::{Failure, Services};

#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  awsjson list        every service, one to a line
  awsjson list logs   operations, exceptions and types of one")]
pub struct List {
    #[command(flatten)]
    services: Services,
    /// Lists only what clients cannot do yet
    #[arg(long)]
    unsupported: bool,
}

impl List {
    pub fn run(self, workspace: &Workspace) -> Result<ExitCode, Failure> {
        let names = self.services.or(|| workspace.services())?;
        let mut services = Vec::new();
        for name in &names {
            services.push(workspace.service(name, Settings::default())?);
        }
        if self.unsupported {
            for service in &services {
                for line in unsupported(service) {
                    anstream::println!("{line}");
                }
            }
            return Ok(ExitCode::SUCCESS);
        }
        match self.services.services.is_empty() {
            true => print_table(&services),
            false => services.iter().for_each(print_details),
        }
        Ok(ExitCode::SUCCESS)
    }
}

fn print_table(services: &[Service]) {
    let width = services
        .iter()
        .map(|service| service.folder.len())
        .max()
        .unwrap_or(0)
        .max(7);
    anstream::println!(
        "{:width$}  operations  exceptions  types  unsupported  name",
        "service"
    );
    for service in services {
        anstream::println!(
            "{:width$}  {:>10}  {:>10}  {:>5}  {:>11}  {}",
            service.folder,
            service.operations.len(),
            service.exceptions.len(),
            service.types.len(),
            unsupported(service).len(),
            service.full_name,
        );
    }
}

fn print_details(service: &Service) {
    anstream::println!("{} ({})", service.full_name, service.folder);
    anstream::println!("\noperations: {}", service.operations.len());
    for operation in &service.operations {
        let note = match operation.support {
            Support::Full => "",
            Support::InputEventStreamNotYet => "  (not yet: sends a stream of events)",
        };
        anstream::println!("  {}{note}", operation.wire_name);
    }
    anstream::println!("\nexceptions: {}", service.exceptions.len());
    for exception in &service.exceptions {
        anstream::println!("  {}", exception.code);
    }
    anstream::println!("\ntypes: {}", service.types.len());
    for definition in &service.types {
        anstream::println!("  {}", definition.name());
    }
}

/// Says what clients of a service cannot do yet.
fn unsupported(service: &Service) -> Vec<String> {
    let streams = service
        .operations
        .iter()
        .filter(|operation| operation.support != Support::Full);
    streams
        .map(|operation| format!("{}#{}: eventstream", service.folder, operation.wire_name))
        .collect()
}
