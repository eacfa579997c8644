//! Operations that answer with a stream of events: typed events, and everything that can happen to a stream.

use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use aws_smithy_types::event_stream::{Header, HeaderValue, Message};
use awsjson_kinesis::SubscribeToShard;
use awsjson_kinesis::types::{ShardIteratorType, StartingPosition};
use awsjson_logs::exceptions::{ResourceNotFoundException, SessionTimeoutException};
use awsjson_logs::types::{
    GetLogObjectResponseStream, LiveTailSessionLogEvent, LiveTailSessionStart, LiveTailSessionUpdate,
    StartLiveTailResponseStream,
};
use awsjson_logs::{Client, Exception, GetLogObject, Logs, StartLiveTail};
use awsjson_protocol::fake::Fake;
use awsjson_protocol::{Body, ClientBuilder, Credentials, ErrorKind, EventStream, RetryPolicy, Service};
use bytes::Bytes;
use futures_util::TryStreamExt;
use http::{Request, Response};
use http_body::Frame;
use tokio::time::Instant;

type BoxError = Box<dyn std::error::Error + Send + Sync>;

fn builder<S: Service>() -> ClientBuilder<S> {
    awsjson_protocol::Client::builder()
        .region("us-east-1")
        .credentials(Credentials::new("AKID", "secret", None, None, "tests"))
        .retry(RetryPolicy::none())
}

fn tail() -> StartLiveTail {
    StartLiveTail::new(["arn:aws:logs:us-east-1:123456789012:log-group:app"])
}

fn update(message: &str) -> StartLiveTailResponseStream {
    let event = LiveTailSessionLogEvent::new().message(message);
    StartLiveTailResponseStream::SessionUpdate(LiveTailSessionUpdate::new().session_results([event]))
}

/// Live tail with a start, two updates, and the end that `end` says.
fn fake(end: Option<Exception>) -> Fake<Logs> {
    Fake::new().on_events(move |request: StartLiveTail| {
        let start = LiveTailSessionStart::new().log_group_identifiers(request.log_group_identifiers);
        let mut events = vec![
            Ok(StartLiveTailResponseStream::SessionStart(start)),
            Ok(update("one")),
            Ok(update("two")),
        ];
        events.extend(end.clone().map(Err));
        async move { Ok(events) }
    })
}

#[tokio::test]
async fn events_come_typed_over_sockets_and_without() {
    let server = fake(None).start().await.expect("a port");
    let by_server = builder()
        .endpoint_url(server.endpoint_url())
        .build()
        .expect("complete");
    let in_process = builder()
        .transport(fake(None).into_transport())
        .build()
        .expect("complete");
    for client in [by_server, in_process] {
        let mut events = client.send(tail()).await.expect("a stream");
        let first = events.try_next().await.expect("an event");
        let Some(StartLiveTailResponseStream::SessionStart(start)) = first else {
            panic!("{first:?}");
        };
        assert_eq!(start.log_group_identifiers.map(|groups| groups.len()), Some(1));
        assert_eq!(
            events.initial_response().map(|body| body.as_ref()),
            Some(&b"{}"[..])
        );
        let rest: Vec<_> = events.try_collect().await.expect("the end");
        assert_eq!(rest, [update("one"), update("two")]);
    }
}

#[tokio::test]
async fn an_exception_amid_the_events_is_typed_and_the_last() {
    let exception = Exception::from(SessionTimeoutException::new().message("three hours are over"));
    let client: Client = builder()
        .transport(fake(Some(exception)).into_transport())
        .build()
        .expect("complete");
    let mut events = client.send(tail()).await.expect("a stream");
    for _ in 0..3 {
        events.try_next().await.expect("an event").expect("an event");
    }
    let error = events.try_next().await.expect_err("the exception");
    assert!(
        matches!(error.exception(), Some(Exception::SessionTimeoutException(_))),
        "{error:?}"
    );
    assert!(
        error
            .to_string()
            .starts_with("StartLiveTail: SessionTimeoutException: three hours are over"),
        "{error}"
    );
    assert!(events.try_next().await.expect("the end").is_none());
}

#[tokio::test]
async fn an_exception_instead_of_a_stream_is_one_like_any_other() {
    let fake = Fake::new().on_events(|_: StartLiveTail| async {
        Err(ResourceNotFoundException::new().message("no such group").into())
    });
    let client: Client = builder()
        .transport(fake.into_transport())
        .build()
        .expect("complete");
    let error = client.send(tail()).await.expect_err("no stream");
    assert!(matches!(
        error.exception(),
        Some(Exception::ResourceNotFoundException(_))
    ));
}

#[test]
fn every_operation_that_streams_answers_with_its_events() {
    fn events<O: awsjson_protocol::EventStreaming>() -> &'static str {
        std::any::type_name::<O::Event>()
    }
    assert!(events::<StartLiveTail>().ends_with("StartLiveTailResponseStream"));
    assert!(events::<GetLogObject>().ends_with("GetLogObjectResponseStream"));
    assert!(events::<SubscribeToShard>().ends_with("SubscribeToShardEventStream"));
}

/// Writes a message byte by byte as the service does.
fn message(headers: &[(&'static str, &'static str)], payload: &'static str) -> Vec<u8> {
    let headers = headers
        .iter()
        .map(|(name, value)| Header::new(*name, HeaderValue::String((*value).into())));
    let message = Message::new_from_parts(headers.collect(), Bytes::from_static(payload.as_bytes()));
    let mut frame = Vec::new();
    aws_smithy_eventstream::frame::write_message_to(&message, &mut frame).expect("short");
    frame
}

fn fields(payload: &'static str) -> Vec<u8> {
    message(&[(":message-type", "event"), (":event-type", "fields")], payload)
}

/// A body that ends, breaks or stays silent after its bytes.
struct Script {
    bytes: Option<Bytes>,
    then: Then,
}

#[derive(Clone, Copy)]
enum Then {
    End,
    Break,
    Silence,
}

impl http_body::Body for Script {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        match (self.bytes.take().filter(|bytes| !bytes.is_empty()), self.then) {
            (Some(bytes), _) => Poll::Ready(Some(Ok(Frame::data(bytes)))),
            (None, Then::End) => Poll::Ready(None),
            (None, Then::Break) => Poll::Ready(Some(Err("connection reset".into()))),
            (None, Then::Silence) => Poll::Pending,
        }
    }
}

/// Asks for a log object, which the service answers with these bytes.
async fn object(bytes: Vec<u8>, then: Then) -> EventStream<GetLogObject> {
    let bytes = Bytes::from(bytes);
    let transport = tower::service_fn(move |_: Request<Body>| {
        let script = Script {
            bytes: Some(bytes.clone()),
            then,
        };
        let response = Response::builder().header("content-type", "application/vnd.amazon.eventstream");
        std::future::ready(Ok::<_, Infallible>(response.body(script).expect("a response")))
    });
    let client: Client = builder()
        .max_response_bytes(4096)
        .transport(transport)
        .build()
        .expect("complete");
    client.send(GetLogObject::new("pointer")).await.expect("a stream")
}

/// Reads a stream to its end; returns how many events came, and the error after them.
async fn read(mut events: EventStream<GetLogObject>) -> (usize, Option<awsjson_logs::Error>) {
    let mut count = 0;
    loop {
        match events.try_next().await {
            Ok(Some(_)) => count += 1,
            Ok(None) => return (count, None),
            Err(error) => return (count, Some(error)),
        }
    }
}

#[tokio::test]
async fn a_stream_that_is_cut_gives_every_whole_event_and_then_an_error() {
    let first = fields(r#"{"data": "aGk="}"#);
    let whole = [first.clone(), fields(r#"{"data": ""}"#)].concat();
    for length in 0..=whole.len() {
        let complete = usize::from(length >= first.len()) + usize::from(length == whole.len());
        let is_between = length == 0 || length == first.len() || length == whole.len();
        for then in [Then::End, Then::Break] {
            let (count, error) = read(object(whole[..length].to_vec(), then).await).await;
            assert_eq!(count, complete, "cut after {length} bytes");
            match (then, is_between) {
                (Then::End, true) => assert!(error.is_none(), "cut after {length} bytes: {error:?}"),
                _ => assert_eq!(
                    error.expect("an error").kind(),
                    ErrorKind::Transport,
                    "cut after {length} bytes"
                ),
            }
        }
    }
}

#[tokio::test]
async fn a_corrupt_byte_is_an_error_wherever_it_is() {
    let good = fields(r#"{"data": "aGk="}"#);
    for at in 0..good.len() {
        let mut bad = good.clone();
        bad[at] ^= 0x10;
        let (count, error) = read(object([good.clone(), bad].concat(), Then::Silence).await).await;
        assert_eq!(count, 1, "byte {at}");
        let error = error.expect("an error");
        assert_eq!(error.kind(), ErrorKind::Decode, "byte {at}: {error}");
    }
}

#[tokio::test]
async fn what_an_event_says_is_read_or_refused_by_its_type() {
    let event = |name| [(":message-type", "event"), (":event-type", name)];
    let mut events = object(
        message(&event("fields"), r#"{"data": "aGk=", "new": 1}"#),
        Then::End,
    )
    .await;
    let fields = events.try_next().await.expect("an event").expect("an event");
    let GetLogObjectResponseStream::Fields(fields) = fields else {
        panic!("{fields:?}");
    };
    assert_eq!(fields.data.as_ref().map(|data| data.as_ref()), Some(&b"hi"[..]));

    let mut events = object(message(&event("future"), r#"{"a": 1}"#), Then::End).await;
    let unknown = events.try_next().await.expect("an event").expect("an event");
    assert_eq!(unknown, GetLogObjectResponseStream::Unknown("future".to_owned()));

    let (_, error) = read(object(message(&event("fields"), r#"{"data": 1}"#), Then::End).await).await;
    let error = error.expect("an error");
    assert_eq!(
        (error.kind(), error.raw_body().as_ref()),
        (ErrorKind::Decode, &br#"{"data": 1}"#[..])
    );

    let headers = [
        (":message-type", "error"),
        (":error-code", "InternalFailure"),
        (":error-message", "sorry"),
    ];
    let (_, error) = read(object(message(&headers, ""), Then::End).await).await;
    let error = error.expect("an error");
    assert_eq!(
        (error.code(), error.message()),
        (Some("InternalFailure"), Some("sorry"))
    );

    let headers = [
        (":message-type", "exception"),
        (":exception-type", "ThrottlingException"),
    ];
    let (_, error) = read(object(message(&headers, r#"{"message": "slow"}"#), Then::End).await).await;
    let error = error.expect("an error");
    assert!(
        error.is_throttling() && error.message() == Some("slow"),
        "{error:?}"
    );

    let (_, error) = read(object(message(&[(":message-type", "moon")], ""), Then::End).await).await;
    assert!(
        error
            .expect("an error")
            .to_string()
            .contains("unknown type `moon`")
    );
}

#[tokio::test]
async fn an_event_larger_than_the_limit_is_refused_before_it_arrives() {
    let mut huge = fields("{}");
    huge[..4].copy_from_slice(&u32::MAX.to_be_bytes());
    let checksum = crc32fast::hash(&huge[..8]);
    huge[8..12].copy_from_slice(&checksum.to_be_bytes());
    let (_, error) = read(object(huge, Then::Silence).await).await;
    assert!(
        error
            .expect("an error")
            .to_string()
            .contains("larger than the 4096")
    );
}

#[tokio::test(start_paused = true)]
async fn a_silent_stream_times_out() {
    let start = Instant::now();
    let (count, error) = read(object(fields("{}"), Then::Silence).await).await;
    let error = error.expect("an error");
    assert_eq!((count, error.kind()), (1, ErrorKind::Timeout));
    assert!(error.is_retryable());
    assert_eq!(start.elapsed(), Duration::from_secs(75));
}

#[tokio::test]
async fn an_answer_that_is_no_stream_is_kept() {
    let client = awsjson_tests::scripted::client::<Logs>(|_, _| (200, serde_json::json!({"a": 1})));
    // A service that names no type is taken at its word: the bytes are no frame.
    let mut events = client.send(GetLogObject::new("pointer")).await.expect("a stream");
    assert!(events.try_next().await.is_err());

    let transport = tower::service_fn(|_: Request<Body>| {
        let response = Response::builder().header("content-type", "text/html");
        let body = Body::from(Bytes::from_static(b"<html>maintenance</html>"));
        std::future::ready(Ok::<_, Infallible>(response.body(body).expect("a response")))
    });
    let client: Client = builder().transport(transport).build().expect("complete");
    let error = client
        .send(GetLogObject::new("pointer"))
        .await
        .expect_err("no stream");
    assert_eq!(error.kind(), ErrorKind::Decode);
    assert_eq!(error.raw_body().as_ref(), b"<html>maintenance</html>");
}

#[tokio::test]
async fn dropping_a_stream_ends_the_connection() {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0")
        .await
        .expect("a port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    let server = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.expect("a connection");
        let mut buffer = vec![0; 8192];
        let _ = stream.read(&mut buffer).await.expect("a request");
        let head = "HTTP/1.1 200 OK\r\ncontent-type: application/vnd.amazon.eventstream\r\ntransfer-encoding: chunked\r\n\r\n";
        let frame = fields(r#"{"data": "aGk="}"#);
        let chunk = [
            head.as_bytes(),
            format!("{:x}\r\n", frame.len()).as_bytes(),
            &frame,
            b"\r\n",
        ]
        .concat();
        stream.write_all(&chunk).await.expect("the client reads");
        // The client hangs up: this ends.
        while stream.read(&mut buffer).await.is_ok_and(|count| count > 0) {}
    });
    let client: Client = builder().endpoint_url(url).build().expect("complete");
    let mut events = client.send(GetLogObject::new("pointer")).await.expect("a stream");
    assert!(events.try_next().await.expect("an event").is_some());
    drop(events);
    tokio::time::timeout(Duration::from_secs(10), server)
        .await
        .expect("the connection ends")
        .expect("no panic");
}

#[tokio::test]
async fn kinesis_subscriptions_stream_records() {
    use awsjson_kinesis::types::{Record, SubscribeToShardEvent, SubscribeToShardEventStream};
    let fake = Fake::new().on_events(|_: SubscribeToShard| async {
        let record = Record::new("1", vec![1_u8, 2]).partition_key("key");
        let event = SubscribeToShardEvent::new([record], "2", 0_i64);
        Ok(vec![Ok(SubscribeToShardEventStream::SubscribeToShardEvent(
            event,
        ))])
    });
    let client: awsjson_kinesis::Client = builder()
        .transport(fake.into_transport())
        .build()
        .expect("complete");
    let arn = "arn:aws:kinesis:us-east-1:123456789012:stream/name/consumer/c:1";
    let request = SubscribeToShard::new(arn, "shard", StartingPosition::new(ShardIteratorType::Latest));
    let mut events = client.send(request).await.expect("a stream");
    let event = events.try_next().await.expect("an event").expect("an event");
    let SubscribeToShardEventStream::SubscribeToShardEvent(event) = event else {
        panic!("{event:?}");
    };
    assert_eq!(event.records[0].data.as_ref(), &[1, 2]);
}
