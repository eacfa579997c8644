//! Files: what a model names is never a path, and nothing outside of the output folder is written.

use std::fs;
use std::path::Path;

use awsjson_codegen::output::{self, Stale};
use awsjson_codegen::{json, overlay, workspace::Workspace};

use super::{Models, assert_refused, chain, model, read_tree, rendered};

const PATHS: &[&str] = &[
    "../../evil",
    "..",
    ".",
    "/tmp/evil",
    "/",
    "a/../../../evil",
    "C:\\evil",
    "\\\\evil\\share",
    "..\\..\\evil",
    "evil\0.rs",
    "evil.rs",
    "con",
    "NUL",
    "~/evil",
    "$HOME/evil",
    "evil\n",
    "Cargo.toml",
    "lib",
    "mod",
];

/// Puts a name where each kind of thing is named.
fn named(kind: &str, name: &str) -> Models {
    let mut file = model();
    let rename = |file: &mut serde_json::Value, pointer: &str, old: &str| {
        let entries = file
            .pointer_mut(pointer)
            .expect("there")
            .as_object_mut()
            .expect("an object");
        let value = entries.remove(old).expect("there");
        entries.insert(name.to_owned(), value);
    };
    match kind {
        "operation" => rename(&mut file, "/operations", "Get"),
        "member" => rename(&mut file, "/shapes/GetRequest/members", "Color"),
        "union member" => rename(&mut file, "/shapes/Choice/members", "One"),
        "structure" => {
            rename(&mut file, "/shapes", "GetResponse");
            file["operations"]["Get"]["output"]["shape"] = name.into();
        }
        "type" => {
            rename(&mut file, "/shapes", "Choice");
            file["shapes"]["GetRequest"]["members"]["Choice"]["shape"] = name.into();
        }
        "exception" => {
            rename(&mut file, "/shapes", "NotFound");
            file["operations"]["Get"]["errors"][0]["shape"] = name.into();
        }
        other => unreachable!("{other}"),
    }
    Models::new(&file)
}

#[test]
fn no_name_of_a_model_leads_out_of_the_output_folder() {
    let longest = "x".repeat(10_000);
    let mut written = 0;
    for kind in [
        "operation",
        "member",
        "union member",
        "structure",
        "type",
        "exception",
    ] {
        for path in PATHS.iter().copied().chain([longest.as_str()]) {
            let Ok(service) = named(kind, path).service() else {
                continue;
            };
            let both = tempfile::tempdir().expect("a folder");
            let out = both.path().join("a/b/out");
            output::write(&out, &rendered(&service), Stale::Keep)
                .unwrap_or_else(|error| panic!("{kind} {path:?}: {}", chain(&error)));
            let expected = ["a", "a/b", "a/b/out"].map(|folder| both.path().join(folder));
            for found in read_tree(both.path()) {
                assert!(
                    found.starts_with(&out) || expected.contains(&found),
                    "{kind} {path:?}: {found:?}"
                );
                let name = found.file_name().and_then(|name| name.to_str()).expect("a name");
                let is_plain = |c: char| c.is_ascii_alphanumeric() || "_.-".contains(c);
                assert!(
                    name.chars().all(is_plain) && name.len() < 200,
                    "{kind} {path:?}: {name}"
                );
            }
            written += 1;
        }
    }
    assert!(written > 20, "most names were refused: {written}");
}

#[test]
fn services_and_modules_with_paths_for_names_are_refused() {
    let models = Models::new(&model());
    for path in PATHS
        .iter()
        .filter(|path| !matches!(**path, "con" | "NUL" | "lib" | "mod"))
    {
        let folder = models.folder.path().join("deep/deeper");
        fs::create_dir_all(&folder).expect("a folder");
        fs::write(folder.join("service.json"), model().to_string()).expect("a file");
        let json = model();
        let workspace = Workspace::of_models(&folder);
        let error = workspace.lower_json(path, &json, Default::default()).map(|_| ());
        let error = chain(&error.expect_err("no name of a crate"));
        assert!(error.contains("cannot name a crate"), "{path:?}: {error}");

        let overlay = format!("[modules.{path:?}]\nabout = \"evil\"\n").replace("\\0", "\\u0000");
        models.write(overlay::FILE, &overlay);
        assert_refused(&models, &["a module cannot have this name"]);
    }
    models.write(
        overlay::FILE,
        "[modules.fine]\nabout = \"a\\n[dependencies]\\nevil = \\\"1\\\"\"\n",
    );
    assert_refused(&models, &["`about` is one sentence"]);
}

#[test]
fn overlays_with_tricks_are_refused() {
    let models = Models::new(&model());
    let deep = format!("names = {}{}", "[".repeat(100_000), "]".repeat(100_000));
    let dotted = format!("{} = 1", vec!["a"; 100_000].join("."));
    for text in [
        "[operations.Get]\nsummary = \"a\"\n[operations.Get]\nsummary = \"b\"",
        "[names]\nColor = \"a\"\nColor = \"b\"",
        "[names]\nColor = \"evil; fn evil() {}\"",
        "[names]\n\"Color$red\" = \"Self\"",
        "[names]\n\"../../evil\" = \"Evil\"",
        "[evil]\na = 1",
        "operations = 1",
        "[operations.Get]\nconstraints = [{exactly_one_of = [\"Name\", \"../evil\"]}]",
        &deep,
        &dotted,
        "\u{feff}\0",
    ] {
        models.write(overlay::FILE, text);
        let error = models.service().map(|_| ()).expect_err("refused");
        assert!(error.contains("overlay"), "{text:.100}: {error:.500}");
        assert!(error.len() < 1 << 20, "{} bytes", error.len());
    }
}

#[test]
fn a_key_that_stands_twice_is_an_error_with_its_line() {
    let text = serde_json::to_string_pretty(&model()).expect("JSON");
    let twice = text.replacen(
        "\"Colors\": {",
        "\"Color\": {\"type\": \"string\"},\n    \"Colors\": {",
        1,
    );
    assert_refused(
        &Models::of_text(&twice),
        &["the key \"Color\" stands twice", "service.json:"],
    );
    let smithy = br#"{"smithy": "2.0", "shapes": {"a#B": {"type": "string"}, "a#B": {"type": "blob"}}}"#;
    let problems = awsjson_codegen::smithy::convert("probe", smithy).expect_err("twice");
    assert!(problems[0].what.contains("stands twice"), "{problems:?}");
    assert!(json::read(smithy).is_err());
}

#[test]
fn a_hostile_checkout_gets_nothing_written_elsewhere() {
    // Only what a command is told to write to is written to; the models' folder is read only.
    let models = Models::new(&model());
    let before = read_tree(models.folder.path());
    let service = models.service().expect("valid");
    let out = tempfile::tempdir().expect("a folder");
    output::write(out.path(), &rendered(&service), Stale::Keep).expect("written");
    assert_eq!(read_tree(models.folder.path()), before);
    assert!(
        read_tree(out.path())
            .iter()
            .any(|path| path.ends_with(Path::new("src/lib.rs")))
    );
}
