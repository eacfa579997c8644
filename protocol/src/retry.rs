//! The retry policy: when to send a request again, and after how long.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use http::HeaderMap;

use crate::error::RetryAdvice;

/// When to send a request again, and after how long.
///
/// The constants are those of the standard mode that AWS SDKs share. They stand together here, so that a newer
/// published set is a new constructor and not a change under existing users.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct RetryPolicy {
    /// How many times a request is sent at most. Default: 3.
    pub max_attempts: u32,
    /// What the token bucket of a client holds when full. Default: 500.
    pub bucket_capacity: u32,
    /// What a retry takes from the bucket. Default: 5.
    pub retry_cost: u32,
    /// What a retry after a timeout takes from the bucket. Default: 10.
    pub timeout_cost: u32,
    /// What a success at the first attempt gives back. A success after retries gives back what the last retry took. Default: 1.
    pub success_refund: u32,
    /// The longest pause between two attempts that the client chooses itself. Default: 20 s.
    pub max_backoff: Duration,
    /// The longest pause that the service may ask for with `x-amz-retry-after`. Default: 5 minutes.
    pub max_retry_after: Duration,
}

impl RetryPolicy {
    /// Returns the standard mode.
    pub const fn standard() -> Self {
        Self {
            max_attempts: 3,
            bucket_capacity: 500,
            retry_cost: 5,
            timeout_cost: 10,
            success_refund: 1,
            max_backoff: Duration::from_secs(20),
            max_retry_after: Duration::from_secs(300),
        }
    }

    /// Returns a policy that sends every request once.
    pub const fn none() -> Self {
        Self {
            max_attempts: 1,
            ..Self::standard()
        }
    }

    /// Sets how many times a request is sent at most; zero counts as one.
    #[must_use]
    pub const fn max_attempts(mut self, attempts: u32) -> Self {
        self.max_attempts = attempts;
        self
    }

    /// Returns what a retry takes from the bucket.
    pub(crate) fn cost(&self, advice: RetryAdvice) -> u32 {
        match advice {
            RetryAdvice::Timeout => self.timeout_cost,
            _ => self.retry_cost,
        }
    }

    /// Returns the pause before attempt `attempt + 1`: `jitter * min(max_backoff, 2^n s)`, or what the service asks for.
    ///
    /// `jitter` is at least 0 and below 1.
    pub(crate) fn pause(&self, attempt: u32, headers: &HeaderMap, jitter: f64) -> Duration {
        if let Some(pause) = retry_after(headers) {
            return pause.min(self.max_retry_after);
        }
        let exponent = attempt.saturating_sub(1).min(30);
        let backoff = Duration::from_secs(1 << exponent).min(self.max_backoff);
        backoff.mul_f64(jitter.clamp(0.0, 1.0))
    }
}

impl Default for RetryPolicy {
    fn default() -> Self {
        Self::standard()
    }
}

/// Returns the pause that the service asks for, in milliseconds.
fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let value = headers.get("x-amz-retry-after")?.to_str().ok()?;
    value.trim().parse().ok().map(Duration::from_millis)
}

/// The tokens that retries of a client take; clones of the client share them.
#[derive(Clone, Debug)]
pub(crate) struct TokenBucket {
    tokens: Arc<Mutex<u32>>,
    capacity: u32,
}

impl TokenBucket {
    pub(crate) fn new(capacity: u32) -> Self {
        Self {
            tokens: Arc::new(Mutex::new(capacity)),
            capacity,
        }
    }

    /// Takes `cost` tokens, or none if there are too few.
    pub(crate) fn take(&self, cost: u32) -> bool {
        let mut tokens = self.lock();
        match tokens.checked_sub(cost) {
            Some(rest) => {
                *tokens = rest;
                true
            }
            None => false,
        }
    }

    /// Returns how many tokens there are.
    pub(crate) fn count(&self) -> u32 {
        *self.lock()
    }

    /// Sets how many tokens there are, up to the capacity.
    pub(crate) fn set(&self, count: u32) {
        *self.lock() = count.min(self.capacity);
    }

    pub(crate) fn give_back(&self, count: u32) {
        let mut tokens = self.lock();
        *tokens = tokens.saturating_add(count).min(self.capacity);
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, u32> {
        self.tokens
            .lock()
            .unwrap_or_else(|poisoned| poisoned.into_inner())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_the_limit() {
        let policy = RetryPolicy::standard();
        let pause = |attempt| policy.pause(attempt, &HeaderMap::new(), 1.0).as_secs();
        assert_eq!([1, 2, 3, 4, 5, 6, 99].map(pause), [1, 2, 4, 8, 16, 20, 20]);
        assert_eq!(policy.pause(3, &HeaderMap::new(), 0.5), Duration::from_secs(2));
    }

    #[test]
    fn the_service_may_ask_for_a_pause_within_bounds() {
        let policy = RetryPolicy::standard();
        let pause = |text: &str| {
            let mut headers = HeaderMap::new();
            headers.insert("x-amz-retry-after", text.parse().expect("a value"));
            policy.pause(1, &headers, 0.5)
        };
        assert_eq!(pause("1500"), Duration::from_millis(1500));
        assert_eq!(pause("999999999"), Duration::from_secs(300));
        assert_eq!(pause("soon"), Duration::from_millis(500));
    }

    #[test]
    fn an_empty_bucket_stops_retries_until_something_succeeds() {
        let bucket = TokenBucket::new(10);
        let clone = bucket.clone();
        assert!(bucket.take(5) && clone.take(5));
        assert!(!bucket.take(5));
        clone.give_back(5);
        assert!(bucket.take(5));
        bucket.give_back(100);
        assert!(bucket.take(10) && !bucket.take(1));
    }
}
