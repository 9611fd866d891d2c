use diesel::{Connection, PgConnection, RunQueryDsl, sql_query, sql_types::BigInt};
use repower_postgres::Database;
use repower_ports::IdGenerator;
use repower_api::environment::UuidGenerator;

/// A schema of its own within the database of the tests, migrated, and gone
/// with the test.
pub(crate) struct TestDatabase {
    server: String,
    schema: String,
}

impl TestDatabase {
    /// Makes and migrates it.
    pub(crate) fn create() -> Self {
        let database = Self::unmigrated();
        Database::new(&database.url(), 1).run_migrations().unwrap();
        database
    }

    /// Makes it, empty.
    pub(crate) fn unmigrated() -> Self {
        let server = std::env::var("TEST_DATABASE_URL").expect("TEST_DATABASE_URL names no database: run `make test`");
        let database = Self { server, schema: format!("test_{}", UuidGenerator.generate().simple()) };
        database.execute(&format!("CREATE SCHEMA {}", database.schema));
        database
    }

    /// Where to connect to.
    pub(crate) fn url(&self) -> String {
        let separator = if self.server.contains('?') { '&' } else { '?' };
        format!("{}{separator}options=-csearch_path%3D{}%2Cpublic", self.server, self.schema)
    }

    /// A connection within the schema, for what the API does not show.
    pub(crate) fn connect(&self) -> PgConnection {
        PgConnection::establish(&self.url()).unwrap()
    }

    /// Carries out a statement within the schema; answers how many rows it
    /// touched.
    pub(crate) fn run(&self, statement: &str) -> usize {
        sql_query(statement).execute(&mut self.connect()).unwrap()
    }

    /// The number that a query answers.
    pub(crate) fn number(&self, query: &str) -> i64 {
        diesel::dsl::sql::<BigInt>(&format!("SELECT ({query})::bigint")).get_result(&mut self.connect()).unwrap()
    }

    /// How many rows a table has, or the part of it that a condition picks.
    pub(crate) fn rows(&self, table: &str) -> i64 {
        self.number(&format!("SELECT count(*) FROM {table}"))
    }

    /// Carries out a statement within the schema; answers how many rows it
    /// touched.
    pub(crate) fn run(&self, statement: &str) -> usize {
        sql_query(statement).execute(&mut self.connect()).unwrap()
    }

    /// The texts of the one column `text` that a query gives.
    pub(crate) fn texts(&self, query: &str) -> Vec<String> {
        let rows: Vec<TextRow> = sql_query(query).load(&mut self.connect()).unwrap();
        rows.into_iter().map(|row| row.text).collect()
    }

    /// How many rows a table has.
    pub(crate) fn count(&self, table: &str) -> usize {
        self.texts(&format!("SELECT count(*)::text AS text FROM {table}"))[0].parse().unwrap()
    }

    /// Every row of every table, to compare what is stored before and after.
    pub(crate) fn contents(&self) -> Vec<String> {
        let tables = "SELECT table_name::text AS text FROM information_schema.tables \
                      WHERE table_schema = current_schema() ORDER BY 1";
        let rows = |table: &String| {
            self.texts(&format!("SELECT '{table}: ' || stored::text AS text FROM {table} AS stored ORDER BY 1"))
        };
        self.texts(tables).iter().flat_map(rows).collect()
    }

    fn execute(&self, statement: &str) {
        let mut connection = PgConnection::establish(&self.server).unwrap();
        sql_query(statement).execute(&mut connection).unwrap();
    }
}

#[derive(QueryableByName)]
struct TextRow {
    #[diesel(sql_type = Text)]
    text: String,
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        self.execute(&format!("DROP SCHEMA {} CASCADE", self.schema));
    }
}
