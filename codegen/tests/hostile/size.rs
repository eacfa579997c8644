//! Models of absurd size and depth: an error, or code in a time that grows as the model does.

use std::time::{Duration, Instant};

use awsjson_codegen::{render, smithy};
use serde_json::{Map, Value, json};

use super::{Models, assert_refused, model};

/// Far more than any of these takes, and far less than what grows with the square.
const LIMIT: Duration = Duration::from_secs(60);

/// How many of anything there are; a tenth of it, unless `AWSJSON_HOSTILE=full` asks for a run that takes its time.
const MANY: usize = 100_000;

fn many() -> usize {
    match std::env::var("AWSJSON_HOSTILE").as_deref() {
        Ok("full") => MANY,
        _ => MANY / 10,
    }
}

fn with_shapes(shapes: impl IntoIterator<Item = (String, Value)>) -> Value {
    let mut file = model();
    let here = file["shapes"].as_object_mut().expect("shapes");
    here.extend(shapes);
    file
}

/// Lowers in bounded time; whether there are problems does not matter.
fn lower(file: &Value) -> Result<awsjson_codegen::ir::Service, String> {
    let start = Instant::now();
    let lowered = Models::new(file).service();
    assert!(start.elapsed() < LIMIT, "{:?}", start.elapsed());
    lowered
}

#[test]
fn many_members_are_lowered_in_linear_time() {
    let members: Map<String, Value> = (0..many())
        .map(|at| (format!("m{at}"), json!({"shape": "Text"})))
        .collect();
    let required: Vec<&String> = members.keys().collect();
    let file = with_shapes([
        (
            "Many".to_owned(),
            json!({"type": "structure", "required": required, "members": members}),
        ),
        (
            "GetResponse".to_owned(),
            json!({"type": "structure", "members": {"Many": {"shape": "Many"}}}),
        ),
    ]);
    let service = lower(&file).expect("valid");
    let many = service
        .types
        .iter()
        .find(|definition| definition.name() == "Many");
    assert!(many.is_some());
}

#[test]
fn many_shapes_in_a_chain_and_in_a_cycle_are_lowered_in_linear_time() {
    for end in ["Text", "S0"] {
        let shape = |at: usize| {
            let next = if at + 1 == many() {
                end.to_owned()
            } else {
                format!("S{}", at + 1)
            };
            (
                format!("S{at}"),
                json!({"type": "structure", "members": {"next": {"shape": next}}}),
            )
        };
        let mut file = with_shapes((0..many()).map(shape));
        file["shapes"]["GetRequest"]["members"]["Chain"] = json!({"shape": "S0"});
        let _ = lower(&file);
    }
}

#[test]
fn many_enum_values_and_operations_are_rendered() {
    let values: Vec<String> = (0..many() / 10).map(|at| format!("value-{at}")).collect();
    let mut file = with_shapes([("Color".to_owned(), json!({"type": "string", "enum": values}))]);
    let get = file["operations"]["Get"].clone();
    let operations = file["operations"].as_object_mut().expect("operations");
    operations.extend((0..many() / 100).map(|at| (format!("Get{at}"), get.clone())));
    let start = Instant::now();
    let code = render::render_single_file(&lower(&file).expect("valid"));
    assert!(code.contains("Value999") && code.contains("Get99"));
    assert!(start.elapsed() < LIMIT, "{:?}", start.elapsed());
}

#[test]
fn strings_of_megabytes_are_data_or_refused() {
    let long = "x".repeat(many() << 5);
    for pointer in [
        "/metadata/serviceFullName",
        "/documentation",
        "/shapes/Color/enum/0",
        "/shapes/Text/pattern",
    ] {
        let mut file = model();
        *file.pointer_mut(pointer).expect("there") = long.as_str().into();
        match lower(&file) {
            Ok(service) => drop(render::render_single_file(&service)),
            Err(error) => assert!(
                error.len() < 1 << 20,
                "{pointer}: an error of {} bytes",
                error.len()
            ),
        }
    }
    for pointer in ["/operations", "/shapes", "/shapes/GetRequest/members"] {
        let mut file = model();
        let entries = file
            .pointer_mut(pointer)
            .and_then(Value::as_object_mut)
            .expect("there");
        let first = entries.keys().next().expect("one").clone();
        let value = entries.remove(&first).expect("there");
        entries.insert(long.clone(), value);
        let error = lower(&file).map(|_| ()).expect_err("no name");
        assert!(
            error.len() < 1 << 20,
            "{pointer}: an error of {} bytes",
            error.len()
        );
    }
}

#[test]
fn problems_without_number_are_shown_in_bounded_time_and_space() {
    let file = with_shapes((0..many()).map(|at| (format!("Bad{at}"), json!({"type": "moon"}))));
    let error = lower(&file).map(|_| ()).expect_err("no moon");
    assert!(
        error.contains("more") && error.len() < 1 << 20,
        "{} bytes",
        error.len()
    );
}

#[test]
fn lists_of_lists_of_lists_are_refused() {
    for end in ["Text", "L0"] {
        let list = |at: usize| {
            let next = if at + 1 == many() {
                end.to_owned()
            } else {
                format!("L{}", at + 1)
            };
            (
                format!("L{at}"),
                json!({"type": "list", "member": {"shape": next}}),
            )
        };
        let mut file = with_shapes((0..many()).map(list));
        file["shapes"]["GetRequest"]["members"]["Deep"] = json!({"shape": "L0"});
        let error = lower(&file).map(|_| ()).expect_err("too deep");
        assert!(
            error.contains("probe#L0: is a list or a map that holds nothing but itself, or others"),
            "{error:.500}"
        );
    }
}

#[test]
fn structures_that_require_themselves_are_refused() {
    let file = with_shapes([
        (
            "A".to_owned(),
            json!({"type": "structure", "required": ["b"], "members": {"b": {"shape": "B"}}}),
        ),
        (
            "B".to_owned(),
            json!({"type": "structure", "required": ["a"], "members": {"a": {"shape": "A"}}}),
        ),
        (
            "C".to_owned(),
            json!({"type": "structure", "required": ["a"], "members": {"a": {"shape": "A"}}}),
        ),
        (
            "Fine".to_owned(),
            json!({"type": "structure", "required": ["all"], "members": {"all": {"shape": "AllFine"}}}),
        ),
        (
            "AllFine".to_owned(),
            json!({"type": "list", "member": {"shape": "Fine"}}),
        ),
    ]);
    assert_refused(
        &Models::new(&file),
        &[
            "probe#A: requires itself",
            "probe#B: requires itself",
            "probe#C: requires",
        ],
    );
    assert!(
        !Models::new(&file)
            .service()
            .expect_err("refused")
            .contains("probe#Fine")
    );
}

#[test]
fn deep_json_is_an_error() {
    let deep = format!("{}{}", "[".repeat(MANY), "]".repeat(MANY));
    assert_refused(&Models::of_text(&deep), &["is no JSON", "recursion limit"]);
    let object = format!("{}1{}", "{\"a\":".repeat(MANY), "}".repeat(MANY));
    assert_refused(&Models::of_text(&object), &["is no JSON", "recursion limit"]);
}

#[test]
fn deep_and_multiplying_expressions_are_refused() {
    let nested = ["(", "!", "[", "a.", "&", "[*].", "[?", "a(", "{a:", "a|"].map(|part| part.repeat(MANY));
    let short = nested.iter().map(|text| &text[..500]);
    for expression in nested.iter().map(String::as_str).chain(short) {
        let waiters = json!({"waiters": {"Ready": {"operation": "Get", "delay": 1, "maxAttempts": 3, "acceptors": [
            {"state": "success", "matcher": "path", "argument": expression, "expected": "done"}
        ]}}});
        let models = Models::new(&model());
        models.write("waiters.json", &waiters.to_string());
        assert_refused(&models, &["probe#Ready: waiter:"]);
    }
    let doubling = ["[@,@]"; 12].join(".");
    let mut file = model();
    file["operations"]["Get"]["operationContextParams"] = json!({"Kind": {"path": doubling}});
    assert_refused(
        &Models::new(&file),
        &["probe#Get: operationContextParams", "more than 1000 places"],
    );
}

#[test]
fn mixins_that_double_do_not() {
    let mut shapes = Map::new();
    shapes.insert("a#Op".to_owned(), json!({"type": "operation"}));
    shapes.insert(
        "a#M0".to_owned(),
        json!({"type": "service", "version": "1", "operations": [{"target": "a#Op"}]}),
    );
    for at in 1..=90 {
        let below = format!("a#M{}", at - 1);
        let service = json!({"type": "service", "version": "1", "mixins": [{"target": below}, {"target": below}],
            "operations": [{"target": "a#Op"}]});
        shapes.insert(format!("a#M{at}"), service);
    }
    let text = json!({"smithy": "2.0", "shapes": shapes}).to_string();
    let start = Instant::now();
    assert!(smithy::convert("probe", text.as_bytes()).is_err());
    assert!(start.elapsed() < LIMIT, "{:?}", start.elapsed());
}

#[test]
fn mixins_that_pile_up_are_refused() {
    let shape = |at: usize| {
        let mixins = match at.checked_sub(1) {
            Some(below) => json!([{"target": format!("a#M{below:06}")}]),
            None => json!([]),
        };
        let members = json!({format!("m{at}"): {"target": "smithy.api#String"}});
        (
            format!("a#M{at:06}"),
            json!({"type": "structure", "mixins": mixins, "members": members}),
        )
    };
    let shapes: Map<String, Value> = (0..many()).map(shape).collect();
    let text = json!({"smithy": "2.0", "shapes": shapes}).to_string();
    let start = Instant::now();
    let problems = smithy::convert("probe", text.as_bytes()).expect_err("too many");
    assert!(
        problems
            .iter()
            .any(|problem| problem.what.contains("members with their mixins")),
        "{problems:?}"
    );
    assert!(start.elapsed() < LIMIT, "{:?}", start.elapsed());
}
