//! Writes the crates of the differential test: a table of operations for each service, and the program that asks them.
//!
//! ```text
//! cargo run --example differential -- CRATES OUT SERVICE...
//! ```
//!
//! `CRATES` holds the generated crates, `OUT` is where the new ones go. `tests/differential.sh` runs it.

use std::collections::BTreeMap;
use std::error::Error;
use std::path::{Path, PathBuf};

use awsjson_codegen::ir::{Service, Support};
use awsjson_codegen::lower::Settings;
use awsjson_codegen::output::{self, File, Stale};
use awsjson_codegen::workspace::Workspace;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let usage = "usage: differential CRATES OUT SERVICE...";
    let crates = std::path::absolute(arguments.next().ok_or(usage)?)?;
    let out = PathBuf::from(arguments.next().ok_or(usage)?);
    let workspace = Workspace::find(Path::new(env!("CARGO_MANIFEST_DIR")))?;
    let mut files = BTreeMap::new();
    let mut add = |path: String, contents: String| files.insert(path, contents);
    let protocol = std::path::absolute(workspace.root.join("protocol"))?;
    let protocol = format!("awsjson-protocol = {{ path = {protocol:?}, features = [\"compression\"] }}");
    let (mut names, mut dependencies) = (Vec::new(), Vec::new());
    for folder in arguments {
        let service = workspace.service(&folder, Settings::default())?;
        let path = crates.join(&folder);
        add(
            format!("{folder}/Cargo.toml"),
            manifest(
                &folder,
                &format!(
                    "differential-table = {{ path = \"../table\" }}\nservice = {{ package = \"awsjson-{folder}\", path = {path:?} }}"
                ),
            ),
        );
        add(format!("{folder}/src/lib.rs"), table(&service));
        dependencies.push(format!("differential-{folder} = {{ path = \"../{folder}\" }}"));
        names.push(format!("differential_{}::TABLE", folder.replace('-', "_")));
    }
    add("table/Cargo.toml".to_owned(), manifest("table", &protocol));
    add(
        "table/src/lib.rs".to_owned(),
        include_str!("../differential/table.rs").to_owned(),
    );
    let driver = format!(
        "differential-table = {{ path = \"../table\" }}\n{protocol}\nbytes = \"1\"\nserde_json = \"1\"\ntower = \"0.5\"\n\
         tokio = {{ version = \"1\", features = [\"rt\"] }}\n{}",
        dependencies.join("\n")
    );
    add("driver/Cargo.toml".to_owned(), manifest("driver", &driver));
    let list: String = names.iter().map(|name| format!("    &{name},\n")).collect();
    add(
        "driver/src/main.rs".to_owned(),
        format!(
            "{}\nstatic TABLES: &[&Table] = &[\n{list}];\n",
            include_str!("../differential/driver.rs")
        ),
    );
    add(
        "Cargo.toml".to_owned(),
        "[workspace]\nresolver = \"3\"\nmembers = [\"*\"]\nexclude = [\"target\"]\n\n\
         [profile.dev]\ndebug = false\nincremental = false\n"
            .to_owned(),
    );
    let files: Vec<File> = files
        .into_iter()
        .map(|(path, contents)| File {
            path: path.into(),
            contents: contents.into_bytes(),
        })
        .collect();
    output::write(&out, &files, Stale::Keep)?;
    Ok(())
}

fn manifest(name: &str, dependencies: &str) -> String {
    format!(
        "[package]\nname = \"differential-{name}\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n[dependencies]\n{dependencies}\n"
    )
}

fn table(service: &Service) -> String {
    let supported = service
        .operations
        .iter()
        .filter(|operation| operation.support == Support::Full && operation.events.is_none());
    let entries: String = supported
        .map(|operation| format!("    Entry::new::<service::{}>(),\n", operation.request.name))
        .collect();
    let (folder, name) = (&service.folder, &service.name);
    format!(
        "#![allow(deprecated)]\nuse differential_table::{{Entry, Table}};\n\n\
         pub static TABLE: Table = Table::new::<service::{name}>({folder:?}, &[\n{entries}]);\n"
    )
}
