//! The adapters of the clock and of the generator of ids.

use chrono::{DateTime, SubsecRound, Utc};
use repower_ports::{Clock, IdGenerator};
use uuid::Uuid;

/// The clock of the operating system, in whole microseconds.
#[derive(Debug, Clone, Copy)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> DateTime<Utc> {
        #[expect(clippy::disallowed_methods, reason = "this is the Clock port's adapter")]
        Utc::now().trunc_subsecs(6)
    }
}

/// Generates UUIDs of version 7, ascending within this process.
#[derive(Debug, Clone, Copy)]
pub struct UuidGenerator;

impl IdGenerator for UuidGenerator {
    fn generate(&self) -> Uuid {
        #[expect(clippy::disallowed_methods, reason = "this is the IdGenerator port's adapter")]
        Uuid::now_v7()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_clock_returns_whole_microseconds() {
        assert_eq!(SystemClock.now().timestamp_subsec_nanos() % 1_000, 0);
    }

    #[test]
    fn ids_ascend() {
        let ids: Vec<_> = (0..1_000).map(|_| UuidGenerator.generate()).collect();
        assert!(ids.is_sorted());
        assert!(ids.iter().all(|id| id.get_version_num() == 7));
    }
}
