//! The background jobs, which any number of processes may run at once: each deletes or
//! updates in batches, and skips the rows that another one has locked.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    thread,
    time::Duration,
};

use repower_domain::accounts::SessionLimits;
use repower_ports::{Clock, RepositoryError, accounts::SessionUses, operation::Housekeeping};
use repower_postgres::Database;

use crate::environment::SystemClock;

/// The time between two looks whether the database is migrated: five seconds.
const RETRY_INTERVAL: Duration = Duration::from_secs(5);
/// The time between two removals of expired rows: ten minutes.
const SWEEP_INTERVAL: Duration = Duration::from_mins(10);
/// The time between two looks for uses of sessions: one second.
const USES_INTERVAL: Duration = Duration::from_secs(1);

/// Starts the jobs in a thread of their own, which begins once the database is migrated. The
/// end of the process ends it at any time: a batch that is not committed is rolled back.
pub(crate) fn start(database: &Database, sessions: SessionLimits) {
    let database = database.clone();
    thread::spawn(move || {
        while !is_migrated(&database) {
            thread::sleep(RETRY_INTERVAL);
        }
        tracing::info!("the background jobs run");
        sweep_regularly(&database, sessions);
    });
}

/// Stores the uses of the sessions of this process's requests in a thread of its own. The end
/// of the process loses those of the last second.
pub(crate) fn store_session_uses(database: &Database) {
    let database = database.clone();
    thread::spawn(move || {
        let mut is_logged = false;
        loop {
            thread::sleep(USES_INTERVAL);
            match catch_unwind(AssertUnwindSafe(|| database.store())) {
                Ok(Ok(_)) => is_logged = false,
                Ok(Err(error)) if !is_logged => {
                    tracing::warn!(%error, "the last uses of sessions are not stored yet");
                    is_logged = true;
                }
                Ok(Err(_)) | Err(_) => {}
            }
        }
    });
}

/// Whether all migrations have run. Asks by a connection of its own: the error of one that
/// the pool fails to open is that of the readiness check.
fn is_migrated(database: &Database) -> bool {
    database.migrations_status().is_ok_and(|migrations| migrations.iter().all(|migration| migration.is_applied))
}

/// Removes expired rows regularly, until the process ends. Logs an error and continues, also
/// after a panic, which is logged by its hook.
fn sweep_regularly(housekeeping: &dyn Housekeeping, sessions: SessionLimits) {
    loop {
        match catch_unwind(AssertUnwindSafe(|| sweep(housekeeping, sessions))) {
            Ok(Ok(0)) | Err(_) => {}
            Ok(Ok(rows)) => tracing::info!(rows, "expired rows were removed"),
            Ok(Err(error)) => tracing::warn!(%error, "expired rows were not removed"),
        }
        thread::sleep(SWEEP_INTERVAL);
    }
}

fn sweep(housekeeping: &dyn Housekeeping, sessions: SessionLimits) -> Result<usize, RepositoryError> {
    let now = SystemClock.now();
    let rows = housekeeping.sweep(now)?;
    Ok(rows + housekeeping.sweep_sessions(&sessions.live_at(now))?)
}
