//! What the role of a session may do, for errors that name the right it lacks and the
//! statement that grants it.

use diesel::{OptionalExtension, PgConnection, QueryResult, QueryableByName, RunQueryDsl, sql_query, sql_types::Text};
use thiserror::Error;

/// The right that the role lacks to read the list of migrations.
const TO_READ: &str = "\
    SELECT current_user::text AS role, 'SELECT on the table ' || list AS lacking, \
        format('GRANT SELECT ON %s TO %I', list, current_user) AS mend \
    FROM to_regclass('__diesel_schema_migrations') AS list \
    WHERE list IS NOT NULL AND NOT has_table_privilege(list, 'SELECT')";

/// The first right that the role lacks to change the schema.
const TO_MIGRATE: &str = "\
    SELECT current_user::text AS role, lacking, mend FROM COALESCE(current_schema(), 'public') AS own, \
    (SELECT min(name) AS missing, min(name) FILTER (WHERE NOT is_available) AS unavailable FROM ( \
        SELECT name, name IN (SELECT available.name FROM pg_available_extensions AS available) AS is_available \
        FROM (VALUES ('pg_trgm'), ('btree_gist')) AS needed (name) \
        WHERE name NOT IN (SELECT extname FROM pg_extension)) AS missing) AS extensions, LATERAL (VALUES \
        (1, current_schema() IS NULL, 'USAGE on a schema of its search_path', \
            format('GRANT USAGE, CREATE ON SCHEMA public TO %I', current_user)), \
        (2, NOT has_schema_privilege(current_schema(), 'CREATE'), 'CREATE on the schema ' || current_schema(), \
            format('GRANT CREATE ON SCHEMA %I TO %I', own, current_user)), \
        (3, NOT pg_has_role((SELECT relowner FROM pg_class \
                WHERE oid = to_regclass('__diesel_schema_migrations')), 'USAGE'), \
            'ownership of the tables of the schema ' || current_schema(), \
            format('REASSIGN OWNED BY %s TO %I', (SELECT relowner::regrole FROM pg_class \
                WHERE oid = to_regclass('__diesel_schema_migrations')), current_user)), \
        (4, unavailable IS NOT NULL, \
            'the extension ' || unavailable || ', whose files the server does not have', \
            'install them there (Debian: postgresql-contrib)'), \
        (5, missing IS NOT NULL AND NOT has_database_privilege(current_database(), 'CREATE'), \
            'CREATE on the database, for the extension ' || missing, \
            format('GRANT CREATE ON DATABASE %I TO %I', current_database(), current_user)), \
        (6, NOT (SELECT has_schema_privilege(extnamespace, 'USAGE') FROM pg_extension WHERE extname = 'pg_trgm'), \
            'USAGE on the schema of the extension pg_trgm', \
            (SELECT format('GRANT USAGE ON SCHEMA %s TO %I', extnamespace::regnamespace, current_user) \
                FROM pg_extension WHERE extname = 'pg_trgm')) \
    ) AS rights (place, is_missing, lacking, mend) WHERE is_missing ORDER BY place LIMIT 1";

/// The first right that the role lacks on the tables and views to serve. Those of another owner are
/// of another program.
const TO_SERVE: &str = "\
    SELECT current_user::text AS role, \
        needed || CASE relkind WHEN 'v' THEN ' on the view ' ELSE ' on the table ' END || relname AS lacking, \
        format('GRANT %s ON %s TO %I', needed, oid::regclass, current_user) AS mend \
    FROM pg_class, LATERAL (SELECT CASE relname WHEN '__diesel_schema_migrations' THEN 'SELECT' \
        WHEN 'audit_events' THEN 'SELECT, INSERT' \
        ELSE CASE relkind WHEN 'v' THEN 'SELECT' ELSE 'SELECT, INSERT, UPDATE, DELETE' END END AS needed) AS needs \
    WHERE relkind IN ('r', 'v') AND relnamespace = current_schema()::regnamespace \
        AND relowner = (SELECT relowner FROM pg_class WHERE oid = to_regclass('__diesel_schema_migrations')) \
        AND EXISTS (SELECT FROM unnest(string_to_array(needed, ', ')) AS privilege \
            WHERE NOT has_table_privilege(oid, privilege)) \
    ORDER BY relname LIMIT 1";

/// The role of the URL lacks a right.
#[derive(Debug, Error, QueryableByName)]
#[error(
    "the role {role} lacks {lacking}: {mend}; deploy/postgres/roles.sql has a role that owns the schema and migrates, \
     and one that serves"
)]
pub struct MissingRight {
    /// The role.
    #[diesel(sql_type = Text)]
    pub role: String,
    /// The right: `CREATE on the schema public`.
    #[diesel(sql_type = Text)]
    pub lacking: String,
    /// What mends it: a statement, as a rule.
    #[diesel(sql_type = Text)]
    pub mend: String,
}

/// The right that the role lacks to learn which migrations have run.
pub(crate) fn missing_to_read(connection: &mut PgConnection) -> QueryResult<Option<MissingRight>> {
    missing(TO_READ, connection)
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
    sql_query(query).get_result(connection).optional()
}
