//! The examples of GUIDE.md: what stands between `// example: name` and `// end` is shown there, and runs here.

mod middleware;
mod show;

use std::time::Duration;

use awsjson_logs::batch::{Missing, SinkBuilder};
use awsjson_logs::exceptions::ResourceNotFoundException;
use awsjson_logs::protocol::fake::{Fake, Fault, Reply};
use awsjson_logs::protocol::{
    ClientBuilder, Credentials, EmptyOutput, Proxy, RetryAdvice, RetryPolicy, Timeouts, TransportBuilder,
};
use awsjson_logs::types::{
    InputLogEvent, LiveTailSessionLogEvent, LiveTailSessionUpdate, LogGroup, StartLiveTailResponseStream,
};
use awsjson_logs::{
    AssociateKmsKey, Client, DescribeLogGroups, DescribeLogGroupsOutput, Exception, Logs, PutLogEvents,
    PutLogEventsOutput, StartLiveTail,
};

type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// A service with two pages of log groups, of which one exists for keys, and a stream of two events.
fn service() -> Fake<Logs> {
    let page = |names: [&str; 2], token: Option<&str>| {
        let groups = names.map(|name| LogGroup::new().log_group_name(name));
        let page = DescribeLogGroupsOutput::new().log_groups(groups);
        match token {
            Some(token) => page.next_token(token),
            None => page,
        }
    };
    let update = || {
        let event = LiveTailSessionLogEvent::new().message("something happened");
        Ok(StartLiveTailResponseStream::SessionUpdate(
            LiveTailSessionUpdate::new().session_results([event]),
        ))
    };
    Fake::new()
        .on(move |request: DescribeLogGroups| async move {
            Ok(match request.next_token.as_deref() {
                None => page(["a", "b"], Some("more")),
                Some(_) => page(["c", "d"], None),
            })
        })
        .on(|request: AssociateKmsKey| async move {
            match request.log_group_name.as_deref() {
                Some("app") => Ok(EmptyOutput::new()),
                _ => Err(ResourceNotFoundException::new().message("no such group").into()),
            }
        })
        .on(|_: PutLogEvents| async { Ok(PutLogEventsOutput::new()) })
        .on_events(move |_: StartLiveTail| async move { Ok(vec![update(), update()]) })
}

fn builder(fake: Fake<Logs>) -> ClientBuilder<Logs> {
    Client::builder()
        .region("eu-west-1")
        .credentials(Credentials::new("AKID", "secret", None, None, "tests"))
        .transport(fake.into_transport())
}

fn client() -> Client {
    builder(service()).build().expect("complete")
}

#[tokio::test]
async fn errors() -> Result<(), BoxError> {
    let client = client();
    let key_arn = "arn:aws:kms:eu-west-1:123456789012:key/1";
    // example: errors
    let operation = AssociateKmsKey::new(key_arn).log_group_name("nowhere");
    if let Err(error) = client.send(operation).await {
        match error.exception() {
            Some(Exception::ResourceNotFoundException(_)) => println!("there is no such log group"),
            // Everything else is in one sentence, with code, message, request id and status.
            _ => println!("{error}"),
        }
        if error.is_throttling() || error.is_retryable() {
            println!("it may work later");
        }
    }
    // end
    Ok(())
}

#[tokio::test]
async fn calls() -> Result<(), BoxError> {
    let client = client();
    // example: calls
    let response = client
        .call(DescribeLogGroups::new().limit(50))
        .region("us-east-1")
        .operation_timeout(Duration::from_secs(10))
        .retry(RetryPolicy::none())
        .header("x-team".parse()?, "checkout".parse()?)
        .send_with_metadata()
        .await?;
    println!(
        "{:?} after {} attempts",
        response.request_id(),
        response.attempts()
    );
    // end
    Ok(())
}

#[tokio::test]
async fn timeouts() -> Result<(), BoxError> {
    let builder = builder(service());
    // example: timeouts
    let timeouts = Timeouts::default()
        .connect(Duration::from_secs(1))
        .attempt(Duration::from_secs(5))
        .operation(Duration::from_secs(20))
        .stream_idle(Duration::from_secs(30));
    let client = builder.timeouts(timeouts).build()?;
    // end
    client.send(DescribeLogGroups::new()).await?;
    Ok(())
}

#[tokio::test]
async fn retry() -> Result<(), BoxError> {
    let builder = builder(service());
    // example: retry
    let client = builder
        .retry(RetryPolicy::adaptive().max_attempts(5))
        .classify_failures(|failed| match failed.code() {
            // The quota is used up: another attempt would only cost time.
            Some("LimitExceededException") => Some(RetryAdvice::Never),
            _ => None,
        })
        .build()?;
    let left = client.retry_budget().tokens();
    println!("{left} tokens are left for retries");
    // end
    client.send(DescribeLogGroups::new()).await?;
    Ok(())
}

#[tokio::test]
async fn pages() -> Result<(), BoxError> {
    let client = client();
    // example: pages
    let mut groups = client.items(DescribeLogGroups::new()).limit(3);
    while let Some(group) = groups.try_next().await? {
        println!("{:?}", group.log_group_name);
    }
    let mut pages = client.pages(DescribeLogGroups::new());
    while let Some(page) = pages.try_next().await? {
        println!("{} groups", page.log_groups.map_or(0, |groups| groups.len()));
    }
    // end
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn waiters() -> Result<(), BoxError> {
    let fake = Fake::new().on(|_: awsjson_ecs::DescribeServices| async {
        let service = awsjson_ecs::types::Service::new()
            .desired_count(1)
            .running_count(1)
            .deployments([awsjson_ecs::types::Deployment::new()]);
        Ok(awsjson_ecs::DescribeServicesOutput::new().services([service]))
    });
    let client = awsjson_ecs::Client::builder()
        .region("eu-west-1")
        .credentials(Credentials::new("AKID", "secret", None, None, "tests"))
        .transport(fake.into_transport())
        .build()?;
    // example: waiters
    use awsjson_ecs::DescribeServices;
    use awsjson_ecs::waiters::SERVICES_STABLE;

    let services = DescribeServices::new(["web"]).cluster("main");
    // The answer that showed the state; for some waiters, such as "deleted", that is an error.
    let answer = client
        .wait(SERVICES_STABLE, services)
        .deadline(Duration::from_secs(600))
        .await?;
    // end
    assert!(answer.is_ok());
    Ok(())
}

#[tokio::test]
async fn streams() -> Result<(), BoxError> {
    let client = client();
    let group_arn = "arn:aws:logs:eu-west-1:123456789012:log-group:app";
    // example: streams
    let mut events = client.send(StartLiveTail::new([group_arn])).await?;
    while let Some(event) = events.try_next().await? {
        match event {
            StartLiveTailResponseStream::SessionUpdate(update) => println!("{:?}", update.session_results),
            other => println!("{other:?}"),
        }
    }
    // end
    Ok(())
}

#[tokio::test]
async fn batch() -> Result<(), BoxError> {
    let client = client();
    // example: batch
    let sink = SinkBuilder::new(client, "app", "instance-1")
        .missing(Missing::Create)
        .start(|lost| eprintln!("{lost}"));
    for line in ["first", "second"] {
        sink.send(InputLogEvent::new(1_700_000_000_000, line)).await?;
    }
    let summary = sink.close().await;
    println!("{} delivered, {} lost", summary.delivered, summary.lost);
    // end
    assert_eq!(summary.delivered, 2);
    Ok(())
}

#[tokio::test]
async fn validation() -> Result<(), BoxError> {
    let builder = builder(service());
    // example: validation
    let client = builder.validate_inputs().build()?;
    let operation = PutLogEvents::new("no spaces!", "stream", []);
    let error = client.send(operation).await.expect_err("nothing is sent");
    // ... breaks 2 rules of the model: `logEvents` has 0 entries, at least 1 are needed; `logGroupName` does not match ...
    println!("{error}");
    // end
    assert!(error.to_string().contains("breaks 2 rules"), "{error}");
    Ok(())
}

#[tokio::test]
async fn transport() -> Result<(), BoxError> {
    let folder = tempfile::tempdir()?;
    let certified = rcgen::generate_simple_self_signed(["localhost".to_owned()])?;
    let (ca, key) = (folder.path().join("ca.pem"), folder.path().join("key.pem"));
    std::fs::write(&ca, certified.cert.pem())?;
    std::fs::write(&key, certified.signing_key.serialize_pem())?;
    let builder = builder(service());
    // example: transport
    let transport = TransportBuilder::new()
        .proxy(Proxy::new(
            "http://proxy.example:3128",
            ".internal.example,10.0.0.0/8",
        )?)
        .trust_pem(&std::fs::read(&ca)?)?
        .client_certificate_pem(&std::fs::read(&ca)?, &std::fs::read(&key)?)?
        .pool_max_idle_per_host(8)
        .build();
    let client = builder.transport(transport).build()?;
    // end
    drop(client);
    Ok(())
}

#[tokio::test]
async fn fakes() -> Result<(), BoxError> {
    // example: fakes
    let fake = Fake::new()
        .on(|_: DescribeLogGroups| async { Ok(DescribeLogGroupsOutput::new()) })
        .inject(|request| match request.number {
            0 => Fault::Disconnect,
            1 => Fault::Reply(Reply::error(400, "ThrottlingException", "slow down")),
            _ => Fault::None,
        });
    let calls = fake.calls();
    let client = Client::builder()
        .region("eu-west-1")
        .credentials(Credentials::new("AKID", "secret", None, None, "tests"))
        .jitter(|| 0.0) // without pauses between attempts
        .transport(fake.into_transport())
        .build()?;
    client.send(DescribeLogGroups::new()).await?;
    assert_eq!(calls.recorded().len(), 3);
    // end
    Ok(())
}

#[test]
fn blocking() -> Result<(), BoxError> {
    let client = client();
    // example: blocking
    // Keep the runtime as long as the client: connections live on it.
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let output = runtime.block_on(client.send(DescribeLogGroups::new()))?;
    // end
    assert_eq!(output.log_groups.map(|groups| groups.len()), Some(2));
    Ok(())
}
