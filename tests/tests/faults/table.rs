//! The table of faults, and its form for readers.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::Write as _;

use flate2::Compression;
use flate2::write::GzEncoder;
use serde::Deserialize;

/// Every row, in `tests/faults/matrix.json`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Table {
    pub about: String,
    pub rows: Vec<Row>,
    /// Faults that other tests prove.
    pub elsewhere: Vec<Elsewhere>,
}

/// A fault, and what a call that meets it is to make of it.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Row {
    pub fault: String,
    #[serde(default = "tcp_and_tls")]
    pub over: Vec<Over>,
    /// What happens while a client connects.
    pub connecting: Option<Connecting>,
    /// What the server does with a request that it has read.
    #[serde(default)]
    pub server: Vec<Step>,
    /// Whether the server does it before it reads a request's body.
    #[serde(default)]
    pub early: bool,
    /// How many requests, or connections, meet the fault. All, unless it is given.
    pub times: Option<usize>,
    #[serde(default)]
    pub client: Options,
    pub expect: Expect,
}

fn tcp_and_tls() -> Vec<Over> {
    vec![Over::Tcp, Over::Tls]
}

/// How client and server talk.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub enum Over {
    Tcp,
    /// HTTP/1.1 over TLS.
    Tls,
    /// HTTP/2 over TLS.
    H2,
}

#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub enum Connecting {
    /// Nobody listens.
    Refused,
    /// The connection ends at once.
    Closed,
    /// The server says nothing.
    Silent,
    /// The server answers a client's TLS greeting in plaintext.
    Plaintext,
    /// The server answers with the alert `handshake_failure`.
    Alert,
    Expired,
    NotYetValid,
    WrongHost,
    UnknownIssuer,
    /// The server asks for a certificate of the client, which has none.
    AsksForCertificate,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Step {
    /// Writes text as it is.
    Send(Vec<Piece>),
    /// Writes text bit by bit, with a pause of so many milliseconds after each byte.
    Drip(u64, String),
    /// Writes a response with a body of known length.
    Answer(Answer),
    /// Lets so many milliseconds pass.
    Wait(u64),
    /// Ends the connection in order.
    Close,
    /// Ends the connection with a reset.
    Reset,
    /// Writes no more, but reads on.
    HalfClose,
    /// Does not answer.
    Hang,
    /// HTTP/2: neither answers nor does anything else for the connection.
    Dead,
    /// HTTP/2: ends the stream with this error code.
    ResetStream(u32),
    /// HTTP/2: ends the connection with this error code, and no stream is said to have been seen.
    GoAway(u32),
    /// Goes on if the request is signed for the true time, and refuses it otherwise.
    CheckClock,
    /// Goes on unless the request is signed with this key, whose time is over.
    CheckKey(String),
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Answer {
    pub status: u16,
    pub headers: BTreeMap<String, Piece>,
    pub body: Vec<Piece>,
    /// Compresses the body, and repeats it so often.
    pub gzip: Option<usize>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
pub enum Piece {
    Text(String),
    Repeated { repeat: String, times: usize },
    Bytes { bytes: Vec<u8> },
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Options {
    /// The first call, before the fault, which leaves a connection in the pool.
    pub warm: bool,
    pub attempt_ms: Option<u64>,
    pub operation_ms: Option<u64>,
    pub connect_ms: Option<u64>,
    /// How often an HTTP/2 connection is sent a ping, and how long its answer may take.
    pub ping_ms: Option<u64>,
    pub max_response_bytes: Option<usize>,
    pub request_bytes: usize,
    /// What passes before the next call.
    pub pause_ms: u64,
    pub clock_off_hours: i64,
    /// Credentials have a key with a number, which is another one each time that they are asked for.
    pub renewable: bool,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Expect {
    /// How many times the request is sent.
    pub attempts: u32,
    /// `success`, or the kind of the error.
    pub outcome: String,
    #[serde(default)]
    pub code: Option<String>,
    #[serde(default)]
    pub retryable: bool,
    /// Parts of the error's text.
    #[serde(default)]
    pub says: Vec<String>,
    #[serde(default)]
    pub keeps: Kept,
    pub time: Time,
    /// The most memory that the call takes at a time.
    pub memory_kib: u64,
    /// What the next call goes over.
    pub next: Next,
}

#[derive(Clone, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(default, deny_unknown_fields)]
pub struct Kept {
    pub status: Option<u16>,
    pub request_id: Option<String>,
    /// The start of the body.
    pub body: String,
    /// How long the body is that is kept, where that is not the length of `body`.
    pub bytes: Option<usize>,
    /// Whether there may be more of the body, depending on how fast it came.
    pub more: bool,
}

#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub enum Time {
    /// No timeout has to end it.
    AtOnce,
    /// Each attempt ends with its timeout.
    Attempts,
    /// Each attempt ends with the timeout for connecting.
    Connecting,
    /// The call ends with its timeout.
    Operation,
    /// Each attempt ends when a ping has found no answer.
    Pings,
}

/// What a call goes over that follows the fault.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub enum Next {
    NewConnection,
    SameConnection,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Elsewhere {
    pub fault: String,
    pub result: String,
    pub file: String,
    pub test: String,
}

impl Answer {
    pub fn body(&self) -> Vec<u8> {
        let plain = bytes(&self.body);
        match self.gzip {
            None => plain,
            Some(times) => {
                let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
                encoder.write_all(&plain).expect("memory takes it");
                encoder.finish().expect("memory takes it").repeat(times)
            }
        }
    }
}

impl Piece {
    pub fn bytes(&self) -> Vec<u8> {
        match self {
            Self::Text(text) => text.clone().into_bytes(),
            Self::Repeated { repeat, times } => repeat.repeat(*times).into_bytes(),
            Self::Bytes { bytes } => bytes.clone(),
        }
    }
}

pub fn bytes(pieces: &[Piece]) -> Vec<u8> {
    pieces.iter().flat_map(Piece::bytes).collect()
}

impl Table {
    pub fn read() -> Self {
        serde_json::from_str(include_str!("../../faults/matrix.json")).expect("the table has its form")
    }

    /// Writes the table for readers.
    pub fn markdown(&self) -> String {
        let mut text = format!(
            "# Faults\n\n<!-- Made of matrix.json by a test. -->\n\n{}\n\n",
            self.about
        );
        text += "| fault | over | attempts | ends as | the error says | what is kept | time at most | memory at most | next call |\n";
        text += "|---|---|---|---|---|---|---|---|---|\n";
        for row in &self.rows {
            let expect = &row.expect;
            let cells = [
                row.fault.clone(),
                row.over
                    .iter()
                    .map(|over| over.text())
                    .collect::<Vec<_>>()
                    .join(", "),
                expect.attempts.to_string(),
                expect.ends(),
                expect
                    .says
                    .iter()
                    .map(|text| format!("`{}`", text.replace('|', "\\|")))
                    .collect::<Vec<_>>()
                    .join(" "),
                expect.keeps.text(),
                row.time(),
                memory(expect.memory_kib),
                expect.next.text().to_owned(),
            ];
            let _ = writeln!(text, "| {} |", cells.join(" | "));
        }
        text += "\n## Proven elsewhere\n\n| fault | what happens | test |\n|---|---|---|\n";
        for row in &self.elsewhere {
            let Elsewhere {
                fault,
                result,
                file,
                test,
            } = row;
            let _ = writeln!(
                text,
                "| {fault} | {result} | `{test}` in [{file}](../../{file}) |"
            );
        }
        text
    }
}

impl Row {
    /// How long the call may take at least and at most, by its timeouts; what a busy machine adds is left out.
    pub fn limit_ms(&self) -> Option<u64> {
        let client = &self.client;
        let each = |limit: Option<u64>| Some(limit? * u64::from(self.expect.attempts));
        match self.expect.time {
            Time::AtOnce => None,
            Time::Attempts => each(client.attempt_ms),
            Time::Connecting => each(client.connect_ms),
            Time::Operation => client.operation_ms,
            Time::Pings => each(client.ping_ms.map(|ping| 2 * ping)),
        }
    }

    fn time(&self) -> String {
        let attempts = self.expect.attempts;
        match self.expect.time {
            Time::AtOnce => "none is waited for".to_owned(),
            Time::Attempts => format!("{attempts} × attempt timeout"),
            Time::Connecting => format!("{attempts} × connect timeout"),
            Time::Operation => "operation timeout".to_owned(),
            Time::Pings => format!("{attempts} × ping interval and timeout"),
        }
    }
}

impl Over {
    pub fn text(self) -> &'static str {
        match self {
            Self::Tcp => "TCP",
            Self::Tls => "TLS",
            Self::H2 => "HTTP/2",
        }
    }
}

impl Next {
    fn text(self) -> &'static str {
        match self {
            Self::NewConnection => "succeeds, new connection",
            Self::SameConnection => "succeeds, same connection",
        }
    }
}

impl Expect {
    fn ends(&self) -> String {
        let code = self
            .code
            .as_ref()
            .map(|code| format!(" `{code}`"))
            .unwrap_or_default();
        let retryable = if self.retryable { ", retryable" } else { "" };
        format!("{}{code}{retryable}", self.outcome)
    }
}

impl Kept {
    fn text(&self) -> String {
        let mut kept = Vec::new();
        kept.extend(self.status.map(|status| format!("status {status}")));
        kept.extend(self.request_id.as_ref().map(|_| "headers".to_owned()));
        match self.bytes.unwrap_or(self.body.len()) {
            0 => {}
            length => kept.push(format!("{length} bytes of the body")),
        }
        match kept.is_empty() {
            true => "nothing came".to_owned(),
            false => kept.join(", "),
        }
    }
}

fn memory(kib: u64) -> String {
    match kib {
        0..1024 => format!("{kib} KiB"),
        _ => format!("{} MiB", kib / 1024),
    }
}
