use chrono::{DateTime, Utc};
use diesel::{
    prelude::*,
    sql_query,
    sql_types::{BigInt, Timestamptz},
};
use repower_ports::{RepositoryError, operation::Housekeeping};

use crate::{Database, idempotency::kept_since};

/// How many rows go in one transaction: few enough to hold nobody up.
const BATCH: usize = 1_000;

/// How many batches of one kind go in one sweep; the next takes the rest.
const BATCHES: usize = 100;

/// What is somebody else's at the moment is left for the next sweep.
const ENDED_WINDOWS: &str = "\
    DELETE FROM throttle_windows WHERE (scope, subject) IN ( \
        SELECT scope, subject FROM throttle_windows WHERE window_ends_at <= $1 \
        ORDER BY window_ends_at LIMIT $2 FOR UPDATE SKIP LOCKED)";
const OLD_ANSWERS: &str = "\
    DELETE FROM kept_answers WHERE (owner, key) IN ( \
        SELECT owner, key FROM kept_answers WHERE created_at <= $1 \
        ORDER BY created_at LIMIT $2 FOR UPDATE SKIP LOCKED)";
const EXPIRED_INVITATIONS: &str = "\
    DELETE FROM invitations WHERE id IN ( \
        SELECT id FROM invitations WHERE expires_at <= $1 \
        ORDER BY expires_at LIMIT $2 FOR UPDATE SKIP LOCKED)";

impl Housekeeping for Database {
    fn sweep(&self, now: DateTime<Utc>) -> Result<usize, RepositoryError> {
        let swept = [
            self.sweep_until(ENDED_WINDOWS, now)?,
            self.sweep_until(OLD_ANSWERS, kept_since(now))?,
            self.sweep_until(EXPIRED_INVITATIONS, now)?,
        ];
        Ok(swept.iter().sum())
    }
}

impl Database {
    /// Deletes, batch by batch, what was over at that moment.
    fn sweep_until(&self, delete: &str, moment: DateTime<Utc>) -> Result<usize, RepositoryError> {
        let mut swept = 0;
        for _ in 0..BATCHES {
            let limit = i64::try_from(BATCH).unwrap_or(i64::MAX);
            let batch = self.write(|connection| {
                sql_query(delete).bind::<Timestamptz, _>(moment).bind::<BigInt, _>(limit).execute(connection)
            })?;
            swept += batch;
            if batch < BATCH {
                break;
            }
        }
        Ok(swept)
    }
}
