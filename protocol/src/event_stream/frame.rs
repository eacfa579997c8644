//! Frames: where one message of a stream ends and the next one begins.

use aws_smithy_eventstream::frame::read_message_from;
use aws_smithy_types::event_stream::Message;
#[cfg(any(feature = "fake", test))]
use bytes::Bytes;
use bytes::{Buf, BytesMut};

/// The length of the whole frame, the length of its headers, and a checksum over both: four bytes each.
const PRELUDE: usize = 12;

/// Takes messages out of the bytes of a stream.
pub(super) struct Frames {
    buffer: BytesMut,
    limit: usize,
}

impl Frames {
    /// Accepts frames of `limit` bytes at most.
    pub(super) fn new(limit: usize) -> Self {
        Self {
            buffer: BytesMut::new(),
            limit,
        }
    }

    pub(super) fn add(&mut self, data: &[u8]) {
        self.buffer.extend_from_slice(data);
    }

    pub(super) fn is_empty(&self) -> bool {
        self.buffer.is_empty()
    }

    /// Takes the next message; `None` where it has not arrived completely.
    ///
    /// # Errors
    ///
    /// Says what is wrong with the frame. A prelude is checked as soon as it is there: nobody waits for a length that is
    /// corrupt.
    pub(super) fn next(&mut self) -> Result<Option<Message>, String> {
        let Some((mut prelude, _)) = self.buffer.split_at_checked(PRELUDE) else {
            return Ok(None);
        };
        let expected = crc32fast::hash(&prelude[..PRELUDE - 4]);
        let (length, _headers, checksum) = (prelude.get_u32(), prelude.get_u32(), prelude.get_u32());
        if checksum != expected {
            return Err("a message is corrupt: the checksum of its prelude is wrong".to_owned());
        }
        let length = usize::try_from(length).unwrap_or(usize::MAX);
        if length > self.limit {
            let limit = self.limit;
            return Err(format!(
                "a message of {length} bytes is larger than the {limit} that the client accepts"
            ));
        }
        if length < PRELUDE {
            return Err(format!(
                "a message is corrupt: it says that it is {length} bytes long"
            ));
        }
        if self.buffer.len() < length {
            return Ok(None);
        }
        let frame = self.buffer.split_to(length).freeze();
        let message = read_message_from(frame).map_err(|error| format!("a message is corrupt: {error}"))?;
        Ok(Some(message))
    }
}

/// Writes a message as a frame.
///
/// # Errors
///
/// Fails where a header or the payload is too long for a frame.
#[cfg(any(feature = "fake", test))]
pub(crate) fn encode(headers: &[(&'static str, &str)], payload: Bytes) -> Result<Bytes, String> {
    use aws_smithy_eventstream::frame::write_message_to;
    use aws_smithy_types::event_stream::{Header, HeaderValue};
    use aws_smithy_types::str_bytes::StrBytes;

    let mut message = Message::new(payload);
    for (name, value) in headers {
        let value = HeaderValue::String(StrBytes::from((*value).to_owned()));
        message = message.add_header(Header::new(*name, value));
    }
    let mut frame = BytesMut::new();
    write_message_to(&message, &mut frame).map_err(|error| error.to_string())?;
    Ok(frame.freeze())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame() -> Bytes {
        encode(
            &[(":message-type", "event"), (":event-type", "e")],
            Bytes::from_static(b"{}"),
        )
        .expect("short")
    }

    #[test]
    fn a_message_comes_out_whole_however_it_arrives() {
        let two = [frame(), frame()].concat();
        for size in 1..two.len() {
            let mut frames = Frames::new(1024);
            let mut count = 0;
            for piece in two.chunks(size) {
                frames.add(piece);
                while let Some(message) = frames.next().expect("valid") {
                    assert_eq!(message.payload().as_ref(), b"{}");
                    count += 1;
                }
            }
            assert_eq!((count, frames.is_empty()), (2, true), "in pieces of {size}");
        }
    }

    #[test]
    fn a_corrupt_byte_is_noticed_wherever_it_is() {
        let frame = frame();
        for at in 0..frame.len() {
            let mut bytes = frame.to_vec();
            bytes[at] ^= 1;
            let mut frames = Frames::new(1024);
            frames.add(&bytes);
            let error = frames.next().expect_err("corrupt");
            assert!(error.contains("corrupt"), "{error}");
        }
    }

    #[test]
    fn a_cut_frame_is_waited_for() {
        let frame = frame();
        for length in 0..frame.len() {
            let mut frames = Frames::new(1024);
            frames.add(&frame[..length]);
            assert!(frames.next().expect("nothing wrong yet").is_none());
            assert_eq!(frames.is_empty(), length == 0);
        }
    }

    #[test]
    fn a_frame_beyond_the_limit_is_refused_before_it_arrives() {
        let mut frames = Frames::new(16);
        frames.add(&frame()[..PRELUDE]);
        let error = frames.next().expect_err("too large");
        assert!(error.contains("larger than the 16"), "{error}");
    }
}
