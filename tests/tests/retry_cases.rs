//! The table of retry cases in `tests/retry/cases.json`, in virtual time.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::{Duration, UNIX_EPOCH};

use aws_credential_types::provider::{ProvideCredentials, future};
use awsjson_logs::{Client, DescribeLogGroups};
use awsjson_protocol::{Body, Credentials, ErrorKind, FailedAttempt, RetryAdvice, RetryPolicy, Timeouts};
use bytes::Bytes;
use http::{Request, Response};
use serde_json::Value;
use tokio::time::{Instant, sleep};

const ATTEMPT: Duration = Duration::from_secs(5);

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
        *asked += u32::from(self.renewable);
        let id = format!("AKID{asked}");
        future::ProvideCredentials::ready(Ok(Credentials::new(id, "secret", None, None, "tests")))
    }
}

/// When attempts began and ended.
type Times = Arc<Mutex<Vec<(Instant, Instant)>>>;

fn client(case: &Value, times: &Times) -> Client {
    let answers = Arc::new(case["answers"].as_array().expect("answers").clone());
    let times = Arc::clone(times);
    let transport = tower::service_fn(move |_: Request<Body>| {
        let (answers, times) = (Arc::clone(&answers), Arc::clone(&times));
        async move {
            let start = Instant::now();
            let at = times.lock().expect("no panic").len();
            let answer = answers
                .get(at)
                .unwrap_or_else(|| panic!("attempt {} was not foreseen", at + 1));
            let silent = answer == "silent";
            let end = if silent { start + ATTEMPT } else { start };
            times.lock().expect("no panic").push((start, end));
            match answer.as_str() {
                Some("silent") => {
                    sleep(Duration::from_secs(3600)).await;
                    Err("nobody waits that long")
                }
                Some(_) => Err("connection reset"),
                None => Ok(response(answer)),
            }
        }
    });
    let jitter = case["jitter"].as_f64().unwrap_or(0.5);
    let attempts = case["max_attempts"].as_u64().unwrap_or(3);
    let judged = case["classify"].clone();
    let classify = move |failed: &FailedAttempt<'_>| match judged[failed.code()?].as_str()? {
        "never" => Some(RetryAdvice::Never),
        "transient" => Some(RetryAdvice::Transient),
        other => panic!("no advice: {other}"),
    };
    Client::builder()
        .region("us-east-1")
        .classify_failures(classify)
        .credentials_provider(Provider {
            renewable: case["renewable"] == true,
            asked: Mutex::new(0),
        })
        .clock(|| UNIX_EPOCH + Duration::from_secs(946_684_800))
        .jitter(move || jitter)
        .timeouts(Timeouts::default().attempt(ATTEMPT))
        .retry(policy(case).max_attempts(attempts.try_into().expect("few")))
        .transport(transport)
        .build()
        .expect("complete")
}

fn policy(case: &Value) -> RetryPolicy {
    match case["policy"].as_str() {
        None => RetryPolicy::standard(),
        Some("standard v2") => RetryPolicy::standard_v2(),
        Some("adaptive") => RetryPolicy::adaptive(),
        Some(other) => panic!("no policy: {other}"),
    }
}

fn response(answer: &Value) -> Response<Body> {
    let status = answer["status"]
        .as_u64()
        .and_then(|status| u16::try_from(status).ok());
    let mut response = Response::builder().status(status.expect("a status"));
    for (name, value) in answer["headers"].as_object().into_iter().flatten() {
        response = response.header(name, value.as_str().expect("text"));
    }
    let body = match answer["code"].as_str() {
        Some(code) => format!(r#"{{"__type": "{code}"}}"#),
        None => "{}".to_owned(),
    };
    response.body(Body::from(Bytes::from(body))).expect("a response")
}

fn outcome(result: Result<awsjson_logs::DescribeLogGroupsOutput, awsjson_logs::Error>) -> String {
    match result {
        Ok(_) => "success".to_owned(),
        Err(error) if error.kind() == ErrorKind::Timeout => "timeout".to_owned(),
        Err(error) => match (error.code(), error.status()) {
            (Some(code), _) => code.to_owned(),
            (None, Some(status)) => status.as_u16().to_string(),
            (None, None) => error.to_string(),
        },
    }
}

#[tokio::test(start_paused = true)]
async fn every_case_ends_as_the_table_says() {
    let table: Value = serde_json::from_str(include_str!("../retry/cases.json")).expect("the table is JSON");
    let cases = table["cases"].as_array().expect("cases");
    assert!(cases.len() >= 20, "only {} cases", cases.len());
    let mut failures = BTreeMap::new();
    for case in cases {
        let times = Times::default();
        let client = client(case, &times);
        let budget = |at: usize| {
            case["budget"][at]
                .as_u64()
                .and_then(|budget| u32::try_from(budget).ok())
        };
        client.retry_budget().set_tokens(budget(0).expect("a budget"));
        let result = client.send(DescribeLogGroups::new()).await;
        let times = times.lock().expect("no panic").clone();
        let pauses: Vec<u128> = times
            .windows(2)
            .map(|pair| (pair[1].0 - pair[0].1).as_millis())
            .collect();
        let found = serde_json::json!({
            "attempts": times.len(),
            "pauses": pauses.iter().map(|pause| u64::try_from(*pause).expect("short")).collect::<Vec<_>>(),
            "outcome": outcome(result),
        });
        let left = client.retry_budget().tokens();
        if !same(&found, &case["expect"]) || Some(left) != budget(1) {
            failures.insert(
                case["name"].to_string(),
                format!(
                    "{found}, budget {left}; not {}, {}",
                    case["expect"], case["budget"]
                ),
            );
        }
    }
    assert!(failures.is_empty(), "{failures:#?}");
}

/// Compares, with a millisecond of tolerance for tokio's timer.
fn same(found: &Value, expected: &Value) -> bool {
    let pauses = |value: &Value| -> Vec<i64> {
        value["pauses"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(Value::as_i64)
            .collect()
    };
    let (ours, theirs) = (pauses(found), pauses(expected));
    found["attempts"] == expected["attempts"]
        && found["outcome"] == expected["outcome"]
        && ours.len() == theirs.len()
        && ours.iter().zip(&theirs).all(|(a, b)| (a - b).abs() <= 2)
}
