//! `awsjson sync` and `awsjson outdated`: what another version of the models changes, and that nothing is lost on the way.

mod checkout;

use std::fs;

use checkout::{Checkout, model, text};
use serde_json::{Value, json};

const KEPT: &str = "[package]\nname = \"awsjson-probe\"";

/// A checkout whose service is imported from version 1 of upstream, with a lock file of cargo.
fn checkout() -> Checkout {
    let checkout = Checkout::new();
    upstream(&checkout, "1.0.0", &[("probe", model())]);
    let from = folder(&checkout, "1.0.0");
    let output = checkout.run(&["import", "--from", &from, "--pin", "probe"]);
    assert!(output.status.success(), "{}", text(&output));
    checkout.write(
        "Cargo.lock",
        "[[package]]\nname = \"awsjson-probe\"\nversion = \"0.1.0\"\n",
    );
    assert!(checkout.run(&["generate"]).status.success());
    checkout
}

fn folder(checkout: &Checkout, version: &str) -> String {
    checkout.path(&format!("target/{version}")).display().to_string()
}

/// Puts a version of upstream beside what counts as the checkout.
fn upstream(checkout: &Checkout, version: &str, services: &[(&str, Value)]) {
    let data = format!("target/{version}/botocore");
    checkout.write(
        &format!("{data}/__init__.py"),
        &format!("__version__ = '{version}'\n"),
    );
    checkout.write(&format!("{data}/data/partitions.json"), "{\"partitions\": []}");
    for (service, model) in services {
        let path = format!("{data}/data/{service}/2020-01-01/service-2.json");
        checkout.write(&path, &model.to_string());
    }
}

/// The model with another operation.
fn grown() -> Value {
    let mut model = model();
    model["operations"]["Undo"] = json!({"name": "Undo", "http": {"method": "POST", "requestUri": "/"}});
    model
}

/// The model without a member.
fn shrunk() -> Value {
    let mut model = model();
    let members = model["shapes"]["ActRequest"]["members"]
        .as_object_mut()
        .expect("members");
    members.remove("part");
    model
}

fn read(checkout: &Checkout, path: &str) -> String {
    fs::read_to_string(checkout.path(path)).expect("it is there")
}

#[test]
fn models_crates_versions_changelogs_and_pins_follow_in_one_step() {
    let checkout = checkout();
    upstream(&checkout, "1.1.0", &[("probe", grown())]);
    let from = folder(&checkout, "1.1.0");
    let before = checkout.snapshot();
    let output = checkout.run(&["sync", "--dry-run", "--from", &from]);
    assert!(output.status.success(), "{}", text(&output));
    assert!(
        text(&output).contains("awsjson-probe 0.1.0 -> 0.1.1"),
        "{}",
        text(&output)
    );
    assert!(checkout.snapshot() == before, "--dry-run changes nothing");

    let output = checkout.run(&["sync", "--from", &from]);
    assert!(output.status.success(), "{}", text(&output));
    assert!(read(&checkout, "models/models.lock").contains("version = \"1.1.0\""));
    assert!(read(&checkout, "generated/probe/Cargo.toml").contains("version = \"0.1.1\""));
    assert!(read(&checkout, "Cargo.lock").contains("version = \"0.1.1\""));
    assert!(checkout.path("generated/probe/src/operations/undo.rs").exists());
    let changelog = read(&checkout, "generated/probe/CHANGELOG.md");
    for line in [
        "## 0.1.1 (unreleased)",
        "### Models of botocore 1.1.0",
        "* **additive** `Undo`",
        "\n## 0.1.0\n",
    ] {
        assert!(changelog.contains(line), "no {line} in {changelog}");
    }
    assert_eq!(checkout.run(&["check"]).status.code(), Some(0));
    let synced = checkout.snapshot();
    assert!(checkout.run(&["sync", "--from", &from]).status.success());
    assert!(checkout.snapshot() == synced, "a second run has nothing to do");
}

#[test]
fn what_people_wrote_into_a_changelog_stays_and_a_graver_change_takes_its_version() {
    let checkout = checkout();
    let by_hand =
        "# Changelog\n\n## 0.1.1 (unreleased)\n\n* A fix, by hand.\n\n## 0.1.0\n\n* The first, by hand.\n";
    checkout.write("generated/probe/CHANGELOG.md", by_hand);
    let manifest = read(&checkout, "generated/probe/Cargo.toml")
        .replace("version = \"0.1.0\"\ndesc", "version = \"0.1.1\"\ndesc");
    assert!(manifest.contains(KEPT));
    checkout.write("generated/probe/Cargo.toml", &manifest);
    assert_eq!(
        checkout.run(&["check"]).status.code(),
        Some(0),
        "both are the crate's own"
    );
    assert!(checkout.run(&["generate"]).status.success());
    assert_eq!(read(&checkout, "generated/probe/CHANGELOG.md"), by_hand);
    assert_eq!(read(&checkout, "generated/probe/Cargo.toml"), manifest);

    upstream(&checkout, "2.0.0", &[("probe", shrunk())]);
    let output = checkout.run(&["sync", "--from", &folder(&checkout, "2.0.0")]);
    assert!(
        text(&output).contains("awsjson-probe 0.1.1 -> 0.2.0"),
        "{}",
        text(&output)
    );
    let changelog = read(&checkout, "generated/probe/CHANGELOG.md");
    let expected = "# Changelog\n\n## 0.2.0 (unreleased)\n\n* A fix, by hand.\n\n### Models of botocore 2.0.0\n\n* **breaking** `ActRequest";
    assert!(
        changelog.starts_with(&expected.replace("ActRequest", "Act.part")),
        "{changelog}"
    );
    assert!(
        changelog.ends_with("\n\n## 0.1.0\n\n* The first, by hand.\n"),
        "{changelog}"
    );
}

#[test]
fn a_service_that_the_version_lacks_keeps_its_model() {
    let checkout = checkout();
    let model = read(&checkout, "models/probe/service.json");
    upstream(&checkout, "0.9.0", &[("other", grown())]);
    let output = checkout.run(&["sync", "--from", &folder(&checkout, "0.9.0")]);
    assert!(output.status.success(), "{}", text(&output));
    for part in [
        "probe: botocore 0.9.0 has no such service; its model stays that of 1.0.0",
        "not here: other",
    ] {
        assert!(text(&output).contains(part), "no {part} in {}", text(&output));
    }
    assert_eq!(read(&checkout, "models/probe/service.json"), model);
    let lock = read(&checkout, "models/models.lock");
    assert!(lock.contains("[kept]\nprobe = \"1.0.0\""), "{lock}");
    assert!(lock.contains("probe/2020-01-01/service-2.json"), "{lock}");
    assert!(read(&checkout, "generated/probe/Cargo.toml").contains("version = \"0.1.0\""));

    // It is kept until a version has it again.
    upstream(&checkout, "0.9.1", &[("other", grown())]);
    assert!(
        checkout
            .run(&["sync", "--from", &folder(&checkout, "0.9.1")])
            .status
            .success()
    );
    assert!(read(&checkout, "models/models.lock").contains("[kept]\nprobe = \"1.0.0\""));
    let output = checkout.run(&["sync", "--from", &folder(&checkout, "1.0.0")]);
    assert!(output.status.success(), "{}", text(&output));
    assert!(!read(&checkout, "models/models.lock").contains("[kept]"));
}

#[test]
fn outdated_names_what_is_behind_and_says_so_with_its_exit_code() {
    let checkout = checkout();
    let output = checkout.run(&["outdated", "--from", &folder(&checkout, "1.0.0")]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output));
    upstream(&checkout, "1.1.0", &[("probe", grown())]);
    let before = checkout.snapshot();
    let output = checkout.run(&["outdated", "--quiet", "--from", &folder(&checkout, "1.1.0")]);
    assert_eq!(output.status.code(), Some(1), "{}", text(&output));
    let said = text(&output);
    assert!(
        said.starts_with("probe  0.1.0 -> 0.1.1") && said.contains("1 additive"),
        "{said}"
    );
    assert_eq!(said.lines().count(), 1, "{said}");
    assert!(checkout.snapshot() == before, "nothing changes");
}

#[test]
fn an_overlay_that_does_not_match_the_new_models_is_named_where_it_stands() {
    let checkout = checkout();
    upstream(&checkout, "1.1.0", &[("probe", grown())]);
    assert!(
        checkout
            .run(&["sync", "--from", &folder(&checkout, "1.1.0")])
            .status
            .success()
    );
    checkout.write(
        "models/probe/overlay.toml",
        "[operations.Undo]\nsummary = \"Undoes it.\"\n",
    );
    let before = checkout.snapshot();
    let output = checkout.run(&["sync", "--from", &folder(&checkout, "1.0.0")]);
    assert_eq!(output.status.code(), Some(2), "{}", text(&output));
    let overlay = checkout.path("models/probe/overlay.toml");
    assert!(
        text(&output).contains(&overlay.display().to_string()),
        "{}",
        text(&output)
    );
    assert!(checkout.snapshot() == before, "nothing changes");
}
