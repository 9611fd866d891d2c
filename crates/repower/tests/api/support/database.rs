use std::sync::{Arc, Mutex, PoisonError, Weak};

use diesel::{
    Connection, PgConnection, RunQueryDsl,
    connection::SimpleConnection,
    sql_query,
    sql_types::{BigInt, Text},
};
use repower::environment::UuidGenerator;
use repower_ports::IdGenerator;
use repower_postgres::Database;

/// The migrated database that others are copies of: a copy takes a third of the time of the migrations.
static MIGRATED: Mutex<Weak<TestDatabase>> = Mutex::new(Weak::new());

/// A database in the cluster of the tests; dropped with the value.
pub(crate) struct TestDatabase {
    name: String,
    /// The original is there as long as one of its copies.
    _original: Option<Arc<TestDatabase>>,
}

impl TestDatabase {
    /// Creates a migrated database.
    pub(crate) fn create() -> Self {
        let original = Self::migrated();
        Self::made(&format!("TEMPLATE {}", original.name), Some(original))
    }

    /// Creates an empty database.
    pub(crate) fn unmigrated() -> Self {
        Self::with("")
    }

    /// Creates a database with options of the statement.
    pub(crate) fn with(options: &str) -> Self {
        Self::made(options, None)
    }

    fn made(options: &str, original: Option<Arc<Self>>) -> Self {
        let database = Self { name: format!("test_{}", UuidGenerator.generate().simple()), _original: original };
        execute(&format!("CREATE DATABASE {} {options}", database.name));
        database
    }

    fn migrated() -> Arc<Self> {
        let mut migrated = MIGRATED.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(database) = migrated.upgrade() {
            return database;
        }
        let database = Arc::new(Self::unmigrated());
        Database::new(&database.url(), 1).run_migrations().unwrap();
        *migrated = Arc::downgrade(&database);
        database
    }

    /// The unique name of the database, for keys that are shared by all of them.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// The URL of the database.
    pub(crate) fn url(&self) -> String {
        let server = server();
        let (place, parameters) = server.split_once('?').map_or((&*server, None), |(place, rest)| (place, Some(rest)));
        let (cluster, _) = place.rsplit_once('/').unwrap();
        let parameters = parameters.map(|rest| format!("?{rest}")).unwrap_or_default();
        format!("{cluster}/{}{parameters}", self.name)
    }

    /// A connection to the database, for data that the API does not return.
    pub(crate) fn connect(&self) -> PgConnection {
        PgConnection::establish(&self.url()).unwrap()
    }

    /// Executes a statement; returns the number of changed rows.
    pub(crate) fn run(&self, statement: &str) -> usize {
        sql_query(statement).execute(&mut self.connect()).unwrap()
    }

    /// The number that a query returns.
    pub(crate) fn number(&self, query: &str) -> i64 {
        diesel::dsl::sql::<BigInt>(&format!("SELECT ({query})::bigint")).get_result(&mut self.connect()).unwrap()
    }

    /// The number of rows of a table, or of its rows with a condition.
    pub(crate) fn rows(&self, table: &str) -> i64 {
        self.number(&format!("SELECT count(*) FROM {table}"))
    }

    /// The texts that a query of one column returns.
    pub(crate) fn texts(&self, query: &str) -> Vec<String> {
        diesel::dsl::sql::<Text>(query).load(&mut self.connect()).unwrap()
    }

    /// Every row of every table, for a comparison of before and after.
    pub(crate) fn contents(&self) -> Vec<String> {
        let tables = "SELECT table_name::text FROM information_schema.tables \
                      WHERE table_schema = current_schema() ORDER BY 1";
        let rows = |table: &String| {
            self.texts(&format!("SELECT '{table}: ' || stored::text FROM {table} AS stored ORDER BY 1"))
        };
        self.texts(tables).iter().flat_map(rows).collect()
    }

    /// Whether any column has a text, as text or as bytes.
    pub(crate) fn holds(&self, text: &str) -> bool {
        let among_bytes = self.texts(&format!("SELECT encode(convert_to('{text}', 'UTF8'), 'hex')")).concat();
        self.contents().iter().any(|row| row.contains(text) || row.contains(&among_bytes))
    }
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        execute(&format!("DROP DATABASE {} WITH (FORCE)", self.name));
    }
}

/// The URL of the cluster of the tests.
fn server() -> String {
    std::env::var("TEST_DATABASE_URL").expect("TEST_DATABASE_URL names no database: run `make test`")
}

fn execute(statement: &str) {
    PgConnection::establish(&server()).unwrap().batch_execute(statement).unwrap();
}
