//! Why an import failed.

use std::io;
use std::path::PathBuf;

use crate::model::Problem;
use crate::{lock, output};

/// Why an import failed. None of these leaves a changed file behind, except a file system that fails while staged
/// files are moved to their places.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The source holds no models.
    #[error("{} holds no models; pass a botocore wheel, or the folder `botocore/data`", path.display())]
    NoModels {
        /// The source.
        path: PathBuf,
    },
    /// The source has no table of partitions.
    #[error("{} has no partitions.json; pass the whole folder `botocore/data`", path.display())]
    NoPartitions {
        /// The source.
        path: PathBuf,
    },
    /// A file or folder of the source could not be read.
    #[error("cannot read {}; check that it is accessible and run again", path.display())]
    Read {
        /// The file or folder.
        path: PathBuf,
        /// The cause.
        source: io::Error,
    },
    /// A Smithy model is not what the generator implements.
    #[error("{}:{}", path.display(), problems.iter().map(|problem| format!("\n  {problem}")).collect::<String>())]
    Smithy {
        /// The model.
        path: PathBuf,
        /// Each problem.
        problems: Vec<Problem>,
    },
    /// The wheel is no zip archive, or a damaged one.
    #[error("{} is no intact wheel; fetch it again with `awsjson fetch`", path.display())]
    Wheel {
        /// The wheel.
        path: PathBuf,
        /// The cause.
        source: Box<zip::result::ZipError>,
    },
    /// A service has no folder in the source.
    #[error("there is no service `{service}` upstream; {}", hint(close))]
    UnknownService {
        /// What was asked for.
        service: String,
        /// Services whose names are close.
        close: Vec<String>,
    },
    /// A file is larger than any model.
    #[error("{name} is larger than {limit} bytes, which no model is; check the source")]
    TooLarge {
        /// The file.
        name: String,
        /// The bound, in bytes.
        limit: u64,
    },
    /// A compressed file is damaged, or cut short.
    #[error("{name} is no complete gzip file; fetch the source again")]
    Gzip {
        /// The file.
        name: String,
        /// The cause.
        source: io::Error,
    },
    /// A file is no JSON.
    #[error("{name} is no JSON; fetch the source again")]
    Json {
        /// The file.
        name: String,
        /// The cause.
        source: serde_json::Error,
    },
    /// A file is JSON, but not what its name says.
    #[error("{name} is no {expected}: {problem}; check the source")]
    Format {
        /// The file.
        name: String,
        /// What its name says.
        expected: &'static str,
        /// What is missing or wrong.
        problem: String,
    },
    /// Documentation stands where the import does not look for it.
    #[error(
        "{name} has documentation at {place}, which must not be committed; teach import::strip about that place"
    )]
    Leftover {
        /// The file.
        name: String,
        /// Where, as a JSON pointer.
        place: String,
    },
    /// Models of two upstream versions would stand side by side.
    #[error(
        "models.lock pins {} from {pinned}, but the source is {found}; import them along, for all models \
         come from one version",
        services.join(", ")
    )]
    MixedVersions {
        /// The services that were not to be imported.
        services: Vec<String>,
        /// The version in the lock.
        pinned: String,
        /// The version of the source.
        found: String,
    },
    /// The pins do not hold.
    #[error(transparent)]
    Lock(#[from] lock::Error),
    /// The models could not be written.
    #[error(transparent)]
    Output(#[from] output::Error),
}

fn hint(close: &[String]) -> String {
    match close {
        [] => "`awsjson import` without a name imports all that speak awsJson".to_owned(),
        close => format!("did you mean {}?", close.join(", ")),
    }
}
