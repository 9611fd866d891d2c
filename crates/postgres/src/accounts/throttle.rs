use std::cell::Cell;

use chrono::{DateTime, Utc};
use diesel::{dsl::case_when, prelude::*, result::Error};
use repower_domain::accounts::ThrottleScope;
use repower_ports::{
    RepositoryError,
    accounts::{ThrottleError, ThrottleKey, ThrottleRepository, Throttled},
};
use sha2::{Digest, Sha256};

use crate::{Database, schema::throttle_windows};

/// [`ThrottleRepository`] on PostgreSQL. It counts in autonomous transactions, which
/// the rollback of this thread's open transaction does not undo.
pub struct PgThrottleRepository {
    database: Database,
}

impl PgThrottleRepository {
    /// Creates the repository of this database's throttle windows.
    pub const fn new(database: Database) -> Self {
        Self { database }
    }
}

impl ThrottleRepository for PgThrottleRepository {
    fn count(&self, keys: &[ThrottleKey], now: DateTime<Utc>) -> Result<(), ThrottleError> {
        let throttled = Cell::new(None);
        let counted = self.database.write_autonomous(|connection| count_all(connection, keys, now, &throttled));
        match throttled.get() {
            Some(throttled) => Err(ThrottleError::Throttled(throttled)),
            None => counted.map_err(|failure| ThrottleError::Repository(failure.into())),
        }
    }

    fn refund(&self, keys: &[ThrottleKey], now: DateTime<Utc>) -> Result<(), RepositoryError> {
        let refund = |connection: &mut PgConnection| {
            for key in keys {
                // A window that began after `now` ends later than `now` plus its length.
                let counted_in = throttle_windows::table
                    .find((key.scope.as_str(), digest(key)))
                    .filter(throttle_windows::window_ends_at.gt(now))
                    .filter(throttle_windows::window_ends_at.le(now + key.limit.window))
                    .filter(throttle_windows::tries.gt(0));
                diesel::update(counted_in)
                    .set(throttle_windows::tries.eq(throttle_windows::tries - 1))
                    .execute(connection)?;
            }
            Ok(())
        };
        Ok(self.database.write_autonomous(refund)?)
    }

    fn clear(&self, account: &str) -> Result<usize, RepositoryError> {
        use ThrottleScope::{LoginAccount, LoginAccountAddress, PasswordAccount};
        let of_account = |filler| half(account).chain([filler; HALF]).collect::<Vec<u8>>();
        let counts = throttle_windows::table
            .filter(
                throttle_windows::scope
                    .eq_any([LoginAccount, LoginAccountAddress, PasswordAccount].map(ThrottleScope::as_str)),
            )
            .filter(throttle_windows::subject.between(of_account(u8::MIN), of_account(u8::MAX)));
        Ok(self.database.write_autonomous(|connection| diesel::delete(counts.clone()).execute(connection))?)
    }
}

/// Counts one try under every key. Where that exceeds a limit, `throttled` is set and the
/// transaction must be rolled back.
pub(crate) fn count_all(
    connection: &mut PgConnection,
    keys: &[ThrottleKey],
    now: DateTime<Utc>,
    throttled: &Cell<Option<Throttled>>,
) -> QueryResult<()> {
    let mut until = None;
    for key in keys {
        let (tries, window_ends_at) = count_one(connection, key, now)?;
        if i64::from(tries) > i64::from(key.limit.attempts) {
            until = until.max(Some(window_ends_at));
        }
    }
    throttled.set(until.map(|until| Throttled { until }));
    if until.is_some() { Err(Error::RollbackTransaction) } else { Ok(()) }
}

/// Counts one try. Returns the number of tries in the window, and the window's end.
/// The row stays locked for others until the end of the transaction.
fn count_one(
    connection: &mut PgConnection,
    key: &ThrottleKey,
    now: DateTime<Utc>,
) -> QueryResult<(i32, DateTime<Utc>)> {
    let window_ends_at = now + key.limit.window;
    let has_ended = || throttle_windows::window_ends_at.le(now);
    // Of concurrent tries the first to be counted may have read the clock last: a window
    // begins with the earliest, so that each can be refunded.
    let begins_later = || throttle_windows::window_ends_at.gt(window_ends_at);
    diesel::insert_into(throttle_windows::table)
        .values((
            throttle_windows::scope.eq(key.scope.as_str()),
            throttle_windows::subject.eq(digest(key)),
            throttle_windows::tries.eq(1),
            throttle_windows::window_ends_at.eq(window_ends_at),
        ))
        .on_conflict((throttle_windows::scope, throttle_windows::subject))
        .do_update()
        .set((
            throttle_windows::tries.eq(case_when(has_ended(), 1.into_sql::<diesel::sql_types::Integer>())
                .otherwise(throttle_windows::tries + 1)),
            throttle_windows::window_ends_at.eq(case_when(
                has_ended().or(begins_later()),
                window_ends_at.into_sql::<diesel::sql_types::Timestamptz>(),
            )
            .otherwise(throttle_windows::window_ends_at)),
        ))
        .returning((throttle_windows::tries, throttle_windows::window_ends_at))
        .get_result(connection)
}

/// The SHA-256 of a subject: the table stores no emails and no client addresses. What is
/// counted by the client address too has half a digest of each, so that all rows of an
/// account are one range.
fn digest(ThrottleKey { subject, client_address, .. }: &ThrottleKey) -> Vec<u8> {
    match client_address {
        None => Sha256::digest(subject).to_vec(),
        Some(address) => half(subject).chain(half(&address.to_string())).collect(),
    }
}

/// The bytes of half a digest.
const HALF: usize = 16;

fn half(subject: &str) -> impl Iterator<Item = u8> + use<> {
    Sha256::digest(subject).into_iter().take(HALF)
}
