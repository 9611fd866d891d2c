//! The second time limit of searches: [`Canceller`] cancels them from another connection.

use std::{
    collections::VecDeque,
    hash::{BuildHasher, RandomState},
    sync::{
        Arc, LazyLock, Mutex, MutexGuard, PoisonError,
        mpsc::{self, Receiver, Sender},
    },
    thread,
    time::{Duration, Instant},
};

use diesel::{PgConnection, QueryResult, RunQueryDsl, connection::SimpleConnection, sql_query, sql_types::Text};

use crate::connections::{self, SessionError};

/// The time limit of a search.
pub(crate) const SEARCH_LIMIT: Duration = Duration::from_millis(500);

/// The time from the start of a search to its cancellation: its time limit, and 100
/// milliseconds. A search that still runs is cancelled again after that time.
const CANCELLED_AFTER: Duration = Duration::from_millis(600);

/// Settings of a transaction for a search: a custom plan, and the time limit.
fn settings() -> String {
    format!("SET LOCAL plan_cache_mode = force_custom_plan; {}", time_limit(SEARCH_LIMIT))
}

/// The time limit of the statements from then on: at least a millisecond, as 0 is none.
pub(crate) fn time_limit(rest: Duration) -> String {
    format!("SET LOCAL statement_timeout = {}", rest.as_millis().max(1))
}

/// Cancels searches that run for too long. Its thread starts with the first search, and
/// ends after the last handle of the database.
pub(crate) struct Canceller(LazyLock<Started, Box<dyn FnOnce() -> Started + Send>>);

/// Where the searches go that have started.
type Started = Sender<Arc<Search>>;

impl Canceller {
    /// `url` is of the database itself, not of its pooler.
    pub(crate) fn new(url: Arc<str>) -> Self {
        Self(LazyLock::new(Box::new(move || {
            let (sender, started) = mpsc::channel();
            let spawned =
                thread::Builder::new().name("canceller".to_owned()).spawn(move || cancel_late(&url, &started));
            if let Err(error) = spawned {
                tracing::warn!(%error, "no thread: only their own time limit ends searches");
            }
            sender
        })))
    }

    /// Begins a search in the open transaction of a connection: applies its settings. It can
    /// be cancelled until the returned guard is dropped.
    pub(crate) fn begin(&self, connection: &mut PgConnection) -> QueryResult<SearchGuard> {
        // No other session has it. Only the database knows which one serves a client of a pooler.
        let name = format!("repower search {:016x}", RandomState::new().hash_one(Instant::now()));
        connection.batch_execute(&format!("{}; SET LOCAL application_name = '{name}'", settings()))?;
        let search = Arc::new(Search { name, due: Instant::now() + CANCELLED_AFTER, is_running: Mutex::new(true) });
        // The channel is closed where the thread could not start.
        let _ = self.0.send(Arc::clone(&search));
        Ok(SearchGuard(search))
    }
}

/// A search that runs. Dropping the guard waits for a cancellation that has begun, so that
/// this reaches no later statement of the connection.
pub(crate) struct SearchGuard(Arc<Search>);

impl Drop for SearchGuard {
    fn drop(&mut self) {
        *self.0.is_running() = false;
    }
}

struct Search {
    /// The `application_name` of its transaction.
    name: String,
    due: Instant,
    is_running: Mutex<bool>,
}

impl Search {
    fn is_running(&self) -> MutexGuard<'_, bool> {
        self.is_running.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Cancels its statement by another connection, unless it has ended.
    fn cancel(&self, other: &mut PgConnection) -> QueryResult<()> {
        let is_running = self.is_running();
        if *is_running {
            // The role needs no right for its own sessions.
            let cancel = "SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE application_name = $1";
            let sessions = sql_query(cancel).bind::<Text, _>(&self.name).execute(other)?;
            tracing::warn!(sessions, "a search went on beyond its time limit and was cancelled");
        }
        Ok(())
    }
}

/// Opens the connection that cancels. A search that ends waits for no more than the one
/// short statement on it.
fn connect(url: &str) -> Result<PgConnection, SessionError> {
    let mut connection = connections::establish(url)?;
    connection.batch_execute("SET statement_timeout = '500ms'")?;
    Ok(connection)
}

/// Cancels each search when it is due, until it has ended.
fn cancel_late(url: &str, started: &Receiver<Arc<Search>>) {
    let (mut running, mut connection) = (VecDeque::new(), None);
    loop {
        running.extend(started.try_iter().map(|search| (search.due, search)));
        match running.pop_front() {
            Some((due, search)) if *search.is_running() => {
                thread::sleep(due.saturating_duration_since(Instant::now()));
                if *search.is_running() {
                    connection = cancelled(&search, connection, url);
                    running.push_back((Instant::now() + CANCELLED_AFTER, search));
                }
            }
            Some(_) => {}
            None => {
                connection = None;
                match started.recv() {
                    Ok(search) => running.push_back((search.due, search)),
                    Err(_) => return,
                }
            }
        }
    }
}

/// Cancels a search, and returns the connection for the next one. No search waits while it
/// is opened.
fn cancelled(search: &Search, kept: Option<PgConnection>, url: &str) -> Option<PgConnection> {
    let cancelled = kept.map_or_else(|| connect(url), Ok).and_then(|mut connection| {
        search.cancel(&mut connection)?;
        Ok(connection)
    });
    cancelled
        .inspect_err(|error| tracing::warn!(%error, "a search goes on beyond its time limit, and is not cancelled"))
        .ok()
}
