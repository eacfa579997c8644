//! Golden pairs: a model that shows one feature, beside the client that the generator makes of it.
//!
//! The clients are compiled by `tests/tests/golden_compiles.rs`. After a deliberate change of the generator,
//! `AWSJSON_UPDATE=1 cargo test -p awsjson-tests --test golden` writes them anew.

use std::fs;
use std::path::{Path, PathBuf};

use awsjson_codegen::lower::{Settings, lower};
use awsjson_codegen::model;
use awsjson_codegen::overlay::Overlay;
use awsjson_codegen::render::render_single_file;
use serde_json::Value;

const HOW: &str =
    "run `AWSJSON_UPDATE=1 cargo test -p awsjson-tests --test golden` and look at the difference";

#[test]
fn golden_clients_are_what_the_generator_makes() {
    let mut cases: Vec<PathBuf> = fs::read_dir(folder("golden"))
        .expect("the folder is there")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "json"))
        .collect();
    cases.sort();
    assert!(cases.len() >= 15, "only {} golden cases", cases.len());
    for case in cases {
        let model = read(&case);
        let overlay = fs::read_to_string(case.with_extension("toml")).unwrap_or_default();
        let companions = folder("golden/companions").join(case.file_stem().expect("a name"));
        let code = generate("golden", &model, &overlay, &companions);
        compare(&case.with_extension("rs"), &code);
    }
}

#[test]
fn conformance_clients_are_what_the_generator_makes() {
    for protocol in ["awsjson-1.0", "awsjson-1.0-query-compatible", "awsjson-1.1"] {
        let cases = read(&folder("conformance").join(format!("{protocol}.json")));
        let code = generate("json-protocol", &cases["model"], "", Path::new("none"));
        let client = format!("{}.rs", protocol.replace(['-', '.'], "_"));
        compare(&folder("conformance").join(client), &code);
    }
}

/// Generates a client; `companions` is the folder of its paginators and waiters, where it has any.
fn generate(service: &str, json: &Value, overlay: &str, companions: &Path) -> String {
    let mut model = model::read(service, json).unwrap_or_else(|problems| panic!("{problems:?}"));
    let companion = |name: &str| {
        Some(companions.join(name))
            .filter(|path| path.is_file())
            .map(|path| read(&path))
    };
    if let Some(paginators) = companion("paginators.json") {
        model.paginators = model::read_paginators(service, &paginators).expect("the paginators are valid");
    }
    if let Some(waiters) = companion("waiters.json") {
        model.waiters = model::read_waiters(service, &waiters).expect("the waiters are valid");
    }
    let overlay = Overlay::read(overlay).expect("the overlay is valid");
    assert_eq!(overlay.check(service, &model), []);
    let service = lower(service, &model, &overlay, Settings::default());
    render_single_file(&service.unwrap_or_else(|problems| panic!("{problems:?}")))
}

fn compare(path: &Path, code: &str) {
    if std::env::var_os("AWSJSON_UPDATE").is_some() {
        fs::write(path, code).expect("the file can be written");
    }
    let golden = fs::read_to_string(path).unwrap_or_default();
    if golden == code {
        return;
    }
    let difference = golden.lines().zip(code.lines()).position(|(old, new)| old != new);
    let at = difference.unwrap_or(golden.lines().count().min(code.lines().count()));
    let line = |text: &str| text.lines().nth(at).unwrap_or("(end)").to_owned();
    panic!(
        "{} differs at line {}:\n  golden:    {}\n  generated: {}\n{HOW}",
        path.display(),
        at + 1,
        line(&golden),
        line(code)
    );
}

fn read(path: &Path) -> Value {
    let text = fs::read_to_string(path).expect("the file is there");
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}
