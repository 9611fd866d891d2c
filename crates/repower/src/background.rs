//! The background jobs, which any number of processes may run at once: each deletes in
//! batches, and skips the rows that another one has locked.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    thread,
    time::Duration,
};

use repower_ports::{Clock, operation::Housekeeping};
use repower_postgres::Database;

use crate::environment::SystemClock;

/// The time between two looks whether the database is migrated: five seconds.
const RETRY_INTERVAL: Duration = Duration::from_secs(5);
/// The time between two removals of expired rows: ten minutes.
const SWEEP_INTERVAL: Duration = Duration::from_mins(10);

/// Starts the jobs in a thread of their own, which begins once the database is migrated. The
/// end of the process ends it at any time: a batch that is not committed is rolled back.
pub(crate) fn start(database: &Database) {
    let database = database.clone();
    thread::spawn(move || {
        while !is_migrated(&database) {
            thread::sleep(RETRY_INTERVAL);
        }
        tracing::info!("the background jobs run");
        sweep_regularly(&database);
    });
}

/// Whether all migrations have run. Asks by a connection of its own: the error of one that
/// the pool fails to open is that of the readiness check.
fn is_migrated(database: &Database) -> bool {
    database.migrations_status().is_ok_and(|migrations| migrations.iter().all(|migration| migration.is_applied))
}

/// Removes expired rows regularly, until the process ends. Logs an error and continues, also
/// after a panic, which is logged by its hook.
fn sweep_regularly(housekeeping: &dyn Housekeeping) {
    loop {
        match catch_unwind(AssertUnwindSafe(|| housekeeping.sweep(SystemClock.now()))) {
            Ok(Ok(0)) | Err(_) => {}
            Ok(Ok(rows)) => tracing::info!(rows, "expired rows were removed"),
            Ok(Err(error)) => tracing::warn!(%error, "expired rows were not removed"),
        }
        thread::sleep(SWEEP_INTERVAL);
    }
}
