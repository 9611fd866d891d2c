#[expect(clippy::ref_option_ref, reason = "the derived change set has such references")]
mod rows;

use chrono::{DateTime, TimeDelta, Utc};
use diesel::{
    dsl::sql,
    prelude::*,
    sql_types::{BigInt, Text},
};
use repower_ports::idempotency::{IdempotencyRepository, KeptAnswer, KeyedError, KeyedRequest, Outcome, Work};

use self::rows::{AnswerColumns, AnswerRow, KeyColumns};
use crate::{Database, error::Failure, schema::kept_answers};

#[diesel::declare_sql_function]
extern "SQL" {
    fn hashtextextended(text: Text, seed: BigInt) -> BigInt;
    fn pg_try_advisory_xact_lock(key: BigInt) -> Bool;
}

/// For how long an answer is kept.
const KEPT_FOR: TimeDelta = TimeDelta::hours(24);

/// The moment before which answers are kept no longer.
pub(crate) fn kept_since(now: DateTime<Utc>) -> DateTime<Utc> {
    now - KEPT_FOR
}

/// [`IdempotencyRepository`] on PostgreSQL. Works may not be nested.
pub struct PgIdempotencyRepository {
    database: Database,
}

impl PgIdempotencyRepository {
    /// The kept answers of this database. Only repositories of the same pool
    /// take part in the work's transaction.
    pub const fn new(database: Database) -> Self {
        Self { database }
    }

    /// Whether nobody else has a request with this key under way. The lock goes
    /// with the transaction, once what it did can be seen.
    fn is_first(&self, request: &KeyedRequest) -> Result<bool, Failure> {
        // No key holds a line break.
        let name = format!("{}\n{}", request.key, request.owner);
        // Locks are one for all schemas of a database; the table's own number keeps them apart.
        let this_table = sql::<BigInt>("'kept_answers'::regclass::oid::bigint");
        let lock = diesel::select(pg_try_advisory_xact_lock(hashtextextended(name, this_table)));
        self.database.read(|connection| lock.clone().get_result(connection))
    }

    fn find(&self, request: &KeyedRequest) -> Result<Option<AnswerRow>, Failure> {
        self.database.read(|connection| {
            kept_answers::table
                .find((&request.owner, &request.key))
                .filter(kept_answers::created_at.gt(kept_since(request.now)))
                .select(AnswerRow::as_select())
                .first(connection)
                .optional()
        })
    }

    /// Keeps an answer, in the place of one that is there too long.
    fn keep(&self, request: &KeyedRequest, answer: &KeptAnswer) -> Result<(), Failure> {
        let columns = AnswerColumns::new(request, answer);
        self.database.write(|connection| {
            diesel::insert_into(kept_answers::table)
                .values((KeyColumns::from(request), &columns))
                .on_conflict((kept_answers::owner, kept_answers::key))
                .do_update()
                .set(&columns)
                .execute(connection)
        })?;
        Ok(())
    }
}

impl IdempotencyRepository for PgIdempotencyRepository {
    fn once(&self, request: &KeyedRequest, work: Work<'_>) -> Result<Outcome, KeyedError> {
        let transaction = self.database.begin().map_err(failed)?;
        if !self.is_first(request).map_err(failed)? {
            return Err(KeyedError::UnderWay);
        }
        if let Some(row) = self.find(request).map_err(failed)? {
            return if row.is_of(request) { Ok(Outcome::Repeated(row.try_into()?)) } else { Err(KeyedError::Mismatch) };
        }
        // Leaving without a commit, a panic included, takes back what was done.
        let Some(answer) = work() else { return Ok(Outcome::Done) };
        self.keep(request, &answer).map_err(failed)?;
        transaction.commit().map_err(failed)?;
        Ok(Outcome::Done)
    }
}

fn failed(failure: Failure) -> KeyedError {
    KeyedError::Repository(failure.into())
}
