use std::{
    env, process,
    sync::{
        Arc, Mutex, PoisonError, Weak,
        atomic::{AtomicU32, Ordering},
    },
};

use diesel::{Connection, PgConnection, connection::SimpleConnection};
use repower_postgres::Database;

static NUMBER: AtomicU32 = AtomicU32::new(0);
static SHARED: Mutex<Weak<Schema>> = Mutex::new(Weak::new());

/// The server to test against.
pub(crate) fn server() -> String {
    env::var("TEST_DATABASE_URL").expect("TEST_DATABASE_URL is not set: run make test")
}

/// A schema that is dropped with the last who uses it.
pub(crate) struct Schema {
    name: String,
    pub(crate) url: String,
}

impl Schema {
    /// An empty one.
    pub(crate) fn empty() -> Self {
        let name = format!("test_{}_{}", process::id(), NUMBER.fetch_add(1, Ordering::Relaxed));
        execute(&format!("CREATE SCHEMA {name}"));
        let server = server();
        let separator = if server.contains('?') { '&' } else { '?' };
        Self { url: format!("{server}{separator}options=-csearch_path%3D{name}%2Cpublic"), name }
    }

    /// One with all tables.
    pub(crate) fn migrated() -> Self {
        let schema = Self::empty();
        Database::new(&schema.url, 1).run_migrations().unwrap();
        schema
    }

    /// The one of the tests that commit nothing.
    pub(crate) fn shared() -> Arc<Self> {
        let mut shared = SHARED.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(schema) = shared.upgrade() {
            return schema;
        }
        let schema = Arc::new(Self::migrated());
        *shared = Arc::downgrade(&schema);
        schema
    }
}

impl Drop for Schema {
    fn drop(&mut self) {
        execute(&format!("SET client_min_messages = warning; DROP SCHEMA {} CASCADE", self.name));
    }
}

fn execute(statements: &str) {
    PgConnection::establish(&server()).unwrap().batch_execute(statements).unwrap();
}
