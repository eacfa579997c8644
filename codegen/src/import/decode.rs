//! Decodes the bytes of upstream files, with a bound on what they may become.

use std::borrow::Cow;
use std::io::Read;

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::{Error, Upstream};
use crate::json;

/// The most that a file may hold, in bytes, compressed or not. The largest model has 4 MiB.
pub(super) const LIMIT: u64 = 256 << 20;

/// Returns what a JSON file says; one whose name ends in `.gz` is decompressed first.
pub(super) fn json(file: &Upstream) -> Result<Value, Error> {
    json::read(&decompress(LIMIT, file)?).map_err(|source| Error::Json {
        name: file.name.clone(),
        source,
    })
}

/// Tells whether a service model lists awsJson among its protocols. The file need not be a whole model.
pub(super) fn speaks_awsjson(file: &Upstream) -> Result<bool, Error> {
    #[derive(Deserialize)]
    struct Probe {
        metadata: Metadata,
    }
    #[derive(Deserialize)]
    struct Metadata {
        protocol: String,
        #[serde(default)]
        protocols: Vec<String>,
    }
    let Metadata { protocol, protocols } = parse::<Probe>(file)?.metadata;
    Ok(protocol == "json" || protocols.iter().any(|protocol| protocol == "json"))
}

/// Checks that a file has what makes a service model.
pub(super) fn check_is_service_model(name: &str, json: &Value) -> Result<(), Error> {
    let problem = match json {
        json if !json.is_object() => "it is no object",
        json if !json["metadata"].is_object() => "it has no object `metadata`",
        json if !json["metadata"]["protocol"].is_string() => "its `metadata` names no `protocol`",
        json if !json["operations"].is_object() => "it has no object `operations`",
        json if !json["shapes"].is_object() => "it has no object `shapes`",
        _ => return Ok(()),
    };
    Err(Error::Format {
        name: name.to_owned(),
        expected: "service model",
        problem: problem.to_owned(),
    })
}

/// Reads all that `reader` has, up to [`LIMIT`].
pub(super) fn read_bounded(
    name: &str,
    reader: impl Read,
    failure: impl FnOnce(std::io::Error) -> Error,
) -> Result<Vec<u8>, Error> {
    read_up_to(LIMIT, name, reader, failure)
}

fn read_up_to(
    limit: u64,
    name: &str,
    reader: impl Read,
    failure: impl FnOnce(std::io::Error) -> Error,
) -> Result<Vec<u8>, Error> {
    let mut bytes = Vec::new();
    let read = reader.take(limit + 1).read_to_end(&mut bytes);
    match read {
        Ok(read) if u64::try_from(read).is_ok_and(|read| read <= limit) => Ok(bytes),
        Ok(_) => Err(Error::TooLarge {
            name: name.to_owned(),
            limit,
        }),
        Err(error) => Err(failure(error)),
    }
}

fn parse<T: DeserializeOwned>(file: &Upstream) -> Result<T, Error> {
    serde_json::from_slice(&decompress(LIMIT, file)?).map_err(|source| Error::Json {
        name: file.name.clone(),
        source,
    })
}

fn decompress(limit: u64, file: &Upstream) -> Result<Cow<'_, [u8]>, Error> {
    if !file.name.ends_with(".gz") {
        return Ok(Cow::Borrowed(&file.bytes));
    }
    let reader = flate2::read::GzDecoder::new(file.bytes.as_slice());
    let bytes = read_up_to(limit, &file.name, reader, |source| Error::Gzip {
        name: file.name.clone(),
        source,
    })?;
    Ok(Cow::Owned(bytes))
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use serde_json::json;

    use super::*;

    fn gzipped(text: &str) -> Upstream {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
        encoder.write_all(text.as_bytes()).unwrap();
        Upstream {
            name: "bakery/2020-01-01/service-2.json.gz".to_owned(),
            bytes: encoder.finish().unwrap(),
        }
    }

    #[test]
    fn compressed_files_are_decompressed() {
        assert_eq!(json(&gzipped(r#"{"a": 1}"#)).unwrap(), json!({"a": 1}));
    }

    #[test]
    fn a_gzip_file_that_was_cut_short_is_an_error_at_every_length() {
        let whole = gzipped(r#"{"a": "some text that takes a few bytes"}"#);
        for length in 0..whole.bytes.len() {
            let cut = Upstream {
                name: whole.name.clone(),
                bytes: whole.bytes[..length].to_vec(),
            };
            let error = json(&cut).unwrap_err();
            assert!(matches!(error, Error::Gzip { .. }), "{length}: {error}");
        }
    }

    #[test]
    fn a_file_that_decompresses_beyond_the_bound_is_an_error() {
        let file = gzipped(&" ".repeat(1000));
        assert_eq!(decompress(1000, &file).unwrap().len(), 1000);
        let error = decompress(999, &file).unwrap_err();
        assert!(matches!(error, Error::TooLarge { limit: 999, .. }), "{error}");
    }

    #[test]
    fn both_ways_to_state_the_protocol_count() {
        for (metadata, expected) in [
            (json!({"protocol": "json"}), true),
            (json!({"protocol": "rest-json"}), false),
            (json!({"protocol": "query", "protocols": ["json", "query"]}), true),
        ] {
            let file = gzipped(&json!({"metadata": metadata}).to_string());
            assert_eq!(speaks_awsjson(&file).unwrap(), expected, "{metadata}");
        }
    }

    #[test]
    fn a_service_model_needs_metadata_with_a_protocol_operations_and_shapes() {
        let whole = json!({"metadata": {"protocol": "json"}, "operations": {}, "shapes": {}});
        check_is_service_model("m", &whole).unwrap();
        for missing in ["metadata", "operations", "shapes"] {
            let mut model = whole.clone();
            model[missing] = json!([]);
            let error = check_is_service_model("m", &model).unwrap_err().to_string();
            assert!(
                error.contains(&format!("it has no object `{missing}`")),
                "{error}"
            );
        }
        let mut model = whole.clone();
        model["metadata"] = json!({});
        check_is_service_model("m", &model).unwrap_err();
        check_is_service_model("m", &json!([])).unwrap_err();
    }
}
