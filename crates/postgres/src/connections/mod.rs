//! Sessions with PostgreSQL: how the pool opens, checks and discards them.

mod establish;
mod outage;
mod own_sessions;
mod parameters;
mod pauses;
mod pool_epoch;
mod session_error;
mod timeline;
mod url;

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use diesel::{
    ConnectionError, PgConnection, QueryResult, RunQueryDsl,
    connection::{AnsiTransactionManager, SimpleConnection, TransactionManager},
    dsl::sql,
    sql_types::Text,
};
use r2d2::{HandleError, ManageConnection, Pool};
use repower_ports::operation::Outage;

pub(crate) use establish::establish;
pub(crate) use outage::outage;
pub(crate) use own_sessions::OwnSessions;
pub(crate) use parameters::with_default_parameters;
pub(crate) use pauses::Pauses;
pub(crate) use pool_epoch::PoolEpoch;
pub(crate) use session_error::SessionError;
pub use session_error::SharedSessions;
pub use url::{DatabaseUrl, UrlError};

/// Statements that each new session runs first, after its settings.
pub type Setup = dyn Fn(&mut PgConnection) -> QueryResult<()> + Send + Sync;

/// Idle time up to which the pool returns a session without a check: one second.
/// A check at each checkout costs a fifth of a point read.
const MAX_UNCHECKED_IDLE: Duration = Duration::from_secs(1);

/// Connection timeout of r2d2: one second. r2d2 waits up to half of it before it
/// connects again.
const CONNECTION_TIMEOUT: Duration = Duration::from_secs(1);

/// Time for which the pool takes a refused login, a missing database or an unknown refusal
/// for lasting: five seconds. A server may count refused logins.
const REFUSAL_INTERVAL: Duration = Duration::from_secs(5);

/// Idle time after which the pool closes a session, down to one: one minute.
const IDLE_TIMEOUT: Duration = Duration::from_mins(1);

/// Settings of each session.
///
/// The timeouts end a statement before the request that waits for it ends.
/// If a LIMIT or a bound is a parameter, the planner estimates a higher cost
/// for the generic plan and plans each call; `force_generic_plan` prevents that.
/// Starting parallel workers or compiling a plan costs more than a page.
const SETTINGS: &str = "\
    SET statement_timeout = '1200ms'; \
    SET lock_timeout = '1s'; \
    SET idle_in_transaction_session_timeout = '5s'; \
    SET plan_cache_mode = force_generic_plan; \
    SET max_parallel_workers_per_gather = 0; \
    SET jit = off";

/// Sets English messages if the role may, because only their text distinguishes some
/// errors. Returns the locale of the messages.
const MESSAGES: &str = "\
    CASE WHEN has_parameter_privilege('lc_messages', 'SET') THEN set_config('lc_messages', 'C', false) \
    ELSE current_setting('lc_messages') END";

/// A connection of the pool.
pub(crate) struct Session {
    pub(crate) connection: PgConnection,
    /// The epoch of the pool in which it was opened.
    epoch: u64,
    last_used: Instant,
    is_lost: bool,
    /// Whether the messages of its errors are in English.
    pub(crate) is_english: bool,
    /// Transaction depth of the idle session: 0, except in tests.
    idle_depth: u32,
}

impl Session {
    /// Records that the server responded now.
    pub(crate) fn mark_used(&mut self) {
        self.last_used = Instant::now();
    }

    /// Records that the connection is lost, and most likely all others of its epoch with it.
    pub(crate) fn mark_lost(&mut self, epoch: &PoolEpoch) {
        self.is_lost = true;
        epoch.advance_from(self.epoch);
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

/// Opens and checks the sessions of the pool.
pub(crate) struct ConnectionManager {
    url: Arc<str>,
    setup: Option<Arc<Setup>>,
    epoch: Arc<PoolEpoch>,
    /// Nothing behind a pooler that may share sessions.
    own_sessions: Option<Arc<OwnSessions>>,
    refusal: Mutex<Option<(Instant, String)>>,
}

impl ConnectionManager {
    /// Connects, unless the server refused it a moment ago.
    fn establish(&self) -> Result<PgConnection, SessionError> {
        let mut refusal = self.refusal.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, message)) = refusal.as_ref().filter(|(at, _)| at.elapsed() < REFUSAL_INTERVAL) {
            return Err(ConnectionError::BadConnection(message.clone()).into());
        }
        *refusal = None;
        drop(refusal);
        let proven = self.own_sessions.as_ref().map_or(Ok(()), |own_sessions| own_sessions.prove());
        proven.and_then(|()| Ok(establish(&self.url)?)).inspect_err(|error| {
            let message = error.to_string();
            if matches!(outage(&message), Outage::LoginRefused | Outage::NoDatabase | Outage::Refused) {
                *self.refusal.lock().unwrap_or_else(PoisonError::into_inner) = Some((Instant::now(), message));
            }
        })
    }
}

impl ManageConnection for ConnectionManager {
    type Connection = Session;
    type Error = SessionError;

    fn connect(&self) -> Result<Session, SessionError> {
        let mut connection = self.establish()?;
        let epoch = self.epoch.of_session(&mut connection)?;
        connection.batch_execute(SETTINGS)?;
        let is_english = is_english(&messages_locale(&mut connection)?);
        if let Some(setup) = &self.setup {
            setup(&mut connection)?;
        }
        let last_used = Instant::now();
        let mut session = Session { connection, epoch, last_used, is_lost: false, is_english, idle_depth: 0 };
        session.idle_depth = session.transaction_depth()?;
        Ok(session)
    }

    fn is_valid(&self, session: &mut Session) -> Result<(), SessionError> {
        if session.epoch != self.epoch.number() {
            return Err(SessionError::EarlierEpoch);
        }
        if session.last_used.elapsed() > MAX_UNCHECKED_IDLE {
            session.connection.batch_execute("SELECT 1").inspect_err(|_| self.epoch.advance_from(session.epoch))?;
            session.mark_used();
        }
        Ok(())
    }

    fn has_broken(&self, session: &mut Session) -> bool {
        let idle_depth = session.idle_depth;
        // A session that was busy when its epoch ended is not used again.
        session.is_lost || session.epoch != self.epoch.number() || session.transaction_depth().ok() != Some(idle_depth)
    }
}

/// The locale of a session's messages; English where the role may set it.
pub(crate) fn messages_locale(connection: &mut PgConnection) -> QueryResult<String> {
    diesel::select(sql::<Text>(MESSAGES)).get_result(connection)
}

/// Whether messages in this locale are in English.
pub(crate) fn is_english(locale: &str) -> bool {
    locale.is_empty()
        || ["C", "POSIX"].contains(&locale)
        || ["C.", "en", "English"].iter().any(|own| locale.starts_with(own))
}

/// Creates a pool without connecting, so that it exists in any state of the
/// database.
pub(crate) fn pool(
    url: Arc<str>,
    size: u32,
    setup: Option<Arc<Setup>>,
    epoch: Arc<PoolEpoch>,
    own_sessions: Option<Arc<OwnSessions>>,
) -> Pool<ConnectionManager> {
    let errors = ErrorLog {
        epoch: Arc::clone(&epoch),
        of_old_primaries: LogThrottle::default(),
        of_others: LogThrottle::default(),
    };
    Pool::builder()
        .max_size(size.max(1))
        .min_idle(Some(1))
        .idle_timeout(Some(IDLE_TIMEOUT))
        .connection_timeout(CONNECTION_TIMEOUT)
        .error_handler(Box::new(errors))
        .build_unchecked(ConnectionManager { url, setup, epoch, own_sessions, refusal: Mutex::default() })
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

/// Logs why the pool has no new connection; an old primary apart, as it follows an outage.
#[derive(Debug)]
struct ErrorLog {
    epoch: Arc<PoolEpoch>,
    of_old_primaries: LogThrottle,
    of_others: LogThrottle,
}

impl HandleError<SessionError> for ErrorLog {
    fn handle_error(&self, error: SessionError) {
        self.epoch.set_last_error(&error.to_string());
        let throttle = match error {
            // Behind a pooler the program prints its own error, and ends.
            SessionError::EarlierEpoch | SessionError::Shared(_) => return,
            SessionError::OldPrimary(_) => &self.of_old_primaries,
            SessionError::Connect(_) | SessionError::Statement(_) => &self.of_others,
        };
        if throttle.is_due() {
            tracing::warn!(%error, "a database connection failed");
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{
        io::{Read, Write},
        net::TcpListener,
        thread,
    };

    use super::*;

    #[test]
    fn the_locale_tells_whether_messages_are_english() {
        assert!(["", "C", "POSIX", "C.UTF-8", "en_US.UTF-8", "English_United States.1252"].into_iter().all(is_english));
        assert!(!["de_DE.UTF-8", "German_Germany.1252", "tr_TR", "zh_CN.UTF-8"].into_iter().any(is_english));
    }

    #[test]
    fn a_refused_login_is_not_tried_again_at_once() {
        for (message, kind) in [
            ("password authentication failed for user \"u\"", Outage::LoginRefused),
            ("Passwort-Authentifizierung für Benutzer »u« fehlgeschlagen", Outage::Refused),
        ] {
            assert_refused_once(message, kind);
        }
    }

    /// Connects twice with a server that refuses the login with this message.
    fn assert_refused_once(message: &'static str, kind: Outage) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("postgres://u@{}/d?sslmode=disable", listener.local_addr().unwrap());
        let (url, epoch) = (with_default_parameters(&url).into(), Arc::default());
        let manager = ConnectionManager { url, setup: None, epoch, own_sessions: None, refusal: Mutex::default() };
        let server = thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let mut length = [0; 4];
            stream.read_exact(&mut length).unwrap();
            stream.read_exact(&mut vec![0; u32::from_be_bytes(length) as usize - 4]).unwrap();
            let fields = format!("SFATAL\0VFATAL\0C28P01\0M{message}\0\0");
            let length = u32::try_from(fields.len() + 4).unwrap().to_be_bytes();
            stream.write_all(&[b"E", &length[..], fields.as_bytes()].concat()).unwrap();
            listener
        });
        let refused = || manager.connect().map(drop).unwrap_err().to_string();
        let first = refused();
        assert!(outage(&first) == kind && first.contains(message), "{first}");
        let listener = server.join().unwrap();
        assert_eq!(refused(), first);
        listener.set_nonblocking(true).unwrap();
        assert!(listener.accept().is_err(), "there was no other attempt");
    }

    #[test]
    fn a_second_error_within_the_interval_is_not_logged() {
        let throttle = LogThrottle::default();
        assert!(throttle.is_due());
        assert!(!throttle.is_due());
    }
}
