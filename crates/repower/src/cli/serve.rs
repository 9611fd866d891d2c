use std::{net::SocketAddr, thread, time::Duration};

use repower_ports::{Clock, operation::Housekeeping};
use repower_postgres::Database;

use super::Outcome;
use crate::{
    environment::SystemClock,
    files,
    server::Api,
    settings::Settings,
    wiring,
};

/// How long to wait before the database is tried again.
const PAUSE: Duration = Duration::from_millis(500);

/// When what is of no use any more is removed for the first time after the
/// start, and how often from then on.
const FIRST_SWEEP: Duration = Duration::from_mins(1);
const BETWEEN_SWEEPS: Duration = Duration::from_mins(10);

/// Serves at once, and migrates in the background as soon as the database is
/// there.
pub(super) fn serve(settings: &Settings, database: &Database) -> Outcome {
    let settings = &Settings { max_connections: files::connections(settings.max_connections), ..settings.clone() };
    let api = Api::new(settings, database, wiring::services(settings, database)?)?;
    let address = SocketAddr::new(settings.host, settings.port);
    let bound = api.bind(address, None)
        .map_err(|cause| format!("cannot listen on {address}: {cause}"))?;
    let (schema, runs_migrations) = (database.clone(), settings.run_migrations);
    thread::spawn(move || {
        if runs_migrations {
            keep_migrating(&schema);
        }
        tell_of_newer_schema(&schema);
    });
    let housekeeping = database.clone();
    thread::spawn(move || keep_sweeping(&housekeeping));
    Ok(api.serve(bound, settings.environment, settings.shutdown_drain)?)
}

/// Tries until every migration has run. What is wrong is told once, not at each
/// try.
fn keep_migrating(database: &Database) {
    let mut told = None;
    while let Err(error) = database.run_migrations() {
        let error = error.to_string();
        if told.as_ref() != Some(&error) {
            tracing::warn!(%error, "the database is not migrated yet; trying again");
            told = Some(error);
        }
        thread::sleep(PAUSE);
    }
    tracing::info!("the database is migrated");
}

/// Warns where a newer program has migrated the database; this one serves with
/// what it knows. Waits for the database.
fn tell_of_newer_schema(database: &Database) {
    let migrations = loop {
        match database.migrations_status() {
            Ok(migrations) => break migrations,
            Err(_) => thread::sleep(PAUSE),
        }
    };
    let unknown: Vec<_> =
        migrations.iter().filter(|migration| !migration.is_known).map(|migration| &*migration.name).collect();
    if !unknown.is_empty() {
        tracing::warn!(migrations = unknown.join(" "), "the database is newer than this program");
    }
}

/// Goes on for as long as the process does; a failure is made up for the next
/// time.
fn keep_sweeping(housekeeping: &dyn Housekeeping) {
    thread::sleep(FIRST_SWEEP);
    loop {
        match housekeeping.sweep(SystemClock.now()) {
            Ok(0) => {}
            Ok(rows) => tracing::info!(rows, "swept"),
            Err(error) => tracing::warn!(%error, "not swept"),
        }
        thread::sleep(BETWEEN_SWEEPS);
    }
}
