use std::sync::{Arc, Mutex, PoisonError};

use diesel::{PgConnection, QueryResult, RunQueryDsl, dsl::sql, sql_types::Text};

use super::{
    establish::establish,
    session_error::{SessionError, SharedSessions},
};

/// How often each of two connections asks for its session. Behind an idle pooler the first
/// time is enough; other clients may mix them up.
const ROUNDS: usize = 4;

/// A session: its process, and the start of its server, as those of two servers may have the
/// same process id.
const SESSION: &str = "concat_ws(' ', pg_backend_pid(), pg_postmaster_start_time())";

/// Proves once that each connection of a URL has a session of its own. Settings, prepared
/// statements and locks are of a session: behind a pooler in transaction mode, those of one
/// client would act on another.
pub(crate) struct OwnSessions {
    url: Arc<str>,
    are_proven: Mutex<bool>,
}

impl OwnSessions {
    pub(crate) fn of(url: Arc<str>) -> Self {
        Self { url, are_proven: Mutex::new(false) }
    }

    /// Opens two connections, unless the proof is there.
    ///
    /// # Errors
    ///
    /// [`SessionError::Shared`]; connecting failed.
    pub(crate) fn prove(&self) -> Result<(), SessionError> {
        let mut are_proven = self.are_proven.lock().unwrap_or_else(PoisonError::into_inner);
        if !*are_proven {
            let (mut one, mut other) = (establish(&self.url)?, establish(&self.url)?);
            let (first, second) = (session(&mut one)?, session(&mut other)?);
            for _ in 0..ROUNDS {
                // Not in turns, which a pooler with two sessions would take up.
                if first == second
                    || session(&mut one)? != first
                    || session(&mut one)? != first
                    || session(&mut other)? != second
                {
                    return Err(SharedSessions.into());
                }
            }
            *are_proven = true;
        }
        Ok(())
    }
}

/// The session that runs a statement of this connection.
fn session(connection: &mut PgConnection) -> QueryResult<String> {
    diesel::select(sql::<Text>(SESSION)).get_result(connection)
}
