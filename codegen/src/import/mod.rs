//! Imports upstream models: interface facts only, without upstream's prose.
//!
//! ```text
//! open -> read -> verify | pin -> decode -> merge extras -> strip -> write
//! ```

mod decode;
mod error;
mod extras;
mod pins;
mod source;
mod strip;

use std::path::{Path, PathBuf};

use serde_json::Value;

pub use error::Error;
pub use source::Source;

use crate::output::{self, File, Stale};
use crate::smithy;
use pins::Pins;

/// What to do about files that are not the ones that `models.lock` pins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pin {
    /// They are an error.
    Verify,
    /// They are accepted, and pinned.
    Update,
}

/// What an import did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// The services that were imported, in the order they were asked for.
    pub services: Vec<Imported>,
    /// What changed in the models folder.
    pub output: output::Report,
}

/// A service that was imported.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Imported {
    /// Its name, as upstream's folder has it.
    pub service: String,
    /// The version of its API, a date.
    pub api_version: String,
}

/// A file of a model, by its name upstream and its name here.
struct Part {
    upstream: &'static str,
    here: &'static str,
    kind: Kind,
}

/// What a file of a model says, which decides where prose stands in it.
#[derive(Clone, Copy)]
enum Kind {
    Service,
    Paginators,
    Waiters,
    EndpointRules,
    Partitions,
}

const PARTS: [Part; 4] = [
    Part {
        upstream: "service-2",
        here: "service.json",
        kind: Kind::Service,
    },
    Part {
        upstream: "paginators-1",
        here: "paginators.json",
        kind: Kind::Paginators,
    },
    Part {
        upstream: "waiters-2",
        here: "waiters.json",
        kind: Kind::Waiters,
    },
    Part {
        upstream: "endpoint-rule-set-1",
        here: "endpoint-rule-set.json",
        kind: Kind::EndpointRules,
    },
];

/// The table of AWS partitions, which all endpoint rules share.
const PARTITIONS: &str = "partitions";

/// Imports the newest model of each service into `models`, or of every service that speaks awsJson where `services`
/// is empty.
///
/// Everything is read, verified and converted before anything is written: an error touches no file. Overlays are
/// never touched.
///
/// # Errors
///
/// Fails where a service is unknown, a file is not the one that `models.lock` pins (see [`Pin`]), a file is damaged
/// or no model, or the file system refuses.
pub fn import(source: &Source, services: &[String], models: &Path, pin: Pin) -> Result<Report, Error> {
    let services = match services {
        [] => awsjson_services(source)?,
        named => named.to_vec(),
    };
    let pins = Pins::load(models, pin)?;
    let mut inputs = Vec::new();
    let mut imported = Vec::new();
    for service in &services {
        let api_version = source.newest_api_version(service)?;
        inputs.extend(read_service(source, service, &api_version)?);
        imported.push(Imported {
            service: service.clone(),
            api_version,
        });
    }
    inputs.push(read_partitions(source)?);
    let lock = pins.settle(source, &services, inputs.iter().flat_map(Input::upstream_files))?;
    let mut files = Vec::new();
    for input in &inputs {
        files.push(convert(input)?);
    }
    files.extend(lock.map(|lock| lock.to_file()));
    Ok(Report {
        services: imported,
        output: output::write(models, &files, stale_parts(&services))?,
    })
}

/// Imports a service from a model in Smithy's JSON AST into `models`; nothing is pinned.
///
/// # Errors
///
/// Fails where the file cannot be read, or is no model that the generator implements; an error touches no file.
pub fn import_smithy(path: &Path, service: &str, models: &Path) -> Result<output::Report, Error> {
    let text = std::fs::read(path).map_err(|source| Error::Read {
        path: path.to_owned(),
        source,
    })?;
    let converted = smithy::convert(service, &text).map_err(|problems| Error::Smithy {
        path: path.to_owned(),
        problems,
    })?;
    let mut files = Vec::new();
    for part in &PARTS {
        let json = match part.kind {
            Kind::Service => Some(&converted.service),
            Kind::Paginators => converted.paginators.as_ref(),
            Kind::Waiters => converted.waiters.as_ref(),
            Kind::EndpointRules => converted.endpoint_rules.as_ref(),
            Kind::Partitions => None,
        };
        if let Some(json) = json {
            let name = path.display().to_string();
            files.push(facts_only(
                json.clone(),
                part.kind,
                &name,
                Path::new(service).join(part.here),
            )?);
        }
    }
    let stale = stale_parts(&[service.to_owned()]);
    Ok(output::write(models, &files, stale)?)
}

/// Tells whether a source has a model of a service, and that speaks awsJson.
///
/// # Errors
///
/// Fails where the model cannot be read.
pub fn has_awsjson_model(source: &Source, service: &str) -> Result<bool, Error> {
    if !source.services().any(|name| name == service) {
        return Ok(false);
    }
    let version = source.newest_api_version(service)?;
    let model = source.read(&format!("{service}/{version}/service-2"))?;
    model.map_or(Ok(false), |model| decode::speaks_awsjson(&model))
}

/// Returns the services of a source that speak awsJson, sorted.
///
/// # Errors
///
/// Fails where a model cannot be read.
pub fn awsjson_services(source: &Source) -> Result<Vec<String>, Error> {
    let mut services = Vec::new();
    for service in source.services() {
        if has_awsjson_model(source, service)? {
            services.push(service.to_owned());
        }
    }
    Ok(services)
}

/// Reads the newest model of a service with its documentation, for callers that document what they generate.
///
/// # Errors
///
/// Fails where the service is unknown, or its model is damaged or no model.
pub fn upstream_model(source: &Source, service: &str) -> Result<Value, Error> {
    let api_version = source.newest_api_version(service)?;
    let inputs = read_service(source, service, &api_version)?;
    let model = inputs.iter().find(|input| matches!(input.kind, Kind::Service));
    let model = model.expect("a service's newest version is one that has a model");
    read_json(model)
}

/// A file as it is upstream.
struct Upstream {
    /// Its path below the data folder.
    name: String,
    bytes: Vec<u8>,
}

/// What one file here is made from.
struct Input {
    here: PathBuf,
    kind: Kind,
    file: Upstream,
    extras: Option<Upstream>,
}

impl Input {
    fn upstream_files(&self) -> impl Iterator<Item = &Upstream> {
        std::iter::once(&self.file).chain(&self.extras)
    }
}

fn read_service(source: &Source, service: &str, api_version: &str) -> Result<Vec<Input>, Error> {
    let mut inputs = Vec::new();
    for part in &PARTS {
        let stem = format!("{service}/{api_version}/{}", part.upstream);
        let Some(file) = source.read(&stem)? else {
            // Only the model itself is always there: not every service pages or waits.
            continue;
        };
        inputs.push(Input {
            here: Path::new(service).join(part.here),
            kind: part.kind,
            file,
            extras: source.read(&format!("{stem}.sdk-extras"))?,
        });
    }
    Ok(inputs)
}

fn read_partitions(source: &Source) -> Result<Input, Error> {
    let file = source.read(PARTITIONS)?.ok_or_else(|| Error::NoPartitions {
        path: source.path().to_owned(),
    })?;
    Ok(Input {
        here: "partitions.json".into(),
        kind: Kind::Partitions,
        file,
        extras: None,
    })
}

/// Reads a file with its extras, and checks that a model is one.
fn read_json(input: &Input) -> Result<Value, Error> {
    let mut json = decode::json(&input.file)?;
    if let Some(extras) = &input.extras {
        extras::merge(&mut json, extras)?;
    }
    if matches!(input.kind, Kind::Service) {
        decode::check_is_service_model(&input.file.name, &json)?;
    }
    Ok(json)
}

fn convert(input: &Input) -> Result<File, Error> {
    facts_only(
        read_json(input)?,
        input.kind,
        &input.file.name,
        input.here.clone(),
    )
}

/// Strips the prose from a file called `name`, and makes sure that none is left.
fn facts_only(mut json: Value, kind: Kind, name: &str, path: PathBuf) -> Result<File, Error> {
    strip::strip(kind, &mut json);
    match strip::leftover(&json) {
        None => Ok(File {
            path,
            contents: to_text(json),
        }),
        Some(place) => Err(Error::Leftover {
            name: name.to_owned(),
            place,
        }),
    }
}

/// Writes JSON with sorted keys and one space of indentation: stable, reviewable, and still small.
fn to_text(mut json: Value) -> Vec<u8> {
    use serde::Serialize as _;

    // Maps are sorted as they are, unless some other crate of a build asks serde_json to preserve order.
    json.sort_all_objects();
    let mut text = Vec::new();
    let formatter = serde_json::ser::PrettyFormatter::with_indent(b" ");
    let mut serializer = serde_json::Serializer::with_formatter(&mut text, formatter);
    json.serialize(&mut serializer)
        .expect("a JSON value has a form in JSON, and memory takes all that is written to it");
    text.push(b'\n');
    text
}

/// Marks a service's files that its newest model may have dropped. Overlays are not among them.
fn stale_parts(services: &[String]) -> Stale {
    let parts_of = |service: &String| PARTS.map(|part| Path::new(service).join(part.here));
    Stale::Remove {
        below: services.iter().flat_map(parts_of).collect(),
    }
}

#[cfg(test)]
mod tests;
