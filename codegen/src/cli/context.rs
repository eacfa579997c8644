//! Where a command works, on how many cores, and how much it says.

use std::fmt;
use std::num::NonZeroUsize;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use awsjson_codegen::workspace::Workspace;
use indicatif::ProgressBar;

use super::Failure;

/// What every command is told.
pub struct Context {
    /// The checkout.
    pub workspace: Workspace,
    /// How many services are worked on at once.
    pub jobs: NonZeroUsize,
    /// Whether only what was asked for is said.
    pub quiet: bool,
}

impl Context {
    /// Says how the work went, unless that is not wanted.
    pub fn say(&self, line: fmt::Arguments<'_>) {
        if !self.quiet {
            anstream::println!("{line}");
        }
    }

    /// Does `work` for each service, several at once, and returns the results in the order of `services`.
    ///
    /// The first failure ends the work; services that were not begun by then are left alone.
    pub fn for_each<T: Send>(
        &self,
        services: &[String],
        work: impl Fn(&str) -> Result<T, Failure> + Sync,
    ) -> Result<Vec<T>, Failure> {
        let progress = match services.len() {
            many @ 3.. if !self.quiet => ProgressBar::new(many as u64),
            _ => ProgressBar::hidden(),
        };
        let next = AtomicUsize::new(0);
        let results: Mutex<Vec<Option<T>>> = Mutex::new(services.iter().map(|_| None).collect());
        let failure = Mutex::new(None);
        let threads = self.jobs.get().min(services.len());
        thread::scope(|scope| {
            for _ in 0..threads {
                scope.spawn(|| {
                    while let Some((at, service)) = take(&next, services) {
                        match work(service) {
                            Ok(result) => lock(&results)[at] = Some(result),
                            Err(error) => {
                                next.store(services.len(), Ordering::Relaxed);
                                lock(&failure).get_or_insert(error);
                            }
                        }
                        progress.inc(1);
                    }
                });
            }
        });
        progress.finish_and_clear();
        match lock(&failure).take() {
            Some(error) => Err(error),
            None => Ok(lock(&results).drain(..).flatten().collect()),
        }
    }
}

fn take<'a>(next: &AtomicUsize, services: &'a [String]) -> Option<(usize, &'a str)> {
    let at = next.fetch_add(1, Ordering::Relaxed);
    services.get(at).map(|service| (at, service.as_str()))
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
}
