//! Every endpoint test case that botocore's source distribution ships for the services that are here.
//!
//! The tables are built at run time from `models`, with the types that generated crates hold as constants, and
//! evaluated by the engine that clients use.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::time::Instant;

use awsjson_codegen::call::table;
use awsjson_codegen::fetch::{self, Artifact};
use awsjson_codegen::lock::Lock;
use awsjson_codegen::workspace::Workspace;
use awsjson_protocol::endpoint_rules::{OperationValue, Parameters, RuleSet, Source, resolve};
use awsjson_protocol::{Body, Client, ClientBuilder, Credentials, ErrorKind, Operation};
use serde_json::Value;

#[test]
fn every_endpoint_case_is_resolved_as_expected() {
    let workspace = Workspace::find(Path::new(env!("CARGO_MANIFEST_DIR"))).expect("this is a checkout");
    let cases = fetch_cases(&workspace);
    let (mut passed, mut errors, mut services) = (0, 0, 0);
    let mut failures = Vec::new();
    for service in workspace.services().expect("there are models") {
        let rules = workspace.endpoint_rules(&service).expect("the rules can be read");
        let rules = table(&rules.unwrap_or_else(|| panic!("{service} has no rules")));
        let file = cases.join(&service).join("endpoint-tests-1.json");
        let text = fs::read_to_string(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        let suite: Value = serde_json::from_str(&text).expect("the cases are JSON");
        services += 1;
        for case in suite["testCases"].as_array().expect("cases") {
            match check(&rules, case) {
                Ok(()) => passed += 1,
                Err(difference) => failures.push(format!("{service}: {}: {difference}", case["params"])),
            }
            errors += usize::from(case["expect"].get("error").is_some());
        }
    }
    println!("{passed} cases of {services} services pass, {errors} of them expected errors");
    assert!(
        failures.is_empty(),
        "{} cases fail:\n{}",
        failures.len(),
        failures.join("\n")
    );
    assert!(
        passed >= 6148 && services >= 153,
        "{passed} cases of {services} services"
    );
}

#[test]
fn a_client_is_made_without_work_that_grows_with_the_tables() {
    let make = || {
        awsjson_kinesis::Client::builder()
            .region("eu-central-1")
            .transport(tower::service_fn(|_| {
                std::future::ready(Err::<http::Response<awsjson_protocol::Body>, _>("no network"))
            }))
            .build()
            .expect("complete")
    };
    drop(make());
    let start = Instant::now();
    for _ in 0..1000 {
        drop(make());
    }
    let each = start.elapsed() / 1000;
    println!("a client for Kinesis, whose table is the largest, is made in {each:?}");
    assert!(each.as_millis() < 5, "{each:?}");
}

/// Sends an operation through a transport that answers nothing, and returns the host and the scope of the signature.
async fn destination<O: Operation>(
    configure: impl FnOnce(ClientBuilder<O::Service>) -> ClientBuilder<O::Service>,
    operation: O,
) -> (String, String) {
    let (sender, receiver) = std::sync::mpsc::channel();
    let transport = tower::service_fn(move |request: http::Request<Body>| {
        let host = request.uri().host().unwrap_or_default().to_owned();
        let authorization = request
            .headers()
            .get("authorization")
            .and_then(|value| value.to_str().ok());
        let scope = authorization.and_then(|text| text.split('/').nth(2).zip(text.split('/').nth(3)));
        let scope = scope
            .map(|(region, name)| format!("{region}/{name}"))
            .unwrap_or_default();
        sender.send((host, scope)).expect("the test waits");
        std::future::ready(Ok::<_, std::convert::Infallible>(http::Response::new(
            Body::from(bytes::Bytes::new()),
        )))
    });
    let credentials = Credentials::new("AKID", "secret", None, None, "tests");
    let builder = Client::builder().credentials(credentials).transport(transport);
    let client = configure(builder).build().expect("complete");
    client.send(operation).await.expect("it is answered");
    receiver.recv().expect("it was sent")
}

#[tokio::test]
async fn generated_clients_go_where_their_rules_say() {
    let logs = || awsjson_logs::DescribeLogGroups::new();
    let host = |host: &str, scope: &str| (host.to_owned(), scope.to_owned());
    assert_eq!(
        destination(|client| client.region("eu-west-1"), logs()).await,
        host("logs.eu-west-1.amazonaws.com", "eu-west-1/logs")
    );
    assert_eq!(
        destination(|client| client.region("cn-north-1"), logs()).await,
        host("logs.cn-north-1.amazonaws.com.cn", "cn-north-1/logs")
    );
    assert_eq!(
        destination(|client| client.region("us-east-1").use_fips(), logs()).await,
        host("logs-fips.us-east-1.amazonaws.com", "us-east-1/logs")
    );
    assert_eq!(
        destination(|client| client.region("us-east-1").use_dual_stack(), logs()).await,
        host("logs.us-east-1.api.aws", "us-east-1/logs")
    );
    assert_eq!(
        destination(
            |client| client.region("eu-west-1"),
            awsjson_ecr::DescribeRepositories::new()
        )
        .await,
        host("api.ecr.eu-west-1.amazonaws.com", "eu-west-1/ecr")
    );
}

#[tokio::test]
async fn members_of_an_operation_may_decide_the_endpoint() {
    let arn = "arn:aws:kinesis:us-east-1:123456789012:stream/name";
    let put = awsjson_kinesis::PutRecord::new(vec![1_u8]).partition_key("key");
    let plain = destination(
        |client| client.region("us-east-1"),
        put.clone().stream_name("name"),
    )
    .await;
    assert_eq!(plain.0, "kinesis.us-east-1.amazonaws.com");
    let by_account = destination(|client| client.region("us-east-1"), put.stream_arn(arn)).await;
    assert_eq!(by_account.0, "123456789012.data-kinesis.us-east-1.amazonaws.com");
}

#[tokio::test]
async fn members_deep_in_an_operation_may_decide_the_endpoint() {
    use awsjson_dynamodb::types::{Get, TransactGetItem};
    let tables = |name: &str| {
        let get = Get::new(Vec::<(String, _)>::new(), name);
        awsjson_dynamodb::TransactGetItems::new([TransactGetItem::new(get)])
    };
    let region = |client: ClientBuilder<_>| client.region("us-east-1");
    let by_name = destination(region, tables("table")).await;
    assert_eq!(by_name.0, "dynamodb.us-east-1.amazonaws.com");
    let by_arn = destination(
        region,
        tables("arn:aws:dynamodb:us-east-1:123456789012:table/name"),
    )
    .await;
    assert_eq!(by_arn.0, "123456789012.ddb.us-east-1.amazonaws.com");
}

#[tokio::test]
async fn an_endpoint_that_wants_another_signature_is_refused() {
    let client = awsjson_events::Client::builder()
        .region("us-east-1")
        .credentials(Credentials::new("AKID", "secret", None, None, "tests"))
        .build()
        .expect("complete");
    let put = awsjson_events::PutEvents::new([]).endpoint_id("abc123.456def");
    let error = client.send(put).await.expect_err("it is a global endpoint");
    assert_eq!(error.kind(), ErrorKind::Config);
    assert!(error.to_string().contains("signed with sigv4a"), "{error}");
}

#[test]
fn what_the_rules_refuse_is_a_configuration_error() {
    let credentials = Credentials::new("AKID", "secret", None, None, "tests");
    let builder = awsjson_logs::Client::builder()
        .region("us-east-1")
        .credentials(credentials)
        .use_fips();
    let error = builder
        .endpoint_url("https://example.com")
        .build()
        .expect_err("there is no such endpoint");
    assert_eq!(error.kind(), ErrorKind::Config);
    assert!(
        error
            .to_string()
            .contains("FIPS and custom endpoint are not supported"),
        "{error}"
    );
}

/// Fetches the pinned source distribution, and returns the folder of its endpoint tests.
fn fetch_cases(workspace: &Workspace) -> PathBuf {
    let lock = Lock::load(&workspace.models()).expect("upstream is pinned");
    let cache = workspace.root.join("target/awsjson-cache");
    let archive = fetch::pinned(&lock, Artifact::SourceDistribution, &cache).expect("it can be fetched");
    let version = lock.upstream.version.expect("a version is pinned");
    let folder = cache.join(format!("botocore-{version}"));
    if !folder.join("setup.py").is_file() {
        let archive = flate2::read::GzDecoder::new(File::open(archive).expect("it is there"));
        tar::Archive::new(archive)
            .unpack(&cache)
            .expect("it can be unpacked");
    }
    folder.join("tests/functional/endpoint-rules")
}

fn check(rules: &RuleSet, case: &Value) -> Result<(), String> {
    let params = case["params"].as_object();
    let text = |name: &str| params.and_then(|params| params.get(name)).and_then(Value::as_str);
    let flag = |name: &str| {
        params
            .and_then(|params| params.get(name))
            .and_then(Value::as_bool)
    };
    let built_in = |name: &str| {
        let parameter = rules.parameters.iter().find(|parameter| parameter.name == name);
        parameter.is_some_and(|parameter| parameter.source != Source::Operation)
    };
    let others = params.into_iter().flatten().filter(|(name, _)| !built_in(name));
    let parameters = Parameters {
        region: text("Region"),
        use_fips: flag("UseFIPS").unwrap_or_default(),
        use_dual_stack: flag("UseDualStack").unwrap_or_default(),
        endpoint: text("Endpoint"),
        account_id: text("AccountId"),
        account_id_endpoint_mode: text("AccountIdEndpointMode"),
        operation: others
            .map(|(name, value)| (name.as_str(), operation_value(value)))
            .collect(),
    };
    let expect = &case["expect"];
    let resolved = match (resolve(rules, &parameters), expect["error"].as_str()) {
        (Err(error), Some(expected)) if error == expected => return Ok(()),
        (Ok(resolved), None) => resolved,
        (result, _) => return Err(format!("{result:?}, not {expect}")),
    };
    let expected = &expect["endpoint"];
    if Some(resolved.url.as_str()) != expected["url"].as_str() {
        return Err(format!("{}, not {}", resolved.url, expected["url"]));
    }
    let schemes = expected["properties"]["authSchemes"]
        .as_array()
        .map(Vec::as_slice)
        .unwrap_or_default();
    let same = resolved
        .auth_schemes
        .iter()
        .zip(schemes)
        .all(|(scheme, expected)| {
            Some(scheme.name) == expected["name"].as_str()
                && scheme.signing_name.as_deref() == expected["signingName"].as_str()
                && scheme.signing_region.as_deref() == expected["signingRegion"].as_str()
        });
    match same && schemes.len() == resolved.auth_schemes.len() {
        true => Ok(()),
        false => Err(format!("{:?}, not {schemes:?}", resolved.auth_schemes)),
    }
}

fn operation_value(value: &Value) -> OperationValue<'_> {
    match value {
        Value::String(text) => OperationValue::String(text),
        Value::Bool(value) => OperationValue::Boolean(*value),
        Value::Array(texts) => OperationValue::Strings(texts.iter().filter_map(Value::as_str).collect()),
        other => panic!("no parameter is {other}"),
    }
}
