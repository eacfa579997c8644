//! The command line, which is the same for all peers.

use lexopt::prelude::*;

use crate::BoxError;

const USAGE: &str = "options: --endpoint URL --operation associate-kms-key|put-log-events|get-log-events|get-log-events-shared \
                     [--requests N] [--warm-up N] [--concurrency N] [--events N] [--core N]";

/// What is called.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Operation {
    AssociateKmsKey,
    PutLogEvents,
    GetLogEvents,
    /// GetLogEvents with messages that share the memory of the response, where the peer can do that.
    GetLogEventsShared,
}

/// What the load program was asked for.
pub(crate) struct Arguments {
    pub(crate) endpoint: String,
    pub(crate) operation: Operation,
    pub(crate) requests: usize,
    pub(crate) warm_up: usize,
    pub(crate) concurrency: usize,
    pub(crate) events: usize,
    pub(crate) core: Option<usize>,
}

impl Arguments {
    pub(crate) fn read() -> Result<Self, BoxError> {
        let (mut endpoint, mut operation) = (None, None);
        let (mut requests, mut warm_up, mut concurrency, mut events, mut core) = (1, 0, 1, 1000, None);
        let mut parser = lexopt::Parser::from_env();
        while let Some(argument) = parser.next()? {
            match argument {
                Long("endpoint") => endpoint = Some(parser.value()?.string()?),
                Long("operation") => operation = Some(named(&parser.value()?.string()?)?),
                Long("requests") => requests = parser.value()?.parse()?,
                Long("warm-up") => warm_up = parser.value()?.parse()?,
                Long("concurrency") => concurrency = parser.value()?.parse()?,
                Long("events") => events = parser.value()?.parse()?,
                Long("core") => core = Some(parser.value()?.parse()?),
                _ => return Err(format!("{}; {USAGE}", argument.unexpected()).into()),
            }
        }
        match (endpoint, operation) {
            (Some(endpoint), Some(operation)) => Ok(Self {
                endpoint,
                operation,
                requests,
                warm_up,
                concurrency,
                events,
                core,
            }),
            _ => Err(USAGE.into()),
        }
    }
}

fn named(name: &str) -> Result<Operation, BoxError> {
    Ok(match name {
        "associate-kms-key" => Operation::AssociateKmsKey,
        "put-log-events" => Operation::PutLogEvents,
        "get-log-events" => Operation::GetLogEvents,
        "get-log-events-shared" => Operation::GetLogEventsShared,
        _ => return Err(format!("no operation `{name}`; {USAGE}").into()),
    })
}
