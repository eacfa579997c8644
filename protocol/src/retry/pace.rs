//! The pace of requests in the adaptive mode: it falls when the service throttles, and rises again along a cubic curve.
//!
//! The constants, and when the rate is measured, are those that AWS SDKs share.

use std::time::Duration;

use tokio::time::Instant;

use super::budget::Load;

/// The slowest pace, in requests per second.
const MIN_RATE: f64 = 0.5;
/// The least that the bucket holds, in requests.
const MIN_CAPACITY: f64 = 1.0;
/// What remains of the rate after throttling.
const BETA: f64 = 0.7;
/// How steep the curve is.
const SCALE: f64 = 0.4;
/// How much the latest measurement counts.
const SMOOTH: f64 = 0.8;
/// How often the rate is measured, per second.
const MEASUREMENTS: f64 = 2.0;

/// How fast requests may be sent, learned from answers. There is no limit before the first throttled answer.
#[derive(Clone, Debug, Default)]
pub(super) struct Pace {
    /// When it began to learn; times are seconds since then.
    start: Option<Instant>,
    measured: Measured,
    limit: Option<Limit>,
}

/// How many answers came per second.
#[derive(Clone, Copy, Debug, Default)]
struct Measured {
    rate: f64,
    count: f64,
    since: f64,
}

/// A bucket that fills at a rate, and the curve that the rate follows.
#[derive(Clone, Copy, Debug)]
struct Limit {
    rate: f64,
    capacity: f64,
    /// How many requests may be sent at once; below zero, that many wait already.
    available: f64,
    filled: f64,
    curve: Curve,
}

/// The cubic curve: back at the rate that was throttled after some seconds, slowly around it, and faster beyond.
#[derive(Clone, Copy, Debug)]
struct Curve {
    max_rate: f64,
    throttled: f64,
}

impl Curve {
    fn rate(self, now: f64) -> f64 {
        let window = (self.max_rate * (1.0 - BETA) / SCALE).cbrt();
        SCALE * (now - self.throttled - window).powi(3) + self.max_rate
    }
}

impl Pace {
    /// Takes the next turn, and returns how long it is until then.
    pub(super) fn turn(&mut self, now: Instant) -> Duration {
        let now = self.seconds(now);
        let Some(limit) = &mut self.limit else {
            return Duration::ZERO;
        };
        limit.fill(now);
        limit.available -= 1.0;
        Duration::from_secs_f64((-limit.available / limit.rate).max(0.0))
    }

    /// Learns from an answer.
    pub(super) fn note(&mut self, load: Load, now: Instant) {
        let now = self.seconds(now);
        self.measured.count(now);
        let measured = self.measured.rate;
        match (load, &mut self.limit) {
            (Load::Throttled, limit) => {
                let max_rate = limit.map_or(measured, |limit| limit.rate.min(measured));
                let curve = Curve {
                    max_rate,
                    throttled: now,
                };
                let limit = limit.get_or_insert(Limit {
                    rate: MIN_RATE,
                    capacity: 0.0,
                    available: 0.0,
                    filled: now,
                    curve,
                });
                limit.curve = curve;
                limit.set_rate((max_rate * BETA).min(2.0 * measured), now);
            }
            (Load::Served, Some(limit)) => limit.set_rate(limit.curve.rate(now).min(2.0 * measured), now),
            (Load::Served, None) => {}
        }
    }

    fn seconds(&mut self, now: Instant) -> f64 {
        let start = *self.start.get_or_insert(now);
        now.duration_since(start).as_secs_f64()
    }
}

impl Measured {
    fn count(&mut self, now: f64) {
        self.count += 1.0;
        let period = (now * MEASUREMENTS).floor() / MEASUREMENTS;
        if period > self.since {
            let current = self.count / (period - self.since);
            self.rate = current * SMOOTH + self.rate * (1.0 - SMOOTH);
            self.count = 0.0;
            self.since = period;
        }
    }
}

impl Limit {
    fn fill(&mut self, now: f64) {
        self.available = (self.available + (now - self.filled) * self.rate).min(self.capacity);
        self.filled = now;
    }

    fn set_rate(&mut self, rate: f64, now: f64) {
        self.fill(now);
        self.rate = rate.max(MIN_RATE);
        self.capacity = rate.max(MIN_CAPACITY);
        self.available = self.available.min(self.capacity);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_curve_is_that_of_other_sdks() {
        let curve = Curve {
            max_rate: 10.0,
            throttled: 5.0,
        };
        let rates = [
            (5.0, 7.0),
            (6.0, 9.648_936_009),
            (7.0, 10.000_030_849),
            (8.0, 10.453_284_520),
            (9.0, 13.408_697_022),
        ];
        for (time, rate) in rates {
            assert!(
                (curve.rate(time) - rate).abs() < 1e-6,
                "{time}: {}",
                curve.rate(time)
            );
        }
    }

    /// Sends requests for a minute to a service that serves `limit` in each second; returns how many it served and throttled.
    fn send_for_a_minute(limit: u32) -> (u32, u32) {
        let start = Instant::now();
        let mut pace = Pace::default();
        let mut now = Duration::ZERO;
        let (mut served, mut throttled) = (0, 0);
        let mut this_second = (0, 0);
        while now < Duration::from_secs(60) {
            // The caller sends fifty per second, unless it has to wait.
            now += pace.turn(start + now).max(Duration::from_millis(20));
            if this_second.0 != now.as_secs() {
                this_second = (now.as_secs(), 0);
            }
            this_second.1 += 1;
            let (load, count) = match this_second.1 > limit {
                true => (Load::Throttled, &mut throttled),
                false => (Load::Served, &mut served),
            };
            *count += 1;
            pace.note(load, start + now);
        }
        (served, throttled)
    }

    #[test]
    fn requests_slow_down_to_what_the_service_serves() {
        // Without a pace 2,400 of 3,000 requests would be throttled.
        let (served, throttled) = send_for_a_minute(10);
        assert!(throttled < 60, "{throttled} throttled");
        assert!(served > 300, "{served} served");
    }

    #[test]
    fn nothing_waits_before_the_service_throttles() {
        let mut pace = Pace::default();
        let start = Instant::now();
        for _ in 0..1000 {
            assert_eq!(pace.turn(start), Duration::ZERO);
            pace.note(Load::Served, start);
        }
    }

    #[test]
    fn a_throttled_client_still_sends_one_request_in_two_seconds() {
        let mut pace = Pace::default();
        let start = Instant::now();
        for _ in 0..20 {
            pace.note(Load::Throttled, start);
        }
        assert!(pace.turn(start) <= Duration::from_secs(2));
    }
}
