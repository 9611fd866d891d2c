use std::sync::{Mutex, PoisonError};

use diesel::{
    PgConnection, QueryResult, RunQueryDsl, connection::SimpleConnection, dsl::sql, result::Error, sql_types::Text,
};

/// A server: the start of its process.
const SERVER: &str = "extract(epoch FROM pg_postmaster_start_time())::text";

/// The server that the watcher asks. The URL may lead to several.
#[derive(Default)]
pub(crate) struct WatchedServer(Mutex<Option<String>>);

impl WatchedServer {
    /// Prepares a session of the pool, which must be of this server.
    ///
    /// # Errors
    ///
    /// It is of another one; a statement failed.
    pub(crate) fn admit(&self, session: &mut PgConnection) -> QueryResult<()> {
        session.batch_execute("SET default_transaction_read_only = on")?;
        let server = server_of(session)?;
        let is_watched = self.0.lock().unwrap_or_else(PoisonError::into_inner).as_ref() == Some(&server);
        let another = || Error::QueryBuilderError("the session is of another standby than the watcher's".into());
        is_watched.then_some(()).ok_or_else(another)
    }

    /// Becomes the server of the watcher's session; returns whether it was another one before.
    ///
    /// # Errors
    ///
    /// The statement failed.
    pub(super) fn follow(&self, session: &mut PgConnection) -> QueryResult<bool> {
        let server = server_of(session)?;
        let mut watched = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let is_another = watched.as_ref().is_some_and(|before| *before != server);
        *watched = Some(server);
        Ok(is_another)
    }
}

fn server_of(session: &mut PgConnection) -> QueryResult<String> {
    diesel::select(sql::<Text>(SERVER)).get_result(session)
}
