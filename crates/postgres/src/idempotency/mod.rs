#[expect(clippy::ref_option_ref, reason = "the derived change set has such references")]
mod rows;

use chrono::{DateTime, TimeDelta, Utc};
use diesel::{
    dsl::sql,
    prelude::*,
    sql_query,
    sql_types::{BigInt, Text},
};
use repower_ports::{
    RepositoryError,
    idempotency::{IdempotencyRepository, KeyedError, KeyedOutcome, KeyedRequest, StoredResponse, Work},
};

use self::rows::{KeyColumns, ResponseColumns, ResponseRow};
use crate::{Database, error::Failure, lists, schema::kept_answers};

#[diesel::declare_sql_function]
extern "SQL" {
    fn hashtextextended(text: Text, seed: BigInt) -> BigInt;
    fn pg_try_advisory_xact_lock(key: BigInt) -> Bool;
}

/// Waits for another transaction that counts or stores responses of the owner `$1`.
const LOCK_OWNER: &str = "SELECT pg_advisory_xact_lock(hashtextextended($1, 'kept_answers'::regclass::oid::bigint))";

/// Retention of a stored response: 24 hours.
const RETENTION: TimeDelta = TimeDelta::hours(24);

/// The time up to which stored responses have expired.
pub(crate) fn retention_start(now: DateTime<Utc>) -> DateTime<Utc> {
    now - RETENTION
}

/// [`IdempotencyRepository`] on PostgreSQL. Calls of `once` must not be nested.
pub struct PgIdempotencyRepository {
    database: Database,
}

impl PgIdempotencyRepository {
    /// Creates the repository of this database's stored responses. Only
    /// repositories of the same pool join the transaction of the work.
    pub const fn new(database: Database) -> Self {
        Self { database }
    }

    /// Locks the request's key, unless another transaction holds it. The lock ends
    /// with the transaction, after its changes are visible.
    fn try_lock(&self, request: &KeyedRequest) -> Result<bool, Failure> {
        // A key contains no line break.
        let name = format!("{}\n{}", request.key, request.owner);
        // All schemas of a database share one lock space; the table's oid separates them.
        let this_table = sql::<BigInt>("'kept_answers'::regclass::oid::bigint");
        let lock = diesel::select(pg_try_advisory_xact_lock(hashtextextended(name, this_table)));
        self.database.read(|connection| lock.clone().get_result(connection))
    }

    /// Stores a response, or replaces an expired one. The owner is locked last, for the
    /// shortest time, and so that no two transactions wait for each other.
    fn store(&self, request: &KeyedRequest, response: &StoredResponse) -> Result<(), RepositoryError> {
        let columns = ResponseColumns::new(request, response);
        let store = |connection: &mut PgConnection| {
            sql_query(LOCK_OWNER).bind::<Text, _>(&request.owner).execute(connection)?;
            let has_room = count_others(connection, request)? < i64::from(request.limit);
            if has_room {
                diesel::insert_into(kept_answers::table)
                    .values((KeyColumns::from(request), &columns))
                    .on_conflict((kept_answers::owner, kept_answers::key))
                    .do_update()
                    .set(&columns)
                    .execute(connection)?;
            }
            Ok(has_room)
        };
        lists::require_room(self.database.write(store)?, request.limit)
    }
}

impl IdempotencyRepository for PgIdempotencyRepository {
    fn once(&self, request: &KeyedRequest, work: Work<'_>) -> Result<KeyedOutcome, KeyedError> {
        let transaction = self.database.begin().map_err(failed)?;
        if !self.try_lock(request).map_err(failed)? {
            return Err(KeyedError::InProgress);
        }
        if let Some(response) = self.find(request)? {
            return Ok(KeyedOutcome::Replayed(response));
        }
        // A return without a commit rolls the work back, and so does a panic.
        let Some(response) = work() else { return Ok(KeyedOutcome::Executed) };
        self.store(request, &response)?;
        transaction.commit().map_err(failed)?;
        Ok(KeyedOutcome::Executed)
    }

    fn find(&self, request: &KeyedRequest) -> Result<Option<StoredResponse>, KeyedError> {
        let row = self.database.read(|connection| {
            kept_answers::table
                .find((&request.owner, &request.key))
                .filter(kept_answers::created_at.gt(retention_start(request.now)))
                .select(ResponseRow::as_select())
                .first(connection)
                .optional()
        });
        let Some(row) = row.map_err(failed)? else { return Ok(None) };
        if row.matches(request) { Ok(Some(row.try_into()?)) } else { Err(KeyedError::Mismatch) }
    }
}

/// The number of responses that are stored for the owner, except for this key.
fn count_others(connection: &mut PgConnection, request: &KeyedRequest) -> QueryResult<i64> {
    kept_answers::table
        .filter(kept_answers::owner.eq(&request.owner))
        .filter(kept_answers::key.ne(&request.key))
        .filter(kept_answers::created_at.gt(retention_start(request.now)))
        .count()
        .get_result(connection)
}

fn failed(failure: Failure) -> KeyedError {
    KeyedError::Repository(failure.into())
}
