use chrono::{DateTime, Utc};
use diesel::{PgConnection, QueryResult, connection::SimpleConnection, prelude::*, sql_query, sql_types::Text};
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

/// Selects a statement per unique index that finds its duplicates.
const UNIQUE_KEYS: &str = "\
    SELECT format( \
        'SELECT %L || '' '' || min(coalesce(to_jsonb(one)->>''id'', one.ctid::text)) AS id FROM %s AS one \
         WHERE %s AND %s GROUP BY %s HAVING count(*) > 1', \
        relname, indrelid::regclass, coalesce(pg_get_expr(indpred, indrelid), 'true'), \
        CASE WHEN indnullsnotdistinct THEN 'true' ELSE string_agg(format('(%s) IS NOT NULL', key), ' AND ') END, \
        string_agg(format('(%s)', key), ', ') \
    ) AS statement FROM pg_index JOIN pg_class ON pg_class.oid = indexrelid, \
    LATERAL (SELECT pg_get_indexdef(indexrelid, place, true) AS key FROM generate_series(1, indnkeyatts) AS place) AS keys \
    WHERE indisunique AND relnamespace = current_schema()::regnamespace \
    GROUP BY indexrelid, relname, indrelid, indpred, indnullsnotdistinct ORDER BY relname";

/// Indexes are not read: one that another version of a collation has sorted hides the
/// duplicates that it let in.
const WITHOUT_INDEXES: &str = "\
    SET LOCAL enable_indexscan = off; SET LOCAL enable_indexonlyscan = off; SET LOCAL enable_bitmapscan = off";
const WITH_INDEXES: &str = "\
    SET LOCAL enable_indexscan = DEFAULT; SET LOCAL enable_indexonlyscan = DEFAULT; \
    SET LOCAL enable_bitmapscan = DEFAULT";

#[derive(QueryableByName)]
struct ConstraintQuery {
    #[diesel(sql_type = Text)]
    statement: String,
}

/// Checks all rows against the constraints of their tables.
pub(super) fn audit(connection: &mut PgConnection, now: DateTime<Utc>) -> QueryResult<[Finding; 3]> {
    let dangling = check_each(connection, FOREIGN_KEYS, now)?;
    let failed = check_each(connection, CHECKS, now)?;
    connection.batch_execute(WITHOUT_INDEXES)?;
    let doubled = check_each(connection, UNIQUE_KEYS, now)?;
    connection.batch_execute(WITH_INDEXES)?;
    Ok([
        finding("unique_keys_are_unique", "No two rows have the same unique key; its index is not trusted.", doubled),
        finding("references_lead_somewhere", "The target of each foreign key exists.", dangling),
        finding("conditions_hold", "Each row satisfies the check constraints of its table.", failed),
    ])
}

/// Runs each statement that `statements` selects from the catalogue.
fn check_each(connection: &mut PgConnection, statements: &str, now: DateTime<Utc>) -> QueryResult<Vec<Violations>> {
    let queries = sql_query(statements).load::<ConstraintQuery>(connection)?;
    queries.iter().map(|query| violations(connection, &query.statement, now)).collect()
}
