//! Timestamps, in the three formats that models know.

use std::fmt;
use std::marker::PhantomData;
use std::time::SystemTime;

use aws_smithy_types::DateTime;
use aws_smithy_types::date_time::Format;
use serde::de::{Deserialize, Deserializer, Error, Unexpected, Visitor};
use serde::ser::{Error as _, Serialize, Serializer};

use super::Wire;

/// A point in time; the format on the wire is part of the type.
///
/// It is written with millisecond precision, which is what the services keep, and read from any of the
/// three formats: services do not always send the one that their model names.
pub struct Timestamp<F = EpochSeconds> {
    time: DateTime,
    format: PhantomData<fn() -> F>,
}

/// How a timestamp is written.
pub trait TimestampFormat: 'static {
    /// Writes `time`.
    ///
    /// # Errors
    ///
    /// Fails where the time is outside of the years that the format can write.
    fn encode<S: Serializer>(time: DateTime, serializer: S) -> Result<S::Ok, S::Error>;
}

/// Seconds since 1970 as a JSON number: the default of awsJson.
pub enum EpochSeconds {}

/// A string such as `2000-01-02T20:34:56.123Z`.
pub enum Iso8601 {}

/// A string such as `Sun, 02 Jan 2000 20:34:56 GMT`.
pub enum HttpDate {}

impl TimestampFormat for EpochSeconds {
    fn encode<S: Serializer>(time: DateTime, serializer: S) -> Result<S::Ok, S::Error> {
        let millis = round_to_millis(time).map_err(S::Error::custom)?;
        if millis % 1000 == 0 {
            return serializer.serialize_i64(millis / 1000);
        }
        serializer.serialize_f64(millis as f64 / 1000.0)
    }
}

impl TimestampFormat for Iso8601 {
    fn encode<S: Serializer>(time: DateTime, serializer: S) -> Result<S::Ok, S::Error> {
        encode_text(time, Format::DateTime, serializer)
    }
}

impl TimestampFormat for HttpDate {
    fn encode<S: Serializer>(time: DateTime, serializer: S) -> Result<S::Ok, S::Error> {
        encode_text(time, Format::HttpDate, serializer)
    }
}

fn encode_text<S: Serializer>(time: DateTime, format: Format, serializer: S) -> Result<S::Ok, S::Error> {
    let millis = round_to_millis(time).map_err(S::Error::custom)?;
    let text = DateTime::from_millis(millis).fmt(format);
    serializer.serialize_str(&text.map_err(S::Error::custom)?)
}

/// Rounds to the nearest millisecond: a decimal fraction read as binary may lie just below it.
fn round_to_millis(time: DateTime) -> Result<i64, std::num::TryFromIntError> {
    i64::try_from((time.as_nanos() + 500_000).div_euclid(1_000_000))
}

impl<F> Timestamp<F> {
    /// Returns the time so many milliseconds after 1970-01-01T00:00:00Z.
    pub fn from_millis(millis: i64) -> Self {
        DateTime::from_millis(millis).into()
    }

    /// Returns the time so many seconds after 1970-01-01T00:00:00Z.
    pub fn from_secs(seconds: i64) -> Self {
        DateTime::from_secs(seconds).into()
    }

    /// Returns the time as the type that the official SDK uses.
    pub fn to_date_time(&self) -> DateTime {
        self.time
    }
}

impl<F> From<DateTime> for Timestamp<F> {
    fn from(time: DateTime) -> Self {
        Self {
            time,
            format: PhantomData,
        }
    }
}

impl<F> From<SystemTime> for Timestamp<F> {
    fn from(time: SystemTime) -> Self {
        DateTime::from(time).into()
    }
}

impl<F> TryFrom<Timestamp<F>> for SystemTime {
    type Error = aws_smithy_types::date_time::ConversionError;

    fn try_from(timestamp: Timestamp<F>) -> Result<Self, Self::Error> {
        Self::try_from(timestamp.time)
    }
}

// The derives would ask the same of the format, which is only a name.
impl<F> Clone for Timestamp<F> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<F> Copy for Timestamp<F> {}

impl<F> Default for Timestamp<F> {
    fn default() -> Self {
        Self::from_secs(0)
    }
}

impl<F> PartialEq for Timestamp<F> {
    fn eq(&self, other: &Self) -> bool {
        self.time == other.time
    }
}

impl<F> Eq for Timestamp<F> {}

impl<F> PartialOrd for Timestamp<F> {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl<F> Ord for Timestamp<F> {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.time.as_nanos().cmp(&other.time.as_nanos())
    }
}

impl<F> fmt::Debug for Timestamp<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.time.fmt(Format::DateTime) {
            Ok(text) => f.write_str(&text),
            Err(_) => write!(f, "{} s after 1970", self.time.secs()),
        }
    }
}

impl<F> fmt::Display for Timestamp<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, f)
    }
}

impl<F: TimestampFormat> Serialize for Timestamp<F> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        F::encode(self.time, serializer)
    }
}

impl<'de, F> Deserialize<'de> for Timestamp<F> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(TimestampVisitor).map(Self::from)
    }
}

struct TimestampVisitor;

impl Visitor<'_> for TimestampVisitor {
    type Value = DateTime;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("epoch seconds, an iso8601 timestamp or an http-date")
    }

    fn visit_i64<E>(self, seconds: i64) -> Result<DateTime, E> {
        Ok(DateTime::from_secs(seconds))
    }

    fn visit_u64<E: Error>(self, seconds: u64) -> Result<DateTime, E> {
        i64::try_from(seconds)
            .map(DateTime::from_secs)
            .map_err(|_| E::invalid_value(Unexpected::Unsigned(seconds), &self))
    }

    fn visit_f64<E: Error>(self, seconds: f64) -> Result<DateTime, E> {
        // Far beyond what any format can write; it keeps the conversion below from saturating.
        const BOUND: f64 = 1e15;
        if seconds.abs() < BOUND {
            return Ok(DateTime::from_secs_f64(seconds));
        }
        Err(E::invalid_value(Unexpected::Float(seconds), &self))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<DateTime, E> {
        DateTime::from_str(text, Format::DateTimeWithOffset)
            .or_else(|_| DateTime::from_str(text, Format::HttpDate))
            .map_err(|_| E::invalid_value(Unexpected::Str(text), &self))
    }
}

impl<F: TimestampFormat> Wire for Timestamp<F> {
    fn encode<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.serialize(serializer)
    }

    fn decode<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::deserialize(deserializer)
    }

    fn empty() -> Self {
        Self::default()
    }
}
