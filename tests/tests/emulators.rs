//! The generated client against two independent emulators of CloudWatch Logs: moto and ministack.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use awsjson_logs::protocol::{Credentials, ErrorKind, RetryPolicy};
use awsjson_logs::types::{
    InputLogEvent, MetricTransformation, QueryStatus, StartLiveTailResponseStream as LiveTail,
};
use awsjson_logs::{
    AssociateKmsKey, Client, CreateDelivery, CreateLogGroup, CreateLogStream, DeleteLogGroup,
    DeleteLogStream, DeleteMetricFilter, DescribeLogGroups, DescribeLogStreams, DescribeMetricFilters,
    DescribeQueries, Error, Exception, FilterLogEvents, GetLogEvents, GetQueryResults, ListTagsForResource,
    PutLogEvents, PutMetricFilter, PutResourcePolicy, PutRetentionPolicy, StartLiveTail, StartQuery,
    TagResource, UntagResource,
};
use awsjson_tests::emulator::Emulator;

const KEY: &str = "arn:aws:kms:us-east-1:123456789012:key/11111111-2222-3333-4444-555555555555";

fn client(emulator: &Emulator) -> Client {
    Client::builder()
        .region("us-east-1")
        .endpoint_url(emulator.endpoint_url())
        .credentials(Credentials::new("test", "test", None, None, "tests"))
        .jitter(|| 0.0)
        .build()
        .expect("the configuration is complete")
}

#[tokio::test]
async fn moto_understands_the_client() {
    let emulator = Emulator::moto().expect("moto starts");
    let client = client(&emulator);
    flows(&client).await.expect("every call succeeds");
    queries_are_listed(&client).await.expect("every call succeeds");
    exceptions(&client).await;

    let error = delivery_refusal(&client).await;
    assert!(
        matches!(error.exception(), Some(Exception::ResourceNotFoundException(_))),
        "{error}"
    );

    // An operation that it does not implement is a page of HTML.
    let error = unimplemented(&client).await;
    assert_eq!(error.status().map(|status| status.as_u16()), Some(500), "{error}");
    assert_eq!(error.code(), None);
    assert!(
        error.to_string().contains("no awsJson error: <!doctype html>"),
        "{error}"
    );
}

#[tokio::test]
async fn ministack_understands_the_client() {
    let emulator = Emulator::ministack().expect("ministack starts");
    let client = client(&emulator);
    flows(&client).await.expect("every call succeeds");
    exceptions(&client).await;
    operation_aborted(&client).await;
    live_tail_shows_new_events(&client)
        .await
        .expect("every call succeeds");
    let error = delivery_refusal(&client).await;
    assert!(
        matches!(error.exception(), Some(Exception::AccessDeniedException(_))),
        "{error}"
    );

    let error = unimplemented(&client).await;
    assert!(
        matches!(error.exception(), Some(Exception::InvalidOperationException(_))),
        "{error}"
    );
}

/// Follows a log group while an event is written to it.
async fn live_tail_shows_new_events(client: &Client) -> Result<(), Error> {
    let (group, stream) = ("live-tail", "stream");
    client.send(CreateLogGroup::new(group)).await?;
    client.send(CreateLogStream::new(group, stream)).await?;
    let arn = format!("arn:aws:logs:us-east-1:000000000000:log-group:{group}");
    let mut events = client.send(StartLiveTail::new([arn])).await?;
    let first = events.try_next().await?;
    assert!(matches!(first, Some(LiveTail::SessionStart(_))), "{first:?}");
    let event = InputLogEvent::new(now_millis(), "seen live");
    client.send(PutLogEvents::new(group, stream, [event])).await?;
    let seen = async {
        while let Some(event) = events.try_next().await? {
            let LiveTail::SessionUpdate(update) = event else {
                continue;
            };
            let results = update.session_results.unwrap_or_default();
            let mut messages = results.iter().filter_map(|event| event.message.as_deref());
            if messages.any(|message| message == "seen live") {
                return Ok(true);
            }
        }
        Ok::<bool, Error>(false)
    };
    let seen = tokio::time::timeout(Duration::from_secs(30), seen).await;
    assert!(
        seen.expect("it is shown within seconds")?,
        "the stream ended without the event"
    );
    client.send(DeleteLogGroup::new(group)).await?;
    Ok(())
}

/// Calls what works on both.
async fn flows(client: &Client) -> Result<(), Error> {
    groups_have_keys_and_retention(client).await?;
    streams_and_events_come_back(client).await?;
    pages_end(client).await?;
    tags_are_kept(client).await?;
    metric_filters_are_kept(client).await?;
    queries_complete(client).await
}

async fn groups_have_keys_and_retention(client: &Client) -> Result<(), Error> {
    client
        .send(CreateLogGroup::new("groups/a").kms_key_id(KEY))
        .await?;
    client.send(PutRetentionPolicy::new("groups/a", 7)).await?;
    let output = client
        .send(DescribeLogGroups::new().log_group_name_prefix("groups/"))
        .await?;
    let groups = output.log_groups.unwrap_or_default();
    let [group] = groups.as_slice() else {
        panic!("one group was made: {groups:?}");
    };
    assert_eq!(group.kms_key_id.as_deref(), Some(KEY));
    assert_eq!(group.retention_in_days, Some(7));
    client.send(DeleteLogGroup::new("groups/a")).await?;
    let output = client
        .send(DescribeLogGroups::new().log_group_name_prefix("groups/"))
        .await?;
    assert_eq!(output.log_groups.unwrap_or_default(), []);
    Ok(())
}

async fn streams_and_events_come_back(client: &Client) -> Result<(), Error> {
    client.send(CreateLogGroup::new("events")).await?;
    client.send(CreateLogStream::new("events", "stream")).await?;
    let now = now_millis();
    let messages = ["first", "zweite: ünï", "third \u{1F980} \"quoted\"\n\u{1}"];
    let events = messages
        .iter()
        .zip(now..)
        .map(|(message, at)| InputLogEvent::new(at, *message));
    client.send(PutLogEvents::new("events", "stream", events)).await?;

    let get = GetLogEvents::new("stream")
        .log_group_name("events")
        .start_from_head(true);
    let output = client.send(get.clone()).await?;
    let events = output.events.unwrap_or_default();
    let received: Vec<_> = events
        .iter()
        .filter_map(|event| event.message.as_deref())
        .collect();
    assert_eq!(received, messages);
    assert_eq!(events.first().and_then(|event| event.timestamp), Some(now));

    // There is no end marker: the end is where the token repeats.
    let token = output.next_forward_token.expect("there always is a token");
    let next = client.send(get.next_token(&token)).await?;
    assert_eq!(next.events.unwrap_or_default(), []);
    assert_eq!(next.next_forward_token, Some(token));

    let filter = FilterLogEvents::new()
        .log_group_name("events")
        .filter_pattern("first");
    let found = client.send(filter).await?.events.unwrap_or_default();
    assert_eq!(found.len(), 1);

    client.send(DeleteLogStream::new("events", "stream")).await?;
    let left = client
        .send(DescribeLogStreams::new().log_group_name("events"))
        .await?;
    assert_eq!(left.log_streams.unwrap_or_default(), []);
    Ok(())
}

async fn pages_end(client: &Client) -> Result<(), Error> {
    let names: Vec<String> = (0..7).map(|n| format!("pages-{n}")).collect();
    for name in &names {
        client.send(CreateLogGroup::new(name)).await?;
    }
    let mut found = Vec::new();
    let mut token = None;
    loop {
        let mut operation = DescribeLogGroups::new().log_group_name_prefix("pages-").limit(3);
        operation.next_token = token;
        let output = client.send(operation).await?;
        let groups = output.log_groups.unwrap_or_default();
        assert!(groups.len() <= 3);
        found.extend(groups.into_iter().filter_map(|group| group.log_group_name));
        token = output.next_token;
        if token.is_none() {
            break;
        }
    }
    assert_eq!(found, names);
    Ok(())
}

async fn tags_are_kept(client: &Client) -> Result<(), Error> {
    client
        .send(CreateLogGroup::new("tags").tags([("stage", "test")]))
        .await?;
    let arn = "arn:aws:logs:us-east-1:123456789012:log-group:tags";
    let described = client
        .send(DescribeLogGroups::new().log_group_name_prefix("tags"))
        .await?;
    let group = described
        .log_groups
        .into_iter()
        .flatten()
        .next()
        .expect("it was made");
    let arn = group
        .arn
        .map_or_else(|| arn.to_owned(), |arn| arn.trim_end_matches(":*").to_owned());
    client.send(TagResource::new(&arn, [("team", "logs")])).await?;
    client.send(UntagResource::new(&arn, ["stage"])).await?;
    let tags = client
        .send(ListTagsForResource::new(&arn))
        .await?
        .tags
        .unwrap_or_default();
    let tags: Vec<_> = tags
        .iter()
        .map(|(key, value)| (key.as_str(), value.as_str()))
        .collect();
    assert_eq!(tags, [("team", "logs")]);
    Ok(())
}

async fn metric_filters_are_kept(client: &Client) -> Result<(), Error> {
    client.send(CreateLogGroup::new("metrics")).await?;
    let transformation = MetricTransformation::new("errors", "app", "1").default_value(0.5);
    client
        .send(PutMetricFilter::new(
            "metrics",
            "filter",
            "ERROR",
            [transformation],
        ))
        .await?;
    let describe = DescribeMetricFilters::new().log_group_name("metrics");
    let output = client.send(describe.clone()).await?;
    let filters = output.metric_filters.unwrap_or_default();
    let [filter] = filters.as_slice() else {
        panic!("one filter was made: {filters:?}");
    };
    let transformations = filter.metric_transformations.as_deref().unwrap_or_default();
    assert_eq!(transformations.first().and_then(|t| t.default_value), Some(0.5));
    client.send(DeleteMetricFilter::new("metrics", "filter")).await?;
    let output = client.send(describe).await?;
    assert_eq!(output.metric_filters.unwrap_or_default(), []);
    Ok(())
}

async fn queries_complete(client: &Client) -> Result<(), Error> {
    client.send(CreateLogGroup::new("queries")).await?;
    let now = now_millis() / 1000;
    let query = StartQuery::new(now - 60, now + 60, "fields @message").log_group_name("queries");
    let id = client.send(query).await?.query_id.expect("a query has an id");
    for _ in 0..50 {
        let results = client.send(GetQueryResults::new(&id)).await?;
        if results.status == Some(QueryStatus::Complete) {
            return Ok(());
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("the query does not complete");
}

/// moto alone knows `DescribeQueries`.
async fn queries_are_listed(client: &Client) -> Result<(), Error> {
    let output = client
        .send(DescribeQueries::new().log_group_name("queries"))
        .await?;
    let queries = output.queries.unwrap_or_default();
    assert!(
        queries
            .iter()
            .all(|query| query.log_group_name.as_deref() == Some("queries"))
    );
    assert_eq!(queries.len(), 1);
    Ok(())
}

/// Provokes the exceptions that both can raise, and catches each by its type.
async fn exceptions(client: &Client) {
    let error = client
        .send(DeleteLogGroup::new("nowhere"))
        .await
        .expect_err("there is no such group");
    assert!(
        matches!(error.exception(), Some(Exception::ResourceNotFoundException(_))),
        "{error}"
    );
    assert_eq!(error.kind(), ErrorKind::Exception);
    assert!(error.message().is_some() && error.to_string().starts_with("DeleteLogGroup: ResourceNotFound"));

    let create = CreateLogGroup::new("twice");
    client.send(create.clone()).await.expect("it is new");
    let error = client.send(create).await.expect_err("it is there");
    assert!(
        matches!(
            error.exception(),
            Some(Exception::ResourceAlreadyExistsException(_))
        ),
        "{error}"
    );

    let error = client
        .send(PutRetentionPolicy::new("nowhere", 7))
        .await
        .expect_err("there is no such group");
    assert!(
        matches!(error.exception(), Some(Exception::ResourceNotFoundException(_))),
        "{error}"
    );

    limit_exceeded(client).await;
}

/// A delivery from nowhere to nowhere: the emulators look at the two in another order.
async fn delivery_refusal(client: &Client) -> Error {
    let destination = "arn:aws:logs:us-east-1:123456789012:delivery-destination:nowhere";
    let delivery = CreateDelivery::new("nowhere", destination);
    client
        .send(delivery)
        .await
        .expect_err("there is no such delivery")
}

/// Accounts have ten resource policies. The code counts as throttling, so the client would try again.
async fn limit_exceeded(client: &Client) {
    for n in 0..20 {
        let policy = PutResourcePolicy::new()
            .policy_name(format!("policy-{n}"))
            .policy_document("{}");
        match client.call(policy).retry(RetryPolicy::none()).await {
            Ok(_) => {}
            Err(error) => {
                assert!(
                    matches!(error.exception(), Some(Exception::LimitExceededException(_))),
                    "{error}"
                );
                assert!(error.is_throttling());
                assert_eq!(n, 10);
                return;
            }
        }
    }
    panic!("there is no limit");
}

/// ministack aborts a change of a resource policy that expects another revision.
async fn operation_aborted(client: &Client) {
    let policy = PutResourcePolicy::new()
        .policy_name("policy-0")
        .policy_document("{}")
        .expected_revision_id("other");
    let error = client.send(policy).await.expect_err("the revision is another");
    assert!(
        matches!(error.exception(), Some(Exception::OperationAbortedException(_))),
        "{error}"
    );
}

async fn unimplemented(client: &Client) -> Error {
    let operation = AssociateKmsKey::new(KEY).log_group_name("events");
    client
        .send(operation)
        .await
        .expect_err("emulators do not know it")
}

fn now_millis() -> i64 {
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .expect("it is after 1970");
    i64::try_from(now.as_millis()).expect("it is long before the end of time")
}
