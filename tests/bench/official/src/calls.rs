//! The three operations, with the official SDK.

use std::error::Error;
use std::hint::black_box;

use aws_sdk_cloudwatchlogs::config::{BehaviorVersion, Config, Credentials, Region};
use aws_sdk_cloudwatchlogs::types::InputLogEvent;

pub use aws_sdk_cloudwatchlogs::Client;

type BoxError = Box<dyn Error + Send + Sync>;

pub fn connect(endpoint: &str) -> Result<Client, BoxError> {
    let config = Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::from_static("us-east-1"))
        .credentials_provider(Credentials::new("AKIDEXAMPLE", "secret", None, None, "bench"))
        .endpoint_url(endpoint)
        .build();
    Ok(Client::from_conf(config))
}

pub async fn associate_kms_key(client: &Client) -> Result<(), BoxError> {
    let key = "arn:aws:kms:us-east-1:123456789012:key/1";
    client
        .associate_kms_key()
        .kms_key_id(key)
        .log_group_name("app")
        .send()
        .await?;
    Ok(())
}

pub async fn put_log_events(client: &Client, messages: &[String]) -> Result<(), BoxError> {
    let events = messages.iter().zip(1_767_225_600_000..);
    let events = events
        .map(|(message, time)| {
            InputLogEvent::builder()
                .timestamp(time)
                .message(message.clone())
                .build()
        })
        .collect::<Result<_, _>>()?;
    let request = client
        .put_log_events()
        .log_group_name("app")
        .log_stream_name("stream");
    black_box(request.set_log_events(Some(events)).send().await?);
    Ok(())
}

pub async fn get_log_events(client: &Client, limit: usize) -> Result<usize, BoxError> {
    let request = client
        .get_log_events()
        .log_stream_name("stream")
        .log_group_name("app");
    let output = request.limit(i32::try_from(limit)?).send().await?;
    Ok(output
        .events()
        .iter()
        .filter_map(|event| event.message())
        .map(|message| black_box(message).len())
        .sum())
}
