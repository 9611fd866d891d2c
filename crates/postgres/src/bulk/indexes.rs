use diesel::{PgConnection, QueryResult, connection::SimpleConnection, prelude::*, sql_query, sql_types::Text};

/// Selects the statements that drop and create each foreign key, unique constraint
/// and index of the schema. Foreign keys come first, because they depend on unique
/// constraints. Primary keys stay: rows are copied nearly in their order.
const INDEXES: &str = "\
    SELECT format('ALTER TABLE %s DROP CONSTRAINT %I', conrelid::regclass, conname) AS drop_statement, \
    format('ALTER TABLE %s ADD CONSTRAINT %I %s', conrelid::regclass, conname, pg_get_constraintdef(oid)) \
        AS create_statement, \
    CASE contype WHEN 'f' THEN 1 ELSE 2 END AS rank, conname::text AS name \
    FROM pg_constraint WHERE contype IN ('f', 'u') AND connamespace = current_schema()::regnamespace \
    UNION ALL \
    SELECT format('DROP INDEX %s', indexrelid::regclass), pg_get_indexdef(indexrelid), 3, indexrelid::regclass::text \
    FROM pg_index JOIN pg_class ON pg_class.oid = indrelid \
    WHERE relnamespace = current_schema()::regnamespace AND relkind = 'r' \
    AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = indexrelid) \
    ORDER BY rank, name";

/// A dropped foreign key, unique constraint or index. Its creation after the rows
/// takes a fraction of the time that its maintenance takes.
#[derive(QueryableByName)]
pub(super) struct DroppedIndex {
    #[diesel(sql_type = Text)]
    drop_statement: String,
    #[diesel(sql_type = Text)]
    create_statement: String,
}

impl DroppedIndex {
    /// Drops all. Must run in the transaction that creates them again. Returns them
    /// in the order of creation.
    pub(super) fn drop_all(connection: &mut PgConnection) -> QueryResult<Vec<Self>> {
        let mut all = sql_query(INDEXES).load::<Self>(connection)?;
        for index in &all {
            connection.batch_execute(&index.drop_statement)?;
        }
        all.reverse();
        Ok(all)
    }

    /// Creates it again.
    pub(super) fn create(&self, connection: &mut PgConnection) -> QueryResult<()> {
        connection.batch_execute(&self.create_statement)
    }
}
