//! The awsJson protocol, once, for every generated client.

mod constraint;
mod service;
pub mod wire;

pub use constraint::{Constraint, MemberPresence};
#[doc(hidden)]
pub use serde;
pub use service::*;
