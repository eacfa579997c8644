//! Redirects are answers like others: they are never followed, least of all with a signature.

use awsjson_kinesis::{Client, DescribeStreamSummary};
use awsjson_tests::server::{Server, Step, response};

use crate::credentials;

#[tokio::test]
async fn a_redirect_is_never_followed() {
    for status in [300, 301, 302, 303, 305, 307, 308] {
        let elsewhere = Server::start(response(200, &[], b"{}")).await.expect("a port");
        let location = elsewhere.url();
        let headers = [("location", location.as_str()), ("refresh", location.as_str())];
        let here = Server::script([Step::Answer(response(status, &headers, b"{}"))]);
        let here = here.await.expect("a port");
        let client = Client::builder()
            .region("us-east-1")
            .endpoint_url(here.url())
            .credentials(credentials())
            .jitter(|| 0.0)
            .build()
            .expect("complete");
        let error = client
            .send(DescribeStreamSummary::new())
            .await
            .expect_err("it is no success");
        assert_eq!(
            error.status().map(|status| status.as_u16()),
            Some(status),
            "{error}"
        );
        assert_eq!(elsewhere.recorded().len(), 0, "{status}");
        assert_eq!(here.recorded().len(), 1, "{status}");
        assert!(here.recorded()[0].header("authorization").is_some());
    }
}
