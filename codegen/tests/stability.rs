//! The same models give the same bytes, whoever generates them where.

mod checkout;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

const SERVICES: [&str; 4] = ["kms", "secretsmanager", "sqs", "kinesis"];

/// Returns the generated files with their contents, whose paths are relative to `root`.
fn files(root: &Path) -> BTreeMap<PathBuf, String> {
    let mut files = BTreeMap::new();
    let mut open = vec![root.to_owned()];
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(folder).expect("it is there") {
            let path = entry.expect("an entry").path();
            match path.is_dir() {
                true => open.push(path),
                false => drop(files.insert(
                    path.strip_prefix(root).expect("below").to_owned(),
                    fs::read_to_string(&path).expect("text"),
                )),
            }
        }
    }
    files
}

fn generate(out: &Path, jobs: &str, locale: &str) -> BTreeMap<PathBuf, String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .expect("the checkout");
    let mut command = Command::new(env!("CARGO_BIN_EXE_awsjson"));
    command
        .arg("--root")
        .arg(root)
        .args(["--jobs", jobs, "--quiet", "generate", "--out"])
        .arg(out)
        .args(SERVICES);
    // Whatever rustfmt is installed is out of reach.
    command
        .env("PATH", "/nowhere")
        .env("LC_ALL", locale)
        .env("LANG", locale);
    let output = command.output().expect("it runs");
    assert!(output.status.success(), "{}", checkout::text(&output));
    assert!(
        output.stdout.is_empty(),
        "--quiet says nothing: {}",
        checkout::text(&output)
    );
    files(out)
}

#[test]
fn folder_locale_threads_and_programs_of_the_machine_leave_no_trace() {
    let one = tempfile::tempdir().expect("a folder");
    let two = tempfile::tempdir().expect("a folder");
    let first = generate(&one.path().join("a"), "1", "C");
    let second = generate(&two.path().join("another/place"), "8", "tr_TR.UTF-8");
    assert!(first.len() > 300, "{} files", first.len());
    assert!(first == second, "the bytes differ");
    // The committed crates are the same, but for the place of the protocol crate.
    let committed = Path::new(env!("CARGO_MANIFEST_DIR")).join("../generated");
    for (path, contents) in first.iter().filter(|(path, _)| !path.ends_with("Cargo.toml")) {
        let there = fs::read_to_string(committed.join(path)).expect("it is committed");
        assert!(there == *contents, "{} differs", path.display());
    }
}
