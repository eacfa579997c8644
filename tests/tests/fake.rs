//! Faults that a fake injects, seen from a client, over sockets and without.

use std::time::Duration;

use awsjson_logs::exceptions::OperationAbortedException;
use awsjson_logs::{AssociateKmsKey, Client, DescribeLogGroups, DescribeLogGroupsOutput, Exception, Logs};
use awsjson_protocol::fake::{Fake, Fault, Reply};
use awsjson_protocol::{ClientBuilder, Credentials, EmptyOutput, ErrorKind, RetryPolicy};
use tokio::time::Instant;

fn fake() -> Fake<Logs> {
    Fake::new()
        .on(|_: AssociateKmsKey| async { Ok(EmptyOutput::default()) })
        .on(|_: DescribeLogGroups| async { Ok(DescribeLogGroupsOutput::new().next_token("t".repeat(1000))) })
}

fn builder() -> ClientBuilder<Logs> {
    Client::builder()
        .region("us-east-1")
        .credentials(Credentials::new("AKID", "secret", None, None, "tests"))
}

fn once(fault: Fault) -> Fake<Logs> {
    fake().inject(move |request| match request.number {
        0 => fault.clone(),
        _ => Fault::None,
    })
}

/// Describes log groups while the first request meets a fault; returns the number of attempts, in process and by server.
async fn attempts(fault: Fault) -> [u32; 2] {
    let in_process = builder().transport(once(fault.clone()).into_transport());
    let running = once(fault).start().await.expect("a port");
    let by_server = builder().endpoint_url(running.endpoint_url());
    let mut attempts = [0; 2];
    for (attempts, builder) in attempts.iter_mut().zip([in_process, by_server]) {
        let client = builder.build().expect("complete");
        let response = client.call(DescribeLogGroups::new()).send_with_metadata().await;
        let response = response.expect("the second attempt is answered");
        assert_eq!(response.output().next_token.as_ref().map(String::len), Some(1000));
        *attempts = response.attempts();
    }
    attempts
}

#[tokio::test]
async fn each_fault_is_met_by_a_second_attempt() {
    assert_eq!(attempts(Fault::None).await, [1, 1]);
    assert_eq!(attempts(Fault::Delay(Duration::from_millis(1))).await, [1, 1]);
    assert_eq!(attempts(Fault::Disconnect).await, [2, 2]);
    assert_eq!(attempts(Fault::LoseAnswer).await, [2, 2]);
    assert_eq!(attempts(Fault::CutAnswer).await, [2, 2]);
    let throttled = Reply::error(400, "ThrottlingException", "slow down");
    assert_eq!(attempts(Fault::Reply(throttled)).await, [2, 2]);
}

#[tokio::test(start_paused = true)]
async fn a_delay_runs_into_the_attempt_timeout_in_virtual_time() {
    let fake = fake().inject(|_| Fault::Delay(Duration::from_secs(3600)));
    let client = builder()
        .transport(fake.into_transport())
        .build()
        .expect("complete");
    let start = Instant::now();
    let call = client.call(DescribeLogGroups::new());
    let error = call
        .attempt_timeout(Duration::from_secs(5))
        .retry(RetryPolicy::none())
        .await;
    assert_eq!(error.expect_err("too late").kind(), ErrorKind::Timeout);
    assert_eq!(start.elapsed(), Duration::from_secs(5));
}

#[tokio::test]
async fn a_fault_may_be_a_typed_exception_for_one_operation() {
    let exception = Exception::from(OperationAbortedException::new().message("busy"));
    let fake = fake().inject(move |request| match request.operation {
        "AssociateKmsKey" => Fault::Reply(Reply::exception(&exception)),
        _ => Fault::None,
    });
    let calls = fake.calls();
    let client = builder()
        .transport(fake.into_transport())
        .build()
        .expect("complete");
    let error = client
        .send(AssociateKmsKey::new("key").log_group_name("group"))
        .await;
    let error = error.expect_err("it is busy");
    assert!(matches!(
        error.exception(),
        Some(Exception::OperationAbortedException(_))
    ));
    client.send(DescribeLogGroups::new()).await.expect("no fault");
    assert_eq!(
        calls
            .recorded()
            .last()
            .and_then(|call| call.status)
            .map(|status| status.as_u16()),
        Some(200)
    );
}

#[tokio::test]
async fn a_lost_answer_is_recorded_without_a_status() {
    let fake = fake().inject(|_| Fault::LoseAnswer);
    let calls = fake.calls();
    let client = builder()
        .transport(fake.into_transport())
        .build()
        .expect("complete");
    let call = client.call(DescribeLogGroups::new()).retry(RetryPolicy::none());
    let error = call.await.expect_err("no answer");
    assert_eq!(error.kind(), ErrorKind::Transport);
    assert_eq!(calls.recorded().len(), 1);
    assert_eq!(calls.recorded()[0].status, None);
}
