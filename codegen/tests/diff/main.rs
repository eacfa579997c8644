//! `awsjson diff`: every rule with an edit of a model, and proof by the compiler that its class is right.

mod rules;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use awsjson_codegen::Builder;
use serde_json::Value;
use tempfile::TempDir;

use rules::{Files, Later, RULES, files, operations, shape};

fn write(folder: &Path, files: &Files) -> PathBuf {
    let probe = folder.join("probe");
    fs::create_dir_all(&probe).expect("it can be made");
    for (name, value) in files {
        fs::write(probe.join(name), value.to_string()).expect("it can be written");
    }
    probe
}

/// A checkout with the models before and after an edit.
fn versions(edit: fn(&mut Files)) -> TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    fs::create_dir(folder.path().join("models")).expect("it can be made");
    let mut files = files();
    write(&folder.path().join("old"), &files);
    edit(&mut files);
    write(&folder.path().join("new"), &files);
    folder
}

fn diff(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_awsjson"))
        .current_dir(folder)
        .args(["diff", "old", "new"])
        .args(arguments)
        .output()
        .expect("the command runs")
}

#[test]
fn every_edit_is_found_and_classed() {
    for rule in &RULES {
        let folder = versions(rule.edit);
        let output = diff(folder.path(), &["--format", "json", "--exit-code"]);
        let text = String::from_utf8_lossy(&output.stdout);
        let found: Value =
            serde_json::from_str(&text).unwrap_or_else(|_| panic!("{}: {output:?}", rule.name));
        let findings = found[0]["findings"]
            .as_array()
            .unwrap_or_else(|| panic!("{}: {text}", rule.name));
        assert_eq!(findings[0]["class"], rule.class, "{}: {text}", rule.name);
        let gravest = findings.iter().filter(|finding| finding["class"] == rule.class);
        let whats: Vec<&str> = gravest.filter_map(|finding| finding["what"].as_str()).collect();
        assert!(whats.contains(&rule.what), "{}: {whats:?}", rule.name);
        let bump = match rule.class {
            "breaking" => "minor",
            "formatting" => "none",
            _ => "patch",
        };
        assert_eq!(found[0]["bump"], bump, "{}", rule.name);
        let code = i32::from(rule.class == "breaking");
        assert_eq!(output.status.code(), Some(code), "{}", rule.name);
    }
}

#[test]
fn the_compiler_agrees_with_every_class() {
    let project = tempfile::tempdir().expect("a folder");
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let workspace = fs::canonicalize(workspace).expect("it is there");
    let manifest = format!(
        "[package]\nname = \"semver\"\nversion = \"0.0.0\"\nedition = \"2024\"\n[workspace]\n[dependencies]\n\
         awsjson-protocol = {{ path = {:?}, features = [\"waiters\"] }}\n",
        workspace.join("protocol")
    );
    fs::write(project.path().join("Cargo.toml"), manifest).expect("it can be written");
    fs::copy(workspace.join("Cargo.lock"), project.path().join("Cargo.lock")).expect("it can be copied");
    let bins = project.path().join("src/bin");
    fs::create_dir_all(&bins).expect("it can be made");
    for rule in &RULES {
        let folder = versions(rule.edit);
        for version in ["old", "new"] {
            let generated = Builder::new()
                .model(folder.path().join(version).join("probe"))
                .out_dir(folder.path());
            let api =
                fs::read_to_string(generated.waiters().generate().expect("a module")).expect("it is there");
            let name = format!("{}_{version}.rs", rule.name);
            let program = format!("mod api {{\n{api}\n}}\nfn main() {{\n{}\n}}\n", rule.program);
            fs::write(bins.join(name), program).expect("it can be written");
        }
    }
    let output = Command::new(env!("CARGO"))
        .current_dir(project.path())
        .args([
            "check",
            "--bins",
            "--keep-going",
            "--quiet",
            "--message-format=json",
        ])
        .env("CARGO_TARGET_DIR", workspace.join("target/semver"))
        .env_remove("RUSTFLAGS")
        .output()
        .expect("cargo runs");
    let text = String::from_utf8_lossy(&output.stdout);
    let messages = text
        .lines()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let errors = messages.filter(|message| message["message"]["level"] == "error");
    let failed: BTreeSet<String> = errors
        .filter_map(|message| message["target"]["name"].as_str().map(str::to_owned))
        .collect();
    let expected = RULES.iter().filter(|rule| rule.later == Later::Fails);
    let expected: BTreeSet<String> = expected.map(|rule| format!("{}_new", rule.name)).collect();
    assert_eq!(failed, expected, "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn versions_may_be_revisions_of_git() {
    let folder = versions(|_| {});
    let root = folder.path();
    let git = |arguments: &[&str]| {
        let mut git = Command::new("git");
        git.current_dir(root)
            .args(["-c", "user.name=t", "-c", "user.email=t@example.org"]);
        let output = git.args(arguments).output().expect("git runs");
        assert!(output.status.success(), "{output:?}");
    };
    write(&root.join("models"), &files());
    git(&["init", "--quiet"]);
    git(&["add", "models"]);
    git(&["commit", "--quiet", "-m", "models"]);
    let mut files = files();
    operations(&mut files).remove("List");
    write(&root.join("models"), &files);
    let run = |old: &str| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_awsjson"));
        let output = command.current_dir(root).args(["diff", old, "models"]).output();
        let output = output.expect("the command runs");
        format!(
            "{}{}",
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr)
        )
    };
    let text = run("HEAD:");
    assert!(text.contains("breaking") && text.contains("List"), "{text}");
    assert!(!text.contains('\u{1b}'), "no colours where nobody looks: {text}");
    assert!(run("nowhere:").contains("git has no models at `nowhere`"));
    assert!(run("nowhere").contains("no folder of models"));
}

#[test]
fn pages_and_markdown_hold_nothing_that_models_could_smuggle_in() {
    let edit: fn(&mut Files) = |files| {
        shape(files, "Text")["pattern"] = "<script>alert(1)</script>`**".into();
    };
    let folder = versions(edit);
    let page = diff(folder.path(), &["--format", "html"]).stdout;
    let page = String::from_utf8(page).expect("text");
    assert!(
        page.contains("&lt;script&gt;alert(1)") && !page.contains("<script>alert"),
        "{page}"
    );
    assert!(
        !page.contains("http://") && !page.contains("https://"),
        "it needs nothing from elsewhere"
    );
    let markdown = diff(folder.path(), &["--format", "markdown"]).stdout;
    let markdown = String::from_utf8(markdown).expect("text");
    assert!(
        markdown.contains("`` <script>alert(1)</script>`** ``"),
        "{markdown}"
    );
}
