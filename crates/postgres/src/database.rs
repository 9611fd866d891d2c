mod batches;

use std::{
    io,
    sync::{Arc, LazyLock, Mutex, PoisonError, atomic::AtomicUsize},
    time::{Duration, Instant},
};

use diesel::{Connection, PgConnection, QueryResult, connection::CacheSize};
use r2d2::{Pool, PooledConnection};
use repower_domain::{accounts::Actor, ids::UserId};
use repower_ports::{RepositoryError, accounts::Bearer, deadline::Deadline, slot};

use crate::{
    actors::{self, Heard},
    cancel::Canceller,
    connections::{self, ConnectionManager, OwnSessions, PoolEpoch, Setup},
    error::{Failure, NoConnection},
    execution::{check_deadline, execute_on},
    pool_waits::PoolWaits,
    replica::{Replica, WatchedServer},
    session_records::SessionRecords,
    transactions::{self, Transaction},
};

/// Timeout of a request's wait for a pool connection: 500 milliseconds.
const POOL_TIMEOUT: Duration = Duration::from_millis(500);

/// Timeout of a read's wait for a connection with the replica: 50 milliseconds. The primary
/// may have one.
const REPLICA_TIMEOUT: Duration = Duration::from_millis(50);

/// Time from the start of an attempt in which a lost connection is retried: 500
/// milliseconds. An unreachable server thus delays a request only once.
const RETRY_WINDOW: Duration = Duration::from_millis(500);

/// The time that is left to the deadline of a write that commits by itself: 1.3 seconds, the
/// time limit of a statement and a tenth of a second for its way.
const COMMIT_TIME: Duration = Duration::from_millis(1_300);

/// A pool that begins to connect when it is first used: a command that only migrates has
/// no second connection, whose failure would be another line.
type LazyPool = LazyLock<Pool<ConnectionManager>, Box<dyn FnOnce() -> Pool<ConnectionManager> + Send>>;

/// A handle of a pool of connections to one database. The pool exists in any
/// state of the database, and reconnects by itself after an outage.
///
/// Clones share the pool.
#[derive(Clone)]
pub struct Database {
    pool: Arc<LazyPool>,
    /// Its identity also distinguishes this database from others.
    epoch: Arc<PoolEpoch>,
    url: Arc<str>,
    own_sessions: Arc<OwnSessions>,
    canceller: Arc<Canceller>,
    /// Whether a pooler is in between, which can hold a statement back for longer than its
    /// time limit.
    is_pooled: bool,
    /// The data in memory whose changes are heard of.
    pub(crate) heard: Arc<Heard>,
    pub(crate) sessions: Arc<SessionRecords>,
    running_checks: Arc<AtomicUsize>,
    waits: Arc<PoolWaits>,
    /// The right that the last attempt to migrate lacked.
    forbidden: Arc<Mutex<Option<String>>>,
    replica: Option<Arc<Replica<Self>>>,
    /// Whether this is the replica of another one, which reads in its place.
    is_replica: bool,
}

impl Database {
    /// Creates a pool of at most `pool_size` connections, at least one. `url` is a
    /// `postgres://` URL or libpq's `key=value` pairs. Does not connect, and so
    /// does not fail.
    ///
    /// A URL without timeouts gets defaults for connecting and for a peer that
    /// does not respond. Statements time out after 1.2 seconds.
    pub fn new(url: &str, pool_size: u32) -> Self {
        Self::open(url, pool_size, None, true)
    }

    /// As [`Self::new`]; runs `setup` on each new connection. Tests use it to
    /// count statements, or to open a transaction that never commits.
    pub fn with_setup(url: &str, pool_size: u32, setup: Arc<Setup>) -> Self {
        Self::open(url, pool_size, Some(setup), true)
    }

    /// As [`Self::new`], behind a pooler in transaction mode. Does not prepare
    /// statements, because the next transaction may use another connection.
    /// Migrations connect to `direct`, because their lock is bound to the session.
    pub fn behind_pooler(url: &str, direct: &str, pool_size: u32) -> Self {
        let unprepared = |connection: &mut PgConnection| {
            connection.set_prepared_statement_cache_size(CacheSize::Disabled);
            Ok(())
        };
        let pooled = Self::open(url, pool_size, Some(Arc::new(unprepared)), false);
        let url: Arc<str> = connections::with_default_parameters(direct).into();
        let own_sessions = Arc::new(OwnSessions::of(Arc::clone(&url)));
        Self { canceller: Arc::new(Canceller::new(Arc::clone(&url))), url, own_sessions, ..pooled }
    }

    /// Adds a standby of this database, for public reads while its data is less than
    /// `max_lag` old, and [`Self::watch_replica`] has been called.
    #[must_use]
    pub fn with_replica(self, url: &str, pool_size: u32, max_lag: Duration) -> Self {
        let server = Arc::<WatchedServer>::default();
        let watched = Arc::clone(&server);
        let admit = Arc::new(move |session: &mut PgConnection| watched.admit(session));
        let database = Self { is_replica: true, ..Self::open(url, pool_size, Some(admit), true) };
        let source = database.source();
        Self { replica: Some(Arc::new(Replica::new(database, source, server, pool_size, max_lag))), ..self }
    }

    fn open(url: &str, pool_size: u32, setup: Option<Arc<Setup>>, is_direct: bool) -> Self {
        let url: Arc<str> = connections::with_default_parameters(url).into();
        let own_sessions = Arc::new(OwnSessions::of(Arc::clone(&url)));
        let of_pool_sessions = is_direct.then(|| Arc::clone(&own_sessions));
        let epoch = Arc::<PoolEpoch>::default();
        let (of_pool, its_epoch) = (Arc::clone(&url), Arc::clone(&epoch));
        let open_pool = move || connections::pool(of_pool, pool_size, setup, its_epoch, of_pool_sessions);
        let pool: LazyPool = LazyLock::new(Box::new(open_pool));
        Self {
            pool: Arc::new(pool),
            epoch,
            canceller: Arc::new(Canceller::new(Arc::clone(&url))),
            url,
            own_sessions,
            is_pooled: !is_direct,
            heard: Arc::default(),
            sessions: Arc::default(),
            running_checks: Arc::default(),
            waits: Arc::default(),
            forbidden: Arc::default(),
            replica: None,
            is_replica: false,
        }
    }

    /// Keeps actors in memory and knows the version of public data from now on, while a connection
    /// of its own hears of changes. Returns at once, in any state of the database. Ends with the
    /// last handle.
    ///
    /// # Errors
    ///
    /// The system has no thread.
    pub fn keep_actors(&self) -> io::Result<()> {
        actors::listen(Arc::downgrade(&self.heard), self.source())
    }

    /// The database itself, for sessions outside the pool.
    pub(crate) fn source(&self) -> actors::Source {
        actors::Source {
            url: Arc::clone(&self.url),
            own_sessions: Arc::clone(&self.own_sessions),
            epoch: Arc::clone(&self.epoch),
        }
    }

    /// The standby for public reads.
    pub(crate) const fn replica(&self) -> Option<&Arc<Replica<Self>>> {
        self.replica.as_ref()
    }

    /// The URL of the database itself, for sessions outside the pool.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// The proof that each connection with [`Self::url`] has a session of its own.
    pub(crate) fn own_sessions(&self) -> &OwnSessions {
        &self.own_sessions
    }

    pub(crate) fn pool(&self) -> &Pool<ConnectionManager> {
        &self.pool
    }

    /// The counters of waits for a pool connection.
    pub(crate) fn waits(&self) -> &PoolWaits {
        &self.waits
    }

    /// The right that the last attempt to migrate lacked, as a sentence.
    pub(crate) fn last_forbidden(&self) -> Option<String> {
        self.forbidden.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(crate) fn set_last_forbidden(&self, forbidden: Option<String>) {
        *self.forbidden.lock().unwrap_or_else(PoisonError::into_inner) = forbidden;
    }

    /// The counter of running readiness checks.
    pub(crate) fn running_checks(&self) -> Arc<AtomicUsize> {
        Arc::clone(&self.running_checks)
    }

    /// Runs the caller's statements in this thread's open transaction, or else on
    /// a connection of the pool.
    pub fn with_connection<T>(
        &self,
        work: impl FnOnce(&mut PgConnection) -> QueryResult<T>,
    ) -> Result<T, RepositoryError> {
        Ok(self.run(work)?)
    }

    /// Runs the caller's statements as a search, with its time limit: see `statement_timeout`
    /// and [`RepositoryError::TimedOut`].
    ///
    /// # Errors
    ///
    /// The statements failed or took too long, or there is no connection.
    pub fn with_search<T>(&self, query: impl Fn(&mut PgConnection) -> QueryResult<T>) -> Result<T, RepositoryError> {
        Ok(self.search(query)?)
    }

    /// Begins a transaction, which all later calls of this thread on this database
    /// join. Retries once if the connection was lost.
    pub(crate) fn begin(&self) -> Result<Transaction, Failure> {
        if transactions::is_any_open() {
            return Err(Failure::NestedTransaction);
        }
        let started = Instant::now();
        let attempt = || Transaction::begin(&self.epoch, &self.heard, self.session()?);
        match attempt() {
            Err(failure) if failure.is_connection_lost() && started.elapsed() < RETRY_WINDOW => attempt(),
            outcome => outcome,
        }
    }

    /// Runs a read. Retries once if the connection was lost, unless an open
    /// transaction was lost with it.
    pub(crate) fn read<T>(&self, query: impl Fn(&mut PgConnection) -> QueryResult<T>) -> Result<T, Failure> {
        let started = Instant::now();
        let may_retry = !self.is_replica && transactions::open_session(&self.epoch).is_none();
        match self.run(&query) {
            Err(failure) if may_retry && failure.is_connection_lost() && started.elapsed() < RETRY_WINDOW => {
                self.run(&query)
            }
            outcome => outcome,
        }
    }

    /// Runs a search: a read with a plan for its parameter values, and a short time
    /// limit. Some texts and bounds match nearly all rows and some hardly any; no
    /// generic plan suits both. The settings end with the transaction, so that a
    /// pooler's next client does not inherit them. [`Canceller`] cancels a search 100
    /// milliseconds after its time limit.
    pub(crate) fn search<T>(&self, query: impl Fn(&mut PgConnection) -> QueryResult<T>) -> Result<T, Failure> {
        self.read(|connection| {
            connection.transaction(|connection| {
                let _search = self.canceller.begin(connection)?;
                query(connection)
            })
        })
    }

    /// Runs a write in this thread's open transaction, or else in its own.
    pub(crate) fn write<T>(&self, change: impl Fn(&mut PgConnection) -> QueryResult<T>) -> Result<T, Failure> {
        match transactions::open_session(&self.epoch) {
            // The savepoint limits the rollback of a failed change to that change.
            Some(session) => execute_on(&self.epoch, &mut session.borrow_mut(), |connection| {
                connection.transaction(|inner| change(inner))
            }),
            None => self.write_autonomous(change),
        }
    }

    /// Runs a write of one statement, which commits by itself, without BEGIN and COMMIT.
    ///
    /// Once it is sent, only its time limit ends it. Where that may be after the deadline of
    /// this thread's work, the write has a transaction, which is rolled back then. In this
    /// thread's open transaction it is as any other.
    ///
    /// A lost connection is not retried: the statement may have been committed.
    pub(crate) fn write_statement<T>(
        &self,
        statement: impl Fn(&mut PgConnection) -> QueryResult<T>,
    ) -> Result<T, Failure> {
        if !self.commits_statements() {
            return self.write(statement);
        }
        // Only then it is known how long the session was waited for.
        let mut session = self.session()?;
        if Deadline::leaves(COMMIT_TIME) {
            return execute_on(&self.epoch, &mut session, statement);
        }
        drop(session);
        self.write_autonomous(statement)
    }

    /// Whether a statement of this thread's may commit by itself: it is in no open
    /// transaction, and no pooler can hold it back.
    fn commits_statements(&self) -> bool {
        !self.is_pooled && transactions::open_session(&self.epoch).is_none()
    }

    /// As [`Self::write_statement`], for a statement that once it is committed either has the
    /// same result again, or violates the primary key of its row: see
    /// [`Failure::violates_primary_key`]. Retries once if the connection was lost, as
    /// [`Self::read`]: no other statement of the request may have noticed before.
    pub(crate) fn write_repeatable<T>(
        &self,
        statement: impl Fn(&mut PgConnection) -> QueryResult<T>,
    ) -> Result<T, Failure> {
        let started = Instant::now();
        let may_retry = transactions::open_session(&self.epoch).is_none();
        match self.write_statement(&statement) {
            Err(lost) if may_retry && lost.is_connection_lost() && started.elapsed() < RETRY_WINDOW => {
                self.write_statement(&statement)
            }
            outcome => outcome,
        }
    }

    /// As [`Self::write`], for a change of what the actor of a user follows from: this
    /// instance reads the actor again once the transaction has ended.
    pub(crate) fn write_actor<T>(
        &self,
        user: UserId,
        change: impl Fn(&mut PgConnection) -> QueryResult<T>,
    ) -> Result<T, Failure> {
        let outcome = self.write(change);
        // A commit whose outcome is unknown may have changed it as well.
        if !transactions::forget_at_end(&self.epoch, user) {
            self.heard.actors.forget(user);
        }
        outcome
    }

    /// The actor of a bearer, from memory or by `load`. In an open transaction always by
    /// `load`, as the transaction may have changed it.
    pub(crate) fn find_actor(
        &self,
        bearer: &Bearer,
        load: impl FnOnce() -> Result<Option<Actor>, RepositoryError>,
    ) -> Result<Option<Actor>, RepositoryError> {
        if transactions::is_any_open() { load() } else { self.heard.actors.find(bearer, load) }
    }

    /// Runs a write in an autonomous transaction, beside any that is open on this
    /// thread. Retries once if the connection was lost before the first write.
    pub(crate) fn write_autonomous<T>(
        &self,
        change: impl Fn(&mut PgConnection) -> QueryResult<T>,
    ) -> Result<T, Failure> {
        let started = Instant::now();
        let mut has_begun = false;
        let attempt = |has_begun: &mut bool| {
            execute_on(&self.epoch, &mut *self.session()?, |connection| {
                connection.transaction(|connection| {
                    *has_begun = true;
                    let changed = change(connection)?;
                    check_deadline()?;
                    Ok(changed)
                })
            })
        };
        match attempt(&mut has_begun) {
            Err(failure) if failure.is_connection_lost() && !has_begun && started.elapsed() < RETRY_WINDOW => {
                attempt(&mut has_begun)
            }
            outcome => outcome,
        }
    }

    /// Runs statements in this thread's open transaction, or else on a connection
    /// of the pool.
    fn run<T>(&self, work: impl FnOnce(&mut PgConnection) -> QueryResult<T>) -> Result<T, Failure> {
        match transactions::open_session(&self.epoch) {
            Some(session) => execute_on(&self.epoch, &mut session.borrow_mut(), work),
            None => execute_on(&self.epoch, &mut *self.session()?, work),
        }
    }

    /// A connection for the work of this thread, in its slot.
    fn session(&self) -> Result<PooledConnection<ConnectionManager>, Failure> {
        if !slot::take() {
            return Err(Failure::NoSlot);
        }
        Ok(self.connection()?)
    }

    /// A connection beside those of the slots.
    fn connection(&self) -> Result<PooledConnection<ConnectionManager>, NoConnection> {
        let timeout = if self.is_replica { REPLICA_TIMEOUT } else { POOL_TIMEOUT };
        let got = self.waits.count(|| self.pool.get_timeout(timeout));
        got.map_err(|error| NoConnection::new(error, self.epoch.last_error()))
    }
}
