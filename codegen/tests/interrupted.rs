//! A run that is killed leaves the files as before, or in a state that the next run completes.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;
use std::time::Instant;

use serde_json::{Map, Value, json};

/// How many runs of each command are killed, at moments spread over the time that one takes; `AWSJSON_KILLS` says otherwise.
const KILLS: u32 = 60;
const SERVICES: [&str; 2] = ["one", "two"];
/// Where a run keeps what is under way.
const TRANSACTION: &str = ".awsjson-transaction";

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

/// Which command is killed.
#[derive(Clone, Copy)]
enum Run {
    Generate,
    Sync,
}

impl Run {
    /// Returns the command that leads to what `version` of the models makes.
    fn command(self, root: &Path, version: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_awsjson"));
        command.arg("--root").arg(root);
        match self {
            Self::Generate => command.arg("generate").args(SERVICES),
            Self::Sync => command.args(["sync", "--from"]).arg(upstream(root, version)),
        };
        command.stdout(Stdio::null()).stderr(Stdio::null());
        command
    }

    /// Prepares what the command reads of `version`.
    fn prepare(self, root: &Path, version: &str) {
        match self {
            Self::Generate => write_models(root, version),
            Self::Sync => write_upstream(root, version),
        }
    }
}

fn upstream(root: &Path, version: &str) -> PathBuf {
    root.join("target").join("upstream").join(version)
}

fn write_upstream(root: &Path, version: &str) {
    let package = upstream(root, version).join("botocore");
    for service in SERVICES {
        let folder = package.join("data").join(service).join("2020-01-01");
        fs::create_dir_all(&folder).expect("it can be made");
        fs::write(folder.join("service-2.json"), model(version).to_string()).expect("it can be written");
    }
    fs::write(package.join("data/partitions.json"), "{\"partitions\": []}").expect("it can be written");
    fs::write(
        package.join("__init__.py"),
        format!("__version__ = '{version}'\n"),
    )
    .expect("it can be written");
}

/// Returns every file of the checkout with its contents; what a run keeps for itself counts as well.
fn snapshot(root: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut files = BTreeMap::new();
    let mut open = vec![root.to_owned()];
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(folder).expect("it is there") {
            let path = entry.expect("an entry").path();
            let below = path.strip_prefix(root).expect("below").to_owned();
            match path.is_dir() {
                // What can be made again is no part of it.
                true if below == Path::new("target") => {}
                true => open.push(path),
                false => drop(files.insert(below, fs::read(&path).expect("readable"))),
            }
        }
    }
    files
}

fn restore(root: &Path, files: &BTreeMap<PathBuf, Vec<u8>>) {
    for folder in ["generated", "models"] {
        fs::remove_dir_all(root.join(folder)).expect("it can be removed");
    }
    let _ = fs::remove_dir_all(root.join(TRANSACTION));
    for (path, contents) in files {
        let path = root.join(path);
        fs::create_dir_all(path.parent().expect("a parent")).expect("it can be made");
        fs::write(path, contents).expect("it can be written");
    }
}

/// Kills a command at moments spread over the time that it takes, and looks at what each leaves.
fn kill(run: Run) {
    let folder = tempfile::tempdir().expect("a folder");
    let root = folder.path();
    write_models(root, "Old");
    assert!(
        Run::Generate
            .command(root, "Old")
            .status()
            .expect("it runs")
            .success()
    );
    if let Run::Sync = run {
        write_upstream(root, "Old");
        assert!(run.command(root, "Old").status().expect("it runs").success());
    }
    let old_crates = snapshot(root);
    run.prepare(root, "New");
    let old = match run {
        Run::Generate => snapshot(root),
        Run::Sync => old_crates,
    };
    let begun = Instant::now();
    assert!(run.command(root, "New").status().expect("it runs").success());
    let whole = begun.elapsed();
    let new = snapshot(root);
    assert!(old != new);

    let kills = std::env::var("AWSJSON_KILLS").map(|kills| kills.parse().expect("a number"));
    let kills = kills.unwrap_or(KILLS);
    let mut ends = [0, 0];
    for kill in 0..kills {
        // What is remembered of earlier runs would end the next one at once.
        let _ = fs::remove_dir_all(root.join("target").join("awsjson-cache"));
        restore(root, &old);
        let mut killed = run.command(root, "New").spawn().expect("it starts");
        // Some runs take longer than the one that was measured.
        thread::sleep(whole.mul_f64(1.5 * f64::from(kill) / f64::from(kills)));
        // It may have ended already.
        let _ = killed.kill();
        killed.wait().expect("it ends");
        // Any command completes what counts already.
        let list = Command::new(env!("CARGO_BIN_EXE_awsjson"))
            .arg("--root")
            .arg(root)
            .arg("list")
            .output();
        assert!(list.expect("it runs").status.success());
        let mut found = snapshot(root);
        found.retain(|path, _| !path.components().any(|part| part.as_os_str() == TRANSACTION));
        let is_new = found == new;
        assert!(
            is_new || found == old,
            "killed after {kill}/{kills} of {whole:?}, the files are neither old nor new"
        );
        ends[usize::from(is_new)] += 1;
        if !is_new && kill % 10 == 0 {
            // What is left of the killed run is in nobody's way.
            assert!(run.command(root, "New").status().expect("it runs").success());
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
fn generating_that_is_killed_leaves_the_files_as_before_or_for_the_next_run_to_complete() {
    kill(Run::Generate);
}

#[test]
fn a_sync_that_is_killed_leaves_the_files_as_before_or_for_the_next_run_to_complete() {
    kill(Run::Sync);
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
