//! The awsJson protocol, once, for every generated client.
//!
//! A generated crate such as `awsjson-logs` holds only data: request types, shapes and an exception map. This
//! crate does the rest: it encodes a request, signs it, sends it over hyper and rustls, retries, and decodes the answer
//! or the exception. It names no service.
//!
//! Users meet [`Client`], [`ClientBuilder`], [`Call`] and [`Error`]; generated code is written against [`Service`],
//! [`Operation`], [`Exception`] and the [`wire`] module.
//!
//! # Features
//!
//! | feature | default | what it does |
//! |---|---|---|
//! | `ring` | yes | TLS cryptography that needs only a C compiler |
//! | `aws-lc-rs` | | TLS cryptography of AWS; where both are on, this one is used |
//! | `native-roots` | yes | trusts the certificates of the system |
//! | `webpki-roots` | | trusts Mozilla's certificates, compiled in; where both are on, both are trusted |
//! | `aws-config` | | region, credentials and endpoint from the official SDK's configuration |
//! | `compression` | | gzip for requests whose model asks for it, and for responses that come so; generated crates turn it on where one does |
//! | `event-stream` | | operations that answer with a stream of events; generated crates turn it on where one does |
//! | `waiters` | | `client.wait(..)`, for the states that a service's model can wait for |
//! | `validation` | | checks lengths, ranges, patterns and enum values of inputs before they are sent |
//! | `fake` | | a typed fake of any service, for tests |

mod body;
mod call;
mod client;
mod config;
mod constraint;
mod credentials;
mod empty;
mod encoding;
mod endpoint;
pub mod endpoint_rules;
mod environment;
mod error;
mod error_body;
#[cfg(feature = "event-stream")]
mod event_stream;
#[cfg(feature = "fake")]
pub mod fake;
pub mod generated;
mod host;
mod observe;
mod output;
mod pages;
mod response;
mod retry;
#[cfg(feature = "aws-config")]
mod sdk_config;
mod send;
mod service;
mod shown;
mod sign;
mod size_hints;
mod skew;
mod transport;
mod untyped;
mod user_agent;
#[cfg(feature = "validation")]
mod validation;
#[cfg(feature = "waiters")]
mod waiter;
pub mod wire;

pub use aws_credential_types::Credentials;
#[doc(no_inline)]
pub use http;
#[doc(hidden)]
pub use serde;

pub use body::{Body, BoxError};
pub use call::Call;
pub use client::Client;
pub use config::{ClientBuilder, Timeouts};
pub use constraint::{Constraint, MemberPresence};
pub use empty::EmptyOutput;
pub use endpoint::{HostPrefix, Plaintext};
pub use error::{Error, ErrorKind, RetryAdvice};
#[cfg(feature = "event-stream")]
pub use event_stream::{EventStream, EventStreaming};
pub use output::{OperationOutput, Response};
pub use pages::{Items, PageToken, Pages, Paginated, PaginatedItems};
pub use retry::{FailedAttempt, RetryBudget, RetryMode, RetryPolicy};
pub use service::{
    Auth, Compression, Exception, ExceptionEntry, ModeledRetry, Operation, OperationMetadata, Protocol,
    QueryCompatibility, Service, ServiceMetadata,
};
pub use transport::{Proxy, Transport, TransportBuilder};
pub use untyped::{NoException, Untyped, UntypedCall};
#[cfg(feature = "waiters")]
pub use waiter::{
    Acceptor, AcceptorState, Answer, Expected, Matcher, Wait, WaitError, WaitErrorKind, Waiter,
};
