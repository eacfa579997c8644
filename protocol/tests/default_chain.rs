//! Credentials and region from the official SDK's default chain (feature `aws-config`), each source of it in a process of its own,
//! for they are named by environment variables. Whatever is asked over HTTP is a server of this machine.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::Command;
use std::sync::{Arc, Mutex};
use std::thread;

use aws_config::{Region, SdkConfig};
use aws_credential_types::provider::SharedCredentialsProvider;
use awsjson_protocol::http::{Request, Response};
use awsjson_protocol::{Body, Client, Exception, ExceptionEntry, Protocol, Service, ServiceMetadata};

/// A service.
#[derive(Debug)]
pub enum Probe {}
/// Its exceptions.
#[derive(Debug, serde::Serialize)]
pub enum NoException {}

impl Service for Probe {
    type Exception = NoException;
    const METADATA: &'static ServiceMetadata =
        &ServiceMetadata::new("Probe", "probe", "probe", Protocol::AwsJson1_1, "PROBE");
}

impl Exception for NoException {
    const MAP: &'static [ExceptionEntry<Self>] = &[];

    fn code(&self) -> &'static str {
        match *self {}
    }

    fn message(&self) -> Option<&str> {
        match *self {}
    }
}

mod call {
    //! An operation without members.

    use super::Probe;
    use awsjson_protocol::generated as rt;

    #[derive(Clone, Debug)]
    pub struct Ask {}

    impl rt::Structure for Ask {
        const NAME: &'static str = "AskRequest";
        const MEMBERS: usize = 0;

        fn empty() -> Self {
            Self {}
        }

        fn write<S: rt::Struct>(&self, _: &mut rt::Members<S>) -> rt::Written<S> {
            Ok(())
        }

        fn read<'de, A: rt::Map<'de>>(&mut self, from: rt::Member<A>) -> rt::Read<'de, A> {
            from.skip()
        }
    }

    rt::structures!(Ask);

    impl rt::Operation for Ask {
        type Service = Probe;
        type Output = rt::EmptyOutput;
        const METADATA: &'static rt::OperationMetadata = &rt::OperationMetadata::new("Ask", "Probe.Ask", &[]);
    }
}

/// Says what requests are signed with: the child process of the tests.
#[tokio::test]
#[ignore = "it is the child process of other tests"]
async fn client_of_its_own() {
    let seen = Arc::new(Mutex::new(String::new()));
    let sent = Arc::clone(&seen);
    let transport = tower::service_fn(move |request: Request<Body>| {
        let header = |name: &str| {
            let value = request.headers().get(name);
            value
                .map_or("none", |value| value.to_str().expect("text"))
                .to_owned()
        };
        let scope = header("authorization");
        let scope = scope.split(['=', '/']).skip(1).take(3).collect::<Vec<_>>();
        *sent.lock().expect("no panic") = format!(
            "{} in {} with {}",
            scope[0],
            scope[2],
            header("x-amz-security-token")
        );
        async { Ok::<_, std::io::Error>(Response::new(Body::from(bytes::Bytes::from_static(b"{}")))) }
    });
    let config = aws_config::load_defaults(aws_config::BehaviorVersion::latest()).await;
    let client = Client::<Probe>::builder()
        .load_sdk_config(&config)
        .transport(transport);
    let client = client.build().expect("the chain has a region");
    client
        .send(call::Ask {})
        .await
        .expect("the chain has credentials");
    println!("signed by {}.", seen.lock().expect("no panic"));
}

/// Runs the child with these variables and no others, and returns what it was signed with.
fn signed_by(home: &Path, variables: &[(&str, &str)]) -> String {
    let mut child = Command::new(std::env::current_exe().expect("a path"));
    child
        .args(["--exact", "client_of_its_own", "--ignored", "--nocapture"])
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .env("HOME", home)
        .envs(variables.iter().copied());
    let output = child.output().expect("it starts");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let signed = text
        .split("signed by ")
        .nth(1)
        .and_then(|text| text.split('.').next());
    let errors = String::from_utf8_lossy(&output.stderr);
    signed.unwrap_or_else(|| panic!("{text} {errors}")).to_owned()
}

/// A server that gives an answer for each `METHOD /path`, and remembers whole requests.
struct Server {
    url: String,
    requests: Arc<Mutex<Vec<String>>>,
}

impl Server {
    fn start(answers: BTreeMap<&'static str, String>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let url = format!("http://{}", listener.local_addr().expect("it is bound"));
        let requests = Arc::new(Mutex::new(Vec::new()));
        let seen = Arc::clone(&requests);
        thread::spawn(move || {
            for stream in listener.incoming() {
                let Ok(stream) = stream else { return };
                let request = read_request(&stream);
                let line = request.split(" HTTP/").next().unwrap_or_default();
                let answer = answers.get(line);
                let status = if answer.is_some() {
                    "200 OK"
                } else {
                    "404 Not Found"
                };
                let body = answer.cloned().unwrap_or_default();
                // The metadata service answers requests for tokens with how long these are good.
                let head = format!(
                    "HTTP/1.1 {status}\r\nx-aws-ec2-metadata-token-ttl-seconds: 600\r\nconnection: close\r\ncontent-length: {}\r\n\r\n",
                    body.len()
                );
                seen.lock().expect("no panic").push(request);
                let mut stream = stream;
                let _ = stream.write_all(format!("{head}{body}").as_bytes());
            }
        });
        Self { url, requests }
    }

    fn requests(&self) -> String {
        self.requests.lock().expect("no panic").join("\n\n")
    }
}

fn read_request(stream: &TcpStream) -> String {
    let mut reader = BufReader::new(stream);
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") && reader.read_line(&mut head).unwrap_or(0) > 0 {}
    let length = head.to_ascii_lowercase();
    let length = length
        .split("content-length: ")
        .nth(1)
        .and_then(|text| text.split('\r').next());
    let mut body = vec![0; length.and_then(|length| length.parse().ok()).unwrap_or(0)];
    let _ = reader.read_exact(&mut body);
    head + &String::from_utf8_lossy(&body)
}

/// Credentials as the metadata services of containers and instances give them.
fn credentials(id: &str) -> String {
    format!(
        r#"{{"Code": "Success", "AccessKeyId": "{id}", "SecretAccessKey": "secret", "Token": "token-of-{id}",
            "Expiration": "2999-01-01T00:00:00Z", "LastUpdated": "2020-01-01T00:00:00Z", "Type": "AWS-HMAC"}}"#
    )
}

fn home(files: &[(&str, &str)]) -> tempfile::TempDir {
    let home = tempfile::tempdir().expect("a folder");
    for (path, contents) in files {
        let path = home.path().join(path);
        std::fs::create_dir_all(path.parent().expect("a parent")).expect("it can be made");
        std::fs::write(path, contents).expect("it can be written");
    }
    home
}

const NO_INSTANCE: (&str, &str) = ("AWS_EC2_METADATA_DISABLED", "true");

#[test]
fn environment_variables_come_first() {
    let home = home(&[(
        ".aws/credentials",
        "[default]\naws_access_key_id = FILE\naws_secret_access_key = s\n",
    )]);
    let variables = [
        ("AWS_ACCESS_KEY_ID", "VARIABLE"),
        ("AWS_SECRET_ACCESS_KEY", "secret"),
        ("AWS_REGION", "eu-west-1"),
        NO_INSTANCE,
    ];
    assert_eq!(
        signed_by(home.path(), &variables),
        "VARIABLE in eu-west-1 with none"
    );
}

#[test]
fn a_profile_is_read_from_files() {
    let home = home(&[
        (
            ".aws/config",
            "[default]\nregion = us-west-1\n[profile other]\nregion = eu-north-1\n",
        ),
        (
            ".aws/credentials",
            "[other]\naws_access_key_id = PROFILE\naws_secret_access_key = s\naws_session_token = t\n",
        ),
    ]);
    let variables = [("AWS_PROFILE", "other"), NO_INSTANCE];
    assert_eq!(signed_by(home.path(), &variables), "PROFILE in eu-north-1 with t");
}

#[test]
fn a_process_may_give_credentials() {
    let process = r#"{"Version": 1, "AccessKeyId": "PROCESS", "SecretAccessKey": "s"}"#;
    let config = "[default]\nregion = eu-north-1\ncredential_process = cat process.json\n";
    let home = home(&[("process.json", process)]);
    let path = home.path().join("process.json");
    let config = config.replace("process.json", path.to_str().expect("text"));
    std::fs::create_dir(home.path().join(".aws")).expect("it can be made");
    std::fs::write(home.path().join(".aws/config"), config).expect("it can be written");
    assert_eq!(
        signed_by(home.path(), &[NO_INSTANCE]),
        "PROCESS in eu-north-1 with none"
    );
}

#[test]
fn a_container_asks_its_own_service() {
    let server = Server::start(BTreeMap::from([("GET /role", credentials("CONTAINER"))]));
    let home = home(&[]);
    let uri = format!("{}/role", server.url);
    let variables = [
        ("AWS_CONTAINER_CREDENTIALS_FULL_URI", uri.as_str()),
        ("AWS_CONTAINER_AUTHORIZATION_TOKEN", "container-token"),
        ("AWS_REGION", "eu-west-1"),
        NO_INSTANCE,
    ];
    let signed = signed_by(home.path(), &variables);
    assert_eq!(signed, "CONTAINER in eu-west-1 with token-of-CONTAINER");
    assert!(server.requests().contains("authorization: container-token"));
}

#[test]
fn an_instance_asks_the_metadata_service_for_both() {
    let server = Server::start(BTreeMap::from([
        ("PUT /latest/api/token", "metadata-token".to_owned()),
        (
            "GET /latest/meta-data/iam/security-credentials/",
            "role".to_owned(),
        ),
        (
            "GET /latest/meta-data/iam/security-credentials/role",
            credentials("INSTANCE"),
        ),
        ("GET /latest/meta-data/placement/region", "ap-south-1".to_owned()),
    ]));
    let home = home(&[]);
    let variables = [("AWS_EC2_METADATA_SERVICE_ENDPOINT", server.url.as_str())];
    let signed = signed_by(home.path(), &variables);
    assert_eq!(signed, "INSTANCE in ap-south-1 with token-of-INSTANCE");
    assert!(
        server
            .requests()
            .contains("x-aws-ec2-metadata-token: metadata-token")
    );
}

#[test]
fn a_web_identity_is_exchanged_for_a_role() {
    let role = "<AssumeRoleWithWebIdentityResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\">\
        <AssumeRoleWithWebIdentityResult><Credentials>\
        <AccessKeyId>WEB</AccessKeyId><SecretAccessKey>s</SecretAccessKey><SessionToken>web-token</SessionToken>\
        <Expiration>2999-01-01T00:00:00Z</Expiration></Credentials>\
        <AssumedRoleUser><AssumedRoleId>id:me</AssumedRoleId><Arn>arn:aws:sts::123456789012:assumed-role/role/me</Arn></AssumedRoleUser>\
        </AssumeRoleWithWebIdentityResult></AssumeRoleWithWebIdentityResponse>";
    let server = Server::start(BTreeMap::from([("POST /", role.to_owned())]));
    let home = home(&[("identity", "signed-by-a-provider")]);
    let file = home.path().join("identity");
    let variables = [
        ("AWS_WEB_IDENTITY_TOKEN_FILE", file.to_str().expect("text")),
        ("AWS_ROLE_ARN", "arn:aws:iam::123456789012:role/role"),
        ("AWS_ENDPOINT_URL_STS", server.url.as_str()),
        ("AWS_REGION", "eu-west-1"),
        NO_INSTANCE,
    ];
    assert_eq!(
        signed_by(home.path(), &variables),
        "WEB in eu-west-1 with web-token"
    );
    assert!(
        server
            .requests()
            .contains("WebIdentityToken=signed-by-a-provider")
    );
}

#[test]
fn single_sign_on_gives_the_credentials_of_a_role() {
    let credentials = r#"{"roleCredentials": {"accessKeyId": "SSO", "secretAccessKey": "s", "sessionToken": "sso-token",
        "expiration": 32472144000000}}"#;
    let answers = [(
        "GET /federation/credentials?role_name=reader&account_id=123456789012",
        credentials.to_owned(),
    )];
    let server = Server::start(BTreeMap::from(answers));
    let token = r#"{"accessToken": "signed-in", "expiresAt": "2999-01-01T00:00:00Z", "region": "eu-west-1", "startUrl": "https://start.example"}"#;
    let home = home(&[
        (
            ".aws/config",
            "[default]\nregion = eu-west-1\nsso_start_url = https://start.example\nsso_region = eu-west-1\n\
             sso_account_id = 123456789012\nsso_role_name = reader\n",
        ),
        // The name is the SHA-1 digest of the start URL.
        (
            ".aws/sso/cache/1c5a689b7bb92284d0c514c4b1c1e1ce96d9621f.json",
            token,
        ),
    ]);
    let variables = [("AWS_ENDPOINT_URL_SSO", server.url.as_str()), NO_INSTANCE];
    assert_eq!(
        signed_by(home.path(), &variables),
        "SSO in eu-west-1 with sso-token"
    );
    assert!(server.requests().contains("x-amz-sso_bearer_token: signed-in"));
}

fn config() -> aws_types::sdk_config::Builder {
    let credentials = awsjson_protocol::Credentials::new("AKID", "secret", None, None, "tests");
    SdkConfig::builder()
        .region(Region::new("eu-north-1"))
        .credentials_provider(SharedCredentialsProvider::new(credentials))
}

#[test]
fn region_and_endpoint_are_taken_over() {
    let config = config().endpoint_url("http://127.0.0.1:9/base").build();
    let client = Client::<Probe>::from_sdk_config(&config).expect("the configuration is complete");
    let shown = format!("{client:?}");
    assert!(
        shown.contains("eu-north-1") && shown.contains("127.0.0.1"),
        "{shown}"
    );
}

#[test]
fn what_is_set_in_code_wins() {
    let builder = Client::<Probe>::builder().region("us-west-2");
    let client = builder
        .load_sdk_config(&config().build())
        .build()
        .expect("complete");
    assert!(format!("{client:?}").contains("us-west-2"));
}

#[test]
fn a_missing_region_is_said() {
    let config = SdkConfig::builder().build();
    let error = Client::<Probe>::from_sdk_config(&config).expect_err("there is no region");
    assert!(error.to_string().contains("no region"), "{error}");
}
