//! What the tables of the services are made of: functions from wire JSON to wire JSON, through generated types.

use awsjson_protocol::wire::{Structure, from_slice, to_vec};
use awsjson_protocol::{Exception, ModeledRetry, Operation, Service, ServiceMetadata, serde};

/// Reads wire JSON into a generated type, and writes it again.
pub type RoundTrip = fn(&[u8]) -> Result<Vec<u8>, String>;

/// An operation.
pub struct Entry {
    pub name: &'static str,
    pub target: &'static str,
    pub input: RoundTrip,
    pub output: RoundTrip,
}

/// A service.
pub struct Table {
    pub folder: &'static str,
    pub metadata: &'static ServiceMetadata,
    pub operations: &'static [Entry],
    pub modeled_retry: fn(&str) -> Option<ModeledRetry>,
    /// Decodes an exception by its code; `None` where the exception map does not know the code.
    pub exception: fn(&str, &[u8]) -> Option<Result<Vec<u8>, String>>,
}

impl Table {
    pub const fn new<S: Service>(folder: &'static str, operations: &'static [Entry]) -> Self {
        Self {
            folder,
            metadata: S::METADATA,
            operations,
            exception: exception::<S::Exception>,
            modeled_retry: |code| S::Exception::entry(code).map(|entry| entry.retry),
        }
    }
}

impl Entry {
    pub const fn new<O: Operation>() -> Self
    where
        O::Output: Structure + serde::Serialize + serde::de::DeserializeOwned,
    {
        Self {
            name: O::METADATA.name,
            target: O::METADATA.target,
            input: |body| {
                let operation: O = from_slice(body).map_err(|error| error.to_string())?;
                to_vec(&operation).map_err(|error| error.to_string())
            },
            output: |body| {
                let output: O::Output = from_slice(body).map_err(|error| error.to_string())?;
                to_vec(&output).map_err(|error| error.to_string())
            },
        }
    }
}

fn exception<E: Exception>(code: &str, body: &[u8]) -> Option<Result<Vec<u8>, String>> {
    let entry = E::entry(code)?;
    let exception = (entry.decode)(body).map_err(|error| error.to_string());
    Some(exception.and_then(|exception| to_vec(&exception).map_err(|error| error.to_string())))
}
