//! The rules: an edit of a small model for each.

use std::collections::BTreeMap;

use serde_json::{Value, json};

/// One rule: an edit, the class of the gravest finding with what it is about, and a program that uses what is edited.
pub struct Rule {
    pub name: &'static str,
    pub edit: fn(&mut Files),
    pub class: &'static str,
    pub what: &'static str,
    pub program: &'static str,
    /// What the compiler makes of the program with the later version.
    pub later: Later,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Later {
    Compiles,
    Fails,
}
use Later::{Compiles, Fails};

/// The files of a model by name.
pub type Files = BTreeMap<&'static str, Value>;

pub fn files() -> Files {
    let model = json!({
        "metadata": {"apiVersion": "2020-01-01", "endpointPrefix": "probe", "jsonVersion": "1.1", "protocol": "json",
            "serviceFullName": "Probe", "serviceId": "Probe", "signatureVersion": "v4", "targetPrefix": "Probe",
            "uid": "probe-2020-01-01"},
        "operations": {
            "Act": {"name": "Act", "http": {"method": "POST", "requestUri": "/"}, "input": {"shape": "ActRequest"},
                "output": {"shape": "ActResponse"}, "errors": [{"shape": "GoneException"}]},
            "List": {"name": "List", "http": {"method": "POST", "requestUri": "/"}, "input": {"shape": "ListRequest"},
                "output": {"shape": "ListResponse"}}
        },
        "shapes": {
            "ActRequest": {"type": "structure", "required": ["first", "second"], "members": {
                "first": {"shape": "Text"}, "second": {"shape": "Text"}, "third": {"shape": "Text"}, "color": {"shape": "Color"}}},
            "ActResponse": {"type": "structure", "members": {"count": {"shape": "Count"}}},
            "ListRequest": {"type": "structure", "members": {"token": {"shape": "Text"}}},
            "ListResponse": {"type": "structure", "members": {"token": {"shape": "Text"}, "items": {"shape": "Texts"}}},
            "GoneException": {"type": "structure", "exception": true, "members": {"message": {"shape": "Text"}}},
            "Texts": {"type": "list", "member": {"shape": "Text"}},
            "Text": {"type": "string", "min": 1, "max": 10},
            "Count": {"type": "integer"},
            "Color": {"type": "string", "enum": ["RED", "BLUE"]}
        }
    });
    let paginators = json!({"pagination": {"List": {"input_token": "token", "output_token": "token", "result_key": "items"}}});
    Files::from([("service.json", model), ("paginators.json", paginators)])
}

pub fn shape<'a>(files: &'a mut Files, name: &str) -> &'a mut Value {
    &mut files.get_mut("service.json").expect("a model")["shapes"][name]
}

pub fn operations(files: &mut Files) -> &mut serde_json::Map<String, Value> {
    let model = files.get_mut("service.json").expect("a model");
    model["operations"].as_object_mut().expect("operations")
}

fn members<'a>(files: &'a mut Files, name: &str) -> &'a mut serde_json::Map<String, Value> {
    shape(files, name)["members"].as_object_mut().expect("members")
}

const ACT: &str = r#"let _ = api::probe::Act::new("a", "b").third("c");"#;

pub const RULES: [Rule; 27] = [
    Rule {
        name: "operation_added",
        edit: |files| {
            let list = operations(files)["List"].clone();
            operations(files).insert("ListMore".to_owned(), list);
            operations(files)["ListMore"]["name"] = "ListMore".into();
        },
        class: "additive",
        what: "ListMore",
        program: ACT,
        later: Compiles,
    },
    Rule {
        name: "operation_removed",
        edit: |files| {
            operations(files).remove("Act");
        },
        class: "breaking",
        what: "Act",
        program: ACT,
        later: Fails,
    },
    Rule {
        name: "optional_member_added",
        edit: |files| {
            members(files, "ActRequest").insert("fourth".to_owned(), json!({"shape": "Text"}));
        },
        class: "additive",
        what: "Act.fourth",
        program: ACT,
        later: Compiles,
    },
    Rule {
        name: "required_member_added",
        edit: |files| {
            members(files, "ActRequest").insert("fourth".to_owned(), json!({"shape": "Text"}));
            shape(files, "ActRequest")["required"] = json!(["first", "second", "fourth"]);
        },
        class: "breaking",
        what: "Act::new",
        program: ACT,
        later: Fails,
    },
    Rule {
        name: "member_removed",
        edit: |files| {
            members(files, "ActRequest").remove("third");
        },
        class: "breaking",
        what: "Act.third",
        program: ACT,
        later: Fails,
    },
    Rule {
        name: "member_becomes_required",
        edit: |files| shape(files, "ActRequest")["required"] = json!(["first", "second", "third"]),
        class: "breaking",
        what: "Act.third",
        program: ACT,
        later: Fails,
    },
    Rule {
        name: "member_becomes_optional",
        edit: |files| shape(files, "ActRequest")["required"] = json!(["first"]),
        class: "breaking",
        what: "Act.second",
        program: ACT,
        later: Fails,
    },
    Rule {
        // The compiler does not see it: a program that still compiles says something else.
        name: "required_members_change_places",
        edit: |files| shape(files, "ActRequest")["required"] = json!(["second", "first"]),
        class: "breaking",
        what: "Act::new",
        program: ACT,
        later: Compiles,
    },
    Rule {
        name: "member_changes_its_type",
        edit: |files| members(files, "ActRequest")["third"] = json!({"shape": "Count"}),
        class: "breaking",
        what: "Act.third",
        program: ACT,
        later: Fails,
    },
    Rule {
        name: "member_of_an_output_changes_its_type",
        edit: |files| members(files, "ActResponse")["count"] = json!({"shape": "Text"}),
        class: "breaking",
        what: "ActOutput.count",
        program: "let _: Option<i32> = api::probe::ActOutput::new().count;",
        later: Fails,
    },
    Rule {
        name: "member_of_an_output_becomes_required",
        edit: |files| shape(files, "ActResponse")["required"] = json!(["count"]),
        class: "breaking",
        what: "ActOutput: Default",
        program: "let _ = api::probe::ActOutput::default();",
        later: Fails,
    },
    Rule {
        name: "string_becomes_an_enum",
        edit: |files| members(files, "ActRequest")["third"] = json!({"shape": "Color"}),
        class: "breaking",
        what: "Act.third",
        program: r#"let _: Option<String> = api::probe::Act::new("a", "b").third;"#,
        later: Fails,
    },
    Rule {
        name: "shape_renamed",
        edit: |files| {
            let color = shape(files, "Color").take();
            let model = files.get_mut("service.json").expect("a model");
            model["shapes"]["Paint"] = color;
            model["shapes"].as_object_mut().expect("shapes").remove("Color");
            members(files, "ActRequest")["color"] = json!({"shape": "Paint"});
        },
        class: "breaking",
        what: "types::Color",
        program: "let _ = api::probe::types::Color::Red;",
        later: Fails,
    },
    Rule {
        name: "enum_value_added",
        edit: |files| shape(files, "Color")["enum"] = json!(["RED", "BLUE", "GREEN"]),
        class: "additive",
        what: "types::Color::Green",
        program: "let _ = api::probe::types::Color::Red;",
        later: Compiles,
    },
    Rule {
        name: "enum_value_removed",
        edit: |files| shape(files, "Color")["enum"] = json!(["BLUE"]),
        class: "breaking",
        what: "types::Color::Red",
        program: "let _ = api::probe::types::Color::Red;",
        later: Fails,
    },
    Rule {
        name: "exception_added",
        edit: |files| {
            let gone = shape(files, "GoneException").clone();
            files.get_mut("service.json").expect("a model")["shapes"]["LostException"] = gone;
            operations(files)["Act"]["errors"] =
                json!([{"shape": "GoneException"}, {"shape": "LostException"}]);
        },
        class: "additive",
        what: "exceptions::LostException",
        program: "let _ = api::probe::exceptions::GoneException::new();",
        later: Compiles,
    },
    Rule {
        name: "exception_removed",
        edit: |files| {
            operations(files)["Act"]["errors"] = json!([]);
            let model = files.get_mut("service.json").expect("a model");
            model["shapes"]
                .as_object_mut()
                .expect("shapes")
                .remove("GoneException");
        },
        class: "breaking",
        what: "exceptions::GoneException",
        program: "let _ = api::probe::exceptions::GoneException::new();",
        later: Fails,
    },
    Rule {
        name: "exception_listed",
        edit: |files| operations(files)["List"]["errors"] = json!([{"shape": "GoneException"}]),
        class: "documentation",
        what: "exception GoneException of List",
        program: ACT,
        later: Compiles,
    },
    Rule {
        name: "constraint_changed",
        edit: |files| shape(files, "Text")["max"] = 5.into(),
        class: "documentation",
        what: "characters of Text",
        program: ACT,
        later: Compiles,
    },
    Rule {
        name: "sensitive",
        edit: |files| shape(files, "Text")["sensitive"] = true.into(),
        class: "additive",
        what: "sensitivity of Act.first",
        program: ACT,
        later: Compiles,
    },
    Rule {
        name: "deprecated",
        edit: |files| operations(files)["Act"]["deprecated"] = true.into(),
        class: "additive",
        what: "Act",
        program: ACT,
        later: Compiles,
    },
    Rule {
        name: "wire_name_changed",
        edit: |files| {
            let third = members(files, "ActRequest").remove("third").expect("a member");
            members(files, "ActRequest").insert("Third".to_owned(), third);
        },
        class: "breaking",
        what: "wire name of Act.third",
        program: ACT,
        later: Compiles,
    },
    Rule {
        name: "target_changed",
        edit: |files| {
            files.get_mut("service.json").expect("a model")["metadata"]["targetPrefix"] = "Other".into()
        },
        class: "breaking",
        what: "target of Act",
        program: ACT,
        later: Compiles,
    },
    Rule {
        name: "paginator_removed",
        edit: |files| {
            files.remove("paginators.json");
        },
        class: "breaking",
        what: "List: Paginated",
        program: "fn pages<T: awsjson_protocol::Paginated>(_: T) {} pages(api::probe::List::new());",
        later: Fails,
    },
    Rule {
        name: "paginator_added",
        edit: |files| {
            let response = members(files, "ActResponse");
            response.insert("next".to_owned(), json!({"shape": "Text"}));
            response.insert("texts".to_owned(), json!({"shape": "Texts"}));
            files.get_mut("paginators.json").expect("paginators")["pagination"]["Act"] =
                json!({"input_token": "third", "output_token": "next", "result_key": "texts"});
        },
        class: "additive",
        what: "Act: Paginated",
        program: ACT,
        later: Compiles,
    },
    Rule {
        name: "documentation",
        edit: |files| operations(files)["Act"]["documentation"] = "<p>Acts.</p>".into(),
        class: "documentation",
        what: "upstream documentation",
        program: ACT,
        later: Compiles,
    },
    Rule {
        name: "formatting",
        edit: |files| {
            files.insert("waiters.json", json!({"version": 2, "waiters": {}}));
        },
        class: "formatting",
        what: "files",
        program: ACT,
        later: Compiles,
    },
];
