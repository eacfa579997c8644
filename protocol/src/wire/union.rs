//! Unions: exactly one member of several.

use std::fmt;
use std::marker::PhantomData;

use serde::de::{Deserializer, Error as _, IgnoredAny, MapAccess, Visitor};
use serde::ser::{Error as _, SerializeStruct, Serializer};

use super::Wire;
use super::structure::{Member, Members, Name, Written};

/// A union shape: generated types list their members here, and nothing else.
pub trait Union: Sized {
    /// The shape's name, for error messages.
    const NAME: &'static str;

    /// Returns the variant for a member that this version of the model does not know.
    fn unknown(member: String) -> Self;

    /// Returns the value that a required union has when a response leaves it out.
    fn empty() -> Self {
        Self::unknown(String::new())
    }

    /// Writes the one member that is set.
    ///
    /// # Errors
    ///
    /// Fails for the unknown variant, which has no value to send.
    fn write<S: SerializeStruct>(&self, to: &mut Members<S>) -> Written<S>;

    /// Reads one member.
    ///
    /// # Errors
    ///
    /// Fails where the member's JSON is malformed or of another type.
    fn read<'de, A: MapAccess<'de>>(from: Member<'_, A>) -> Result<Variant<Self>, A::Error>;
}

impl<S: SerializeStruct> Members<S> {
    /// Refuses to write a union's unknown variant.
    ///
    /// # Errors
    ///
    /// Always fails.
    pub fn refuse_unknown(&mut self, union: &str, member: &str) -> Written<S> {
        Err(S::Error::custom(format_args!(
            "{union}: the unknown variant `{member}` cannot be sent; it only stands for a member that this version of the model does not know"
        )))
    }
}

/// What one member of a union held.
pub enum Variant<U> {
    /// A member that the model knows.
    Known(U),
    /// A member that the model does not know; its value is skipped.
    Unknown,
    /// Null, which is no member at all.
    Null,
}

impl<'de, A: MapAccess<'de>> Member<'_, A> {
    /// Reads the member into the variant that `variant` makes.
    ///
    /// # Errors
    ///
    /// Fails where the JSON is malformed or of another type.
    pub fn variant<T: Wire, U>(self, variant: impl FnOnce(T) -> U) -> Result<Variant<U>, A::Error> {
        Ok(self
            .value()?
            .map_or(Variant::Null, |value| Variant::Known(variant(value))))
    }

    /// Skips a member that the model does not know.
    ///
    /// # Errors
    ///
    /// Fails where the JSON is malformed.
    pub fn unknown_variant<U>(self) -> Result<Variant<U>, A::Error> {
        let value = self.map.next_value::<Option<IgnoredAny>>()?;
        Ok(value.map_or(Variant::Null, |_| Variant::Unknown))
    }
}

/// Writes a union.
pub fn encode<T: Union, S: Serializer>(value: &T, serializer: S) -> Result<S::Ok, S::Error> {
    let mut members = Members(serializer.serialize_struct(T::NAME, 1)?);
    value.write(&mut members)?;
    members.0.end()
}

/// Reads a union; a member that the model knows wins over one that it does not know.
pub fn decode<'de, T: Union, D: Deserializer<'de>>(deserializer: D) -> Result<T, D::Error> {
    deserializer.deserialize_map(UnionVisitor(PhantomData))
}

struct UnionVisitor<T>(PhantomData<T>);

impl<'de, T: Union> Visitor<'de> for UnionVisitor<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "an object with one member for the union {}", T::NAME)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<T, A::Error> {
        let mut known = None;
        let mut unknown = None;
        while let Some(Name(name)) = map.next_key::<Name<'de>>()? {
            match T::read(Member::new(&name, &mut map))? {
                Variant::Known(_) if known.is_some() => {
                    return Err(A::Error::custom(format_args!(
                        "{} has more than one member; the second is `{name}`",
                        T::NAME
                    )));
                }
                Variant::Known(value) => known = Some(value),
                // Some services name the union's own type beside its member.
                Variant::Unknown if name == "__type" => {}
                Variant::Unknown => unknown = Some(name.into_owned()),
                Variant::Null => {}
            }
        }
        Ok(known.unwrap_or_else(|| T::unknown(unknown.unwrap_or_default())))
    }
}
