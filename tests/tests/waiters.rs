//! Waiters: each of the committed services, by what the service answers, in virtual time.

use std::collections::BTreeSet;
use std::fmt::Debug;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use awsjson_codegen::lower::Settings;
use awsjson_codegen::workspace::Workspace;
use awsjson_dynamodb::DescribeTable;
use awsjson_dynamodb::waiters::*;
use awsjson_ecr::waiters::*;
use awsjson_ecs::waiters::*;
use awsjson_kinesis::waiters::*;
use awsjson_protocol::{Answer, Operation, WaitError, WaitErrorKind, Waiter};
use awsjson_ssm::GetCommandInvocation;
use awsjson_ssm::waiters::*;
use awsjson_tests::scripted;
use serde::Serialize;
use serde_json::{Value, json};
use tokio::time::Instant;

type Waited<O> = Result<Answer<O>, WaitError<O>>;

/// Waits while the service gives these answers, the last one for ever; returns the end, and how often it was asked.
async fn wait<O>(waiter: Waiter<O>, answers: &[(u16, Value)]) -> (Waited<O>, usize)
where
    O: Operation + Clone,
    O::Output: Serialize,
{
    let asked = Arc::new(AtomicUsize::new(0));
    let (counter, answers) = (Arc::clone(&asked), answers.to_vec());
    let client = scripted::client::<O::Service>(move |_, _| {
        let at = counter.fetch_add(1, Ordering::Relaxed);
        answers[at.min(answers.len() - 1)].clone()
    });
    // Endpoint rules read this member, where there is one; others that are missing are empty.
    let request = json!({"ChannelARN": "arn:aws:kinesis:us-east-1:123456789012:channel/name"});
    let request: O = serde_json::from_value(request).expect("a request");
    let end = client.wait(waiter, request).await;
    (end, asked.load(Ordering::Relaxed))
}

/// What an answer must mean.
#[derive(Debug, PartialEq)]
enum Meaning {
    Success,
    Failure,
    TooEarly,
}

use Meaning::{Failure, Success, TooEarly};

/// The waiters that [`means`] has seen.
type Seen = BTreeSet<String>;

/// Checks what each of these answers means to a waiter. The last success follows each one that means "too early".
async fn means<O>(seen: &mut Seen, waiter: Waiter<O>, cases: &[(Meaning, u16, Value)])
where
    O: Operation + Clone,
    O::Output: Debug + Serialize,
{
    let name = waiter.name();
    let (_, success_status, success) = cases
        .iter()
        .rfind(|(meaning, ..)| *meaning == Success)
        .expect("a success");
    for (meaning, status, answer) in cases {
        let end = [(*status, answer.clone()), (*success_status, success.clone())];
        let (end, asked) = wait(waiter, &end).await;
        let found = match (&end, asked) {
            (Ok(_), 1) => Success,
            (Ok(_), 2) => TooEarly,
            (Err(error), 1) if error.kind() == WaitErrorKind::Failed => Failure,
            other => panic!("{name}: {answer}: {other:?}"),
        };
        assert_eq!(&found, meaning, "{name}: {answer}");
    }
    seen.insert(name.to_owned());
}

/// Makes an answer that holds `value` at `path`, in which `[]` is a list with one entry.
fn at(path: &str, value: &str) -> Value {
    path.rsplit('.')
        .fold(json!(value), |value, name| match name.strip_suffix("[]") {
            Some(list) => json!({ list: [value] }),
            None => json!({ name: value }),
        })
}

/// Checks a waiter that looks at one status.
async fn follows<O>(
    seen: &mut Seen,
    waiter: Waiter<O>,
    path: &str,
    successes: &[&str],
    failures: &[&str],
    early: &[&str],
) where
    O: Operation + Clone,
    O::Output: Debug + Serialize,
{
    let cases = |meaning: fn() -> Meaning, values: &[&str]| -> Vec<(Meaning, u16, Value)> {
        values
            .iter()
            .map(|value| (meaning(), 200, at(path, value)))
            .collect()
    };
    let mut all = cases(|| Success, successes);
    all.extend(cases(|| Failure, failures));
    all.extend(cases(|| TooEarly, early));
    means(seen, waiter, &all).await;
}

fn gone() -> Value {
    json!({"__type": "ResourceNotFoundException", "message": "gone"})
}

#[tokio::test(start_paused = true)]
async fn every_waiter_of_dynamodb() {
    let seen = &mut Seen::new();
    follows(
        seen,
        BULK_OPERATION_COMPLETED,
        "BulkOperationDescription.BulkOperationStatus",
        &["COMPLETED", "COMPLETED_WITH_ERRORS"],
        &["CANCELLED", "FAILED"],
        &["IN_PROGRESS"],
    )
    .await;
    follows(
        seen,
        CONTRIBUTOR_INSIGHTS_ENABLED,
        "ContributorInsightsStatus",
        &["ENABLED"],
        &["FAILED"],
        &["ENABLING"],
    )
    .await;
    follows(
        seen,
        EXPORT_COMPLETED,
        "ExportDescription.ExportStatus",
        &["COMPLETED"],
        &["FAILED"],
        &["IN_PROGRESS"],
    )
    .await;
    follows(
        seen,
        IMPORT_COMPLETED,
        "ImportTableDescription.ImportStatus",
        &["COMPLETED"],
        &["FAILED", "CANCELLED"],
        &["CANCELLING"],
    )
    .await;
    let destinations = |states: &[&str]| {
        let list: Vec<Value> = states
            .iter()
            .map(|state| json!({"DestinationStatus": state}))
            .collect();
        json!({"KinesisDataStreamDestinations": list})
    };
    means(
        seen,
        KINESIS_STREAMING_DESTINATION_ACTIVE,
        &[
            (Success, 200, destinations(&["ENABLING", "ACTIVE"])),
            (Failure, 200, destinations(&["DISABLED", "ENABLE_FAILED"])),
            (TooEarly, 200, destinations(&["DISABLED", "ENABLING"])),
            (TooEarly, 200, destinations(&[])),
        ],
    )
    .await;
    means(
        seen,
        TABLE_EXISTS,
        &[
            (Success, 200, at("Table.TableStatus", "ACTIVE")),
            (TooEarly, 200, at("Table.TableStatus", "CREATING")),
            (TooEarly, 400, gone()),
        ],
    )
    .await;
    means(
        seen,
        TABLE_NOT_EXISTS,
        &[
            (Success, 400, gone()),
            (TooEarly, 200, at("Table.TableStatus", "DELETING")),
        ],
    )
    .await;
    all_seen("dynamodb", seen);
}

#[tokio::test(start_paused = true)]
async fn every_waiter_of_ecr() {
    let seen = &mut Seen::new();
    follows(
        seen,
        IMAGE_SCAN_COMPLETE,
        "imageScanStatus.status",
        &["COMPLETE"],
        &["FAILED"],
        &["IN_PROGRESS"],
    )
    .await;
    follows(
        seen,
        LIFECYCLE_POLICY_PREVIEW_COMPLETE,
        "status",
        &["COMPLETE"],
        &["FAILED"],
        &["IN_PROGRESS"],
    )
    .await;
    all_seen("ecr", seen);
}

#[tokio::test(start_paused = true)]
async fn every_waiter_of_ecs() {
    let seen = &mut Seen::new();
    let missing = || (Failure, 200, at("failures[].reason", "MISSING"));
    follows(
        seen,
        DAEMON_ACTIVE,
        "daemon.status",
        &["ACTIVE"],
        &["DELETE_IN_PROGRESS"],
        &["OTHER"],
    )
    .await;
    means(
        seen,
        DAEMON_DEPLOYMENT_STOPPED,
        &[
            (Success, 200, at("daemonDeployments[].status", "STOPPED")),
            (
                TooEarly,
                200,
                json!({"daemonDeployments": [{"status": "STOPPED"}, {"status": "IN_PROGRESS"}]}),
            ),
            missing(),
        ],
    )
    .await;
    follows(
        seen,
        DAEMON_DEPLOYMENT_SUCCESSFUL,
        "daemonDeployments[].status",
        &["SUCCESSFUL"],
        &["STOPPED", "ROLLBACK_FAILED", "ROLLBACK_SUCCESSFUL"],
        &["IN_PROGRESS"],
    )
    .await;
    follows(
        seen,
        DAEMON_TASK_DEFINITION_ACTIVE,
        "daemonTaskDefinition.status",
        &["ACTIVE"],
        &["DELETE_IN_PROGRESS", "DELETED"],
        &["OTHER"],
    )
    .await;
    follows(
        seen,
        DAEMON_TASK_DEFINITION_DELETED,
        "daemonTaskDefinition.status",
        &["DELETED"],
        &[],
        &["ACTIVE"],
    )
    .await;
    means(
        seen,
        SERVICES_INACTIVE,
        &[
            (Success, 200, at("services[].status", "INACTIVE")),
            (TooEarly, 200, at("services[].status", "ACTIVE")),
            missing(),
        ],
    )
    .await;
    let service = |deployments: usize, running: i32| {
        json!({"services": [{
            "status": "ACTIVE", "runningCount": running, "desiredCount": 2,
            "deployments": vec![json!({"id": "d"}); deployments],
        }]})
    };
    means(
        seen,
        SERVICES_STABLE,
        &[
            (Success, 200, service(1, 2)),
            (TooEarly, 200, service(2, 2)),
            (TooEarly, 200, service(1, 1)),
            (Failure, 200, at("services[].status", "DRAINING")),
            (Failure, 200, at("services[].status", "INACTIVE")),
            missing(),
        ],
    )
    .await;
    means(
        seen,
        TASKS_RUNNING,
        &[
            (Success, 200, at("tasks[].lastStatus", "RUNNING")),
            (TooEarly, 200, at("tasks[].lastStatus", "PENDING")),
            (TooEarly, 200, json!({"tasks": []})),
            (
                Failure,
                200,
                json!({"tasks": [{"lastStatus": "RUNNING"}, {"lastStatus": "STOPPED"}]}),
            ),
            missing(),
        ],
    )
    .await;
    follows(
        seen,
        TASKS_STOPPED,
        "tasks[].lastStatus",
        &["STOPPED"],
        &[],
        &["RUNNING"],
    )
    .await;
    all_seen("ecs", seen);
}

#[tokio::test(start_paused = true)]
async fn every_waiter_of_kinesis() {
    let seen = &mut Seen::new();
    follows(
        seen,
        CHANNEL_ACTIVE,
        "ChannelDescription.ChannelStatus",
        &["ACTIVE"],
        &["DELETING", "FAILED"],
        &["CREATING", "UPDATING"],
    )
    .await;
    follows(
        seen,
        STREAM_EXISTS,
        "StreamDescription.StreamStatus",
        &["ACTIVE"],
        &[],
        &["CREATING"],
    )
    .await;
    means(
        seen,
        STREAM_NOT_EXISTS,
        &[
            (Success, 400, gone()),
            (TooEarly, 200, at("StreamDescription.StreamStatus", "DELETING")),
        ],
    )
    .await;
    all_seen("kinesis", seen);
}

#[tokio::test(start_paused = true)]
async fn every_waiter_of_ssm() {
    let seen = &mut Seen::new();
    let mut cases = vec![
        (Success, 200, at("Status", "Success")),
        (TooEarly, 400, json!({"__type": "InvocationDoesNotExist"})),
    ];
    cases.extend(["Pending", "InProgress", "Delayed"].map(|status| (TooEarly, 200, at("Status", status))));
    cases.extend(
        ["Cancelled", "TimedOut", "Failed", "Cancelling"].map(|status| (Failure, 200, at("Status", status))),
    );
    means::<GetCommandInvocation>(seen, COMMAND_EXECUTED, &cases).await;
    all_seen("ssm", seen);
}

fn all_seen(service: &str, seen: &Seen) {
    let workspace = Workspace::find(Path::new(env!("CARGO_MANIFEST_DIR"))).expect("this is a checkout");
    let service = workspace
        .service(service, Settings::default())
        .expect("it is lowered");
    let waiters: Seen = service.waiters.into_iter().map(|waiter| waiter.name).collect();
    assert_eq!(
        seen, &waiters,
        "every waiter of {} is exercised here",
        service.folder
    );
}

#[test]
fn only_these_services_have_waiters() {
    let workspace = Workspace::find(Path::new(env!("CARGO_MANIFEST_DIR"))).expect("this is a checkout");
    let services = workspace.committed().expect("there are crates").into_iter();
    let with_waiters: Vec<String> = services
        .filter(|service| !workspace.model(service).expect("a model").waiters.is_empty())
        .collect();
    assert_eq!(with_waiters, ["dynamodb", "ecr", "ecs", "kinesis", "ssm"]);
}

#[tokio::test(start_paused = true)]
async fn time_runs_out_at_the_deadline_with_the_last_answer() {
    let client = scripted::client(|_, _| (200, at("Table.TableStatus", "CREATING")));
    let start = Instant::now();
    let wait = client.wait(TABLE_EXISTS, DescribeTable::new("table"));
    let error = wait
        .min_delay(Duration::from_secs(10))
        .max_delay(Duration::from_secs(40))
        .deadline(Duration::from_secs(300))
        .await
        .expect_err("it never is");
    assert_eq!(error.kind(), WaitErrorKind::Deadline(Duration::from_secs(300)));
    let elapsed = start.elapsed();
    assert!((290..=300).contains(&elapsed.as_secs()), "{elapsed:?}");
    assert!((8..=30).contains(&error.attempts()), "{}", error.attempts());
    let text = error.to_string();
    assert!(text.starts_with("TableExists: not reached within 300s"), "{text}");
    assert!(text.contains("Creating"), "{text}");
    let last = error.into_last().expect("an output");
    assert!(last.table.is_some());
}

#[tokio::test(start_paused = true)]
async fn an_error_that_the_waiter_does_not_expect_ends_it() {
    let denied = json!({"__type": "AccessDeniedException", "message": "not you"});
    let (end, asked) = wait(TABLE_EXISTS, &[(400, denied)]).await;
    let error = end.expect_err("an error");
    assert_eq!((error.kind(), asked), (WaitErrorKind::Call, 1));
    let text = error.to_string();
    assert!(text.contains("AccessDeniedException: not you"), "{text}");
    assert!(std::error::Error::source(&error).is_some());
}

#[tokio::test(start_paused = true)]
async fn pauses_double_up_to_the_longest() {
    let client = scripted::client(|_, _| (200, at("Table.TableStatus", "CREATING")));
    let wait = client.wait(TABLE_EXISTS, DescribeTable::new("table"));
    let error = wait
        .deadline(Duration::from_secs(3600))
        .await
        .expect_err("it never is");
    // Pauses of 20 s would be 180 questions, pauses of two minutes 30; with jitter it is between.
    assert!((30..100).contains(&error.attempts()), "{}", error.attempts());
}
