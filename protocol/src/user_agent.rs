//! What requests say about who sends them.

use http::HeaderValue;

use crate::environment::Environment;
use crate::service::ServiceMetadata;

/// The version of the format, which AWS's SDKs share.
const FORMAT: &str = "ua/2.1";
/// The longest name of an application.
const MAX_APP_ID: usize = 50;
/// The longest trace that is passed on, in bytes; those of AWS have about a hundred.
const MAX_TRACE: usize = 1024;

/// Returns the value of `User-Agent`: this crate, the service, the system, and the application where it has a name.
pub(crate) fn user_agent(service: &ServiceMetadata, app_id: Option<&str>) -> HeaderValue {
    let version = env!("CARGO_PKG_VERSION");
    let mut text = format!(
        "awsjson/{version} {FORMAT} api/{}#{version} os/{} lang/rust",
        token(service.service_id).to_ascii_lowercase(),
        token(std::env::consts::OS),
    );
    if let Some(app_id) = app_id {
        let app_id: String = app_id.chars().take(MAX_APP_ID).collect();
        text.push_str(" app/");
        text.push_str(&token(&app_id));
    }
    HeaderValue::from_str(&text).unwrap_or_else(|_| HeaderValue::from_static("awsjson"))
}

/// Replaces what may not stand in a part of the header, so that nothing else can be slipped in.
fn token(text: &str) -> String {
    let allowed = |c: char| c.is_ascii_alphanumeric() || "!$%&'*+-.^_`|~".contains(c);
    text.chars().map(|c| if allowed(c) { c } else { '_' }).collect()
}

/// The trace that a function on AWS Lambda runs in, which lets AWS notice functions that call themselves for ever.
#[derive(Clone, Debug)]
pub(crate) struct Trace(Environment);

impl Trace {
    /// Finds out whether this is a function on AWS Lambda.
    pub(crate) fn detect(environment: &Environment) -> Option<Self> {
        environment.get("AWS_LAMBDA_FUNCTION_NAME")?;
        Some(Self(environment.clone()))
    }

    /// Returns the value of `X-Amzn-Trace-Id`. It is another one for each invocation.
    pub(crate) fn id(&self) -> Option<HeaderValue> {
        let id = self
            .0
            .get("_X_AMZN_TRACE_ID")
            .filter(|id| id.len() <= MAX_TRACE)?;
        HeaderValue::from_str(&escape(&id)).ok()
    }
}

/// Percent-encodes what may not stand in a header.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b' '..=b'~' => escaped.push(char::from(byte)),
            _ => escaped.push_str(&format!("%{byte:02X}")),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::service::Protocol;

    const SERVICE: ServiceMetadata = ServiceMetadata::new(
        "CloudWatch Logs",
        "logs",
        "logs",
        Protocol::AwsJson1_1,
        "CLOUDWATCH_LOGS",
    );

    #[test]
    fn the_application_is_named_and_cannot_add_anything_else() {
        let agent = user_agent(&SERVICE, Some("my app\r\nx-evil: 1"));
        let agent = agent.to_str().expect("ASCII");
        assert!(agent.contains(" api/cloudwatch_logs#"), "{agent}");
        assert!(agent.ends_with(" app/my_app__x-evil__1"), "{agent}");
        let agent = user_agent(&SERVICE, Some(&"x".repeat(80)));
        assert!(
            agent
                .to_str()
                .expect("ASCII")
                .ends_with(&format!("/{}", "x".repeat(50)))
        );
        assert!(
            !user_agent(&SERVICE, None)
                .to_str()
                .expect("ASCII")
                .contains("app/")
        );
    }

    #[test]
    fn a_trace_is_passed_on_by_functions_only() {
        let variable = |name: &'static str, value: &'static str| {
            move |asked: &str| (asked == name).then(|| value.to_owned())
        };
        let outside = Environment::from_fn(variable("_X_AMZN_TRACE_ID", "Root=1"));
        assert!(Trace::detect(&outside).is_none());
        let inside = Environment::from_fn(|name| match name {
            "AWS_LAMBDA_FUNCTION_NAME" => Some("function".to_owned()),
            "_X_AMZN_TRACE_ID" => Some("Root=1-a;Parent=b\n".to_owned()),
            _ => None,
        });
        let trace = Trace::detect(&inside).expect("a function");
        assert_eq!(trace.id().expect("a trace"), "Root=1-a;Parent=b%0A");
    }
}
