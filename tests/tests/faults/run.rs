//! Runs a row of the table: a call that meets the fault, and calls that follow it.

use std::sync::Mutex;
use std::time::{Duration, Instant, SystemTime};

use aws_credential_types::provider::{ProvideCredentials, future};
use awsjson_protocol::{Credentials, Response, RetryPolicy, Timeouts, TransportBuilder};
use tokio::runtime::{Builder, Runtime};

use super::peer::Peer;
use super::probe::{Act, ActOutput, Client, Error};
use super::table::{Connecting, Expect, Next, Options, Over, Row, Time};
use super::tls::Authorities;

/// What a busy machine may add to a time.
const SLACK: Duration = Duration::from_secs(5);

type Outcome = Result<Response<ActOutput>, Error>;

/// Runs a row; returns what is not as the table says.
pub fn run(row: &Row, over: Over, authorities: &Authorities) -> Vec<String> {
    let mut peer = Peer::start(row, over, authorities).expect("a port");
    let runtime = Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    let client = client(&row.client, over, &peer, authorities);
    let mut wrong = Vec::new();
    if row.client.warm {
        good_call(&runtime, &client, &mut wrong);
    }

    peer.set_faults(row.times.unwrap_or(usize::MAX)).expect("a port");
    let requests = peer.requests();
    let start = Instant::now();
    let mut outcome = None;
    let memory = allocation_counter::measure(|| {
        outcome = Some(runtime.block_on(call(&client, row.client.request_bytes)));
    });
    let elapsed = start.elapsed();
    let requests = peer.requests() - requests;
    let outcome = outcome.expect("it has ended");
    println!(
        "{} over {}: {} KiB, {elapsed:?}, {outcome:?}",
        row.fault,
        over.text(),
        memory.bytes_max / 1024
    );
    wrong.extend(compare(&row.expect, &outcome));
    wrong.extend(compare_time(row, elapsed));
    if memory.bytes_max > row.expect.memory_kib * 1024 {
        wrong.push(format!("{} KiB of memory", memory.bytes_max / 1024));
    }
    if row.connecting.is_none() && requests != row.expect.attempts as usize {
        wrong.push(format!("{requests} requests arrived"));
    }
    drop(outcome);

    peer.set_faults(0).expect("a port");
    runtime.block_on(async { tokio::time::sleep(Duration::from_millis(row.client.pause_ms)).await });
    let before = peer.connections();
    good_call(&runtime, &client, &mut wrong);
    let next = match peer.connections() - before {
        0 => Next::SameConnection,
        _ => Next::NewConnection,
    };
    if next != row.expect.next {
        wrong.push(format!("the next call goes over the {next:?}"));
    }
    if !settles(&runtime, || peer.open() <= 1) {
        wrong.push(format!("{} connections stay open", peer.open()));
    }

    if row.expect.attempts > 1 && row.times.is_none() && row.expect.outcome != "success" {
        peer.set_faults(1).expect("a port");
        let another = self::client(&row.client, over, &peer, authorities);
        let outcome = runtime.block_on(call(&another, row.client.request_bytes));
        wrong.extend(recovers(row, &outcome));
    }
    drop(client);
    if !settles(&runtime, || peer.open() == 0) {
        wrong.push(format!("{} connections outlive the client", peer.open()));
    }
    wrong
}

fn client(options: &Options, over: Over, peer: &Peer, authorities: &Authorities) -> Client {
    let duration = |limit: Option<u64>, default: u64| Duration::from_millis(limit.unwrap_or(default));
    let connect = duration(options.connect_ms, 30_000);
    let mut transport = TransportBuilder::new()
        .connect_timeout(connect)
        .trust_pem(authorities.trusted_pem().as_bytes())
        .expect("a certificate");
    if let Some(ping) = options.ping_ms.map(Duration::from_millis) {
        transport = transport.http2_keep_alive(ping, ping);
    }
    if over == Over::Tls {
        transport = transport.http1_only();
    }
    let off =
        Duration::from_secs(3600) * u32::try_from(options.clock_off_hours.unsigned_abs()).expect("hours");
    let is_behind = options.clock_off_hours < 0;
    let mut builder = Client::builder()
        .region("us-east-1")
        .endpoint_url(peer.url())
        .credentials_provider(Provider {
            renewable: options.renewable,
            asked: Mutex::new(0),
        })
        .clock(move || match is_behind {
            true => SystemTime::now() - off,
            false => SystemTime::now() + off,
        })
        .jitter(|| 0.0)
        .retry(RetryPolicy::standard())
        .timeouts(
            Timeouts::default()
                .attempt(duration(options.attempt_ms, 60_000))
                .operation(options.operation_ms.map(Duration::from_millis)),
        )
        .transport(transport.build());
    if let Some(limit) = options.max_response_bytes {
        builder = builder.max_response_bytes(limit);
    }
    builder.build().expect("complete")
}

/// Credentials with a number that grows each time they are asked for, if they can be renewed.
#[derive(Debug)]
struct Provider {
    renewable: bool,
    asked: Mutex<u32>,
}

impl ProvideCredentials for Provider {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        let mut asked = self.asked.lock().expect("no panic");
        *asked += u32::from(self.renewable || *asked == 0);
        let id = format!("AKID{asked}");
        future::ProvideCredentials::ready(Ok(Credentials::new(id, "secret", None, None, "tests")))
    }
}

async fn call(client: &Client, bytes: usize) -> Outcome {
    client
        .call(Act::new().text("x".repeat(bytes)))
        .send_with_metadata()
        .await
}

/// Sends a call that nothing is wrong with, which is to be answered at the first attempt.
fn good_call(runtime: &Runtime, client: &Client, wrong: &mut Vec<String>) {
    match runtime.block_on(call(client, 0)) {
        Ok(response) if response.attempts() == 1 && response.output().text.as_deref() == Some("good") => {}
        other => wrong.push(format!("a call that nothing is wrong with: {other:?}")),
    }
}

/// Waits, while the client's own tasks run, until something is so.
fn settles(runtime: &Runtime, is_so: impl Fn() -> bool) -> bool {
    runtime.block_on(async {
        let start = Instant::now();
        while !is_so() && start.elapsed() < 2 * SLACK {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    });
    is_so()
}

/// A call that may be retried succeeds with the second attempt, if only the first one meets the fault.
fn recovers(row: &Row, outcome: &Outcome) -> Option<String> {
    // Whoever is told to listen does so before the first attempt.
    let attempts = match row.connecting {
        Some(Connecting::Refused) => 1,
        _ => 2,
    };
    match outcome {
        Ok(response)
            if response.attempts() == attempts && response.output().text.as_deref() == Some("good") =>
        {
            None
        }
        other => Some(format!("where only the first attempt meets the fault: {other:?}")),
    }
}

fn compare(expect: &Expect, outcome: &Outcome) -> Vec<String> {
    let mut wrong = Vec::new();
    let mut differs = |what: &str, found: String, expected: String| {
        if found != expected {
            wrong.push(format!("{what} is {found}, not {expected}"));
        }
    };
    let error = match outcome {
        Ok(response) => {
            differs("the outcome", "success".to_owned(), expect.outcome.clone());
            differs(
                "the number of attempts",
                response.attempts().to_string(),
                expect.attempts.to_string(),
            );
            let status = Some(response.status().as_u16());
            differs(
                "the status",
                format!("{status:?}"),
                format!("{:?}", expect.keeps.status.or(Some(200))),
            );
            return wrong;
        }
        Err(error) => error,
    };
    differs(
        "the outcome",
        format!("{:?}", error.kind()),
        expect.outcome.clone(),
    );
    differs(
        "the number of attempts",
        error.attempts().to_string(),
        expect.attempts.to_string(),
    );
    differs(
        "the code",
        format!("{:?}", error.code()),
        format!("{:?}", expect.code.as_deref()),
    );
    differs(
        "retryable",
        error.is_retryable().to_string(),
        expect.retryable.to_string(),
    );
    let kept = &expect.keeps;
    let status = error.status().map(|status| status.as_u16());
    differs("the status", format!("{status:?}"), format!("{:?}", kept.status));
    differs(
        "the request id",
        format!("{:?}", error.request_id()),
        format!("{:?}", kept.request_id.as_deref()),
    );
    let body = error.raw_body();
    let start = body.get(..kept.body.len()).unwrap_or(body);
    differs(
        "the body",
        String::from_utf8_lossy(start).into_owned(),
        kept.body.clone(),
    );
    let length = match kept.more {
        true => body.len().max(kept.body.len()),
        false => kept.bytes.unwrap_or(kept.body.len()),
    };
    differs(
        "the length of the body",
        body.len().to_string(),
        length.to_string(),
    );
    let text = error.to_string();
    for part in &expect.says {
        if !text.contains(part) {
            wrong.push(format!("`{part}` is not in the text: {text}"));
        }
    }
    if text.len() > 1000 {
        wrong.push(format!("the text has {} bytes", text.len()));
    }
    wrong
}

fn compare_time(row: &Row, elapsed: Duration) -> Option<String> {
    let (least, most) = match row.limit_ms().map(Duration::from_millis) {
        None => (Duration::ZERO, SLACK),
        Some(limit) => (limit, limit + SLACK),
    };
    let is_right = (least..most).contains(&elapsed) || (row.expect.time == Time::Pings && elapsed < most);
    (!is_right).then(|| format!("it took {elapsed:?}, not {least:?} to {most:?}"))
}
