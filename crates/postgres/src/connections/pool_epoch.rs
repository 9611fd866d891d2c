use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use diesel::PgConnection;

use super::timeline::{OldPrimary, Timeline};

/// The least time between two epochs that rejected writes start: one second. A server
/// that goes on to accept no writes thus costs few new connections.
const REJECTION_INTERVAL: Duration = Duration::from_secs(1);

/// The time for which all waits for a connection have the error of the last attempt to connect:
/// two seconds, more than the pause to the pool's next attempt within the first seconds.
const ERROR_AGE: Duration = Duration::from_secs(2);

/// The number of the pool's current epoch. The pool discards sessions of an earlier one.
///
/// The loss of one session starts a new epoch, because most likely all others were lost with
/// it. Each of them would cost a failed request, or 1.5 seconds if the server is unreachable.
#[derive(Debug, Default)]
pub(crate) struct PoolEpoch {
    current: Mutex<Current>,
    timeline: Timeline,
    last_error: Mutex<Option<(Instant, Arc<str>)>>,
}

#[derive(Debug, Default)]
struct Current {
    number: u64,
    start: Option<Instant>,
}

impl Current {
    fn advance(&mut self) {
        *self = Self { number: self.number + 1, start: Some(Instant::now()) };
    }
}

impl PoolEpoch {
    /// The number of the epoch of a session, which must not be of an old primary. The first one
    /// of a newer timeline starts an epoch, as others may be of the old primary.
    ///
    /// # Errors
    ///
    /// [`OldPrimary`].
    pub(crate) fn of_session(&self, connection: &mut PgConnection) -> Result<u64, OldPrimary> {
        self.timeline.check(connection, |is_newer| {
            let mut current = self.current();
            if is_newer {
                current.advance();
            }
            current.number
        })
    }

    /// Remembers the error of an attempt to connect. The pool gives it to one waiter only.
    pub(super) fn set_last_error(&self, error: &str) {
        *self.last_error.lock().unwrap_or_else(PoisonError::into_inner) = Some((Instant::now(), error.into()));
    }

    /// The error of the last attempt to connect, if that was just now.
    pub(crate) fn last_error(&self) -> Option<Arc<str>> {
        let last = self.last_error.lock().unwrap_or_else(PoisonError::into_inner).clone();
        last.filter(|(at, _)| at.elapsed() < ERROR_AGE).map(|(_, error)| error)
    }

    /// The number of the current epoch.
    pub(crate) fn number(&self) -> u64 {
        self.current().number
    }

    /// Starts a new epoch because a session of this one was lost, unless it has ended already.
    pub(crate) fn advance_from(&self, number: u64) {
        let mut current = self.current();
        if current.number == number {
            current.advance();
        }
    }

    /// Starts a new epoch because a session accepts no writes, unless one began a moment ago.
    /// After a failover the others may be of the old primary as well.
    pub(crate) fn advance_after_rejection(&self) {
        let mut current = self.current();
        if current.start.is_none_or(|start| start.elapsed() > REJECTION_INTERVAL) {
            current.advance();
        }
    }

    fn current(&self) -> MutexGuard<'_, Current> {
        self.current.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_sessions_that_are_lost_at_once_start_one_epoch() {
        let epoch = PoolEpoch::default();
        let before = epoch.number();
        epoch.advance_from(before);
        epoch.advance_from(before);
        assert_eq!(epoch.number(), before + 1);
        epoch.advance_from(epoch.number());
        assert_eq!(epoch.number(), before + 2);
    }

    #[test]
    fn rejected_writes_start_one_epoch_in_a_while() {
        let epoch = PoolEpoch::default();
        epoch.advance_after_rejection();
        epoch.advance_after_rejection();
        assert_eq!(epoch.number(), 1);
    }
}
