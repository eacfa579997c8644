//! Open enumerations: values that the model does not know survive a round trip.

use std::fmt;
use std::marker::PhantomData;

use serde::de::{Deserializer, Error, Visitor};

/// An enum shape with string values: generated types list their values here.
pub trait Enumeration: Sized {
    /// The shape's name, for error messages.
    const NAME: &'static str;
    /// The values that the model knows, as they are on the wire.
    const VALUES: &'static [&'static str];

    /// Returns the value as it is on the wire.
    fn as_str(&self) -> &str;

    /// Returns the variant for a value; one that the model does not know becomes `Unknown`.
    fn from_wire(value: &str) -> Self;
}

/// Reads an enum value.
pub fn decode<'de, T: Enumeration, D: Deserializer<'de>>(deserializer: D) -> Result<T, D::Error> {
    deserializer.deserialize_str(EnumerationVisitor(PhantomData))
}

struct EnumerationVisitor<T>(PhantomData<T>);

impl<T: Enumeration> Visitor<'_> for EnumerationVisitor<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a string for {}", T::NAME)
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<T, E> {
        Ok(T::from_wire(value))
    }
}

/// Emits the impls that every enum shape has: serde in wire form, `Display`, conversions from strings.
#[doc(hidden)]
#[macro_export]
macro_rules! enumerations {
    ($($name:ty),* $(,)?) => { $(
        impl $crate::serde::Serialize for $name {
            fn serialize<S: $crate::serde::Serializer>(
                &self,
                serializer: S,
            ) -> ::core::result::Result<S::Ok, S::Error> {
                serializer.serialize_str($crate::wire::Enumeration::as_str(self))
            }
        }

        impl<'de> $crate::serde::Deserialize<'de> for $name {
            fn deserialize<D: $crate::serde::Deserializer<'de>>(
                deserializer: D,
            ) -> ::core::result::Result<Self, D::Error> {
                $crate::wire::driver::decode_enumeration(deserializer)
            }
        }

        impl $crate::wire::Wire for $name {
            fn encode<S: $crate::serde::Serializer>(
                &self,
                serializer: S,
            ) -> ::core::result::Result<S::Ok, S::Error> {
                serializer.serialize_str($crate::wire::Enumeration::as_str(self))
            }

            fn decode<'de, D: $crate::serde::Deserializer<'de>>(
                deserializer: D,
            ) -> ::core::result::Result<Self, D::Error> {
                $crate::wire::driver::decode_enumeration(deserializer)
            }

            fn empty() -> Self {
                $crate::wire::Enumeration::from_wire("")
            }
        }

        impl ::core::fmt::Display for $name {
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                f.write_str($crate::wire::Enumeration::as_str(self))
            }
        }

        impl ::core::convert::From<&str> for $name {
            fn from(value: &str) -> Self {
                $crate::wire::Enumeration::from_wire(value)
            }
        }

        impl ::core::convert::From<::std::string::String> for $name {
            fn from(value: ::std::string::String) -> Self {
                $crate::wire::Enumeration::from_wire(&value)
            }
        }
    )* };
}
