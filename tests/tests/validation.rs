//! The opt-in check of inputs against the rules of their model.

#[path = "../golden/probe.rs"]
#[allow(dead_code, unused_imports)]
mod probe;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use awsjson_kinesis::PutRecords;
use awsjson_kinesis::types::PutRecordsRequestEntry;
use awsjson_kms::Encrypt;
use awsjson_kms::types::EncryptionAlgorithmSpec;
use awsjson_logs::types::InputLogEvent;
use awsjson_logs::{CreateLogGroup, DescribeLogGroups, PutLogEvents};
use awsjson_protocol::{Body, Client, ClientBuilder, Credentials, ErrorKind, Operation, Service};
use bytes::Bytes;
use http::{Request, Response};

/// A builder whose clients count the requests that they send.
fn builder<S: Service>() -> (ClientBuilder<S>, Arc<AtomicUsize>) {
    let sent = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&sent);
    let transport = tower::service_fn(move |_: Request<Body>| {
        count.fetch_add(1, Ordering::Relaxed);
        async { Ok::<_, std::io::Error>(Response::new(Body::from(Bytes::from_static(b"{}")))) }
    });
    let builder = Client::builder()
        .region("us-east-1")
        .credentials(Credentials::new("AKID", "secret", None, None, "tests"))
        .transport(transport);
    (builder, sent)
}

/// Returns what a client that checks inputs says of an operation; nothing may be sent then.
async fn problems<O: Operation>(operation: O) -> Option<String> {
    let (builder, sent) = builder::<O::Service>();
    let client = builder.validate_inputs().build().expect("complete");
    match client.send(operation).await {
        Ok(_) => None,
        Err(error) => {
            assert_eq!(error.kind(), ErrorKind::InvalidInput);
            assert_eq!(sent.load(Ordering::Relaxed), 0);
            Some(error.message().expect("it says why").to_owned())
        }
    }
}

#[tokio::test]
async fn every_place_that_breaks_a_rule_is_named_at_once() {
    let operation = CreateLogGroup::new("no spaces!")
        .log_group_class("CHEAP")
        .tags([("", "x"), ("name", "x")]);
    assert_eq!(
        problems(operation).await.as_deref(),
        Some(
            "the input breaks 4 rules of the model: \
             `logGroupClass` is none of STANDARD, INFREQUENT_ACCESS, DELIVERY, ESSENTIALS; \
             `logGroupName` does not match `[\\.\\-_/#A-Za-z0-9]+`; \
             `tags[0]` has 0 characters, at least 1 are needed; \
             `tags[0]` does not match `^([\\p{L}\\p{Z}\\p{N}_.:/=+\\-@]+)$`"
        )
    );
}

#[tokio::test]
async fn inputs_that_follow_the_rules_are_sent() {
    let operation = CreateLogGroup::new("a/b#c.d_e-f")
        .log_group_class("STANDARD")
        .tags([("größe", "")]);
    assert_eq!(problems(operation).await, None);
    let event = InputLogEvent::new(0, "x");
    assert_eq!(problems(PutLogEvents::new("g", "s", [event])).await, None);
}

#[tokio::test]
async fn values_deep_inside_are_named_by_their_path_but_not_shown() {
    let events = [
        InputLogEvent::new(0, "fine"),
        InputLogEvent::new(-1, ""),
        InputLogEvent::new(0, "hunter2"),
    ];
    let said = problems(PutLogEvents::new("g", "s:hunter2", events))
        .await
        .expect("a refusal");
    for place in [
        "`logStreamName` does not match",
        "`logEvents[1].message` has 0 characters",
        "`logEvents[1].timestamp` must be at least 0",
    ] {
        assert!(said.contains(place), "{said}");
    }
    assert!(!said.contains("hunter2"), "{said}");
    let said = problems(PutLogEvents::new("g", "s", []))
        .await
        .expect("a refusal");
    assert!(
        said.contains("`logEvents` has 0 entries, at least 1 are needed"),
        "{said}"
    );
}

#[tokio::test]
async fn characters_are_counted_not_bytes() {
    assert_eq!(
        problems(DescribeLogGroups::new().log_group_name_pattern("語".repeat(512))).await,
        Some(
            "the input breaks a rule of the model: `logGroupNamePattern` does not match `[\\.\\-_/#A-Za-z0-9]*`"
                .to_owned()
        )
    );
    let records = |key: &str| PutRecords::new([PutRecordsRequestEntry::new("x").partition_key(key)]);
    assert_eq!(problems(records(&"語".repeat(256))).await, None);
    let said = problems(records(&"語".repeat(257))).await.expect("a refusal");
    assert!(
        said.contains("`Records[0].PartitionKey` has 257 characters, at most 256"),
        "{said}"
    );
}

#[tokio::test]
async fn bytes_are_counted_before_they_are_encoded() {
    for (length, refused) in [
        (0, true),
        (1, false),
        (2, false),
        (3, false),
        (4096, false),
        (4097, true),
    ] {
        let found = problems(Encrypt::new("key", vec![0_u8; length])).await;
        assert_eq!(found.is_some(), refused, "{length} bytes: {found:?}");
    }
}

#[tokio::test]
async fn numbers_stay_within_their_range() {
    for (limit, refused) in [(0, true), (1, false), (50, false), (51, true)] {
        let found = problems(DescribeLogGroups::new().limit(limit)).await;
        assert_eq!(found.is_some(), refused, "{limit}: {found:?}");
    }
}

#[tokio::test]
async fn without_being_asked_the_client_leaves_the_check_to_the_service() {
    let (builder, sent) = builder();
    let client = builder.build().expect("complete");
    let operation =
        Encrypt::new("", vec![0_u8; 5000]).encryption_algorithm(EncryptionAlgorithmSpec::from("NEW"));
    client.send(operation).await.expect("it is sent");
    assert_eq!(sent.load(Ordering::Relaxed), 1);
}

#[test]
fn a_crate_without_the_rules_says_how_to_get_them() {
    let (builder, _) = builder::<probe::Golden>();
    let error = builder.validate_inputs().build().expect_err("there are no rules");
    assert_eq!(error.kind(), ErrorKind::Config);
    assert!(error.to_string().contains("feature `validation`"), "{error}");
}
