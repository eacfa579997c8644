//! The clients: so many calls at a time, each compared with its plan.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use awsjson_logs::protocol::{Credentials, ErrorKind, Response, RetryPolicy, Timeouts};
use awsjson_logs::{Client, DescribeLogGroups, DescribeLogGroupsOutput, Error};
use tokio::task::JoinSet;
use tokio::time::{Instant, timeout};

use super::plan::{self, ATTEMPTS, End};
use super::server::GROUPS;

/// How long an attempt may take.
const ATTEMPT: Duration = Duration::from_secs(5);
/// How long a call may take: its attempts, the pauses of up to 1 and 2 seconds between them, and what a busy machine adds.
const CALL: Duration = Duration::from_secs(5 * 3 + 3 + 2);
/// How fine times are measured, and up to when.
const LONGEST: usize = 30_000;

/// What has come of the calls.
pub struct Tally {
    pub started: AtomicU64,
    pub attempts: AtomicU64,
    pub dropped: AtomicU64,
    /// Calls by how they ended.
    pub ends: Mutex<BTreeMap<String, u64>>,
    /// What was not as planned; the first few in full.
    pub wrong: Mutex<(u64, Vec<String>)>,
    /// How many calls took so many milliseconds.
    times: Mutex<Vec<u32>>,
}

impl Default for Tally {
    fn default() -> Self {
        Self {
            started: AtomicU64::new(0),
            attempts: AtomicU64::new(0),
            dropped: AtomicU64::new(0),
            ends: Mutex::default(),
            wrong: Mutex::default(),
            // All of it is there from the start, so that memory does not seem to grow.
            times: Mutex::new(vec![0; LONGEST + 1]),
        }
    }
}

impl Tally {
    fn end(&self, what: impl Into<String>, elapsed: Duration) {
        *lock(&self.ends).entry(what.into()).or_default() += 1;
        let millis = usize::try_from(elapsed.as_millis())
            .unwrap_or(LONGEST)
            .min(LONGEST);
        lock(&self.times)[millis] += 1;
    }

    fn wrong(&self, what: String) {
        let mut wrong = lock(&self.wrong);
        wrong.0 += 1;
        if wrong.1.len() < 20 {
            wrong.1.push(what);
        }
    }

    /// Returns how many calls ended, those that were dropped included.
    pub fn ended(&self) -> u64 {
        lock(&self.ends).values().sum::<u64>() + self.dropped.load(Ordering::SeqCst)
    }

    /// Returns within how many milliseconds such a share of the calls ended.
    pub fn percentile(&self, share: f64) -> usize {
        let times = lock(&self.times);
        let total: f64 = times.iter().map(|count| f64::from(*count)).sum();
        let mut seen = 0.0;
        let found = times.iter().position(|count| {
            seen += f64::from(*count);
            seen >= total * share
        });
        found.unwrap_or_default()
    }
}

pub fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().expect("nobody panics with it")
}

pub fn client(port: u16) -> Client {
    Client::builder()
        .region("us-east-1")
        .endpoint_url(format!("http://127.0.0.1:{port}"))
        .credentials(Credentials::new("AKID", "secret", None, None, "soak"))
        .timeouts(Timeouts::default().attempt(ATTEMPT))
        .retry(RetryPolicy::standard().max_attempts(ATTEMPTS))
        .build()
        .expect("complete")
}

/// Keeps `in_flight` calls going until `end`, and waits for the last of them.
pub async fn run(client: &Client, tally: &Arc<Tally>, in_flight: usize, end: Instant, percent: u64) {
    let mut workers = JoinSet::new();
    for _ in 0..in_flight {
        let (client, tally) = (client.clone(), Arc::clone(tally));
        workers.spawn(async move {
            while Instant::now() < end {
                let number = tally.started.fetch_add(1, Ordering::SeqCst);
                one(&client, &tally, number, percent).await;
            }
        });
    }
    while let Some(worker) = workers.join_next().await {
        worker.expect("no worker panics");
    }
}

async fn one(client: &Client, tally: &Tally, number: u64, percent: u64) {
    let start = Instant::now();
    let operation = DescribeLogGroups::new().next_token(number.to_string());
    let call = client.call(operation).send_with_metadata();
    let outcome = match plan::patience(number) {
        None => call.await,
        Some(patience) => match timeout(Duration::from_millis(patience), call).await {
            Ok(outcome) => outcome,
            Err(_) => {
                tally.dropped.fetch_add(1, Ordering::SeqCst);
                return;
            }
        },
    };
    let elapsed = start.elapsed();
    if elapsed > CALL {
        tally.wrong(format!("call {number} took {elapsed:?}"));
    }
    tally.end(describe(&outcome), elapsed);
    let found = found(&outcome);
    tally.attempts.fetch_add(found.attempts.into(), Ordering::SeqCst);
    let planned = plan::end(number, percent);
    if found != planned {
        tally.wrong(format!(
            "call {number} ended with {found:?}, not {planned:?}: {outcome:?}"
        ));
    } else if !is_its_own(&outcome, number) {
        tally.wrong(format!("call {number} got what belongs to another: {outcome:?}"));
    }
}

type Outcome = Result<Response<DescribeLogGroupsOutput>, Error>;

fn found(outcome: &Outcome) -> End {
    match outcome {
        Ok(response) => End {
            attempts: response.attempts(),
            error: None,
        },
        Err(error) => End {
            attempts: error.attempts(),
            error: Some((error.kind(), error.status().map(|status| status.as_u16()))),
        },
    }
}

/// Tells whether an answer, or an error that has a request id, is that of the call.
fn is_its_own(outcome: &Outcome, number: u64) -> bool {
    let id = number.to_string();
    match outcome {
        Ok(response) => {
            let groups = response.output().log_groups.as_deref().unwrap_or_default();
            let is_right = |at: usize| groups[at].log_group_name == Some(format!("{id}-{at}"));
            response.request_id() == Some(&id)
                && response.output().next_token.as_ref() == Some(&id)
                && groups.len() == GROUPS
                && (0..GROUPS).all(is_right)
        }
        Err(error) => error.status().is_none() || error.request_id() == Some(&id),
    }
}

fn describe(outcome: &Outcome) -> String {
    match outcome {
        Ok(response) => format!("answer, attempt {}", response.attempts()),
        Err(error) => match (error.kind(), error.status()) {
            (ErrorKind::Exception | ErrorKind::Service, _) => {
                format!("{:?} {}", error.kind(), error.code().unwrap_or("without a code"))
            }
            (kind, Some(status)) => format!("{kind:?} amid status {}", status.as_u16()),
            (kind, None) => format!("{kind:?}"),
        },
    }
}
