//! The retry policy: when to send a request again, and after how long.

mod budget;
mod classify;
mod pace;

use std::time::Duration;

use http::HeaderMap;

use crate::error::RetryAdvice;

pub use budget::RetryBudget;
pub(crate) use budget::{Budgets, Load};
pub(crate) use classify::Classifier;
pub use classify::FailedAttempt;

/// When to send a request again, and after how long.
///
/// The constants are those that AWS SDKs share and publish. They stand together here, so that a newer published set is a new
/// constructor and not a change under existing users.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct RetryPolicy {
    /// Whether requests are slowed down as well. Default: they are not.
    pub mode: RetryMode,
    /// How many times a request is sent at most. Default: 3.
    pub max_attempts: u32,
    /// What the token bucket of a client holds when full. Default: 500.
    pub bucket_capacity: u32,
    /// What a retry takes from the bucket. Default: 5.
    pub retry_cost: u32,
    /// What a retry after throttling takes from the bucket. Default: 5.
    pub throttling_cost: u32,
    /// What a retry after a timeout takes from the bucket. Default: 10.
    pub timeout_cost: u32,
    /// What a success at the first attempt gives back. A success after retries gives back what the last retry took. Default: 1.
    pub success_refund: u32,
    /// What the pause after the first attempt is drawn from; it doubles with each attempt. Default: 1 s.
    pub backoff: Duration,
    /// The same after throttling. Default: 1 s.
    pub throttling_backoff: Duration,
    /// The longest pause between two attempts that the client chooses itself. Default: 20 s.
    pub max_backoff: Duration,
    /// The longest pause that the service may ask for with `x-amz-retry-after`. Default: 5 minutes.
    pub max_retry_after: Duration,
}

impl RetryPolicy {
    /// Returns the standard mode.
    pub const fn standard() -> Self {
        Self {
            mode: RetryMode::Standard,
            max_attempts: 3,
            bucket_capacity: 500,
            retry_cost: 5,
            throttling_cost: 5,
            timeout_cost: 10,
            success_refund: 1,
            backoff: Duration::from_secs(1),
            throttling_backoff: Duration::from_secs(1),
            max_backoff: Duration::from_secs(20),
            max_retry_after: Duration::from_secs(300),
        }
    }

    /// Returns the standard mode with the second published set of constants: shorter pauses unless the service throttles, and retries
    /// that cost more of the bucket.
    pub const fn standard_v2() -> Self {
        Self {
            retry_cost: 14,
            timeout_cost: 14,
            backoff: Duration::from_millis(50),
            ..Self::standard()
        }
    }

    /// Returns the adaptive mode: the standard one, and requests wait for their turn once the service has throttled any.
    ///
    /// The pace is shared as the budget is; it falls with each throttled answer and rises again with others. It suits
    /// clients that work on one resource, for a throttled resource slows the others down as well.
    pub const fn adaptive() -> Self {
        Self {
            mode: RetryMode::Adaptive,
            ..Self::standard()
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
            RetryAdvice::Throttling => self.throttling_cost,
            _ => self.retry_cost,
        }
    }

    /// Returns the pause before attempt `attempt + 1`: `jitter * min(max_backoff, backoff * 2^n)`, or what the service asks for.
    ///
    /// `jitter` is at least 0 and below 1.
    pub(crate) fn pause(
        &self,
        attempt: u32,
        advice: RetryAdvice,
        headers: &HeaderMap,
        jitter: f64,
    ) -> Duration {
        if let Some(pause) = retry_after(headers) {
            return pause.min(self.max_retry_after);
        }
        let exponent = attempt.saturating_sub(1).min(30);
        let base = match advice {
            RetryAdvice::Throttling => self.throttling_backoff,
            _ => self.backoff,
        };
        let backoff = base.saturating_mul(1 << exponent).min(self.max_backoff);
        backoff.mul_f64(jitter.clamp(0.0, 1.0))
    }
}

/// Whether requests are slowed down where the service throttles.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum RetryMode {
    /// Only retries wait.
    #[default]
    Standard,
    /// First attempts wait for their turn as well: see [`RetryPolicy::adaptive`].
    Adaptive,
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_the_limit() {
        let policy = RetryPolicy::standard();
        let pause = |attempt| {
            policy
                .pause(attempt, RetryAdvice::Transient, &HeaderMap::new(), 1.0)
                .as_secs()
        };
        assert_eq!([1, 2, 3, 4, 5, 6, 99].map(pause), [1, 2, 4, 8, 16, 20, 20]);
        let half = policy.pause(3, RetryAdvice::Transient, &HeaderMap::new(), 0.5);
        assert_eq!(half, Duration::from_secs(2));
    }

    #[test]
    fn the_service_may_ask_for_a_pause_within_bounds() {
        let policy = RetryPolicy::standard();
        let pause = |text: &str| {
            let mut headers = HeaderMap::new();
            headers.insert("x-amz-retry-after", text.parse().expect("a value"));
            policy.pause(1, RetryAdvice::Throttling, &headers, 0.5)
        };
        assert_eq!(pause("1500"), Duration::from_millis(1500));
        assert_eq!(pause("999999999"), Duration::from_secs(300));
        assert_eq!(pause("soon"), Duration::from_millis(500));
    }
}
