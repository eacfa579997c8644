//! A server that speaks just enough HTTP/2 to break it: frames are read and written here, so that every one can be wrong.

use std::io;

use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::peer::{Connection, GOOD, Shared, until_gone};
use super::table::{Answer, Piece, Step};

const DATA: u8 = 0;
const HEADERS: u8 = 1;
const RST_STREAM: u8 = 3;
const SETTINGS: u8 = 4;
const PING: u8 = 6;
const GOAWAY: u8 = 7;
const CONTINUATION: u8 = 9;

/// Of SETTINGS and PING.
const ACK: u8 = 1;
const END_STREAM: u8 = 1;
const END_HEADERS: u8 = 4;

/// The largest frame that every client takes.
const FRAME: usize = 16_384;
/// What a client sends before its first frame.
const PREFACE: usize = 24;

struct Frame {
    kind: u8,
    flags: u8,
    stream: u32,
    payload: Vec<u8>,
}

pub async fn serve<S: Connection>(mut io: S, shared: &Shared) -> io::Result<()> {
    io.read_exact(&mut [0; PREFACE]).await?;
    write(&mut io, SETTINGS, 0, 0, &[]).await?;
    loop {
        let frame = read(&mut io).await?;
        match (frame.kind, frame.flags) {
            (SETTINGS | PING, flags) if flags & ACK == 0 => {
                let payload = if frame.kind == PING {
                    &frame.payload[..]
                } else {
                    &[]
                };
                write(&mut io, frame.kind, ACK, 0, payload).await?;
            }
            (HEADERS | DATA, flags) if flags & END_STREAM != 0 => {
                let goes_on = answer(&mut io, frame.stream, shared).await?;
                if !goes_on {
                    return Ok(());
                }
            }
            _ => {}
        }
    }
}

/// Answers a request; tells whether the connection goes on.
async fn answer<S: Connection>(io: &mut S, stream: u32, shared: &Shared) -> io::Result<bool> {
    if !shared.meet() {
        let good = Answer {
            status: 200,
            body: vec![Piece::Text(GOOD.to_owned())],
            ..Answer::default()
        };
        respond(io, stream, &good, true).await?;
        return Ok(true);
    }
    for step in &shared.row.server {
        match step {
            Step::Answer(answer) => respond(io, stream, answer, true).await?,
            // What follows the head is for the next steps to say.
            Step::Send(body) => {
                let answer = Answer {
                    status: 200,
                    headers: [("x-amzn-requestid".to_owned(), Piece::Text("id-1".to_owned()))].into(),
                    body: body.clone(),
                    gzip: None,
                };
                respond(io, stream, &answer, false).await?;
            }
            Step::Hang => {}
            Step::Dead => {
                until_gone_without_reading().await;
            }
            Step::ResetStream(code) => write(io, RST_STREAM, 0, stream, &code.to_be_bytes()).await?,
            Step::GoAway(code) => {
                let payload = [[0; 4], code.to_be_bytes()].concat();
                write(io, GOAWAY, 0, 0, &payload).await?;
                until_gone(io).await?;
                return Ok(false);
            }
            Step::Close => {
                io.shutdown().await?;
                return Ok(false);
            }
            Step::Reset => {
                io.prepare_reset()?;
                return Ok(false);
            }
            other => panic!("{other:?} is none of HTTP/2"),
        }
    }
    Ok(true)
}

/// Stands for a peer whose machine is gone.
async fn until_gone_without_reading() {
    // Longer than any test, so that nothing but the client's own clock ends the connection.
    tokio::time::sleep(std::time::Duration::from_secs(2)).await;
}

async fn respond<S: Connection>(io: &mut S, stream: u32, answer: &Answer, ends: bool) -> io::Result<()> {
    let mut block = Vec::new();
    put(&mut block, ":status", answer.status.to_string().as_bytes());
    for (name, value) in &answer.headers {
        put(&mut block, name, &value.bytes());
    }
    let mut parts = block.chunks(FRAME).peekable();
    let mut kind = HEADERS;
    while let Some(part) = parts.next() {
        let flags = if parts.peek().is_none() { END_HEADERS } else { 0 };
        write(io, kind, flags, stream, part).await?;
        kind = CONTINUATION;
    }
    for part in answer.body().chunks(FRAME) {
        write(io, DATA, 0, stream, part).await?;
    }
    match ends {
        true => write(io, DATA, END_STREAM, stream, &[]).await,
        false => Ok(()),
    }
}

/// Writes a header as a literal that is not indexed, without Huffman coding.
fn put(block: &mut Vec<u8>, name: &str, value: &[u8]) {
    block.push(0);
    for text in [name.as_bytes(), value] {
        // An integer with a prefix of seven bits.
        match text.len() {
            length @ 0..127 => block.push(length as u8),
            length => {
                block.push(127);
                let mut rest = length - 127;
                while rest >= 128 {
                    block.push((rest % 128) as u8 | 128);
                    rest /= 128;
                }
                block.push(rest as u8);
            }
        }
        block.extend_from_slice(text);
    }
}

async fn read<S: Connection>(io: &mut S) -> io::Result<Frame> {
    let mut head = [0; 9];
    io.read_exact(&mut head).await?;
    let [a, b, c, kind, flags, stream @ ..] = head;
    let mut payload = vec![0; u32::from_be_bytes([0, a, b, c]) as usize];
    io.read_exact(&mut payload).await?;
    Ok(Frame {
        kind,
        flags,
        stream: u32::from_be_bytes(stream) & 0x7fff_ffff,
        payload,
    })
}

async fn write<S: Connection>(
    io: &mut S,
    kind: u8,
    flags: u8,
    stream: u32,
    payload: &[u8],
) -> io::Result<()> {
    let length = u32::try_from(payload.len())
        .expect("a frame is small")
        .to_be_bytes();
    let mut frame = vec![length[1], length[2], length[3], kind, flags];
    frame.extend(stream.to_be_bytes());
    frame.extend_from_slice(payload);
    io.write_all(&frame).await?;
    io.flush().await
}
