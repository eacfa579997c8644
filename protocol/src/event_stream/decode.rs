//! Reads an event as a union: its type is the name of the member, its payload the value.

use aws_smithy_types::event_stream::{HeaderValue, Message};
use bytes::Bytes;
use serde::de::value::{BorrowedStrDeserializer, MapDeserializer};
use serde::de::{Deserializer, IntoDeserializer, Visitor};
use serde::forward_to_deserialize_any;

/// Returns the text of a header.
pub(super) fn header<'a>(message: &'a Message, name: &str) -> Option<&'a str> {
    let header = message
        .headers()
        .iter()
        .find(|header| header.name().as_str() == name);
    match header?.value() {
        HeaderValue::String(text) => Some(text.as_str()),
        _ => None,
    }
}

/// An object with one member whose value is JSON text.
pub(super) struct Fields<'de> {
    name: &'de str,
    payload: &'de [u8],
}

impl<'de> Fields<'de> {
    pub(super) fn new(name: &'de str, payload: &'de Bytes) -> Self {
        // An event without members may come without a payload.
        let payload: &[u8] = if payload.is_empty() { b"{}" } else { payload };
        Self { name, payload }
    }
}

impl<'de> Deserializer<'de> for Fields<'de> {
    type Error = serde_json::Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Self::Error> {
        let name = BorrowedStrDeserializer::new(self.name);
        visitor.visit_map(MapDeserializer::new(std::iter::once((
            name,
            Payload(self.payload),
        ))))
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit unit_struct
        newtype_struct seq tuple tuple_struct map struct enum identifier ignored_any
    }
}

/// JSON text as a value.
struct Payload<'de>(&'de [u8]);

impl<'de> IntoDeserializer<'de, serde_json::Error> for Payload<'de> {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

impl<'de> Deserializer<'de> for Payload<'de> {
    type Error = serde_json::Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Self::Error> {
        let mut json = serde_json::Deserializer::from_slice(self.0);
        let value = json.deserialize_any(visitor)?;
        json.end()?;
        Ok(value)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Self::Error> {
        let mut json = serde_json::Deserializer::from_slice(self.0);
        let value = json.deserialize_option(visitor)?;
        json.end()?;
        Ok(value)
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit unit_struct
        newtype_struct seq tuple tuple_struct map struct enum identifier ignored_any
    }
}
