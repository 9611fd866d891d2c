use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};

use repower_ports::operation::{PoolProbe, PoolState};

use crate::Database;

/// Counters of the waits for a pool connection.
#[derive(Debug, Default)]
pub(crate) struct PoolWaits {
    waiting: AtomicU32,
    timed_out: AtomicU64,
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

impl PoolProbe for Database {
    fn state(&self) -> PoolState {
        let (pool, waits) = (self.pool(), self.waits());
        let r2d2::State { connections, idle_connections: idle, .. } = pool.state();
        PoolState {
            max: pool.max_size(),
            idle,
            in_use: connections.saturating_sub(idle),
            waiting: waits.waiting.load(Ordering::Relaxed),
            timed_out: waits.timed_out.load(Ordering::Relaxed),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failed_wait_is_counted_as_timed_out_and_ends() {
        let database = Database::new("postgres://nobody@127.0.0.1:1/nowhere", 3);
        let waits = database.waits();
        let result = waits.count(|| Err::<(), _>(waits.waiting.load(Ordering::Relaxed)));
        assert_eq!((result, waits.count(|| Ok::<_, ()>(()))), (Err(1), Ok(())));
        assert_eq!(database.state(), PoolState { max: 3, idle: 0, in_use: 0, waiting: 0, timed_out: 1 });
    }
}
