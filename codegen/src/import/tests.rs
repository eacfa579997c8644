use std::collections::BTreeMap;
use std::fs;
use std::io::Write as _;

use serde_json::json;
use tempfile::TempDir;

use super::*;
use crate::lock::{self, Lock, Sha256};

const MODEL: &str = "bakery/2020-01-01/service-2.json.gz";

/// An upstream package and a models folder that has an overlay.
struct Bench {
    folder: TempDir,
}

impl Bench {
    fn new() -> Self {
        let bench = Self {
            folder: tempfile::tempdir().unwrap(),
        };
        bench.put_upstream("../__init__.py", b"import os\n__version__ = '1.2.3'\n");
        bench.put_upstream("partitions.json", br#"{"partitions": [], "version": "1.1"}"#);
        bench.put_upstream(MODEL, &gzip(&model("json").to_string()));
        bench.put_upstream("bakery/2020-01-01/waiters-2.json", br#"{"waiters": {}}"#);
        bench.put_upstream("bakery/2020-01-01/examples-1.json", b"not to be read");
        bench.put_upstream("bakery/2019-01-01/service-2.json.gz", b"not to be read");
        bench.put_upstream("bakery/2021-01-01/examples-1.json", b"a version without a model");
        bench.put_upstream(
            "butcher/2020-01-01/service-2.json",
            model("query").to_string().as_bytes(),
        );
        bench.put(&bench.models().join("bakery/overlay.toml"), b"# by hand");
        bench
    }

    fn models(&self) -> PathBuf {
        self.folder.path().join("models")
    }

    fn package(&self) -> PathBuf {
        self.folder.path().join("package")
    }

    fn put(&self, path: &Path, contents: &[u8]) {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, contents).unwrap();
    }

    fn put_upstream(&self, name: &str, contents: &[u8]) {
        let data = self.package().join("botocore/data");
        fs::create_dir_all(&data).unwrap();
        self.put(&data.join(name), contents);
    }

    fn import(&self, services: &[&str], pin: Pin) -> Result<Report, Error> {
        let services: Vec<String> = services.iter().map(|&service| service.to_owned()).collect();
        import(&Source::open(&self.package())?, &services, &self.models(), pin)
    }

    /// Imports, expects an error, and that no file was touched; returns the error with its causes.
    fn refused(&self, services: &[&str], pin: Pin) -> String {
        let before = self.listing();
        let error = self.import(services, pin).expect_err("the import went through");
        assert_eq!(self.listing(), before, "a file was touched");
        let causes = std::iter::successors(Some(&error as &dyn std::error::Error), |error| error.source());
        causes.map(ToString::to_string).collect::<Vec<_>>().join(": ")
    }

    fn listing(&self) -> BTreeMap<PathBuf, Option<Vec<u8>>> {
        let mut found = BTreeMap::new();
        let mut folders = vec![self.models()];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                found.insert(path.clone(), fs::read(&path).ok());
                if path.is_dir() {
                    folders.push(path);
                }
            }
        }
        found
    }

    fn imported(&self, path: &str) -> String {
        fs::read_to_string(self.models().join(path)).unwrap()
    }

    /// Packs the package as a wheel.
    fn wheel(&self) -> PathBuf {
        let path = self.folder.path().join("botocore-1.2.3-py3-none-any.whl");
        let mut zip = zip::ZipWriter::new(fs::File::create(&path).unwrap());
        let names = ["__init__.py", "data/partitions.json", &format!("data/{MODEL}")];
        for name in names.map(|name| format!("botocore/{name}")) {
            zip.start_file(&*name, zip::write::SimpleFileOptions::default())
                .unwrap();
            zip.write_all(&fs::read(self.package().join(&name)).unwrap())
                .unwrap();
        }
        zip.finish().unwrap();
        path
    }
}

fn model(protocol: &str) -> Value {
    json!({
        "version": "2.0",
        "documentation": "<p>prose</p>",
        "metadata": {"protocol": protocol},
        "operations": {"Bake": {"name": "Bake", "documentation": "<p>prose</p>"}},
        "shapes": {"Recipe": {
            "type": "structure",
            "members": {"documentation": {"shape": "Text", "documentation": "<p>prose</p>"}},
        }},
    })
}

fn gzip(text: &str) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(text.as_bytes()).unwrap();
    encoder.finish().unwrap()
}

#[test]
fn an_import_takes_the_newest_model_strips_it_and_pins_it() {
    let bench = Bench::new();
    let report = bench.import(&["bakery"], Pin::Update).unwrap();
    assert_eq!(report.services[0].api_version, "2020-01-01");
    let mut expected = model("json");
    expected.as_object_mut().unwrap().remove("documentation");
    expected["operations"]["Bake"]
        .as_object_mut()
        .unwrap()
        .remove("documentation");
    expected["shapes"]["Recipe"]["members"]["documentation"] = json!({"shape": "Text"});
    let text = bench.imported("bakery/service.json");
    assert_eq!(serde_json::from_str::<Value>(&text).unwrap(), expected);
    assert!(
        text.starts_with("{\n \"metadata\"") && text.ends_with("}\n"),
        "{text}"
    );
    assert_eq!(bench.imported("bakery/overlay.toml"), "# by hand");
    bench.imported("bakery/waiters.json");
    bench.imported("partitions.json");
    let lock = Lock::load(&bench.models()).unwrap();
    assert_eq!(lock.upstream.version.as_deref(), Some("1.2.3"));
    let names: Vec<&str> = lock.files.keys().map(String::as_str).collect();
    assert_eq!(
        names,
        [MODEL, "bakery/2020-01-01/waiters-2.json", "partitions.json"]
    );
    assert_eq!(lock.files[MODEL], Sha256::of(&gzip(&model("json").to_string())));
}

#[test]
fn a_second_import_verifies_and_changes_nothing() {
    let bench = Bench::new();
    bench.import(&["bakery"], Pin::Update).unwrap();
    let before = bench.listing();
    let report = bench.import(&["bakery"], Pin::Verify).unwrap();
    assert_eq!((report.output.written.len(), report.output.unchanged), (0, 3));
    assert_eq!(bench.listing(), before);
}

#[test]
fn without_names_all_services_that_speak_awsjson_are_imported() {
    let bench = Bench::new();
    bench.put_upstream(
        "cafe/2020-01-01/service-2.json",
        model("json").to_string().as_bytes(),
    );
    let report = bench.import(&[], Pin::Update).unwrap();
    let services: Vec<&str> = report.services.iter().map(|s| s.service.as_str()).collect();
    assert_eq!(services, ["bakery", "cafe"]);
}

#[test]
fn a_wheel_and_a_folder_give_the_same() {
    let bench = Bench::new();
    fs::remove_file(
        bench
            .package()
            .join("botocore/data/bakery/2020-01-01/waiters-2.json"),
    )
    .unwrap();
    bench.import(&["bakery"], Pin::Update).unwrap();
    let wheel = Source::open(&bench.wheel()).unwrap();
    assert_eq!(wheel.version(), Some("1.2.3"));
    let report = import(&wheel, &["bakery".to_owned()], &bench.models(), Pin::Verify).unwrap();
    assert_eq!(report.output.unchanged, 2);
    import(&wheel, &["bakery".to_owned()], &bench.models(), Pin::Update).unwrap();
    let lock = Lock::load(&bench.models()).unwrap();
    let digest = Sha256::of(&fs::read(bench.wheel()).unwrap());
    assert_eq!(lock.artifacts["botocore-1.2.3-py3-none-any.whl"], digest);
}

#[test]
fn the_data_folder_can_be_named_at_each_level() {
    let bench = Bench::new();
    for path in ["", "botocore", "botocore/data"] {
        let source = Source::open(&bench.package().join(path)).unwrap();
        assert_eq!(
            source.services().collect::<Vec<_>>(),
            ["bakery", "butcher"],
            "{path}"
        );
        assert_eq!(source.version(), Some("1.2.3"), "{path}");
    }
}

#[test]
fn extras_are_merged_and_pinned() {
    let bench = Bench::new();
    let name = "bakery/2020-01-01/service-2.sdk-extras.json";
    bench.put_upstream(
        name,
        br#"{"merge": {"shapes": {"Text": {"type": "string", "documentation": "prose"}}}}"#,
    );
    bench.import(&["bakery"], Pin::Update).unwrap();
    let model: Value = serde_json::from_str(&bench.imported("bakery/service.json")).unwrap();
    assert_eq!(model["shapes"]["Text"], json!({"type": "string"}));
    assert!(Lock::load(&bench.models()).unwrap().files.contains_key(name));
}

#[test]
fn a_file_that_upstream_dropped_is_removed_once_that_is_accepted() {
    let bench = Bench::new();
    bench.import(&["bakery"], Pin::Update).unwrap();
    fs::remove_file(
        bench
            .package()
            .join("botocore/data/bakery/2020-01-01/waiters-2.json"),
    )
    .unwrap();
    let error = bench.refused(&["bakery"], Pin::Verify);
    assert!(
        error.contains("bakery/2020-01-01/waiters-2.json is pinned"),
        "{error}"
    );
    let report = bench.import(&["bakery"], Pin::Update).unwrap();
    assert_eq!(report.output.removed, [Path::new("bakery/waiters.json")]);
    assert_eq!(Lock::load(&bench.models()).unwrap().files.len(), 2);
}

#[test]
fn a_wrong_hash_is_refused() {
    let bench = Bench::new();
    bench.import(&["bakery"], Pin::Update).unwrap();
    let changed =
        gzip(&json!({"metadata": {"protocol": "json"}, "operations": {}, "shapes": {}}).to_string());
    bench.put_upstream(MODEL, &changed);
    let error = bench.refused(&["bakery"], Pin::Verify);
    let expected = Lock::load(&bench.models()).unwrap().files[MODEL].clone();
    for part in [MODEL, expected.as_str(), Sha256::of(&changed).as_str(), "--pin"] {
        assert!(error.contains(part), "no {part} in {error}");
    }
}

#[test]
fn a_file_without_a_pin_is_refused() {
    let bench = Bench::new();
    assert!(
        bench
            .refused(&["bakery"], Pin::Verify)
            .contains("models.lock is missing")
    );
    bench.import(&["bakery"], Pin::Update).unwrap();
    let error = bench.refused(&["butcher"], Pin::Verify);
    assert!(
        error.contains("butcher/2020-01-01/service-2.json is not in models.lock"),
        "{error}"
    );
}

#[test]
fn a_truncated_gzip_file_is_refused() {
    let bench = Bench::new();
    let whole = gzip(&model("json").to_string());
    bench.put_upstream(MODEL, &whole[..whole.len() / 2]);
    let error = bench.refused(&["bakery"], Pin::Update);
    assert!(
        error.contains(&format!("{MODEL} is no complete gzip file")),
        "{error}"
    );
}

#[test]
fn json_that_is_no_service_model_is_refused() {
    let bench = Bench::new();
    for (text, problem) in [
        ("{", "is no JSON"),
        ("[1]", "is no service model: it is no object"),
        (
            r#"{"metadata": {"protocol": "json"}, "shapes": {}}"#,
            "no object `operations`",
        ),
    ] {
        bench.put_upstream(MODEL, &gzip(text));
        let error = bench.refused(&["bakery"], Pin::Update);
        assert!(error.contains(MODEL) && error.contains(problem), "{error}");
    }
}

#[test]
fn an_unknown_service_is_refused_with_close_names() {
    let bench = Bench::new();
    let error = bench.refused(&["bakery", "bakrey"], Pin::Update);
    assert!(
        error.contains("`bakrey`") && error.contains("did you mean bakery?"),
        "{error}"
    );
    let error = bench.refused(&["../bakery"], Pin::Update);
    assert!(error.contains("no service `../bakery`"), "{error}");
}

#[test]
fn documentation_in_an_unknown_place_is_refused() {
    let bench = Bench::new();
    let mut model = model("json");
    model["novelties"] = json!({"documentation": "prose"});
    bench.put_upstream(MODEL, &gzip(&model.to_string()));
    let error = bench.refused(&["bakery"], Pin::Update);
    assert!(error.contains("/novelties/documentation"), "{error}");
}

#[test]
fn models_of_two_versions_are_refused() {
    let bench = Bench::new();
    bench.import(&["bakery", "butcher"], Pin::Update).unwrap();
    bench.put_upstream("../__init__.py", b"__version__ = '1.3.0'\n");
    let error = bench.refused(&["bakery"], Pin::Update);
    assert!(error.contains("pins butcher from botocore 1.2.3"), "{error}");
    assert!(error.contains("the source is botocore 1.3.0"), "{error}");
    bench.import(&["bakery", "butcher"], Pin::Update).unwrap();
    let lock = Lock::load(&bench.models()).unwrap();
    assert_eq!(lock.upstream.version.as_deref(), Some("1.3.0"));
}

#[test]
fn a_damaged_lock_is_refused() {
    let bench = Bench::new();
    bench.put(&bench.models().join(lock::FILE_NAME), b"<<<<<<< HEAD");
    let error = bench.refused(&["bakery"], Pin::Update);
    assert!(error.contains("is no lock file"), "{error}");
}

#[test]
fn a_source_without_models_is_refused() {
    let bench = Bench::new();
    let not_a_wheel = bench.folder.path().join("notes.whl");
    fs::write(&not_a_wheel, "no zip").unwrap();
    let error = Source::open(&not_a_wheel).unwrap_err();
    assert!(matches!(error, Error::Wheel { .. }), "{error}");
    for path in [
        bench.models(),
        bench.folder.path().join("nowhere"),
        bench.folder.path().join("no.whl"),
    ] {
        let error = Source::open(&path).unwrap_err();
        assert!(matches!(error, Error::NoModels { .. }), "{error}");
    }
}
