//! Whatever stands in regions, accounts, names of applications, host labels, traces and inputs: a request goes to the service's own host,
//! with the service's own headers, or it does not go.

use awsjson_dynamodb::{DescribeTable, ListTables};
use awsjson_events::PutEvents;
use awsjson_kinesis::DescribeStreamSummary;
use awsjson_protocol::{Client, ClientBuilder, Error, ErrorKind, Exception, Operation, RetryPolicy, Service};

use crate::golden::{Act, Client as Golden};
use crate::{Network, Sent, credentials};

/// The headers that requests have.
const HEADERS: [&str; 6] = [
    "authorization",
    "content-type",
    "user-agent",
    "x-amz-date",
    "x-amz-target",
    "x-amzn-trace-id",
];

/// How many random texts are tried beside the chosen ones.
const RANDOM: usize = 400;

/// Texts that have broken somebody's client: ends of lines, of hosts and of URLs, other hosts, other alphabets, and too much of everything.
fn hostile() -> Vec<String> {
    let chosen = [
        "",
        " ",
        ".",
        "..",
        "-",
        "us-east-1\r\nx-evil: 1",
        "us-east-1\nx-evil: 1",
        "us-east-1\rx",
        "us-east-1\0",
        "us-east-1\t",
        "us-east-1\u{7f}",
        "evil.example/",
        "evil.example",
        "evil.example#",
        "evil.example?",
        "evil.example:443",
        "evil.example\\",
        "@evil.example",
        "a:b@evil.example",
        "a@evil.example/",
        "%0d%0ax-evil: 1",
        "%2f",
        "[::1]",
        "127.0.0.1",
        "169.254.169.254/",
        "{Region}",
        "{AccountId}",
        "\u{ff0f}\u{ff20}evil\u{3002}example",
        "\u{202e}1-tsae-su",
        "us\u{ad}-east-1",
        "us-\u{ea}ast-1",
        "\u{1f980}",
        "us-east-1.",
        ".us-east-1",
        "-us-east-1",
        "us-east-1-",
        "us_east_1",
        "US-EAST-1",
        "123456789012",
        "1234567890123",
        "12345678901",
        "\u{661}\u{662}\u{663}\u{664}\u{665}\u{666}\u{667}\u{668}\u{669}\u{660}\u{661}\u{662}",
        "arn:aws:kinesis:us-east-1:123456789012:stream/name",
        "arn:aws:kinesis:us-east-1:evil.example/:stream/name",
        "arn:aws:kinesis:us-east-1:a@evil.example#:stream/name",
        "arn:aws:dynamodb:us-east-1:evil.example/:table/name",
        "arn:aws:dynamodb:evil.example/:123456789012:table/name",
        "abc.evil.example/",
        "abc.def",
    ];
    let mut texts: Vec<String> = chosen.map(str::to_owned).into();
    texts.extend([
        "a".repeat(63),
        "a".repeat(64),
        "9".repeat(100_000),
        "\r\n".repeat(9000),
    ]);
    let pieces: Vec<char> =
        "aZ9-._~@/\\#?:;%[]{}<>\"'`|^&=+*!$, \r\n\t\0\u{b}\u{7f}\u{a0}\u{e9}\u{2028}\u{ff0e}\u{1f600}"
            .chars()
            .collect();
    let mut random = fastrand::Rng::with_seed(7);
    texts.extend((0..RANDOM).map(|_| {
        let length = random.usize(1..20);
        (0..length)
            .map(|_| pieces[random.usize(..pieces.len())])
            .collect()
    }));
    texts
}

/// Checks what became of a call: refused before anything was sent, with a message in one line that is not endless, or sent to a host that
/// `is_right`.
fn check<T, E: Exception + std::fmt::Debug>(
    what: &str,
    text: &str,
    result: Result<T, Error<E>>,
    sent: &[Sent],
    is_right: impl Fn(&str) -> bool,
) -> bool {
    let about = format!("{what} {:?}", text.chars().take(80).collect::<String>());
    match result {
        Err(error) => {
            assert!(sent.is_empty(), "{about}: {error}");
            let is_ours = matches!(error.kind(), ErrorKind::Config | ErrorKind::InvalidInput);
            assert!(is_ours, "{about}: {error:?}");
            let message = error.to_string();
            assert!(message.len() < 2000, "{about}: {} bytes", message.len());
            assert!(!message.chars().any(char::is_control), "{about}: {message:?}");
        }
        Ok(_) => {
            let [sent] = sent else {
                panic!("{about}: one request")
            };
            let authority = sent.uri.authority().expect("a host").as_str();
            assert_eq!(sent.uri.scheme_str(), Some("https"), "{about}");
            assert_eq!(
                sent.uri.path_and_query().map(|path| path.as_str()),
                Some("/"),
                "{about}"
            );
            assert!(is_right(authority), "{about}: {authority}");
            for (name, value) in &sent.headers {
                assert!(HEADERS.contains(&name.as_str()), "{about}: {name}");
                let printable = |byte: &u8| matches!(byte, b' '..=b'~');
                assert!(
                    value.as_bytes().iter().all(printable),
                    "{about}: {name}: {value:?}"
                );
                assert!(value.len() < 2000, "{about}: {name}");
            }
        }
    }
    !sent.is_empty()
}

/// Sends an operation with what `configure` makes of a builder.
async fn call<O: Operation>(
    network: &Network,
    operation: O,
    configure: impl FnOnce(ClientBuilder<O::Service>) -> ClientBuilder<O::Service>,
) -> (Result<(), Error<<O::Service as Service>::Exception>>, Vec<Sent>) {
    let builder = Client::<O::Service>::builder()
        .region("us-east-1")
        .credentials(credentials())
        .retry(RetryPolicy::none())
        .transport(network.transport());
    let result = match configure(builder).build() {
        Ok(client) => client.send(operation).await.map(drop),
        Err(error) => Err(error),
    };
    (result, network.take())
}

/// Tells whether a host is `before`, a label that the text is, and `after`.
fn is_between(host: &str, before: &str, text: &str, after: &str) -> bool {
    let label = host
        .strip_prefix(before)
        .and_then(|host| host.strip_suffix(after));
    label == Some(text)
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}

#[tokio::test]
async fn a_region_stays_a_label() {
    let network = Network::default();
    let mut sent = 0;
    for text in hostile() {
        let is_right = |host: &str| {
            let suffixes = [".amazonaws.com", ".amazonaws.com.cn"];
            suffixes
                .iter()
                .any(|suffix| is_between(host, "kinesis.", &text, suffix))
        };
        let (result, requests) = call(&network, DescribeStreamSummary::new(), |builder| {
            builder.region(&text)
        })
        .await;
        sent += u32::from(check("region", &text, result, &requests, is_right));
        // The same for one call, and from the environment.
        let client = awsjson_kinesis::Client::builder()
            .region("us-east-1")
            .credentials(credentials())
            .transport(network.transport())
            .build()
            .expect("complete");
        let result = client
            .call(DescribeStreamSummary::new())
            .region(&text)
            .send()
            .await;
        check("region of a call", &text, result, &network.take(), is_right);
        let value = text.clone();
        let client = awsjson_kinesis::Client::builder()
            .load_environment_from(move |name| (name == "AWS_REGION").then(|| value.clone()))
            .credentials(credentials())
            .transport(network.transport())
            .build();
        let result = match client {
            Ok(client) => client.send(DescribeStreamSummary::new()).await,
            Err(error) => Err(error),
        };
        check("AWS_REGION", &text, result, &network.take(), is_right);
    }
    assert!(sent > 3, "some of them are labels");
}

#[tokio::test]
async fn an_account_has_twelve_digits() {
    let network = Network::default();
    let mut sent = Vec::new();
    for text in hostile() {
        let configure = |builder: ClientBuilder<awsjson_dynamodb::Dynamodb>| builder.account_id(&text);
        let (result, requests) = call(&network, ListTables::new(), configure).await;
        let is_right = |host: &str| is_between(host, "", &text, ".ddb.us-east-1.amazonaws.com");
        if check("account", &text, result, &requests, is_right) {
            sent.push(text);
        }
    }
    assert_eq!(sent, ["123456789012"]);
}

#[tokio::test]
async fn an_application_is_one_word_of_the_user_agent() {
    let network = Network::default();
    for text in hostile() {
        let (result, requests) = call(&network, DescribeStreamSummary::new(), |builder| {
            builder.app_id(&text)
        })
        .await;
        let agent = requests[0].headers["user-agent"]
            .to_str()
            .expect("text")
            .to_owned();
        let (_, app) = agent.split_once(" app/").expect("an application");
        assert!(
            app.len() <= 50 && !app.contains([' ', '/', ';', '(', '"']),
            "{agent}"
        );
        check("application", &text, result, &requests, |host| {
            host == "kinesis.us-east-1.amazonaws.com"
        });
    }
}

#[tokio::test]
async fn a_trace_is_one_line() {
    let network = Network::default();
    for text in hostile() {
        let value = text.clone();
        let lookup = move |name: &str| match name {
            "AWS_LAMBDA_FUNCTION_NAME" => Some("function".to_owned()),
            "_X_AMZN_TRACE_ID" => Some(value.clone()),
            _ => None,
        };
        let configure =
            |builder: ClientBuilder<_>| builder.load_environment_from(lookup).credentials(credentials());
        let (result, requests) = call(&network, DescribeStreamSummary::new(), configure).await;
        check("trace", &text, result, &requests, |host| {
            host == "kinesis.us-east-1.amazonaws.com"
        });
    }
}

#[tokio::test]
async fn a_host_label_of_the_input_stays_a_label() {
    let network = Network::default();
    let mut sent = 0;
    for text in hostile() {
        let client = Golden::builder()
            .region("us-east-1")
            .credentials(credentials())
            .transport(network.transport())
            .build()
            .expect("complete");
        let result = client.send(Act::new(&text)).await;
        let is_right = |host: &str| is_between(host, "", &text, ".data-golden.us-east-1.amazonaws.com");
        sent += u32::from(check("host label", &text, result, &network.take(), is_right));
    }
    assert!(sent > 3, "some of them are labels");
}

#[tokio::test]
async fn what_an_input_gives_to_the_endpoint_rules_stays_where_it_belongs() {
    let network = Network::default();
    let is_amazons = |host: &str| host.ends_with(".amazonaws.com") || host.ends_with(".api.aws");
    for text in hostile() {
        let operation = || DescribeStreamSummary::new().stream_arn(&text).stream_id(&text);
        let (result, requests) = call(&network, operation(), |builder| builder).await;
        check("stream", &text, result, &requests, is_amazons);
        let (result, requests) = call(&network, DescribeTable::new(&text), |builder| {
            builder.account_id("123456789012")
        })
        .await;
        check("table", &text, result, &requests, is_amazons);
        let operation = PutEvents::new([]).endpoint_id(&text);
        let (result, requests) = call(&network, operation, |builder| builder).await;
        check("endpoint", &text, result, &requests, is_amazons);
    }
}
