//! Structures: the generic driver that encodes and decodes a list of members.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, Visitor};
use serde::ser::{SerializeStruct, Serializer};

use super::{AsWire, Wire};

/// A structure shape: generated types list their members here, and nothing else.
pub trait Structure: Sized {
    /// The shape's name, for error messages.
    const NAME: &'static str;
    /// How many members the shape has.
    const MEMBERS: usize;
    /// Whether a response body is read at all; an operation without output ignores it.
    const READS_BODY: bool = true;

    /// Returns a structure in which no optional member is set and required ones are empty.
    fn empty() -> Self;

    /// Writes each member under its wire name.
    ///
    /// # Errors
    ///
    /// Fails where a member has no wire form.
    fn write<S: SerializeStruct>(&self, to: &mut Members<S>) -> Written<S> {
        let _ = to;
        Ok(())
    }

    /// Reads one member, or skips it if it is not one of this structure.
    ///
    /// # Errors
    ///
    /// Fails where the member's JSON is malformed or of another type.
    fn read<'de, A: MapAccess<'de>>(&mut self, from: Member<'_, A>) -> Read<'de, A> {
        from.skip()
    }
}

/// Whether members could be written.
pub type Written<S> = Result<(), <S as SerializeStruct>::Error>;

/// Whether a member could be read.
pub type Read<'de, A> = Result<(), <A as MapAccess<'de>>::Error>;

/// Where a structure writes its members.
pub struct Members<S>(pub(super) S);

impl<S: SerializeStruct> Members<S> {
    /// Writes one member, unless it is unset.
    ///
    /// # Errors
    ///
    /// Fails where the value has no wire form.
    #[inline]
    pub fn put<T: Wire>(&mut self, name: &'static str, value: &T) -> Result<(), S::Error> {
        if value.is_unset() {
            return Ok(());
        }
        self.0.serialize_field(name, &AsWire(value))
    }
}

/// One member that is being read.
pub struct Member<'a, A> {
    /// The member's name on the wire.
    pub name: &'a str,
    pub(super) map: &'a mut A,
}

impl<'a, 'de, A: MapAccess<'de>> Member<'a, A> {
    #[inline]
    pub(super) fn new(name: &'a str, map: &'a mut A) -> Self {
        Self { name, map }
    }

    /// Reads the member into `slot`; null leaves a required member as it is and unsets an optional one.
    ///
    /// # Errors
    ///
    /// Fails where the JSON is malformed or of another type.
    #[inline]
    pub fn read<T: Wire>(self, slot: &mut T) -> Result<(), A::Error> {
        if let Some(value) = self.value()?.or_else(T::from_null) {
            *slot = value;
        }
        Ok(())
    }

    /// Reads the message of an exception into `slot`, unless it holds one already.
    ///
    /// Services spell the member in three ways, and some send two of them.
    ///
    /// # Errors
    ///
    /// Fails where the JSON is malformed.
    pub fn read_message(self, slot: &mut Option<String>) -> Result<(), A::Error> {
        let value = self.map.next_value::<super::Document>()?;
        if let (super::Document::String(message), None) = (value, &slot) {
            *slot = Some(message);
        }
        Ok(())
    }

    /// Skips the member.
    ///
    /// # Errors
    ///
    /// Fails where the JSON is malformed.
    #[inline]
    pub fn skip(self) -> Result<(), A::Error> {
        self.map.next_value::<IgnoredAny>().map(drop)
    }

    /// Reads the member's value, where null is `None`.
    #[inline]
    pub(super) fn value<T: Wire>(self) -> Result<Option<T>, A::Error> {
        Ok(self
            .map
            .next_value::<Option<AsWire<T>>>()?
            .map(|AsWire(value)| value))
    }
}

/// Writes a structure.
pub fn encode<T: Structure, S: Serializer>(value: &T, serializer: S) -> Result<S::Ok, S::Error> {
    let mut members = Members(serializer.serialize_struct(T::NAME, T::MEMBERS)?);
    value.write(&mut members)?;
    members.0.end()
}

/// Reads a structure; unknown members are skipped, and of a repeated one the last wins.
#[inline]
pub fn decode<'de, T: Structure, D: Deserializer<'de>>(deserializer: D) -> Result<T, D::Error> {
    deserializer.deserialize_map(StructureVisitor(PhantomData))
}

struct StructureVisitor<T>(PhantomData<T>);

impl<'de, T: Structure> Visitor<'de> for StructureVisitor<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "an object for {}", T::NAME)
    }

    #[inline]
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<T, A::Error> {
        let mut value = T::empty();
        while let Some(name) = map.next_key::<Name<'de>>()? {
            value.read(Member::new(&name.0, &mut map))?;
        }
        Ok(value)
    }
}

/// A member name, borrowed from the input unless it holds escapes.
pub(super) struct Name<'de>(pub(super) Cow<'de, str>);

impl<'de> Deserialize<'de> for Name<'de> {
    #[inline]
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(NameVisitor).map(Name)
    }
}

struct NameVisitor;

impl<'de> Visitor<'de> for NameVisitor {
    type Value = Cow<'de, str>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a member name")
    }

    #[inline]
    fn visit_borrowed_str<E>(self, name: &'de str) -> Result<Self::Value, E> {
        Ok(Cow::Borrowed(name))
    }

    #[inline]
    fn visit_str<E>(self, name: &str) -> Result<Self::Value, E> {
        Ok(Cow::Owned(name.to_owned()))
    }

    fn visit_string<E>(self, name: String) -> Result<Self::Value, E> {
        Ok(Cow::Owned(name))
    }
}
