use std::thread;

use diesel::{Connection, PgConnection, RunQueryDsl, connection::SimpleConnection, dsl::sql, sql_types::Text};
use diesel_migrations::MigrationHarness;
use repower_ports::{
    RepositoryError,
    accounts::AccountRepository,
    operation::{NotReady, ReadinessProbe},
};
use repower_postgres::{Database, MigrateError, PgAccountRepository};

use crate::support::{Schema, assert_matches, new_id};

/// The versions that names begin with.
fn versions(names: &[String]) -> Vec<&str> {
    names.iter().map(|name| name.split_once('_').unwrap().0).collect()
}

fn tables(schema: &Schema) -> Vec<String> {
    let mut connection = PgConnection::establish(&schema.url).unwrap();
    let tables = "tablename::text FROM pg_tables WHERE schemaname = current_schema ORDER BY 1";
    sql::<Text>(&format!("SELECT {tables}")).load(&mut connection).unwrap()
}

/// What the status says of each: its name, and whether it is applied.
fn status(database: &Database) -> Vec<(String, bool)> {
    let status = database.migrations_status().unwrap();
    status.into_iter().map(|migration| (migration.name, migration.is_applied)).collect()
}

#[test]
fn migrations_go_up_down_and_up_again() {
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
fn many_starts_at_once_migrate_once_and_none_fails() {
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
fn a_database_that_is_not_migrated_is_not_ready_and_unavailable() {
    let schema = Schema::empty();
    let database = Database::new(&schema.url, 1);
    let pending = database.pending_migrations().unwrap().len();
    assert_matches!(database.check(), Err(NotReady::MigrationsPending(number)) if *number == pending);
    let accounts = PgAccountRepository::new(database.clone());
    assert_matches!(accounts.find_identity(new_id()), Err(RepositoryError::Unavailable(_)));
    database.run_migrations().unwrap();
    assert_matches!(database.check(), Ok(()));
    assert_matches!(accounts.find_identity(new_id()), Ok(None));
}

#[test]
fn a_migration_that_fails_leaves_nothing_and_can_be_tried_again() {
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
fn without_a_database_migrating_says_so() {
    assert_matches!(
        Database::new("postgres://127.0.0.1:1/none", 1).run_migrations(),
        Err(MigrateError::Unavailable(_))
    );
}

#[test]
fn each_migration_is_told_before_it_runs() {
    let schema = Schema::empty();
    let database = Database::new(&schema.url, 1);
    let mut told = Vec::new();
    let ran =
        database.run_migrations_telling(|step| told.push((step.name.to_owned(), step.place, step.total))).unwrap();
    let expected: Vec<_> = ran.iter().zip(1..).map(|(name, place)| (name.clone(), place, ran.len())).collect();
    assert_eq!(told, expected);
    assert_eq!(ran[0], "00000000000001_accounts");
    told.clear();
    database.run_migrations_telling(|step| told.push((step.name.to_owned(), step.place, step.total))).unwrap();
    assert_eq!(told, []);
}

#[test]
fn the_status_tells_what_has_run_and_what_has_not() {
    let schema = Schema::empty();
    let database = Database::new(&schema.url, 1);
    assert!(status(&database).iter().all(|(_, is_applied)| !is_applied));
    assert_eq!(tables(&schema), [""; 0], "asking makes nothing");
    let ran = database.run_migrations().unwrap();
    assert_eq!(status(&database), ran.iter().map(|name| (name.clone(), true)).collect::<Vec<_>>());
    let reverted = database.revert_migrations(2, |_| {}).unwrap();
    assert!(reverted.iter().eq(ran.iter().rev().take(2)), "{reverted:?}");
    let expected: Vec<_> = ran.iter().map(|name| (name.clone(), !reverted.contains(name))).collect();
    assert_eq!(status(&database), expected);
}

#[test]
fn more_than_have_run_are_not_taken_back() {
    let schema = Schema::migrated();
    let database = Database::new(&schema.url, 1);
    let before = status(&database);
    let refused = database.revert_migrations(before.len() + 1, |_| panic!("nothing is taken back"));
    assert_matches!(refused, Err(MigrateError::TooFew { asked, applied }) if *asked == applied + 1);
    assert_eq!(status(&database), before);
    let empty = Schema::empty();
    let refused = Database::new(&empty.url, 1).revert_migrations(1, |_| {});
    assert_matches!(refused, Err(MigrateError::TooFew { asked: 1, applied: 0 }));
}

#[test]
fn a_migration_of_a_newer_program_is_told_and_not_taken_back() {
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
fn many_that_take_back_at_once_take_back_each_once() {
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
