//! Uses a generated crate as a stranger would: calls, matches an exception, serialises a type, fakes the service.

use awsjson_logs::exceptions::ResourceNotFoundException;
use awsjson_logs::protocol::fake::Fake;
use awsjson_logs::protocol::{Credentials, EmptyOutput, Operation};
use awsjson_logs::types::{LogGroup, LogGroupClass};
use awsjson_logs::{AssociateKmsKey, Client, DescribeLogGroups, DescribeLogGroupsOutput, Exception, Logs};

/// What a stranger's program does with the client.
async fn encrypt_all(client: &Client, key: &str) -> Result<Vec<String>, awsjson_logs::Error> {
    let mut gone = Vec::new();
    let mut token = None;
    loop {
        let mut operation = DescribeLogGroups::new().limit(50);
        operation.next_token = token;
        let output = operation.send(client).await?;
        for name in output
            .log_groups
            .into_iter()
            .flatten()
            .filter_map(|group| group.log_group_name)
        {
            match client.send(AssociateKmsKey::new(key).log_group_name(&name)).await {
                Ok(_) => {}
                Err(error) => match error.exception() {
                    Some(Exception::ResourceNotFoundException(_)) => gone.push(name),
                    _ => return Err(error),
                },
            }
        }
        token = output.next_token;
        if token.is_none() {
            return Ok(gone);
        }
    }
}

fn fake() -> Fake<Logs> {
    Fake::new()
        .on(|request: DescribeLogGroups| async move {
            let page = |name: &str| {
                DescribeLogGroupsOutput::new().log_groups([LogGroup::new().log_group_name(name)])
            };
            Ok(match request.next_token {
                None => page("here").next_token("more"),
                Some(_) => page("gone"),
            })
        })
        .on(|request: AssociateKmsKey| async move {
            match request.log_group_name.as_deref() {
                Some("here") => Ok(EmptyOutput::new()),
                _ => Err(ResourceNotFoundException::new().message("no such group").into()),
            }
        })
}

fn client() -> Result<awsjson_logs::protocol::ClientBuilder<Logs>, Box<dyn std::error::Error>> {
    let credentials = Credentials::new("AKID", "secret", None, None, "downstream");
    Ok(Client::builder().region("eu-central-1").credentials(credentials))
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    // Over a real socket.
    let server = fake().start().await?;
    let over_http = client()?.endpoint_url(server.endpoint_url()).build()?;
    assert_eq!(encrypt_all(&over_http, "key").await?, ["gone"]);
    assert_eq!(server.calls().len(), 4);

    // Without one.
    let in_process = client()?.transport(fake().into_transport()).build()?;
    assert_eq!(encrypt_all(&in_process, "key").await?, ["gone"]);

    // Types are serde types, in wire form; values that the model does not know survive.
    let json = r#"{"logGroupClass":"FROZEN","logGroupName":"app"}"#;
    let group: LogGroup = serde_json::from_str(json)?;
    assert_eq!(
        group.log_group_class,
        Some(LogGroupClass::Unknown("FROZEN".to_owned()))
    );
    assert_eq!(serde_json::to_string(&group)?, json);

    // What is wrong with a request is said before it is sent.
    let error = over_http
        .send(AssociateKmsKey::new("key"))
        .await
        .expect_err("no group is named");
    println!("{error}");
    Ok(())
}
