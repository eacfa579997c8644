//! How error responses are read.

use std::error::Error as _;

use awsjson_protocol::ErrorKind;
use awsjson_tests::server::Step;

use super::probe::exceptions::{NotFound, Unlisted};
use super::probe::{Act, Error, Exception, Quiet};
use super::{answering, builder, client, script};

async fn fail(status: u16, headers: &[(&str, &str)], body: &str) -> Error {
    let server = answering(status, headers, body).await;
    client(&server)
        .send(Act::new())
        .await
        .expect_err("it is an error")
}

#[tokio::test]
async fn an_exception_keeps_its_members_and_what_came_with_it() {
    let body = r#"{"__type": "com.example#NotFound", "Message": "gone", "resource": "r", "code": 7}"#;
    let error = fail(400, &[("x-amzn-requestid", "id-1")], body).await;
    assert_eq!(error.kind(), ErrorKind::Exception);
    let expected = NotFound::new().message("gone").resource("r").code(7);
    assert_eq!(error.exception(), Some(&Exception::from(expected)));
    assert_eq!((error.code(), error.message()), (Some("NotFound"), Some("gone")));
    assert_eq!(
        (error.request_id(), error.status().map(|s| s.as_u16())),
        (Some("id-1"), Some(400))
    );
    assert_eq!(error.raw_body(), body.as_bytes());
    assert_eq!(
        error.to_string(),
        "Act: NotFound: gone (request id id-1, status 400)"
    );
}

#[tokio::test]
async fn the_code_comes_from_the_header_then_code_then_type() {
    for (headers, body, code) in [
        (
            &[("x-amzn-errortype", "Unlisted")][..],
            r#"{"__type": "Slow", "code": "Broken"}"#,
            "Unlisted",
        ),
        (&[], r#"{"__type": "Slow", "code": "Unlisted"}"#, "Unlisted"),
        (&[], r#"{"__type": "Unlisted", "code": 7}"#, "Unlisted"),
        (
            &[("x-amzn-errortype", "Unlisted:http://example.com/")],
            "",
            "Unlisted",
        ),
        (
            &[("x-amzn-errortype", "a.b#Unlisted:http://example.com/#x")],
            "{}",
            "Unlisted",
        ),
        (
            &[],
            r#"{"code": "a.b#Unlisted:http://example.com/#x"}"#,
            "Unlisted",
        ),
        (&[], r#"{"__type": "a.b#Unlisted"}"#, "Unlisted"),
    ] {
        let error = fail(400, headers, body).await;
        assert_eq!(error.code(), Some(code), "{headers:?} {body}");
        assert!(
            matches!(error.exception(), Some(Exception::Unlisted(_))),
            "{error:?}"
        );
    }
}

#[tokio::test]
async fn a_type_inside_of_a_member_is_no_code() {
    let error = fail(400, &[], r#"{"detail": {"__type": "NotFound"}, "message": "m"}"#).await;
    assert_eq!(
        (error.kind(), error.code(), error.message()),
        (ErrorKind::Service, None, Some("m"))
    );
}

#[tokio::test]
async fn the_message_has_three_spellings_and_may_come_twice() {
    for body in [
        r#"{"__type": "NotFound", "message": "m"}"#,
        r#"{"__type": "NotFound", "Message": "m"}"#,
        r#"{"__type": "NotFound", "errorMessage": "m"}"#,
        r#"{"__type": "NotFound", "message": "m", "Message": "m"}"#,
    ] {
        let error = fail(400, &[], body).await;
        let Some(Exception::NotFound(exception)) = error.exception() else {
            panic!("{error:?}")
        };
        assert_eq!(
            (error.message(), exception.message.as_deref()),
            (Some("m"), Some("m")),
            "{body}"
        );
    }
}

#[tokio::test]
async fn an_exception_that_the_operation_does_not_list_is_typed() {
    let error = fail(400, &[], r#"{"__type": "Unlisted", "detail": "d"}"#).await;
    assert_eq!(error.exception(), Some(&Unlisted::new().detail("d").into()));
}

#[tokio::test]
async fn a_code_that_the_model_does_not_know_is_kept() {
    for code in [
        "ExpiredTokenException",
        "InvalidSignatureException",
        "UnrecognizedClientException",
        "SerializationException",
        "UnknownOperationException",
        "AccessDeniedException",
    ] {
        let error = fail(
            400,
            &[],
            &format!("{{\"__type\": \"{code}\", \"message\": \"m\"}}"),
        )
        .await;
        assert_eq!((error.kind(), error.code()), (ErrorKind::Service, Some(code)));
        assert!(error.exception().is_none() && !error.is_retryable());
        assert_eq!(error.to_string(), format!("Act: {code}: m (status 400)"));
    }
}

#[tokio::test]
async fn the_status_never_chooses_the_type() {
    let error = fail(404, &[], "{}").await;
    assert!(error.exception().is_none());
    let error = fail(500, &[], r#"{"__type": "NotFound"}"#).await;
    assert!(matches!(error.exception(), Some(Exception::NotFound(_))));
}

#[tokio::test]
async fn a_body_that_is_no_error_is_described_and_kept() {
    for (body, said) in [
        (
            "<html>\n<h1>no</h1>",
            "with a body that is no awsJson error: <html>\\n<h1>no</h1>",
        ),
        ("", "with an empty body"),
        ("{\"__type\": \"NotFo", "with a body that is no awsJson error: {"),
        ("[]", "with a body that is no awsJson error: []"),
    ] {
        let error = fail(502, &[("x-amzn-requestid", "id-2")], body).await;
        assert_eq!((error.kind(), error.code()), (ErrorKind::Service, None));
        assert!(error.to_string().starts_with("Act: Bad Gateway, "), "{error}");
        assert!(error.to_string().contains(said), "{error}");
        assert!(
            error
                .to_string()
                .contains("request id id-2, status 502, after 3 attempts"),
            "{error}"
        );
        assert_eq!(error.raw_body(), body.as_bytes());
        assert!(error.is_retryable(), "the status says so");
    }
}

#[tokio::test]
async fn an_error_keeps_a_bounded_piece_of_a_large_body() {
    let error = fail(400, &[], &"x".repeat(1 << 20)).await;
    assert_eq!(error.raw_body().len(), 64 * 1024);
    assert!(error.to_string().len() < 400, "{}", error.to_string().len());
}

#[tokio::test]
async fn an_error_that_breaks_off_keeps_status_and_request_id() {
    let head = "HTTP/1.1 400 Bad\r\ncontent-length: 100\r\nx-amzn-requestid: id-3\r\n\r\n{\"__type\"";
    let server = script([Step::AnswerAndClose(head.as_bytes().to_vec())]).await;
    let error = client(&server).send(Act::new()).await.expect_err("it breaks off");
    assert_eq!(error.kind(), ErrorKind::Transport);
    assert_eq!(
        (error.request_id(), error.status().map(|s| s.as_u16())),
        (Some("id-3"), Some(400))
    );
    assert_eq!(error.raw_body(), "{\"__type\"");
    assert!(error.source().is_some());
}

#[tokio::test]
async fn an_exception_whose_members_cannot_be_read_is_not_lost() {
    let body = r#"{"__type": "NotFound", "message": "m", "resource": 7}"#;
    let error = fail(400, &[], body).await;
    assert_eq!(
        (error.kind(), error.code(), error.message()),
        (ErrorKind::Service, Some("NotFound"), Some("m"))
    );
    assert_eq!(error.raw_body(), body.as_bytes());
    assert!(
        error
            .source()
            .is_some_and(|source| source.to_string().contains("invalid type")),
        "{error:?}"
    );
}

#[tokio::test]
async fn redirects_are_errors_and_not_followed() {
    let other = answering(200, &[], "{}").await;
    let error = fail(307, &[("location", &other.url())], "").await;
    assert_eq!(error.status().map(|status| status.as_u16()), Some(307));
    assert_eq!(other.recorded(), []);
}

#[tokio::test]
async fn secrets_are_in_no_debug_output() {
    let server = answering(400, &[], "{}").await;
    let credentials = awsjson_protocol::Credentials::new(
        "AKID",
        "very-secret",
        Some("session-secret".to_owned()),
        None,
        "tests",
    );
    let builder = builder(&server).credentials(credentials);
    let mut shown = format!("{builder:?}");
    let client = builder.build().expect("complete");
    shown += &format!("{client:?} {:?}", client.call(Quiet::new()));
    let error = client.send(Quiet::new()).await.expect_err("it is an error");
    shown += &format!("{error:?} {error}");
    assert!(!shown.contains("secret"), "{shown}");
}
