//! Generated clients of eleven more services against emulators: a real flow each, exceptions caught by type.

use awsjson_protocol::{Client, Credentials, Service};
use awsjson_tests::emulator::Emulator;

const KEY_USER: &str = "arn:aws:iam::123456789012:role/role";

fn client<S: Service>(emulator: &Emulator) -> Client<S> {
    Client::builder()
        .region("us-east-1")
        .endpoint_url(emulator.endpoint_url())
        .credentials(Credentials::new("test", "test", None, None, "tests"))
        .jitter(|| 0.0)
        .build()
        .expect("the configuration is complete")
}

/// Asserts that a call fails with a variant of the service's exception enum.
macro_rules! assert_exception {
    ($result:expr, $exception:path) => {
        let error = $result.expect_err("the call fails");
        assert!(matches!(error.exception(), Some($exception(_))), "{error:?}");
    };
}

#[tokio::test]
async fn moto_understands_the_clients() {
    let emulator = Emulator::moto().expect("moto starts");
    kms(&client(&emulator)).await.expect("kms");
    secretsmanager(&client(&emulator)).await.expect("secretsmanager");
    ssm(&client(&emulator)).await.expect("ssm");
    kinesis(&client(&emulator)).await.expect("kinesis");
    events(&client(&emulator)).await.expect("events");
    ecs(&client(&emulator)).await.expect("ecs");
    ecr(&client(&emulator)).await.expect("ecr");
    cognito_idp(&client(&emulator)).await.expect("cognito-idp");
    dynamodb(&client(&emulator)).await.expect("dynamodb");
    sqs(&client(&emulator)).await.expect("sqs");
    stepfunctions(&client(&emulator)).await.expect("stepfunctions");
}

#[tokio::test]
async fn ministack_understands_the_clients() {
    let emulator = Emulator::ministack().expect("ministack starts");
    kms(&client(&emulator)).await.expect("kms");
    secretsmanager(&client(&emulator)).await.expect("secretsmanager");
    ssm(&client(&emulator)).await.expect("ssm");
    kinesis(&client(&emulator)).await.expect("kinesis");
    events(&client(&emulator)).await.expect("events");
    ecs(&client(&emulator)).await.expect("ecs");
    ecr(&client(&emulator)).await.expect("ecr");
    cognito_idp(&client(&emulator)).await.expect("cognito-idp");
    dynamodb(&client(&emulator)).await.expect("dynamodb");
    sqs(&client(&emulator)).await.expect("sqs");
    stepfunctions(&client(&emulator)).await.expect("stepfunctions");
}

async fn kms(client: &awsjson_kms::Client) -> Result<(), awsjson_kms::Error> {
    use awsjson_kms::{
        CreateKey, Decrypt, DescribeKey, Encrypt, Exception, GenerateDataKey, ListKeys, ScheduleKeyDeletion,
    };
    let created = client.send(CreateKey::new().description("tests")).await?;
    let key = created.key_metadata.expect("a key has metadata");
    assert!(key.creation_date.is_some());
    let described = client.send(DescribeKey::new(&key.key_id)).await?;
    assert_eq!(
        described.key_metadata.and_then(|key| key.description).as_deref(),
        Some("tests")
    );
    let plaintext: Vec<u8> = (0..=255).collect();
    let encrypted = client.send(Encrypt::new(&key.key_id, plaintext.clone())).await?;
    let ciphertext = encrypted.ciphertext_blob.expect("there is a ciphertext");
    assert_ne!(ciphertext.as_ref(), plaintext);
    let decrypted = client.send(Decrypt::new().ciphertext_blob(ciphertext)).await?;
    assert_eq!(
        decrypted.plaintext.expect("there is a plaintext").as_ref(),
        plaintext
    );
    let data_key = client
        .send(GenerateDataKey::new(&key.key_id).number_of_bytes(32))
        .await?;
    assert_eq!(data_key.plaintext.map(|key| key.as_ref().len()), Some(32));
    let keys = client.send(ListKeys::new()).await?.keys.unwrap_or_default();
    assert!(
        keys.iter()
            .any(|listed| listed.key_id.as_deref() == Some(&key.key_id))
    );
    client.send(ScheduleKeyDeletion::new(&key.key_id)).await?;
    let missing = "11111111-2222-3333-4444-555555555555";
    assert_exception!(
        client.send(DescribeKey::new(missing)).await,
        Exception::NotFoundException
    );
    Ok(())
}

async fn secretsmanager(
    client: &awsjson_secretsmanager::Client,
) -> Result<(), awsjson_secretsmanager::Error> {
    use awsjson_secretsmanager::{
        CreateSecret, DeleteSecret, DescribeSecret, Exception, GetSecretValue, PutSecretValue,
    };
    client
        .send(CreateSecret::new("name").secret_string("first"))
        .await?;
    client
        .send(PutSecretValue::new("name").secret_binary(vec![0, 255, 10]))
        .await?;
    let value = client.send(GetSecretValue::new("name")).await?;
    assert_eq!(
        value.secret_binary.as_ref().map(AsRef::as_ref),
        Some(&[0, 255, 10][..])
    );
    // Random ids and times may hold any single number.
    let shown = format!("{value:?}");
    assert!(
        !shown.contains("0, 255, 10") && !shown.contains("AP8K"),
        "secrets are not shown: {shown}"
    );
    let described = client.send(DescribeSecret::new("name")).await?;
    assert_eq!(
        described.version_ids_to_stages.map(|versions| versions.len()),
        Some(2)
    );
    client
        .send(DeleteSecret::new("name").force_delete_without_recovery(true))
        .await?;
    assert_exception!(
        client.send(GetSecretValue::new("name")).await,
        Exception::ResourceNotFoundException
    );
    Ok(())
}

async fn ssm(client: &awsjson_ssm::Client) -> Result<(), awsjson_ssm::Error> {
    use awsjson_ssm::{DeleteParameter, Exception, GetParameter, GetParametersByPath, PutParameter};
    for n in 0..15 {
        let parameter = PutParameter::new(format!("/tests/{n:02}"), format!("value {n}")).type_("String");
        client.send(parameter).await?;
    }
    let got = client.send(GetParameter::new("/tests/07")).await?;
    assert_eq!(
        got.parameter.and_then(|parameter| parameter.value).as_deref(),
        Some("value 7")
    );
    let mut names = Vec::new();
    let mut token = None;
    loop {
        let mut page = GetParametersByPath::new("/tests").max_results(4);
        page.next_token = token;
        let output = client.send(page).await?;
        names.extend(
            output
                .parameters
                .into_iter()
                .flatten()
                .filter_map(|parameter| parameter.name),
        );
        token = output.next_token.filter(|token| !token.is_empty());
        if token.is_none() {
            break;
        }
    }
    names.sort();
    assert_eq!((names.len(), names[14].as_str()), (15, "/tests/14"));
    let again = PutParameter::new("/tests/00", "x").type_("String");
    assert_exception!(client.send(again).await, Exception::ParameterAlreadyExists);
    client.send(DeleteParameter::new("/tests/00")).await?;
    assert_exception!(
        client.send(GetParameter::new("/tests/00")).await,
        Exception::ParameterNotFound
    );
    Ok(())
}

async fn kinesis(client: &awsjson_kinesis::Client) -> Result<(), awsjson_kinesis::Error> {
    use awsjson_kinesis::types::{ShardIteratorType, StreamStatus};
    use awsjson_kinesis::{
        CreateStream, DeleteStream, DescribeStreamSummary, Exception, GetRecords, GetShardIterator, PutRecord,
    };
    client.send(CreateStream::new("stream").shard_count(1)).await?;
    // A stream is not there at once.
    let describe = || client.send(DescribeStreamSummary::new().stream_name("stream"));
    for _ in 0..100 {
        let summary = describe().await?.stream_description_summary;
        if summary.stream_status == StreamStatus::Active {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    let put = PutRecord::new(vec![0_u8, 1, 254])
        .stream_name("stream")
        .partition_key("key");
    let put = client.send(put).await?;
    let iterator = GetShardIterator::new(&put.shard_id, ShardIteratorType::TrimHorizon).stream_name("stream");
    let iterator = client
        .send(iterator)
        .await?
        .shard_iterator
        .expect("there is an iterator");
    let records = client.send(GetRecords::new(iterator)).await?.records;
    assert_eq!(records.len(), 1);
    assert_eq!(records[0].data.as_ref(), [0, 1, 254]);
    assert_eq!(records[0].sequence_number, put.sequence_number);
    client.send(DeleteStream::new().stream_name("stream")).await?;
    let missing = DescribeStreamSummary::new().stream_name("missing");
    assert_exception!(client.send(missing).await, Exception::ResourceNotFoundException);
    Ok(())
}

async fn events(client: &awsjson_events::Client) -> Result<(), awsjson_events::Error> {
    use awsjson_events::types::{PutEventsRequestEntry, Target};
    use awsjson_events::{
        DeleteRule, DescribeRule, Exception, ListTargetsByRule, PutEvents, PutRule, PutTargets, RemoveTargets,
    };
    client
        .send(PutRule::new("rule").schedule_expression("rate(5 minutes)"))
        .await?;
    let target = Target::new("one", "arn:aws:sqs:us-east-1:123456789012:queue");
    client.send(PutTargets::new("rule", [target])).await?;
    let targets = client
        .send(ListTargetsByRule::new("rule"))
        .await?
        .targets
        .unwrap_or_default();
    assert_eq!(
        targets
            .iter()
            .map(|target| target.id.as_str())
            .collect::<Vec<_>>(),
        ["one"]
    );
    client.send(RemoveTargets::new("rule", ["one"])).await?;
    let entry = PutEventsRequestEntry::new()
        .source("tests")
        .detail_type("test")
        .detail("{\"a\": \"\u{e9}\"}");
    let output = client.send(PutEvents::new([entry])).await?;
    assert_eq!(
        (
            output.failed_entry_count,
            output.entries.map(|entries| entries.len())
        ),
        (Some(0), Some(1))
    );
    client.send(DeleteRule::new("rule")).await?;
    assert_exception!(
        client.send(DescribeRule::new("rule")).await,
        Exception::ResourceNotFoundException
    );
    Ok(())
}

async fn ecs(client: &awsjson_ecs::Client) -> Result<(), awsjson_ecs::Error> {
    use awsjson_ecs::types::ContainerDefinition;
    use awsjson_ecs::{
        CreateCluster, DeleteCluster, DescribeClusters, DescribeTaskDefinition, Exception,
        ListTaskDefinitions, RegisterTaskDefinition,
    };
    client.send(CreateCluster::new().cluster_name("cluster")).await?;
    let described = client.send(DescribeClusters::new().clusters(["cluster"])).await?;
    let clusters = described.clusters.unwrap_or_default();
    assert_eq!(
        clusters.first().and_then(|cluster| cluster.status.as_deref()),
        Some("ACTIVE")
    );
    let container = ContainerDefinition::new()
        .name("app")
        .image("app:1")
        .memory(64)
        .essential(true);
    let registered = client
        .send(RegisterTaskDefinition::new("family", [container]))
        .await?;
    assert_eq!(
        registered
            .task_definition
            .and_then(|definition| definition.revision),
        Some(1)
    );
    let listed = client
        .send(ListTaskDefinitions::new().family_prefix("family"))
        .await?;
    assert_eq!(listed.task_definition_arns.map(|arns| arns.len()), Some(1));
    client.send(DeleteCluster::new("cluster")).await?;
    let missing = DescribeTaskDefinition::new("missing");
    assert_exception!(client.send(missing).await, Exception::ClientException);
    Ok(())
}

async fn ecr(client: &awsjson_ecr::Client) -> Result<(), awsjson_ecr::Error> {
    use awsjson_ecr::{
        CreateRepository, DeleteRepository, DescribeRepositories, Exception, GetAuthorizationToken,
        ListImages,
    };
    client.send(CreateRepository::new("repository")).await?;
    let again = CreateRepository::new("repository");
    assert_exception!(
        client.send(again).await,
        Exception::RepositoryAlreadyExistsException
    );
    let described = client
        .send(DescribeRepositories::new())
        .await?
        .repositories
        .unwrap_or_default();
    assert!(
        described
            .iter()
            .any(|repository| repository.repository_name.as_deref() == Some("repository"))
    );
    assert_eq!(
        client
            .send(ListImages::new("repository"))
            .await?
            .image_ids
            .unwrap_or_default()
            .len(),
        0
    );
    let token = client
        .send(GetAuthorizationToken::new())
        .await?
        .authorization_data
        .unwrap_or_default();
    assert!(
        token
            .first()
            .is_some_and(|data| data.authorization_token.is_some() && data.expires_at.is_some())
    );
    client.send(DeleteRepository::new("repository")).await?;
    let missing = DeleteRepository::new("repository");
    assert_exception!(client.send(missing).await, Exception::RepositoryNotFoundException);
    Ok(())
}

async fn cognito_idp(client: &awsjson_cognito_idp::Client) -> Result<(), awsjson_cognito_idp::Error> {
    use awsjson_cognito_idp::{
        AdminConfirmSignUp, AdminGetUser, CreateUserPool, CreateUserPoolClient, DeleteUserPool, Exception,
        InitiateAuth, SignUp,
    };
    let pool = client
        .send(CreateUserPool::new("pool"))
        .await?
        .user_pool
        .and_then(|pool| pool.id);
    let pool = pool.expect("a pool has an id");
    let app = CreateUserPoolClient::new(&pool, "app").explicit_auth_flows(["ALLOW_USER_PASSWORD_AUTH"]);
    let app = client
        .send(app)
        .await?
        .user_pool_client
        .and_then(|app| app.client_id)
        .expect("it has an id");
    let sign_up = SignUp::new(&app, "user").password("Passw0rd!");
    assert!(
        !format!("{sign_up:?}").contains("Passw0rd"),
        "passwords are not shown"
    );
    // This operation is not signed.
    client.send(sign_up).await?;
    client.send(AdminConfirmSignUp::new(&pool, "user")).await?;
    let auth = |password: &str| {
        let parameters = [("USERNAME", "user"), ("PASSWORD", password)];
        InitiateAuth::new("USER_PASSWORD_AUTH", &app).auth_parameters(parameters)
    };
    let tokens = client
        .send(auth("Passw0rd!"))
        .await?
        .authentication_result
        .expect("there are tokens");
    assert!(tokens.access_token.is_some());
    assert_exception!(
        client.send(auth("wrong")).await,
        Exception::NotAuthorizedException
    );
    let missing = AdminGetUser::new(&pool, "missing");
    assert_exception!(client.send(missing).await, Exception::UserNotFoundException);
    client.send(DeleteUserPool::new(&pool)).await?;
    Ok(())
}

async fn dynamodb(client: &awsjson_dynamodb::Client) -> Result<(), awsjson_dynamodb::Error> {
    use awsjson_dynamodb::types::{AttributeDefinition, AttributeValue, KeySchemaElement};
    use awsjson_dynamodb::{CreateTable, DeleteTable, Exception, GetItem, PutItem, Query};
    let create = CreateTable::new("table")
        .attribute_definitions([AttributeDefinition::new("id", "S")])
        .key_schema([KeySchemaElement::new("id", "HASH")])
        .billing_mode("PAY_PER_REQUEST");
    client.send(create).await?;
    let id = || [("id", AttributeValue::new().s("one"))];
    let nested = AttributeValue::new().m([("big", AttributeValue::new().n("12345678901234567890"))]);
    let item = id().into_iter().chain([
        ("bytes", AttributeValue::new().b(vec![0, 255])),
        ("nested", nested.clone()),
        ("nothing", AttributeValue::new().null(true)),
    ]);
    client.send(PutItem::new("table", item)).await?;
    let item = client
        .send(GetItem::new("table", id()))
        .await?
        .item
        .expect("it was put");
    assert_eq!(item.get("nested"), Some(&nested));
    assert_eq!(
        item.get("bytes")
            .and_then(|value| value.b.as_ref())
            .map(AsRef::as_ref),
        Some(&[0, 255][..])
    );
    let query = Query::new("table")
        .key_condition_expression("id = :id")
        .expression_attribute_values([(":id", AttributeValue::new().s("one"))]);
    assert_eq!(client.send(query).await?.count, Some(1));
    let conditional = PutItem::new("table", id()).condition_expression("attribute_not_exists(id)");
    assert_exception!(
        client.send(conditional).await,
        Exception::ConditionalCheckFailedException
    );
    client.send(DeleteTable::new("table")).await?;
    assert_exception!(
        client.send(DeleteTable::new("missing")).await,
        Exception::ResourceNotFoundException
    );
    Ok(())
}

async fn sqs(client: &awsjson_sqs::Client) -> Result<(), awsjson_sqs::Error> {
    use awsjson_sqs::{
        CreateQueue, DeleteMessage, DeleteQueue, Exception, GetQueueUrl, ReceiveMessage, SendMessage,
    };
    let url = client
        .send(CreateQueue::new("queue"))
        .await?
        .queue_url
        .expect("a queue has a URL");
    client.send(SendMessage::new(&url, "h\u{e9}llo")).await?;
    let received = client
        .send(ReceiveMessage::new(&url).max_number_of_messages(1))
        .await?;
    let messages = received.messages.unwrap_or_default();
    assert_eq!(messages[0].body.as_deref(), Some("h\u{e9}llo"));
    let handle = messages[0].receipt_handle.clone().expect("there is a handle");
    client.send(DeleteMessage::new(&url, handle)).await?;
    client.send(DeleteQueue::new(&url)).await?;
    let error = client
        .send(GetQueueUrl::new("missing"))
        .await
        .expect_err("there is no such queue");
    // The code is that of the query protocol, the type is the shape's.
    assert!(
        matches!(error.exception(), Some(Exception::QueueDoesNotExist(_))),
        "{error:?}"
    );
    assert_eq!(error.code(), Some("AWS.SimpleQueueService.NonExistentQueue"));
    Ok(())
}

async fn stepfunctions(client: &awsjson_stepfunctions::Client) -> Result<(), awsjson_stepfunctions::Error> {
    use awsjson_stepfunctions::{
        CreateStateMachine, DeleteStateMachine, DescribeExecution, DescribeStateMachine, Exception,
        ListStateMachines, StartExecution,
    };
    let definition = r#"{"StartAt": "End", "States": {"End": {"Type": "Pass", "End": true}}}"#;
    let created = client
        .send(CreateStateMachine::new("machine", definition, KEY_USER))
        .await?;
    let arn = created.state_machine_arn;
    let listed = client.send(ListStateMachines::new()).await?.state_machines;
    assert_eq!(
        listed
            .iter()
            .map(|machine| machine.name.as_str())
            .collect::<Vec<_>>(),
        ["machine"]
    );
    let started = client.send(StartExecution::new(&arn).input("{\"a\": 1}")).await?;
    let execution = client
        .send(DescribeExecution::new(&started.execution_arn))
        .await?;
    assert_eq!(execution.input.as_deref(), Some("{\"a\": 1}"));
    assert!(execution.start_date >= created.creation_date);
    client.send(DeleteStateMachine::new(&arn)).await?;
    let missing = DescribeStateMachine::new(arn.replace("machine:machine", "machine:missing"));
    assert_exception!(client.send(missing).await, Exception::StateMachineDoesNotExist);
    Ok(())
}
