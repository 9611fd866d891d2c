use std::{
    sync::{Mutex, PoisonError},
    time::Instant,
};

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
}
