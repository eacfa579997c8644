//! Lists and maps, dense and sparse.

use std::collections::BTreeMap;
use std::fmt;
use std::marker::PhantomData;

use serde::de::{Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde::ser::Serializer;

use super::{AsWire, Enumeration, Wire, strictness};

/// No network input reserves more than this many entries before it has shown them.
const MAX_RESERVE: usize = 1024;

/// An optional member, or a nullable entry of a sparse collection.
impl<T: Wire> Wire for Option<T> {
    fn encode<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Some(value) => value.encode(serializer),
            None => serializer.serialize_unit(),
        }
    }

    #[inline]
    fn decode<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        T::decode(deserializer).map(Some)
    }

    fn empty() -> Self {
        None
    }

    fn is_unset(&self) -> bool {
        self.is_none()
    }

    #[inline]
    fn from_null() -> Option<Self> {
        Some(None)
    }
}

/// A recursive member.
impl<T: Wire> Wire for Box<T> {
    fn encode<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        T::encode(self, serializer)
    }

    #[inline]
    fn decode<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        T::decode(deserializer).map(Box::new)
    }

    fn empty() -> Self {
        Box::new(T::empty())
    }
}

impl<T: Wire> Wire for Vec<T> {
    fn encode<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.iter().map(AsWire))
    }

    #[inline]
    fn decode<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_seq(ListVisitor(PhantomData))
    }

    fn empty() -> Self {
        Self::new()
    }
}

struct ListVisitor<T>(PhantomData<T>);

impl<'de, T: Wire> Visitor<'de> for ListVisitor<T> {
    type Value = Vec<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an array")
    }

    #[inline]
    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Vec<T>, A::Error> {
        let mut list = Vec::with_capacity(seq.size_hint().unwrap_or(0).min(MAX_RESERVE));
        while let Some(entry) = seq.next_element::<Option<AsWire<T>>>()? {
            list.extend(entry_or_null(entry)?);
        }
        Ok(list)
    }
}

impl<K: MapKey, V: Wire> Wire for BTreeMap<K, V> {
    fn encode<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.iter().map(|(key, value)| (key.as_key(), AsWire(value))))
    }

    #[inline]
    fn decode<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(MapVisitor(PhantomData))
    }

    fn empty() -> Self {
        Self::new()
    }
}

struct MapVisitor<K, V>(PhantomData<(K, V)>);

impl<'de, K: MapKey, V: Wire> Visitor<'de> for MapVisitor<K, V> {
    type Value = BTreeMap<K, V>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    #[inline]
    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Self::Value, A::Error> {
        let mut map = BTreeMap::new();
        while let Some(key) = entries.next_key::<String>()? {
            let value = entries.next_value::<Option<AsWire<V>>>()?;
            if let Some(value) = entry_or_null(value)? {
                map.insert(K::from_key(key), value);
            }
        }
        Ok(map)
    }
}

/// Resolves an entry: null is a value in a sparse collection, nothing in a dense one.
#[inline]
fn entry_or_null<T: Wire, E: Error>(entry: Option<AsWire<T>>) -> Result<Option<T>, E> {
    match entry {
        Some(AsWire(value)) => Ok(Some(value)),
        None => match T::from_null() {
            None if strictness::is_strict() => Err(E::custom(
                "null inside a dense collection, refused in strict mode",
            )),
            entry => Ok(entry),
        },
    }
}

/// The key of a map: a string, or an enum over strings.
pub trait MapKey: Ord {
    /// Returns the key as it is on the wire.
    fn as_key(&self) -> &str;

    /// Makes a key from what was on the wire.
    fn from_key(key: String) -> Self;
}

impl MapKey for String {
    fn as_key(&self) -> &str {
        self
    }

    fn from_key(key: String) -> Self {
        key
    }
}

impl<T: Enumeration + Ord> MapKey for T {
    fn as_key(&self) -> &str {
        self.as_str()
    }

    fn from_key(key: String) -> Self {
        T::from_wire(&key)
    }
}
