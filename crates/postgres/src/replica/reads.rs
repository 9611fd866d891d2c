use std::{
    io,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use repower_ports::operation::ReplicaState;

use super::{
    freshness::Freshness,
    server::WatchedServer,
    workers::{Answer, Workers},
};
use crate::{actors::Source, error::Failure, transactions};

/// A standby, with a pool `D` of its own.
pub(crate) struct Replica<D> {
    /// All its sessions are of the watched server.
    database: D,
    pub(super) source: Source,
    pub(super) server: Arc<WatchedServer>,
    pool_size: u32,
    freshness: Mutex<Freshness>,
    workers: Workers,
    /// Public reads by the replica, and by the primary in its place.
    served: AtomicU64,
    fallen_back: AtomicU64,
}

impl<D: Clone + Send + 'static> Replica<D> {
    /// A replica that is not watched yet, and so not used.
    pub(crate) fn new(
        database: D,
        source: Source,
        server: Arc<WatchedServer>,
        pool_size: u32,
        max_lag: Duration,
    ) -> Self {
        Self {
            database,
            source,
            server,
            pool_size,
            freshness: Mutex::new(Freshness::new(max_lag, Instant::now())),
            workers: Workers::new(),
            served: AtomicU64::default(),
            fallen_back: AtomicU64::default(),
        }
    }

    /// Starts a thread for each session of the pool.
    ///
    /// # Errors
    ///
    /// The system has no thread.
    pub(crate) fn start_workers(&self) -> io::Result<()> {
        self.workers.start(self.pool_size)
    }

    /// Keeps reads off the replica until it has all that was committed before this moment.
    pub(crate) fn note_change(&self) {
        self.freshness().change(Instant::now());
    }

    /// Runs a read on the replica; `None` if the primary is to run it: the data is not fresh,
    /// the replica failed, or `serves` is not true of its result.
    pub(crate) fn read<T, R>(&self, read: &Arc<R>, serves: impl FnOnce(&T) -> bool) -> Option<Result<T, Failure>>
    where
        T: Send + 'static,
        R: Fn(&D) -> Result<T, Failure> + Send + Sync + 'static,
    {
        let outcome = self.try_read(read).filter(|outcome| outcome.as_ref().map_or(true, serves));
        let count = if outcome.is_some() { &self.served } else { &self.fallen_back };
        count.fetch_add(1, Ordering::Relaxed);
        outcome
    }

    fn try_read<T, R>(&self, read: &Arc<R>) -> Option<Result<T, Failure>>
    where
        T: Send + 'static,
        R: Fn(&D) -> Result<T, Failure> + Send + Sync + 'static,
    {
        if transactions::is_any_open() || !self.freshness().is_usable(Instant::now()) {
            return None;
        }
        let (database, read) = (self.database.clone(), Arc::clone(read));
        match self.workers.run(move || read(&database)) {
            Answer::Done(Ok(found)) => Some(Ok(found)),
            // It would take as long at the primary.
            Answer::Done(Err(failure)) if failure.is_timed_out() => Some(Err(failure)),
            Answer::Done(Err(failure)) => {
                if failure.is_without_session() {
                    self.freshness().suspend();
                }
                tracing::debug!(?failure, "the primary reads in place of the replica");
                None
            }
            Answer::Busy => None,
            Answer::Late => {
                self.freshness().suspend();
                None
            }
        }
    }

    /// The state at this moment.
    pub(crate) fn state(&self) -> ReplicaState {
        let (freshness, now) = (self.freshness(), Instant::now());
        ReplicaState {
            is_usable: freshness.is_usable(now),
            lag: freshness.lag(now),
            served: self.served.load(Ordering::Relaxed),
            fallen_back: self.fallen_back.load(Ordering::Relaxed),
        }
    }
}

impl<D> Replica<D> {
    pub(super) fn freshness(&self) -> MutexGuard<'_, Freshness> {
        self.freshness.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
