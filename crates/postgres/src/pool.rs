use std::sync::atomic::Ordering;

use repower_ports::operation::{PoolProbe, PoolState};

use crate::Database;

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
