//! Through a pooler that lends a connection for the length of a transaction only.

use diesel::{RunQueryDsl, dsl::sql, sql_types::BigInt};
use repower_postgres::Database;

use crate::support::Schema;

/// How many statements its one connection keeps after some were asked.
fn prepared(database: &Database) -> i64 {
    assert_eq!(database.pending_migrations().unwrap(), Vec::<String>::new());
    let count = sql::<BigInt>("SELECT count(*) FROM pg_prepared_statements");
    database.with_connection(|connection| count.get_result(connection)).unwrap()
}

/// Another connection would not know it, or would take it for one of somebody
/// else.
#[test]
fn no_statement_is_prepared() {
    let schema = Schema::migrated();
    assert!(prepared(&Database::new(&schema.url, 1)) > 0);
    assert_eq!(prepared(&Database::behind_pooler(&schema.url, &schema.url, 1)), 0);
}

#[test]
fn migrations_go_past_the_pooler() {
    let schema = Schema::empty();
    let database = Database::behind_pooler("postgres://nobody@127.0.0.1:1/nowhere", &schema.url, 1);
    let ran = database.run_migrations().unwrap();
    assert!(ran.len() > 5, "{ran:?}");
    assert!(database.migrations_status().unwrap().iter().all(|migration| migration.is_applied));
    assert!(database.pending_migrations().is_err());
}
