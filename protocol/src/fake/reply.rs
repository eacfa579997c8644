//! What a fake answers.

use std::fmt;

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderMap, HeaderName, HeaderValue, Response, StatusCode};
use serde::Serialize;
use serde_json::{Value, json};

use crate::body::Body;
use crate::service::Exception;

/// What a fake answers: an output, a modelled exception, another error, or anything at all.
#[derive(Clone)]
pub struct Reply {
    status: StatusCode,
    headers: HeaderMap,
    body: Bytes,
}

impl fmt::Debug for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The body may hold anything.
        f.debug_struct("Reply")
            .field("status", &self.status)
            .field("bytes", &self.body.len())
            .finish_non_exhaustive()
    }
}

impl Reply {
    /// Answers with an output.
    pub fn output<T: Serialize>(output: &T) -> Self {
        match serde_json::to_vec(output) {
            Ok(body) => Self::raw(200, body),
            Err(error) => Self::cannot_encode(&error),
        }
    }

    /// Answers with an exception, as the service would: its code in header and body, its members, its status.
    pub fn exception<E: Exception>(exception: &E) -> Self {
        let code = exception.code();
        let mut body = match serde_json::to_value(exception) {
            Ok(body) => body,
            Err(error) => return Self::cannot_encode(&error),
        };
        if let Value::Object(members) = &mut body {
            members.insert("__type".to_owned(), code.into());
        }
        let status = E::entry(code).map_or(400, |entry| entry.status);
        Self::coded(status, code, body.to_string())
    }

    /// Answers with a stream of events; an exception among them is the last one.
    #[cfg(feature = "event-stream")]
    pub fn events<T: Serialize, E: Exception>(events: &[Result<T, E>]) -> Self {
        let initial = [(":message-type", "event"), (":event-type", "initial-response")];
        let mut frames = vec![crate::event_stream::encode(&initial, Bytes::from_static(b"{}"))];
        for event in events {
            frames.push(match event {
                Ok(event) => encode_event(event),
                Err(exception) => {
                    let headers = [
                        (":message-type", "exception"),
                        (":exception-type", exception.code()),
                    ];
                    let payload = serde_json::to_vec(exception).map_err(|error| error.to_string());
                    payload.and_then(|payload| crate::event_stream::encode(&headers, payload.into()))
                }
            });
            if event.is_err() {
                break;
            }
        }
        match frames.into_iter().collect::<Result<Vec<Bytes>, String>>() {
            Ok(frames) => Self::raw(200, frames.concat()).header(
                CONTENT_TYPE,
                HeaderValue::from_static(crate::event_stream::CONTENT),
            ),
            Err(error) => Self::error(
                500,
                "InternalFailure",
                &format!("the fake's event has no wire form: {error}"),
            ),
        }
    }

    /// Answers with an error by its code and message, known to the model or not.
    pub fn error(status: u16, code: &str, message: &str) -> Self {
        Self::coded(
            status,
            code,
            json!({"__type": code, "message": message}).to_string(),
        )
    }

    /// Answers with any status and body. A status that HTTP does not have becomes 500.
    pub fn raw(status: u16, body: impl Into<Bytes>) -> Self {
        Self {
            status: StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR),
            headers: HeaderMap::from_iter([
                (
                    CONTENT_TYPE,
                    HeaderValue::from_static("application/x-amz-json-1.1"),
                ),
                (HeaderName::from_static("x-amzn-requestid"), request_id()),
            ]),
            body: body.into(),
        }
    }

    /// Sets a header of the answer.
    #[must_use]
    pub fn header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.insert(name, value);
        self
    }

    pub(super) fn status(&self) -> StatusCode {
        self.status
    }

    pub(super) fn body(&self) -> &Bytes {
        &self.body
    }

    pub(super) fn into_response(self) -> Response<Body> {
        let mut response = Response::new(Body::from(self.body));
        *response.status_mut() = self.status;
        *response.headers_mut() = self.headers;
        response
    }

    fn coded(status: u16, code: &str, body: String) -> Self {
        let reply = Self::raw(status, body);
        match HeaderValue::from_str(code) {
            Ok(code) => reply.header(HeaderName::from_static("x-amzn-errortype"), code),
            Err(_) => reply,
        }
    }

    fn cannot_encode(error: &serde_json::Error) -> Self {
        Self::error(
            500,
            "InternalFailure",
            &format!("the fake's answer has no wire form: {error}"),
        )
    }
}

/// Encodes an event, a union whose one member is the type of the event.
#[cfg(feature = "event-stream")]
fn encode_event<T: Serialize>(event: &T) -> Result<Bytes, String> {
    let value = serde_json::to_value(event).map_err(|error| error.to_string())?;
    let member = value.as_object().and_then(|members| members.iter().next());
    let (name, payload) = member.ok_or("an event is an object with one member")?;
    let headers = [
        (":message-type", "event"),
        (":event-type", name.as_str()),
        (":content-type", "application/json"),
    ];
    crate::event_stream::encode(&headers, payload.to_string().into())
}

fn request_id() -> HeaderValue {
    let id = uuid::Uuid::new_v4().to_string();
    HeaderValue::from_str(&id).unwrap_or_else(|_| HeaderValue::from_static("unknown"))
}
