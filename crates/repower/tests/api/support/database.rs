use diesel::{
    Connection, PgConnection, RunQueryDsl, sql_query,
    sql_types::{BigInt, Text},
};
use repower::environment::UuidGenerator;
use repower_ports::IdGenerator;
use repower_postgres::Database;

/// A schema within the database of the tests; dropped with the value.
pub(crate) struct TestDatabase {
    server: String,
    schema: String,
}

impl TestDatabase {
    /// Creates and migrates a schema.
    pub(crate) fn create() -> Self {
        let database = Self::unmigrated();
        Database::new(&database.url(), 1).run_migrations().unwrap();
        database
    }

    /// Creates an empty schema.
    pub(crate) fn unmigrated() -> Self {
        let server = std::env::var("TEST_DATABASE_URL").expect("TEST_DATABASE_URL names no database: run `make test`");
        let database = Self { server, schema: format!("test_{}", UuidGenerator.generate().simple()) };
        database.execute(&format!("CREATE SCHEMA {}", database.schema));
        database
    }

    /// The unique name of the schema, for keys that are shared by all schemas.
    pub(crate) fn name(&self) -> &str {
        &self.schema
    }

    /// The URL of the schema.
    pub(crate) fn url(&self) -> String {
        let separator = if self.server.contains('?') { '&' } else { '?' };
        format!("{}{separator}options=-csearch_path%3D{}%2Cpublic", self.server, self.schema)
    }

    /// A connection to the schema, for data that the API does not return.
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

    fn execute(&self, statement: &str) {
        let mut connection = PgConnection::establish(&self.server).unwrap();
        sql_query(statement).execute(&mut connection).unwrap();
    }
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        self.execute(&format!("DROP SCHEMA {} CASCADE", self.schema));
    }
}
