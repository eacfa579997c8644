//! Remembers what a run read and what it left, so that a run with nothing to do ends at once.
//!
//! Inputs are compared by content, the generator and its output by size and time, as build tools do. Whoever
//! wants proof runs `awsjson check`, which never looks here.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use serde::{Deserialize, Serialize};

use crate::edition;
use crate::lock::Sha256;
use crate::model;
use crate::output::{self, File, Stale};
use crate::overlay::{self, Overlay};
use crate::render::Manifest;

/// What is left in a crate's folder.
const OUTPUTS: [&str; 6] = [
    "CHANGELOG.md",
    "Cargo.toml",
    "LICENSE",
    "NOTICE",
    "README.md",
    "src",
];

/// The fingerprints of the crates in one output folder.
#[derive(Debug)]
pub struct Fingerprints {
    path: PathBuf,
    /// The output folder.
    out: PathBuf,
    generator: String,
    known: BTreeMap<String, Fingerprint>,
}

/// The fingerprint of one crate.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fingerprint {
    inputs: Sha256,
    outputs: Sha256,
}

/// The fingerprint of what a crate is generated from.
#[derive(Clone, Debug)]
pub struct Inputs(Sha256);

impl Inputs {
    /// Adds what is in the folder of the crate now; `None` where something cannot be read.
    pub fn with_outputs(&self, folder: &Path) -> Option<Fingerprint> {
        Some(Fingerprint {
            inputs: self.0.clone(),
            outputs: outputs(folder).ok()?,
        })
    }
}

impl Fingerprints {
    /// Reads what the last run into `out` left in `cache`; a record that is missing or unreadable is empty.
    pub fn load(cache: &Path, out: &Path, manifest: &Manifest) -> Self {
        let out = std::path::absolute(out).unwrap_or_else(|_| out.to_owned());
        let name = Sha256::of(out.as_os_str().as_encoded_bytes());
        let path = cache.join(format!("generated-{name}.json"));
        let known = fs::read(&path).ok();
        let known = known.and_then(|bytes| serde_json::from_slice(&bytes).ok());
        Self {
            path,
            out,
            generator: format!("{} {manifest:?}", generator()),
            known: known.unwrap_or_default(),
        }
    }

    /// Takes the fingerprint of what a service is generated from: its folder among the models, and modules that are written by hand
    /// in its folder among the committed crates; `None` where something cannot be read.
    pub fn inputs(&self, models: &Path, generated: &Path, service: &str) -> Option<Inputs> {
        let inputs = self.read_inputs(&models.join(service), &generated.join(service));
        inputs.map(Inputs).ok()
    }

    /// Tells whether nothing has changed, before or after the generator, since the run that left the crate.
    pub fn is_current(&self, service: &str, now: &Fingerprint) -> bool {
        self.known.get(service) == Some(now)
    }

    /// Records fingerprints for the next run.
    ///
    /// # Errors
    ///
    /// Fails where the record cannot be written.
    pub fn store(
        mut self,
        new: impl IntoIterator<Item = (String, Fingerprint)>,
    ) -> Result<(), output::Error> {
        let mut new = new.into_iter().peekable();
        let (Some(folder), Some(name), Some(_)) = (self.path.parent(), self.path.file_name(), new.peek())
        else {
            return Ok(());
        };
        self.known.extend(new);
        let record = File {
            path: name.into(),
            contents: serde_json::to_vec_pretty(&self.known).unwrap_or_default(),
        };
        output::write(folder, &[record], Stale::Keep).map(drop)
    }

    /// Tells whether a crate is one of those in the output folder.
    fn is_in(&self, folder: &Path) -> bool {
        let folder = std::path::absolute(folder).ok();
        folder.is_some_and(|folder| folder.parent() == Some(&self.out))
    }

    fn read_inputs(&self, folder: &Path, committed: &Path) -> io::Result<Sha256> {
        let mut facts = self.generator.clone();
        let version = edition::version(committed).map_err(io::Error::other)?;
        facts.push_str(&format!(
            "\nversion {}",
            version.as_deref().unwrap_or(edition::FIRST_VERSION)
        ));
        // Where the crate is generated in its place, the changelog is an output that stays as it is.
        if !self.is_in(committed)
            && let Ok(changelog) = fs::read(committed.join(edition::CHANGELOG))
        {
            facts.push_str(&format!("\nchangelog {}", Sha256::of(&changelog)));
        }
        let overlay = fs::read_to_string(folder.join(overlay::FILE)).unwrap_or_default();
        // What is no overlay is an error of the run that follows.
        for module in Overlay::read(&overlay).unwrap_or_default().modules.keys() {
            for name in [module.clone(), format!("{module}.rs")] {
                let path = committed.join("src").join(&name);
                if path.exists() {
                    add(&path, &name, &mut facts)?;
                }
            }
        }
        for name in model::FILES.into_iter().chain([overlay::FILE]) {
            match fs::read(folder.join(name)) {
                Ok(contents) => facts.push_str(&format!("\n{name} {}", Sha256::of(&contents))),
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => return Err(error),
            }
        }
        Ok(Sha256::of(facts.as_bytes()))
    }
}

/// Names the generator that is running.
fn generator() -> String {
    let program = std::env::current_exe().ok();
    let stamp = program.and_then(|program| stamp(&fs::metadata(program).ok()?));
    // Without a stamp no two runs are the same, so that nothing is skipped.
    stamp.unwrap_or_else(|| format!("{:?}", std::time::SystemTime::now()))
}

fn outputs(folder: &Path) -> io::Result<Sha256> {
    let mut facts = String::new();
    for name in OUTPUTS {
        add(&folder.join(name), name, &mut facts)?;
    }
    Ok(Sha256::of(facts.as_bytes()))
}

fn add(path: &Path, name: &str, facts: &mut String) -> io::Result<()> {
    let metadata = fs::symlink_metadata(path)?;
    if !metadata.is_dir() {
        let stamp = stamp(&metadata).unwrap_or_default();
        facts.push_str(&format!("{name} {stamp}\n"));
        return Ok(());
    }
    let mut names = fs::read_dir(path)?
        .map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned()))
        .collect::<io::Result<Vec<String>>>()?;
    names.sort();
    facts.push_str(&format!("{name}/\n"));
    for name in names {
        add(&path.join(&name), &name, facts)?;
    }
    facts.push_str("end\n");
    Ok(())
}

fn stamp(metadata: &fs::Metadata) -> Option<String> {
    let time = metadata.modified().ok()?.duration_since(UNIX_EPOCH).ok()?;
    Some(format!("{} {}", metadata.len(), time.as_nanos()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_crate_is_current_until_its_model_or_a_file_of_it_changes() {
        let folder = tempfile::tempdir().expect("a folder");
        let (models, out) = (folder.path().join("models"), folder.path().join("out"));
        let model = models.join("logs").join("service.json");
        let source = out.join("logs").join("src");
        fs::create_dir_all(models.join("logs")).expect("created");
        fs::create_dir_all(&source).expect("created");
        for path in [
            model.clone(),
            source.join("lib.rs"),
            out.join("logs/CHANGELOG.md"),
            out.join("logs/Cargo.toml"),
            out.join("logs/LICENSE"),
            out.join("logs/NOTICE"),
            out.join("logs/README.md"),
        ] {
            fs::write(path, "1").expect("written");
        }
        let manifest = Manifest {
            protocol_path: None,
            protocol_version: "1.0.0".to_owned(),
        };
        let load = || Fingerprints::load(folder.path(), &out, &manifest);
        let take = |known: &Fingerprints| {
            let inputs = known.inputs(&models, &models, "logs").expect("readable");
            inputs.with_outputs(&out.join("logs")).expect("readable")
        };
        let is_current = || {
            let known = load();
            known.is_current("logs", &take(&known))
        };
        assert!(!is_current());
        let now = take(&load());
        load().store([("logs".to_owned(), now)]).expect("written");
        assert!(is_current());
        fs::write(&model, "2").expect("written");
        assert!(!is_current(), "another model");
        fs::write(&model, "1").expect("written");
        assert!(is_current());
        fs::write(source.join("more.rs"), "").expect("written");
        assert!(!is_current(), "another file");
    }
}
