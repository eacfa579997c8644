//! Paging: every paginated operation of the committed services, and what pages and items promise.

mod operations;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use awsjson_codegen::lower::Settings;
use awsjson_codegen::model::{Model, Paginator, ShapeKind};
use awsjson_codegen::overlay::{Constraint, Overlay};
use awsjson_codegen::workspace::Workspace;
use awsjson_logs::{DescribeLogGroups, GetLogEvents};
use awsjson_protocol::{PaginatedItems, Service};
use awsjson_tests::scripted;
use futures_util::{StreamExt, TryStreamExt};
use serde::Serialize;
use serde_json::{Map, Value, json};

#[test]
fn every_paginated_operation_is_listed() {
    let models = Models::read();
    let mut listed = BTreeMap::new();
    for (crate_name, operations) in operations::LISTED {
        listed.insert(crate_name.to_string(), operations.to_vec());
    }
    for (crate_name, service) in &models.0 {
        let paginated: Vec<&str> = service.paginators.keys().map(String::as_str).collect();
        let listed = listed.remove(crate_name).unwrap_or_default();
        assert_eq!(
            listed, paginated,
            "{crate_name}: update tests/tests/pages/operations.rs"
        );
    }
}

#[tokio::test]
async fn items_are_what_paging_by_hand_finds() {
    operations::check_every(&Models::read()).await;
}

/// What is known of a service.
pub struct ServiceModel {
    model: Model,
    overlay: Overlay,
    paginators: BTreeMap<String, Paginator>,
}

/// The models of the committed services, by crate.
pub struct Models(BTreeMap<String, ServiceModel>);

/// An operation to page through.
pub struct Paged<'a> {
    name: &'a str,
    model: &'a Model,
    overlay: &'a Overlay,
    paginator: &'a Paginator,
}

impl Models {
    fn read() -> Self {
        let workspace = Workspace::find(Path::new(env!("CARGO_MANIFEST_DIR"))).expect("this is a checkout");
        let services = workspace.committed().expect("there are crates");
        let read = |service: String| {
            let model = workspace.model(&service).expect("a model");
            let overlay = workspace.overlay(&service, &model).expect("an overlay");
            let lowered = workspace
                .service(&service, Settings::default())
                .expect("it is lowered");
            let paged = lowered
                .operations
                .iter()
                .filter(|operation| operation.paginator.is_some());
            let paginators = paged.map(|operation| {
                let name = &operation.wire_name;
                let own = overlay
                    .operations
                    .get(name)
                    .and_then(|overlay| overlay.paginator.clone());
                let paginator = model.paginators.get(name).cloned().or(own).expect("one has it");
                (name.clone(), paginator)
            });
            let paginators = paginators.collect();
            let crate_name = format!("awsjson_{}", service.replace('-', "_"));
            (
                crate_name,
                ServiceModel {
                    model,
                    overlay,
                    paginators,
                },
            )
        };
        Self(
            services
                .into_iter()
                .map(read)
                .filter(|(_, service)| !service.paginators.is_empty())
                .collect(),
        )
    }

    fn operation<'a>(&'a self, crate_name: &str, name: &'a str) -> Paged<'a> {
        let service = &self.0[crate_name];
        Paged {
            name,
            model: &service.model,
            overlay: &service.overlay,
            paginator: &service.paginators[name],
        }
    }
}

/// How many items each page has; some services send empty pages in between.
const PAGES: [usize; 4] = [2, 0, 3, 1];

/// Pages through an operation with a client, and compares with the items that the pages were made of.
async fn check<O: PaginatedItems>(paged: &Paged<'_>)
where
    O::Item: Serialize,
{
    let name = paged.name;
    let pages = Arc::new(pages(paged));
    let asked = Arc::new(AtomicUsize::new(0));
    let token = paged.paginator.input_token.clone();
    let answer = {
        let (pages, asked, name) = (Arc::clone(&pages), Arc::clone(&asked), name.to_owned());
        move |target: &str, body: Value| {
            assert!(target.ends_with(&format!(".{name}")), "{target}");
            let at = asked.fetch_add(1, Ordering::Relaxed);
            let expected = at.checked_sub(1).and_then(|before| pages[before].next.clone());
            assert_eq!(body.get(&token), expected.as_ref(), "{name}: page {at}");
            (200, pages[at].body.clone())
        }
    };
    let client = scripted::client::<O::Service>(answer);
    let request: O = serde_json::from_value(request(paged)).expect("missing members are empty");
    let items = client.items(request).try_collect().await.expect("pages");
    let items: Vec<Value> = items
        .iter()
        .map(|item| serde_json::to_value(item).expect("JSON"))
        .collect();
    let by_hand: Vec<&Value> = pages.iter().flat_map(|page| &page.items).collect();
    assert_eq!(items.len(), by_hand.len(), "{name}");
    for (item, expected) in items.iter().zip(by_hand) {
        assert!(includes(item, expected), "{name}: {item} is not {expected}");
    }
    assert_eq!(asked.load(Ordering::Relaxed), pages.len(), "{name}");
}

/// Makes a request whose required strings are an ARN, for endpoint rules read some of them.
fn request(paged: &Paged<'_>) -> Value {
    let operation = &paged.model.operations[paged.name];
    let input = paged.model.input(operation).expect("input");
    let required = input
        .members
        .iter()
        .filter(|member| input.required.contains(&member.name));
    let strings =
        required.filter(|member| matches!(paged.model.shape(&member.shape).kind, ShapeKind::String { .. }));
    let rules = paged.overlay.operations.get(paged.name);
    let chosen = rules
        .into_iter()
        .flat_map(|overlay| &overlay.constraints)
        .filter_map(|rule| match rule {
            Constraint::ExactlyOneOf(members) | Constraint::AtLeastOneOf(members) => members.first(),
            _ => None,
        });
    let arn = json!("arn:aws:kinesis:us-east-1:123456789012:stream/name");
    let names = strings.map(|member| &member.name).chain(chosen);
    Value::Object(names.map(|name| (name.clone(), arn.clone())).collect())
}

/// A page as the service sends it.
struct Page {
    body: Value,
    items: Vec<Value>,
    /// The token that asks for the page after it.
    next: Option<Value>,
}

fn pages(paged: &Paged<'_>) -> Vec<Page> {
    let operation = &paged.model.operations[paged.name];
    let (input, output) = (
        operation.input.as_ref().expect("input"),
        operation.output.as_ref().expect("output"),
    );
    let paginator = paged.paginator;
    let list = shape_at(paged.model, output, &paginator.result_keys[0]);
    let token_shape = shape_at(paged.model, input, &paginator.input_token);
    let is_key = paginator.output_token.contains("[-1]");
    let mut count = 0;
    let mut pages = Vec::new();
    for (at, &size) in PAGES.iter().enumerate() {
        let size = if is_key { size.max(1) } else { size };
        let items: Vec<Value> = (count..count + size)
            .map(|n| entry(paged.model, &list, n))
            .collect();
        count += size;
        let is_last = at + 1 == PAGES.len();
        let mut body = json!({});
        put(
            &mut body,
            &paginator.result_keys[0],
            whole(paged.model, &list, &items),
        );
        if let Some(more) = &paginator.more_results {
            put(&mut body, more, json!(!is_last));
        }
        let next = match (is_key, is_last) {
            (true, false) => Some(
                body.pointer(&format!("/StreamDescription/Shards/{}/ShardId", size - 1))
                    .expect("a shard")
                    .clone(),
            ),
            (false, false) => Some(value(paged.model, &token_shape, at)),
            (_, true) => None,
        };
        if let (false, Some(token)) = (is_key, &next) {
            put(&mut body, &paginator.output_token, token.clone());
        } else if paged.name == "GetLogEvents" {
            // This service says that there is no more by repeating the token that it was asked with.
            let last: &Page = pages.last().expect("a page before");
            put(
                &mut body,
                &paginator.output_token,
                last.next.clone().expect("a token"),
            );
        }
        pages.push(Page { body, items, next });
    }
    pages
}

fn put(body: &mut Value, path: &str, value: Value) {
    let mut at = body;
    for name in path.split('.') {
        let object = at.as_object_mut().expect("an object");
        at = object.entry(name).or_insert_with(|| json!({}));
    }
    *at = value;
}

fn shape_at(model: &Model, shape: &str, path: &str) -> String {
    path.split('.').fold(shape.to_owned(), |shape, name| {
        let (ShapeKind::Structure(structure) | ShapeKind::Union(structure)) = &model.shape(&shape).kind
        else {
            panic!("{shape} is no structure");
        };
        let member = structure.members.iter().find(|member| member.name == name);
        member
            .unwrap_or_else(|| panic!("{shape} has no {name}"))
            .shape
            .clone()
    })
}

/// Makes the `n`th entry of a list, or of a map as a pair.
fn entry(model: &Model, list: &str, n: usize) -> Value {
    match &model.shape(list).kind {
        ShapeKind::List { member, .. } => value(model, member, n),
        ShapeKind::Map { value: entry, .. } => json!([format!("key-{n:03}"), value(model, entry, n)]),
        other => panic!("{list} is {other:?}"),
    }
}

fn whole(model: &Model, list: &str, entries: &[Value]) -> Value {
    match &model.shape(list).kind {
        ShapeKind::Map { .. } => {
            let pairs = entries
                .iter()
                .map(|pair| (pair[0].as_str().expect("a key").to_owned(), pair[1].clone()));
            Value::Object(pairs.collect::<Map<_, _>>())
        }
        _ => Value::Array(entries.to_vec()),
    }
}

/// Makes a value that tells `n` apart from others wherever the shape can.
fn value(model: &Model, shape: &str, n: usize) -> Value {
    match &model.shape(shape).kind {
        ShapeKind::String { .. } | ShapeKind::Enum(_) => json!(format!("value-{n}")),
        ShapeKind::Integer(_) | ShapeKind::Long(_) => json!(n),
        ShapeKind::Structure(structure) | ShapeKind::Union(structure) => {
            let scalar = structure.members.iter().find(|member| {
                let kind = &model.shape(&member.shape).kind;
                matches!(
                    kind,
                    ShapeKind::String { .. }
                        | ShapeKind::Enum(_)
                        | ShapeKind::Integer(_)
                        | ShapeKind::Long(_)
                )
            });
            // A shard is paged through by its name.
            let named = structure
                .members
                .iter()
                .find(|member| member.name == "ShardId")
                .or(scalar);
            named.map_or(
                json!({}),
                |member| json!({ (&member.name): value(model, &member.shape, n) }),
            )
        }
        ShapeKind::Map { value: entry, .. } => json!({ format!("key-{n}"): value(model, entry, n) }),
        ShapeKind::List { member, .. } => json!([value(model, member, n)]),
        other => panic!("{shape} is {other:?}"),
    }
}

/// Tells whether `value` holds all that `part` does.
fn includes(value: &Value, part: &Value) -> bool {
    match (value, part) {
        (Value::Object(value), Value::Object(part)) => part
            .iter()
            .all(|(name, part)| value.get(name).is_some_and(|value| includes(value, part))),
        _ => value == part,
    }
}

/// Answers `DescribeLogGroups` with pages of two groups, `last` pages in all, and counts what it is asked.
fn groups(last: usize) -> (awsjson_logs::Client, Arc<AtomicUsize>) {
    let asked = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&asked);
    let client = scripted::client(move |_, body| {
        counter.fetch_add(1, Ordering::Relaxed);
        let at: usize = body["nextToken"]
            .as_str()
            .map_or(0, |token| token.parse().expect("our token"));
        let groups: Vec<Value> = (2 * at..2 * at + 2)
            .map(|n| json!({ "logGroupName": n.to_string() }))
            .collect();
        let mut page = json!({ "logGroups": groups });
        if at + 1 < last {
            page["nextToken"] = json!((at + 1).to_string());
        }
        (200, page)
    });
    (client, asked)
}

#[tokio::test]
async fn pages_and_items_are_streams() {
    let (client, _) = groups(3);
    let pages: Vec<_> = client
        .pages(DescribeLogGroups::new())
        .try_collect()
        .await
        .expect("pages");
    assert_eq!(pages.len(), 3);
    let names: Vec<String> = TryStreamExt::try_collect::<Vec<_>>(client.items(DescribeLogGroups::new()))
        .await
        .expect("items")
        .into_iter()
        .filter_map(|group| group.log_group_name)
        .collect();
    assert_eq!(names, ["0", "1", "2", "3", "4", "5"]);
}

#[tokio::test]
async fn a_limit_ends_without_another_call() {
    let (client, asked) = groups(1000);
    let groups = client
        .items(DescribeLogGroups::new())
        .limit(4)
        .try_collect()
        .await
        .expect("items");
    assert_eq!((groups.len(), asked.load(Ordering::Relaxed)), (4, 2));
}

#[tokio::test]
async fn paging_begins_where_the_request_says_and_can_go_on_later() {
    let (client, _) = groups(5);
    let mut pages = client.pages(DescribeLogGroups::new().next_token("3"));
    pages.try_next().await.expect("a page").expect("page 3");
    let rest = pages.next_request().expect("page 4 is left").clone();
    assert_eq!(rest.next_token.as_deref(), Some("4"));
    let mut pages = client.pages(rest);
    assert!(pages.try_next().await.expect("a page").is_some());
    assert!(pages.try_next().await.expect("the end").is_none());
    assert!(pages.next_request().is_none());
}

#[tokio::test]
async fn an_error_ends_the_stream_and_keeps_the_request() {
    let asked = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&asked);
    let client: awsjson_logs::Client =
        scripted::client(move |_, _| match counter.fetch_add(1, Ordering::Relaxed) {
            0 => (200, json!({"logGroups": [], "nextToken": "a"})),
            _ => (
                400,
                json!({"__type": "InvalidParameterException", "message": "no"}),
            ),
        });
    let mut pages = client.pages(DescribeLogGroups::new());
    assert!(pages.next().await.expect("a page").is_ok());
    assert!(pages.next().await.expect("an error").is_err());
    assert!(pages.next().await.is_none());
    assert_eq!(
        pages
            .next_request()
            .and_then(|request| request.next_token.as_deref()),
        Some("a")
    );
    assert_eq!(asked.load(Ordering::Relaxed), 2);
}

#[tokio::test]
async fn a_repeated_or_empty_token_is_the_end() {
    let client: awsjson_logs::Client =
        scripted::client(|_, _| (200, json!({"events": [], "nextForwardToken": "f/1"})));
    let mut pages = client.pages(GetLogEvents::new("stream").log_group_name("group"));
    let mut count = 0;
    while pages.try_next().await.expect("a page").is_some() {
        count += 1;
    }
    assert_eq!(
        count, 2,
        "the second page says by its token that there is no more"
    );

    let client: awsjson_logs::Client =
        scripted::client(|_, _| (200, json!({"logGroups": [], "nextToken": ""})));
    let pages = client.pages(DescribeLogGroups::new()).collect::<Vec<_>>().await;
    assert_eq!(pages.len(), 1);
}

#[tokio::test]
async fn a_page_that_is_dropped_while_it_is_fetched_is_fetched_again_by_the_same_stream() {
    let (client, _) = groups(2);
    let mut items = client.items(DescribeLogGroups::new());
    // Polled once and dropped: the call goes on where it was when it is polled again.
    let dropped = futures_util::future::poll_immediate(items.try_next()).await;
    assert!(dropped.is_none() || dropped.is_some_and(|item| item.is_ok()));
    let mut count = 0;
    while items.try_next().await.expect("an item").is_some() {
        count += 1;
    }
    assert!(count >= 3);
}

#[test]
fn a_call_keeps_its_options_for_every_page() {
    fn streams<T: futures_util::Stream + Send + Unpin>(_: &T) {}
    let (client, _) = groups(1);
    streams(
        &client
            .call(DescribeLogGroups::new())
            .attempt_timeout(None)
            .pages(),
    );
    streams(&client.call(DescribeLogGroups::new()).items());
    assert_eq!(<awsjson_logs::Logs as Service>::METADATA.signing_name, "logs");
}
