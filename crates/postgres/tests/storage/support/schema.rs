use std::{
    env, process,
    sync::{
        Arc, Mutex, PoisonError, Weak,
        atomic::{AtomicU32, Ordering},
    },
};

use diesel::{Connection, PgConnection, connection::SimpleConnection};
use repower_domain::values::PasswordHash;
use repower_postgres::{Database, LoadPlan, Volume};

use super::value;

static NUMBER: AtomicU32 = AtomicU32::new(0);
static SHARED: Mutex<Weak<Schema>> = Mutex::new(Weak::new());
static LOADED: Mutex<Weak<Schema>> = Mutex::new(Weak::new());

/// Enough for an index to be worth it.
const VOLUME: Volume = Volume {
    companies: 400,
    technicians: 4_000,
    certifications: 16_000,
    jobs: 20_000,
    applications: 30_000,
    threads: 6_000,
    messages: 40_000,
};

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
        Self::kept(&SHARED, Self::migrated)
    }

    /// The one of the tests that look at plans: with data of every kind, whose
    /// statistics are known.
    pub(crate) fn loaded() -> Arc<Self> {
        Self::kept(&LOADED, || {
            let schema = Self::migrated();
            let (today, password_hash) = (value("2026-11-22"), PasswordHash::new("hash"));
            let plan = LoadPlan { volume: VOLUME, seed: 1, today, password_hash };
            Database::new(&schema.url, 1).load(&plan, |_| ()).unwrap();
            schema
        })
    }

    /// The one that is there, or a new one.
    fn kept(place: &Mutex<Weak<Self>>, make: impl FnOnce() -> Self) -> Arc<Self> {
        let mut kept = place.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(schema) = kept.upgrade() {
            return schema;
        }
        let schema = Arc::new(make());
        *kept = Arc::downgrade(&schema);
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
