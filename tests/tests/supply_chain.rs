//! What the crates here depend on, and what every manifest says: read from `cargo metadata`, so that it needs no other tool.

use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

/// Licences that ask for no more than their notice.
const LICENSES: [&str; 11] = [
    "0BSD",
    "Apache-2.0",
    "Apache-2.0 WITH LLVM-exception",
    "BSD-3-Clause",
    "CC0-1.0",
    "CDLA-Permissive-2.0",
    "ISC",
    "MIT",
    "MIT-0",
    "Unicode-3.0",
    "Zlib",
];

fn packages() -> Vec<Value> {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--all-features", "--locked"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .expect("cargo runs");
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let mut metadata: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    match metadata["packages"].take() {
        Value::Array(packages) => packages,
        other => panic!("{other}"),
    }
}

fn text<'a>(package: &'a Value, name: &str) -> &'a str {
    package[name].as_str().unwrap_or_default()
}

/// Reads a version such as `1.94` or `1.94.1`.
fn version(text: &str) -> Vec<u32> {
    let mut parts: Vec<u32> = text
        .split('.')
        .map(|part| part.parse().expect("a number"))
        .collect();
    parts.resize(3, 0);
    parts
}

/// Tells whether one of the choices that an expression leaves is only made of licences above.
fn is_allowed(expression: &str) -> bool {
    let expression = expression.replace(['(', ')'], "").replace('/', " OR ");
    // Where parentheses are gone, every licence of an expression with both words has to be allowed.
    let names = |text: &str, word: &str| -> Vec<String> {
        text.split(word).map(|name| name.trim().to_owned()).collect()
    };
    let is_one = |name: &String| LICENSES.contains(&name.as_str());
    match expression.contains(" AND ") {
        true => names(&expression.replace(" OR ", " AND "), " AND ")
            .iter()
            .all(is_one),
        false => names(&expression, " OR ").iter().any(is_one),
    }
}

#[test]
fn every_dependency_has_a_licence_a_source_and_a_compiler_that_we_promise() {
    let packages = packages();
    assert!(packages.len() > 200, "{}", packages.len());
    let own = packages
        .iter()
        .find(|package| package["name"] == "awsjson-protocol");
    let own = version(text(own.expect("it is here"), "rust_version"));
    let mut problems = Vec::new();
    for package in &packages {
        let name = format!("{} {}", text(package, "name"), text(package, "version"));
        if !is_allowed(text(package, "license")) {
            problems.push(format!("{name}: the licence `{}`", text(package, "license")));
        }
        let source = text(package, "source");
        if !source.is_empty() && !source.starts_with("registry+") && !source.starts_with("sparse+") {
            problems.push(format!("{name}: does not come from a registry"));
        }
        if let Some(needed) = package["rust_version"].as_str()
            && version(needed) > own
        {
            problems.push(format!("{name}: needs Rust {needed}"));
        }
    }
    assert!(problems.is_empty(), "{problems:#?}");
}

#[test]
fn no_crate_here_may_hold_unsafe_code() {
    for package in packages().iter().filter(|package| package["source"].is_null()) {
        let name = text(package, "name");
        let manifest = text(package, "manifest_path");
        let manifest_text = fs::read_to_string(manifest).expect("it is there");
        let by_workspace = manifest_text.contains("[lints]\nworkspace = true");
        let by_source = |target: &Value| {
            let source = fs::read_to_string(text(target, "src_path")).expect("it is there");
            source.contains("#![forbid(unsafe_code)]")
        };
        let targets = package["targets"].as_array().expect("targets");
        assert!(
            by_workspace
                || targets
                    .iter()
                    .filter(|target| target["kind"][0] == "lib")
                    .all(by_source),
            "{name}: neither its manifest nor its source forbids unsafe code"
        );
    }
    let root = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../Cargo.toml"));
    assert!(root.expect("it is there").contains("unsafe_code = \"forbid\""));
}

#[test]
fn licences_are_read() {
    for good in [
        "MIT",
        "Apache-2.0 OR GPL-3.0",
        "MIT/Apache-2.0",
        "(MIT OR Apache-2.0) AND Unicode-3.0",
    ] {
        assert!(is_allowed(good), "{good}");
    }
    for bad in ["", "GPL-3.0", "MIT AND GPL-3.0", "LGPL-2.1-or-later"] {
        assert!(!is_allowed(bad), "{bad}");
    }
}
