//! The facts of a service and an operation, as the client's engine takes them, built at run time.

use awsjson_protocol::{OperationMetadata, Protocol, ServiceMetadata};

use crate::endpoints::RuleSet;
use crate::model::{Auth, JsonVersion, Model, QueryCompatibility};

use super::tables::{leak, table};

/// Why a model cannot be called.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "the model's target `{target}` cannot stand in a header: correct `targetPrefix`, or the operation's name"
)]
pub struct UnusableModel {
    /// What would be sent as `X-Amz-Target`.
    pub target: String,
}

/// Collects the facts of a service. They live as long as the process.
pub fn service_metadata(model: &Model, rules: Option<&RuleSet>) -> &'static ServiceMetadata {
    let service = &model.service;
    let protocol = match service.json_version {
        JsonVersion::V1_0 => Protocol::AwsJson1_0,
        JsonVersion::V1_1 => Protocol::AwsJson1_1,
    };
    let mut metadata = ServiceMetadata::new(
        leak(&service.service_id),
        leak(&service.endpoint_prefix),
        leak(&service.signing_name),
        protocol,
        leak(&crate::lower::env_suffix(&service.service_id)),
    );
    if let Some(rules) = rules {
        metadata = metadata.endpoint_rules(Box::leak(Box::new(table(rules))));
    }
    if service.query_compatibility == QueryCompatibility::AwsQuery {
        metadata = metadata.query_compatible();
    }
    Box::leak(Box::new(metadata))
}

/// Collects the facts of an operation. They live as long as the process.
///
/// # Errors
///
/// Fails where the target could not be sent.
pub fn operation_metadata(model: &Model, name: &str) -> Result<&'static OperationMetadata, UnusableModel> {
    let operation = &model.operations[name];
    let target = format!("{}.{name}", model.service.target_prefix);
    if !target.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(UnusableModel { target });
    }
    let mut metadata = OperationMetadata::new(leak(name), leak(&target), &[]);
    if operation.auth == Auth::None {
        metadata = metadata.unsigned();
    }
    if let Some(prefix) = &operation.host_prefix {
        metadata = metadata.host_prefix(leak(prefix));
    }
    if operation.gzip {
        metadata = metadata.gzip();
    }
    Ok(Box::leak(Box::new(metadata)))
}
