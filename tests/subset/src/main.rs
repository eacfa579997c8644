//! Calls operations that the build script has generated, on a fake.

include!(concat!(env!("OUT_DIR"), "/logs.rs"));

use awsjson_protocol::fake::Fake;
use awsjson_protocol::{Credentials, EmptyOutput};
use logs::exceptions::ResourceNotFoundException;
use logs::types::LogGroup;
use logs::{AssociateKmsKey, Client, DescribeLogGroups, DescribeLogGroupsOutput, Exception};

type BoxError = Box<dyn std::error::Error>;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), BoxError> {
    let fake = Fake::new()
        .on(|request: AssociateKmsKey| async move {
            match request.log_group_name.as_deref() {
                Some("app") => Ok(EmptyOutput::new()),
                _ => Err(ResourceNotFoundException::new().message("no such group").into()),
            }
        })
        .on(|_: DescribeLogGroups| async {
            Ok(DescribeLogGroupsOutput::new().log_groups([LogGroup::new().log_group_name("app")]))
        });
    let client = Client::builder()
        .region("eu-west-1")
        .credentials(Credentials::new("AKID", "secret", None, None, "example"))
        .transport(fake.into_transport())
        .build()?;
    let mut groups = client.items(DescribeLogGroups::new());
    while let Some(group) = groups.try_next().await? {
        println!("{}", group.log_group_name.unwrap_or_default());
    }
    client
        .send(AssociateKmsKey::new("key").log_group_name("app"))
        .await?;
    let missing = client
        .send(AssociateKmsKey::new("key").log_group_name("other"))
        .await;
    let error = missing.expect_err("there is no such group");
    let Some(Exception::ResourceNotFoundException(exception)) = error.exception() else {
        return Err(error.into());
    };
    println!("{}", exception.message.as_deref().unwrap_or_default());
    Ok(())
}
