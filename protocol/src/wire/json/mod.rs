//! JSON text, as compact and as strict as `serde_json`'s, made and read faster.
//!
//! Most of what large requests and responses hold is strings. `serde_json` looks at them byte by byte, and copies those with escapes twice;
//! here eight bytes are looked at together. Everything else is left to `serde_json`, whose errors these are as well. Tests compare the two.

mod text;
mod write;

pub(super) use write::append;
