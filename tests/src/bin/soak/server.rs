//! The service: a process of its own, which does with each attempt what the plan says.

use std::collections::HashMap;
use std::io;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use awsjson_tests::server::{read_request, response};
use serde_json::{Value, json};
use tokio::io::AsyncWriteExt;
use tokio::net::{TcpListener, TcpStream};
use tokio::time::sleep;

use super::plan::{self, Fault};

/// How much later than others a late answer comes.
const LATE: Duration = Duration::from_millis(800);
/// How many log groups an answer lists.
pub const GROUPS: usize = 10;

/// What the connections share.
pub struct Service {
    percent: u64,
    latency: u64,
    /// How often calls that have not ended were sent.
    attempts: Mutex<HashMap<u64, u32>>,
    received: AtomicU64,
    right: AtomicU64,
    faulty: AtomicU64,
    open: AtomicUsize,
    most_open: AtomicUsize,
}

/// Serves until the process is ended; prints the port first.
pub async fn serve(percent: u64, latency: u64) -> io::Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    println!("{}", listener.local_addr()?.port());
    let service = Arc::new(Service {
        percent,
        latency,
        attempts: Mutex::default(),
        received: AtomicU64::new(0),
        right: AtomicU64::new(0),
        faulty: AtomicU64::new(0),
        open: AtomicUsize::new(0),
        most_open: AtomicUsize::new(0),
    });
    loop {
        let (stream, _) = listener.accept().await?;
        let service = Arc::clone(&service);
        tokio::spawn(async move {
            let open = service.open.fetch_add(1, Ordering::SeqCst) + 1;
            service.most_open.fetch_max(open, Ordering::SeqCst);
            // The client learns of a broken connection by itself.
            let _ = service.talk(stream).await;
            service.open.fetch_sub(1, Ordering::SeqCst);
        });
    }
}

impl Service {
    async fn talk(&self, mut stream: TcpStream) -> io::Result<()> {
        stream.set_nodelay(true)?;
        let mut buffer = Vec::new();
        while let Some(request) = read_request(&mut stream, &mut buffer).await? {
            if request.path == "/counts" {
                stream
                    .write_all(&response(200, &[], self.counts().to_string().as_bytes()))
                    .await?;
                continue;
            }
            let body: Value = serde_json::from_slice(&request.body)?;
            let call: u64 = body["nextToken"]
                .as_str()
                .and_then(|text| text.parse().ok())
                .expect("a number");
            let attempt = self.note(call);
            let pause = self.latency / 2 + plan::scramble(call) % (self.latency + 1);
            sleep(Duration::from_millis(pause)).await;
            let fault = plan::fault(call, attempt, self.percent);
            if !self.answer(&mut stream, call, fault).await? {
                return Ok(());
            }
        }
        Ok(())
    }

    /// Counts an attempt, and returns how many came before it.
    fn note(&self, call: u64) -> u32 {
        self.received.fetch_add(1, Ordering::SeqCst);
        let mut attempts = self.attempts.lock().expect("no panic");
        let count = attempts.entry(call).or_default();
        let attempt = *count;
        *count += 1;
        if *count >= plan::end(call, self.percent).attempts {
            attempts.remove(&call);
        }
        attempt
    }

    /// Answers, or does not; tells whether the connection goes on.
    async fn answer(&self, stream: &mut TcpStream, call: u64, fault: Option<Fault>) -> io::Result<bool> {
        let counter = if fault.is_none() {
            &self.right
        } else {
            &self.faulty
        };
        counter.fetch_add(1, Ordering::SeqCst);
        let id = call.to_string();
        let id = [("x-amzn-requestid", id.as_str())];
        let right = right_body(call);
        match fault {
            None => stream.write_all(&response(200, &id, &right)).await?,
            Some(Fault::Late) => {
                sleep(LATE).await;
                stream.write_all(&response(200, &id, &right)).await?;
            }
            Some(Fault::Broken) => stream.write_all(&response(500, &id, b"")).await?,
            Some(Fault::Throttled) => {
                let body = br#"{"__type": "ThrottlingException", "message": "slow down"}"#;
                stream.write_all(&response(400, &id, body)).await?;
            }
            Some(Fault::NotFound) => {
                let body = br#"{"__type": "ResourceNotFoundException", "message": "gone"}"#;
                stream.write_all(&response(400, &id, body)).await?;
            }
            Some(Fault::NoJson) => stream.write_all(&response(200, &id, b"<html></html>")).await?,
            Some(Fault::BadChunk) => {
                let head = format!(
                    "HTTP/1.1 200 OK\r\nx-amzn-requestid: {call}\r\ntransfer-encoding: chunked\r\n\r\n"
                );
                stream
                    .write_all(format!("{head}5\r\n{{\"log\r\nnonsense\r\n").as_bytes())
                    .await?;
                return Ok(false);
            }
            Some(Fault::CutBody) => {
                let whole = response(200, &id, &right);
                stream.write_all(&whole[..whole.len() - right.len() / 2]).await?;
                return Ok(false);
            }
            Some(Fault::Garbage) => {
                stream
                    .write_all(b"\x15\x03\x03\x00\x02\x02\x28 nonsense\r\n\r\n")
                    .await?;
                return Ok(false);
            }
            Some(Fault::Close) => return Ok(false),
            Some(Fault::Reset) => {
                stream.set_zero_linger()?;
                return Ok(false);
            }
            Some(Fault::Silent) => {
                // The client ends the connection when its time is over.
                let _ = read_request(stream, &mut Vec::new()).await;
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn counts(&self) -> Value {
        let count = |counter: &AtomicU64| counter.load(Ordering::SeqCst);
        json!({
            "received": count(&self.received),
            "right": count(&self.right),
            "faulty": count(&self.faulty),
            // The one that asks is one of them.
            "open": self.open.load(Ordering::SeqCst) - 1,
            "most_open": self.most_open.load(Ordering::SeqCst),
        })
    }
}

fn right_body(call: u64) -> Vec<u8> {
    let group = |at: usize| json!({"logGroupName": format!("{call}-{at}"), "storedBytes": call});
    let groups: Vec<Value> = (0..GROUPS).map(group).collect();
    json!({"logGroups": groups, "nextToken": call.to_string()})
        .to_string()
        .into_bytes()
}
