//! A checkout for the tests of the command.

// Not every test needs everything.
#![allow(dead_code)]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::{Value, json};
use tempfile::TempDir;

/// A checkout with one small service, generated.
pub struct Checkout {
    folder: TempDir,
}

impl Checkout {
    pub fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let checkout = Self { folder };
        checkout.write("models/probe/service.json", &model().to_string());
        checkout.write("models/probe/overlay.toml", "");
        let output = checkout.run(&["generate", "probe"]);
        assert!(output.status.success(), "{}", text(&output));
        checkout
    }

    pub fn run(&self, arguments: &[&str]) -> Output {
        Command::new(env!("CARGO_BIN_EXE_awsjson"))
            .arg("--root")
            .arg(self.folder.path())
            .args(arguments)
            .output()
            .expect("the command runs")
    }

    pub fn path(&self, path: &str) -> PathBuf {
        self.folder.path().join(path)
    }

    pub fn write(&self, path: &str, contents: &str) {
        let path = self.path(path);
        fs::create_dir_all(path.parent().expect("a parent")).expect("the folder can be made");
        fs::write(path, contents).expect("the file can be written");
    }

    /// Returns every file with its contents.
    pub fn snapshot(&self) -> BTreeMap<PathBuf, Vec<u8>> {
        let mut files = BTreeMap::new();
        collect(self.folder.path(), &mut files);
        // What is remembered between runs is no part of a checkout.
        files.retain(|path, _| !path.starts_with(self.path("target")));
        files
    }
}

fn collect(folder: &Path, files: &mut BTreeMap<PathBuf, Vec<u8>>) {
    for entry in fs::read_dir(folder).expect("the folder is there") {
        let path = entry.expect("an entry").path();
        match path.is_dir() {
            true => collect(&path, files),
            false => {
                let contents = fs::read(&path).expect("the file is there");
                files.insert(path, contents);
            }
        }
    }
}

pub fn model() -> Value {
    json!({
        "metadata": {
            "endpointPrefix": "probe", "jsonVersion": "1.1", "protocol": "json", "serviceFullName": "Probe Service",
            "serviceId": "Probe", "targetPrefix": "Probe_1", "uid": "probe-1"
        },
        "operations": {
            "Act": {
                "name": "Act", "http": {"method": "POST", "requestUri": "/"}, "input": {"shape": "ActRequest"},
                "documentation": "<p>Acts on <code>name</code>.</p>"
            }
        },
        "shapes": {
            "ActRequest": {"type": "structure", "members": {"name": {"shape": "Name"}, "part": {"shape": "Part"}}},
            "Part": {"type": "structure", "members": {}},
            "Name": {"type": "string"}
        }
    })
}

pub fn text(output: &Output) -> String {
    [output.stdout.as_slice(), &output.stderr]
        .map(String::from_utf8_lossy)
        .concat()
}
