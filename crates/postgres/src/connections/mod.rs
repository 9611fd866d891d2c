//! Connections to the database, and which of them are believed to live.

mod address;
mod trust;

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

pub(crate) use address::with_limits;
pub(crate) use trust::Trust;

/// What a session does first, after the settings of its own.
pub type Setup = dyn Fn(&mut PgConnection) -> QueryResult<()> + Send + Sync;

/// How long a connection may lie idle and still be handed out unasked. Asking
/// each time costs a fifth of a point read.
const TRUSTED_IDLE: Duration = Duration::from_secs(1);

/// r2d2 waits up to half of this before it tries to connect again.
const RECONNECT_WITHIN: Duration = Duration::from_secs(1);

/// Idle connections are given back after this, down to one.
const IDLE_TIMEOUT: Duration = Duration::from_mins(1);

/// The limits keep a statement from outliving the request that waits for it.
///
/// Where a LIMIT or a bound is a parameter, the planner takes the generic plan
/// for the dearer one and plans each call anew; told to use it, it does not.
/// Messages are asked for in English where that is allowed: they are all that
/// tells some errors from others.
const SETTINGS: &str = "\
    SET statement_timeout = '2s'; \
    SET lock_timeout = '1s'; \
    SET idle_in_transaction_session_timeout = '5s'; \
    SET plan_cache_mode = force_generic_plan; \
    SELECT set_config('lc_messages', 'C', false) WHERE has_parameter_privilege('lc_messages', 'SET')";

/// A connection as the pool keeps it.
pub(crate) struct Session {
    pub(crate) connection: PgConnection,
    last_used: Instant,
    is_lost: bool,
    /// How many transactions are open when nobody uses it: none, but for tests.
    resting_depth: u32,
}

impl Session {
    /// Notes that the server answered just now.
    pub(crate) fn answered(&mut self) {
        self.last_used = Instant::now();
    }

    /// Notes that the connection is gone.
    pub(crate) const fn lost(&mut self) {
        self.is_lost = true;
    }

    fn depth(&mut self) -> QueryResult<u32> {
        depth(&mut self.connection)
    }
}

/// How many transactions are open in a connection, one within the other.
pub(crate) fn depth(connection: &mut PgConnection) -> QueryResult<u32> {
    let status = AnsiTransactionManager::transaction_manager_status_mut(connection);
    Ok(status.transaction_depth()?.map_or(0, u32::from))
}

/// Why there is no session.
#[derive(Debug, Error)]
pub(crate) enum SessionError {
    #[error(transparent)]
    Connect(#[from] ConnectionError),
    #[error(transparent)]
    Statement(#[from] diesel::result::Error),
    #[error("the connection is older than the last loss of one")]
    Distrusted,
}

/// Makes sessions for the pool and checks them.
pub(crate) struct Connector {
    url: Arc<str>,
    setup: Option<Arc<Setup>>,
    trust: Arc<Trust>,
}

impl ManageConnection for Connector {
    type Connection = Session;
    type Error = SessionError;

    fn connect(&self) -> Result<Session, SessionError> {
        let mut connection = establish(&self.url)?;
        connection.batch_execute(SETTINGS)?;
        if let Some(setup) = &self.setup {
            setup(&mut connection)?;
        }
        let mut session = Session { connection, last_used: Instant::now(), is_lost: false, resting_depth: 0 };
        session.resting_depth = session.depth()?;
        Ok(session)
    }

    fn is_valid(&self, session: &mut Session) -> Result<(), SessionError> {
        if !self.trust.covers(session.last_used) {
            return Err(SessionError::Distrusted);
        }
        if session.last_used.elapsed() > TRUSTED_IDLE {
            session.connection.batch_execute("SELECT 1").inspect_err(|_| self.trust.withdraw())?;
            session.answered();
        }
        Ok(())
    }

    fn has_broken(&self, session: &mut Session) -> bool {
        let resting_depth = session.resting_depth;
        session.is_lost || session.depth().ok() != Some(resting_depth)
    }
}

/// A pool that is there at once, whatever the state of the database.
pub(crate) fn pool(url: Arc<str>, size: u32, setup: Option<Arc<Setup>>, trust: Arc<Trust>) -> Pool<Connector> {
    Pool::builder()
        .max_size(size.max(1))
        .min_idle(Some(1))
        .idle_timeout(Some(IDLE_TIMEOUT))
        .connection_timeout(RECONNECT_WITHIN)
        .error_handler(Box::new(Complaints::default()))
        .build_unchecked(Connector { url, setup, trust })
}

/// Connects. A URL that libpq cannot make sense of stands in its complaint, with
/// the password: it is taken out.
pub(crate) fn establish(url: &str) -> ConnectionResult<PgConnection> {
    PgConnection::establish(url).map_err(|error| match error {
        ConnectionError::BadConnection(complaint) => ConnectionError::BadConnection(complaint.replace(url, "…")),
        other => other,
    })
}

/// Logs why connections fail, but not each time: while the database is away,
/// attempts fail every second.
#[derive(Debug, Default)]
struct Complaints(Mutex<Option<Instant>>);

impl Complaints {
    const AT_MOST_EVERY: Duration = Duration::from_secs(30);

    fn is_due(&self) -> bool {
        let mut last = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let is_due = last.is_none_or(|last| last.elapsed() > Self::AT_MOST_EVERY);
        if is_due {
            *last = Some(Instant::now());
        }
        is_due
    }
}

impl HandleError<SessionError> for Complaints {
    fn handle_error(&self, error: SessionError) {
        if !matches!(error, SessionError::Distrusted) && self.is_due() {
            tracing::warn!(%error, "a database connection failed");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_that_cannot_be_understood_is_not_repeated() {
        let complaint = establish("postgres//someone:secret@host/db").map(drop).unwrap_err().to_string();
        assert!(!complaint.contains("secret"), "{complaint}");
    }

    #[test]
    fn complaints_are_rare() {
        let complaints = Complaints::default();
        assert!(complaints.is_due());
        assert!(!complaints.is_due());
    }
}
