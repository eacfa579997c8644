//! Writing.

use serde::Serialize;
use serde::ser::{self, Error as _, Serializer};
use serde_json::Error;

use super::text::plain_length;

/// Writes a value as compact JSON at the end of `out`.
///
/// # Errors
///
/// Fails where the value says so, and where a map has a key that is neither text nor a number.
pub(in crate::wire) fn append<T: Serialize + ?Sized>(out: Vec<u8>, value: &T) -> Result<Vec<u8>, Error> {
    let mut writer = Writer { out };
    value.serialize(&mut writer)?;
    Ok(writer.out)
}

/// How many bytes of a string are escaped together, in room for the most that they can become.
const BLOCK: usize = 256;
const LONGEST_ESCAPE: usize = 6;
/// How many bytes of a string are looked at together.
const RUN: usize = 32;

struct Writer {
    out: Vec<u8>,
}

impl Writer {
    fn string(&mut self, text: &str) {
        let bytes = text.as_bytes();
        self.out.reserve(bytes.len() + 2);
        self.out.push(b'"');
        let (plain, rest) = bytes.split_at(plain_length(bytes));
        self.out.extend_from_slice(plain);
        for block in rest.chunks(BLOCK) {
            let start = self.out.len();
            // One more, for two bytes are written where one counts.
            self.out.resize(start + block.len() * LONGEST_ESCAPE + 1, 0);
            let written = escape(block, &mut self.out[start..]);
            self.out.truncate(start + written);
        }
        self.out.push(b'"');
    }

    /// Writes what is neither a string nor holds other values.
    fn scalar<T: Serialize>(&mut self, value: T) -> Result<(), Error> {
        serde_json::to_writer(&mut self.out, &value)
    }

    fn open(&mut self, open: u8, close: &'static [u8]) -> Entries<'_> {
        self.out.push(open);
        Entries {
            writer: self,
            before: Before::First,
            close,
        }
    }

    /// Begins an object whose only member is `variant`.
    fn variant(&mut self, variant: &'static str) {
        self.out.push(b'{');
        self.string(variant);
        self.out.push(b':');
    }
}

/// Writes text with escapes, and returns the length of what it became.
fn escape(text: &[u8], room: &mut [u8]) -> usize {
    let mut length = 0;
    // Where there is one special byte, others are near: to ask for each of them would cost more than to treat all alike.
    for run in text.chunks(RUN) {
        if plain_length(run) == run.len() {
            room[length..length + run.len()].copy_from_slice(run);
            length += run.len();
        } else {
            length += escape_each(run, &mut room[length..]);
        }
    }
    length
}

/// Writes text byte by byte, with no branch that depends on it but for the rare control characters.
fn escape_each(text: &[u8], room: &mut [u8]) -> usize {
    let mut length = 0;
    for byte in text {
        let Form { bytes, length: form } = FORMS[usize::from(*byte)];
        if form == LONGEST_ESCAPE as u8 {
            let digit = |nibble: u8| b"0123456789abcdef"[usize::from(nibble & 15)];
            let long = [b'\\', b'u', b'0', b'0', digit(byte >> 4), digit(*byte)];
            room[length..length + LONGEST_ESCAPE].copy_from_slice(&long);
        } else {
            room[length..length + 2].copy_from_slice(&bytes);
        }
        length += usize::from(form);
    }
    length
}

/// What a byte becomes: the first `length` of `bytes`, or the long escape.
#[derive(Clone, Copy)]
struct Form {
    bytes: [u8; 2],
    length: u8,
}

const FORMS: [Form; 256] = {
    let mut forms = [Form {
        bytes: [b' ', 0],
        length: 1,
    }; 256];
    let mut byte = 0;
    while byte < 256 {
        let short = match byte as u8 {
            0x08 => b'b',
            0x09 => b't',
            0x0a => b'n',
            0x0c => b'f',
            0x0d => b'r',
            special @ (b'"' | b'\\') => special,
            _ => 0,
        };
        forms[byte] = match (byte as u8, short) {
            (0..0x20, 0) => Form {
                bytes: [0, 0],
                length: LONGEST_ESCAPE as u8,
            },
            (byte, 0) => Form {
                bytes: [byte, 0],
                length: 1,
            },
            (_, short) => Form {
                bytes: [b'\\', short],
                length: 2,
            },
        };
        byte += 1;
    }
    forms
};

macro_rules! scalars {
    ($($method:ident: $type:ty),*) => { $(
        fn $method(self, value: $type) -> Result<(), Error> {
            self.scalar(value)
        }
    )* };
}

impl<'a> Serializer for &'a mut Writer {
    type Ok = ();
    type Error = Error;
    type SerializeSeq = Entries<'a>;
    type SerializeTuple = Entries<'a>;
    type SerializeTupleStruct = Entries<'a>;
    type SerializeTupleVariant = Entries<'a>;
    type SerializeMap = Entries<'a>;
    type SerializeStruct = Entries<'a>;
    type SerializeStructVariant = Entries<'a>;

    scalars!(
        serialize_bool: bool,
        serialize_i8: i8,
        serialize_i16: i16,
        serialize_i32: i32,
        serialize_i64: i64,
        serialize_i128: i128,
        serialize_u8: u8,
        serialize_u16: u16,
        serialize_u32: u32,
        serialize_u64: u64,
        serialize_u128: u128,
        serialize_f32: f32,
        serialize_f64: f64
    );

    fn serialize_char(self, value: char) -> Result<(), Error> {
        self.serialize_str(value.encode_utf8(&mut [0; 4]))
    }

    fn serialize_str(self, value: &str) -> Result<(), Error> {
        self.string(value);
        Ok(())
    }

    fn serialize_bytes(self, value: &[u8]) -> Result<(), Error> {
        self.collect_seq(value)
    }

    fn serialize_none(self) -> Result<(), Error> {
        self.serialize_unit()
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<(), Error> {
        value.serialize(self)
    }

    fn serialize_unit(self) -> Result<(), Error> {
        self.out.extend_from_slice(b"null");
        Ok(())
    }

    fn serialize_unit_struct(self, _: &'static str) -> Result<(), Error> {
        self.serialize_unit()
    }

    fn serialize_unit_variant(self, _: &'static str, _: u32, variant: &'static str) -> Result<(), Error> {
        self.serialize_str(variant)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        value: &T,
    ) -> Result<(), Error> {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        value: &T,
    ) -> Result<(), Error> {
        self.variant(variant);
        value.serialize(&mut *self)?;
        self.out.push(b'}');
        Ok(())
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<Entries<'a>, Error> {
        Ok(self.open(b'[', b"]"))
    }

    fn serialize_tuple(self, _: usize) -> Result<Entries<'a>, Error> {
        Ok(self.open(b'[', b"]"))
    }

    fn serialize_tuple_struct(self, _: &'static str, _: usize) -> Result<Entries<'a>, Error> {
        Ok(self.open(b'[', b"]"))
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<Entries<'a>, Error> {
        self.variant(variant);
        Ok(self.open(b'[', b"]}"))
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Entries<'a>, Error> {
        Ok(self.open(b'{', b"}"))
    }

    fn serialize_struct(self, name: &'static str, _: usize) -> Result<Entries<'a>, Error> {
        // Numbers of documents, where somebody has turned on `arbitrary_precision` of `serde_json`.
        if name.starts_with("$serde_json::private::") {
            return Ok(Entries {
                writer: self,
                before: Before::Text,
                close: b"",
            });
        }
        Ok(self.open(b'{', b"}"))
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<Entries<'a>, Error> {
        self.variant(variant);
        Ok(self.open(b'{', b"}}"))
    }
}

/// An array or an object that is being written.
struct Entries<'a> {
    writer: &'a mut Writer,
    before: Before,
    close: &'static [u8],
}

/// What stands before the next entry.
#[derive(PartialEq, Eq)]
enum Before {
    First,
    Others,
    /// The entry is a string that holds JSON, and stands for it.
    Text,
}

impl Entries<'_> {
    #[inline]
    fn comma(&mut self) {
        match self.before {
            Before::First => self.before = Before::Others,
            Before::Others => self.writer.out.push(b','),
            Before::Text => {}
        }
    }

    #[inline]
    fn entry<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Error> {
        self.comma();
        value.serialize(&mut *self.writer)
    }

    #[inline]
    fn member<T: Serialize + ?Sized>(&mut self, name: &'static str, value: &T) -> Result<(), Error> {
        if self.before == Before::Text {
            let text: String = serde_json::from_value(serde_json::to_value(value)?)?;
            self.writer.out.extend_from_slice(text.as_bytes());
            return Ok(());
        }
        self.comma();
        self.writer.string(name);
        self.writer.out.push(b':');
        value.serialize(&mut *self.writer)
    }

    #[inline]
    fn close(self) {
        self.writer.out.extend_from_slice(self.close);
    }
}

macro_rules! arrays {
    ($($trait:ident :: $method:ident),*) => { $(
        impl ser::$trait for Entries<'_> {
            type Ok = ();
            type Error = Error;

            fn $method<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Error> {
                self.entry(value)
            }

            fn end(self) -> Result<(), Error> {
                self.close();
                Ok(())
            }
        }
    )* };
}

arrays!(
    SerializeSeq::serialize_element,
    SerializeTuple::serialize_element,
    SerializeTupleStruct::serialize_field,
    SerializeTupleVariant::serialize_field
);

macro_rules! structures {
    ($($trait:ident),*) => { $(
        impl ser::$trait for Entries<'_> {
            type Ok = ();
            type Error = Error;

            fn serialize_field<T: Serialize + ?Sized>(&mut self, name: &'static str, value: &T) -> Result<(), Error> {
                self.member(name, value)
            }

            fn end(self) -> Result<(), Error> {
                self.close();
                Ok(())
            }
        }
    )* };
}

structures!(SerializeStruct, SerializeStructVariant);

impl ser::SerializeMap for Entries<'_> {
    type Ok = ();
    type Error = Error;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), Error> {
        self.comma();
        let start = self.writer.out.len();
        key.serialize(&mut *self.writer)?;
        match self.writer.out.get(start) {
            Some(b'"') => Ok(()),
            // Keys are text, also those that are numbers.
            Some(b'0'..=b'9' | b'-' | b't' | b'f') => {
                self.writer.out.insert(start, b'"');
                self.writer.out.push(b'"');
                Ok(())
            }
            _ => Err(Error::custom("a key must be a string")),
        }
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Error> {
        self.writer.out.push(b':');
        value.serialize(&mut *self.writer)
    }

    fn end(self) -> Result<(), Error> {
        self.close();
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde_json::{Value, json};

    use super::*;

    fn to_vec<T: Serialize>(value: &T) -> Result<Vec<u8>, Error> {
        append(Vec::new(), value)
    }

    fn assert_same<T: Serialize>(value: &T) {
        let expected = serde_json::to_string(value).expect("JSON");
        let written = to_vec(value).expect("JSON");
        assert_eq!(String::from_utf8_lossy(&written), expected);
    }

    #[test]
    fn every_character_is_written_as_serde_json_writes_it() {
        for character in (0..=0x2_ffff).filter_map(char::from_u32) {
            assert_same(&character);
            assert_same(&format!("before{character}after"));
        }
    }

    #[test]
    fn values_are_written_as_serde_json_writes_them() {
        assert_same(&json!({
            "a": [1, -1, u64::MAX, i64::MIN, 1.0, 1e300, -0.1, 5e-324, true, false, null, "", "\u{1}"],
            "": {}, "\"": [], "nested": {"b": [[], [{}], {"c": {}}]},
        }));
        assert_same(&(
            f32::MAX,
            f32::MIN_POSITIVE,
            0.1_f32,
            f64::NAN,
            f64::INFINITY,
            u128::MAX,
            i128::MIN,
        ));
        assert_same(&BTreeMap::from([(1_u8, Some(())), (2, None)]));
        assert_same(&BTreeMap::from([(true, 'x')]));
        assert!(to_vec(&BTreeMap::from([((), 1)])).is_err());
        assert!(to_vec(&BTreeMap::from([(vec![1], 1)])).is_err());
    }

    #[derive(serde::Serialize)]
    enum Variants {
        Unit,
        Newtype(u8),
        Tuple(u8, &'static str),
        Struct { a: u8, b: Option<Value> },
    }

    #[derive(serde::Serialize)]
    struct Unit;

    #[derive(serde::Serialize)]
    struct Pair(u8, Unit);

    #[test]
    fn what_users_derive_is_written_as_serde_json_writes_it() {
        assert_same(&[
            Variants::Unit,
            Variants::Newtype(1),
            Variants::Tuple(2, "b"),
            Variants::Struct { a: 3, b: None },
            Variants::Struct {
                a: 4,
                b: Some(json!({"c": []})),
            },
        ]);
        assert_same(&Pair(1, Unit));
    }

    #[test]
    fn numbers_of_any_precision_stand_for_themselves() {
        struct Number;
        impl Serialize for Number {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                let mut number = serializer.serialize_struct("$serde_json::private::Number", 1)?;
                ser::SerializeStruct::serialize_field(
                    &mut number,
                    "$serde_json::private::Number",
                    "123456789012345678901234567890",
                )?;
                ser::SerializeStruct::end(number)
            }
        }
        let written = to_vec(&[Number]).expect("JSON");
        assert_eq!(written, b"[123456789012345678901234567890]");
    }
}
