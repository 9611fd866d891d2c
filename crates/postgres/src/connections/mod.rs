//! Sessions with PostgreSQL: how the pool opens, checks and discards them.

mod parameters;
mod pool_epoch;
mod url;

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use diesel::{
    Connection, ConnectionError, ConnectionResult, PgConnection, QueryResult,
    connection::{AnsiTransactionManager, SimpleConnection, TransactionManager},
};
use r2d2::{HandleError, ManageConnection, Pool};
use thiserror::Error;

pub(crate) use parameters::with_default_parameters;
pub(crate) use pool_epoch::PoolEpoch;
pub use url::{DatabaseUrl, UrlError};

/// Statements that each new session runs first, after its settings.
pub type Setup = dyn Fn(&mut PgConnection) -> QueryResult<()> + Send + Sync;

/// Idle time up to which the pool returns a session without a check: one second.
/// A check at each checkout costs a fifth of a point read.
const MAX_UNCHECKED_IDLE: Duration = Duration::from_secs(1);

/// Connection timeout of r2d2: one second. r2d2 waits up to half of it before it
/// connects again.
const CONNECTION_TIMEOUT: Duration = Duration::from_secs(1);

/// Idle time after which the pool closes a session, down to one: one minute.
const IDLE_TIMEOUT: Duration = Duration::from_mins(1);

/// Settings of each session.
///
/// The timeouts end a statement before the request that waits for it ends.
/// If a LIMIT or a bound is a parameter, the planner estimates a higher cost
/// for the generic plan and plans each call; `force_generic_plan` prevents that.
/// Messages are in English if the role may set it, because only their text
/// distinguishes some errors.
const SETTINGS: &str = "\
    SET statement_timeout = '1200ms'; \
    SET lock_timeout = '1s'; \
    SET idle_in_transaction_session_timeout = '5s'; \
    SET plan_cache_mode = force_generic_plan; \
    SELECT set_config('lc_messages', 'C', false) WHERE has_parameter_privilege('lc_messages', 'SET')";

/// A connection of the pool.
pub(crate) struct Session {
    pub(crate) connection: PgConnection,
    last_used: Instant,
    is_lost: bool,
    /// Transaction depth of the idle session: 0, except in tests.
    idle_depth: u32,
}

impl Session {
    /// Records that the server responded now.
    pub(crate) fn mark_used(&mut self) {
        self.last_used = Instant::now();
    }

    /// Records that the connection is lost.
    pub(crate) const fn mark_lost(&mut self) {
        self.is_lost = true;
    }

    fn transaction_depth(&mut self) -> QueryResult<u32> {
        transaction_depth(&mut self.connection)
    }
}

/// The number of nested transactions that are open on a connection.
pub(crate) fn transaction_depth(connection: &mut PgConnection) -> QueryResult<u32> {
    let status = AnsiTransactionManager::transaction_manager_status_mut(connection);
    Ok(status.transaction_depth()?.map_or(0, u32::from))
}

/// The error of a pool without a session to return.
#[derive(Debug, Error)]
pub(crate) enum SessionError {
    #[error(transparent)]
    Connect(#[from] ConnectionError),
    #[error(transparent)]
    Statement(#[from] diesel::result::Error),
    #[error("the connection was last used before the last loss of a connection")]
    EarlierEpoch,
}

/// Opens and checks the sessions of the pool.
pub(crate) struct ConnectionManager {
    url: Arc<str>,
    setup: Option<Arc<Setup>>,
    epoch: Arc<PoolEpoch>,
}

impl ManageConnection for ConnectionManager {
    type Connection = Session;
    type Error = SessionError;

    fn connect(&self) -> Result<Session, SessionError> {
        let mut connection = establish(&self.url)?;
        connection.batch_execute(SETTINGS)?;
        if let Some(setup) = &self.setup {
            setup(&mut connection)?;
        }
        let mut session = Session { connection, last_used: Instant::now(), is_lost: false, idle_depth: 0 };
        session.idle_depth = session.transaction_depth()?;
        Ok(session)
    }

    fn is_valid(&self, session: &mut Session) -> Result<(), SessionError> {
        if !self.epoch.includes(session.last_used) {
            return Err(SessionError::EarlierEpoch);
        }
        if session.last_used.elapsed() > MAX_UNCHECKED_IDLE {
            session.connection.batch_execute("SELECT 1").inspect_err(|_| self.epoch.advance())?;
            session.mark_used();
        }
        Ok(())
    }

    fn has_broken(&self, session: &mut Session) -> bool {
        let idle_depth = session.idle_depth;
        session.is_lost || session.transaction_depth().ok() != Some(idle_depth)
    }
}

/// Creates a pool without connecting, so that it exists in any state of the
/// database.
pub(crate) fn pool(
    url: Arc<str>,
    size: u32,
    setup: Option<Arc<Setup>>,
    epoch: Arc<PoolEpoch>,
) -> Pool<ConnectionManager> {
    Pool::builder()
        .max_size(size.max(1))
        .min_idle(Some(1))
        .idle_timeout(Some(IDLE_TIMEOUT))
        .connection_timeout(CONNECTION_TIMEOUT)
        .error_handler(Box::new(LogThrottle::default()))
        .build_unchecked(ConnectionManager { url, setup, epoch })
}

/// Connects. libpq repeats an invalid URL with its password in the error message;
/// this function removes the URL from it.
pub(crate) fn establish(url: &str) -> ConnectionResult<PgConnection> {
    PgConnection::establish(url).map_err(|error| match error {
        ConnectionError::BadConnection(message) => ConnectionError::BadConnection(message.replace(url, "…")),
        other => other,
    })
}

/// Logs connection errors, at most one in an interval: during an outage, attempts
/// to connect fail every second.
#[derive(Debug, Default)]
struct LogThrottle(Mutex<Option<Instant>>);

impl LogThrottle {
    /// Interval between two log entries: 30 seconds.
    const INTERVAL: Duration = Duration::from_secs(30);

    fn is_due(&self) -> bool {
        let mut last = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let is_due = last.is_none_or(|last| last.elapsed() > Self::INTERVAL);
        if is_due {
            *last = Some(Instant::now());
        }
        is_due
    }
}

impl HandleError<SessionError> for LogThrottle {
    fn handle_error(&self, error: SessionError) {
        if !matches!(error, SessionError::EarlierEpoch) && self.is_due() {
            tracing::warn!(%error, "a database connection failed");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_about_an_invalid_url_does_not_contain_it() {
        let message = establish("postgres//someone:secret@host/db").map(drop).unwrap_err().to_string();
        assert!(!message.contains("secret"), "{message}");
    }

    #[test]
    fn a_second_error_within_the_interval_is_not_logged() {
        let throttle = LogThrottle::default();
        assert!(throttle.is_due());
        assert!(!throttle.is_due());
    }
}
