use repower_postgres::{Database, MigrateError};

use super::output::Failure;
use crate::{
    logging,
    settings::{Settings, SettingsError, Sources},
    wiring,
};

/// Runs work with the settings and the database.
pub(super) fn with_settings<T>(work: impl FnOnce(&Settings, &Database) -> Result<T, Failure>) -> Result<T, Failure> {
    let settings = settings(|lookup| Settings::read(lookup))?;
    logging::to_stderr(&settings)?;
    work(&settings, &wiring::database(&settings))
}

/// As [`with_settings`], for work on the pool that does nothing behind a pooler in transaction
/// mode, for which the pool alone logs no error.
pub(super) fn with_database<T>(work: impl FnOnce(&Settings, &Database) -> Result<T, Failure>) -> Result<T, Failure> {
    with_settings(|settings, database| match database.check_sessions() {
        Err(error @ MigrateError::Shared(_)) => Err(error.into()),
        // The work finds out why the database cannot be reached.
        Ok(()) | Err(_) => work(settings, database),
    })
}

/// Reads settings from the environment and the file `.env`. A file that cannot be
/// read is one more error.
pub(super) fn settings<T>(
    read: impl FnOnce(&dyn Fn(&str) -> Option<String>) -> Result<T, SettingsError>,
) -> Result<T, SettingsError> {
    let sources = Sources::of_this_process();
    let read = read(&|name| sources.find(name).map(|(text, _)| text.to_owned()));
    match sources.problem() {
        None => read,
        Some(problem) => {
            let mut problems = vec![(".env", problem.to_owned())];
            problems.extend(read.err().map(|error| error.0).unwrap_or_default());
            Err(SettingsError(problems))
        }
    }
}
