//! One flag for each member of an operation's input, as the AWS CLI has them.

use std::fs;
use std::path::Path;

use awsjson_protocol::wire::{EpochSeconds, HttpDate, Iso8601, Timestamp};
use clap::builder::{ValueParser, ValueRange};
use clap::{Arg, ArgAction, ArgMatches, Command};
use serde_json::{Map, Number, Value, json};

use crate::model::{Member, Model, Operation, ShapeKind, TimestampFormat};
use crate::names;

use super::input_members;

/// Why a flag's value is not understood.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("--{flag}: {what}")]
pub struct FlagError {
    /// The flag.
    pub flag: String,
    /// What is wrong, and what to do.
    pub what: String,
}

/// Adds a flag for each member to a command. A member whose flag the command has already can only be set as JSON.
pub fn command(model: &Model, operation: &Operation, command: Command) -> Command {
    let taken: Vec<String> = command
        .get_arguments()
        .filter_map(|argument| argument.get_long().map(str::to_owned))
        .collect();
    let members = input_members(model, operation).iter();
    let members = members.filter(|member| !taken.contains(&flag(&member.name)));
    members.fold(command, |command, member| {
        let flag = flag(&member.name);
        let argument = Arg::new(member.name.clone()).long(flag.clone());
        let command = command.next_help_heading("Members of the input");
        match &model.shape(&member.shape).kind {
            ShapeKind::Boolean => command
                .arg(
                    argument
                        .action(ArgAction::SetTrue)
                        .overrides_with(no(&member.name)),
                )
                .arg(
                    Arg::new(no(&member.name))
                        .long(format!("no-{flag}"))
                        .action(ArgAction::SetTrue),
                ),
            kind => command.arg(
                argument
                    .value_name(value_name(kind))
                    .value_parser(ValueParser::string())
                    .allow_negative_numbers(true)
                    .num_args(match kind {
                        ShapeKind::List { .. } => ValueRange::new(1..),
                        _ => ValueRange::SINGLE,
                    }),
            ),
        }
    })
}

/// Reads the flags that are set, as members of the input.
///
/// # Errors
///
/// Fails where a value is not of its member's type, or a file cannot be read.
pub fn read_flags(
    model: &Model,
    operation: &Operation,
    matches: &ArgMatches,
) -> Result<Map<String, Value>, FlagError> {
    let mut input = Map::new();
    for member in input_members(model, operation) {
        let read = read_flag(model, member, matches);
        let value = read.map_err(|what| FlagError {
            flag: flag(&member.name),
            what,
        })?;
        input.extend(value.map(|value| (member.name.clone(), value)));
    }
    Ok(input)
}

fn read_flag(model: &Model, member: &Member, matches: &ArgMatches) -> Result<Option<Value>, String> {
    let kind = &model.shape(&member.shape).kind;
    if matches!(kind, ShapeKind::Boolean) {
        let is_set = |id: &str| matches!(matches.try_get_one::<bool>(id), Ok(Some(true)));
        return Ok(match (is_set(&member.name), is_set(&no(&member.name))) {
            (true, _) => Some(json!(true)),
            (false, true) => Some(json!(false)),
            (false, false) => None,
        });
    }
    let Ok(Some(texts)) = matches.try_get_many::<String>(&member.name) else {
        return Ok(None);
    };
    let texts = texts
        .map(|text| load(text, kind))
        .collect::<Result<Vec<_>, _>>()?;
    match (kind, texts.as_slice()) {
        (_, [text]) if text.trim_start().starts_with(['[', '{']) && !is_text(kind) => json(text).map(Some),
        (ShapeKind::List { member, .. }, texts) => {
            let entry = &model.shape(member).kind;
            let entries = texts.iter().map(|text| scalar(entry, text));
            Ok(Some(Value::Array(entries.collect::<Result<_, _>>()?)))
        }
        (kind, [text]) => scalar(kind, text).map(Some),
        _ => Err("expected one value".to_owned()),
    }
}

/// Returns the flag of a member, such as `kms-key-id` for `kmsKeyId`.
fn flag(member: &str) -> String {
    names::flag_name(member)
}

fn no(member: &str) -> String {
    // No member has a space in its name, so that this is nobody's.
    format!("no {member}")
}

fn value_name(kind: &ShapeKind) -> &'static str {
    match kind {
        ShapeKind::Integer(_) | ShapeKind::Long(_) => "INTEGER",
        ShapeKind::Float(_) | ShapeKind::Double(_) => "NUMBER",
        ShapeKind::Timestamp(_) => "TIME",
        ShapeKind::Blob(_) => "BASE64",
        ShapeKind::List { .. } => "VALUE",
        kind if is_text(kind) => "TEXT",
        _ => "JSON",
    }
}

fn is_text(kind: &ShapeKind) -> bool {
    matches!(kind, ShapeKind::String { .. } | ShapeKind::Enum(_))
}

/// Reads the file that a value names, as `file://` or, for bytes, as `fileb://`.
fn load(text: &str, kind: &ShapeKind) -> Result<String, String> {
    let read = |path: &str| fs::read(Path::new(path)).map_err(|error| format!("cannot read {path}: {error}"));
    if let (Some(path), ShapeKind::Blob(_)) = (text.strip_prefix("fileb://"), kind) {
        return Ok(aws_smithy_types::base64::encode(read(path)?));
    }
    match text.strip_prefix("file://") {
        Some(path) => String::from_utf8(read(path)?).map_err(|_| format!("{path} is not UTF-8")),
        None => Ok(text.to_owned()),
    }
}

fn json(text: &str) -> Result<Value, String> {
    serde_json::from_str(text).map_err(|error| format!("is no JSON: {error}"))
}

fn scalar(kind: &ShapeKind, text: &str) -> Result<Value, String> {
    let not = |what: &str| format!("`{text}` is no {what}");
    match kind {
        kind if is_text(kind) => Ok(json!(text)),
        ShapeKind::Blob(_) => match aws_smithy_types::base64::decode(text) {
            Ok(_) => Ok(json!(text)),
            Err(_) => Err(format!(
                "{}; bytes of a file are read by fileb://PATH",
                not("base64")
            )),
        },
        ShapeKind::Boolean => text.parse().map(Value::Bool).map_err(|_| not("true or false")),
        ShapeKind::Integer(_) | ShapeKind::Long(_) => match text.parse::<i64>() {
            Ok(number) => Ok(json!(number)),
            Err(_) => Err(not("integer")),
        },
        ShapeKind::Float(_) | ShapeKind::Double(_) => {
            let number = text.parse::<f64>().map_err(|_| not("number"))?;
            Ok(Number::from_f64(number).map_or_else(|| json!(text), Value::Number))
        }
        ShapeKind::Timestamp(format) => timestamp(*format, text).ok_or_else(|| {
            format!(
                "{}: write seconds since 1970, or 2026-01-31T12:00:00Z",
                not("time")
            )
        }),
        _ => json(text).map_err(|what| format!("{what}; the short form `a=b,c=d` is not supported")),
    }
}

/// Writes a time as the member's format has it.
fn timestamp(format: TimestampFormat, text: &str) -> Option<Value> {
    let read = match text.parse::<f64>() {
        Ok(seconds) => json!(seconds),
        Err(_) => json!(text),
    };
    let time: Timestamp = serde_json::from_value(read).ok()?;
    let time = time.to_date_time();
    match format {
        TimestampFormat::EpochSeconds => serde_json::to_value(Timestamp::<EpochSeconds>::from(time)),
        TimestampFormat::Iso8601 => serde_json::to_value(Timestamp::<Iso8601>::from(time)),
        TimestampFormat::HttpDate => serde_json::to_value(Timestamp::<HttpDate>::from(time)),
    }
    .ok()
}
