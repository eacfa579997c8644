//! Content encodings: gzip for requests whose model asks for it, and for responses that come so unasked.

use bytes::Bytes;
use http::HeaderValue;

use crate::error::{ErrorKind, Failure};
use crate::response::{Raw, body_limit};
use crate::service::{Compression, OperationMetadata};

/// Compresses a body, where the model asks for it and it is large enough.
#[cfg(feature = "compression")]
pub(crate) fn compress(
    operation: &OperationMetadata,
    body: Bytes,
) -> Result<(Bytes, Option<HeaderValue>), Failure> {
    use std::io::Write;

    use flate2::Compression as Level;
    use flate2::write::GzEncoder;

    /// Below this size compression costs more than it saves; AWS SDKs share the number.
    const MIN_BYTES: usize = 10_240;

    if operation.compression != Compression::Gzip || body.len() < MIN_BYTES {
        return Ok((body, None));
    }
    let mut encoder = GzEncoder::new(Vec::new(), Level::default());
    let compressed = encoder.write_all(&body).and_then(|()| encoder.finish());
    let compressed = compressed.map_err(|error| {
        Failure::new(ErrorKind::InvalidInput, "the request body cannot be compressed").because(error)
    })?;
    Ok((compressed.into(), Some(HeaderValue::from_static("gzip"))))
}

#[cfg(not(feature = "compression"))]
pub(crate) fn compress(
    operation: &OperationMetadata,
    body: Bytes,
) -> Result<(Bytes, Option<HeaderValue>), Failure> {
    let (Compression::Gzip | Compression::None) = operation.compression;
    Ok((body, None))
}

/// Undoes the content encoding of a response, up to `limit` bytes. The client asks for none, but something on the way may add one.
///
/// # Errors
///
/// Fails where the encoding is unknown to this build, or the body is damaged or larger; the response is kept.
pub(crate) fn decode(mut raw: Raw, limit: usize) -> Result<Raw, Failure> {
    let Some(encoding) = raw.headers.get(http::header::CONTENT_ENCODING) else {
        return Ok(raw);
    };
    let decoded = match encoding.as_bytes().to_ascii_lowercase().as_slice() {
        b"identity" | b"" => return Ok(raw),
        // Proxies have been seen to name the encoding after undoing it.
        b"gzip" if !raw.body.starts_with(&[0x1f, 0x8b]) => return Ok(raw),
        b"gzip" => gunzip(&raw.body, body_limit(raw.status, limit)),
        _ => Err(format!(
            "the response is encoded as {encoding:?}, which was not asked for"
        )),
    };
    match decoded {
        Ok(body) => {
            raw.body = body;
            Ok(raw)
        }
        // What an error answer says without its body decides about a retry.
        Err(_) if !raw.status.is_success() => Ok(raw),
        Err(message) => {
            let mut failure = Failure::new(ErrorKind::Decode, message);
            failure.keep(raw);
            Err(failure)
        }
    }
}

#[cfg(feature = "compression")]
fn gunzip(body: &[u8], limit: usize) -> Result<Bytes, String> {
    use std::io::Read;

    use flate2::read::MultiGzDecoder;

    let mut decoded = Vec::new();
    let most = u64::try_from(limit).unwrap_or(u64::MAX).saturating_add(1);
    let read = MultiGzDecoder::new(body).take(most).read_to_end(&mut decoded);
    read.map_err(|error| format!("the response is damaged: {error}"))?;
    match decoded.len() > limit {
        false => Ok(decoded.into()),
        true => Err(format!(
            "the response is larger than the {limit} bytes that the client accepts; `max_response_bytes` sets how many"
        )),
    }
}

#[cfg(not(feature = "compression"))]
fn gunzip(_: &[u8], _: usize) -> Result<Bytes, String> {
    Err(
        "the response is compressed: turn on the feature `compression` of awsjson-protocol to read it"
            .to_owned(),
    )
}
