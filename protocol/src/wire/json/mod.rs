//! JSON text of requests, the same as `serde_json` writes, made faster.
//!
//! Most of what large requests hold is strings. `serde_json` looks at them byte by byte; here eight bytes are looked at together. Numbers are
//! left to `serde_json`, whose errors these are as well. Tests compare the two.

mod text;
mod write;

pub(super) use write::append;
