use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};

use repower_ports::operation::{PoolProbe, PoolState};

use crate::Database;

/// Who waits for a connection, and who did so in vain.
#[derive(Debug, Default)]
pub(crate) struct Demand {
    waiting: AtomicU32,
    refused: AtomicU64,
}

impl Demand {
    /// Counts whoever asks for a connection as waiting until `get` is done.
    pub(crate) fn count<T, E>(&self, get: impl FnOnce() -> Result<T, E>) -> Result<T, E> {
        self.waiting.fetch_add(1, Ordering::Relaxed);
        let got = get();
        self.waiting.fetch_sub(1, Ordering::Relaxed);
        if got.is_err() {
            self.refused.fetch_add(1, Ordering::Relaxed);
        }
        got
    }
}

impl PoolProbe for Database {
    fn state(&self) -> PoolState {
        let (pool, demand) = (self.pool(), self.demand());
        let r2d2::State { connections, idle_connections: idle, .. } = pool.state();
        PoolState {
            max: pool.max_size(),
            idle,
            in_use: connections.saturating_sub(idle),
            waiting: demand.waiting.load(Ordering::Relaxed),
            refused: demand.refused.load(Ordering::Relaxed),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_gets_nothing_is_counted_as_refused_and_waits_no_longer() {
        let database = Database::new("postgres://nobody@127.0.0.1:1/nowhere", 3);
        let demand = database.demand();
        let answer = demand.count(|| Err::<(), _>(demand.waiting.load(Ordering::Relaxed)));
        assert_eq!((answer, demand.count(|| Ok::<_, ()>(()))), (Err(1), Ok(())));
        assert_eq!(database.state(), PoolState { max: 3, idle: 0, in_use: 0, waiting: 0, refused: 1 });
    }
}
