//! Whole models: one of our own through the command, and upstream's, which exist in both formats.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

use super::model;

fn awsjson(root: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_awsjson"));
    command
        .arg("--root")
        .arg(root)
        .args(arguments)
        .output()
        .expect("the command runs")
}

#[test]
fn a_model_is_imported_and_generated() {
    let folder = tempfile::tempdir().expect("a folder");
    fs::create_dir(folder.path().join("models")).expect("it can be made");
    let file = folder.path().join("probe.json");
    fs::write(&file, model(&[]).to_string()).expect("it can be written");
    let file = file.to_str().expect("text");
    for arguments in [
        &["import", "--from", file, "probe"][..],
        &["generate", "probe"],
        &["check"],
    ] {
        let output = awsjson(folder.path(), arguments);
        assert!(output.status.success(), "{output:?}");
    }
    assert!(
        folder
            .path()
            .join("generated/probe/src/operations/act.rs")
            .is_file()
    );
    fs::write(file, "{\"smithy\": \"2.0\"}").expect("it can be written");
    let before = fs::read(folder.path().join("models/probe/service.json")).expect("it is there");
    let output = awsjson(folder.path(), &["import", "--from", file, "probe"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(
        String::from_utf8_lossy(&output.stderr).contains("no service"),
        "{output:?}"
    );
    assert_eq!(
        fs::read(folder.path().join("models/probe/service.json")).expect("it is there"),
        before
    );
}

/// Upstream models of both formats, and what differs between their clients where both have a thing: the models in Smithy are older.
const BOTH: [(&str, &str, &[&str]); 7] = [
    // The older format names the target with the package of the service, and no member of exceptions, for whose message every spelling is read.
    (
        "cloudtrail",
        "cloudtrail-2013-11-01.json",
        &["target of ", "wire name of "],
    ),
    ("cognito-identity", "cognito-identity-2014-06-30.json", &[]),
    // A partition key became optional.
    (
        "kinesis",
        "kinesis-2013-12-02.json",
        &[
            "PutRecord.partition_key",
            "PutRecord::new",
            "types::PutRecordsRequestEntry",
            "types::Record",
        ],
    ),
    // Members became optional, and an output appeared.
    (
        "kms",
        "kms-2014-11-01.json",
        &[
            "CreateGrant",
            "Decrypt",
            "DeleteImportedKeyMaterial: Operation",
            "ListRetirableGrants",
            "ReEncrypt",
        ],
    ),
    // A member became optional, an output appeared, and a host prefix changed.
    (
        "logs",
        "cloudwatch-logs-2014-03-28.json",
        &[
            "DeleteAccountPolicy: Operation",
            "PutDeliveryDestination",
            "host prefix of StartLiveTail",
        ],
    ),
    ("secretsmanager", "secrets-manager-2017-10-17.json", &[]),
    ("stepfunctions", "sfn-2016-11-23.json", &[]),
];

#[test]
fn both_formats_of_a_model_give_the_same_client() {
    let Some(upstream) = std::env::var_os("AWSJSON_SMITHY_MODELS").map(PathBuf::from) else {
        println!("skipped: AWSJSON_SMITHY_MODELS names no folder of models in Smithy's JSON AST");
        return;
    };
    let folder = tempfile::tempdir().expect("a folder");
    let models = Path::new(env!("CARGO_MANIFEST_DIR")).join("../models");
    for (service, file, allowed) in BOTH {
        fs::create_dir_all(folder.path().join("models")).expect("it can be made");
        let file = upstream.join(file);
        let output = awsjson(
            folder.path(),
            &["import", "--from", file.to_str().expect("text"), service],
        );
        assert!(output.status.success(), "{output:?}");
        nothing_is_lost(&file, &folder.path().join("models").join(service));
        let (ours, theirs) = (models.join(service), folder.path().join("models").join(service));
        let sides = [ours.to_str().expect("text"), theirs.to_str().expect("text")];
        let output = awsjson(folder.path(), &["diff", sides[0], sides[1], "--format", "json"]);
        let found: Value = serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{output:?}"));
        let findings = found[0]["findings"].as_array().expect("findings");
        let changed = findings.iter().filter(|finding| {
            finding["class"] == "breaking" && finding.get("old").is_some() && finding.get("new").is_some()
        });
        let whats: Vec<&str> = changed.filter_map(|finding| finding["what"].as_str()).collect();
        let unexpected: Vec<&&str> = whats
            .iter()
            .filter(|what| !allowed.iter().any(|allowed| what.starts_with(allowed)))
            .collect();
        assert!(unexpected.is_empty(), "{service}: {unexpected:?}");
        for allowed in allowed {
            let is_seen = whats.iter().any(|what| what.starts_with(allowed));
            assert!(is_seen, "{service}: nothing about {allowed} differs any more");
        }
    }
}

/// Checks that every operation, and every member of a structure, a union or an enum, has been converted.
fn nothing_is_lost(file: &Path, folder: &Path) {
    let read = |path: &Path| -> Value {
        serde_json::from_slice(&fs::read(path).expect("it is there")).expect("it is JSON")
    };
    let (ast, converted) = (read(file), read(&folder.join("service.json")));
    let mut counts = [0, 0, 0];
    for (id, shape) in ast["shapes"].as_object().expect("shapes") {
        let name = id.split('#').nth(1).expect("a namespace");
        let here = &converted["shapes"][name];
        let members = || shape["members"].as_object().into_iter().flatten();
        match shape["type"].as_str() {
            Some("operation") => {
                assert!(converted["operations"][name].is_object(), "{id}");
                counts[0] += 1;
            }
            // Shapes that no operation reaches are left out.
            _ if here.is_null() => {}
            Some("structure" | "union") => {
                for (member, _) in members() {
                    assert!(here["members"][member].is_object(), "{id}${member}");
                    counts[1] += 1;
                }
            }
            Some("enum") => {
                assert_eq!(
                    here["enum"].as_array().map(Vec::len),
                    Some(members().count()),
                    "{id}"
                );
                counts[2] += 1;
            }
            _ => {}
        }
    }
    assert!(counts[0] > 10 && counts[1] > 100, "{counts:?}");
}
