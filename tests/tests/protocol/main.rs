//! How the protocol behaves in the wild, one test for each rule, with a generated client over real sockets.

#[path = "../../golden/probe.rs"]
#[allow(dead_code, unused_imports)]
mod probe;

mod encodings;
mod errors;
mod options;
mod request;
mod retry;
mod success;

use awsjson_protocol::{ClientBuilder, Credentials};
use awsjson_tests::server::{Server, Step, response};

use probe::{Client, Golden};

/// Configures a client for a server, with credentials, and without pauses between attempts.
fn builder(server: &Server) -> ClientBuilder<Golden> {
    Client::builder()
        .region("us-east-1")
        .endpoint_url(server.url())
        .credentials(Credentials::new("AKID", "very-secret", None, None, "tests"))
        .jitter(|| 0.0)
}

fn client(server: &Server) -> Client {
    builder(server).build().expect("the configuration is complete")
}

async fn script(steps: impl IntoIterator<Item = Step>) -> Server {
    Server::script(steps).await.expect("a port")
}

/// Starts a server that always answers the same.
async fn answering(status: u16, headers: &[(&str, &str)], body: &str) -> Server {
    script([Step::Answer(response(status, headers, body.as_bytes()))]).await
}
