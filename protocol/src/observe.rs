//! What a program with a `tracing` subscriber sees: a span for each call, a line for each attempt.
//!
//! Field names follow OpenTelemetry's semantic conventions for RPC and AWS. Nothing that a request or a response holds is
//! among them but codes, ids and the service's error messages.

use std::time::Duration;

use http::Uri;
use tokio::time::Instant;
use tracing::field::{Empty, display};
use tracing::{Level, Span, debug, debug_span, enabled, info};

use crate::client::Inner;
use crate::error::{Failure, request_id};
use crate::output::Received;
use crate::response::Raw;

/// Opens the span of a call.
pub(crate) fn call(inner: &Inner, operation: &'static str, region: Option<&str>) -> Span {
    let service = inner.service.service_id;
    let region = region.unwrap_or(&inner.endpoint_config.region);
    debug_span!(
        target: "awsjson",
        "aws.call",
        otel.name = %format_args!("{service}/{operation}"),
        otel.kind = "client",
        rpc.system = "aws-api",
        rpc.service = service,
        rpc.method = operation,
        cloud.region = region,
        server.address = Empty,
        attempts = Empty,
        http.response.status_code = Empty,
        aws.request_id = Empty,
        error.type = Empty,
    )
}

/// Notes in the span where the call goes.
pub(crate) fn destination(span: &Span, uri: &Uri) {
    span.record("server.address", uri.host().unwrap_or_default());
}

/// Notes in the span how the call ended.
pub(crate) fn ended(span: &Span, result: &Result<Received, Failure>) {
    if span.is_disabled() {
        return;
    }
    match result {
        Ok(Received { raw, attempts, .. }) => {
            span.record("attempts", attempts);
            record_answer(span, raw.status.as_u16(), request_id(&raw.headers));
        }
        Err(failure) => {
            span.record("attempts", failure.attempts);
            if let Some(status) = failure.status {
                record_answer(span, status.as_u16(), request_id(&failure.headers));
            }
            span.record("error.type", display(error_type(failure)));
        }
    }
}

fn record_answer(span: &Span, status: u16, request_id: Option<&str>) {
    span.record("http.response.status_code", status);
    if let Some(id) = request_id {
        span.record("aws.request_id", id);
    }
}

fn error_type(failure: &Failure) -> String {
    match &failure.code {
        Some(code) => code.clone(),
        None => format!("{:?}", failure.kind),
    }
}

/// An attempt that is under way.
pub(crate) struct Attempt {
    number: u32,
    start: Instant,
}

/// What follows a failed attempt.
pub(crate) enum Next {
    /// Another attempt, after a pause.
    Retry(Duration),
    /// Another attempt at once, with a corrected clock or other credentials.
    Corrected(&'static str),
    /// The end, for this reason.
    GiveUp(&'static str),
}

impl Attempt {
    pub(crate) fn begin(number: u32) -> Self {
        Self {
            number,
            start: Instant::now(),
        }
    }

    /// Reports that the attempt was answered with success.
    pub(crate) fn succeeded(&self, raw: &Raw) {
        debug!(
            target: "awsjson",
            {
                http.response.status_code = raw.status.as_u16(),
                aws.request_id = request_id(&raw.headers),
            },
            "attempt {} succeeded in {:?}",
            self.number,
            self.start.elapsed(),
        );
    }

    /// Reports that the attempt failed, and what follows.
    pub(crate) fn failed(&self, failure: &Failure, next: &Next) {
        if !enabled!(target: "awsjson", Level::INFO) {
            return;
        }
        let (number, elapsed) = (self.number, self.start.elapsed());
        let what_follows = match next {
            Next::Retry(pause) => format!("the next one follows in {pause:?}"),
            Next::Corrected(what) => format!("the next one follows with {what}"),
            Next::GiveUp(why) => format!("the last one: {why}"),
        };
        let status = failure.status.map(|status| status.as_u16());
        let id = request_id(&failure.headers);
        let error = error_type(failure);
        macro_rules! report {
            ($level:ident) => {
                $level!(
                    target: "awsjson",
                    {
                        http.response.status_code = status,
                        aws.request_id = id,
                        error.type = error,
                    },
                    "attempt {number} failed in {elapsed:?}, {what_follows}",
                )
            };
        }
        match next {
            // The caller gets the error, and decides what it is worth.
            Next::GiveUp(_) => report!(debug),
            Next::Retry(_) | Next::Corrected(_) => report!(info),
        }
    }
}
