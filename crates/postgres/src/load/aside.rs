//! Indexes and references that are put aside while rows come in: made of all
//! rows at once they take a fraction of the time.

use diesel::{PgConnection, QueryResult, connection::SimpleConnection, prelude::*, sql_query, sql_types::Text};

/// Of the tables of the schema: references first, as they rest on what is
/// unique. Primary keys stay, as rows come in nearly in their order.
const PUT_ASIDE: &str = "\
    SELECT format('ALTER TABLE %s DROP CONSTRAINT %I', conrelid::regclass, conname) AS away, \
    format('ALTER TABLE %s ADD CONSTRAINT %I %s', conrelid::regclass, conname, pg_get_constraintdef(oid)) AS back, \
    CASE contype WHEN 'f' THEN 1 ELSE 2 END AS rank, conname::text AS name \
    FROM pg_constraint WHERE contype IN ('f', 'u') AND connamespace = current_schema()::regnamespace \
    UNION ALL \
    SELECT format('DROP INDEX %s', indexrelid::regclass), pg_get_indexdef(indexrelid), 3, indexrelid::regclass::text \
    FROM pg_index JOIN pg_class ON pg_class.oid = indrelid \
    WHERE relnamespace = current_schema()::regnamespace AND relkind = 'r' \
    AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = indexrelid) \
    ORDER BY rank, name";

/// Something that was put aside.
#[derive(QueryableByName)]
pub(super) struct Aside {
    #[diesel(sql_type = Text)]
    away: String,
    #[diesel(sql_type = Text)]
    back: String,
}

impl Aside {
    /// Puts everything aside. Must run in the transaction that brings it back.
    pub(super) fn put(connection: &mut PgConnection) -> QueryResult<Vec<Self>> {
        let mut all = sql_query(PUT_ASIDE).load::<Self>(connection)?;
        for aside in &all {
            connection.batch_execute(&aside.away)?;
        }
        // Back comes first what the others rest on.
        all.reverse();
        Ok(all)
    }

    /// Brings it back.
    pub(super) fn bring_back(&self, connection: &mut PgConnection) -> QueryResult<()> {
        connection.batch_execute(&self.back)
    }
}
