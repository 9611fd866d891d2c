//! What the role of a session may do, for errors that name the right it lacks.

use diesel::{
    PgConnection, QueryResult, QueryableByName, RunQueryDsl, sql_query,
    sql_types::{Nullable, Text},
};
use thiserror::Error;

/// The role, and the first right that it lacks to change the schema.
const TO_MIGRATE: &str = "\
    SELECT current_user::text AS role, CASE \
        WHEN current_schema() IS NULL THEN 'USAGE on a schema of its search_path' \
        WHEN NOT has_schema_privilege(current_schema(), 'CREATE') THEN 'CREATE on the schema ' || current_schema() \
        WHEN NOT COALESCE(pg_has_role((SELECT relowner FROM pg_class \
            WHERE oid = to_regclass('__diesel_schema_migrations')), 'USAGE'), true) THEN 'ownership of the tables' \
        WHEN NOT EXISTS (SELECT FROM pg_extension WHERE extname = 'pg_trgm') \
            AND NOT has_database_privilege(current_database(), 'CREATE') \
            THEN 'CREATE on the database, for the extension pg_trgm' \
        END AS lacking";

/// The role, and the first right that it lacks on the tables to serve. Tables of another
/// owner are of another program.
const TO_SERVE: &str = "\
    SELECT current_user::text AS role, ( \
        SELECT 'SELECT, INSERT, UPDATE or DELETE on the table ' || relname FROM pg_class \
        WHERE relkind = 'r' AND relnamespace = current_schema()::regnamespace \
            AND relowner = (SELECT relowner FROM pg_class WHERE oid = to_regclass('__diesel_schema_migrations')) \
            AND relname NOT IN ('audit_events', '__diesel_schema_migrations') \
            AND NOT (has_table_privilege(oid, 'SELECT') AND has_table_privilege(oid, 'INSERT') \
                AND has_table_privilege(oid, 'UPDATE') AND has_table_privilege(oid, 'DELETE')) \
        ORDER BY relname LIMIT 1) AS lacking";

/// The role of the URL lacks a right.
#[derive(Debug, Error)]
#[error(
    "the role {role} lacks {right}: deploy/postgres/roles.sql has a role that owns the schema and migrates, and one \
     that serves"
)]
pub struct MissingRight {
    /// The role.
    pub role: String,
    /// The right: `CREATE on the schema public`.
    pub right: String,
}

#[derive(QueryableByName)]
struct Rights {
    #[diesel(sql_type = Text)]
    role: String,
    #[diesel(sql_type = Nullable<Text>)]
    lacking: Option<String>,
}

/// The first right that the role lacks to change the schema.
pub(crate) fn missing_to_migrate(connection: &mut PgConnection) -> QueryResult<Option<MissingRight>> {
    missing(TO_MIGRATE, connection)
}

/// The first right that the role lacks to serve.
pub(crate) fn missing_to_serve(connection: &mut PgConnection) -> QueryResult<Option<MissingRight>> {
    missing(TO_SERVE, connection)
}

fn missing(query: &str, connection: &mut PgConnection) -> QueryResult<Option<MissingRight>> {
    let Rights { role, lacking } = sql_query(query).get_result(connection)?;
    Ok(lacking.map(|right| MissingRight { role, right }))
}
