use repower_postgres::{Database, MigrateError, Migration};

use super::{Outcome, args::Migrate, progress::Progress, say};

/// Brings the database up to date, or back, or tells where it stands.
pub(super) fn migrate(asked: &Migrate, database: &Database) -> Outcome {
    if asked.status {
        return tell_status(database, asked.check);
    }
    match asked.down {
        None => {
            tell_each("ran", &run(database)?)?;
            say("The database is up to date.")
        }
        Some(count) => {
            let progress = Progress::of("reverting");
            let reverted =
                database.revert_migrations(count.into(), |step| progress.step(step.name, step.place, step.total))?;
            drop(progress);
            tell_each("took back", &reverted)
        }
    }
}

/// Runs what has not run yet, and shows how far it is.
pub(super) fn run(database: &Database) -> Result<Vec<String>, MigrateError> {
    let progress = Progress::of("migrating");
    database.run_migrations_with_progress(|step| progress.step(step.name, step.place, step.total))
}

fn tell_each(what: &str, names: &[String]) -> Outcome {
    names.iter().try_for_each(|name| say(&format!("{what} {name}")))
}

fn tell_status(database: &Database, is_checked: bool) -> Outcome {
    let migrations = database.migrations_status()?;
    for migration in &migrations {
        say(&format!("{:<8} {}{}", state(migration), migration.name, remark(migration)))?;
    }
    let pending = migrations.iter().filter(|migration| !migration.is_applied).count();
    if is_checked && pending > 0 {
        Err(format!("{pending} of {} migrations are pending", migrations.len()).into())
    } else {
        Ok(())
    }
}

const fn state(migration: &Migration) -> &'static str {
    if migration.is_applied { "applied" } else { "pending" }
}

const fn remark(migration: &Migration) -> &'static str {
    if migration.is_known { "" } else { " (by a newer program)" }
}
