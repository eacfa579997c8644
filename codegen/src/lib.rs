//! Generates small typed clients from AWS service models that speak awsJson.
//!
//! Data flows one way: a model is read, an overlay adds what humans know, lowering turns shapes into Rust
//! types, rendering turns these into files, and only [`output`] and the binary touch the disk.
//!
//! ```text
//! read -> Model -> overlay -> lower -> ir::Service -> render -> Vec<File> -> write | check
//! ```

mod builder;
#[cfg(feature = "call")]
pub mod call;
#[cfg(feature = "cli")]
pub mod changelog;
#[cfg(feature = "cli")]
pub mod diff;
#[cfg(feature = "cli")]
pub mod docs_html;
pub mod edition;
pub mod endpoints;
#[cfg(feature = "cli")]
pub mod fetch;
#[cfg(feature = "cli")]
pub mod fingerprint;
#[cfg(feature = "cli")]
pub mod import;
pub mod ir;
pub mod json;
mod locate;
#[cfg(feature = "cli")]
pub mod lock;
pub mod lower;
pub mod model;
pub mod names;
mod nearest;
pub mod output;
pub mod overlay;
#[cfg(feature = "cli")]
pub mod packages;
pub mod render;
#[cfg(feature = "cli")]
pub mod smithy;
pub mod workspace;

pub use builder::{BuildError, Builder};
