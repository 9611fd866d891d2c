//! Schema migrations: running, reverting and listing them.

use std::{
    collections::{HashMap, HashSet},
    error::Error as StdError,
    thread,
    time::{Duration, Instant},
};

use diesel::{
    Connection, PgConnection, QueryDsl, QueryResult, RunQueryDsl,
    connection::SimpleConnection,
    dsl::sql,
    migration::{Migration as Source, MigrationSource},
    pg::Pg,
    sql_types::{Bool, Text},
};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};
use repower_ports::{RepositoryError, operation::Outage};
use thiserror::Error;

use crate::{
    Database, MissingRight, SharedSessions,
    connections::{self, SessionError},
    folding,
    rights::{missing_to_migrate, missing_to_read, missing_to_serve},
};

/// Adds the schema that has `pg_trgm`, or will have it, to the end of the session's
/// `search_path`: migrations name its operator class without its schema.
const FIND_TRIGRAMS: &str = "\
    SELECT set_config('search_path', current_setting('search_path') || ', ' || of_trigrams, false) \
    FROM COALESCE((SELECT extnamespace::regnamespace::text FROM pg_extension WHERE extname = 'pg_trgm'), 'public') \
        AS of_trigrams";

const MIGRATIONS: EmbeddedMigrations = embed_migrations!("../../migrations");

/// Key of the advisory lock that a migrating session holds: "repower" in ASCII.
const LOCK_KEY: i64 = 0x0072_6570_6f77_6572;

/// Timeout of the wait for another process that migrates: one minute.
const LOCK_TIMEOUT: Duration = Duration::from_mins(1);

diesel::table! {
    __diesel_schema_migrations (version) {
        version -> VarChar,
    }
}

/// A migration that is embedded in this program.
type EmbeddedMigration = Box<dyn Source<Pg>>;

type Cause = Box<dyn StdError + Send + Sync>;

/// The error of migrating or reverting.
#[derive(Debug, Error)]
pub enum MigrateError {
    /// The database cannot be reached, or lets nobody in.
    #[error("{}", unavailable(.0))]
    Unavailable(#[from] diesel::ConnectionError),
    /// The URL is that of a pooler in transaction mode.
    #[error(transparent)]
    Shared(#[from] SharedSessions),
    /// The database has this encoding in place of UTF8.
    #[error(
        "the encoding of the database is {0} and must be UTF8: make another one with CREATE DATABASE name TEMPLATE \
         template0 ENCODING 'UTF8'"
    )]
    Encoding(String),
    /// Another process held the migration lock for more than a minute.
    #[error("another process is still migrating the database")]
    Busy,
    /// The role of the URL lacks a right.
    #[error(transparent)]
    Forbidden(#[from] MissingRight),
    /// A migration failed and was rolled back.
    #[error("a migration failed: {0}")]
    Failed(#[source] Cause),
    /// Fewer migrations have run than are to be reverted.
    #[error("cannot revert {requested} migrations: only {applied} have run")]
    TooFew {
        /// The number of migrations to revert.
        requested: usize,
        /// The number of migrations that have run.
        applied: usize,
    },
    /// A newer program applied this migration.
    #[error("this program does not know migration {0}: revert it with the program that applied it")]
    Unknown(String),
}

/// One line with the kind, the cause and what mends it. libpq names role, host and
/// database, and no password.
fn unavailable(error: &diesel::ConnectionError) -> String {
    let cause = error.to_string().split_whitespace().collect::<Vec<_>>().join(" ");
    let kind = connections::outage(&error.to_string());
    let mend = match kind {
        Outage::Unreachable => "",
        Outage::LoginRefused => {
            "; mend user and password of DATABASE_URL or PGPASSWORD, or ALTER ROLE name LOGIN PASSWORD '…'"
        }
        Outage::NoDatabase => "; CREATE DATABASE name TEMPLATE template0 ENCODING 'UTF8'",
        Outage::Refused => "; for its reason in English: ALTER SYSTEM SET lc_messages = 'C'; SELECT pg_reload_conf()",
        Outage::TooManyConnections => "; raise max_connections, or lower DATABASE_POOL_SIZE",
    };
    format!("{kind}: {cause}{mend}")
}

impl From<diesel::result::Error> for MigrateError {
    fn from(error: diesel::result::Error) -> Self {
        Self::Failed(Box::new(error))
    }
}

impl From<SessionError> for MigrateError {
    fn from(error: SessionError) -> Self {
        match error {
            SessionError::Connect(error) => error.into(),
            SessionError::Shared(error) => error.into(),
            SessionError::Statement(error) => error.into(),
            SessionError::EarlierEpoch | SessionError::OldPrimary(_) => Self::Failed(Box::new(error)),
        }
    }
}

/// A migration's state in the database and in this program.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Migration {
    /// The version and the title, `00000000000001_accounts`. Only the version if
    /// a newer program applied a migration that this program does not know.
    pub name: String,
    /// Whether the migration has run.
    pub is_applied: bool,
    /// Whether this program contains the migration.
    pub is_known: bool,
}

/// The migration that runs or is reverted next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Step<'a> {
    /// The version and the title.
    pub name: &'a str,
    /// The migration's number in this run, from 1.
    pub place: usize,
    /// The number of migrations in this run.
    pub total: usize,
}

impl Database {
    /// Runs the pending migrations, each in its own transaction, and returns their
    /// names. Any number of processes may call this concurrently: one migrates, and
    /// the others wait for it and then find none pending.
    pub fn run_migrations(&self) -> Result<Vec<String>, MigrateError> {
        self.run_migrations_with_progress(|_step| {})
    }

    /// As [`Self::run_migrations`]; calls `progress` before each migration. Where none
    /// is pending, a role that may only read the list of migrations is enough.
    pub fn run_migrations_with_progress(&self, progress: impl FnMut(Step<'_>)) -> Result<Vec<String>, MigrateError> {
        let ran = self.run_pending(progress);
        self.set_last_forbidden(match &ran {
            Err(error @ MigrateError::Forbidden(_)) => Some(error.to_string()),
            Ok(_) | Err(_) => None,
        });
        ran
    }

    fn run_pending(&self, progress: impl FnMut(Step<'_>)) -> Result<Vec<String>, MigrateError> {
        let mut connection = self.migration_session()?;
        check_encoding(&mut connection)?;
        missing_to_read(&mut connection)?.map_or(Ok(()), |missing| Err(MigrateError::from(missing)))?;
        if pending(&applied_versions(&mut connection)?).map_err(MigrateError::Failed)?.is_empty() {
            return Ok(Vec::new());
        }
        check_rights(&mut connection)?;
        connection.batch_execute(FIND_TRIGRAMS)?;
        let pending = connection.pending_migrations(MIGRATIONS).map_err(MigrateError::Failed)?;
        for_each(&pending, progress, |migration| run(&mut connection, migration))
    }

    /// Reverts the newest `count` migrations, the newest first, each in its own
    /// transaction. Data for which only they have columns is lost. Calls `progress`
    /// before each migration, and returns their names.
    ///
    /// Reverts nothing if fewer have run, or if this program does not know one
    /// of them. Waits for other migrating processes as [`Self::run_migrations`].
    pub fn revert_migrations(&self, count: usize, progress: impl FnMut(Step<'_>)) -> Result<Vec<String>, MigrateError> {
        let mut connection = self.migration_session()?;
        check_rights(&mut connection)?;
        let newest = newest(applied_versions(&mut connection)?, count)?;
        connection.batch_execute(FIND_TRIGRAMS)?;
        for_each(&newest, progress, |migration| connection.revert_migration(migration).map(drop))
    }

    /// All migrations, the oldest first: those of this program, and all others that
    /// have run. Reads only, and does not wait for a process that migrates.
    pub fn migrations_status(&self) -> Result<Vec<Migration>, MigrateError> {
        self.check_sessions()?;
        let mut applied = applied_versions(&mut connections::establish(self.url())?)?;
        let known = embedded().map_err(MigrateError::Failed)?.into_iter().map(|migration| {
            let is_applied = applied.remove(&migration.name().version().to_string());
            Migration { name: migration.name().to_string(), is_applied, is_known: true }
        });
        let mut status: Vec<_> = known.collect();
        status.extend(applied.into_iter().map(|version| Migration {
            name: version,
            is_applied: true,
            is_known: false,
        }));
        status.sort_by(|one, other| one.name.cmp(&other.name));
        Ok(status)
    }

    /// The versions of the migrations that have not run.
    pub fn pending_migrations(&self) -> Result<Vec<String>, RepositoryError> {
        let applied = self.read(applied_versions)?;
        pending(&applied).map_err(RepositoryError::Failed)
    }

    /// Checks that each connection has a session of its own: see [`SharedSessions`].
    ///
    /// # Errors
    ///
    /// [`MigrateError::Shared`]; the database cannot be reached.
    pub fn check_sessions(&self) -> Result<(), MigrateError> {
        Ok(self.own_sessions().prove()?)
    }

    /// Checks that the role may do on a migrated database what a server does, and that
    /// the database is fit for one.
    ///
    /// # Errors
    ///
    /// [`MigrateError::Forbidden`], [`MigrateError::Encoding`]; the database cannot be
    /// reached.
    pub fn check_rights(&self) -> Result<(), MigrateError> {
        let mut connection = connections::establish(self.url())?;
        check_encoding(&mut connection)?;
        let missing = missing_to_serve(&mut connection)?;
        missing.map_or(Ok(()), |missing| Err(missing.into()))
    }

    /// Why errors of the database are not told apart, with what mends it: its messages
    /// are not English, and the role may not change that.
    ///
    /// # Errors
    ///
    /// The database cannot be reached.
    pub fn foreign_messages(&self) -> Result<Option<String>, MigrateError> {
        let mut connection = connections::establish(self.url())?;
        let locale = connections::messages_locale(&mut connection)?;
        let role: String = diesel::select(sql::<Text>("quote_ident(current_user)")).get_result(&mut connection)?;
        let told =
            format!("its messages are in the language of {locale}: GRANT SET ON PARAMETER lc_messages TO {role}");
        Ok((!connections::is_english(&locale)).then_some(told))
    }

    /// Opens a session outside the pool, and takes the migration lock. The build of
    /// an index may exceed the timeouts of the pool's sessions.
    fn migration_session(&self) -> Result<PgConnection, MigrateError> {
        self.check_sessions()?;
        let mut connection = connections::establish(self.url())?;
        // Limits the wait for a table's lock, behind which all other statements on the table queue.
        connection.batch_execute("SET lock_timeout = '5s'")?;
        lock(&mut connection)?;
        Ok(connection)
    }
}

/// The encoding that a database must have.
pub(crate) const UTF8: &str = "UTF8";

/// The encoding of the database.
pub(crate) fn encoding(connection: &mut PgConnection) -> QueryResult<String> {
    diesel::select(sql::<Text>("current_setting('server_encoding')")).get_result(connection)
}

fn check_encoding(connection: &mut PgConnection) -> Result<(), MigrateError> {
    match encoding(connection)? {
        encoding if encoding == UTF8 => Ok(()),
        other => Err(MigrateError::Encoding(other)),
    }
}

/// Checks that the role of the session may change the schema.
fn check_rights(connection: &mut PgConnection) -> Result<(), MigrateError> {
    missing_to_migrate(connection)?.map_or(Ok(()), |missing| Err(missing.into()))
}

/// Runs a migration, and in its transaction the part of it that is no SQL.
fn run(connection: &mut PgConnection, migration: &dyn Source<Pg>) -> Result<(), Cause> {
    let tables = folding::tables_of(&version_of(migration));
    if tables.is_empty() {
        return connection.run_migration(migration).map(drop);
    }
    connection.transaction(|connection| {
        connection.run_migration(migration)?;
        Ok(folding::fold_rows(connection, tables)?)
    })
}

/// Applies a change to each migration and returns their names.
fn for_each(
    migrations: &[EmbeddedMigration],
    mut progress: impl FnMut(Step<'_>),
    mut change: impl FnMut(&dyn Source<Pg>) -> Result<(), Cause>,
) -> Result<Vec<String>, MigrateError> {
    let (total, mut names) = (migrations.len(), Vec::with_capacity(migrations.len()));
    for migration in migrations {
        let name = migration.name().to_string();
        progress(Step { name: &name, place: names.len() + 1, total });
        change(&**migration).map_err(MigrateError::Failed)?;
        names.push(name);
    }
    Ok(names)
}

/// The newest `count` migrations that have run, the newest first.
fn newest(applied: HashSet<String>, count: usize) -> Result<Vec<EmbeddedMigration>, MigrateError> {
    if count > applied.len() {
        return Err(MigrateError::TooFew { requested: count, applied: applied.len() });
    }
    let mut versions: Vec<_> = applied.into_iter().collect();
    versions.sort_unstable_by(|one, other| other.cmp(one));
    let mut known: HashMap<_, _> = embedded()
        .map_err(MigrateError::Failed)?
        .into_iter()
        .map(|migration| (version_of(&*migration), migration))
        .collect();
    let chosen = versions.into_iter().take(count);
    chosen.map(|version| known.remove(&version).ok_or(MigrateError::Unknown(version))).collect()
}

/// Polls the advisory lock every 50 milliseconds. A blocking wait would hold a
/// snapshot, for which `CREATE INDEX CONCURRENTLY` in turn waits. PostgreSQL
/// releases the lock at the end of the session.
fn lock(connection: &mut PgConnection) -> Result<(), MigrateError> {
    let started = Instant::now();
    while !diesel::select(sql::<Bool>(&format!("pg_try_advisory_lock({LOCK_KEY})"))).get_result::<bool>(connection)? {
        if started.elapsed() > LOCK_TIMEOUT {
            return Err(MigrateError::Busy);
        }
        thread::sleep(Duration::from_millis(50));
    }
    Ok(())
}

/// The versions that have run; none in a database without a migrations table.
fn applied_versions(connection: &mut PgConnection) -> QueryResult<HashSet<String>> {
    let table_exists = sql::<Bool>("to_regclass('__diesel_schema_migrations') IS NOT NULL");
    if !diesel::select(table_exists).get_result::<bool>(connection)? {
        return Ok(HashSet::new());
    }
    let versions = __diesel_schema_migrations::table.select(__diesel_schema_migrations::version);
    Ok(versions.load::<String>(connection)?.into_iter().collect())
}

/// The versions of this program that have not run.
fn pending(applied: &HashSet<String>) -> Result<Vec<String>, Cause> {
    let versions = embedded()?.into_iter().map(|migration| version_of(&*migration));
    Ok(versions.filter(|version| !applied.contains(version)).collect())
}

/// The migrations of this program, the oldest first.
fn embedded() -> Result<Vec<EmbeddedMigration>, Cause> {
    let mut migrations = MigrationSource::<Pg>::migrations(&MIGRATIONS)?;
    migrations.sort_by_key(|migration| version_of(&**migration));
    Ok(migrations)
}

fn version_of(migration: &dyn Source<Pg>) -> String {
    migration.name().version().to_string()
}
