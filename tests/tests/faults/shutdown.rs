//! Calls and clients that are dropped, and runtimes that end, at any moment: nothing stays behind.

use std::time::Duration;

use awsjson_protocol::{Credentials, RetryPolicy, TransportBuilder};
use serde_json::{Value, json};
use tokio::runtime::{Builder, Handle};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, timeout};

use super::peer::Peer;
use super::probe::{Act, Client};
use super::table::{Over, Row};
use super::tls::Authorities;

/// Starts a server that takes these steps with every request.
fn peer(over: Over, server: Value, authorities: &Authorities) -> Peer {
    let expect = json!({"attempts": 1, "outcome": "success", "time": "at_once", "memory_kib": 0, "next": "new_connection"});
    let row = json!({"fault": "", "server": server, "expect": expect});
    let row: Row = serde_json::from_value(row).expect("a row");
    let mut peer = Peer::start(&row, over, authorities).expect("a port");
    peer.set_faults(usize::MAX).expect("it listens");
    peer
}

fn client(peer: &Peer, authorities: &Authorities) -> Client {
    let transport = TransportBuilder::new().trust_pem(authorities.trusted_pem().as_bytes());
    Client::builder()
        .region("us-east-1")
        .endpoint_url(peer.url())
        .credentials(Credentials::new("AKID", "secret", None, None, "tests"))
        .retry(RetryPolicy::standard())
        .jitter(|| 0.99)
        .transport(transport.expect("a certificate").build())
        .build()
        .expect("complete")
}

async fn settles(what: &str, is_so: impl Fn() -> bool) {
    let start = Instant::now();
    while !is_so() {
        assert!(start.elapsed() < Duration::from_secs(10), "{what}");
        sleep(Duration::from_millis(2)).await;
    }
}

fn tasks() -> usize {
    Handle::current().metrics().num_alive_tasks()
}

const HALF: &str = "HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{\"te";

#[tokio::test]
async fn calls_that_are_dropped_leave_neither_task_nor_connection() {
    let authorities = Authorities::new();
    for (moment, server, open) in [
        ("before the response", json!(["hang"]), 0),
        ("amid the body", json!([{"send": [HALF]}, "hang"]), 0),
        // The connection is as good as before.
        (
            "in the pause before another attempt",
            json!([{"answer": {"status": 500}}]),
            1,
        ),
    ] {
        for over in [Over::Tcp, Over::Tls] {
            let peer = peer(over, server.clone(), &authorities);
            let before = tasks();
            let client = client(&peer, &authorities);
            for _ in 0..20 {
                let requests = peer.requests();
                let call = client.send(Act::new());
                tokio::select! {
                    outcome = call => panic!("{outcome:?}"),
                    () = async {
                        settles("a request", || peer.requests() > requests).await;
                        sleep(Duration::from_millis(20)).await;
                    } => {}
                }
            }
            settles(moment, || peer.open() == open && tasks() <= before + 2 * open).await;
            drop(client);
            settles(moment, || peer.open() == 0 && tasks() == before).await;
        }
    }
}

#[tokio::test]
async fn a_client_that_is_dropped_closes_its_idle_connections() {
    let authorities = Authorities::new();
    for over in [Over::Tcp, Over::Tls, Over::H2] {
        let mut peer = peer(over, json!([]), &authorities);
        peer.set_faults(0).expect("it listens");
        let before = tasks();
        let client = client(&peer, &authorities);
        let mut calls = JoinSet::new();
        for _ in 0..20 {
            let client = client.clone();
            calls.spawn(async move { client.send(Act::new()).await.map(drop) });
        }
        while let Some(outcome) = calls.join_next().await {
            outcome.expect("no panic").expect("an answer");
        }
        assert!(peer.open() >= 1);
        drop(client);
        settles("idle connections", || peer.open() == 0 && tasks() == before).await;
    }
}

#[tokio::test]
async fn calls_outlive_the_client_that_they_were_made_with() {
    let authorities = Authorities::new();
    let answer = json!({"answer": {"status": 200, "body": ["{\"text\": \"late\"}"]}});
    let peer = peer(Over::Tcp, json!([{"wait": 200}, answer]), &authorities);
    let before = tasks();
    let client = client(&peer, &authorities);
    let calls: Vec<_> = (0..5).map(|_| client.call(Act::new()).send()).collect();
    drop(client);
    for outcome in futures_util::future::join_all(calls).await {
        assert_eq!(outcome.expect("an answer").text.as_deref(), Some("late"));
    }
    settles("connections", || peer.open() == 0 && tasks() == before).await;
}

#[tokio::test]
async fn a_call_over_http_2_that_is_dropped_leaves_the_others_alone() {
    let authorities = Authorities::new();
    let mut peer = peer(Over::H2, json!(["hang"]), &authorities);
    let before = tasks();
    let client = client(&peer, &authorities);
    peer.set_faults(0).expect("it listens");
    client.send(Act::new()).await.expect("an answer");
    peer.set_faults(20).expect("it listens");
    let mut calls = JoinSet::new();
    for _ in 0..20 {
        let client = client.clone();
        calls.spawn(async move { client.send(Act::new()).await.map(drop) });
    }
    settles("twenty requests", || peer.requests() >= 21).await;
    drop(calls);
    client.send(Act::new()).await.expect("an answer");
    assert_eq!((peer.connections(), peer.open()), (1, 1));
    drop(client);
    settles("the connection", || peer.open() == 0 && tasks() == before).await;
}

#[test]
fn a_runtime_that_ends_takes_everything_with_it() {
    let authorities = Authorities::new();
    let peer = peer(Over::Tls, json!(["hang"]), &authorities);
    let runtime = Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .expect("a runtime");
    let client = client(&peer, &authorities);
    for _ in 0..50 {
        let client = client.clone();
        runtime.spawn(async move { client.send(Act::new()).await.map(drop) });
    }
    runtime.block_on(settles("fifty requests", || peer.requests() == 50));
    runtime.shutdown_timeout(Duration::from_secs(5));
    let waiting = Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    waiting.block_on(settles("connections", || peer.open() == 0));
    // The client works on in another runtime.
    let call = waiting.block_on(async { timeout(Duration::from_millis(200), client.send(Act::new())).await });
    assert!(call.is_err(), "the server answers nobody");
}
