//! Compiles every golden client: `tests/tests/golden.rs` compares them with what the generator makes.

#![allow(dead_code, unused_imports, clippy::module_inception)]

#[path = "../golden/awsjson_1_0.rs"]
mod awsjson_1_0;
#[path = "../golden/compression.rs"]
mod compression;
#[path = "../golden/constraints.rs"]
mod constraints;
#[path = "../golden/context_paths.rs"]
mod context_paths;
#[path = "../golden/deprecated.rs"]
mod deprecated;
#[path = "../golden/enumeration.rs"]
mod enumeration;
#[path = "../golden/event_stream.rs"]
mod event_stream;
#[path = "../golden/exceptions.rs"]
mod exceptions;
#[path = "../golden/host_prefix.rs"]
mod host_prefix;
#[path = "../golden/hostile.rs"]
mod hostile;
#[path = "../golden/idempotency_token.rs"]
mod idempotency_token;
#[path = "../golden/lists.rs"]
mod lists;
#[path = "../golden/maps.rs"]
mod maps;
#[path = "../golden/names.rs"]
mod names;
#[path = "../golden/paginators.rs"]
mod paginators;
#[path = "../golden/probe.rs"]
mod probe;
#[path = "../golden/recursion.rs"]
mod recursion;
#[path = "../golden/scalars.rs"]
mod scalars;
#[path = "../golden/sensitive.rs"]
mod sensitive;
#[path = "../golden/sparse.rs"]
mod sparse;
#[path = "../golden/structure.rs"]
mod structure;
#[path = "../golden/timestamps.rs"]
mod timestamps;
#[path = "../golden/union.rs"]
mod union;
#[path = "../golden/unsigned.rs"]
mod unsigned;
#[path = "../golden/waiters.rs"]
mod waiters;

/// The clients that are compiled above, to notice one that is not.
const COMPILED: &[&str] = &[
    "awsjson_1_0",
    "compression",
    "constraints",
    "context_paths",
    "deprecated",
    "enumeration",
    "event_stream",
    "exceptions",
    "host_prefix",
    "hostile",
    "idempotency_token",
    "lists",
    "maps",
    "names",
    "paginators",
    "probe",
    "recursion",
    "scalars",
    "sensitive",
    "sparse",
    "structure",
    "timestamps",
    "union",
    "unsigned",
    "waiters",
];

#[test]
fn every_golden_client_is_compiled() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/golden");
    let mut clients: Vec<String> = std::fs::read_dir(folder)
        .expect("the folder is there")
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .filter_map(|name| name.strip_suffix(".rs").map(str::to_owned))
        .collect();
    clients.sort();
    assert_eq!(clients, COMPILED);
}
