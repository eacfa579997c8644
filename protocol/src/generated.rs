//! What generated crates write against: one import, `use awsjson_protocol::generated as rt`.
//!
//! It is public for them, and not covered by semantic versioning for anybody else.

pub use std::collections::BTreeMap;
pub use std::fmt::{Debug, Formatter, Result as FmtResult};

pub use serde::de::MapAccess as Map;
pub use serde::ser::SerializeStruct as Struct;
/// For the modules of generated crates that are written by hand.
pub use tokio;

pub use crate::endpoint_rules::OperationValue;
pub use crate::wire::{
    Blob, Document, Enumeration, HttpDate, Iso8601, Member, Members, Read, Structure, Timestamp, Union,
    Variant, Wire, Written, from_slice,
};
#[cfg(feature = "waiters")]
pub use crate::{Acceptor, AcceptorState, Expected, Matcher, Waiter};
pub use crate::{
    Client, Constraint, EmptyOutput, Error, Exception, ExceptionEntry, ModeledRetry, Operation,
    OperationMetadata, Paginated, PaginatedItems, Protocol, Service, ServiceMetadata,
};
#[cfg(feature = "event-stream")]
pub use crate::{EventStream, EventStreaming};
pub use crate::{enumerations, exceptions, structures, unions};

/// What `Debug` shows of a sensitive member.
pub struct Redacted;

impl Debug for Redacted {
    fn fmt(&self, f: &mut Formatter<'_>) -> FmtResult {
        f.write_str("*** sensitive ***")
    }
}

/// Emits what every exception enum has: conversions, serde in wire form, `Display` and `Error`.
#[doc(hidden)]
#[macro_export]
macro_rules! exceptions {
    ($($name:ident),* $(,)?) => {
        $(
            impl ::core::convert::From<$name> for Exception {
                fn from(exception: $name) -> Self {
                    Self::$name(exception)
                }
            }
        )*

        impl $crate::serde::Serialize for Exception {
            fn serialize<S: $crate::serde::Serializer>(
                &self,
                serializer: S,
            ) -> ::core::result::Result<S::Ok, S::Error> {
                #[allow(unreachable_patterns)]
                match self {
                    $( Self::$name(exception) => exception.serialize(serializer), )*
                    _ => serializer.serialize_unit(),
                }
            }
        }

        impl ::core::fmt::Display for Exception {
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                f.write_str($crate::Exception::code(self))?;
                match $crate::Exception::message(self) {
                    ::core::option::Option::Some(message) => ::core::write!(f, ": {message}"),
                    ::core::option::Option::None => ::core::result::Result::Ok(()),
                }
            }
        }

        impl ::core::error::Error for Exception {}
    };
}
