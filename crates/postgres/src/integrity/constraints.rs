use chrono::{DateTime, Utc};
use diesel::{PgConnection, QueryResult, prelude::*, sql_query, sql_types::Text};
use repower_ports::operation::Finding;

use super::violations::{Violations, finding, violations};

/// Selects a statement per foreign key that finds its violations. A restore, or a
/// session with triggers off, may have inserted rows that the key rejects.
const FOREIGN_KEYS: &str = "\
    SELECT format( \
        'SELECT %L || '' '' || coalesce(to_jsonb(one)->>''id'', one.ctid::text) AS id FROM %s AS one \
         WHERE %s AND NOT EXISTS (SELECT FROM %s AS other WHERE %s)', \
        conname, conrelid::regclass, \
        (SELECT string_agg(format('one.%I IS NOT NULL', attname), ' AND ') FROM pg_attribute \
         WHERE attrelid = conrelid AND attnum = ANY (conkey)), \
        confrelid::regclass, \
        (SELECT string_agg(format('one.%I = other.%I', own.attname, theirs.attname), ' AND ') \
         FROM unnest(conkey, confkey) AS pair (here, there) \
         JOIN pg_attribute AS own ON own.attrelid = conrelid AND own.attnum = here \
         JOIN pg_attribute AS theirs ON theirs.attrelid = confrelid AND theirs.attnum = there) \
    ) AS statement FROM pg_constraint \
    WHERE contype = 'f' AND connamespace = current_schema()::regnamespace ORDER BY conname";

/// Selects a statement per check constraint that finds its violations.
const CHECKS: &str = "\
    SELECT format( \
        'SELECT %L || '' '' || coalesce(to_jsonb(one)->>''id'', one.ctid::text) AS id FROM %s AS one WHERE NOT (%s)', \
        conname, conrelid::regclass, pg_get_expr(conbin, conrelid) \
    ) AS statement FROM pg_constraint \
    WHERE contype = 'c' AND connamespace = current_schema()::regnamespace ORDER BY conname";

#[derive(QueryableByName)]
struct ConstraintQuery {
    #[diesel(sql_type = Text)]
    statement: String,
}

/// Checks all rows against the constraints of their tables.
pub(super) fn audit(connection: &mut PgConnection, now: DateTime<Utc>) -> QueryResult<[Finding; 2]> {
    let dangling = check_each(connection, FOREIGN_KEYS, now)?;
    let failed = check_each(connection, CHECKS, now)?;
    Ok([
        finding("references_lead_somewhere", "The target of each foreign key exists.", dangling),
        finding("conditions_hold", "Each row satisfies the check constraints of its table.", failed),
    ])
}

/// Runs each statement that `statements` selects from the catalogue.
fn check_each(connection: &mut PgConnection, statements: &str, now: DateTime<Utc>) -> QueryResult<Vec<Violations>> {
    let queries = sql_query(statements).load::<ConstraintQuery>(connection)?;
    queries.iter().map(|query| violations(connection, &query.statement, now)).collect()
}
