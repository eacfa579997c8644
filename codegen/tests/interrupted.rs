//! A run that is killed leaves the files as before, or in a state that the next run completes.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;
use std::time::Instant;

use serde_json::{Map, Value, json};

/// How many runs are killed, at moments spread over the time that one takes.
const KILLS: u32 = 200;
const SERVICES: [&str; 2] = ["one", "two"];

/// A model with so many types that writing them takes a while; each version has types that the other lacks.
fn model(version: &str) -> Value {
    let mut shapes = Map::new();
    let mut members = Map::new();
    for at in 0..30 {
        let name = match at % 10 {
            0 => format!("Only{version}{at}"),
            _ => format!("Thing{at}"),
        };
        shapes.insert(
            name.clone(),
            json!({"type": "structure", "members": {format!("of{version}"): {"shape": "Text"}}}),
        );
        members.insert(format!("member{at}"), json!({ "shape": name }));
    }
    shapes.insert("Text".to_owned(), json!({"type": "string"}));
    shapes.insert(
        "ActRequest".to_owned(),
        json!({"type": "structure", "members": members}),
    );
    json!({
        "metadata": {"apiVersion": "2020-01-01", "endpointPrefix": "probe", "jsonVersion": "1.1", "protocol": "json",
            "serviceFullName": "Probe", "serviceId": "Probe", "signatureVersion": "v4", "targetPrefix": "Probe"},
        "operations": {"Act": {"name": "Act", "http": {"method": "POST", "requestUri": "/"}, "input": {"shape": "ActRequest"}}},
        "shapes": shapes
    })
}

fn write_models(root: &Path, version: &str) {
    for service in SERVICES {
        let folder = root.join("models").join(service);
        fs::create_dir_all(&folder).expect("it can be made");
        fs::write(folder.join("service.json"), model(version).to_string()).expect("it can be written");
    }
}

fn generate(root: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_awsjson"));
    command.arg("--root").arg(root).arg("generate").args(SERVICES);
    command.stdout(Stdio::null()).stderr(Stdio::null());
    command
}

/// Returns every generated file with its contents; what a run keeps for itself counts as well.
fn snapshot(root: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut files = BTreeMap::new();
    let mut open = vec![root.join("generated")];
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(folder).expect("it is there") {
            let path = entry.expect("an entry").path();
            match path.is_dir() {
                true => open.push(path),
                false => drop(files.insert(
                    path.strip_prefix(root).expect("below").to_owned(),
                    fs::read(&path).expect("readable"),
                )),
            }
        }
    }
    files
}

fn restore(root: &Path, files: &BTreeMap<PathBuf, Vec<u8>>) {
    fs::remove_dir_all(root.join("generated")).expect("it can be removed");
    for (path, contents) in files {
        let path = root.join(path);
        fs::create_dir_all(path.parent().expect("a parent")).expect("it can be made");
        fs::write(path, contents).expect("it can be written");
    }
}

#[test]
fn a_run_that_is_killed_leaves_the_files_as_before_or_for_the_next_run_to_complete() {
    let folder = tempfile::tempdir().expect("a folder");
    let root = folder.path();
    write_models(root, "New");
    assert!(generate(root).status().expect("it runs").success());
    let new = snapshot(root);
    write_models(root, "Old");
    assert!(generate(root).status().expect("it runs").success());
    let old = snapshot(root);
    write_models(root, "New");
    let begun = Instant::now();
    assert!(generate(root).status().expect("it runs").success());
    let whole = begun.elapsed();
    assert!(snapshot(root) == new && old != new);

    let mut ends = [0, 0];
    for kill in 0..KILLS {
        // What is remembered of earlier runs would end the next one at once.
        let _ = fs::remove_dir_all(root.join("target"));
        restore(root, &old);
        let mut run = generate(root).spawn().expect("it starts");
        // Some runs take longer than the one that was measured.
        thread::sleep(whole.mul_f64(1.5 * f64::from(kill) / f64::from(KILLS)));
        // It may have ended already.
        let _ = run.kill();
        run.wait().expect("it ends");
        // Any command completes what counts already.
        let list = Command::new(env!("CARGO_BIN_EXE_awsjson"))
            .arg("--root")
            .arg(root)
            .arg("list")
            .output();
        assert!(list.expect("it runs").status.success());
        let mut found = snapshot(root);
        let transaction = Path::new("generated/.awsjson-transaction");
        found.retain(|path, _| !path.starts_with(transaction));
        let is_new = found == new;
        assert!(
            is_new || found == old,
            "killed after {kill}/{KILLS} of {whole:?}, the files are neither old nor new"
        );
        ends[usize::from(is_new)] += 1;
        if !is_new && kill % 10 == 0 {
            // What is left of the killed run is in nobody's way.
            assert!(generate(root).status().expect("it runs").success());
            assert!(snapshot(root) == new);
        }
    }
    println!("{} runs ended as before, {} as after", ends[0], ends[1]);
    assert!(
        ends[0] > 0 && ends[1] > 0,
        "all runs were killed too early, or too late"
    );
}

#[test]
fn two_runs_at_once_do_not_mix() {
    use awsjson_codegen::output::{File, Stale, Transaction, write};

    let folder = tempfile::tempdir().expect("a folder");
    let file = File {
        path: "a".into(),
        contents: b"a".to_vec(),
    };
    let first = Transaction::begin(folder.path()).expect("nobody else is there");
    let error = write(folder.path(), std::slice::from_ref(&file), Stale::Keep).expect_err("it is busy");
    assert!(error.to_string().contains("another run is at work"), "{error}");
    drop(first);
    write(folder.path(), &[file], Stale::Keep).expect("it is free again");
    let left: Vec<_> = fs::read_dir(folder.path())
        .expect("it is there")
        .flatten()
        .collect();
    assert_eq!(left.len(), 1, "nothing but the file is left");
}
