//! [`Database`] behind a pooler in transaction mode.

use diesel::{RunQueryDsl, dsl::sql, sql_types::BigInt};
use repower_postgres::Database;

use crate::support::Schema;

/// The number of prepared statements on the pool's one connection after a query.
fn prepared_statements(database: &Database) -> i64 {
    assert_eq!(database.pending_migrations().unwrap(), Vec::<String>::new());
    let count = sql::<BigInt>("SELECT count(*) FROM pg_prepared_statements");
    database.with_connection(|connection| count.get_result(connection)).unwrap()
}

/// Another server connection would not have the statement, or would have one of
/// another client with the same name.
#[test]
fn no_statement_is_prepared() {
    let schema = Schema::migrated();
    assert!(prepared_statements(&Database::new(&schema.url, 1)) > 0);
    assert_eq!(prepared_statements(&Database::behind_pooler(&schema.url, &schema.url, 1)), 0);
}

#[test]
fn migrations_bypass_the_pooler() {
    let schema = Schema::empty();
    let database = Database::behind_pooler("postgres://nobody@127.0.0.1:1/nowhere", &schema.url, 1);
    let ran = database.run_migrations().unwrap();
    assert!(ran.len() > 5, "{ran:?}");
    assert!(database.migrations_status().unwrap().iter().all(|migration| migration.is_applied));
    assert!(database.pending_migrations().is_err());
}
