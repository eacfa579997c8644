//! The three operations, with the generated client.

use std::error::Error;
use std::hint::black_box;

use awsjson_logs::protocol::Credentials;
use awsjson_logs::types::InputLogEvent;
use awsjson_logs::{AssociateKmsKey, GetLogEvents, PutLogEvents};

pub use awsjson_logs::Client;

type BoxError = Box<dyn Error + Send + Sync>;

pub fn connect(endpoint: &str) -> Result<Client, BoxError> {
    let client = Client::builder()
        .region("us-east-1")
        .credentials(Credentials::new("AKIDEXAMPLE", "secret", None, None, "bench"))
        .endpoint_url(endpoint)
        .build()?;
    Ok(client)
}

pub async fn associate_kms_key(client: &Client) -> Result<(), BoxError> {
    let key = "arn:aws:kms:us-east-1:123456789012:key/1";
    client
        .send(AssociateKmsKey::new(key).log_group_name("app"))
        .await?;
    Ok(())
}

pub async fn put_log_events(client: &Client, messages: &[String]) -> Result<(), BoxError> {
    let events = messages
        .iter()
        .zip(1_767_225_600_000..)
        .map(|(message, time)| InputLogEvent::new(time, message.clone()));
    black_box(client.send(PutLogEvents::new("app", "stream", events)).await?);
    Ok(())
}

pub async fn get_log_events(client: &Client, limit: usize) -> Result<usize, BoxError> {
    let request = GetLogEvents::new("stream")
        .log_group_name("app")
        .limit(i32::try_from(limit)?);
    let output = client.send(request).await?;
    let events = output.events.as_deref().unwrap_or_default();
    Ok(events
        .iter()
        .filter_map(|event| event.message.as_deref())
        .map(|message| black_box(message).len())
        .sum())
}
