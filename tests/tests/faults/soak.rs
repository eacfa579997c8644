//! A short run of the program that keeps thousands of calls going for minutes: `tests/src/bin/soak`.

use std::process::Command;

#[test]
fn hundreds_of_calls_at_a_time_end_as_planned_and_leave_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut soak = Command::new(env!("CARGO_BIN_EXE_soak"));
    soak.args([
        "--in-flight",
        "200",
        "--seconds",
        "5",
        "--latency",
        "100",
        "--out",
    ]);
    let output = soak.arg(folder.path()).output().expect("it starts");
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{text}");
    let report = std::fs::read_to_string(folder.path().join("report.md")).expect("it is written");
    assert!(
        report.contains("Every call ended as planned, and nothing is left."),
        "{report}"
    );
}
