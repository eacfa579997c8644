//! The second front end: models in Smithy's JSON AST.

mod upstream;

use std::collections::BTreeSet;

use awsjson_codegen::smithy::{Converted, convert};
use serde_json::{Value, json};

/// A model of one operation, with what is said of the shapes `Act`, `In` and `Out` by each test.
fn model(shapes: &[(&str, Value)]) -> Value {
    let mut model = json!({"smithy": "2.0", "shapes": {
        "a#Probe": {"type": "service", "version": "2020-01-01", "operations": [{"target": "a#Act"}], "traits": {
            "aws.api#service": {"sdkId": "Probe", "arnNamespace": "probe"}, "aws.auth#sigv4": {"name": "probe"},
            "aws.protocols#awsJson1_1": {}, "smithy.api#title": "The Probe"}},
        "a#Act": {"type": "operation", "input": {"target": "a#In"}, "output": {"target": "smithy.api#Unit"}},
        "a#In": {"type": "structure", "members": {}}
    }});
    for (id, shape) in shapes {
        model["shapes"][*id] = shape.clone();
    }
    model
}

fn converted(shapes: &[(&str, Value)]) -> Converted {
    let text = model(shapes).to_string();
    convert("probe", text.as_bytes()).unwrap_or_else(|problems| panic!("{problems:?}"))
}

fn shape(shapes: &[(&str, Value)], name: &str) -> Value {
    converted(shapes).service["shapes"][name].clone()
}

fn problems(shapes: &[(&str, Value)]) -> Vec<String> {
    let text = model(shapes).to_string();
    let problems = convert("probe", text.as_bytes()).expect_err("it has problems");
    problems.iter().map(ToString::to_string).collect()
}

fn members(members: Value) -> Value {
    json!({"type": "structure", "members": members})
}

#[test]
fn the_service_is_described() {
    let service = converted(&[]).service;
    assert_eq!(
        service["metadata"],
        json!({"apiVersion": "2020-01-01", "auth": ["aws.auth#sigv4"], "endpointPrefix": "probe", "jsonVersion": "1.1",
            "protocol": "json", "protocols": ["json"], "serviceFullName": "The Probe", "serviceId": "Probe",
            "signatureVersion": "v4", "targetPrefix": "Probe", "uid": "probe-2020-01-01"})
    );
    let act = &service["operations"]["Act"];
    assert_eq!(
        (&act["input"]["shape"], &act["output"]),
        (&json!("In"), &Value::Null)
    );
}

#[test]
fn required_members_keep_their_order() {
    let required = json!({"smithy.api#required": {}});
    let text = model(&[]).to_string().replace(
        r#""a#In":{"members":{}"#,
        &format!(
            r#""a#In":{{"members":{{"z":{{"target":"smithy.api#String","traits":{required}}},"a":{{"target":"smithy.api#String","traits":{required}}}}}"#
        ),
    );
    let service = convert("probe", text.as_bytes()).expect("it is right").service;
    assert_eq!(service["shapes"]["In"]["required"], json!(["z", "a"]));
}

#[test]
fn shapes_become_shapes() {
    for (written, expected) in [
        (
            json!({"type": "string", "traits": {"smithy.api#length": {"min": 1, "max": 9}, "smithy.api#pattern": "^a$"}}),
            json!({"type": "string", "min": 1, "max": 9, "pattern": "^a$"}),
        ),
        (
            json!({"type": "integer", "traits": {"smithy.api#range": {"max": 5}, "smithy.api#default": 0}}),
            json!({"type": "integer", "max": 5}),
        ),
        (
            json!({"type": "string", "traits": {"smithy.api#sensitive": {}}}),
            json!({"type": "string", "sensitive": true}),
        ),
        (
            json!({"type": "string", "traits": {"smithy.api#enum": [{"value": "X"}, {"value": "y", "name": "Y"}]}}),
            json!({"type": "string", "enum": ["X", "y"]}),
        ),
        (
            json!({"type": "enum", "members": {"B": {"target": "smithy.api#Unit"},
            "A": {"target": "smithy.api#Unit", "traits": {"smithy.api#enumValue": "a-value"}}}}),
            json!({"type": "string", "enum": ["a-value", "B"]}),
        ),
        (
            json!({"type": "intEnum", "members": {"ONE": {"target": "smithy.api#Unit", "traits": {"smithy.api#enumValue": 1}}}}),
            json!({"type": "integer"}),
        ),
        (
            json!({"type": "timestamp", "traits": {"smithy.api#timestampFormat": "date-time"}}),
            json!({"type": "timestamp", "timestampFormat": "iso8601"}),
        ),
        (
            json!({"type": "list", "member": {"target": "smithy.api#Long"}, "traits": {"smithy.api#sparse": {}}}),
            json!({"type": "list", "member": {"shape": "SmithyLong"}, "sparse": true}),
        ),
        (
            json!({"type": "map", "key": {"target": "smithy.api#String"}, "value": {"target": "smithy.api#Blob"}}),
            json!({"type": "map", "key": {"shape": "SmithyString"}, "value": {"shape": "SmithyBlob"}}),
        ),
        (
            json!({"type": "union", "members": {"one": {"target": "smithy.api#String"}}}),
            json!({"type": "structure", "union": true, "members": {"one": {"shape": "SmithyString"}}}),
        ),
        (
            json!({"type": "union", "members": {"one": {"target": "a#In"}}, "traits": {"smithy.api#streaming": {}}}),
            json!({"type": "structure", "eventstream": true, "members": {"one": {"shape": "In"}}}),
        ),
        (
            json!({"type": "document"}),
            json!({"type": "structure", "document": true, "members": {}}),
        ),
    ] {
        let found = shape(
            &[
                ("a#In", members(json!({"it": {"target": "a#It"}}))),
                ("a#It", written.clone()),
            ],
            "It",
        );
        let mut found = found;
        if let Some(values) = found.get_mut("enum").and_then(Value::as_array_mut) {
            values.sort_by_key(ToString::to_string);
        }
        let mut expected = expected;
        if let Some(values) = expected.get_mut("enum").and_then(Value::as_array_mut) {
            values.sort_by_key(ToString::to_string);
        }
        assert_eq!(found, expected, "{written}");
    }
}

#[test]
fn members_say_what_they_are_to_the_client() {
    let input = members(json!({
        "token": {"target": "smithy.api#String", "traits": {"smithy.api#idempotencyToken": {}}},
        "label": {"target": "smithy.api#String", "traits": {"smithy.api#required": {}, "smithy.api#hostLabel": {}}},
        "arn": {"target": "smithy.api#String", "traits": {"smithy.rules#contextParam": {"name": "Arn"}}},
        "old": {"target": "smithy.api#String", "traits": {"smithy.api#deprecated": {"since": "2020"}}},
        "short": {"target": "smithy.api#String", "traits": {"smithy.api#length": {"max": 3}, "smithy.api#clientOptional": {}}}
    }));
    let service = converted(&[("a#In", input)]).service;
    assert_eq!(
        service["shapes"]["In"]["members"],
        json!({
            "token": {"shape": "SmithyString", "idempotencyToken": true},
            "label": {"shape": "SmithyString", "hostLabel": true},
            "arn": {"shape": "SmithyString", "contextParam": {"name": "Arn"}},
            "old": {"shape": "SmithyString", "deprecated": true, "deprecatedSince": "2020"},
            "short": {"shape": "In__short"}
        })
    );
    assert_eq!(
        service["shapes"]["In__short"],
        json!({"type": "string", "max": 3})
    );
}

#[test]
fn exceptions_know_their_fault_status_and_retries() {
    let act = json!({"type": "operation", "errors": [{"target": "a#Busy"}, {"target": "a#Wrong"}]});
    let busy = json!({"type": "structure", "members": {}, "traits": {"smithy.api#error": "server", "smithy.api#httpError": 503,
        "smithy.api#retryable": {"throttling": true}}});
    let wrong = json!({"type": "structure", "members": {}, "traits": {"smithy.api#error": "client", "smithy.api#httpError": 400,
        "aws.protocols#awsQueryError": {"code": "Query.Wrong", "httpResponseCode": 400}}});
    let shapes = [("a#Act", act), ("a#Busy", busy), ("a#Wrong", wrong)];
    assert_eq!(
        shape(&shapes, "Busy"),
        json!({"type": "structure", "members": {}, "exception": true, "fault": true, "error": {"httpStatusCode": 503},
            "retryable": {"throttling": true}})
    );
    assert_eq!(
        shape(&shapes, "Wrong"),
        json!({"type": "structure", "members": {}, "exception": true, "error": {"httpStatusCode": 400, "senderFault": true}})
    );
}

#[test]
fn mixins_and_applied_traits_are_as_if_they_were_written_in_place() {
    let mixin = json!({"type": "structure", "members": {"common": {"target": "smithy.api#String"}}, "traits": {"smithy.api#mixin": {}}});
    let more = json!({"type": "structure", "mixins": [{"target": "a#Common"}], "members": {"more": {"target": "smithy.api#String"}},
        "traits": {"smithy.api#mixin": {}}});
    let input = json!({"type": "structure", "mixins": [{"target": "a#More"}], "members": {"own": {"target": "smithy.api#String"}}});
    let apply = json!({"type": "apply", "traits": {"smithy.api#required": {}}});
    let sensitive = json!({"type": "apply", "traits": {"smithy.api#documentation": "Text."}});
    let found = shape(
        &[
            ("a#Common", mixin),
            ("a#More", more),
            ("a#In", input),
            ("a#In$common", apply),
            ("a#In", Value::Null),
        ][..4],
        "In",
    );
    assert_eq!(found["required"], json!(["common"]));
    let names: BTreeSet<&String> = found["members"].as_object().expect("members").keys().collect();
    assert_eq!(names.into_iter().collect::<Vec<_>>(), ["common", "more", "own"]);
    assert_eq!(problems(&[("a#Nowhere", sensitive)]).len(), 1);
}

#[test]
fn operations_of_resources_belong_to_the_service() {
    let mut shapes = vec![
        (
            "a#Outer",
            json!({"type": "resource", "read": {"target": "a#GetIt"}, "resources": [{"target": "a#Inner"}]}),
        ),
        (
            "a#Inner",
            json!({"type": "resource", "operations": [{"target": "a#Turn"}], "collectionOperations": [{"target": "a#Count"}]}),
        ),
    ];
    for id in ["a#GetIt", "a#Turn", "a#Count"] {
        shapes.push((id, json!({"type": "operation"})));
    }
    let mut service = model(&[])["shapes"]["a#Probe"].clone();
    service["resources"] = json!([{"target": "a#Outer"}]);
    shapes.push(("a#Probe", service));
    let service = converted(&shapes).service;
    let names: Vec<&String> = service["operations"]
        .as_object()
        .expect("operations")
        .keys()
        .collect();
    assert_eq!(names, ["Act", "Count", "GetIt", "Turn"]);
}

#[test]
fn operations_say_how_they_are_sent() {
    let act = json!({"type": "operation", "input": {"target": "a#In"}, "traits": {
        "smithy.api#optionalAuth": {}, "smithy.api#endpoint": {"hostPrefix": "data-"},
        "smithy.api#requestCompression": {"encodings": ["gzip"]},
        "smithy.rules#staticContextParams": {"Kind": {"value": "data"}}}});
    let service = converted(&[("a#Act", act)]).service;
    let act = &service["operations"]["Act"];
    assert_eq!(act["authtype"], "none");
    assert_eq!(act["endpoint"], json!({"hostPrefix": "data-"}));
    assert_eq!(act["requestcompression"], json!({"encodings": ["gzip"]}));
    assert_eq!(act["staticContextParams"], json!({"Kind": {"value": "data"}}));
}

#[test]
fn paginators_and_waiters_become_files_of_their_own() {
    let act = json!({"type": "operation", "traits": {
        "smithy.api#paginated": {"items": "things", "pageSize": "max"},
        "smithy.waiters#waitable": {"Done": {"minDelay": 5, "maxDelay": 50, "acceptors": [
            {"state": "success", "matcher": {"output": {"path": "state", "expected": "DONE", "comparator": "stringEquals"}}},
            {"state": "success", "matcher": {"output": {"path": "ready", "expected": "true", "comparator": "booleanEquals"}}},
            {"state": "retry", "matcher": {"errorType": "a#Missing"}},
            {"state": "failure", "matcher": {"output": {"path": "all[].s", "expected": "BAD", "comparator": "anyStringEquals"}}}]}}}});
    let mut service = model(&[])["shapes"]["a#Probe"].clone();
    service["traits"]["smithy.api#paginated"] = json!({"inputToken": "next", "outputToken": "following"});
    let converted = converted(&[("a#Act", act), ("a#Probe", service)]);
    assert_eq!(
        converted.paginators,
        Some(
            json!({"pagination": {"Act": {"input_token": "next", "output_token": "following", "limit_key": "max", "result_key": "things"}}})
        )
    );
    assert_eq!(
        converted.waiters,
        Some(
            json!({"version": 2, "waiters": {"Done": {"operation": "Act", "delay": 5, "maxAttempts": 10, "acceptors": [
            {"state": "success", "matcher": "path", "argument": "state", "expected": "DONE"},
            {"state": "success", "matcher": "path", "argument": "ready", "expected": true},
            {"state": "retry", "matcher": "error", "expected": "Missing"},
            {"state": "failure", "matcher": "pathAny", "argument": "all[].s", "expected": "BAD"}]}}})
        )
    );
}

#[test]
fn what_is_not_implemented_is_named_with_shape_and_trait_all_at_once() {
    let input = members(json!({
        "a": {"target": "smithy.api#String", "traits": {"example#unheardOf": {}}},
        "b": {"target": "smithy.api#BigDecimal"},
        "c": {"target": "a#Gone"}
    }));
    let act = json!({"type": "operation", "input": {"target": "a#In"}, "traits": {"example#other": {}}});
    assert_eq!(
        problems(&[("a#In", input), ("a#Act", act)]),
        [
            "In$a: `example#unheardOf` is not implemented",
            "a#Act: `example#other` is not implemented",
            "a#Gone: the model has no such shape",
            "smithy.api#BigDecimal: is not implemented",
        ]
    );
}

#[test]
fn other_protocols_and_other_files_are_refused_by_name() {
    let mut service = model(&[])["shapes"]["a#Probe"].clone();
    let traits = service["traits"].as_object_mut().expect("traits");
    traits.remove("aws.protocols#awsJson1_1");
    traits.insert("aws.protocols#restXml".to_owned(), json!({}));
    let said = problems(&[("a#Probe", service)]).concat();
    assert!(
        said.contains("does not speak awsJson: it speaks aws.protocols#restXml"),
        "{said}"
    );
    for (text, says) in [
        ("[]", "no Smithy JSON AST"),
        ("{\"smithy\": \"1.0\"}", "Smithy 1.0"),
        ("{\"smithy\": \"2.0\"}", "no service"),
    ] {
        let problems = convert("probe", text.as_bytes()).expect_err(text);
        assert!(problems[0].to_string().contains(says), "{problems:?}");
    }
}

#[test]
fn mixins_give_all_that_they_have_but_what_they_keep_to_themselves() {
    let gone = json!({"type": "structure", "members": {}, "traits": {"smithy.api#error": "client"}});
    let common = json!({"type": "operation", "errors": [{"target": "a#Gone"}], "traits": {
        "smithy.api#mixin": {"localTraits": ["example#internal"]}, "example#internal": {}, "smithy.api#optionalAuth": {}}});
    let act = json!({"type": "operation", "mixins": [{"target": "a#Common"}]});
    let service = converted(&[("a#Gone", gone), ("a#Common", common), ("a#Act", act)]).service;
    let act = &service["operations"]["Act"];
    assert_eq!(
        (&act["errors"], &act["authtype"]),
        (&json!([{"shape": "Gone"}]), &json!("none"))
    );

    let base = json!({"type": "structure", "members": {"it": {"target": "smithy.api#String"}}, "traits": {"smithy.api#mixin": {}}});
    let apply = json!({"type": "apply", "traits": {"smithy.api#required": {}}});
    let input = json!({"type": "structure", "mixins": [{"target": "a#Base"}]});
    let found = shape(&[("a#Base", base), ("a#Base$it", apply), ("a#In", input)], "In");
    assert_eq!(found["required"], json!(["it"]));

    let itself = json!({"type": "structure", "mixins": [{"target": "a#In"}]});
    assert!(problems(&[("a#In", itself)])[0].contains("mixin of itself"));
}

#[test]
fn other_ways_to_sign_are_refused() {
    let act = json!({"type": "operation", "traits": {"smithy.api#auth": ["aws.auth#sigv4a"]}});
    assert!(problems(&[("a#Act", act)])[0].contains("without `aws.auth#sigv4`"));
    let mut service = model(&[])["shapes"]["a#Probe"].clone();
    service["traits"]["smithy.api#auth"] = json!([]);
    let act = &converted(&[("a#Probe", service)]).service["operations"]["Act"];
    assert_eq!(act["authtype"], "none");
}

#[test]
fn waiters_that_cannot_be_told_apart_or_judged_are_refused() {
    let waitable = |acceptor: Value| json!({"smithy.waiters#waitable": {"Done": {"acceptors": [acceptor]}}});
    let right = waitable(json!({"state": "success", "matcher": {"success": true}}));
    let operation = |traits: Value| json!({"type": "operation", "traits": traits});
    let mut service = model(&[])["shapes"]["a#Probe"].clone();
    service["operations"] = json!([{"target": "a#Act"}, {"target": "a#Other"}]);
    let both = [
        ("a#Act", operation(right.clone())),
        ("a#Other", operation(right)),
        ("a#Probe", service),
    ];
    assert!(problems(&both)[0].contains("a waiter of the same name"));
    for matcher in [
        json!({}),
        json!({"output": {"path": "a", "comparator": "booleanEquals", "expected": "maybe"}}),
    ] {
        let act = operation(waitable(json!({"state": "success", "matcher": matcher})));
        assert_eq!(problems(&[("a#Act", act)]).len(), 1, "{matcher}");
    }
}
