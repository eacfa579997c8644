//! What is measured and counted, and what it has to be.

use std::fmt::Write;
use std::path::Path;
use std::sync::atomic::Ordering;
use std::time::Duration;
use std::{fs, io};

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinHandle;

use super::load::{Tally, lock};
use super::{Arguments, BoxError};

/// Returns how many files and sockets this process has open.
pub fn open_files() -> io::Result<usize> {
    // The folder itself is open while it is read.
    Ok(fs::read_dir("/proc/self/fd")?.count().saturating_sub(1))
}

/// Returns a line of this process's status, in KiB.
fn status(name: &str) -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix(name))?;
    line.split_whitespace().next()?.parse().ok()
}

/// The memory of this process over time.
pub struct Memory(JoinHandle<()>, std::sync::Arc<std::sync::Mutex<Vec<u64>>>);

impl Memory {
    pub fn watch(interval: Duration) -> Self {
        let seen = std::sync::Arc::new(std::sync::Mutex::new(Vec::with_capacity(10_000)));
        let samples = std::sync::Arc::clone(&seen);
        let watching = tokio::spawn(async move {
            loop {
                tokio::time::sleep(interval).await;
                lock(&samples).extend(status("VmRSS:"));
            }
        });
        Self(watching, seen)
    }

    /// Returns the samples, in KiB.
    pub async fn end(self) -> Vec<u64> {
        self.0.abort();
        // It has ended once this returns.
        let _ = self.0.await;
        std::mem::take(&mut lock(&self.1))
    }
}

/// What the service counted.
pub struct Counts(Value);

impl Counts {
    pub async fn ask(port: u16) -> Result<Self, BoxError> {
        let mut stream = TcpStream::connect(("127.0.0.1", port)).await?;
        stream
            .write_all(b"GET /counts HTTP/1.1\r\ncontent-length: 0\r\n\r\n")
            .await?;
        let mut answer = vec![0; 4096];
        let length = stream.read(&mut answer).await?;
        let text = String::from_utf8_lossy(&answer[..length]).into_owned();
        let body = text
            .split("\r\n\r\n")
            .nth(1)
            .ok_or("the service counts nothing")?;
        Ok(Self(serde_json::from_str(body)?))
    }

    fn get(&self, name: &str) -> u64 {
        self.0[name].as_u64().unwrap_or_default()
    }
}

/// The outcome of a run.
pub struct Report {
    facts: Value,
    pub problems: Vec<String>,
}

impl Report {
    pub fn new(
        arguments: &Arguments,
        tally: &Tally,
        took: Duration,
        memory: Vec<u64>,
        most_files: usize,
        (files, tasks): (usize, usize),
        counts: Counts,
    ) -> Self {
        let count = |counter: &std::sync::atomic::AtomicU64| counter.load(Ordering::SeqCst);
        let (started, ended) = (count(&tally.started), tally.ended());
        let (attempts, dropped) = (count(&tally.attempts), count(&tally.dropped));
        let mut problems = lock(&tally.wrong).1.clone();
        let mut check = |is_right: bool, what: String| problems.extend((!is_right).then_some(what));
        let wrong = lock(&tally.wrong).0;
        check(wrong == 0, format!("{wrong} calls did not end as planned"));
        check(started == ended, format!("{started} calls began, {ended} ended"));
        let received = counts.get("received");
        // Calls that were dropped have sent an unknown number of attempts.
        let is_balanced = (attempts..=attempts + 3 * dropped).contains(&received);
        check(
            is_balanced,
            format!("{attempts} attempts of {ended} calls, {received} arrived"),
        );
        check(files == 0, format!("{files} files stay open"));
        check(tasks == 0, format!("{tasks} tasks stay"));
        let open = counts.get("open");
        check(open == 0, format!("{open} connections of the service stay open"));
        let growth = Growth::of(&memory);
        check(
            growth.is_flat(),
            format!("memory grew from {} to {} KiB", growth.early, growth.late),
        );
        let millis = |share| tally.percentile(share);
        let facts = json!({
            "in flight": arguments.in_flight,
            "seconds": took.as_secs_f64(),
            "percent of attempts with a fault": arguments.percent,
            "calls begun": started,
            "calls ended": ended,
            "calls dropped by the caller": dropped,
            "calls per second": ended as f64 / took.as_secs_f64(),
            "ends": *lock(&tally.ends),
            "attempts of calls that ended": attempts,
            "attempts that arrived": received,
            "right answers sent": counts.get("right"),
            "faults sent": counts.get("faulty"),
            "ms, p50": millis(0.5),
            "ms, p90": millis(0.9),
            "ms, p99": millis(0.99),
            "ms, p99.9": millis(0.999),
            "ms, max": millis(1.0),
            "MiB, peak": status("VmHWM:").unwrap_or_default() / 1024,
            "MiB, second quarter": growth.early / 1024,
            "MiB, last quarter": growth.late / 1024,
            "connections at a time, at most": counts.get("most_open"),
            "files open at the end of the load": most_files,
            "files and tasks left": [files, tasks],
        });
        Self { facts, problems }
    }

    pub fn write(&self, folder: &Path) -> io::Result<()> {
        fs::create_dir_all(folder)?;
        let json = json!({"facts": self.facts, "problems": self.problems});
        fs::write(folder.join("report.json"), format!("{json:#}\n"))?;
        fs::write(folder.join("report.md"), self.markdown())
    }

    pub fn markdown(&self) -> String {
        let mut text = "# Soak\n\n| | |\n|---|---|\n".to_owned();
        for (name, value) in self.facts.as_object().into_iter().flatten() {
            match value.as_object() {
                None => drop(writeln!(text, "| {name} | {value} |")),
                Some(ends) => {
                    for (end, count) in ends {
                        let _ = writeln!(text, "| ended with: {end} | {count} |");
                    }
                }
            }
        }
        text += match self.problems.is_empty() {
            true => "\nEvery call ended as planned, and nothing is left.\n",
            false => "\nProblems:\n\n",
        };
        for problem in &self.problems {
            let _ = writeln!(text, "* {problem}");
        }
        text
    }
}

/// What memory was held in the second quarter of the time, when everything is warm, and in the last one, in KiB.
struct Growth {
    early: u64,
    late: u64,
}

impl Growth {
    fn of(samples: &[u64]) -> Self {
        let quarter = samples.len() / 4;
        let mean = |part: &[u64]| part.iter().sum::<u64>() / (part.len() as u64).max(1);
        Self {
            early: mean(&samples[quarter..2 * quarter]),
            late: mean(&samples[3 * quarter..]),
        }
    }

    /// Tells whether it grew by less than a tenth, and what an allocator may hold back.
    fn is_flat(&self) -> bool {
        self.late <= self.early + self.early / 10 + 4096
    }
}
