//! Associates a KMS key with a log group, and shows what goes over the wire.
//!
//! Without arguments it starts a fake CloudWatch Logs on loopback. With `--endpoint-url` it talks to an emulator, with
//! `--aws` to AWS.

use std::error::Error;
use std::process::ExitCode;

use awsjson_logs::protocol::Credentials;
use awsjson_logs::protocol::fake::RunningFake;
use awsjson_logs::{AssociateKmsKey, Client, CreateLogGroup, DeleteLogGroup, DescribeLogGroups, Exception};
use awsjson_tests::logs_fake::LogsFake;
use clap::Parser;

const GROUP: &str = "awsjson-quickstart";

#[derive(Parser)]
struct Arguments {
    /// Talks to this endpoint, such as an emulator
    #[arg(long, value_name = "URL")]
    endpoint_url: Option<String>,
    /// Talks to AWS, with region and credentials from the environment
    #[arg(long, conflicts_with = "endpoint_url")]
    aws: bool,
    /// The key to associate
    #[arg(
        long,
        value_name = "ARN",
        default_value = "arn:aws:kms:us-east-1:123456789012:key/11111111-2222-3333-4444-555555555555"
    )]
    kms_key_id: String,
}

#[tokio::main]
async fn main() -> ExitCode {
    match run(Arguments::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(arguments: Arguments) -> Result<(), Box<dyn Error>> {
    let (client, fake) = connect(&arguments).await?;
    println!("1. create the log group {GROUP}");
    client.send(CreateLogGroup::new(GROUP)).await?;
    let result = use_keys(&client, &arguments.kms_key_id).await;
    println!("6. delete the log group");
    client.send(DeleteLogGroup::new(GROUP)).await?;
    result?;
    if let Some(fake) = fake {
        show_wire(&fake);
    }
    Ok(())
}

/// Makes the client for what the arguments name, and starts the fake if they name nothing.
async fn connect(arguments: &Arguments) -> Result<(Client, Option<RunningFake>), Box<dyn Error>> {
    if arguments.aws {
        return Ok((Client::from_env().await?, None));
    }
    let credentials = Credentials::new("AKIAEXAMPLE", "an-example-secret", None, None, "quickstart");
    let builder = Client::builder()
        .region("us-east-1")
        .credentials(credentials.clone());
    if let Some(url) = &arguments.endpoint_url {
        println!("talking to {url}\n");
        return Ok((builder.endpoint_url(url).build()?, None));
    }
    let fake = LogsFake::new("us-east-1").start(credentials).await?;
    println!("talking to a fake CloudWatch Logs at {}\n", fake.endpoint_url());
    Ok((builder.endpoint_url(fake.endpoint_url()).build()?, Some(fake)))
}

async fn use_keys(client: &Client, key: &str) -> Result<(), Box<dyn Error>> {
    println!("2. associate the key {key}");
    let associated = client.send(AssociateKmsKey::new(key).log_group_name(GROUP)).await;
    if let Err(error) = &associated {
        println!("   {error}");
    }

    println!("3. look at the log group");
    let output = client
        .send(DescribeLogGroups::new().log_group_name_prefix(GROUP))
        .await?;
    for group in output.log_groups.unwrap_or_default() {
        let name = group.log_group_name.unwrap_or_default();
        println!(
            "   {name} has the key {}",
            group.kms_key_id.as_deref().unwrap_or("(none)")
        );
    }

    println!("4. name the group twice: refused before anything is sent");
    let both = AssociateKmsKey::new(key)
        .log_group_name(GROUP)
        .resource_identifier("arn:aws:logs:us-east-1:123456789012:log-group:other");
    match client.send(both).await {
        Err(error) => println!("   {error}"),
        Ok(_) => return Err("both members were accepted".into()),
    }

    println!("5. name a group that does not exist: caught by its type");
    match client
        .send(AssociateKmsKey::new(key).log_group_name("no-such-group"))
        .await
    {
        Err(error) => match error.exception() {
            Some(Exception::ResourceNotFoundException(exception)) => {
                println!(
                    "   not found: {}",
                    exception.message.as_deref().unwrap_or("(no message)")
                );
                println!("   {error}");
            }
            _ => println!("   {error}"),
        },
        Ok(_) => return Err("a group that does not exist was accepted".into()),
    }
    // Emulators do not know this operation; the fake and AWS do.
    match associated {
        Err(error) if error.status().is_none_or(|status| status.as_u16() != 500) => Err(error.into()),
        _ => Ok(()),
    }
}

fn show_wire(fake: &RunningFake) {
    println!("\nover the wire:");
    for call in fake.calls() {
        println!("  POST {}  X-Amz-Target: {}", call.uri, call.target);
        println!("    {}", String::from_utf8_lossy(&call.body));
        println!(
            "    {} {}",
            call.status.map_or(0, |status| status.as_u16()),
            String::from_utf8_lossy(&call.answer)
        );
    }
}
