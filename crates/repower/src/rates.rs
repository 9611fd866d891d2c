//! The adapter that counts by the minute, in memory.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use chrono::{DateTime, Utc};
use repower_domain::accounts::{Limit, Rate};
use repower_ports::accounts::{RateCounter, Throttled};

/// The most windows at once, some 10 MiB. Beyond it, others are not counted: more users
/// than that are not one client.
const MAX_WINDOWS: usize = 100_000;

/// Counts in memory, each instance for itself. A window takes no more than it is asked
/// for, and is forgotten within two of its lengths.
#[derive(Debug, Default)]
pub(crate) struct MemoryRates(Mutex<Windows>);

#[derive(Debug, Default)]
struct Windows {
    open: HashMap<Rate, Window>,
    sweep_at: DateTime<Utc>,
}

#[derive(Debug)]
struct Window {
    attempts: u32,
    ends_at: DateTime<Utc>,
}

impl RateCounter for MemoryRates {
    fn count(&self, rate: Rate, limit: Limit, now: DateTime<Utc>) -> Result<(), Throttled> {
        let mut windows = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        windows.count(rate, limit, now)
    }
}

impl Windows {
    fn count(&mut self, rate: Rate, limit: Limit, now: DateTime<Utc>) -> Result<(), Throttled> {
        if now >= self.sweep_at {
            self.open.retain(|_, window| window.ends_at > now);
            self.sweep_at = now + limit.window;
        }
        if self.open.len() >= MAX_WINDOWS && !self.open.contains_key(&rate) {
            return Ok(());
        }
        let new = || Window { attempts: 0, ends_at: now + limit.window };
        let window = self.open.entry(rate).or_insert_with(new);
        if window.ends_at <= now {
            *window = new();
        }
        if window.attempts >= limit.attempts {
            return Err(Throttled { until: window.ends_at });
        }
        window.attempts += 1;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::thread;

    use chrono::TimeDelta;
    use uuid::Uuid;

    use super::*;

    const LIMIT: Limit = Limit { attempts: 3, window: TimeDelta::minutes(1) };

    fn at(second: i64) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + TimeDelta::seconds(second)
    }

    fn writes(user: u128) -> Rate {
        Rate::Writes(Uuid::from_u128(user).into())
    }

    #[test]
    fn a_window_begins_with_the_first_attempt_and_ends_after_its_length() {
        let rates = MemoryRates::default();
        for second in [7, 30, 66] {
            assert_eq!(rates.count(writes(1), LIMIT, at(second)), Ok(()));
        }
        for second in [7, 66] {
            assert_eq!(rates.count(writes(1), LIMIT, at(second)), Err(Throttled { until: at(67) }));
        }
        assert_eq!(rates.count(writes(2), LIMIT, at(66)), Ok(()));
        assert_eq!(rates.count(writes(1), LIMIT, at(67)), Ok(()));
    }

    #[test]
    fn the_messages_of_each_thread_are_counted_for_themselves() {
        let rates = MemoryRates::default();
        let id = Uuid::from_u128;
        let about =
            |job: Option<u128>| Rate::Messages(id(1).into(), id(2).into(), id(3).into(), job.map(|job| id(job).into()));
        for rate in [about(None), about(Some(1)), about(Some(2)), writes(1)] {
            for _ in 0..3 {
                assert_eq!(rates.count(rate, LIMIT, at(0)), Ok(()));
            }
            assert!(rates.count(rate, LIMIT, at(0)).is_err());
        }
    }

    #[test]
    fn concurrent_attempts_never_exceed_the_limit() {
        let rates = MemoryRates::default();
        let count = || (0..10).filter(|_| rates.count(writes(1), LIMIT, at(0)).is_ok()).count();
        let counted: usize = thread::scope(|scope| {
            let running: Vec<_> = (0..8).map(|_| scope.spawn(count)).collect();
            running.into_iter().map(|thread| thread.join().unwrap()).sum()
        });
        assert_eq!(counted, 3);
    }

    #[test]
    fn windows_are_forgotten_when_they_have_ended_and_never_more_than_the_maximum() {
        let rates = MemoryRates::default();
        let open = || rates.0.lock().unwrap().open.len();
        let users = u128::try_from(MAX_WINDOWS).unwrap() + 9;
        for user in 0..users {
            assert_eq!(rates.count(writes(user), LIMIT, at(0)), Ok(()));
        }
        assert_eq!(open(), MAX_WINDOWS);
        assert_eq!(rates.count(writes(0), LIMIT, at(60)), Ok(()));
        assert_eq!(open(), 1);
    }
}
