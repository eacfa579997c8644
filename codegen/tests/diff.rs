//! `awsjson diff`: every rule with an edit of a model, and proof by the compiler that its class is right.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use awsjson_codegen::Builder;
use serde_json::{Value, json};
use tempfile::TempDir;

/// One rule: an edit, the class of the gravest finding with what it is about, and a program that uses what is edited.
struct Rule {
    name: &'static str,
    edit: fn(&mut Files),
    class: &'static str,
    what: &'static str,
    program: &'static str,
    /// What the compiler makes of the program with the later version.
    later: Later,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Later {
    Compiles,
    Fails,
}
use Later::{Compiles, Fails};

/// The files of a model by name.
type Files = BTreeMap<&'static str, Value>;

fn files() -> Files {
    let model = json!({
        "metadata": {"apiVersion": "2020-01-01", "endpointPrefix": "probe", "jsonVersion": "1.1", "protocol": "json",
            "serviceFullName": "Probe", "serviceId": "Probe", "signatureVersion": "v4", "targetPrefix": "Probe",
            "uid": "probe-2020-01-01"},
        "operations": {
            "Act": {"name": "Act", "http": {"method": "POST", "requestUri": "/"}, "input": {"shape": "ActRequest"},
                "output": {"shape": "ActResponse"}, "errors": [{"shape": "GoneException"}]},
            "List": {"name": "List", "http": {"method": "POST", "requestUri": "/"}, "input": {"shape": "ListRequest"},
                "output": {"shape": "ListResponse"}}
        },
        "shapes": {
            "ActRequest": {"type": "structure", "required": ["first", "second"], "members": {
                "first": {"shape": "Text"}, "second": {"shape": "Text"}, "third": {"shape": "Text"}, "color": {"shape": "Color"}}},
            "ActResponse": {"type": "structure", "members": {"count": {"shape": "Count"}}},
            "ListRequest": {"type": "structure", "members": {"token": {"shape": "Text"}}},
            "ListResponse": {"type": "structure", "members": {"token": {"shape": "Text"}, "items": {"shape": "Texts"}}},
            "GoneException": {"type": "structure", "exception": true, "members": {"message": {"shape": "Text"}}},
            "Texts": {"type": "list", "member": {"shape": "Text"}},
            "Text": {"type": "string", "min": 1, "max": 10},
            "Count": {"type": "integer"},
            "Color": {"type": "string", "enum": ["RED", "BLUE"]}
        }
    });
    let paginators = json!({"pagination": {"List": {"input_token": "token", "output_token": "token", "result_key": "items"}}});
    Files::from([("service.json", model), ("paginators.json", paginators)])
}

fn shape<'a>(files: &'a mut Files, name: &str) -> &'a mut Value {
    &mut files.get_mut("service.json").expect("a model")["shapes"][name]
}

fn operations(files: &mut Files) -> &mut serde_json::Map<String, Value> {
    let model = files.get_mut("service.json").expect("a model");
    model["operations"].as_object_mut().expect("operations")
}

fn members<'a>(files: &'a mut Files, name: &str) -> &'a mut serde_json::Map<String, Value> {
    shape(files, name)["members"].as_object_mut().expect("members")
}

const ACT: &str = r#"let _ = api::probe::Act::new("a", "b").third("c");"#;

const RULES: [Rule; 27] = [
    Rule {
        name: "operation_added",
        edit: |files| {
            let list = operations(files)["List"].clone();
            operations(files).insert("ListMore".to_owned(), list);
            operations(files)["ListMore"]["name"] = "ListMore".into();
        },
        class: "additive",
        what: "ListMore",
        program: ACT,
        later: Compiles,
    },
    Rule {
        name: "operation_removed",
        edit: |files| {
            operations(files).remove("Act");
        },
        class: "breaking",
        what: "Act",
        program: ACT,
        later: Fails,
    },
    Rule {
        name: "optional_member_added",
        edit: |files| {
            members(files, "ActRequest").insert("fourth".to_owned(), json!({"shape": "Text"}));
        },
        class: "additive",
        what: "Act.fourth",
        program: ACT,
        later: Compiles,
    },
    Rule {
        name: "required_member_added",
        edit: |files| {
            members(files, "ActRequest").insert("fourth".to_owned(), json!({"shape": "Text"}));
            shape(files, "ActRequest")["required"] = json!(["first", "second", "fourth"]);
        },
        class: "breaking",
        what: "Act::new",
        program: ACT,
        later: Fails,
    },
    Rule {
        name: "member_removed",
        edit: |files| {
            members(files, "ActRequest").remove("third");
        },
        class: "breaking",
        what: "Act.third",
        program: ACT,
        later: Fails,
    },
    Rule {
        name: "member_becomes_required",
        edit: |files| shape(files, "ActRequest")["required"] = json!(["first", "second", "third"]),
        class: "breaking",
        what: "Act.third",
        program: ACT,
        later: Fails,
    },
    Rule {
        name: "member_becomes_optional",
        edit: |files| shape(files, "ActRequest")["required"] = json!(["first"]),
        class: "breaking",
        what: "Act.second",
        program: ACT,
        later: Fails,
    },
    Rule {
        // The compiler does not see it: a program that still compiles says something else.
        name: "required_members_change_places",
        edit: |files| shape(files, "ActRequest")["required"] = json!(["second", "first"]),
        class: "breaking",
        what: "Act::new",
        program: ACT,
        later: Compiles,
    },
    Rule {
        name: "member_changes_its_type",
        edit: |files| members(files, "ActRequest")["third"] = json!({"shape": "Count"}),
        class: "breaking",
        what: "Act.third",
        program: ACT,
        later: Fails,
    },
    Rule {
        name: "member_of_an_output_changes_its_type",
        edit: |files| members(files, "ActResponse")["count"] = json!({"shape": "Text"}),
        class: "breaking",
        what: "ActOutput.count",
        program: "let _: Option<i32> = api::probe::ActOutput::new().count;",
        later: Fails,
    },
    Rule {
        name: "member_of_an_output_becomes_required",
        edit: |files| shape(files, "ActResponse")["required"] = json!(["count"]),
        class: "breaking",
        what: "ActOutput: Default",
        program: "let _ = api::probe::ActOutput::default();",
        later: Fails,
    },
    Rule {
        name: "string_becomes_an_enum",
        edit: |files| members(files, "ActRequest")["third"] = json!({"shape": "Color"}),
        class: "breaking",
        what: "Act.third",
        program: r#"let _: Option<String> = api::probe::Act::new("a", "b").third;"#,
        later: Fails,
    },
    Rule {
        name: "shape_renamed",
        edit: |files| {
            let color = shape(files, "Color").take();
            let model = files.get_mut("service.json").expect("a model");
            model["shapes"]["Paint"] = color;
            model["shapes"].as_object_mut().expect("shapes").remove("Color");
            members(files, "ActRequest")["color"] = json!({"shape": "Paint"});
        },
        class: "breaking",
        what: "types::Color",
        program: "let _ = api::probe::types::Color::Red;",
        later: Fails,
    },
    Rule {
        name: "enum_value_added",
        edit: |files| shape(files, "Color")["enum"] = json!(["RED", "BLUE", "GREEN"]),
        class: "additive",
        what: "types::Color::Green",
        program: "let _ = api::probe::types::Color::Red;",
        later: Compiles,
    },
    Rule {
        name: "enum_value_removed",
        edit: |files| shape(files, "Color")["enum"] = json!(["BLUE"]),
        class: "breaking",
        what: "types::Color::Red",
        program: "let _ = api::probe::types::Color::Red;",
        later: Fails,
    },
    Rule {
        name: "exception_added",
        edit: |files| {
            let gone = shape(files, "GoneException").clone();
            files.get_mut("service.json").expect("a model")["shapes"]["LostException"] = gone;
            operations(files)["Act"]["errors"] =
                json!([{"shape": "GoneException"}, {"shape": "LostException"}]);
        },
        class: "additive",
        what: "exceptions::LostException",
        program: "let _ = api::probe::exceptions::GoneException::new();",
        later: Compiles,
    },
    Rule {
        name: "exception_removed",
        edit: |files| {
            operations(files)["Act"]["errors"] = json!([]);
            let model = files.get_mut("service.json").expect("a model");
            model["shapes"]
                .as_object_mut()
                .expect("shapes")
                .remove("GoneException");
        },
        class: "breaking",
        what: "exceptions::GoneException",
        program: "let _ = api::probe::exceptions::GoneException::new();",
        later: Fails,
    },
    Rule {
        name: "exception_listed",
        edit: |files| operations(files)["List"]["errors"] = json!([{"shape": "GoneException"}]),
        class: "documentation",
        what: "exception GoneException of List",
        program: ACT,
        later: Compiles,
    },
    Rule {
        name: "constraint_changed",
        edit: |files| shape(files, "Text")["max"] = 5.into(),
        class: "documentation",
        what: "characters of Text",
        program: ACT,
        later: Compiles,
    },
    Rule {
        name: "sensitive",
        edit: |files| shape(files, "Text")["sensitive"] = true.into(),
        class: "additive",
        what: "sensitivity of Act.first",
        program: ACT,
        later: Compiles,
    },
    Rule {
        name: "deprecated",
        edit: |files| operations(files)["Act"]["deprecated"] = true.into(),
        class: "additive",
        what: "Act",
        program: ACT,
        later: Compiles,
    },
    Rule {
        name: "wire_name_changed",
        edit: |files| {
            let third = members(files, "ActRequest").remove("third").expect("a member");
            members(files, "ActRequest").insert("Third".to_owned(), third);
        },
        class: "breaking",
        what: "wire name of Act.third",
        program: ACT,
        later: Compiles,
    },
    Rule {
        name: "target_changed",
        edit: |files| {
            files.get_mut("service.json").expect("a model")["metadata"]["targetPrefix"] = "Other".into()
        },
        class: "breaking",
        what: "target of Act",
        program: ACT,
        later: Compiles,
    },
    Rule {
        name: "paginator_removed",
        edit: |files| {
            files.remove("paginators.json");
        },
        class: "breaking",
        what: "List: Paginated",
        program: "fn pages<T: awsjson_protocol::Paginated>(_: T) {} pages(api::probe::List::new());",
        later: Fails,
    },
    Rule {
        name: "paginator_added",
        edit: |files| {
            let response = members(files, "ActResponse");
            response.insert("next".to_owned(), json!({"shape": "Text"}));
            response.insert("texts".to_owned(), json!({"shape": "Texts"}));
            files.get_mut("paginators.json").expect("paginators")["pagination"]["Act"] =
                json!({"input_token": "third", "output_token": "next", "result_key": "texts"});
        },
        class: "additive",
        what: "Act: Paginated",
        program: ACT,
        later: Compiles,
    },
    Rule {
        name: "documentation",
        edit: |files| operations(files)["Act"]["documentation"] = "<p>Acts.</p>".into(),
        class: "documentation",
        what: "upstream documentation",
        program: ACT,
        later: Compiles,
    },
    Rule {
        name: "formatting",
        edit: |files| {
            files.insert("waiters.json", json!({"version": 2, "waiters": {}}));
        },
        class: "formatting",
        what: "files",
        program: ACT,
        later: Compiles,
    },
];

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
            let generated = Builder::new(folder.path().join(version).join("probe")).out_dir(folder.path());
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
    let expected = RULES.iter().filter(|rule| rule.later == Fails);
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
