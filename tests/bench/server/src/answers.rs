//! What the service answers.

use std::cell::RefCell;
use std::collections::HashMap;

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use serde::Deserialize;
use serde_json::json;

use crate::BoxError;

/// The message of every event: 200 bytes, with characters that JSON escapes.
const MESSAGE: &str = "2026-01-01T00:00:00Z INFO \"request\"\thandled path=\"/a/b\" status=200 \\ user=\"someone\" agent=\"a browser of \
                       some kind\" duration=12.5ms bytes=12345 trace=0123456789abcdef0123456789abcdef a=b c=0123456789ab";

/// Answers that are made once.
#[derive(Default)]
pub(crate) struct Answers {
    /// Answers to GetLogEvents by the number of events.
    events: RefCell<HashMap<usize, Bytes>>,
}

#[derive(Deserialize)]
struct GetLogEvents {
    limit: usize,
}

impl Answers {
    pub(crate) async fn answer(&self, request: Request<Incoming>) -> Result<Response<Full<Bytes>>, BoxError> {
        let target = request.headers().get("x-amz-target").cloned();
        let body = request.into_body().collect().await?;
        let target = target.as_ref().and_then(|target| target.to_str().ok());
        let (status, body) = match target.and_then(|target| target.strip_prefix("Logs_20140328.")) {
            Some("AssociateKmsKey") => (StatusCode::OK, Bytes::new()),
            Some("PutLogEvents") => (
                StatusCode::OK,
                Bytes::from_static(br#"{"nextSequenceToken":"49590302"}"#),
            ),
            Some("GetLogEvents") => {
                let input: GetLogEvents = serde_json::from_slice(&body.to_bytes())?;
                (StatusCode::OK, self.events(input.limit))
            }
            _ => (
                StatusCode::BAD_REQUEST,
                Bytes::from_static(br#"{"__type":"UnknownOperationException"}"#),
            ),
        };
        let response = Response::builder()
            .status(status)
            .header("x-amzn-requestid", "2b1f1b3c-5a3c-4f5e-9d0a-0123456789ab")
            .header("content-type", "application/x-amz-json-1.1");
        Ok(response.body(Full::new(body))?)
    }

    fn events(&self, number: usize) -> Bytes {
        let make = || {
            let event = |time: usize| json!({"ingestionTime": time, "message": MESSAGE, "timestamp": time});
            let events: Vec<_> = (1_767_225_600_000..).take(number).map(event).collect();
            let output = json!({
                "events": events,
                "nextBackwardToken": "b/3192",
                "nextForwardToken": "f/3192",
            });
            Bytes::from(output.to_string())
        };
        self.events
            .borrow_mut()
            .entry(number)
            .or_insert_with(make)
            .clone()
    }
}
