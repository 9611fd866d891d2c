//! Bringing the schema up to date, and back.

use std::{
    collections::{HashMap, HashSet},
    error::Error as StdError,
    thread,
    time::{Duration, Instant},
};

use diesel::{
    PgConnection, QueryDsl, QueryResult, RunQueryDsl,
    connection::SimpleConnection,
    dsl::sql,
    migration::{Migration as Source, MigrationSource},
    pg::Pg,
    sql_types::Bool,
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

/// A migration that this program has.
type Known = Box<dyn Source<Pg>>;

type Cause = Box<dyn StdError + Send + Sync>;

/// Why the schema was not brought up to date, or back.
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
    Failed(#[source] Cause),
    /// Fewer have run than are to be taken back.
    #[error("{asked} migrations cannot be taken back: {applied} have run")]
    TooFew {
        /// How many were to be taken back.
        asked: usize,
        /// How many have run.
        applied: usize,
    },
    /// A newer program made this one.
    #[error("this program does not know migration {0}: take it back with the one that made it")]
    Unknown(String),
}

impl From<diesel::result::Error> for MigrateError {
    fn from(error: diesel::result::Error) -> Self {
        Self::Failed(Box::new(error))
    }
}

/// A migration, as the database and this program see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Migration {
    /// Its version and what it is about, `00000000000001_accounts`; the version
    /// alone where a newer program made it and this one does not know it.
    pub name: String,
    /// Whether it has run.
    pub is_applied: bool,
    /// Whether this program has it.
    pub is_known: bool,
}

/// A migration that is about to run, or to be taken back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Step<'a> {
    /// Its version and what it is about.
    pub name: &'a str,
    /// Its place among those of this run, from 1.
    pub place: usize,
    /// How many there are in this run.
    pub total: usize,
}

impl Database {
    /// Runs the migrations that have not run yet, each in a transaction of its
    /// own, and answers their names. Any number of processes may do so at once:
    /// one migrates, the others wait for it and find nothing left to do.
    pub fn run_migrations(&self) -> Result<Vec<String>, MigrateError> {
        self.run_migrations_telling(|_step| {})
    }

    /// As [`Self::run_migrations`]; tells each migration before it runs.
    pub fn run_migrations_telling(&self, tell: impl FnMut(Step<'_>)) -> Result<Vec<String>, MigrateError> {
        let mut connection = self.alone()?;
        let pending = connection.pending_migrations(MIGRATIONS).map_err(MigrateError::Failed)?;
        each(&pending, tell, |migration| connection.run_migration(migration).map(drop))
    }

    /// Takes the newest `count` migrations back, the newest first, each in a
    /// transaction of its own, with the data that only they had room for.
    /// Answers their names. Tells each before it is taken back.
    ///
    /// Nothing is done where fewer have run, or where this program does not know
    /// one of them. Waits for others that migrate, as [`Self::run_migrations`].
    pub fn revert_migrations(&self, count: usize, tell: impl FnMut(Step<'_>)) -> Result<Vec<String>, MigrateError> {
        let mut connection = self.alone()?;
        let newest = newest(ran(&mut connection)?, count)?;
        each(&newest, tell, |migration| connection.revert_migration(migration).map(drop))
    }

    /// All migrations, the oldest first: those of this program, and what else
    /// has run. Changes nothing, and does not wait for who migrates meanwhile.
    pub fn migrations_status(&self) -> Result<Vec<Migration>, MigrateError> {
        let mut ran = ran(&mut connections::establish(self.url())?)?;
        let known = all().map_err(MigrateError::Failed)?.into_iter().map(|migration| {
            let is_applied = ran.remove(&migration.name().version().to_string());
            Migration { name: migration.name().to_string(), is_applied, is_known: true }
        });
        let mut status: Vec<_> = known.collect();
        status.extend(ran.into_iter().map(|version| Migration { name: version, is_applied: true, is_known: false }));
        status.sort_by(|one, other| one.name.cmp(&other.name));
        Ok(status)
    }

    /// The versions of the migrations that have not run yet.
    pub fn pending_migrations(&self) -> Result<Vec<String>, RepositoryError> {
        let ran = self.read(ran)?;
        let versions = all().map_err(RepositoryError::Failed)?.into_iter().map(|known| version_of(&*known));
        Ok(versions.filter(|version| !ran.contains(version)).collect())
    }

    /// A session of its own, as building an index may outlast the pool's limits.
    /// No other process migrates while it lasts.
    fn alone(&self) -> Result<PgConnection, MigrateError> {
        let mut connection = connections::establish(self.url())?;
        // A table that is in use is not waited for with everybody else queueing behind.
        connection.batch_execute("SET lock_timeout = '5s'")?;
        lock(&mut connection)?;
        Ok(connection)
    }
}

/// Carries out a change for each migration; answers their names.
fn each(
    migrations: &[Known],
    mut tell: impl FnMut(Step<'_>),
    mut change: impl FnMut(&dyn Source<Pg>) -> Result<(), Cause>,
) -> Result<Vec<String>, MigrateError> {
    let (total, mut names) = (migrations.len(), Vec::with_capacity(migrations.len()));
    for migration in migrations {
        let name = migration.name().to_string();
        tell(Step { name: &name, place: names.len() + 1, total });
        change(&**migration).map_err(MigrateError::Failed)?;
        names.push(name);
    }
    Ok(names)
}

/// The newest of those that have run, the newest first.
fn newest(ran: HashSet<String>, count: usize) -> Result<Vec<Known>, MigrateError> {
    if count > ran.len() {
        return Err(MigrateError::TooFew { asked: count, applied: ran.len() });
    }
    let mut versions: Vec<_> = ran.into_iter().collect();
    versions.sort_unstable_by(|one, other| other.cmp(one));
    let mut known: HashMap<_, _> = all()
        .map_err(MigrateError::Failed)?
        .into_iter()
        .map(|migration| (version_of(&*migration), migration))
        .collect();
    let chosen = versions.into_iter().take(count);
    chosen.map(|version| known.remove(&version).ok_or(MigrateError::Unknown(version))).collect()
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

/// All migrations of this program, the oldest first.
fn all() -> Result<Vec<Known>, Cause> {
    let mut migrations = MigrationSource::<Pg>::migrations(&MIGRATIONS)?;
    migrations.sort_by_key(|migration| version_of(&**migration));
    Ok(migrations)
}

fn version_of(migration: &dyn Source<Pg>) -> String {
    migration.name().version().to_string()
}
