//! `call`.

mod show;

use std::convert::Infallible;
use std::fs;
use std::process::ExitCode;
use std::sync::{Arc, Mutex, PoisonError};

use awsjson_codegen::call::{self, InputProblem};
use awsjson_codegen::model::{Model, Operation};
use awsjson_codegen::names;
use awsjson_codegen::workspace::Workspace;
use awsjson_protocol::http::Request;
use awsjson_protocol::{Body, ClientBuilder, Error, NoException, RetryPolicy, Untyped, UntypedCall};
use bytes::Bytes;
use clap::{Arg, ArgAction, ArgMatches, Args, Command};
use serde_json::{Map, Value};

use super::{FAILED, Failure};

#[derive(Args, Debug)]
#[command(disable_help_flag = true)]
pub struct Call {
    /// The service by folder name, such as `logs`
    #[arg(required_unless_present = "help")]
    service: Option<String>,
    /// The operation, as `AssociateKmsKey` or `associate-kms-key`
    #[arg(required_unless_present = "help")]
    operation: Option<String>,
    /// Shows this help; after an operation, its flags
    #[arg(short, long)]
    help: bool,
    /// Flags for the members of the input, and options: see `awsjson call SERVICE OPERATION --help`
    #[arg(trailing_var_arg = true, allow_hyphen_values = true, value_name = "FLAGS")]
    flags: Vec<String>,
}

/// Why nothing was sent.
#[derive(Debug, thiserror::Error)]
enum Refusal {
    #[error("{service} has no operation `{operation}`{near} (`awsjson list {service}` names all)")]
    NoOperation {
        service: String,
        operation: String,
        near: String,
    },
    #[error("the input is not what the model says:{}", problems.iter().map(|problem| format!("\n  {problem}")).collect::<String>())]
    Input { problems: Vec<InputProblem> },
    #[error("{operation} streams events, which `awsjson call` cannot show; use a generated client")]
    Streams { operation: String },
    #[error("--cli-input-json: {0}")]
    InputJson(String),
}

impl Call {
    pub fn run(self, workspace: &Workspace) -> Result<ExitCode, Failure> {
        let (Some(service), Some(operation)) = (&self.service, &self.operation) else {
            Call::augment_args(Command::new("awsjson call"))
                .bin_name("awsjson call")
                .print_help()?;
            return Ok(ExitCode::SUCCESS);
        };
        let model = workspace.model(service)?;
        let (name, operation) = find(&model, service, operation)?;
        if call::streams_events(&model, operation) {
            let operation = name.to_owned();
            return Err(Refusal::Streams { operation }.into());
        }
        let program = format!("awsjson call {service} {}", names::flag_name(name));
        let command = options(Command::new(program.clone()).bin_name(program));
        let mut command = call::command(&model, operation, command);
        if self.help {
            command.print_help()?;
            return Ok(ExitCode::SUCCESS);
        }
        let matches = match command.no_binary_name(true).try_get_matches_from(&self.flags) {
            Ok(matches) => matches,
            Err(error) => {
                error.print()?;
                let code = u8::try_from(error.exit_code()).unwrap_or(FAILED);
                return Ok(ExitCode::from(code));
            }
        };
        let mut input = input_json(matches.get_one::<String>("cli-input-json"))?;
        input.extend(call::read_flags(&model, operation, &matches)?);
        for member in call::input_members(&model, operation) {
            if member.idempotency_token && !input.contains_key(&member.name) {
                let token = uuid::Uuid::new_v4().to_string();
                input.insert(member.name.clone(), Value::String(token));
            }
        }
        let overlay = workspace.overlay(service, &model)?;
        let constraints = overlay
            .operations
            .get(name)
            .map_or(&[][..], |overlay| &overlay.constraints);
        let input = Value::Object(input);
        let problems = call::check_input(&model, operation, constraints, &input);
        if !problems.is_empty() {
            return Err(Refusal::Input { problems }.into());
        }
        let rules = workspace.endpoint_rules(service)?;
        let prepared = Prepared {
            builder: builder(
                ClientBuilder::for_service(call::service_metadata(&model, rules.as_ref())),
                &matches,
            ),
            call: UntypedCall {
                operation: call::operation_metadata(&model, name)?,
                body: Bytes::from(input.to_string()),
                host_label: &|member| input.get(member)?.as_str(),
                // The service's own answer is shown as it is, and so the model is not asked.
                modeled_retry: |_| None,
                parameters: call::endpoint_parameters(&model, operation, &input),
            },
        };
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        match matches.get_flag("dry-run") {
            true => runtime.block_on(prepared.dry_run()),
            false => runtime.block_on(prepared.send(&matches)),
        }
    }
}

fn find<'a>(model: &'a Model, service: &str, given: &str) -> Result<(&'a str, &'a Operation), Refusal> {
    let mut operations = model.operations.iter();
    let found = operations.find(|(name, _)| *name == given || names::flag_name(name) == given);
    match found {
        Some((name, operation)) => Ok((name, operation)),
        None => Err(Refusal::NoOperation {
            service: service.to_owned(),
            operation: given.to_owned(),
            near: call::nearest(
                &given.replace('-', ""),
                model.operations.keys().map(String::as_str),
            ),
        }),
    }
}

fn options(command: Command) -> Command {
    let option = |name: &'static str, value: &'static str, help: &'static str| {
        Arg::new(name).long(name).value_name(value).help(help)
    };
    let flag = |name: &'static str, help: &'static str| {
        Arg::new(name).long(name).action(ArgAction::SetTrue).help(help)
    };
    command
        .arg(option(
            "cli-input-json",
            "JSON",
            "The input as JSON, or the file that holds it as file://PATH; flags of members win",
        ))
        .arg(option(
            "region",
            "REGION",
            "The region; by default AWS_REGION or AWS_DEFAULT_REGION",
        ))
        .arg(option(
            "endpoint-url",
            "URL",
            "Sends the request there, instead of to the service's endpoint",
        ))
        .arg(
            option("output", "FORMAT", "How the response is shown")
                .value_parser(["json", "table"])
                .default_value("json"),
        )
        .arg(flag("dry-run", "Shows the signed request, and sends nothing"))
        .arg(flag(
            "debug",
            "Shows how many attempts a call took, and the response's headers",
        ))
}

/// Reads `--cli-input-json`.
fn input_json(given: Option<&String>) -> Result<Map<String, Value>, Refusal> {
    let Some(given) = given else {
        return Ok(Map::new());
    };
    let text = match given.strip_prefix("file://") {
        Some(path) => fs::read_to_string(path)
            .map_err(|error| Refusal::InputJson(format!("cannot read {path}: {error}")))?,
        None => given.clone(),
    };
    match serde_json::from_str(&text) {
        Ok(Value::Object(members)) => Ok(members),
        Ok(_) => Err(Refusal::InputJson("expected an object".to_owned())),
        Err(error) => Err(Refusal::InputJson(format!("is no JSON: {error}"))),
    }
}

fn builder(mut builder: ClientBuilder<Untyped>, matches: &ArgMatches) -> ClientBuilder<Untyped> {
    if let Some(region) = matches.get_one::<String>("region") {
        builder = builder.region(region);
    }
    if let Some(url) = matches.get_one::<String>("endpoint-url") {
        builder = builder.endpoint_url(url);
    }
    builder.load_environment()
}

/// A call that has been checked.
struct Prepared<'a> {
    builder: ClientBuilder<Untyped>,
    call: UntypedCall<'a>,
}

impl Prepared<'_> {
    async fn send(self, matches: &ArgMatches) -> Result<ExitCode, Failure> {
        let result = match self.builder.build() {
            Ok(client) => client.call_untyped(self.call).await,
            Err(error) => Err(error),
        };
        let response = match result {
            Ok(response) => response,
            Err(error) => return Ok(report(&error)),
        };
        if matches.get_flag("debug") {
            anstream::eprintln!("{} after {} attempts", response.status(), response.attempts());
            show::headers(response.headers(), |line| anstream::eprintln!("{line}"));
        }
        let format = matches.get_one::<String>("output").map(String::as_str);
        anstream::println!("{}", show::body(response.output(), format == Some("table")));
        Ok(ExitCode::SUCCESS)
    }

    /// Shows the request that would be sent.
    async fn dry_run(self) -> Result<ExitCode, Failure> {
        let captured: Arc<Mutex<Option<Request<Body>>>> = Arc::default();
        let slot = Arc::clone(&captured);
        let transport = tower::service_fn(move |request: Request<Body>| {
            *slot.lock().unwrap_or_else(PoisonError::into_inner) = Some(request);
            let answer = awsjson_protocol::http::Response::new(Body::from(Bytes::from_static(b"{}")));
            std::future::ready(Ok::<_, Infallible>(answer))
        });
        let client = self
            .builder
            .transport(transport)
            .retry(RetryPolicy::none())
            .build();
        let result = match client {
            Ok(client) => client.call_untyped(self.call).await,
            Err(error) => Err(error),
        };
        if let Err(error) = result {
            return Ok(report(&error));
        }
        let request = captured.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(request) = request {
            anstream::println!("{} {}", request.method(), request.uri());
            show::headers(request.headers(), |line| anstream::println!("{line}"));
            let body = request.body().bytes().cloned().unwrap_or_default();
            anstream::println!("\n{}", show::body(&body, false));
        }
        Ok(ExitCode::SUCCESS)
    }
}

/// Shows an error with all that the service said.
fn report(error: &Error<NoException>) -> ExitCode {
    anstream::eprintln!("{}", super::explain(error));
    if !error.raw_body().is_empty() {
        anstream::eprintln!("{}", show::body(error.raw_body(), false));
    }
    ExitCode::from(FAILED)
}
