//! The wire form of values: how every shape of a model looks in awsJson.
//!
//! Generated types do not carry serde logic of their own. A structure lists its members twice,
//! once to encode and once to decode, and the generic drivers of this module do the rest.
//! Scalars and collections implement [`Wire`] here because serde's own impls are not awsJson's: NaN is
//! a string, `1.0` is an integer, a null in a dense list is dropped.

mod blob;
mod collection;
mod enumeration;
mod json;
mod scalar;
mod strictness;
mod structure;
mod timestamp;
mod union;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::DeserializeOwned};

pub use blob::Blob;
pub use enumeration::Enumeration;
pub use strictness::Strictness;
pub use structure::{Member, Members, Read, Structure, Written};
pub use timestamp::{EpochSeconds, HttpDate, Iso8601, Timestamp, TimestampFormat};
pub use union::{Union, Variant};

pub(crate) use strictness::with_strictness;

use crate::shown;

/// Drivers that the impls of generated types forward to.
#[doc(hidden)]
pub mod driver {
    pub use super::enumeration::decode as decode_enumeration;
    pub use super::structure::{decode as decode_structure, encode as encode_structure};
    pub use super::union::{decode as decode_union, encode as encode_union};
}

/// Free-form JSON, for document shapes.
pub type Document = serde_json::Value;

/// A value with a form on the wire.
///
/// Generated types, scalars, collections, [`Blob`], [`Timestamp`] and [`Document`] implement it.
pub trait Wire: Sized {
    /// Writes the value in its wire form.
    ///
    /// # Errors
    ///
    /// Fails where the value has no wire form, such as a union's unknown variant.
    fn encode<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error>;

    /// Reads a value from its wire form.
    ///
    /// # Errors
    ///
    /// Fails where the JSON is malformed or of another type.
    fn decode<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error>;

    /// Returns what a required member holds when a response leaves it out.
    fn empty() -> Self;

    /// Tells whether a member with this value is left out of its structure.
    fn is_unset(&self) -> bool {
        false
    }

    /// Returns what null means inside a collection; `None` drops the entry.
    #[inline]
    fn from_null() -> Option<Self> {
        None
    }
}

/// A value that serde writes and reads in its wire form.
struct AsWire<T>(T);

impl<T: Wire> Serialize for AsWire<&T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.encode(serializer)
    }
}

impl<'de, T: Wire> Deserialize<'de> for AsWire<T> {
    #[inline]
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        T::decode(deserializer).map(AsWire)
    }
}

/// Writes a value as awsJson.
///
/// # Errors
///
/// Fails where a value has no wire form, such as a union's unknown variant.
pub fn to_vec<T: Serialize>(value: &T) -> Result<Vec<u8>, serde_json::Error> {
    to_vec_with_capacity(256, value)
}

/// Writes a value as awsJson, into a buffer that has room for `capacity` bytes already.
pub(crate) fn to_vec_with_capacity<T: Serialize>(
    capacity: usize,
    value: &T,
) -> Result<Vec<u8>, serde_json::Error> {
    json::append(Vec::with_capacity(capacity), value)
}

/// Reads a structure from a body, where an empty body and `null` mean an empty structure.
///
/// # Errors
///
/// Fails where the body is not JSON, or not of the expected shape. The error says where and why, but repeats no value, which may be a
/// secret.
pub fn from_slice<T: DeserializeOwned + Structure>(body: &[u8]) -> Result<T, serde_json::Error> {
    let body = body.trim_ascii();
    if body.is_empty() || body == b"null" {
        return Ok(T::empty());
    }
    serde_json::from_slice(body).map_err(shown::without_value)
}

/// Emits `Serialize` and `Deserialize` in wire form, and [`Wire`], for structures.
#[doc(hidden)]
#[macro_export]
macro_rules! structures {
    ($($name:ty),* $(,)?) => { $(
        $crate::wire_impls!($name, encode_structure, decode_structure, $crate::wire::Structure);
    )* };
}

/// Emits `Serialize` and `Deserialize` in wire form, and [`Wire`], for unions.
#[doc(hidden)]
#[macro_export]
macro_rules! unions {
    ($($name:ty),* $(,)?) => { $(
        $crate::wire_impls!($name, encode_union, decode_union, $crate::wire::Union);
    )* };
}

/// Emits the impls that structures and unions share.
#[doc(hidden)]
#[macro_export]
macro_rules! wire_impls {
    ($name:ty, $encode:ident, $decode:ident, $kind:path) => {
        impl $crate::serde::Serialize for $name {
            fn serialize<S: $crate::serde::Serializer>(
                &self,
                serializer: S,
            ) -> ::core::result::Result<S::Ok, S::Error> {
                $crate::wire::driver::$encode(self, serializer)
            }
        }

        impl<'de> $crate::serde::Deserialize<'de> for $name {
            #[inline]
            fn deserialize<D: $crate::serde::Deserializer<'de>>(
                deserializer: D,
            ) -> ::core::result::Result<Self, D::Error> {
                $crate::wire::driver::$decode(deserializer)
            }
        }

        impl $crate::wire::Wire for $name {
            fn encode<S: $crate::serde::Serializer>(
                &self,
                serializer: S,
            ) -> ::core::result::Result<S::Ok, S::Error> {
                $crate::wire::driver::$encode(self, serializer)
            }

            #[inline]
            fn decode<'de, D: $crate::serde::Deserializer<'de>>(
                deserializer: D,
            ) -> ::core::result::Result<Self, D::Error> {
                $crate::wire::driver::$decode(deserializer)
            }

            fn empty() -> Self {
                <Self as $kind>::empty()
            }
        }
    };
}
