//! What users of each committed crate can name, written down: a change of it shows in review, and goes red here until it is meant.
//!
//! `AWSJSON_UPDATE=1 cargo test -p awsjson-tests --test public_api` writes down what there is now.

use std::fs;
use std::path::Path;

use awsjson_codegen::diff::surface;
use awsjson_codegen::lower::Settings;
use awsjson_codegen::workspace::Workspace;

#[test]
fn the_interface_of_each_committed_crate_is_what_was_written_down() {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let workspace = Workspace::find(here).expect("the checkout");
    let committed = workspace.committed().expect("the crates");
    assert!(committed.len() >= 15, "crates are missing: {committed:?}");
    let folder = here.join("api");
    let mut changed = Vec::new();
    for service in &committed {
        let lowered = workspace.service(service, Settings::default());
        let now = describe(&surface::of(&lowered.expect("the service can be generated")));
        let path = folder.join(format!("{service}.txt"));
        if std::env::var_os("AWSJSON_UPDATE").is_some() {
            fs::create_dir_all(&folder).expect("the folder can be made");
            fs::write(&path, now).expect("the file can be written");
            continue;
        }
        let before = fs::read_to_string(&path).unwrap_or_default();
        changed.extend(difference(&before, &now).map(|line| format!("{service}: {line}")));
    }
    assert!(
        changed.is_empty(),
        "public interfaces changed; if that is meant, update them with AWSJSON_UPDATE=1, and bump versions where lines are gone:\n{}",
        changed.join("\n")
    );
}

fn describe(surface: &surface::Surface) -> String {
    let line = |(path, entry): (&String, &surface::Entry)| {
        let deprecated = match surface.deprecated.contains(path) {
            true => " (deprecated)",
            false => "",
        };
        format!("{path}: {}{deprecated}\n", entry.signature)
    };
    surface.items.iter().map(line).collect()
}

fn difference<'a>(before: &'a str, now: &'a str) -> impl Iterator<Item = String> + 'a {
    let (old, new) = (lines(before), lines(now));
    let gone: Vec<String> = old.difference(&new).map(|line| format!("- {line}")).collect();
    let added: Vec<String> = new.difference(&old).map(|line| format!("+ {line}")).collect();
    gone.into_iter().chain(added)
}

fn lines(text: &str) -> std::collections::BTreeSet<&str> {
    text.lines().collect()
}
