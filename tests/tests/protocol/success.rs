//! How answers are read.

use awsjson_protocol::ErrorKind;
use awsjson_protocol::wire::{Document, Strictness};

use super::probe::types::{Choice, Color};
use super::probe::{Act, ActOutput, Error, Quiet};
use super::{answering, builder, client};

async fn read(body: &str) -> Result<ActOutput, Error> {
    let server = answering(200, &[], body).await;
    client(&server).send(Act::new()).await
}

async fn output(body: &str) -> ActOutput {
    read(body).await.unwrap_or_else(|error| panic!("{body}: {error}"))
}

#[tokio::test]
async fn an_empty_answer_is_an_empty_output() {
    for (headers, body) in [
        (&[][..], ""),
        (&[], "{}"),
        (&[], "null"),
        (&[], " \r\n "),
        (&[("content-type", "text/html")], "{}"),
        (
            &[
                ("content-type", "text/html; charset=utf-8"),
                ("connection", "close"),
            ],
            "",
        ),
    ] {
        let server = answering(200, headers, body).await;
        let output = client(&server).send(Act::new()).await.expect(body);
        assert_eq!(output, ActOutput::new("", 0), "{body}");
    }
}

#[tokio::test]
async fn an_operation_without_output_ignores_the_answer() {
    for body in ["", "{\"a\": 1}", "<html>", "[1"] {
        let server = answering(200, &[], body).await;
        client(&server).send(Quiet::new()).await.expect(body);
    }
}

#[tokio::test]
async fn null_is_absent_and_unknown_members_are_skipped() {
    let output = output(r#"{"text": null, "must": null, "future": {"deep": [1]}, "count": 3}"#).await;
    assert_eq!(
        (output.text, output.must.as_str(), output.count),
        (None, "", Some(3))
    );
}

#[tokio::test]
async fn null_in_a_dense_collection_is_dropped_or_refused() {
    for body in [r#"{"list": ["a", null, "b"]}"#, r#"{"map": {"a": 1, "b": null}}"#] {
        let server = answering(200, &[], body).await;
        let output = client(&server).send(Act::new()).await.expect(body);
        let entries = output
            .list
            .map(|list| list.len())
            .or(output.map.map(|map| map.len()));
        assert!(matches!(entries, Some(1 | 2)), "{body}: {entries:?}");

        let strict = builder(&server)
            .strictness(Strictness::Strict)
            .build()
            .expect("complete");
        let error = strict.send(Act::new()).await.expect_err(body);
        assert_eq!(error.kind(), ErrorKind::Decode);
    }
}

#[tokio::test]
async fn null_in_a_sparse_collection_is_kept() {
    let output = output(r#"{"sparse": ["a", null], "sparseMap": {"a": null}}"#).await;
    assert_eq!(output.sparse, Some(vec![Some("a".to_owned()), None]));
    assert_eq!(
        output.sparse_map.and_then(|map| map.get("a").copied()),
        Some(None)
    );
}

#[tokio::test]
async fn timestamps_are_read_in_every_format() {
    for text in [
        "946845296",
        "946845296.0",
        "9.46845296e8",
        "\"2000-01-02T20:34:56Z\"",
        "\"2000-01-02T21:34:56+01:00\"",
        "\"2000-01-02T19:34:56.000-01:00\"",
        "\"Sun, 02 Jan 2000 20:34:56 GMT\"",
    ] {
        for member in ["epoch", "iso", "http"] {
            let output = output(&format!("{{\"{member}\": {text}}}")).await;
            let seconds = [
                output.epoch.map(|time| time.to_date_time()),
                output.iso.map(|time| time.to_date_time()),
                output.http.map(|time| time.to_date_time()),
            ];
            let seconds: Vec<i64> = seconds.into_iter().flatten().map(|time| time.secs()).collect();
            assert_eq!(seconds, [946_845_296], "{member}: {text}");
        }
    }
}

#[tokio::test]
async fn timestamps_keep_milliseconds_and_write_no_empty_fraction() {
    for (text, written) in [
        ("1398796238.123", "1398796238.123"),
        ("1398796238.0", "1398796238"),
        ("-1.5", "-1.5"),
    ] {
        let output = output(&format!("{{\"epoch\": {text}}}")).await;
        let json = serde_json::to_string(&output.epoch).expect("it has a form");
        assert_eq!(json, written);
    }
    let output = output("{\"epoch\": 946845296.123}").await;
    let iso: awsjson_protocol::wire::Timestamp<awsjson_protocol::wire::Iso8601> =
        output.epoch.expect("it is there").to_date_time().into();
    assert_eq!(
        serde_json::to_string(&iso).expect("it has a form"),
        "\"2000-01-02T20:34:56.123Z\""
    );
}

#[tokio::test]
async fn numbers_keep_their_digits() {
    let output = output(r#"{"count": 1.0, "big": 9007199254740993, "ratio": 3, "single": 0.1}"#).await;
    assert_eq!((output.count, output.big), (Some(1), Some(9_007_199_254_740_993)));
    assert_eq!((output.ratio, output.single), (Some(3.0), Some(0.1)));
    for body in [
        r#"{"count": 1.5}"#,
        r#"{"count": 3000000000}"#,
        r#"{"big": 1e300}"#,
        r#"{"count": "1"}"#,
    ] {
        assert_eq!(
            read(body).await.expect_err(body).kind(),
            ErrorKind::Decode,
            "{body}"
        );
    }
}

#[tokio::test]
async fn numbers_that_json_cannot_write_are_strings() {
    for text in ["NaN", "Infinity", "-Infinity"] {
        let output = output(&format!(r#"{{"ratio": "{text}", "single": "{text}"}}"#)).await;
        let json = serde_json::to_value(&output).expect("it has a form");
        assert_eq!(
            (json["ratio"].as_str(), json["single"].as_str()),
            (Some(text), Some(text))
        );
    }
}

#[tokio::test]
async fn documents_are_free_json() {
    let output = output(r#"{"free": {"a": [1, null, 18446744073709551615]}}"#).await;
    let expected: Document = serde_json::from_str(r#"{"a": [1, null, 18446744073709551615]}"#).expect("JSON");
    assert_eq!(output.free, Some(expected));
}

#[tokio::test]
async fn unknown_enum_values_survive() {
    let output = output(r#"{"color": "ULTRAVIOLET"}"#).await;
    assert_eq!(output.color, Some(Color::Unknown("ULTRAVIOLET".to_owned())));
    assert_eq!(
        serde_json::to_value(&output).expect("it has a form")["color"],
        "ULTRAVIOLET"
    );
}

#[tokio::test]
async fn unions_ignore_types_and_nulls_and_know_the_unknown() {
    for (body, choice) in [
        (
            r#"{"choice": {"__type": "x#Choice", "text": "a", "count": null}}"#,
            Choice::Text("a".to_owned()),
        ),
        (
            r#"{"choice": {"later": {"a": 1}}}"#,
            Choice::Unknown("later".to_owned()),
        ),
    ] {
        assert_eq!(output(body).await.choice, Some(choice), "{body}");
    }
    let error = read(r#"{"choice": {"text": "a", "count": 1}}"#)
        .await
        .expect_err("two members");
    assert!(error.to_string().contains("more than one member"), "{error}");
}

#[tokio::test]
async fn deep_nesting_is_an_error() {
    let deep = "{\"child\":".repeat(100_000);
    for body in [
        format!("{{\"tree\": {deep}"),
        format!("{{\"future\": {}", "[".repeat(100_000)),
    ] {
        let error = read(&body).await.expect_err("it is too deep");
        assert_eq!(error.kind(), ErrorKind::Decode);
    }
}

#[tokio::test]
async fn the_last_of_repeated_members_wins() {
    assert_eq!(
        output(r#"{"text": "a", "text": "b"}"#).await.text.as_deref(),
        Some("b")
    );
}

#[tokio::test]
async fn an_answer_that_cannot_be_read_keeps_everything() {
    for body in ["{\"text\": 7}", "<html>", "{\"text\": \"a", "[]", "\u{7f}"] {
        let server = answering(200, &[("x-amzn-requestid", "id-7")], body).await;
        let error = client(&server).send(Act::new()).await.expect_err(body);
        assert_eq!(error.kind(), ErrorKind::Decode, "{body}");
        assert_eq!(
            (error.request_id(), error.status().map(|s| s.as_u16())),
            (Some("id-7"), Some(200))
        );
        assert_eq!(error.raw_body(), body.as_bytes());
        assert_eq!(error.attempts(), 1);
        assert!(std::error::Error::source(&error).is_some());
    }
}

#[tokio::test]
async fn a_response_that_is_too_large_is_refused() {
    let server = answering(200, &[], &format!("{{\"text\": \"{}\"}}", "x".repeat(5000))).await;
    let client = builder(&server)
        .max_response_bytes(1000)
        .build()
        .expect("complete");
    let error = client.send(Act::new()).await.expect_err("it is too large");
    assert!(
        error.to_string().contains("larger than the 1000 bytes"),
        "{error}"
    );
    assert_eq!(server.recorded().len(), 1);
}
