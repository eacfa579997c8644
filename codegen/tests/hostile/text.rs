//! Text that would like to be code: whatever string of a model holds it, the code around it stays the same.

use std::collections::BTreeSet;

use awsjson_codegen::render;
use proc_macro2::{TokenStream, TokenTree};
use pulldown_cmark::{CodeBlockKind, Event, Options, Parser, Tag};
use serde_json::Value;

use super::{all, endpoint_rules, model, paginators, waiters};

const ATTACKS: &[&str] = &[
    "*/ fn evil() {} /*",
    "x\n#![allow(evil)]\nfn evil() {}\n//",
    "x\rfn evil() {}",
    "x\r\nfn evil() {}",
    "\"## ; fn evil() {} r##\"",
    "\" ; fn evil() {} \"",
    "' fn evil() {} '",
    "\\\" fn evil() {} \\",
    "\n\n```\nevil!();\n```\n\n",
    "\t\tevil!();",
    "<script>evil()</script>",
    "<!-- evil --> <img src=x onerror=evil()>",
    "[`evil`](super::evil) [evil] [evil]: https://evil.example.com",
    "![evil](https://evil.example.com/x.png)",
    "` evil `` evil ``` ` evil",
    "{evil} {} %s $evil ${evil}",
    "\u{202e}evil\u{2066}\u{200b}\u{feff}\u{2028}",
    "ev\u{0456}l self Self crate super r#evil r#self",
    "\0evil\u{1b}[31m\u{7f}\u{85}",
    "/ evil",
    "! evil",
    "# evil\n## evil",
    "\u{10ffff}\u{fffd}evil",
    "--></p></div><h1>evil</h1>&lt;evil&gt;&#60;evil&#62;",
    "",
    " ",
    "\n\n    evil!();\n\n",
    "1. evil\n- evil\n+ evil\n> evil\n---\n===",
];

/// The attacks, most of them in one text, unless `AWSJSON_HOSTILE=full` asks for a run that takes its time.
fn attacks() -> Vec<String> {
    let mut attacks = vec![ATTACKS.join(" "), ATTACKS.join("\n")];
    let alone = match std::env::var("AWSJSON_HOSTILE").as_deref() {
        Ok("full") => ATTACKS,
        _ => &ATTACKS[ATTACKS.len() - 4..],
    };
    attacks.extend(alone.iter().copied().map(str::to_owned));
    attacks
}

/// Every string of a file, by JSON pointer, and every key that is a name.
fn places(value: &Value, at: &str, places: &mut Vec<(String, Option<String>)>) {
    match value {
        Value::String(_) => places.push((at.to_owned(), None)),
        Value::Array(values) => {
            for (index, value) in values.iter().enumerate() {
                self::places(value, &format!("{at}/{index}"), places);
            }
        }
        Value::Object(entries) => {
            for (key, value) in entries {
                places.push((at.to_owned(), Some(key.clone())));
                self::places(value, &format!("{at}/{key}"), places);
            }
        }
        _ => {}
    }
}

/// Puts a text where a string or a key is.
fn put(file: &mut Value, place: &(String, Option<String>), text: &str) {
    let (at, key) = place;
    let at = file.pointer_mut(at).expect("the place is there");
    match key {
        None => *at = text.into(),
        Some(key) => {
            let entries = at.as_object_mut().expect("an object");
            let value = entries.remove(key).expect("the key is there");
            entries.insert(text.to_owned(), value);
            refer(file, key, text);
        }
    }
}

/// Lets what referred to a shape refer to its other name.
fn refer(value: &mut Value, old: &str, new: &str) {
    match value {
        Value::Object(entries) => {
            for (key, value) in entries {
                match value.as_str() == Some(old) && key == "shape" {
                    true => *value = new.into(),
                    false => refer(value, old, new),
                }
            }
        }
        Value::Array(values) => values.iter_mut().for_each(|value| refer(value, old, new)),
        _ => {}
    }
}

/// The tokens of generated code as text, with documentation left out, literals alike, and identifiers alike where they may
/// follow from names of the model.
fn skeleton(code: &str, identifiers_too: bool) -> String {
    let tokens: TokenStream = code.parse().unwrap_or_else(|error| panic!("{error} in\n{code}"));
    let mut text = String::new();
    write_skeleton(tokens, identifiers_too, &mut text);
    // The formatter adds a comma where a long text breaks a line.
    text.replace(",)", ")")
}

fn write_skeleton(tokens: TokenStream, identifiers_too: bool, text: &mut String) {
    let mut tokens = tokens.into_iter().peekable();
    while let Some(token) = tokens.next() {
        match token {
            TokenTree::Punct(punct) if punct.as_char() == '#' => {
                let is_inner =
                    matches!(tokens.peek(), Some(TokenTree::Punct(punct)) if punct.as_char() == '!');
                let bang = is_inner.then(|| tokens.next());
                match tokens.peek() {
                    Some(TokenTree::Group(group)) if group.stream().to_string().starts_with("doc =") => {
                        tokens.next();
                        continue;
                    }
                    _ => {}
                }
                text.push('#');
                text.extend(bang.map(|_| '!'));
            }
            TokenTree::Punct(punct) => text.push(punct.as_char()),
            TokenTree::Literal(literal) => {
                let is_text = literal.to_string().starts_with(['"', 'r']);
                text.push_str(&if is_text {
                    "\"\"".to_owned()
                } else {
                    literal.to_string()
                });
            }
            TokenTree::Ident(ident) => {
                text.push_str(&if identifiers_too {
                    ident.to_string()
                } else {
                    "i".to_owned()
                });
                text.push(' ');
            }
            TokenTree::Group(group) => {
                text.push_str(&format!("{:?}(", group.delimiter()));
                write_skeleton(group.stream(), identifiers_too, text);
                text.push_str(") ");
            }
        }
    }
}

/// The documentation in tokens, each run of attributes as one text.
fn documentation(tokens: TokenStream, found: &mut Vec<String>) {
    let mut run: Vec<String> = Vec::new();
    for token in tokens {
        match token {
            TokenTree::Punct(punct) if "#!".contains(punct.as_char()) => {}
            TokenTree::Group(group) => match syn::parse2::<syn::MetaNameValue>(group.stream()) {
                Ok(meta) if meta.path.is_ident("doc") => {
                    let syn::Expr::Lit(syn::ExprLit {
                        lit: syn::Lit::Str(text),
                        ..
                    }) = meta.value
                    else {
                        panic!("documentation that is no string");
                    };
                    run.push(text.value());
                }
                _ => {
                    found.push(std::mem::take(&mut run).join("\n"));
                    documentation(group.stream(), found);
                }
            },
            _ => found.push(std::mem::take(&mut run).join("\n")),
        }
    }
    found.push(run.join("\n"));
}

/// Checks that rustdoc would make neither code, nor HTML, nor a link out of a text of the model.
fn check_documentation(text: &str, what: &str) {
    // As rustdoc does, take the space that every line starts with.
    let text: Vec<&str> = text
        .lines()
        .map(|line| line.strip_prefix(' ').unwrap_or(line))
        .collect();
    let text = text.join("\n");
    let parser = Parser::new_ext(
        &text,
        Options::ENABLE_TABLES | Options::ENABLE_FOOTNOTES | Options::ENABLE_STRIKETHROUGH,
    );
    for event in parser {
        match event {
            Event::Html(html) | Event::InlineHtml(html) => panic!("{what}: the HTML {html} in\n{text}"),
            Event::Start(Tag::CodeBlock(CodeBlockKind::Indented)) => {
                panic!("{what}: indented code in\n{text}")
            }
            Event::Start(Tag::CodeBlock(CodeBlockKind::Fenced(language))) => {
                assert!(
                    matches!(&*language, "text" | "ignore" | "no_run" | "rust" | "sh"),
                    "{what}: code in `{language}` in\n{text}"
                );
            }
            Event::Start(Tag::Image { dest_url, .. }) => panic!("{what}: the image {dest_url} in\n{text}"),
            Event::Start(Tag::Link { dest_url, .. }) => {
                let is_ours = [
                    "super::",
                    "#structfield.",
                    "rt::",
                    "https://docs.aws.amazon.com/goto/WebAPI/",
                ];
                let is_ours = is_ours.iter().any(|start| dest_url.starts_with(start));
                // Upstream's documentation may link to absolute addresses.
                let is_upstream = dest_url.starts_with("https://evil.example.com");
                assert!(is_ours || is_upstream, "{what}: a link to {dest_url} in\n{text}");
            }
            _ => {}
        }
    }
}

fn check_characters(code: &str, what: &str) {
    let hazard = code.chars().find(|&c| {
        (c.is_control() && c != '\n')
            || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
    });
    assert_eq!(hazard, None, "{what}");
}

#[test]
fn no_text_of_a_model_becomes_code() {
    let expected = all(|_, file| file).service().expect("a valid model");
    let expected = render::render_single_file(&expected);
    let (exact, kinds) = (skeleton(&expected, true), skeleton(&expected, false));
    let attacks = attacks();
    let mut accepted = BTreeSet::new();
    for (name, file) in [
        ("service.json", model()),
        ("paginators.json", paginators()),
        ("waiters.json", waiters()),
        ("endpoint-rule-set.json", endpoint_rules()),
    ] {
        let mut found = Vec::new();
        places(&file, "", &mut found);
        for place in &found {
            for attack in &attacks {
                let what = format!("{attack:?} in {name} at {place:?}");
                let models = all(|file_name, mut file| {
                    if file_name == name {
                        put(&mut file, place, attack);
                    }
                    file
                });
                let Ok(service) = models.service() else {
                    // Whether the error tells the place is what `a_model_with_an_attack_is_refused_by_place` asks.
                    continue;
                };
                accepted.insert(format!("{name} {place:?}"));
                let code = render::render_single_file(&service);
                check_characters(&code, &what);
                let is_name = place.1.is_some() || place.0.contains("/enum/") || place.0.ends_with("/name");
                // A text with holes is a table, one without is a literal.
                let is_template = name == "endpoint-rule-set.json";
                match is_name || is_template {
                    // Other names sort otherwise, and an empty file lacks things: what is there must still be items like ours.
                    true => check_items(&code, &what),
                    false if skeleton(&code, true) != exact => {
                        assert_eq!(skeleton(&code, false), kinds, "{what}");
                    }
                    false => {}
                }
                let mut texts = Vec::new();
                documentation(code.parse().expect("tokens"), &mut texts);
                texts.iter().for_each(|text| check_documentation(text, &what));
                check_manifest(&service, &what);
            }
        }
    }
    // The loop has seen what it is about, not only errors.
    for place in [
        "serviceFullName",
        "/documentation",
        "/enum/0",
        "pattern",
        "deprecatedSince",
        "/error/code",
        "expected",
        "/endpoint/url",
        "(\"/shapes\", Some(\"Color\"))",
        "(\"/shapes\", Some(\"Choice\"))",
        "(\"/shapes\", Some(\"NotFound\"))",
    ] {
        assert!(
            accepted.iter().any(|accepted| accepted.contains(place)),
            "{place} was never accepted: {accepted:#?}"
        );
    }
}

/// Checks that code consists of items as the generator makes them; no function of it is called `evil`.
fn check_items(code: &str, what: &str) {
    fn check(items: &[syn::Item], what: &str) {
        for item in items {
            match item {
                syn::Item::Mod(module) => {
                    check(module.content.as_ref().map_or(&[][..], |(_, items)| items), what)
                }
                syn::Item::Use(_)
                | syn::Item::Struct(_)
                | syn::Item::Enum(_)
                | syn::Item::Impl(_)
                | syn::Item::Const(_)
                | syn::Item::Static(_)
                | syn::Item::Type(_) => {}
                syn::Item::Macro(item) => {
                    let path = &item.mac.path;
                    let path: Vec<String> = path
                        .segments
                        .iter()
                        .map(|segment| segment.ident.to_string())
                        .collect();
                    assert!(matches!(path[0].as_str(), "rt"), "{what}: the macro {path:?}");
                }
                _ => panic!("{what}: an item that the generator does not make"),
            }
        }
    }
    let file = syn::parse_file(code).unwrap_or_else(|error| panic!("{what}: {error}"));
    check(&file.items, what);
}

fn check_manifest(service: &awsjson_codegen::ir::Service, what: &str) {
    let files = super::rendered(service);
    let read = |name: &str| {
        let file = files
            .iter()
            .find(|file| file.path.ends_with(name))
            .expect("a file");
        String::from_utf8(file.contents.clone()).expect("text")
    };
    let text = read("Cargo.toml");
    let parsed: toml::Table = text
        .parse()
        .unwrap_or_else(|error| panic!("{what}: {error} in {text}"));
    let keys: Vec<&str> = parsed.keys().map(String::as_str).collect();
    assert_eq!(keys, ["dependencies", "features", "package"], "{what}");
    assert_eq!(
        parsed["dependencies"].as_table().map(toml::Table::len),
        Some(1),
        "{what}"
    );
    check_documentation(&read("README.md"), what);
    check_documentation(&read("CHANGELOG.md"), what);
}

#[test]
fn names_that_are_no_identifiers_are_refused_with_their_place() {
    for (key, attack, words) in [
        (
            "/shapes/GetRequest/members",
            "../../evil",
            "GetRequest$../../evil",
        ),
        ("/shapes/Choice/members", "日本", ""),
        ("/shapes/GetResponse/members", "日本", "has no letter or digit"),
        ("/shapes/GetResponse/members", "_", "has no letter or digit"),
        ("/operations", "../evil", "the name of an operation is made of"),
        (
            "/operations",
            "Get\r\nX-Evil: 1",
            "the name of an operation is made of",
        ),
    ] {
        let mut file = model();
        let parent = file
            .pointer_mut(key)
            .expect("there")
            .as_object_mut()
            .expect("an object");
        let first = parent.keys().next().expect("one").clone();
        let value = parent.remove(&first).expect("there");
        parent.insert(attack.to_owned(), value);
        let models = super::Models::new(&file);
        match models.service() {
            Err(error) => assert!(error.contains(words), "{attack}: {error}"),
            Ok(service) => check_items(&render::render_single_file(&service), attack),
        }
    }
}

#[test]
fn what_stands_in_headers_is_visible_ascii() {
    for key in ["targetPrefix", "endpointPrefix", "signingName"] {
        for attack in ["a\r\nX-Evil: 1", "é", "a b", "\0"] {
            let mut file = model();
            file["metadata"][key] = attack.into();
            super::assert_refused(&super::Models::new(&file), &[key, "visible ASCII"]);
        }
    }
}

#[test]
fn keywords_and_names_of_generated_code_stay_apart() {
    let names = "self Self crate super r#fn fn type match async await dyn union macro_rules r rt Box Option Vec String Result Some \
                 None Ok Err Client Exception Error Clone Debug Default PartialEq new send clone fmt write read empty value name \
                 NAME MEMBERS Unknown mod main std core alloc test u8 i32 str bool usize protocol operations types exceptions \
                 waiters endpoint S A de _ __ _0 0";
    let mut file = model();
    for name in names.split_whitespace() {
        let members = file["shapes"]["GetRequest"]["members"]
            .as_object_mut()
            .expect("members");
        if members.keys().all(|key| !key.eq_ignore_ascii_case(name))
            && name.chars().any(char::is_alphanumeric)
        {
            members.insert(name.to_owned(), serde_json::json!({"shape": "Text"}));
        }
    }
    // Some of them share a name, as `_0` and `0` do; each is refused by its place, or stands.
    match super::Models::new(&file).service() {
        Ok(service) => check_items(&render::render_single_file(&service), "keywords"),
        Err(error) => assert!(
            error.contains("probe#GetRequest$") && error.contains("[names] in the overlay"),
            "{error}"
        ),
    }
}
