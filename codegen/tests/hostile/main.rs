//! Models as an attacker would write them: each ends in an error that says where, or in code in which its text is only data.

mod files;
mod size;
mod text;

use std::fs;
use std::path::Path;

use awsjson_codegen::docs_html;
use awsjson_codegen::edition::Edition;
use awsjson_codegen::ir::Service;
use awsjson_codegen::lower::Settings;
use awsjson_codegen::output::File;
use awsjson_codegen::render::{self, Manifest};
use awsjson_codegen::workspace::Workspace;
use serde_json::{Value, json};
use tempfile::TempDir;

/// A folder of models with one service.
struct Models {
    folder: TempDir,
}

impl Models {
    fn new(model: &Value) -> Self {
        Self::of_text(&model.to_string())
    }

    fn of_text(model: &str) -> Self {
        let models = Self {
            folder: tempfile::tempdir().expect("a folder"),
        };
        models.write("service.json", model);
        models
    }

    fn write(&self, name: &str, text: &str) {
        let folder = self.folder.path().join("probe");
        fs::create_dir_all(&folder).expect("a folder");
        fs::write(folder.join(name), text).expect("a file");
    }

    /// Lowers the service, with upstream's documentation.
    fn service(&self) -> Result<Service, String> {
        let settings = Settings {
            upstream_docs: Some(docs_html::to_markdown),
        };
        let workspace = Workspace::of_models(self.folder.path());
        workspace
            .service("probe", settings)
            .map_err(|error| chain(&error))
    }
}

/// Renders the crate of a service that has none yet.
fn rendered(service: &Service) -> Vec<File> {
    let manifest = Manifest {
        protocol_path: Some("../protocol".to_owned()),
        protocol_version: "0.1.0".to_owned(),
    };
    let nothing = tempfile::tempdir().expect("a folder");
    let edition = Edition::read(nothing.path(), service).expect("there is nothing to read");
    render::render(service, &manifest, &edition)
}

fn chain(error: &dyn std::error::Error) -> String {
    match error.source() {
        Some(source) => format!("{error}: {}", chain(source)),
        None => error.to_string(),
    }
}

/// A model with one of everything.
fn model() -> Value {
    json!({
        "metadata": {
            "endpointPrefix": "probe", "jsonVersion": "1.1", "protocol": "json", "serviceFullName": "Probe Service",
            "serviceId": "Probe", "signingName": "probe", "targetPrefix": "Probe", "uid": "probe-2020-01-01"
        },
        "documentation": "<p>The service.</p>",
        "operations": {
            "Get": {
                "name": "Get", "input": {"shape": "GetRequest"}, "output": {"shape": "GetResponse"},
                "errors": [{"shape": "NotFound"}], "documentation": "<p>Gets.</p>", "deprecated": true,
                "deprecatedSince": "2020-01-01", "endpoint": {"hostPrefix": "data-"},
                "staticContextParams": {"Kind": {"value": "fixed"}}
            }
        },
        "shapes": {
            "GetRequest": {
                "type": "structure", "required": ["Name"], "documentation": "<p>A request.</p>",
                "members": {
                    "Name": {"shape": "Text", "documentation": "<p>A name.</p>"},
                    "Color": {"shape": "Color"}, "Token": {"shape": "Text", "idempotencyToken": true},
                    "Choice": {"shape": "Choice"}, "Tags": {"shape": "Tags"}
                }
            },
            "GetResponse": {
                "type": "structure", "members": {"Next": {"shape": "Text"}, "Items": {"shape": "Colors"}}
            },
            "Text": {"type": "string", "pattern": "[a-z]+", "min": 1, "max": 10},
            "Color": {"type": "string", "enum": ["red", "green"], "documentation": "<p>A color.</p>"},
            "Colors": {"type": "list", "member": {"shape": "Color"}},
            "Tags": {"type": "map", "key": {"shape": "Text"}, "value": {"shape": "Text"}},
            "Choice": {"type": "structure", "union": true, "members": {"One": {"shape": "Text"}, "Two": {"shape": "Color"}}},
            "NotFound": {
                "type": "structure", "exception": true, "members": {"message": {"shape": "Text"}, "Why": {"shape": "Text"}},
                "error": {"code": "Probe.NotFound", "httpStatusCode": 404}
            }
        }
    })
}

fn paginators() -> Value {
    json!({"pagination": {"Get": {"input_token": "Token", "output_token": "Next", "result_key": "Items"}}})
}

fn waiters() -> Value {
    json!({"waiters": {"Ready": {
        "operation": "Get", "delay": 1, "maxAttempts": 3,
        "acceptors": [
            {"state": "success", "matcher": "path", "argument": "Next", "expected": "done"},
            {"state": "failure", "matcher": "error", "expected": "Gone"}
        ]
    }}})
}

fn endpoint_rules() -> Value {
    json!({
        "version": "1.0",
        "parameters": {
            "Region": {"builtIn": "AWS::Region", "type": "string", "required": true, "default": "us-east-1"},
            "Kind": {"type": "string"}
        },
        "rules": [
            {
                "type": "endpoint", "conditions": [{"fn": "stringEquals", "argv": [{"ref": "Region"}, "mars"], "assign": "Mars"}],
                "endpoint": {"url": "https://probe.{Region}.example.com", "properties": {
                    "authSchemes": [{"name": "sigv4", "signingName": "probe", "signingRegion": "{Region}"}]
                }}
            },
            {"type": "error", "conditions": [], "error": "no such region"}
        ]
    })
}

/// Writes every file of the service; `change` may change them by name.
fn all(change: impl Fn(&str, Value) -> Value) -> Models {
    let models = Models::new(&change("service.json", model()));
    for (name, value) in [
        ("paginators.json", paginators()),
        ("waiters.json", waiters()),
        ("endpoint-rule-set.json", endpoint_rules()),
    ] {
        models.write(name, &change(name, value).to_string());
    }
    models
}

/// Says that a model is refused, with these words.
fn assert_refused(models: &Models, words: &[&str]) {
    let error = models.service().map(|_| ()).expect_err("it is refused");
    for word in words {
        assert!(error.contains(word), "`{word}` is missing in {error:.2000}");
    }
}

fn read_tree(folder: &Path) -> Vec<std::path::PathBuf> {
    let mut found = Vec::new();
    let mut open = vec![folder.to_owned()];
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(&folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() && !path.is_symlink() {
                open.push(path.clone());
            }
            found.push(path);
        }
    }
    found.sort();
    found
}
