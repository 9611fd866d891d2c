use std::thread;

use diesel::{Connection, PgConnection, connection::SimpleConnection};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};
use repower_ports::{
    RepositoryError,
    accounts::AccountRepository,
    operation::{NotReady, ReadinessProbe},
};
use repower_postgres::{Database, MigrateError, PgAccountRepository};

use crate::support::{Schema, assert_matches, new_id};

const MIGRATIONS: EmbeddedMigrations = embed_migrations!("../../migrations");

#[test]
fn migrations_go_up_down_and_up_again() {
    let schema = Schema::empty();
    let database = Database::new(&schema.url, 1);
    let all = database.pending_migrations().unwrap();
    assert!(!all.is_empty());
    assert_eq!(database.run_migrations().unwrap(), all);
    assert!(database.pending_migrations().unwrap().is_empty());
    let mut connection = PgConnection::establish(&schema.url).unwrap();
    let reverted = connection.revert_all_migrations(MIGRATIONS).unwrap().len();
    assert_eq!(reverted, all.len());
    let left = "DO $$ BEGIN ASSERT (SELECT count(*) FROM pg_tables WHERE schemaname = current_schema) = 1; END $$";
    connection.batch_execute(left).unwrap();
    assert_eq!(database.run_migrations().unwrap(), all);
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
    assert_eq!(database.run_migrations().unwrap(), all[1..]);
}

#[test]
fn without_a_database_migrating_says_so() {
    assert_matches!(
        Database::new("postgres://127.0.0.1:1/none", 1).run_migrations(),
        Err(MigrateError::Unavailable(_))
    );
}
