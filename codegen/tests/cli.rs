//! The `awsjson` command as maintainers meet it: exit codes, messages, and what is left on disk.

mod checkout;

use std::fs;
use std::path::PathBuf;

use checkout::{Checkout, model, text};
use serde_json::json;

#[test]
fn what_was_just_generated_is_fresh() {
    let checkout = Checkout::new();
    let output = checkout.run(&["check"]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output));
    assert_eq!(text(&output), "probe: fresh\n");
}

#[test]
fn generating_again_writes_nothing() {
    let checkout = Checkout::new();
    let before = checkout.snapshot();
    let output = checkout.run(&["generate"]);
    assert!(text(&output).starts_with("probe: unchanged"), "{}", text(&output));
    assert_eq!(checkout.snapshot(), before);
    fs::remove_dir_all(checkout.path("target")).expect("it is there");
    let output = checkout.run(&["generate"]);
    assert!(
        text(&output).starts_with("probe: 0 files written, 0 removed"),
        "{}",
        text(&output)
    );
    assert_eq!(checkout.snapshot(), before);
}

#[test]
fn a_changed_a_missing_and_a_new_file_are_found_and_mended() {
    let checkout = Checkout::new();
    let fresh = checkout.snapshot();
    checkout.write("generated/probe/src/lib.rs", "// by hand");
    checkout.write("generated/probe/src/types/extra.rs", "");
    fs::remove_file(checkout.path("generated/probe/src/types/part.rs")).expect("it is there");

    let stale = checkout.snapshot();
    let output = checkout.run(&["check"]);
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(checkout.snapshot(), stale, "check changes nothing");
    for line in [
        "src/lib.rs differs",
        "src/types/extra.rs no longer belongs",
        "src/types/part.rs is missing",
        "generate probe",
    ] {
        assert!(
            text(&output).contains(line),
            "{line} is missing in: {}",
            text(&output)
        );
    }

    checkout.run(&["generate", "probe"]);
    assert_eq!(checkout.snapshot(), fresh);
}

#[test]
fn files_beside_the_generated_ones_survive() {
    let checkout = Checkout::new();
    checkout.write("generated/probe/src/by_hand.rs", "// by hand");
    assert_eq!(checkout.run(&["check"]).status.code(), Some(0));
    checkout.run(&["generate"]);
    assert!(checkout.path("generated/probe/src/by_hand.rs").exists());
}

#[test]
fn modules_written_by_hand_are_declared_and_go_wherever_the_crate_goes() {
    let checkout = Checkout::new();
    let overlay = "[modules.extra]\nabout = \"Something that no model says.\"";
    checkout.write("models/probe/overlay.toml", overlay);
    let output = checkout.run(&["generate"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output).contains("src/extra.rs"), "{}", text(&output));

    checkout.write("generated/probe/src/extra/mod.rs", "//! By hand.");
    let elsewhere = checkout.path("elsewhere");
    let elsewhere = elsewhere.to_str().expect("text");
    for contents in ["//! By hand.", "//! By hand, and changed."] {
        checkout.write("generated/probe/src/extra/mod.rs", contents);
        for arguments in [&["generate"][..], &["generate", "--out", elsewhere, "probe"]] {
            let output = checkout.run(arguments);
            assert!(output.status.success(), "{}", text(&output));
        }
        let copy = fs::read_to_string(checkout.path("elsewhere/probe/src/extra/mod.rs"));
        assert_eq!(copy.expect("the module goes along"), contents);
    }
    let root = fs::read_to_string(checkout.path("generated/probe/src/lib.rs")).expect("it is there");
    assert!(
        root.contains("#[cfg(feature = \"extra\")]\npub mod extra;"),
        "{root}"
    );
    let manifest = fs::read_to_string(checkout.path("generated/probe/Cargo.toml")).expect("it is there");
    assert!(
        manifest.contains("# Something that no model says.\nextra = []\n"),
        "{manifest}"
    );
    assert_eq!(checkout.run(&["check"]).status.code(), Some(0));
}

#[test]
fn a_few_operations_are_generated_with_what_they_reach_and_nothing_else() {
    let checkout = Checkout::new();
    let mut model = model();
    model["operations"]["Other"] = serde_json::json!({
        "name": "Other", "http": {"method": "POST", "requestUri": "/"}, "input": {"shape": "OtherRequest"},
        "errors": [{"shape": "OtherException"}]
    });
    model["shapes"]["OtherException"] =
        serde_json::json!({"type": "structure", "members": {}, "exception": true});
    model["shapes"]["OtherRequest"] =
        serde_json::json!({"type": "structure", "members": {"other": {"shape": "OtherThing"}}});
    model["shapes"]["OtherThing"] = serde_json::json!({"type": "structure", "members": {}});
    checkout.write("models/probe/service.json", &model.to_string());
    checkout.write(
        "models/probe/overlay.toml",
        "[operations.Act]\nsummary = \"Acts.\"\n[operations.Other]\nsummary = \"Does not.\"",
    );
    let out = checkout.path("few");
    let out = out.to_str().expect("text");
    let output = checkout.run(&["generate", "probe", "--operations", "Act", "--out", out]);
    assert!(output.status.success(), "{}", text(&output));
    let files: Vec<PathBuf> = checkout.snapshot().into_keys().collect();
    let few = |name: &str| files.contains(&checkout.path(&format!("few/probe/src/{name}")));
    assert!(few("operations/act.rs") && !few("operations/other.rs") && !few("types/other_thing.rs"));
    assert!(!few("exceptions/other_exception.rs"));

    for (arguments, says) in [
        (
            &["generate", "probe", "--operations", "Akt", "--out", out][..],
            "did you mean `Act`?",
        ),
        (&["generate", "probe", "--operations", "Act"], "--out"),
        (
            &["generate", "--operations", "Act", "--out", out, "probe", "probe"],
            "one service",
        ),
    ] {
        let output = checkout.run(arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert!(text(&output).contains(says), "{}", text(&output));
    }
}

#[test]
fn an_operation_is_explained() {
    let checkout = Checkout::new();
    let output = checkout.run(&["explain", "probe", "Act"]);
    let said = text(&output);
    for part in ["client.send(Act::new(", "X-Amz-Target: ", "Returns", "Reference"] {
        assert!(said.contains(part), "{said}");
    }
    let output = checkout.run(&["explain", "probe", "Akt"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output).contains("did you mean `Act`?"), "{}", text(&output));
}

#[test]
fn every_command_has_help_with_examples() {
    let checkout = Checkout::new();
    for command in [
        "generate",
        "check",
        "diff",
        "explain",
        "list",
        "import",
        "fetch",
        "sync",
        "outdated",
        "completions",
    ] {
        let output = checkout.run(&[command, "--help"]);
        let said = text(&output);
        assert!(
            output.status.success() && said.contains(&format!("Examples:\n  awsjson {command}")),
            "{said}"
        );
    }
    assert!(text(&checkout.run(&["--help"])).contains("Exit codes:"));
    assert_eq!(checkout.run(&["no-such-command"]).status.code(), Some(2));
}

#[test]
fn shells_complete_the_command() {
    let checkout = Checkout::new();
    for shell in ["bash", "zsh", "fish"] {
        let output = checkout.run(&["completions", shell]);
        assert!(
            output.status.success() && text(&output).contains("outdated"),
            "{}",
            text(&output)
        );
    }
}

#[test]
fn a_build_script_is_told_what_is_wrong() {
    use awsjson_codegen::Builder;

    let checkout = Checkout::new();
    let error = Builder::new()
        .model(checkout.path("nowhere"))
        .out_dir(checkout.path("out"))
        .generate();
    let error = error.expect_err("there is no model").to_string();
    assert!(
        error.contains("nowhere") && error.contains("service.json"),
        "{error}"
    );
    let builder = || {
        Builder::new()
            .model(checkout.path("models/probe"))
            .out_dir(checkout.path("out"))
    };
    let error = builder()
        .operations(["Akt"])
        .generate()
        .expect_err("no such operation");
    assert!(error.to_string().contains("did you mean `Act`?"), "{error}");

    let path = builder().operations(["Act"]).generate().expect("a module");
    let written = fs::metadata(&path)
        .and_then(|file| file.modified())
        .expect("it is there");
    builder().operations(["Act"]).generate().expect("a module");
    let again = fs::metadata(&path)
        .and_then(|file| file.modified())
        .expect("it is there");
    assert_eq!(written, again, "what is fresh is left alone");
}

#[test]
fn every_problem_of_a_model_is_named_with_file_shape_and_trait() {
    let checkout = Checkout::new();
    let mut model = model();
    model["shapes"]["Part"]["futureTrait"] = json!(true);
    model["shapes"]["ActRequest"]["members"]["name"]["otherTrait"] = json!({});
    model["operations"]["Act"]["output"] = json!({"shape": "Nowhere"});
    model["shapes"]["Odd"] = json!({"type": "quaternion"});
    checkout.write("models/probe/service.json", &model.to_string());
    let before = checkout.snapshot();
    let output = checkout.run(&["generate", "probe"]);
    assert_eq!(output.status.code(), Some(2));
    assert_eq!(checkout.snapshot(), before, "nothing is written");
    for problem in [
        "service.json",
        "probe#Part: futureTrait",
        "probe#ActRequest$name: otherTrait",
        "probe#Act: shape `Nowhere` does not exist",
        "probe#Odd: shape type `quaternion` is not implemented",
    ] {
        assert!(
            text(&output).contains(problem),
            "{problem} is missing in: {}",
            text(&output)
        );
    }
}

#[test]
fn a_list_that_holds_nothing_but_itself_is_refused() {
    let checkout = Checkout::new();
    let mut model = model();
    model["shapes"]["Endless"] = serde_json::json!({"type": "list", "member": {"shape": "More"}});
    model["shapes"]["More"] =
        serde_json::json!({"type": "map", "key": {"shape": "Text"}, "value": {"shape": "Endless"}});
    model["shapes"]["Text"] = serde_json::json!({"type": "string"});
    checkout.write("models/probe/service.json", &model.to_string());
    let output = checkout.run(&["generate"]);
    assert_eq!(output.status.code(), Some(2), "{}", text(&output));
    assert!(text(&output).contains("probe#Endless: is a list or a map that holds nothing but itself"));
}

#[test]
fn a_model_of_another_protocol_is_refused() {
    let checkout = Checkout::new();
    let mut model = model();
    model["metadata"]["protocol"] = json!("rest-xml");
    checkout.write("models/probe/service.json", &model.to_string());
    let output = checkout.run(&["generate", "probe"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(
        text(&output).contains("does not speak awsJson"),
        "{}",
        text(&output)
    );
}

#[test]
fn a_model_that_is_no_json_is_named() {
    let checkout = Checkout::new();
    checkout.write("models/probe/service.json", "{");
    let output = checkout.run(&["generate", "probe"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(
        text(&output).contains("service.json is no JSON"),
        "{}",
        text(&output)
    );
}

#[test]
fn an_overlay_that_no_longer_matches_is_refused() {
    let checkout = Checkout::new();
    for (overlay, problem) in [
        (
            "[operations.Gone]\nsummary = \"Is gone.\"",
            "probe#Gone: overlay: the model has no such operation",
        ),
        (
            "[operations.Act]\nconstraints = [{ exactly_one_of = [\"name\", \"gone\"] }]",
            "probe#Act: overlay: the input has no member `gone`",
        ),
        ("[operations.Act]\nsumary = \"\"", "unknown field `sumary`"),
    ] {
        checkout.write("models/probe/overlay.toml", overlay);
        let output = checkout.run(&["check"]);
        assert_eq!(output.status.code(), Some(2), "{overlay}");
        assert!(
            text(&output).contains(problem),
            "{problem} is missing in: {}",
            text(&output)
        );
    }
}

#[test]
fn a_service_without_a_model_is_named_with_what_to_do() {
    let checkout = Checkout::new();
    let output = checkout.run(&["generate", "nowhere"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output).contains("awsjson import"), "{}", text(&output));
}

#[test]
fn list_counts_what_a_model_holds() {
    let checkout = Checkout::new();
    let table = text(&checkout.run(&["list"]));
    let row: Vec<&str> = table
        .lines()
        .last()
        .unwrap_or_default()
        .split_whitespace()
        .collect();
    assert_eq!(row, ["probe", "1", "0", "1", "0", "Probe", "Service"], "{table}");
    assert!(text(&checkout.run(&["list", "probe"])).contains("  Act\n"));
    assert_eq!(text(&checkout.run(&["list", "--unsupported"])), "");
}

#[test]
fn upstream_documentation_is_rendered_on_request() {
    let checkout = Checkout::new();
    let upstream = "upstream/botocore/data/probe/2020-01-01/service-2.json";
    checkout.write(upstream, &model().to_string());
    let from = checkout.path("upstream");
    let from = from.to_str().expect("a path");
    let out = checkout.path("documented");
    let arguments = [
        "generate",
        "probe",
        "--docs",
        "--from",
        from,
        "--out",
        out.to_str().expect("a path"),
    ];
    let output = checkout.run(&arguments);
    assert!(output.status.success(), "{}", text(&output));
    let act = fs::read_to_string(out.join("probe/src/operations/act.rs")).expect("it was generated");
    assert!(act.contains("/// Acts on `name`."), "{act}");
}

#[test]
fn an_import_that_fails_touches_nothing() {
    let checkout = Checkout::new();
    let data = "upstream/botocore/data";
    checkout.write(&format!("{data}/partitions.json"), "{\"partitions\": []}");
    checkout.write(
        &format!("{data}/probe/2020-01-01/service-2.json"),
        &model().to_string(),
    );
    checkout.write(&format!("{data}/odd/2020-01-01/service-2.json"), "{\"pets\": 3}");
    let from = checkout.path("upstream");
    let from = from.to_str().expect("a path");
    let output = checkout.run(&["import", "--from", from, "--pin", "probe"]);
    assert!(output.status.success(), "{}", text(&output));
    let imported = fs::read_to_string(checkout.path("models/probe/service.json")).expect("it was imported");
    assert!(
        !imported.contains("Acts on"),
        "documentation is stripped: {imported}"
    );
    assert!(
        checkout
            .run(&["import", "--from", from, "probe"])
            .status
            .success(),
        "now it is pinned"
    );

    let changed = model().to_string().replace("Probe Service", "Probed Service");
    checkout.write(&format!("{data}/probe/2020-01-01/service-2.json"), &changed);
    let before = checkout.snapshot();
    for (arguments, problem) in [
        (&["probe"][..], "service-2.json"),
        (&["prob"], "probe"),
        (&["--pin", "odd"], "no service model"),
    ] {
        let output = checkout.run(&[&["import", "--from", from], arguments].concat());
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert!(
            text(&output).contains(problem),
            "{problem} is missing in: {}",
            text(&output)
        );
        assert_eq!(checkout.snapshot(), before, "{arguments:?}");
    }
}

#[test]
fn problems_are_underlined_in_their_files() {
    let checkout = Checkout::new();
    let mut model = model();
    model["operations"]["Act"]["frobnicate"] = json!(true);
    checkout.write(
        "models/probe/service.json",
        &serde_json::to_string_pretty(&model).expect("JSON"),
    );
    let output = text(&checkout.run(&["generate", "probe"]));
    let source = fs::read_to_string(checkout.path("models/probe/service.json")).expect("the model");
    let line = 1
        + (source.lines())
            .position(|line| line.contains("frobnicate"))
            .expect("a line");
    assert!(output.contains(&format!("service.json:{line}:")), "{output}");
    assert!(output.contains("^^^ at /operations/Act/frobnicate"), "{output}");

    checkout.write("models/probe/service.json", &self::model().to_string());
    checkout.write(
        "models/probe/overlay.toml",
        "[operations.Act]\nsummary = \"Acts.\"\n\n[[operations.Act.constraints]]\nexactly_one_of = [\"gone\", \"lost\"]\n",
    );
    let output = text(&checkout.run(&["generate", "probe"]));
    for expected in [
        "overlay.toml:5:19",
        "^^^^^^ at /operations/Act/constraints/0/exactly_one_of/0",
        "^^^^^^ at /operations/Act/constraints/0/exactly_one_of/1",
    ] {
        assert!(output.contains(expected), "{expected}: {output}");
    }
    checkout.write("models/probe/service.json", "{\n  \"metadata\": {,}\n}\n");
    let output = text(&checkout.run(&["generate", "probe"]));
    assert!(output.contains("service.json:2:16"), "{output}");
}
