//! The connection of the benchmark to a database.

use anyhow::{Context as _, Result};
use diesel::{
    Connection, PgConnection, QueryableByName, RunQueryDsl, connection::SimpleConnection, sql_query, sql_types::Text,
};
use serde_json::Value;

/// A connection as the owner of the cluster.
pub(crate) struct Database(PgConnection);

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = Text)]
    row: String,
}

impl Database {
    /// Opens a connection.
    pub(crate) fn open(url: &str) -> Result<Self> {
        let connection = PgConnection::establish(&format!("{url}?application_name=repower-bench"));
        Ok(Self(connection.context("no connection to the cluster")?))
    }

    /// Executes statements without parameters.
    pub(crate) fn execute(&mut self, sql: &str) -> Result<()> {
        self.0.batch_execute(sql).with_context(|| sql.to_owned())
    }

    /// The rows of a query, each an object.
    pub(crate) fn rows(&mut self, query: &str) -> Result<Vec<Value>> {
        let rows = sql_query(format!("SELECT row_to_json(found)::text AS row FROM ({query}) AS found"))
            .load::<Row>(&mut self.0)
            .with_context(|| query.to_owned())?;
        Ok(rows.iter().map(|Row { row }| serde_json::from_str(row)).collect::<Result<_, _>>()?)
    }

    /// The column `value` of each row, as text.
    pub(crate) fn texts(&mut self, query: &str) -> Result<Vec<String>> {
        let rows = self.rows(query)?;
        Ok(rows.iter().filter_map(|row| text(row, "value")).collect())
    }

    /// The column `value` of the only row, as text.
    pub(crate) fn text(&mut self, query: &str) -> Result<String> {
        self.texts(query)?.pop().with_context(|| format!("no row: {query}"))
    }
}

/// A field of a row as text; `None` if it is null or absent.
pub(crate) fn text(row: &Value, field: &str) -> Option<String> {
    match row.get(field)? {
        Value::Null => None,
        Value::String(text) => Some(text.clone()),
        other => Some(other.to_string()),
    }
}
