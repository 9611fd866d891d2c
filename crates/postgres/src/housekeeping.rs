use chrono::{DateTime, Utc};
use diesel::{
    prelude::*,
    sql_query,
    sql_types::{BigInt, Timestamptz},
};
use repower_domain::accounts::{KnownAddress, LiveSessions};
use repower_ports::{RepositoryError, operation::Housekeeping};

use crate::{Database, idempotency::retention_start, session_records::EndReason};

/// Maximum number of rows deleted in one transaction; a larger one would delay
/// other writers.
const BATCH_ROWS: usize = 1_000;

/// Maximum number of batches per table and sweep. The next sweep deletes the rest.
const MAX_BATCHES: usize = 100;

/// Deletes up to `$2` windows that had ended at `$1`. As in the other statements,
/// a row that is locked is left for the next sweep.
const ENDED_WINDOWS: &str = "\
    DELETE FROM throttle_windows WHERE (scope, subject) IN ( \
        SELECT scope, subject FROM throttle_windows WHERE window_ends_at <= $1 \
        ORDER BY window_ends_at LIMIT $2 FOR UPDATE SKIP LOCKED)";
/// Deletes up to `$2` stored responses that were created at `$1` or before.
const EXPIRED_RESPONSES: &str = "\
    DELETE FROM kept_answers WHERE (owner, key) IN ( \
        SELECT owner, key FROM kept_answers WHERE created_at <= $1 \
        ORDER BY created_at LIMIT $2 FOR UPDATE SKIP LOCKED)";
/// Deletes up to `$2` invitations that had expired at `$1`.
const EXPIRED_INVITATIONS: &str = "\
    DELETE FROM invitations WHERE id IN ( \
        SELECT id FROM invitations WHERE expires_at <= $1 \
        ORDER BY expires_at LIMIT $2 FOR UPDATE SKIP LOCKED)";

/// Deletes up to `$2` known addresses that were used last at `$1` or before.
const EXPIRED_ADDRESSES: &str = "\
    DELETE FROM known_addresses WHERE (user_id, address) IN ( \
        SELECT user_id, address FROM known_addresses WHERE used_at <= $1 \
        ORDER BY used_at LIMIT $2 FOR UPDATE SKIP LOCKED)";

/// Deletes up to `$2` sessions that had expired at `$1`.
const EXPIRED_SESSIONS: &str = "\
    DELETE FROM sessions WHERE id IN ( \
        SELECT id FROM sessions WHERE expires_at <= $1 \
        ORDER BY expires_at LIMIT $2 FOR UPDATE SKIP LOCKED)";

/// Deletes up to `$2` sessions that were used last at `$1` or before. No index has the time of
/// the last use, which changes often.
const IDLE_SESSIONS: &str = "\
    DELETE FROM sessions WHERE id IN ( \
        SELECT id FROM sessions WHERE last_used_at <= $1 LIMIT $2 FOR UPDATE SKIP LOCKED)";

impl Housekeeping for Database {
    fn sweep(&self, now: DateTime<Utc>) -> Result<usize, RepositoryError> {
        let deleted = [
            self.delete_in_batches(ENDED_WINDOWS, now)?,
            self.delete_in_batches(EXPIRED_RESPONSES, retention_start(now))?,
            self.delete_in_batches(EXPIRED_INVITATIONS, now)?,
            self.delete_in_batches(EXPIRED_ADDRESSES, now - KnownAddress::LIFETIME)?,
        ];
        Ok(deleted.iter().sum())
    }

    fn sweep_sessions(&self, live: &LiveSessions) -> Result<usize, RepositoryError> {
        let expired = self.delete_in_batches(EXPIRED_SESSIONS, live.at)?;
        self.sessions.count_ended(EndReason::Expiry, expired);
        let Some(used_after) = live.used_after else { return Ok(expired) };
        let idle = self.delete_in_batches(IDLE_SESSIONS, used_after)?;
        self.sessions.count_ended(EndReason::Idle, idle);
        Ok(expired + idle)
    }
}

impl Database {
    /// Deletes the rows that had expired at this moment, in batches. Returns their
    /// number.
    fn delete_in_batches(&self, statement: &str, moment: DateTime<Utc>) -> Result<usize, RepositoryError> {
        let mut deleted = 0;
        for _ in 0..MAX_BATCHES {
            let limit = i64::try_from(BATCH_ROWS).unwrap_or(i64::MAX);
            let batch = self.write(|connection| {
                sql_query(statement).bind::<Timestamptz, _>(moment).bind::<BigInt, _>(limit).execute(connection)
            })?;
            deleted += batch;
            if batch < BATCH_ROWS {
                break;
            }
        }
        Ok(deleted)
    }
}
