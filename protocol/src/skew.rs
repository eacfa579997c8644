//! The difference between this machine's clock and the service's.

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, SystemTime};

use aws_smithy_types::DateTime;
use aws_smithy_types::date_time::Format;
use http::HeaderMap;
use http::header::DATE;

/// Differences below this are not what made a signature invalid: services accept five minutes.
const TOLERANCE: i64 = 240;

/// Codes by which services say that the date of a signature is off.
const SKEW_CODES: [&str; 3] = [
    "InvalidSignatureException",
    "RequestExpired",
    "RequestTimeTooSkewed",
];

/// The correction that a client signs with, in seconds; learned once, kept for later calls.
#[derive(Debug, Default)]
pub(crate) struct ClockSkew(AtomicI64);

impl ClockSkew {
    /// Returns the time that the service's clock shows.
    pub(crate) fn correct(&self, now: SystemTime) -> SystemTime {
        let seconds = self.0.load(Ordering::Relaxed);
        let difference = Duration::from_secs(seconds.unsigned_abs());
        let corrected = match seconds < 0 {
            true => now.checked_sub(difference),
            false => now.checked_add(difference),
        };
        corrected.unwrap_or(now)
    }

    /// Learns the correction from the `Date` of an error response, and tells whether it is a new one.
    pub(crate) fn learn(&self, code: Option<&str>, headers: &HeaderMap, now: SystemTime) -> bool {
        if !code.is_some_and(|code| SKEW_CODES.contains(&code)) {
            return false;
        }
        let Some(date) = headers.get(DATE).and_then(|date| date.to_str().ok()) else {
            return false;
        };
        let Ok(date) = DateTime::from_str(date, Format::HttpDate) else {
            return false;
        };
        let skew = date.secs().saturating_sub(DateTime::from(now).secs());
        let known = self.0.load(Ordering::Relaxed);
        if skew.saturating_sub(known).saturating_abs() < TOLERANCE {
            return false;
        }
        self.0.store(skew, Ordering::Relaxed);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(date: &str) -> HeaderMap {
        HeaderMap::from_iter([(DATE, date.parse().expect("a value"))])
    }

    #[test]
    fn a_wrong_clock_is_corrected_once() {
        let skew = ClockSkew::default();
        let now = SystemTime::UNIX_EPOCH;
        let date = headers("Thu, 01 Jan 1970 02:00:00 GMT");
        assert!(skew.learn(Some("RequestTimeTooSkewed"), &date, now));
        assert_eq!(skew.correct(now), now + Duration::from_secs(7200));
        assert!(
            !skew.learn(Some("RequestTimeTooSkewed"), &date, now),
            "it is known already"
        );
    }

    #[test]
    fn other_errors_and_small_differences_teach_nothing() {
        let skew = ClockSkew::default();
        let now = SystemTime::UNIX_EPOCH;
        assert!(!skew.learn(Some("Foo"), &headers("Thu, 01 Jan 1970 02:00:00 GMT"), now));
        assert!(!skew.learn(
            Some("InvalidSignatureException"),
            &headers("Thu, 01 Jan 1970 00:01:00 GMT"),
            now
        ));
        assert!(!skew.learn(Some("InvalidSignatureException"), &headers("yesterday"), now));
    }
}
