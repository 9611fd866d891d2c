//! Bringing the schema up to date.

use std::{
    collections::HashSet,
    error::Error as StdError,
    thread,
    time::{Duration, Instant},
};

use diesel::{
    PgConnection, QueryDsl, QueryResult, RunQueryDsl, connection::SimpleConnection, dsl::sql,
    migration::MigrationSource, pg::Pg, sql_types::Bool,
};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};
use repower_ports::RepositoryError;
use thiserror::Error;

use crate::{Database, connections};

const MIGRATIONS: EmbeddedMigrations = embed_migrations!("../../migrations");

/// The key of the advisory lock that is held while migrations run: "repower" in
/// ASCII.
const LOCK: i64 = 0x0072_6570_6f77_6572;

/// How long one start waits for another that migrates.
const PATIENCE: Duration = Duration::from_mins(1);

diesel::table! {
    __diesel_schema_migrations (version) {
        version -> VarChar,
    }
}

/// Why the schema was not brought up to date.
#[derive(Debug, Error)]
pub enum MigrateError {
    /// The database cannot be reached.
    #[error("the database does not answer")]
    Unavailable(#[from] diesel::ConnectionError),
    /// Another process has been migrating for a minute.
    #[error("another process is still migrating the database")]
    Busy,
    /// A migration failed; it left nothing behind.
    #[error("a migration failed: {0}")]
    Failed(#[source] Box<dyn StdError + Send + Sync>),
}

impl From<diesel::result::Error> for MigrateError {
    fn from(error: diesel::result::Error) -> Self {
        Self::Failed(Box::new(error))
    }
}

impl Database {
    /// Runs the migrations that have not run yet, each in a transaction of its
    /// own, and answers their versions. Any number of processes may do so at
    /// once: one migrates, the others wait for it and find nothing left to do.
    pub fn run_migrations(&self) -> Result<Vec<String>, MigrateError> {
        // A session of its own: building an index may outlast the pool's limits.
        let mut connection = connections::establish(self.url())?;
        // A table that is in use is not waited for with everybody else queueing behind.
        connection.batch_execute("SET lock_timeout = '5s'")?;
        lock(&mut connection)?;
        let ran = connection.run_pending_migrations(MIGRATIONS).map_err(MigrateError::Failed)?;
        Ok(ran.iter().map(ToString::to_string).collect())
    }

    /// The versions of the migrations that have not run yet.
    pub fn pending_migrations(&self) -> Result<Vec<String>, RepositoryError> {
        let ran = self.read(ran)?;
        Ok(all()?.into_iter().filter(|version| !ran.contains(version)).collect())
    }
}

/// Waits without a snapshot of its own, for which an index that is being built
/// concurrently would wait in turn. The lock goes with the session.
fn lock(connection: &mut PgConnection) -> Result<(), MigrateError> {
    let started = Instant::now();
    while !diesel::select(sql::<Bool>(&format!("pg_try_advisory_lock({LOCK})"))).get_result::<bool>(connection)? {
        if started.elapsed() > PATIENCE {
            return Err(MigrateError::Busy);
        }
        thread::sleep(Duration::from_millis(50));
    }
    Ok(())
}

/// The versions that have run; none in a database where none ever did.
fn ran(connection: &mut PgConnection) -> QueryResult<HashSet<String>> {
    let is_there = sql::<Bool>("to_regclass('__diesel_schema_migrations') IS NOT NULL");
    if !diesel::select(is_there).get_result::<bool>(connection)? {
        return Ok(HashSet::new());
    }
    let versions = __diesel_schema_migrations::table.select(__diesel_schema_migrations::version);
    Ok(versions.load::<String>(connection)?.into_iter().collect())
}

fn all() -> Result<Vec<String>, RepositoryError> {
    let migrations = MigrationSource::<Pg>::migrations(&MIGRATIONS).map_err(RepositoryError::Failed)?;
    let mut versions: Vec<_> = migrations.iter().map(|migration| migration.name().version().to_string()).collect();
    versions.sort();
    Ok(versions)
}
