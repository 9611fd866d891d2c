use std::{
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

/// The least time between two epochs that rejected writes start: one second. A server
/// that goes on to accept no writes thus costs few new connections.
const REJECTION_INTERVAL: Duration = Duration::from_secs(1);

/// The start of the pool's current epoch. The pool discards connections that
/// were last used in an earlier epoch.
///
/// The loss of one connection starts a new epoch, because most likely all others
/// were lost with it. Each of them would cost a failed request, or 1.5 seconds
/// if the server is unreachable.
#[derive(Debug, Default)]
pub(crate) struct PoolEpoch(Mutex<Option<Instant>>);

impl PoolEpoch {
    /// Starts a new epoch.
    pub(crate) fn advance(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now());
    }

    /// Starts a new epoch because a session accepts no writes, unless one began a moment ago.
    /// After a failover the others may be of the old primary as well.
    pub(crate) fn advance_after_rejection(&self) {
        let mut start = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if start.is_none_or(|start| start.elapsed() > REJECTION_INTERVAL) {
            *start = Some(Instant::now());
        }
    }

    /// Whether a connection's last use is in the current epoch.
    pub(crate) fn includes(&self, last_used: Instant) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).is_none_or(|start| last_used >= start)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_epoch_excludes_connections_used_before_it() {
        let epoch = PoolEpoch::default();
        let before = Instant::now();
        assert!(epoch.includes(before));
        epoch.advance();
        assert!(!epoch.includes(before));
        assert!(epoch.includes(Instant::now()));
    }

    #[test]
    fn rejected_writes_start_one_epoch_in_a_while() {
        let epoch = PoolEpoch::default();
        let before = Instant::now();
        epoch.advance_after_rejection();
        assert!(!epoch.includes(before));
        let later = Instant::now();
        epoch.advance_after_rejection();
        assert!(epoch.includes(later));
    }
}
