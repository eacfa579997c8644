//! What retries share: the tokens they are paid with, and the pace of the adaptive mode.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use super::RetryMode;
use super::pace::Pace;
use crate::error::RetryAdvice;

/// What retries are paid from. Clones share it: a client and its clones do, and clients that are given the same one.
///
/// Where little is left, the service is in trouble: retries end, and first attempts go on. In the adaptive mode it holds
/// the pace of requests too.
///
/// While nothing succeeds, 500 tokens pay for 100 retries at 5 each, however long that takes: give slow clients of one service a
/// common budget, and together they send no more.
#[derive(Clone)]
pub struct RetryBudget(Arc<Shared>);

struct Shared {
    capacity: u32,
    tokens: Mutex<u32>,
    pace: Mutex<Pace>,
}

/// What an answer says of the load that the service bears.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Load {
    Served,
    Throttled,
}

impl Load {
    /// Returns what a failure says.
    pub(crate) fn of(advice: RetryAdvice) -> Self {
        match advice {
            RetryAdvice::Throttling => Self::Throttled,
            _ => Self::Served,
        }
    }
}

impl RetryBudget {
    /// Returns a full budget of this many tokens; [`RetryPolicy`](crate::RetryPolicy) says what a retry costs.
    pub fn new(capacity: u32) -> Self {
        Self(Arc::new(Shared {
            capacity,
            tokens: Mutex::new(capacity),
            pace: Mutex::default(),
        }))
    }

    /// Returns how many tokens are left.
    pub fn tokens(&self) -> u32 {
        *lock(&self.0.tokens)
    }

    /// Sets how many tokens are left, up to the capacity: to begin with few, or to begin again.
    pub fn set_tokens(&self, tokens: u32) {
        *lock(&self.0.tokens) = tokens.min(self.0.capacity);
    }

    /// Takes `cost` tokens, or none if there are too few.
    pub(crate) fn take(&self, cost: u32) -> bool {
        let mut tokens = lock(&self.0.tokens);
        let rest = tokens.checked_sub(cost);
        *tokens = rest.unwrap_or(*tokens);
        rest.is_some()
    }

    pub(crate) fn give_back(&self, count: u32) {
        let mut tokens = lock(&self.0.tokens);
        *tokens = tokens.saturating_add(count).min(self.0.capacity);
    }

    /// Takes the next turn, and returns how long it is until then.
    pub(crate) fn turn(&self) -> Duration {
        lock(&self.0.pace).turn(Instant::now())
    }

    /// Learns from an answer how fast requests may be sent, where that matters.
    pub(crate) fn note(&self, mode: RetryMode, load: Load) {
        if mode == RetryMode::Adaptive {
            lock(&self.0.pace).note(load, Instant::now());
        }
    }
}

impl fmt::Debug for RetryBudget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RetryBudget")
            .field("tokens", &self.tokens())
            .field("capacity", &self.0.capacity)
            .finish_non_exhaustive()
    }
}

/// The budgets of a client: its own region's, and one for each other region that calls have named.
#[derive(Debug)]
pub(crate) struct Budgets {
    home: RetryBudget,
    elsewhere: Mutex<BTreeMap<String, RetryBudget>>,
}

impl Budgets {
    pub(crate) fn new(home: RetryBudget) -> Self {
        Self {
            home,
            elsewhere: Mutex::default(),
        }
    }

    pub(crate) fn home(&self) -> RetryBudget {
        self.home.clone()
    }

    /// Returns the budget of a region; `None` is the client's own.
    pub(crate) fn of(&self, region: Option<&str>) -> RetryBudget {
        let Some(region) = region else {
            return self.home();
        };
        let mut elsewhere = lock(&self.elsewhere);
        if let Some(budget) = elsewhere.get(region) {
            return budget.clone();
        }
        let budget = RetryBudget::new(self.home.0.capacity);
        elsewhere.insert(region.to_owned(), budget.clone());
        budget
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_budget_stops_retries_until_something_succeeds() {
        let budget = RetryBudget::new(10);
        let clone = budget.clone();
        assert!(budget.take(5) && clone.take(5));
        assert!(!budget.take(5));
        clone.give_back(5);
        assert!(budget.take(5));
        budget.give_back(100);
        assert!(budget.take(10) && !budget.take(1));
    }

    #[test]
    fn regions_do_not_pay_for_each_other() {
        let budgets = Budgets::new(RetryBudget::new(5));
        assert!(budgets.of(Some("eu-west-1")).take(5));
        assert!(!budgets.of(Some("eu-west-1")).take(5));
        assert!(budgets.of(Some("eu-west-2")).take(5));
        assert_eq!(budgets.of(None).tokens(), 5);
    }
}
