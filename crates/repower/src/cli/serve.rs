use std::{net::SocketAddr, process, thread, time::Duration};

use repower_http::Route;
use repower_postgres::{Database, MigrateError};

use super::{
    output::{CommandResult, INVALID_SETTINGS},
    startup,
};
use crate::{
    background, files, logging,
    server::{self, Api},
    settings::{Settings, warnings},
    wiring,
};

/// The time between two attempts on the database at the start. A wrong password or a
/// missing right stays for a while, and each attempt is a line in the log of PostgreSQL.
const RETRY_INTERVAL: Duration = Duration::from_secs(5);

/// Serves at once, and migrates in the background once the database is reachable.
pub(super) fn serve(settings: &Settings, database: &Database) -> CommandResult {
    run(settings, database, repower_api::routes(), || {
        let (schema, runs_migrations) = (database.clone(), settings.run_migrations);
        thread::spawn(move || prepare(&schema, runs_migrations));
        background::store_session_uses(database);
        if settings.run_background_jobs {
            background::start(database, settings.session_limits());
        } else {
            tracing::info!("the background jobs are left to other processes");
        }
    })
}

/// Runs the background jobs, and serves the routes of operation alone.
pub(super) fn work(settings: &Settings, database: &Database) -> CommandResult {
    run(settings, database, server::routes_of_operation(), || {
        let checked = database.clone();
        thread::spawn(move || warn_of_the_database(&checked));
        background::start(database, settings.session_limits());
    })
}

/// Listens, starts work in threads of its own, and serves until a signal arrives.
fn run(settings: &Settings, database: &Database, routes: Vec<Route>, start: impl FnOnce()) -> CommandResult {
    logging::redirect_stderr()?;
    for (setting, warning) in startup::settings(|lookup| Ok(warnings(lookup)))? {
        tracing::warn!("{setting} {warning}");
    }
    let settings = &Settings { max_connections: files::connections(settings.max_connections), ..settings.clone() };
    let api = Api::new(settings, database, wiring::services(settings, database)?, routes)?;
    let address = SocketAddr::new(settings.host, settings.port);
    let bound = api.bind(address, None).map_err(|cause| format!("cannot listen on {address}: {cause}"))?;
    start();
    Ok(api.serve(bound, settings.app_env, settings.shutdown_drain)?)
}

/// Migrates the database, listens to the changes of actors, watches the replica, and logs
/// faults of the database.
fn prepare(database: &Database, runs_migrations: bool) {
    if runs_migrations {
        migrate_until_done(database);
    }
    // Not before: it looks for triggers of a migration.
    if let Err(error) = database.keep_actors() {
        tracing::warn!(%error, "no thread: each request reads its actor");
    }
    if let Err(error) = database.watch_replica() {
        tracing::warn!(%error, "no thread: public reads go to the primary");
    }
    warn_of_the_database(database);
}

/// Logs a newer schema, missing rights, and messages in another language. Waits for the
/// database.
fn warn_of_the_database(database: &Database) {
    warn_of_newer_schema(database);
    warn_of_missing_rights(database);
    if let Ok(Some(reason)) = database.foreign_messages() {
        tracing::warn!("errors of the database that have no code of their own are answered with 503: {reason}");
    }
}

/// Retries until all migrations have run. Logs an error once, not at each attempt.
fn migrate_until_done(database: &Database) {
    let mut logged = None;
    while let Err(error) = database.run_migrations() {
        end_behind_pooler(&error);
        let error = error.to_string();
        if logged.as_ref() != Some(&error) {
            tracing::warn!(%error, "the database is not migrated yet; retrying");
            logged = Some(error);
        }
        thread::sleep(RETRY_INTERVAL);
    }
    tracing::info!("the database is migrated");
}

/// Ends the program where a setting is missing, which no later attempt would find. Until
/// then, the pool has no connection for a request.
fn end_behind_pooler(error: &MigrateError) {
    if matches!(error, MigrateError::Shared(_)) {
        logging::tell_failure(error);
        drop(logging::Log);
        process::exit(INVALID_SETTINGS.into());
    }
}

/// Warns where a newer program has migrated the database. Waits for the database.
fn warn_of_newer_schema(database: &Database) {
    let migrations = loop {
        match database.migrations_status() {
            Ok(migrations) => break migrations,
            Err(error) => {
                end_behind_pooler(&error);
                thread::sleep(RETRY_INTERVAL);
            }
        }
    };
    let unknown: Vec<_> =
        migrations.iter().filter(|migration| !migration.is_known).map(|migration| &*migration.name).collect();
    if !unknown.is_empty() {
        tracing::warn!(migrations = unknown.join(" "), "the database is newer than this program");
    }
}

/// Warns where the role of the URL may not do what the server does, or where the
/// database is not fit for it.
fn warn_of_missing_rights(database: &Database) {
    if let Err(error @ (MigrateError::Forbidden(_) | MigrateError::Encoding(_))) = database.check_rights() {
        tracing::warn!(%error, "some requests will fail");
    }
}
