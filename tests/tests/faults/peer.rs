//! The other side of every row: a loopback server that does what the row says, and counts.

use std::io;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, LazyLock};
use std::time::{Duration, SystemTime};

use aws_smithy_types::DateTime;
use aws_smithy_types::date_time::Format;
use awsjson_tests::server::{Recorded, read_request, response};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Runtime;
use tokio::task::JoinHandle;
use tokio::time::sleep;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

use super::h2;
use super::table::{Answer, Connecting, Over, Piece, Row, Step};
use super::tls::Authorities;

/// Servers have threads of their own, so that memory is counted for the client alone.
static RUNTIME: LazyLock<Runtime> = LazyLock::new(|| Runtime::new().expect("threads"));

/// What a healthy server answers.
pub const GOOD: &str = r#"{"text": "good"}"#;

/// A server. It stops when dropped.
pub struct Peer {
    address: SocketAddr,
    shared: Arc<Shared>,
    task: Option<JoinHandle<()>>,
}

/// What the connections of a server share.
pub struct Shared {
    pub row: Row,
    over: Over,
    /// How many more requests, or connections, meet the fault.
    faults: AtomicUsize,
    connections: AtomicUsize,
    open: AtomicUsize,
    requests: AtomicUsize,
    good: TlsAcceptor,
    bad: TlsAcceptor,
}

impl Peer {
    pub fn start(row: &Row, over: Over, authorities: &Authorities) -> io::Result<Self> {
        let listener = std::net::TcpListener::bind("127.0.0.1:0")?;
        let shared = Arc::new(Shared {
            row: row.clone(),
            over,
            faults: AtomicUsize::new(0),
            connections: AtomicUsize::new(0),
            open: AtomicUsize::new(0),
            requests: AtomicUsize::new(0),
            good: authorities.acceptor(over, None),
            bad: authorities.acceptor(over, row.connecting),
        });
        let mut peer = Self {
            address: listener.local_addr()?,
            shared,
            task: None,
        };
        if row.connecting != Some(Connecting::Refused) {
            peer.listen(listener)?;
        }
        Ok(peer)
    }

    fn listen(&mut self, listener: std::net::TcpListener) -> io::Result<()> {
        listener.set_nonblocking(true)?;
        let _entered = RUNTIME.enter();
        let listener = TcpListener::from_std(listener)?;
        let shared = Arc::clone(&self.shared);
        self.task = Some(RUNTIME.spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(accept(stream, Arc::clone(&shared)));
            }
        }));
        Ok(())
    }

    /// Lets so many requests, or connections, meet the fault from now on.
    pub fn set_faults(&mut self, faults: usize) -> io::Result<()> {
        self.shared.faults.store(faults, Ordering::SeqCst);
        if faults < usize::MAX && self.task.is_none() {
            self.listen(std::net::TcpListener::bind(self.address)?)?;
        }
        Ok(())
    }

    pub fn url(&self) -> String {
        let scheme = if self.shared.over == Over::Tcp {
            "http"
        } else {
            "https"
        };
        format!("{scheme}://{}", self.address)
    }

    pub fn connections(&self) -> usize {
        self.shared.connections.load(Ordering::SeqCst)
    }

    pub fn open(&self) -> usize {
        self.shared.open.load(Ordering::SeqCst)
    }

    pub fn requests(&self) -> usize {
        self.shared.requests.load(Ordering::SeqCst)
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        if let Some(task) = &self.task {
            task.abort();
        }
    }
}

impl Shared {
    fn has_faults(&self) -> bool {
        self.faults.load(Ordering::SeqCst) > 0
    }

    fn meets_fault(&self) -> bool {
        let less = |faults: usize| faults.checked_sub(1);
        let order = Ordering::SeqCst;
        self.faults.fetch_update(order, order, less).is_ok()
    }

    /// Counts a request, and tells whether it meets the fault.
    pub fn meet(&self) -> bool {
        self.requests.fetch_add(1, Ordering::SeqCst);
        self.row.connecting.is_none() && self.meets_fault()
    }
}

/// Counts a connection for as long as it is open.
struct Open(Arc<Shared>);

impl Open {
    fn new(shared: &Arc<Shared>) -> Self {
        shared.connections.fetch_add(1, Ordering::SeqCst);
        shared.open.fetch_add(1, Ordering::SeqCst);
        Self(Arc::clone(shared))
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        self.0.open.fetch_sub(1, Ordering::SeqCst);
    }
}

/// Speaks with one client; errors are of no interest, for it is the client that has to deal with them.
async fn accept(mut stream: TcpStream, shared: Arc<Shared>) -> io::Result<()> {
    let _open = Open::new(&shared);
    let fault = shared.row.connecting.filter(|_| shared.meets_fault());
    match fault {
        Some(Connecting::Closed) => return Ok(()),
        Some(Connecting::Silent) => return until_gone(&mut stream).await,
        Some(Connecting::Plaintext) => {
            stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").await?;
            return until_gone(&mut stream).await;
        }
        Some(Connecting::Alert) => {
            // A fatal alert with the description 40, in a record of TLS 1.2.
            stream.write_all(&[21, 3, 3, 0, 2, 2, 40]).await?;
            return until_gone(&mut stream).await;
        }
        _ => {}
    }
    let acceptor = if fault.is_some() {
        &shared.bad
    } else {
        &shared.good
    };
    match shared.over {
        Over::Tcp => serve(stream, &shared).await,
        Over::Tls => serve(acceptor.accept(stream).await?, &shared).await,
        Over::H2 => h2::serve(acceptor.accept(stream).await?, &shared).await,
    }
}

/// A connection that can be reset.
pub trait Connection: AsyncRead + AsyncWrite + Unpin + Send {
    /// Lets the connection end with a reset once it is dropped.
    fn prepare_reset(&self) -> io::Result<()>;
}

impl Connection for TcpStream {
    fn prepare_reset(&self) -> io::Result<()> {
        self.set_zero_linger()
    }
}

impl Connection for TlsStream<TcpStream> {
    fn prepare_reset(&self) -> io::Result<()> {
        self.get_ref().0.set_zero_linger()
    }
}

/// Reads until the client ends the connection.
pub async fn until_gone(stream: &mut (impl AsyncRead + Unpin)) -> io::Result<()> {
    let mut buffer = [0; 1024];
    while stream.read(&mut buffer).await? > 0 {}
    Ok(())
}

async fn serve<S: Connection>(mut stream: S, shared: &Shared) -> io::Result<()> {
    let mut buffer = Vec::new();
    loop {
        let request = match shared.row.early && shared.has_faults() {
            true => read_head(&mut stream).await?,
            false => read_request(&mut stream, &mut buffer).await?,
        };
        let Some(request) = request else { return Ok(()) };
        if !shared.meet() {
            write_good(&mut stream).await?;
            continue;
        }
        for step in &shared.row.server {
            if !take(step, &mut stream, &request).await? {
                return Ok(());
            }
        }
    }
}

/// Reads up to the end of a request's head, or a little more.
async fn read_head(stream: &mut (impl AsyncRead + Unpin)) -> io::Result<Option<Recorded>> {
    let mut head = Vec::new();
    while !head.windows(4).any(|bytes| bytes == b"\r\n\r\n") {
        if stream.read_buf(&mut head).await? == 0 {
            return Ok(None);
        }
    }
    Ok(Some(Recorded::default()))
}

async fn write_good(stream: &mut (impl AsyncWrite + Unpin)) -> io::Result<()> {
    let good = response(200, &[("x-amzn-requestid", "good")], GOOD.as_bytes());
    stream.write_all(&good).await?;
    stream.flush().await
}

/// Takes a step; tells whether the connection goes on.
async fn take<S: Connection>(step: &Step, stream: &mut S, request: &Recorded) -> io::Result<bool> {
    match step {
        Step::Send(pieces) => {
            for piece in pieces {
                send(piece, stream).await?;
            }
        }
        Step::Drip(pause, text) => {
            for byte in text.bytes() {
                stream.write_all(&[byte]).await?;
                stream.flush().await?;
                sleep(Duration::from_millis(*pause)).await;
            }
        }
        Step::Answer(answer) => stream.write_all(&written(answer)).await?,
        Step::Wait(pause) => sleep(Duration::from_millis(*pause)).await,
        Step::Close => {
            stream.shutdown().await?;
            return Ok(false);
        }
        Step::Reset => {
            stream.flush().await?;
            // A client that has not read what was written when the reset comes may never see it.
            sleep(Duration::from_millis(250)).await;
            stream.prepare_reset()?;
            return Ok(false);
        }
        Step::HalfClose => {
            stream.shutdown().await?;
            until_gone(stream).await?;
            return Ok(false);
        }
        Step::Hang => {
            until_gone(stream).await?;
            return Ok(false);
        }
        Step::CheckClock => match skewed(request) {
            Some(refusal) => stream.write_all(&written(&refusal)).await?,
            None => write_good(stream).await?,
        },
        Step::CheckKey(key) => match is_signed_with(request, key) {
            true => {
                stream
                    .write_all(&written(&refusal("ExpiredTokenException")))
                    .await?
            }
            false => write_good(stream).await?,
        },
        Step::Dead | Step::ResetStream(_) | Step::GoAway(_) => panic!("{step:?} is one of HTTP/2"),
    }
    stream.flush().await?;
    Ok(true)
}

/// Writes text, of which there may be more than memory has room for.
async fn send(piece: &Piece, stream: &mut (impl AsyncWrite + Unpin)) -> io::Result<()> {
    let Piece::Repeated { repeat, times } = piece else {
        return stream.write_all(&piece.bytes()).await;
    };
    let at_once = (64 * 1024 / repeat.len()).clamp(1, *times);
    let block = repeat.repeat(at_once);
    for _ in 0..times / at_once {
        stream.write_all(block.as_bytes()).await?;
    }
    stream.write_all(repeat.repeat(times % at_once).as_bytes()).await
}

fn written(answer: &Answer) -> Vec<u8> {
    let values = answer.headers.iter().map(|(name, value)| {
        let value = String::from_utf8(value.bytes()).expect("headers are text");
        (name.as_str(), value)
    });
    let values: Vec<(&str, String)> = values.collect();
    let headers: Vec<(&str, &str)> = values
        .iter()
        .map(|(name, value)| (*name, value.as_str()))
        .collect();
    response(answer.status, &headers, &answer.body())
}

fn refusal(code: &str) -> Answer {
    let now = DateTime::from(SystemTime::now());
    let date = now.fmt(Format::HttpDate).expect("a date");
    Answer {
        status: 400,
        headers: [("date".to_owned(), Piece::Text(date))].into(),
        body: vec![Piece::Text(format!(r#"{{"__type": "{code}"}}"#))],
        gzip: None,
    }
}

/// Refuses a request that is signed for another time than this, with the tolerance of services.
fn skewed(request: &Recorded) -> Option<Answer> {
    let text = request.header("x-amz-date")?;
    // Such as 20260102T030405Z.
    let text = format!(
        "{}-{}-{}T{}:{}:{}Z",
        &text[..4],
        &text[4..6],
        &text[6..8],
        &text[9..11],
        &text[11..13],
        &text[13..15]
    );
    let signed = DateTime::from_str(&text, Format::DateTime).expect("a date");
    let now = DateTime::from(SystemTime::now());
    ((signed.secs() - now.secs()).abs() > 300).then(|| refusal("RequestTimeTooSkewed"))
}

fn is_signed_with(request: &Recorded, key: &str) -> bool {
    let signature = request.header("authorization").unwrap_or_default();
    signature.contains(&format!("Credential={key}/"))
}
