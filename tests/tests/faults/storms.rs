//! What a service that fails for a minute bears from its clients, in virtual time.
//!
//! A retry costs 5 of the 500 tokens of a budget, and nothing comes back while nothing succeeds: a budget pays for 100 retries,
//! however long the outage is and however many calls meet it.

use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use awsjson_protocol::{Body, Credentials, RetryBudget, RetryPolicy};
use bytes::Bytes;
use http::{Request, Response};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, sleep_until};

use super::probe::{Client, Open};

const MINUTE: Duration = Duration::from_secs(60);

/// What a service answers while it fails.
#[derive(Clone, Copy)]
enum Failing {
    With500,
    Throttling,
    /// It answers too late.
    Silent,
}

/// What arrived at a service, and what was asked of its clients.
#[derive(Debug)]
struct Load {
    calls: u32,
    attempts: u32,
}

impl Load {
    fn amplification(&self) -> f64 {
        f64::from(self.attempts) / f64::from(self.calls)
    }

    fn retries(&self) -> u32 {
        self.attempts - self.calls
    }
}

/// Clients that call a service steadily.
#[derive(Clone, Copy)]
struct Fleet {
    clients: u32,
    /// How many calls each client sends in a second.
    rate: u32,
    policy: RetryPolicy,
    /// Whether the clients pay for retries from one budget.
    shares_budget: bool,
}

impl Fleet {
    fn one(rate: u32) -> Self {
        Self {
            clients: 1,
            rate,
            policy: RetryPolicy::standard(),
            shares_budget: false,
        }
    }

    /// Calls a service that fails for a minute; counts until it has ended.
    async fn meets(self, failing: Failing) -> Load {
        let arrived = Arc::new(AtomicU32::new(0));
        let start = Instant::now();
        let shared = RetryBudget::new(self.policy.bucket_capacity);
        let mut running = JoinSet::new();
        for number in 0..self.clients {
            let budget = match self.shares_budget {
                true => shared.clone(),
                false => RetryBudget::new(self.policy.bucket_capacity),
            };
            let client = client(self.policy, budget, failing, &arrived);
            // Clients begin at different moments.
            let offset = MINUTE / 60 / self.rate / self.clients * number;
            running.spawn(async move {
                let mut calls = JoinSet::new();
                for at in 0..60 * self.rate {
                    sleep_until(start + offset + Duration::from_secs(1) / self.rate * at).await;
                    let client = client.clone();
                    calls.spawn(async move { client.send(Open::new()).await.is_ok() });
                }
                // Whoever still waits when the minute is over is of no interest.
                sleep_until(start + MINUTE).await;
            });
        }
        running.join_all().await;
        Load {
            calls: self.clients * self.rate * 60,
            attempts: arrived.load(Ordering::Relaxed),
        }
    }
}

fn client(policy: RetryPolicy, budget: RetryBudget, failing: Failing, arrived: &Arc<AtomicU32>) -> Client {
    let arrived = Arc::clone(arrived);
    let transport = tower::service_fn(move |_: Request<Body>| {
        arrived.fetch_add(1, Ordering::Relaxed);
        async move {
            let (status, body) = match failing {
                Failing::With500 => (500, ""),
                Failing::Throttling => (400, r#"{"__type": "ThrottlingException"}"#),
                Failing::Silent => {
                    sleep(Duration::from_secs(3600)).await;
                    (500, "")
                }
            };
            // An answer takes a while.
            sleep(Duration::from_millis(20)).await;
            let response = Response::builder().status(status);
            Ok::<_, Infallible>(response.body(Body::from(Bytes::from(body))).expect("a response"))
        }
    });
    let timeouts = awsjson_protocol::Timeouts::default().attempt(Duration::from_secs(2));
    Client::builder()
        .region("us-east-1")
        .credentials(Credentials::new("AKID", "secret", None, None, "tests"))
        .timeouts(timeouts)
        .retry(policy)
        .retry_budget(budget)
        .transport(transport)
        .build()
        .expect("complete")
}

#[tokio::test(start_paused = true)]
async fn a_client_sends_a_hundred_retries_in_an_outage_at_most() {
    for failing in [Failing::With500, Failing::Throttling] {
        for rate in [1, 5, 10, 50] {
            let load = Fleet::one(rate).meets(failing).await;
            println!("{rate} calls per second: {load:?}, {:.3}", load.amplification());
            assert_eq!(load.retries(), 100, "{rate} calls per second");
            // Nine calls per second and more: 540 calls, 640 attempts.
            assert_eq!(
                load.amplification() < 1.2,
                rate >= 9,
                "{rate} calls per second: {load:?}"
            );
        }
    }
    let load = Fleet::one(9).meets(Failing::With500).await;
    assert!(load.amplification() < 1.2, "{load:?}");
}

#[tokio::test(start_paused = true)]
async fn retries_after_timeouts_are_half_as_many() {
    let load = Fleet::one(10).meets(Failing::Silent).await;
    assert_eq!(load.retries(), 50);
    assert!(load.amplification() < 1.1, "{load:?}");
}

#[tokio::test(start_paused = true)]
async fn slow_clients_that_share_a_budget_are_like_one_fast_client() {
    let fleet = Fleet {
        clients: 50,
        shares_budget: true,
        ..Fleet::one(1)
    };
    let load = fleet.meets(Failing::With500).await;
    assert_eq!(load.retries(), 100);
    assert!(load.amplification() < 1.04, "{load:?}");
    // Each for itself they can afford more than the service may like.
    let apart = Fleet {
        shares_budget: false,
        ..fleet
    };
    let load = apart.meets(Failing::With500).await;
    println!(
        "fifty clients with a call per second each: {:.3}",
        load.amplification()
    );
    assert!((2.0..3.0).contains(&load.amplification()), "{load:?}");
}

#[tokio::test(start_paused = true)]
async fn many_fast_clients_stay_below_a_fifth_more() {
    let fleet = Fleet {
        clients: 10,
        ..Fleet::one(10)
    };
    let load = fleet.meets(Failing::Throttling).await;
    assert!(load.amplification() < 1.2, "{load:?}");
}

#[tokio::test(start_paused = true)]
async fn the_newer_constants_pay_for_a_third_of_the_retries() {
    let fleet = Fleet {
        policy: RetryPolicy::standard_v2(),
        ..Fleet::one(3)
    };
    let load = fleet.meets(Failing::With500).await;
    // 500 tokens at 14 each.
    assert_eq!(load.retries(), 35);
    assert!(load.amplification() < 1.2, "{load:?}");
}

#[tokio::test(start_paused = true)]
async fn the_adaptive_mode_sends_less_than_it_is_asked_to() {
    for rate in [2, 10, 50] {
        let fleet = Fleet {
            policy: RetryPolicy::adaptive(),
            ..Fleet::one(rate)
        };
        let load = fleet.meets(Failing::Throttling).await;
        println!(
            "adaptive, {rate} calls per second: {load:?}, {:.3}",
            load.amplification()
        );
        assert!(load.attempts < load.calls, "{rate} calls per second: {load:?}");
        // What is throttled only is slowed down only.
        let load = fleet.meets(Failing::With500).await;
        assert_eq!(load.retries(), 100);
    }
}

#[tokio::test(start_paused = true)]
async fn calls_that_are_under_way_when_the_outage_begins_pay_from_the_same_budget() {
    let arrived = Arc::new(AtomicU32::new(0));
    let client = client(
        RetryPolicy::standard(),
        RetryBudget::new(500),
        Failing::Throttling,
        &arrived,
    );
    let mut calls = JoinSet::new();
    for _ in 0..2000 {
        let client = client.clone();
        calls.spawn(async move {
            client
                .send(Open::new())
                .await
                .expect_err("it is throttled")
                .attempts()
        });
    }
    let attempts: u32 = calls.join_all().await.into_iter().sum();
    assert_eq!(attempts, 2100);
    assert_eq!(arrived.load(Ordering::Relaxed), 2100);
    assert_eq!(client.retry_budget().tokens(), 0);
}
