//! A loopback HTTP server that answers what it is told, byte for byte, and records what it was asked.

use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// A request as it came over the wire.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Recorded {
    /// Such as `POST`.
    pub method: String,
    /// Such as `/`.
    pub path: String,
    /// Names in lower case, in order.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
}

impl Recorded {
    /// Returns the value of a header by its name in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        let header = self.headers.iter().find(|(header, _)| header == name);
        header.map(|(_, value)| value.as_str())
    }
}

/// What a server does with one request.
#[derive(Clone, Debug)]
pub enum Step {
    /// It writes these bytes, and keeps the connection.
    Answer(Vec<u8>),
    /// It writes these bytes, and closes the connection.
    AnswerAndClose(Vec<u8>),
    /// It never answers.
    Hang,
}

impl Step {
    /// Answers with a status, and a body of known length.
    pub fn status(status: u16, body: &str) -> Self {
        Self::Answer(response(status, &[], body.as_bytes()))
    }
}

/// A running server; it stops when dropped.
#[derive(Debug)]
pub struct Server {
    address: SocketAddr,
    recorded: Arc<Mutex<Vec<Recorded>>>,
    task: JoinHandle<()>,
}

impl Server {
    /// Starts a server that answers every request with `response`, which is written as it is.
    ///
    /// # Errors
    ///
    /// Fails where no loopback port can be had.
    pub async fn start(response: impl Into<Vec<u8>>) -> io::Result<Self> {
        Self::script([Step::Answer(response.into())]).await
    }

    /// Starts a server that takes one step for each request, and repeats the last one.
    ///
    /// # Errors
    ///
    /// Fails where no loopback port can be had.
    pub async fn script(steps: impl IntoIterator<Item = Step>) -> io::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let recorded = Arc::<Mutex<Vec<Recorded>>>::default();
        let steps: Arc<[Step]> = steps.into_iter().collect();
        let records = Arc::clone(&recorded);
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (steps, records) = (Arc::clone(&steps), Arc::clone(&records));
                tokio::spawn(async move { serve(stream, &steps, &records).await });
            }
        });
        Ok(Self {
            address,
            recorded,
            task,
        })
    }

    /// Returns the endpoint URL.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Returns where the server listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Returns what was asked so far.
    pub fn recorded(&self) -> Vec<Recorded> {
        self.recorded.lock().expect("no recorder panics").clone()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Writes a response with a body of known length.
pub fn response(status: u16, headers: &[(&str, &str)], body: &[u8]) -> Vec<u8> {
    let mut text = format!("HTTP/1.1 {status} Status\r\ncontent-length: {}\r\n", body.len());
    for (name, value) in headers {
        text.push_str(&format!("{name}: {value}\r\n"));
    }
    text.push_str("\r\n");
    [text.as_bytes(), body].concat()
}

async fn serve(mut stream: TcpStream, steps: &[Step], records: &Mutex<Vec<Recorded>>) -> io::Result<()> {
    let mut buffer = Vec::new();
    while let Some(request) = read_request(&mut stream, &mut buffer).await? {
        let at = {
            let mut records = records.lock().expect("no recorder panics");
            records.push(request);
            records.len() - 1
        };
        match steps.get(at).or(steps.last()) {
            Some(Step::Answer(bytes)) => stream.write_all(bytes).await?,
            Some(Step::AnswerAndClose(bytes)) => return stream.write_all(bytes).await,
            Some(Step::Hang) | None => std::future::pending().await,
        }
    }
    Ok(())
}

/// Reads one request; what follows it stays in `buffer`. `None` where the client ended the connection.
///
/// # Errors
///
/// Fails where the connection breaks.
pub async fn read_request(
    stream: &mut (impl AsyncRead + Unpin),
    buffer: &mut Vec<u8>,
) -> io::Result<Option<Recorded>> {
    let head_end = loop {
        if let Some(end) = buffer.windows(4).position(|bytes| bytes == b"\r\n\r\n") {
            break end;
        }
        if stream.read_buf(buffer).await? == 0 {
            return Ok(None);
        }
    };
    let head = String::from_utf8_lossy(&buffer[..head_end]).into_owned();
    let mut lines = head.lines();
    let mut request_line = lines.next().unwrap_or_default().split(' ');
    let mut word = || request_line.next().unwrap_or_default().to_owned();
    let (method, path) = (word(), word());
    let headers: Vec<(String, String)> = lines
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.to_lowercase(), value.trim().to_owned()))
        .collect();
    let length = headers.iter().find(|(name, _)| name == "content-length");
    let length: usize = length.and_then(|(_, value)| value.parse().ok()).unwrap_or(0);
    let end = head_end + 4 + length;
    while buffer.len() < end {
        if stream.read_buf(buffer).await? == 0 {
            return Ok(None);
        }
    }
    let body = buffer[head_end + 4..end].to_vec();
    buffer.drain(..end);
    Ok(Some(Recorded {
        method,
        path,
        headers,
        body,
    }))
}
