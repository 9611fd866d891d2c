use std::sync::{Mutex, MutexGuard, PoisonError};

use diesel::{
    PgConnection, QueryResult, RunQueryDsl,
    connection::SimpleConnection,
    dsl::sql,
    result::Error,
    sql_types::{BigInt, Text},
};

/// The position up to which a standby has replayed the log.
pub(super) const REPLAYED: &str = "coalesce(pg_wal_lsn_diff(pg_last_wal_replay_lsn(), '0/0'), 0)::bigint";

/// A server: the start of its process.
const SERVER: &str = "extract(epoch FROM pg_postmaster_start_time())::text";

/// The server that the watcher asks. The URL may lead to several.
#[derive(Default)]
pub(crate) struct WatchedServer(Mutex<Watched>);

#[derive(Default)]
struct Watched {
    server: Option<String>,
    /// The position that it has replayed, as the watcher has read last.
    replayed: u64,
}

impl WatchedServer {
    /// Prepares a session of the pool, which must be of this server.
    ///
    /// # Errors
    ///
    /// It is of another one, or the server's replay has gone back: after a crash of one of its
    /// processes it begins before, with the start of the server as it was. A statement failed.
    pub(crate) fn admit(&self, session: &mut PgConnection) -> QueryResult<()> {
        session.batch_execute("SET default_transaction_read_only = on")?;
        // The watcher may read a later one meanwhile.
        let needed = self.watched().replayed;
        let server = server_of(session)?;
        let replayed: i64 = diesel::select(sql::<BigInt>(REPLAYED)).get_result(session)?;
        let is_watched = replayed.unsigned_abs() >= needed && self.watched().server.as_ref() == Some(&server);
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
        let mut watched = self.watched();
        let is_another = watched.server.as_ref().is_some_and(|before| *before != server);
        *watched = Watched { server: Some(server), replayed: 0 };
        Ok(is_another)
    }

    /// Notes the position that the watcher's session has seen replayed.
    pub(super) fn note_replayed(&self, replayed: u64) {
        self.watched().replayed = replayed;
    }

    fn watched(&self) -> MutexGuard<'_, Watched> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn server_of(session: &mut PgConnection) -> QueryResult<String> {
    diesel::select(sql::<Text>(SERVER)).get_result(session)
}
