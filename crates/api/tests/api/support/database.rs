use diesel::{Connection, PgConnection, RunQueryDsl, sql_query};
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
        Database::new(&database.url(), 1).unwrap().run_migrations().unwrap();
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
