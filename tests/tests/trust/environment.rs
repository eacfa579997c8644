//! What the environment says is checked like everything else that came from outside.

use std::process::Command;

use awsjson_kinesis::{Client, Kinesis};
use awsjson_protocol::{ClientBuilder, ErrorKind, Plaintext, Proxy};

use crate::credentials;

/// Builds a client with one variable set; returns what is said against it.
fn refusal(name: &'static str, value: &str) -> Option<String> {
    let value = value.to_owned();
    let builder = Client::builder().region("us-east-1").credentials(credentials());
    let built = builder
        .load_environment_from(move |asked| (asked == name).then(|| value.clone()))
        .build();
    built.err().map(|error| {
        assert_eq!(error.kind(), ErrorKind::Config, "{error:?}");
        error.to_string()
    })
}

/// Endpoints that are refused, and a part of what is said against them.
const REFUSED: [(&str, &str); 34] = [
    ("https://user:hunter2@example.com", "user name"),
    ("https://hunter2@example.com", "user name"),
    ("https://user:hun%40ter2@example.com/hunter2@x", "user name"),
    ("https://user:hunter2 @example.com", "no URL"),
    ("https://example.com/?x=hunter2", "query"),
    ("https://example.com/path?hunter2", "query"),
    ("https://example.com?hunter2", "query"),
    ("https://example.com/#fragment", "fragment"),
    ("https://example.com#@evil.example", "fragment"),
    ("http://127.0.0.1#.example.com", "fragment"),
    ("https://example.com/\r\nx-evil: 1", "no URL"),
    ("https://example.com\n", "no URL"),
    ("https://exa\0mple.com", "no URL"),
    ("https://exa mple.com", "no URL"),
    (" https://example.com", "no URL"),
    ("https://ex\u{e4}mple.com", "no URL"),
    ("https://example.com\\@evil.example", "no URL"),
    ("ftp://example.com", "http:// or https://"),
    ("file:///etc/passwd", ""),
    ("unix:/socket", ""),
    ("javascript:alert(1)", ""),
    ("//example.com", ""),
    ("example.com", "http:// or https://"),
    ("https://", ""),
    ("https:///path", ""),
    ("https://:443", ""),
    ("https://example.com:", "port"),
    ("https://example.com:0", "port"),
    ("https://example.com:65536", "port"),
    ("https://example.com:99999999", "port"),
    ("https://2130706433", "four decimal numbers"),
    ("https://0x7f.1", "four decimal numbers"),
    ("https://[::1", ""),
    ("https://[fe80::1%25eth0]", ""),
];

#[test]
fn an_endpoint_url_that_says_more_than_where_is_refused() {
    for variable in ["AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_KINESIS"] {
        for (url, why) in REFUSED {
            let message = refusal(variable, url).unwrap_or_else(|| panic!("{url:?} is accepted"));
            assert!(
                message.contains("the endpoint URL") && message.contains(why),
                "{url:?}: {message}"
            );
            assert!(!message.contains("hunter2"), "{url:?}: {message}");
            assert!(!message.chars().any(char::is_control), "{url:?}: {message:?}");
        }
        let long = format!("https://example.com/{}", "a".repeat(100_000));
        let message = refusal(variable, &long).expect("it is too long");
        assert!(message.contains("bytes") && message.len() < 400, "{message}");
    }
    for url in [
        "https://example.com",
        "HTTPS://EXAMPLE.com:8443/base/",
        "http://[::ffff:127.0.0.1]:1",
        "http://localhost.:4566",
    ] {
        assert_eq!(refusal("AWS_ENDPOINT_URL", url), None);
    }
}

#[test]
fn plaintext_leaves_this_machine_only_where_it_is_allowed_by_name() {
    let build = |url: &str, plaintext: Option<Plaintext>| {
        let builder: ClientBuilder<Kinesis> = Client::builder().region("us-east-1").endpoint_url(url);
        match plaintext {
            None => builder.build(),
            Some(plaintext) => builder.plaintext(plaintext).build(),
        }
    };
    for url in [
        "http://example.com",
        "HTTP://example.com",
        "http://10.0.0.1",
        "http://192.168.1.1:4566",
        "http://169.254.169.254",
        "http://0.0.0.0",
        "http://[::]",
        "http://[fd00:ec2::254]",
        "http://localhost.example.com",
        "http://127.0.0.1.example.com",
        "http://app.localhost",
        "http://notlocalhost",
    ] {
        let error = build(url, None).expect_err(url);
        assert!(error.to_string().contains("not encrypted"), "{error}");
        assert!(
            refusal("AWS_ENDPOINT_URL", url).is_some_and(|why| why.contains("not encrypted")),
            "{url}"
        );
        assert!(build(url, Some(Plaintext::LoopbackOnly)).is_err(), "{url}");
        assert!(build(url, Some(Plaintext::Anywhere)).is_ok(), "{url}");
    }
    for url in [
        "http://127.0.0.1:1",
        "http://127.255.0.1",
        "http://[::1]:1",
        "http://localhost",
        "http://LOCALHOST:1",
    ] {
        assert!(build(url, None).is_ok(), "{url}");
    }
}

#[test]
fn a_switch_that_cannot_be_read_is_not_taken_for_off() {
    for variable in [
        "AWS_USE_FIPS_ENDPOINT",
        "AWS_USE_DUALSTACK_ENDPOINT",
        "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS",
    ] {
        for value in ["1", "yes", "ture", "true "] {
            let message = refusal(variable, value).expect("it is neither");
            assert!(
                message.contains(variable) && message.contains("`true` or `false`"),
                "{message}"
            );
        }
        for value in ["true", "TRUE", "false", "False", ""] {
            assert_eq!(refusal(variable, value), None);
        }
    }
}

#[test]
fn a_bundle_of_certificates_that_cannot_be_used_is_not_passed_over() {
    let folder = tempfile::tempdir().expect("a folder");
    let broken = folder.path().join("broken.pem");
    std::fs::write(
        &broken,
        "-----BEGIN CERTIFICATE-----\n!\n-----END CERTIFICATE-----\n",
    )
    .expect("it can be written");
    let empty = folder.path().join("empty.pem");
    std::fs::write(&empty, "").expect("it can be written");
    let missing = folder.path().join("missing.pem");
    for path in [folder.path(), &broken, &empty, &missing] {
        let path = path.to_str().expect("text");
        let message = refusal("AWS_CA_BUNDLE", path).unwrap_or_else(|| panic!("{path} is accepted"));
        assert!(
            message.contains("AWS_CA_BUNDLE") && message.contains(path),
            "{message}"
        );
    }
}

#[test]
fn a_proxy_that_cannot_be_used_is_not_passed_over() {
    for url in [
        "socks5://user:hunter2@proxy:1",
        "https://user:hunter2@proxy",
        "http://",
        "http://user:hunter2@",
        "http://a b",
    ] {
        let message = refusal("HTTPS_PROXY", url).unwrap_or_else(|| panic!("{url} is accepted"));
        assert!(
            message.contains("HTTPS_PROXY") && !message.contains("hunter2"),
            "{message}"
        );
        assert!(Proxy::new(url, "").is_err());
    }
}

/// Variables that are no text, for the child process.
#[cfg(unix)]
#[test]
fn a_variable_that_is_no_text_is_not_passed_over() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;

    for variable in [
        "AWS_CA_BUNDLE",
        "AWS_ENDPOINT_URL",
        "AWS_REGION",
        "AWS_USE_FIPS_ENDPOINT",
        "AWS_ACCOUNT_ID",
        "HTTPS_PROXY",
    ] {
        let output = Command::new(std::env::current_exe().expect("this program"))
            .args([
                "--exact",
                "environment::client_of_its_own",
                "--ignored",
                "--nocapture",
            ])
            .env_clear()
            .env("AWS_REGION", "us-east-1")
            .env(variable, OsStr::from_bytes(b"http://127.0.0.1\xff"))
            .output()
            .expect("it starts");
        let text = String::from_utf8_lossy(&output.stdout);
        assert!(
            output.status.success() && text.contains("refused: "),
            "{variable}: {text}"
        );
    }
}

#[test]
#[ignore = "it is the child process of another test"]
fn client_of_its_own() {
    let built = Client::builder()
        .load_environment()
        .credentials(credentials())
        .build();
    println!("refused: {}", built.expect_err("the variable is no text"));
}
