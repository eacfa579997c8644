//! What the body of an error answer says, as far as it can be read.

use std::fmt;

use serde::de::{Deserialize, DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

/// The members of an error's body that every service sends, where they are strings.
///
/// A body that breaks off, nests deeply or holds text in another encoding keeps what can be read of it, for that decides what the
/// error is, and whether another attempt may help.
#[derive(Debug, Default)]
pub(crate) struct ErrorBody {
    /// The member `code`.
    pub(crate) code: Option<String>,
    /// The member `__type`.
    pub(crate) type_name: Option<String>,
    /// The members `message`, `Message` and `errorMessage`.
    messages: [Option<String>; 3],
}

impl ErrorBody {
    pub(crate) fn read(body: &[u8]) -> Self {
        let mut read = Self::default();
        let text = String::from_utf8_lossy(body);
        // What has been read before an error is kept in `read`.
        let _ = read.deserialize(&mut serde_json::Deserializer::from_str(&text));
        read
    }

    /// Returns the message, in the first of its spellings.
    pub(crate) fn message(self) -> Option<String> {
        self.messages.into_iter().flatten().next()
    }
}

impl<'de> DeserializeSeed<'de> for &mut ErrorBody {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for &mut ErrorBody {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object for an error")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(name) = map.next_key::<Text>()? {
            let slot = match name.0.as_deref() {
                Some("code") => &mut self.code,
                Some("__type") => &mut self.type_name,
                Some("message") => &mut self.messages[0],
                Some("Message") => &mut self.messages[1],
                Some("errorMessage") => &mut self.messages[2],
                _ => {
                    map.next_value::<IgnoredAny>()?;
                    continue;
                }
            };
            *slot = map.next_value::<Text>()?.0;
        }
        Ok(())
    }
}

/// A string, or nothing in the place of anything else.
struct Text(Option<String>);

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(TextVisitor)
    }
}

struct TextVisitor;

impl<'de> Visitor<'de> for TextVisitor {
    type Value = Text;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any value")
    }

    fn visit_str<E>(self, text: &str) -> Result<Text, E> {
        Ok(Text(Some(text.to_owned())))
    }

    fn visit_string<E>(self, text: String) -> Result<Text, E> {
        Ok(Text(Some(text)))
    }

    fn visit_unit<E>(self) -> Result<Text, E> {
        Ok(Text(None))
    }

    fn visit_bool<E>(self, _: bool) -> Result<Text, E> {
        Ok(Text(None))
    }

    fn visit_i64<E>(self, _: i64) -> Result<Text, E> {
        Ok(Text(None))
    }

    fn visit_u64<E>(self, _: u64) -> Result<Text, E> {
        Ok(Text(None))
    }

    fn visit_f64<E>(self, _: f64) -> Result<Text, E> {
        Ok(Text(None))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut entries: A) -> Result<Text, A::Error> {
        while entries.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Text(None))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Text, A::Error> {
        while members.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Text(None))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(body: &str) -> (Option<String>, Option<String>) {
        let body = ErrorBody::read(body.as_bytes());
        (body.type_name.clone(), body.message())
    }

    fn both(name: &str, message: &str) -> (Option<String>, Option<String>) {
        (Some(name.to_owned()), Some(message.to_owned()))
    }

    #[test]
    fn the_message_has_three_spellings() {
        for (body, message) in [
            (r#"{"message": "a", "Message": "b"}"#, Some("a")),
            (r#"{"Message": "b"}"#, Some("b")),
            (r#"{"errorMessage": "c"}"#, Some("c")),
            (r#"{"message": null, "Message": "b"}"#, Some("b")),
            (r#"{"message": {"a": [1, 2.5, true]}, "Message": "b"}"#, Some("b")),
            ("[]", None),
            ("", None),
        ] {
            assert_eq!(read(body).1.as_deref(), message, "{body}");
        }
    }

    #[test]
    fn what_comes_before_a_fault_is_kept() {
        let deep = "[".repeat(100_000);
        for rest in [
            "",
            ", ",
            ", \"more\": \"\\ud800\"}",
            "} <html>",
            &format!(", \"more\": {deep}"),
        ] {
            let body = format!(r#"{{"__type": "Name", "message": "text"{rest}"#);
            assert_eq!(read(&body), both("Name", "text"), "{}", rest.len());
        }
    }

    #[test]
    fn neither_depth_nor_another_encoding_hides_what_follows() {
        let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
        let body = format!(r#"{{"code": {deep}, "more": {deep}, "__type": "Name", "message": "text"}}"#);
        assert_eq!(read(&body), both("Name", "text"));
        let latin1 = ErrorBody::read(b"{\"message\": \"caf\xe9\", \"__type\": \"Name\"}");
        assert_eq!(latin1.type_name.as_deref(), Some("Name"));
        assert_eq!(latin1.message().as_deref(), Some("caf\u{fffd}"));
    }
}
