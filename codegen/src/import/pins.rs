//! Holds what was read against `models.lock`, or pins it there.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use super::{Error, Pin, Source, Upstream};
use crate::lock::{self, Lock, Sha256};

/// The lock, and what to do about it.
pub(super) struct Pins {
    lock: Lock,
    pin: Pin,
}

impl Pins {
    pub(super) fn load(models: &Path, pin: Pin) -> Result<Self, Error> {
        let lock = match pin {
            Pin::Verify => Lock::load(models)?,
            Pin::Update => Lock::load_or_default(models)?,
        };
        Ok(Self { lock, pin })
    }

    /// Verifies the files of `services`, or returns a lock that pins them.
    pub(super) fn settle<'a>(
        self,
        source: &Source,
        services: &[String],
        files: impl Iterator<Item = &'a Upstream>,
    ) -> Result<Option<Lock>, Error> {
        let found: BTreeMap<String, Sha256> = files
            .map(|file| (file.name.clone(), Sha256::of(&file.bytes)))
            .collect();
        let services: BTreeSet<&str> = services.iter().map(String::as_str).collect();
        match self.pin {
            Pin::Verify => {
                self.verify(&services, &found)?;
                Ok(None)
            }
            Pin::Update => self.update(source, &services, found).map(Some),
        }
    }

    fn verify(&self, services: &BTreeSet<&str>, found: &BTreeMap<String, Sha256>) -> Result<(), Error> {
        for (name, digest) in found {
            self.lock.verify(name, digest)?;
        }
        for (name, expected) in &self.lock.files {
            if is_of(services, name) && !found.contains_key(name) {
                return Err(Error::Lock(lock::Error::Vanished {
                    name: name.clone(),
                    expected: expected.clone(),
                }));
            }
        }
        Ok(())
    }

    fn update(
        mut self,
        source: &Source,
        services: &BTreeSet<&str>,
        found: BTreeMap<String, Sha256>,
    ) -> Result<Lock, Error> {
        self.lock
            .files
            .retain(|name, _| !is_of(services, name) && service_of(name).is_some());
        self.lock
            .kept
            .retain(|service, _| !services.contains(service.as_str()));
        let version = source.version().map(str::to_owned);
        if self.lock.upstream.version != version {
            self.check_all_are_imported(version.as_deref())?;
            self.lock.artifacts.clear();
            self.lock.upstream.version = version;
        }
        self.lock.artifacts.extend(source.artifact());
        self.lock.files.extend(found);
        Ok(self.lock)
    }

    /// Checks that no service keeps a model of another version; those to be imported are no longer pinned.
    fn check_all_are_imported(&self, found: Option<&str>) -> Result<(), Error> {
        let kept: BTreeSet<&str> = self
            .lock
            .files
            .keys()
            .filter_map(|name| service_of(name))
            .filter(|service| !self.lock.kept.contains_key(*service))
            .collect();
        if kept.is_empty() {
            return Ok(());
        }
        let name = |version: Option<&str>| match version {
            Some(version) => format!("{} {version}", self.lock.upstream.package),
            None => "a source that does not say its version".to_owned(),
        };
        Err(Error::MixedVersions {
            services: kept.into_iter().map(str::to_owned).collect(),
            pinned: name(self.lock.upstream.version.as_deref()),
            found: name(found),
        })
    }
}

/// Returns the service that a file belongs to, if it belongs to one.
fn service_of(name: &str) -> Option<&str> {
    name.split_once('/').map(|(service, _)| service)
}

fn is_of(services: &BTreeSet<&str>, name: &str) -> bool {
    service_of(name).is_some_and(|service| services.contains(service))
}
