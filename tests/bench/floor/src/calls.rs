//! The three operations by hand: hyper, aws-sigv4 and serde_json, with pooled connections, typed inputs and outputs, and the
//! service's error code and message; without retries, timeouts, or anything that these operations do not need.

use std::error::Error;
use std::hint::black_box;
use std::time::SystemTime;

use aws_credential_types::Credentials;
use aws_sigv4::http_request::{SignableBody, SignableRequest, SigningSettings, sign};
use aws_sigv4::sign::v4::SigningParams;
use bytes::Bytes;
use http::header::{CONTENT_TYPE, HeaderValue};
use http::{Request, Uri};
use http_body_util::{BodyExt, Full};
use hyper_util::client::legacy::Client as HttpClient;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

type BoxError = Box<dyn Error + Send + Sync>;

#[cfg(feature = "tls")]
type Connector = hyper_rustls::HttpsConnector<HttpConnector>;
#[cfg(not(feature = "tls"))]
type Connector = HttpConnector;

pub struct Client {
    http: HttpClient<Connector, Full<Bytes>>,
    endpoint: Uri,
    region: &'static str,
    credentials: Credentials,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct AssociateKmsKey {
    kms_key_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    log_group_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    resource_identifier: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct PutLogEvents {
    log_events: Vec<InputLogEvent>,
    log_group_name: String,
    log_stream_name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    sequence_token: Option<String>,
}

#[derive(Serialize)]
struct InputLogEvent {
    message: String,
    timestamp: i64,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
#[expect(dead_code, reason = "programs may ask for them")]
struct PutLogEventsOutput {
    next_sequence_token: Option<String>,
    rejected_log_events_info: Option<RejectedLogEventsInfo>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
#[expect(dead_code, reason = "programs may ask for them")]
struct RejectedLogEventsInfo {
    expired_log_event_end_index: Option<i32>,
    too_new_log_event_start_index: Option<i32>,
    too_old_log_event_end_index: Option<i32>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct GetLogEvents {
    limit: i32,
    log_group_name: String,
    log_stream_name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_token: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
#[expect(dead_code, reason = "programs may ask for them")]
struct GetLogEventsOutput {
    #[serde(default)]
    events: Vec<OutputLogEvent>,
    next_backward_token: Option<String>,
    next_forward_token: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
#[expect(dead_code, reason = "programs may ask for them")]
struct OutputLogEvent {
    ingestion_time: Option<i64>,
    message: Option<String>,
    timestamp: Option<i64>,
}

#[derive(Deserialize)]
struct Exception {
    #[serde(rename = "__type")]
    code: Option<String>,
    #[serde(alias = "Message")]
    message: Option<String>,
}

pub fn connect(endpoint: &str) -> Result<Client, BoxError> {
    Ok(Client {
        http: HttpClient::builder(TokioExecutor::new())
            .pool_timer(TokioTimer::new())
            .build(connector()?),
        endpoint: endpoint.parse()?,
        region: "us-east-1",
        credentials: Credentials::from_keys("AKIDEXAMPLE", "secret", None),
    })
}

#[cfg(feature = "tls")]
fn connector() -> Result<Connector, BoxError> {
    let mut http = HttpConnector::new();
    http.enforce_http(false);
    http.set_nodelay(true);
    let builder = hyper_rustls::HttpsConnectorBuilder::new()
        .with_native_roots()?
        .https_or_http();
    #[cfg(feature = "http2")]
    return Ok(builder.enable_all_versions().wrap_connector(http));
    #[cfg(not(feature = "http2"))]
    Ok(builder.enable_http1().wrap_connector(http))
}

#[cfg(not(feature = "tls"))]
fn connector() -> Result<Connector, BoxError> {
    let mut http = HttpConnector::new();
    http.set_nodelay(true);
    Ok(http)
}

impl Client {
    async fn send(&self, target: &'static str, input: &impl Serialize) -> Result<Bytes, BoxError> {
        let body = Bytes::from(serde_json::to_vec(input)?);
        let mut request = Request::post(self.endpoint.clone()).body(Full::new(body.clone()))?;
        let headers = request.headers_mut();
        headers.insert(
            CONTENT_TYPE,
            HeaderValue::from_static("application/x-amz-json-1.1"),
        );
        headers.insert("x-amz-target", HeaderValue::from_static(target));
        self.sign(&mut request, &body)?;
        let response = self.http.request(request).await?;
        let status = response.status();
        let body = response.into_body().collect().await?.to_bytes();
        if status.is_success() {
            return Ok(body);
        }
        let exception: Exception = serde_json::from_slice(&body)?;
        let (code, message) = (
            exception.code.unwrap_or_default(),
            exception.message.unwrap_or_default(),
        );
        Err(format!("{target}: {status}: {code}: {message}").into())
    }

    fn sign(&self, request: &mut Request<Full<Bytes>>, body: &Bytes) -> Result<(), BoxError> {
        let identity = self.credentials.clone().into();
        let params = SigningParams::builder()
            .identity(&identity)
            .region(self.region)
            .name("logs")
            .time(SystemTime::now())
            .settings(SigningSettings::default())
            .build()?
            .into();
        let uri = request.uri().to_string();
        let headers = request
            .headers()
            .iter()
            .map(|(name, value)| Ok((name.as_str(), value.to_str()?)));
        let headers = headers.collect::<Result<Vec<_>, BoxError>>()?;
        let signable = SignableRequest::new("POST", uri, headers.into_iter(), SignableBody::Bytes(body))?;
        let (instructions, _) = sign(signable, &params)?.into_parts();
        instructions.apply_to_request_http1x(request);
        Ok(())
    }

    async fn call<O: DeserializeOwned>(
        &self,
        target: &'static str,
        input: &impl Serialize,
    ) -> Result<O, BoxError> {
        Ok(serde_json::from_slice(&self.send(target, input).await?)?)
    }
}

pub async fn associate_kms_key(client: &Client) -> Result<(), BoxError> {
    let input = AssociateKmsKey {
        kms_key_id: "arn:aws:kms:us-east-1:123456789012:key/1".to_owned(),
        log_group_name: Some("app".to_owned()),
        resource_identifier: None,
    };
    client.send("Logs_20140328.AssociateKmsKey", &input).await?;
    Ok(())
}

pub async fn put_log_events(client: &Client, messages: &[String]) -> Result<(), BoxError> {
    let events = messages
        .iter()
        .zip(1_767_225_600_000..)
        .map(|(message, timestamp)| InputLogEvent {
            message: message.clone(),
            timestamp,
        });
    let input = PutLogEvents {
        log_events: events.collect(),
        log_group_name: "app".to_owned(),
        log_stream_name: "stream".to_owned(),
        sequence_token: None,
    };
    let output: PutLogEventsOutput = client.call("Logs_20140328.PutLogEvents", &input).await?;
    black_box(output);
    Ok(())
}

pub async fn get_log_events(client: &Client, limit: usize) -> Result<usize, BoxError> {
    let input = GetLogEvents {
        limit: i32::try_from(limit)?,
        log_group_name: "app".to_owned(),
        log_stream_name: "stream".to_owned(),
        next_token: None,
    };
    let output: GetLogEventsOutput = client.call("Logs_20140328.GetLogEvents", &input).await?;
    let messages = output.events.iter().filter_map(|event| event.message.as_deref());
    Ok(messages.map(|message| black_box(message).len()).sum())
}
