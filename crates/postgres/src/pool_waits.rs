use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};

/// Counters of the waits for a pool connection.
#[derive(Debug, Default)]
pub(crate) struct PoolWaits {
    pub(crate) waiting: AtomicU32,
    pub(crate) timed_out: AtomicU64,
}

impl PoolWaits {
    /// Counts the caller as waiting until `get` returns, and an error of `get` as
    /// a timeout.
    pub(crate) fn count<T, E>(&self, get: impl FnOnce() -> Result<T, E>) -> Result<T, E> {
        self.waiting.fetch_add(1, Ordering::Relaxed);
        let got = get();
        self.waiting.fetch_sub(1, Ordering::Relaxed);
        if got.is_err() {
            self.timed_out.fetch_add(1, Ordering::Relaxed);
        }
        got
    }
}
