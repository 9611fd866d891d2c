use std::{
    env, process,
    sync::{
        Arc, Mutex, Once, PoisonError, Weak,
        atomic::{AtomicU32, Ordering},
    },
};

use diesel::{Connection, PgConnection, connection::SimpleConnection};
use repower_domain::values::PasswordHash;
use repower_postgres::Database;
use repower_sample_data::{LoadPlan, Volume, load_data};

use super::value;

static NUMBER: AtomicU32 = AtomicU32::new(0);
static EXTENSIONS: Once = Once::new();
static SHARED: Mutex<Weak<Schema>> = Mutex::new(Weak::new());
static LOADED: Mutex<Weak<Schema>> = Mutex::new(Weak::new());

/// Numbers of rows that are large enough for the planner to choose an index.
const VOLUME: Volume = Volume {
    companies: 400,
    technicians: 4_000,
    certifications: 16_000,
    jobs: 20_000,
    applications: 30_000,
    threads: 6_000,
    messages: 40_000,
};

/// A session for each user that was loaded.
const SESSIONS: &str = "
    INSERT INTO sessions (id, user_id, address, created_at, last_used_at, expires_at)
        SELECT gen_random_uuid(), id, '198.51.100.0/24', created_at, created_at, created_at + interval '7 days' FROM users;
    ANALYZE sessions
";

/// The URL of the server to test against.
pub(crate) fn server_url() -> String {
    env::var("TEST_DATABASE_URL").expect("TEST_DATABASE_URL is not set: run make test")
}

/// A schema that is dropped with its last reference.
pub(crate) struct Schema {
    name: String,
    pub(crate) url: String,
}

impl Schema {
    /// A new empty schema.
    pub(crate) fn empty() -> Self {
        // All schemas share them, and PostgreSQL refuses two that create one at once.
        EXTENSIONS.call_once(|| {
            execute("CREATE EXTENSION IF NOT EXISTS pg_trgm WITH SCHEMA public");
            execute("CREATE EXTENSION IF NOT EXISTS btree_gist WITH SCHEMA public");
        });
        let name = format!("test_{}_{}", process::id(), NUMBER.fetch_add(1, Ordering::Relaxed));
        execute(&format!("CREATE SCHEMA {name}"));
        let server = server_url();
        let separator = if server.contains('?') { '&' } else { '?' };
        Self { url: format!("{server}{separator}options=-csearch_path%3D{name}%2Cpublic"), name }
    }

    /// A new schema with all tables.
    pub(crate) fn migrated() -> Self {
        let schema = Self::empty();
        Database::new(&schema.url, 1).run_migrations().unwrap();
        schema
    }

    /// The schema of all tests that commit nothing.
    pub(crate) fn shared() -> Arc<Self> {
        Self::shared_or_new(&SHARED, Self::migrated)
    }

    /// The schema of all tests of plans: with data of every kind, and with
    /// statistics.
    pub(crate) fn loaded() -> Arc<Self> {
        Self::shared_or_new(&LOADED, || {
            let schema = Self::migrated();
            let (today, password_hash) = (value("2026-11-22"), PasswordHash::new("hash"));
            let plan = LoadPlan { volume: VOLUME, seed: 1, today, password_hash };
            load_data(&plan, &Database::new(&schema.url, 1), &mut |_| ()).unwrap();
            PgConnection::establish(&schema.url).unwrap().batch_execute(SESSIONS).unwrap();
            schema
        })
    }

    /// The schema that `slot` refers to, or a new one.
    fn shared_or_new(slot: &Mutex<Weak<Self>>, create: impl FnOnce() -> Self) -> Arc<Self> {
        let mut shared = slot.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(schema) = shared.upgrade() {
            return schema;
        }
        let schema = Arc::new(create());
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
    PgConnection::establish(&server_url()).unwrap().batch_execute(statements).unwrap();
}
