use std::{
    sync::{Arc, atomic::AtomicUsize},
    time::{Duration, Instant},
};

use diesel::{Connection, PgConnection, QueryResult};
use r2d2::Pool;
use repower_ports::RepositoryError;

use crate::{
    connections::{self, Connector, Setup, Trust},
    error::Failure,
};

/// How long a request waits for a connection of the pool.
const PATIENCE: Duration = Duration::from_millis(500);

/// A read whose connection turned out dead is repeated within this time, so
/// that an unreachable server does not hold a request up twice.
const REPEAT_WITHIN: Duration = Duration::from_millis(500);

/// The database: a pool of connections that is there at once, whatever state
/// the database is in, and finds it again by itself after an outage.
///
/// A clone is another handle of the same pool.
#[derive(Clone)]
pub struct Database {
    pool: Pool<Connector>,
    trust: Arc<Trust>,
    url: Arc<str>,
    questions: Arc<AtomicUsize>,
}

impl Database {
    /// A pool of at most `pool_size` connections (at least one) to the database
    /// at a `postgres://` URL or libpq's `key=value` pairs. Does not connect yet,
    /// and so does not fail.
    ///
    /// A URL without them gets limits for connecting and for a peer that does
    /// not answer; each connection ends statements after two seconds.
    pub fn new(url: &str, pool_size: u32) -> Self {
        Self::open(url, pool_size, None)
    }

    /// As [`Self::new`]; each new connection begins with `setup`. Made for tests,
    /// which count statements, or open a transaction that never commits.
    pub fn with_setup(url: &str, pool_size: u32, setup: Arc<Setup>) -> Self {
        Self::open(url, pool_size, Some(setup))
    }

    fn open(url: &str, pool_size: u32, setup: Option<Arc<Setup>>) -> Self {
        let url: Arc<str> = connections::with_limits(url).into();
        let trust = Arc::<Trust>::default();
        let pool = connections::pool(Arc::clone(&url), pool_size, setup, Arc::clone(&trust));
        Self { pool, trust, url, questions: Arc::default() }
    }

    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// How many questions of the readiness probe are under way.
    pub(crate) fn questions(&self) -> Arc<AtomicUsize> {
        Arc::clone(&self.questions)
    }

    /// Carries out statements of the caller's own on a connection of the pool.
    pub fn with_connection<T>(
        &self,
        work: impl FnOnce(&mut PgConnection) -> QueryResult<T>,
    ) -> Result<T, RepositoryError> {
        Ok(self.run(work)?)
    }

    /// Reads. Repeated once when the connection turned out dead.
    pub(crate) fn read<T>(&self, query: impl Fn(&mut PgConnection) -> QueryResult<T>) -> Result<T, Failure> {
        let started = Instant::now();
        match self.run(&query) {
            Err(failure) if failure.is_connection_lost() && started.elapsed() < REPEAT_WITHIN => self.run(&query),
            outcome => outcome,
        }
    }

    /// Writes, in one transaction. Repeated once when the connection turned out
    /// dead before anything was written.
    pub(crate) fn write<T>(&self, change: impl Fn(&mut PgConnection) -> QueryResult<T>) -> Result<T, Failure> {
        let started = Instant::now();
        let mut has_begun = false;
        let attempt = |has_begun: &mut bool| {
            self.run(|connection| {
                connection.transaction(|connection| {
                    *has_begun = true;
                    change(connection)
                })
            })
        };
        match attempt(&mut has_begun) {
            Err(failure) if failure.is_connection_lost() && !has_begun && started.elapsed() < REPEAT_WITHIN => {
                attempt(&mut has_begun)
            }
            outcome => outcome,
        }
    }

    fn run<T>(&self, work: impl FnOnce(&mut PgConnection) -> QueryResult<T>) -> Result<T, Failure> {
        let mut session = self.pool.get_timeout(PATIENCE).map_err(Failure::NoConnection)?;
        let outcome = work(&mut session.connection).map_err(Failure::Statement);
        if outcome.as_ref().is_err_and(Failure::is_connection_lost) {
            session.lost();
            self.trust.withdraw();
        } else {
            session.answered();
        }
        outcome
    }
}
