//! Changes many files at once: whoever interrupts it leaves the disk as before, or in a state that the next run completes.
//!
//! New contents are written into a folder of their own, and a journal of the moves and removals last: from then on the change counts, and is
//! carried out by whoever comes next if this run does not live to do so.

use std::fs::{self, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use serde::{Deserialize, Serialize};

use super::{Error, File, Report, Stale, check_is_below, check_is_no_link, failure, plan, remove};

/// The folder below the root that holds what is under way.
const FOLDER: &str = ".awsjson-transaction";
const JOURNAL: &str = "journal.json";

/// A change of files below a root that has not happened yet. Dropped, it never does.
#[derive(Debug)]
pub struct Transaction {
    root: PathBuf,
    folder: PathBuf,
    next: AtomicUsize,
    steps: Mutex<Vec<Step>>,
    new_folders: Mutex<Vec<PathBuf>>,
    /// No other run works below the root while this file is locked.
    _lock: fs::File,
}

/// What is to be done once the change counts; paths are relative to the root.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Step {
    /// Moves a file of the transaction's folder to its place.
    Move { from: String, to: PathBuf },
    /// Removes a file, and folders that it leaves empty, up to a folder that stays.
    Remove { below: PathBuf, path: PathBuf },
}

impl Step {
    /// Checks that a step changes nothing but what is below the root.
    fn check(&self, root: &Path) -> Result<(), Error> {
        let check = |path: &Path| {
            check_is_below(path)?;
            check_is_no_link(root, path)
        };
        match self {
            Self::Move { from, to } => {
                check(&Path::new(FOLDER).join(from))?;
                check(to)
            }
            Self::Remove { below, path } => check(&below.join(path)),
        }
    }
}

impl Transaction {
    /// Begins a change below `root`, and completes one that an earlier run had to leave.
    ///
    /// # Errors
    ///
    /// Fails where another run is at work there, or the file system refuses.
    pub fn begin(root: &Path) -> Result<Self, Error> {
        check_is_no_link(root, &Path::new(FOLDER).join(JOURNAL))?;
        let folder = root.join(FOLDER);
        let mut new_folders = Vec::new();
        create_folders(root, &mut new_folders)?;
        fs::create_dir_all(&folder).map_err(|source| failure("create the folder", &folder, source))?;
        let lock = lock(&folder)?;
        let transaction = Self {
            root: root.to_owned(),
            folder,
            next: AtomicUsize::new(0),
            steps: Mutex::default(),
            new_folders: Mutex::new(new_folders),
            _lock: lock,
        };
        transaction.recover()?;
        Ok(transaction)
    }

    /// Adds files below `below`, which is relative to the root: those whose bytes change are written, stale ones go.
    ///
    /// # Errors
    ///
    /// Fails where a path leaves `below`, two paths are the same, something stands in the way, or the file system refuses.
    pub fn stage(&self, below: &Path, files: &[File], stale: &Stale) -> Result<Report, Error> {
        if !below.as_os_str().is_empty() {
            check_is_below(below)?;
        }
        check_is_no_link(&self.root, &below.join("file"))?;
        let base = self.root.join(below);
        let plan = plan(&base, files, stale)?;
        let mut steps = Vec::new();
        for file in &plan.to_write {
            let target = base.join(&file.path);
            if let Some(parent) = target.parent() {
                create_folders(parent, &mut held(&self.new_folders))?;
            }
            let from = self.next.fetch_add(1, Ordering::Relaxed).to_string();
            let staged = self.folder.join(&from);
            fs::write(&staged, &file.contents).map_err(|source| failure("write", &staged, source))?;
            steps.push(Step::Move {
                from,
                to: below.join(&file.path),
            });
        }
        steps.extend(plan.stale.iter().map(|path| Step::Remove {
            below: below.to_owned(),
            path: path.clone(),
        }));
        held(&self.steps).append(&mut steps);
        Ok(Report {
            written: plan.to_write.iter().map(|file| file.path.clone()).collect(),
            removed: plan.stale,
            unchanged: plan.unchanged,
        })
    }

    /// Makes the change.
    ///
    /// # Errors
    ///
    /// Fails where the file system refuses; what it refused is tried again by the next run.
    pub fn commit(self) -> Result<(), Error> {
        let steps = std::mem::take(&mut *held(&self.steps));
        if steps.is_empty() {
            return Ok(());
        }
        let journal = self.folder.join(JOURNAL);
        let unfinished = self.folder.join("journal.tmp");
        let text = serde_json::to_vec(&steps).expect("paths that were checked have a wire form");
        let write = || {
            fs::write(&unfinished, text)?;
            fs::File::open(&unfinished)?.sync_all()?;
            fs::rename(&unfinished, &journal)
        };
        write().map_err(|source| failure("write", &journal, source))?;
        held(&self.new_folders).clear();
        self.apply(&steps)?;
        fs::remove_file(&journal).map_err(|source| failure("remove", &journal, source))
    }

    /// Completes the change of an earlier run, if it came to count, and forgets it otherwise.
    fn recover(&self) -> Result<(), Error> {
        let journal = self.folder.join(JOURNAL);
        match fs::read(&journal) {
            Ok(text) => {
                let steps: Vec<Step> = serde_json::from_slice(&text)
                    .map_err(|error| failure("read", &journal, io::Error::other(error)))?;
                // Whoever put the journal there: it says nothing about what is outside of the root.
                for step in &steps {
                    step.check(&self.root)?;
                }
                self.apply(&steps)?;
                fs::remove_file(&journal).map_err(|source| failure("remove", &journal, source))?;
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(source) => return Err(failure("read", &journal, source)),
        }
        self.empty();
        Ok(())
    }

    /// Carries steps out; those that have been carried out already are left out.
    fn apply(&self, steps: &[Step]) -> Result<(), Error> {
        for step in steps {
            match step {
                Step::Move { from, to } => {
                    let (from, to) = (self.folder.join(from), self.root.join(to));
                    if let Some(parent) = to.parent() {
                        fs::create_dir_all(parent)
                            .map_err(|source| failure("create the folder", parent, source))?;
                    }
                    match fs::rename(&from, &to) {
                        Err(error) if error.kind() == io::ErrorKind::NotFound && to.exists() => {}
                        moved => moved.map_err(|source| failure("replace", &to, source))?,
                    }
                }
                Step::Remove { below, path } => {
                    let base = self.root.join(below);
                    if fs::symlink_metadata(base.join(path)).is_ok() {
                        remove(&base, path)?;
                    }
                }
            }
        }
        Ok(())
    }

    /// Removes everything from the transaction's folder but the lock.
    fn empty(&self) {
        let entries = fs::read_dir(&self.folder).into_iter().flatten().flatten();
        for entry in entries.filter(|entry| entry.file_name() != LOCK) {
            // What stays is overwritten, or in nobody's way.
            let _ = fs::remove_file(entry.path());
        }
    }
}

impl Drop for Transaction {
    fn drop(&mut self) {
        // A journal that could not be carried out is for the next run.
        if self.folder.join(JOURNAL).exists() {
            return;
        }
        let _ = fs::remove_dir_all(&self.folder);
        for folder in held(&self.new_folders).iter().rev() {
            // A folder that somebody else put something into meanwhile stays.
            let _ = fs::remove_dir(folder);
        }
    }
}

const LOCK: &str = "lock";

fn lock(folder: &Path) -> Result<fs::File, Error> {
    let path = folder.join(LOCK);
    let file = fs::File::create(&path).map_err(|source| failure("create", &path, source))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(Error::Busy {
            path: folder.to_owned(),
        }),
        Err(TryLockError::Error(source)) => Err(failure("lock", &path, source)),
    }
}

/// Completes what an earlier run had to leave below `root`; tells whether there was anything.
///
/// # Errors
///
/// Fails where another run is at work there, or the file system refuses.
pub fn recover(root: &Path) -> Result<bool, Error> {
    let is_left = root.join(FOLDER).join(JOURNAL).exists();
    if is_left {
        drop(Transaction::begin(root)?);
    }
    Ok(is_left)
}

fn create_folders(folder: &Path, made: &mut Vec<PathBuf>) -> Result<(), Error> {
    if folder.as_os_str().is_empty() || folder.is_dir() {
        return Ok(());
    }
    if let Some(parent) = folder.parent() {
        create_folders(parent, made)?;
    }
    match fs::create_dir(folder) {
        Ok(()) => made.push(folder.to_owned()),
        // Another thread was faster.
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists && folder.is_dir() => {}
        Err(source) => return Err(failure("create the folder", folder, source)),
    }
    Ok(())
}

fn held<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
