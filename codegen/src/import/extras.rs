//! Merges what botocore adds to a model by hand: `*.sdk-extras.json`, as its loader does.

use serde_json::{Map, Value};

use super::{Error, Upstream, decode};

/// Merges `extras` into the file that it belongs to.
pub(super) fn merge(json: &mut Value, extras: &Upstream) -> Result<(), Error> {
    let not_extras = |problem: &str| Error::Format {
        name: extras.name.clone(),
        expected: "file of extras",
        problem: problem.to_owned(),
    };
    let mut document = decode::json(extras)?;
    let Some(Value::Object(addition)) = document.get_mut("merge").map(Value::take) else {
        return Err(not_extras("`merge` is no object"));
    };
    let Value::Object(base) = json else {
        return Err(not_extras("it belongs to a file that is no object"));
    };
    merge_objects(base, addition);
    Ok(())
}

/// Objects are merged key by key, and anything else is replaced.
fn merge_objects(base: &mut Map<String, Value>, addition: Map<String, Value>) {
    for (key, added) in addition {
        match (base.get_mut(&key), added) {
            (Some(Value::Object(base)), Value::Object(added)) => merge_objects(base, added),
            (_, added) => {
                base.insert(key, added);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn extras(text: &str) -> Upstream {
        Upstream {
            name: "bakery/2020-01-01/paginators-1.sdk-extras.json".to_owned(),
            bytes: text.as_bytes().to_vec(),
        }
    }

    #[test]
    fn objects_merge_and_other_values_are_replaced() {
        let mut base = json!({"pagination": {"ListLoaves": {"keys": ["a"], "limit": 1}}, "kept": 1});
        let extras = extras(
            r#"{"version": 1.0, "merge": {"pagination": {"ListLoaves": {"keys": ["b"], "more": true}}}}"#,
        );
        merge(&mut base, &extras).unwrap();
        assert_eq!(
            base,
            json!({"pagination": {"ListLoaves": {"keys": ["b"], "limit": 1, "more": true}}, "kept": 1})
        );
    }

    #[test]
    fn an_object_replaces_what_is_no_object() {
        let mut base = json!({"a": 1, "b": {"c": 1}});
        merge(&mut base, &extras(r#"{"merge": {"a": {"x": 1}, "b": 2}}"#)).unwrap();
        assert_eq!(base, json!({"a": {"x": 1}, "b": 2}));
    }

    #[test]
    fn extras_without_anything_to_merge_are_an_error() {
        let error = merge(&mut json!({}), &extras(r#"{"version": 1.0}"#)).unwrap_err();
        assert!(
            error
                .to_string()
                .contains("paginators-1.sdk-extras.json is no file of extras"),
            "{error}"
        );
    }
}
