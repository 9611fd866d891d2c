use chrono::{DateTime, Utc};
use diesel::{
    prelude::*,
    result::Error,
    sql_query,
    sql_types::{Array, BigInt, Timestamptz, Uuid as SqlUuid},
};
use repower_domain::{
    accounts::{LiveSessions, Session},
    ids::{SessionId, UserId},
};
use repower_ports::{
    RepositoryError,
    accounts::{Bearer, EndSessionsError, SessionEnd, SessionRepository, SessionSelection, SessionUses, TokenKind},
};

use super::{
    session_rows::{NewSessionRow, SessionRow},
    verified::lock_verified,
};
use crate::{Database, schema::sessions, session_records::EndReason};

/// The most sessions whose uses one statement stores: 1,000.
const USES: usize = 1_000;

/// Ends the validity of the tokens without a session of a user: their generation is later than
/// any of before, also where the clock of another instance is ahead.
const END_SESSIONLESS: &str =
    "UPDATE users SET tokens_valid_from = greatest($2, tokens_valid_from + interval '1 microsecond') WHERE id = $1";

/// Removes the sessions of a user but the `$4` live ones that began last.
const END_SURPLUS: &str = "\
    DELETE FROM sessions WHERE user_id = $1 AND id NOT IN ( \
        SELECT id FROM sessions WHERE user_id = $1 AND expires_at > $2 AND last_used_at > $3 \
        ORDER BY created_at DESC, id DESC LIMIT $4)";

/// Stores the minutes of uses. A session whose row is locked is used, or ends, on another
/// instance at this moment.
const STORE_USES: &str = "\
    UPDATE sessions SET last_used_at = used.minute FROM ( \
        SELECT sessions.id, noted.minute FROM unnest($1, $2) AS noted (id, minute) \
        JOIN sessions ON sessions.id = noted.id WHERE last_used_at < noted.minute \
        ORDER BY sessions.id FOR NO KEY UPDATE OF sessions SKIP LOCKED \
    ) AS used WHERE sessions.id = used.id";

/// [`SessionRepository`] on PostgreSQL.
pub struct PgSessionRepository {
    database: Database,
}

impl PgSessionRepository {
    /// Creates the repository of this database's sessions.
    pub const fn new(database: Database) -> Self {
        Self { database }
    }
}

impl SessionRepository for PgSessionRepository {
    fn of_user(&self, user: UserId, live: &LiveSessions) -> Result<Vec<Session>, RepositoryError> {
        let query = |connection: &mut PgConnection| {
            sessions::table
                .filter(sessions::user_id.eq(user.uuid()))
                .filter(sessions::expires_at.gt(live.at))
                .filter(sessions::last_used_at.gt(used_after(live)))
                .select(SessionRow::as_select())
                .load(connection)
        };
        self.database.read(query)?.into_iter().map(Session::try_from).collect()
    }

    fn find(&self, id: SessionId, live: &LiveSessions) -> Result<Option<Session>, RepositoryError> {
        let query = |connection: &mut PgConnection| {
            sessions::table.find(id.uuid()).select(SessionRow::as_select()).first(connection).optional()
        };
        let found = self.database.read(query)?.map(Session::try_from).transpose()?;
        Ok(found.filter(|session| live.include(session)))
    }

    fn log_out(&self, bearer: &Bearer, now: DateTime<Utc>) -> Result<(), RepositoryError> {
        let Bearer { user_id, token } = *bearer;
        match token {
            TokenKind::OfSession(session) => {
                let ended =
                    self.database.write_actor(user_id, |connection| end_these(connection, user_id, &[session]))?;
                self.database.sessions.count_ended(EndReason::Logout, ended);
            }
            TokenKind::Sessionless(generation) => {
                let statement = format!("{END_SESSIONLESS} AND tokens_valid_from <= $3");
                self.database.write_actor(user_id, |connection| {
                    sql_query(&statement)
                        .bind::<SqlUuid, _>(user_id.uuid())
                        .bind::<Timestamptz, _>(now)
                        .bind::<Timestamptz, _>(generation)
                        .execute(connection)
                })?;
            }
        }
        Ok(())
    }

    fn end(&self, SessionEnd { user_id, hash, selection, at }: &SessionEnd) -> Result<usize, EndSessionsError> {
        let change = |connection: &mut PgConnection| {
            if lock_verified(connection, *user_id, hash)?.is_none() {
                return Ok(Err(EndSessionsError::Repository(RepositoryError::Stale)));
            }
            match selection {
                SessionSelection::These(ids) => {
                    let ended = end_these(connection, *user_id, ids)?;
                    // Rolls back.
                    if ended < ids.len() { Err(Error::NotFound) } else { Ok(Ok(ended)) }
                }
                SessionSelection::AllBut(token) => end_others(connection, *user_id, *token, *at).map(Ok),
            }
        };
        let outcome = self.database.write_actor(*user_id, change);
        let ended = outcome.map_err(|failure| {
            if failure.is_not_found() { EndSessionsError::NoSuchSession } else { RepositoryError::from(failure).into() }
        })??;
        self.database.sessions.count_ended(EndReason::User, ended);
        Ok(ended)
    }
}

impl SessionUses for Database {
    fn note(&self, session: SessionId, at: DateTime<Utc>) {
        self.sessions.note_use(session, at);
    }

    fn store(&self) -> Result<usize, RepositoryError> {
        let mut stored = 0;
        loop {
            let uses = self.sessions.take_uses(USES);
            if uses.is_empty() {
                return Ok(stored);
            }
            let (ids, minutes): (Vec<_>, Vec<_>) = uses.iter().map(|(id, minute)| (id.uuid(), *minute)).unzip();
            let update = |connection: &mut PgConnection| {
                sql_query(STORE_USES)
                    .bind::<Array<SqlUuid>, _>(&ids)
                    .bind::<Array<Timestamptz>, _>(&minutes)
                    .execute(connection)
            };
            match self.write_statement(update) {
                Ok(rows) => stored += rows,
                Err(failure) => {
                    self.sessions.put_back_uses(uses);
                    return Err(failure.into());
                }
            }
        }
    }
}

/// Inserts a session. Its user must be locked or new, so that no end of all sessions misses it.
pub(super) fn insert(connection: &mut PgConnection, session: &Session) -> QueryResult<()> {
    diesel::insert_into(sessions::table).values(NewSessionRow::from(session)).execute(connection)?;
    Ok(())
}

/// As [`insert`], and removes the sessions of the user that are not live, and the oldest ones
/// beyond the bound. The user must be locked: concurrent logins then see the row of this one.
/// Returns the number of removed sessions.
pub(super) fn insert_bounded(
    connection: &mut PgConnection,
    session: &Session,
    live: &LiveSessions,
) -> QueryResult<usize> {
    let others = i64::try_from(Session::MOST - 1).unwrap_or(i64::MAX);
    let removed = sql_query(END_SURPLUS)
        .bind::<SqlUuid, _>(session.user_id.uuid())
        .bind::<Timestamptz, _>(live.at)
        .bind::<Timestamptz, _>(used_after(live))
        .bind::<BigInt, _>(others)
        .execute(connection)?;
    insert(connection, session)?;
    Ok(removed)
}

/// Ends all sessions of a user, and the validity of the tokens without one. Returns the number
/// of sessions. Locks the user: the session of a login that has begun is there, and a later
/// login waits.
pub(crate) fn end_all(connection: &mut PgConnection, user: UserId, now: DateTime<Utc>) -> QueryResult<usize> {
    end_sessionless(connection, user, now)?;
    diesel::delete(sessions::table.filter(sessions::user_id.eq(user.uuid()))).execute(connection)
}

/// Ends all sessions of a user but that of a token; tokens without a session are one.
fn end_others(connection: &mut PgConnection, user: UserId, token: TokenKind, now: DateTime<Utc>) -> QueryResult<usize> {
    let all = sessions::table.filter(sessions::user_id.eq(user.uuid()));
    match token {
        TokenKind::OfSession(session) => {
            end_sessionless(connection, user, now)?;
            diesel::delete(all.filter(sessions::id.ne(session.uuid()))).execute(connection)
        }
        TokenKind::Sessionless(_) => diesel::delete(all).execute(connection),
    }
}

fn end_these(connection: &mut PgConnection, user: UserId, ids: &[SessionId]) -> QueryResult<usize> {
    let ids = ids.iter().map(|id| id.uuid());
    diesel::delete(sessions::table.filter(sessions::user_id.eq(user.uuid())).filter(sessions::id.eq_any(ids)))
        .execute(connection)
}

fn end_sessionless(connection: &mut PgConnection, user: UserId, now: DateTime<Utc>) -> QueryResult<usize> {
    sql_query(END_SESSIONLESS).bind::<SqlUuid, _>(user.uuid()).bind::<Timestamptz, _>(now).execute(connection)
}

/// The time after which a live session was used; without an idle time one before any session.
pub(super) fn used_after(live: &LiveSessions) -> DateTime<Utc> {
    live.used_after.unwrap_or(DateTime::UNIX_EPOCH)
}
