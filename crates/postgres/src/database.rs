use std::{
    sync::{Arc, atomic::AtomicUsize},
    time::{Duration, Instant},
};

use diesel::{
    Connection, PgConnection, QueryResult,
    connection::{CacheSize, SimpleConnection},
    result::Error,
};
use r2d2::{Pool, PooledConnection};
use repower_ports::{RepositoryError, task};

use crate::{
    connections::{self, Connector, Session, Setup, Trust},
    error::Failure,
    pool::Demand,
    transactions::{self, Transaction},
};

/// How long a request waits for a connection of the pool.
const PATIENCE: Duration = Duration::from_millis(500);

/// A read whose connection turned out dead is repeated within this time, so
/// that an unreachable server does not hold a request up twice.
const REPEAT_WITHIN: Duration = Duration::from_millis(500);

/// A plan for the values at hand, for one process: starting others costs more
/// than a page does.
const PLAN_FOR_VALUES: &str =
    "SET LOCAL plan_cache_mode = force_custom_plan; SET LOCAL max_parallel_workers_per_gather = 0";

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
    demand: Arc<Demand>,
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

    /// As [`Self::new`], through a pooler that lends a connection for the length of
    /// a transaction only: statements are not prepared, as the next one may meet
    /// another connection. Migrations go to the database at `direct`, as their
    /// lock goes with the session.
    pub fn behind_pooler(url: &str, direct: &str, pool_size: u32) -> Self {
        let unprepared = |connection: &mut PgConnection| {
            connection.set_prepared_statement_cache_size(CacheSize::Disabled);
            Ok(())
        };
        let pooled = Self::open(url, pool_size, Some(Arc::new(unprepared)));
        Self { url: connections::with_limits(direct).into(), ..pooled }
    }

    fn open(url: &str, pool_size: u32, setup: Option<Arc<Setup>>) -> Self {
        let url: Arc<str> = connections::with_limits(url).into();
        let trust = Arc::<Trust>::default();
        let pool = connections::pool(Arc::clone(&url), pool_size, setup, Arc::clone(&trust));
        Self { pool, trust, url, questions: Arc::default(), demand: Arc::default() }
    }

    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// How far its connections are believed to live; also what tells it from
    /// other databases.
    pub(crate) const fn trust(&self) -> &Arc<Trust> {
        &self.trust
    }

    pub(crate) const fn pool(&self) -> &Pool<Connector> {
        &self.pool
    }

    /// Who waits for a connection of the pool.
    pub(crate) fn demand(&self) -> &Demand {
        &self.demand
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

    /// Opens a transaction that all else this thread asks of the database takes
    /// part in. Repeated once when the connection turned out dead.
    pub(crate) fn begin(&self) -> Result<Transaction, Failure> {
        if transactions::is_any_open() {
            return Err(Failure::Nested);
        }
        let started = Instant::now();
        let attempt = || Transaction::begin(self, self.session()?);
        match attempt() {
            Err(failure) if failure.is_connection_lost() && started.elapsed() < REPEAT_WITHIN => attempt(),
            outcome => outcome,
        }
    }

    /// Reads. Repeated once when the connection turned out dead, unless a
    /// transaction that is open went with it.
    pub(crate) fn read<T>(&self, query: impl Fn(&mut PgConnection) -> QueryResult<T>) -> Result<T, Failure> {
        let started = Instant::now();
        let is_alone = transactions::open(&self.trust).is_none();
        match self.run(&query) {
            Err(failure) if is_alone && failure.is_connection_lost() && started.elapsed() < REPEAT_WITHIN => {
                self.run(&query)
            }
            outcome => outcome,
        }
    }

    /// Reads with a plan for the values at hand. Made for texts and bounds, of
    /// which some find nearly all rows and some hardly any: no plan is good for
    /// both. The setting ends with the transaction, so that a pooler's next client
    /// does not meet it.
    pub(crate) fn read_planned<T>(&self, query: impl Fn(&mut PgConnection) -> QueryResult<T>) -> Result<T, Failure> {
        self.read(|connection| {
            connection.transaction(|connection| {
                connection.batch_execute(PLAN_FOR_VALUES)?;
                query(connection)
            })
        })
    }

    /// Writes, in one transaction or as a part of the one that is open.
    pub(crate) fn write<T>(&self, change: impl Fn(&mut PgConnection) -> QueryResult<T>) -> Result<T, Failure> {
        match transactions::open(&self.trust) {
            // A savepoint: a change that fails takes only itself back.
            Some(session) => {
                self.carry_out(&mut session.borrow_mut(), |connection| connection.transaction(|inner| change(inner)))
            }
            None => self.write_apart(change),
        }
    }

    /// Writes, in a transaction of its own whatever is open. Repeated once when
    /// the connection turned out dead before anything was written.
    pub(crate) fn write_apart<T>(&self, change: impl Fn(&mut PgConnection) -> QueryResult<T>) -> Result<T, Failure> {
        let started = Instant::now();
        let mut has_begun = false;
        let attempt = |has_begun: &mut bool| {
            self.carry_out(&mut *self.session()?, |connection| {
                connection.transaction(|connection| {
                    *has_begun = true;
                    let changed = change(connection)?;
                    refuse_given_up()?;
                    Ok(changed)
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

    /// Carries out statements in the transaction that is open, or on a
    /// connection of the pool.
    fn run<T>(&self, work: impl FnOnce(&mut PgConnection) -> QueryResult<T>) -> Result<T, Failure> {
        match transactions::open(&self.trust) {
            Some(session) => self.carry_out(&mut session.borrow_mut(), work),
            None => self.carry_out(&mut *self.session()?, work),
        }
    }

    fn session(&self) -> Result<PooledConnection<Connector>, Failure> {
        let get = || task::waiting(|| self.pool.get_timeout(PATIENCE));
        self.demand.count(get).map_err(Failure::NoConnection)
    }

    /// Carries out statements, and notes whether the connection outlived them.
    pub(crate) fn carry_out<T>(
        &self,
        session: &mut Session,
        work: impl FnOnce(&mut PgConnection) -> QueryResult<T>,
    ) -> Result<T, Failure> {
        let outcome = task::waiting(|| work(&mut session.connection)).map_err(Failure::Statement);
        if outcome.as_ref().is_err_and(Failure::is_connection_lost) {
            session.lost();
            self.trust.withdraw();
        } else {
            session.answered();
        }
        outcome
    }
}

/// What nobody waits for any more is not made to hold: whoever asked was told
/// that the database is not available.
pub(crate) fn refuse_given_up() -> QueryResult<()> {
    if task::is_given_up() { Err(Error::RollbackTransaction) } else { Ok(()) }
}
