use repower_postgres::{Database, MigrateError, Migration};

use super::{
    args::Migrate,
    output::{CommandResult, print},
    progress::Progress,
};

/// Migrates the database, reverts migrations, or lists them.
pub(super) fn migrate(arguments: &Migrate, database: &Database) -> CommandResult {
    if arguments.status {
        return print_status(database, arguments.check);
    }
    match arguments.down {
        None => {
            print_each("ran", &run(database)?)?;
            print("The database is migrated.")
        }
        Some(count) => {
            let progress = Progress::of("reverting");
            let reverted =
                database.revert_migrations(count.into(), |step| progress.step(step.name, step.place, step.total))?;
            drop(progress);
            print_each("reverted", &reverted)
        }
    }
}

/// Runs the pending migrations, and shows the progress.
pub(super) fn run(database: &Database) -> Result<Vec<String>, MigrateError> {
    let progress = Progress::of("migrating");
    database.run_migrations_with_progress(|step| progress.step(step.name, step.place, step.total))
}

fn print_each(verb: &str, names: &[String]) -> CommandResult {
    names.iter().try_for_each(|name| print(&format!("{verb} {name}")))
}

fn print_status(database: &Database, is_checked: bool) -> CommandResult {
    let migrations = database.migrations_status()?;
    for migration in &migrations {
        print(&format!("{:<8} {}{}", state(migration), migration.name, remark(migration)))?;
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
