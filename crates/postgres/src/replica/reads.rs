use std::{
    io,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use repower_ports::{deadline::Deadline, operation::ReplicaState};

use super::{
    freshness::Freshness,
    server::WatchedServer,
    workers::{Answer, Workers},
};
use crate::{actors::Source, error::Failure, transactions};

/// The time that is left to the primary after the replica, at least: 400 milliseconds.
const TIME_OF_PRIMARY: Duration = Duration::from_millis(400);

/// How long a read takes at most.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ReadKind {
    /// A page or a row that an index leads to.
    Usual,
    /// A read that may take up to the time limit of a search.
    Search,
}

impl ReadKind {
    /// The time in which the replica answers. A search has 500 milliseconds, is cancelled after
    /// 600, and waits for a session for 50 before.
    const fn time_of_replica(self) -> Duration {
        match self {
            Self::Usual => Duration::from_millis(250),
            Self::Search => Duration::from_millis(700),
        }
    }
}

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
    /// the replica failed, or could leave the primary too little time before the deadline of
    /// this thread's work, or `serves` is not true of its result.
    pub(crate) fn read<T, R>(&self, kind: ReadKind, read: &Arc<R>, serves: impl FnOnce(&T) -> bool) -> Option<T>
    where
        T: Send + 'static,
        R: Fn(&D) -> Result<T, Failure> + Send + Sync + 'static,
    {
        let found = self.try_read(kind, read).filter(serves);
        let count = if found.is_some() { &self.served } else { &self.fallen_back };
        count.fetch_add(1, Ordering::Relaxed);
        found
    }

    fn try_read<T, R>(&self, kind: ReadKind, read: &Arc<R>) -> Option<T>
    where
        T: Send + 'static,
        R: Fn(&D) -> Result<T, Failure> + Send + Sync + 'static,
    {
        let time = kind.time_of_replica();
        let is_in_time = Deadline::leaves(time + TIME_OF_PRIMARY);
        if transactions::is_any_open() || !is_in_time || !self.freshness().is_usable(Instant::now()) {
            return None;
        }
        let (database, read) = (self.database.clone(), Arc::clone(read));
        match self.workers.run(time, move || read(&database)) {
            Answer::Done(Ok(found)) => Some(found),
            // Also one that a time limit ended: with a cold cache, or a lock that the replica
            // replays, it takes longer there.
            Answer::Done(Err(failure)) => {
                if failure.is_connection_lost() {
                    self.freshness().suspend();
                }
                tracing::debug!(?failure, "the primary reads in place of the replica");
                None
            }
            // A search may be slow; the usual reads notice a replica that hangs.
            Answer::Late if kind == ReadKind::Usual => {
                self.freshness().suspend();
                None
            }
            Answer::Busy | Answer::Late => None,
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

#[cfg(test)]
mod tests {
    use diesel::result::{DatabaseErrorKind, Error};

    use super::*;
    use crate::Database;

    /// A replica with a pool that no read uses, whose data is fresh for an hour.
    fn fresh() -> Replica<()> {
        let source = Database::new("postgres://repower@127.0.0.1:1/none", 1).source();
        let replica = Replica::new((), source, Arc::default(), 2, Duration::from_hours(1));
        replica.start_workers().unwrap();
        replica.freshness().extend(1, Instant::now(), 1);
        assert!(is_usable(&replica));
        replica
    }

    fn is_usable(replica: &Replica<()>) -> bool {
        replica.state().is_usable
    }

    fn error(kind: DatabaseErrorKind, message: &str) -> Failure {
        Failure::Statement(Error::DatabaseError(kind, Box::new(message.to_owned())))
    }

    /// Runs a read that fails; returns whether the primary is to run it.
    fn fail(replica: &Replica<()>, failure: fn() -> Failure) -> bool {
        replica.read(ReadKind::Search, &Arc::new(move |&(): &()| Err::<(), _>(failure())), |()| true).is_none()
    }

    #[test]
    fn the_primary_runs_a_read_that_fails_and_a_lost_connection_alone_ends_the_use() {
        let replica = fresh();
        let timed_out = || error(DatabaseErrorKind::Unknown, "canceling statement due to statement timeout");
        let conflict =
            || error(DatabaseErrorKind::SerializationFailure, "canceling statement due to conflict with recovery");
        let without_session = || {
            let away = Database::new("postgres://repower@127.0.0.1:1/none", 1);
            let failure = away.read(|_| Ok(())).unwrap_err();
            assert!(matches!(failure, Failure::NoConnection(_)));
            failure
        };
        for failure in [timed_out, conflict, without_session] {
            assert!(fail(&replica, failure) && is_usable(&replica));
        }
        assert!(fail(&replica, || error(DatabaseErrorKind::ClosedConnection, "it is lost")) && !is_usable(&replica));
        assert_eq!((replica.state().served, replica.state().fallen_back), (0, 4));
    }

    #[test]
    fn a_usual_read_notices_a_replica_that_hangs_and_a_search_may_be_slow() {
        let replica = fresh();
        for (kind, is_used_on) in [(ReadKind::Search, true), (ReadKind::Usual, false)] {
            let (release, ending) = std::sync::mpsc::channel::<()>();
            let ending = Mutex::new(ending);
            let hang = move |&(): &()| {
                // It ends with the test.
                let _ = ending.lock().unwrap().recv();
                Ok(())
            };
            assert!(replica.read(kind, &Arc::new(hang), |()| true).is_none());
            assert_eq!(is_usable(&replica), is_used_on, "{kind:?}");
            drop(release);
        }
    }

    #[test]
    fn a_read_goes_to_the_primary_where_the_replica_could_leave_it_too_little_time() {
        let replica = fresh();
        let read = Arc::new(|&(): &()| Ok(()));
        for (kind, too_short, enough) in [(ReadKind::Usual, 600, 30_000), (ReadKind::Search, 1_050, 30_000)] {
            let is_read = |left| {
                let deadline = Deadline::at(Instant::now() + Duration::from_millis(left));
                deadline.run(|| replica.read(kind, &read, |()| true)).is_some()
            };
            assert!(!is_read(too_short) && is_read(enough), "{kind:?}");
        }
        assert!(replica.read(ReadKind::Search, &read, |()| true).is_some(), "there is no deadline");
    }
}
