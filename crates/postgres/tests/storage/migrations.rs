use std::thread;

use diesel::{Connection, PgConnection, RunQueryDsl, connection::SimpleConnection, dsl::sql, sql_types::Text};
use diesel_migrations::MigrationHarness;
use repower_ports::{
    RepositoryError,
    accounts::AccountRepository,
    operation::{NotReady, ReadinessProbe},
};
use repower_postgres::{Database, MigrateError, PgAccountRepository};

use crate::support::{Schema, assert_matches, live, new_id, sessionless};

/// The versions in the names of migrations.
fn versions(names: &[String]) -> Vec<&str> {
    names.iter().map(|name| name.split_once('_').unwrap().0).collect()
}

fn tables(schema: &Schema) -> Vec<String> {
    let mut connection = PgConnection::establish(&schema.url).unwrap();
    let tables = "tablename::text FROM pg_tables WHERE schemaname = current_schema ORDER BY 1";
    sql::<Text>(&format!("SELECT {tables}")).load(&mut connection).unwrap()
}

/// The name of each migration, and whether it is applied.
fn status(database: &Database) -> Vec<(String, bool)> {
    let status = database.migrations_status().unwrap();
    status.into_iter().map(|migration| (migration.name, migration.is_applied)).collect()
}

#[test]
fn migrations_run_revert_and_run_again() {
    let schema = Schema::empty();
    let database = Database::new(&schema.url, 1);
    let all = database.pending_migrations().unwrap();
    assert!(!all.is_empty());
    let ran = database.run_migrations().unwrap();
    assert_eq!(versions(&ran), all);
    assert!(database.pending_migrations().unwrap().is_empty());
    let reverted = database.revert_migrations(all.len(), |_| {}).unwrap();
    assert!(reverted.iter().eq(ran.iter().rev()), "{reverted:?}");
    assert_eq!(tables(&schema), ["__diesel_schema_migrations"]);
    assert_eq!(database.run_migrations().unwrap(), ran);
}

#[test]
fn concurrent_starts_migrate_once_and_none_fails() {
    let schema = Schema::empty();
    let ran: usize = thread::scope(|scope| {
        let start = || scope.spawn(|| Database::new(&schema.url, 1).run_migrations().unwrap().len());
        let starts: Vec<_> = (0..8).map(|_| start()).collect();
        starts.into_iter().map(|start| start.join().unwrap()).sum()
    });
    let mut connection = PgConnection::establish(&schema.url).unwrap();
    assert_eq!(connection.applied_migrations().unwrap().len(), ran);
    assert!(Database::new(&schema.url, 1).pending_migrations().unwrap().is_empty());
}

#[test]
fn a_database_with_pending_migrations_is_not_ready_and_unavailable() {
    let schema = Schema::empty();
    let database = Database::new(&schema.url, 1);
    let pending = database.pending_migrations().unwrap().len();
    assert_matches!(database.check(), Err(NotReady::MigrationsPending(number)) if *number == pending);
    let accounts = PgAccountRepository::new(database.clone());
    assert_matches!(accounts.find_actor(&sessionless(new_id()), &live(0)), Err(RepositoryError::Unavailable(_)));
    database.run_migrations().unwrap();
    assert_matches!(database.check(), Ok(()));
    assert_matches!(accounts.find_actor(&sessionless(new_id()), &live(0)), Ok(None));
}

#[test]
fn a_failed_migration_is_rolled_back_and_can_be_retried() {
    let schema = Schema::empty();
    let mut connection = PgConnection::establish(&schema.url).unwrap();
    connection.batch_execute("CREATE TABLE technicians ()").unwrap();
    let database = Database::new(&schema.url, 1);
    let all = database.pending_migrations().unwrap();
    assert_matches!(database.run_migrations(), Err(MigrateError::Failed(_)));
    assert_eq!(database.pending_migrations().unwrap(), all[1..]);
    connection.batch_execute("DROP TABLE technicians").unwrap();
    assert_eq!(versions(&database.run_migrations().unwrap()), all[1..]);
}

#[test]
fn migrating_without_a_database_is_unavailable() {
    assert_matches!(
        Database::new("postgres://127.0.0.1:1/none", 1).run_migrations(),
        Err(MigrateError::Unavailable(_))
    );
}

#[test]
fn each_migration_is_reported_before_it_runs() {
    let schema = Schema::empty();
    let database = Database::new(&schema.url, 1);
    let mut reported = Vec::new();
    let ran = database
        .run_migrations_with_progress(|step| reported.push((step.name.to_owned(), step.place, step.total)))
        .unwrap();
    let expected: Vec<_> = ran.iter().zip(1..).map(|(name, place)| (name.clone(), place, ran.len())).collect();
    assert_eq!(reported, expected);
    assert_eq!(ran[0], "00000000000001_accounts");
    reported.clear();
    database
        .run_migrations_with_progress(|step| reported.push((step.name.to_owned(), step.place, step.total)))
        .unwrap();
    assert_eq!(reported, []);
}

#[test]
fn the_status_lists_applied_and_pending_migrations() {
    let schema = Schema::empty();
    let database = Database::new(&schema.url, 1);
    assert!(status(&database).iter().all(|(_, is_applied)| !is_applied));
    assert_eq!(tables(&schema), [""; 0], "reading the status creates nothing");
    let ran = database.run_migrations().unwrap();
    assert_eq!(status(&database), ran.iter().map(|name| (name.clone(), true)).collect::<Vec<_>>());
    let reverted = database.revert_migrations(2, |_| {}).unwrap();
    assert!(reverted.iter().eq(ran.iter().rev().take(2)), "{reverted:?}");
    let expected: Vec<_> = ran.iter().map(|name| (name.clone(), !reverted.contains(name))).collect();
    assert_eq!(status(&database), expected);
}

#[test]
fn reverting_more_migrations_than_have_run_fails() {
    let schema = Schema::migrated();
    let database = Database::new(&schema.url, 1);
    let before = status(&database);
    let rejected = database.revert_migrations(before.len() + 1, |_| panic!("a migration is reverted"));
    assert_matches!(rejected, Err(MigrateError::TooFew { requested, applied }) if *requested == applied + 1);
    assert_eq!(status(&database), before);
    let empty = Schema::empty();
    let rejected = Database::new(&empty.url, 1).revert_migrations(1, |_| {});
    assert_matches!(rejected, Err(MigrateError::TooFew { requested: 1, applied: 0 }));
}

#[test]
fn an_unknown_migration_is_listed_and_not_reverted() {
    let schema = Schema::migrated();
    let database = Database::new(&schema.url, 1);
    let mut connection = PgConnection::establish(&schema.url).unwrap();
    connection.batch_execute("INSERT INTO __diesel_schema_migrations (version) VALUES ('99')").unwrap();
    let newest = database.migrations_status().unwrap().pop().unwrap();
    assert_eq!((newest.name.as_str(), newest.is_applied, newest.is_known), ("99", true, false));
    let before = status(&database);
    assert_matches!(database.revert_migrations(2, |_| {}), Err(MigrateError::Unknown(version)) if version == "99");
    assert_eq!(status(&database), before);
}

#[test]
fn concurrent_reverts_revert_each_migration_once() {
    let schema = Schema::migrated();
    let all = status(&Database::new(&schema.url, 1)).len();
    let mut reverted: Vec<_> = thread::scope(|scope| {
        let start = || scope.spawn(|| Database::new(&schema.url, 1).revert_migrations(1, |_| {}).unwrap());
        let starts: Vec<_> = (0..all).map(|_| start()).collect();
        starts.into_iter().flat_map(|start| start.join().unwrap()).collect()
    });
    reverted.sort();
    reverted.dedup();
    assert_eq!(reverted.len(), all);
}
