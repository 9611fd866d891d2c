use chrono::{DateTime, Utc};
use diesel::{PgConnection, QueryResult, prelude::*, sql_query, sql_types::Text};
use repower_ports::operation::Finding;

use super::{Broken, broken, found};

/// A restore, or whoever switched triggers off, may have brought in rows that a
/// constraint would not have let through.
const REFERENCES: &str = "\
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

const CONDITIONS: &str = "\
    SELECT format( \
        'SELECT %L || '' '' || coalesce(to_jsonb(one)->>''id'', one.ctid::text) AS id FROM %s AS one WHERE NOT (%s)', \
        conname, conrelid::regclass, pg_get_expr(conbin, conrelid) \
    ) AS statement FROM pg_constraint \
    WHERE contype = 'c' AND connamespace = current_schema()::regnamespace ORDER BY conname";

#[derive(QueryableByName)]
struct Search {
    #[diesel(sql_type = Text)]
    statement: String,
}

/// Holds all rows against the constraints of their tables.
pub(super) fn audit(connection: &mut PgConnection, now: DateTime<Utc>) -> QueryResult<[Finding; 2]> {
    let dangling = search(connection, REFERENCES, now)?;
    let unmet = search(connection, CONDITIONS, now)?;
    Ok([
        found("references_lead_somewhere", "Whatever a row refers to is there.", dangling),
        found("conditions_hold", "Each row meets the conditions of its table.", unmet),
    ])
}

/// What the statements find that a statement makes of the catalogue.
fn search(connection: &mut PgConnection, statements: &str, now: DateTime<Utc>) -> QueryResult<Vec<Broken>> {
    let searches = sql_query(statements).load::<Search>(connection)?;
    searches.iter().map(|search| broken(connection, &search.statement, now)).collect()
}
