//! Secrets are shown nowhere: not in what a subscriber sees at any level, not in errors, not in `Debug`.

mod run;
mod sensitive_types;
mod types;
