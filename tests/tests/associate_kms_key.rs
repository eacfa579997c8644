//! `AssociateKmsKey` and `DisassociateKmsKey`, end to end against the fake: no emulator knows them.

use std::time::Duration;

use awsjson_logs::protocol::fake::RunningFake;
use awsjson_logs::protocol::{Credentials, ErrorKind, RetryPolicy};
use awsjson_logs::{AssociateKmsKey, Client, CreateLogGroup, DisassociateKmsKey, Exception};
use awsjson_tests::logs_fake::LogsFake;

const KEY: &str = "arn:aws:kms:eu-west-1:123456789012:key/11111111-2222-3333-4444-555555555555";
const GROUP_ARN: &str = "arn:aws:logs:eu-west-1:123456789012:log-group:app";

struct Setup {
    fake: LogsFake,
    server: RunningFake,
    client: Client,
}

async fn setup() -> Setup {
    let credentials = Credentials::new("AKID", "secret", Some("token".to_owned()), None, "tests");
    let fake = LogsFake::new("eu-west-1");
    let server = fake.start(credentials.clone()).await.expect("a port");
    let client = Client::builder()
        .region("eu-west-1")
        .endpoint_url(server.endpoint_url())
        .credentials(credentials)
        .jitter(|| 0.0)
        .build()
        .expect("the configuration is complete");
    client
        .send(CreateLogGroup::new("app"))
        .await
        .expect("the group is new");
    Setup { fake, server, client }
}

#[tokio::test]
async fn a_key_is_associated_by_the_name_of_the_group() {
    let Setup {
        fake,
        client,
        server: _server,
    } = setup().await;
    let operation = AssociateKmsKey::new(KEY).log_group_name("app");
    client.send(operation).await.expect("the key is associated");
    assert_eq!(fake.key_of("app").as_deref(), Some(KEY));
}

#[tokio::test]
async fn a_key_is_associated_by_the_arn_of_the_group() {
    let Setup {
        fake,
        client,
        server: _server,
    } = setup().await;
    let operation = AssociateKmsKey::new(KEY).resource_identifier(GROUP_ARN);
    client.send(operation).await.expect("the key is associated");
    assert_eq!(fake.key_of("app").as_deref(), Some(KEY));
}

#[tokio::test]
async fn a_key_is_associated_with_query_results() {
    let Setup {
        fake,
        client,
        server: _server,
    } = setup().await;
    let operation =
        AssociateKmsKey::new(KEY).resource_identifier("arn:aws:logs:eu-west-1:123456789012:query-result:*");
    client.send(operation).await.expect("the key is associated");
    assert_eq!(fake.query_results_key().as_deref(), Some(KEY));
    assert_eq!(fake.key_of("app"), None);
}

#[tokio::test]
async fn a_key_is_disassociated_by_either_member() {
    let Setup {
        fake,
        client,
        server: _server,
    } = setup().await;
    for operation in [
        DisassociateKmsKey::new().log_group_name("app"),
        DisassociateKmsKey::new().resource_identifier(GROUP_ARN),
    ] {
        let associate = AssociateKmsKey::new(KEY).log_group_name("app");
        client.send(associate).await.expect("the key is associated");
        client.send(operation).await.expect("the key is disassociated");
        assert_eq!(fake.key_of("app"), None);
    }
}

#[tokio::test]
async fn both_members_or_none_are_refused_before_anything_is_sent() {
    let Setup { server, client, .. } = setup().await;
    let sent = server.calls().len();
    let none = AssociateKmsKey::new(KEY);
    let both = none.clone().log_group_name("app").resource_identifier(GROUP_ARN);
    for (operation, fact) in [(none, "none is set"), (both, "are set")] {
        let error = client.send(operation).await.expect_err("the rule is broken");
        assert_eq!(error.kind(), ErrorKind::InvalidInput);
        let text = error.to_string();
        for part in ["AssociateKmsKey", "logGroupName", "resourceIdentifier", fact] {
            assert!(text.contains(part), "{part} is missing in: {text}");
        }
    }
    assert_eq!(server.calls().len(), sent);
}

#[tokio::test]
async fn a_key_that_is_no_arn_is_an_invalid_parameter() {
    let Setup {
        client,
        server: _server,
        ..
    } = setup().await;
    let operation = AssociateKmsKey::new("alias/key").log_group_name("app");
    let error = client.send(operation).await.expect_err("the key is invalid");
    assert!(
        matches!(error.exception(), Some(Exception::InvalidParameterException(_))),
        "{error}"
    );
    assert_eq!(error.attempts(), 1);
}

#[tokio::test]
async fn a_group_that_does_not_exist_is_not_found() {
    let Setup {
        client,
        server: _server,
        ..
    } = setup().await;
    let operation = AssociateKmsKey::new(KEY).log_group_name("other");
    let error = client
        .send(operation)
        .await
        .expect_err("the group does not exist");
    let Some(Exception::ResourceNotFoundException(exception)) = error.exception() else {
        panic!("{error:?}");
    };
    assert_eq!(
        exception.message.as_deref(),
        Some("The specified log group does not exist.")
    );
    assert_eq!(error.message(), exception.message.as_deref());
    assert!(error.request_id().is_some());
}

#[tokio::test]
async fn changes_of_a_group_at_the_same_time_are_aborted() {
    let Setup {
        fake,
        client,
        server: _server,
    } = setup().await;
    fake.set_update_time(Duration::from_millis(300));
    let associate = || client.send(AssociateKmsKey::new(KEY).log_group_name("app"));
    let (first, second) = tokio::join!(associate(), associate());
    let error = match (first, second) {
        (Ok(_), Err(error)) | (Err(error), Ok(_)) => error,
        other => panic!("one should have been aborted: {other:?}"),
    };
    assert!(
        matches!(error.exception(), Some(Exception::OperationAbortedException(_))),
        "{error}"
    );
}

#[tokio::test]
async fn an_unavailable_service_is_tried_again() {
    let Setup {
        fake,
        client,
        server: _server,
    } = setup().await;
    fake.set_unavailable(true);
    let operation = AssociateKmsKey::new(KEY).log_group_name("app");
    let error = client
        .send(operation.clone())
        .await
        .expect_err("the service is unavailable");
    assert!(
        matches!(error.exception(), Some(Exception::ServiceUnavailableException(_))),
        "{error}"
    );
    assert_eq!(error.attempts(), 3);
    assert!(error.to_string().ends_with("after 3 attempts)"), "{error}");

    let once = client.call(operation).retry(RetryPolicy::none()).await;
    assert_eq!(once.expect_err("it still is").attempts(), 1);
}

#[tokio::test]
async fn a_wrong_secret_is_an_error_with_its_code() {
    let Setup { server, .. } = setup().await;
    let client = Client::builder()
        .region("eu-west-1")
        .endpoint_url(server.endpoint_url())
        .credentials(Credentials::new(
            "AKID",
            "wrong",
            Some("token".to_owned()),
            None,
            "tests",
        ))
        .build()
        .expect("the configuration is complete");
    let operation = AssociateKmsKey::new(KEY).log_group_name("app");
    let error = client.send(operation).await.expect_err("the signature is wrong");
    assert_eq!(error.kind(), ErrorKind::Service);
    assert_eq!(error.code(), Some("InvalidSignatureException"));
}
