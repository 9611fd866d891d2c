//! Loads many rows at once: drops the indexes, copies the rows, and creates the
//! indexes again.

mod indexes;
mod writer;

use diesel::{connection::SimpleConnection, dsl::exists, prelude::*, result::Error};
use repower_ports::bulk::{BulkError, BulkLoader, BulkProgress, BulkSource, BulkStage, BulkWriter};

use self::{indexes::DroppedIndex, writer::CopyWriter};
use crate::{Database, connections, schema::users};

/// Settings of the session. An index build gets 256 MiB of memory, and a
/// statement may take any time.
const SETTINGS: &str = "\
    SET lock_timeout = '5s'; SET synchronous_commit = off; SET maintenance_work_mem = '256MB'; SET work_mem = '64MB'";

/// The tables of the load.
const TABLES: &str = "users companies company_members technicians skills certifications \
    availability_periods jobs applications application_events evaluations threads messages types_in_force";

/// The sets of types are written once, and not with each batch of certifications.
const WITHOUT_SETS: &str = "ALTER TABLE certifications DISABLE TRIGGER renew_types_in_force";
const SETS: &str = "\
    INSERT INTO types_in_force SELECT * FROM types_in_force_by_certifications; \
    ALTER TABLE certifications ENABLE TRIGGER renew_types_in_force";

impl BulkLoader for Database {
    fn load(&self, source: &dyn BulkSource, progress: &mut dyn FnMut(BulkProgress)) -> Result<(), BulkError> {
        let mut connection =
            connections::establish(self.url()).map_err(|error| BulkError::Unavailable(Box::new(error)))?;
        let mut writer = CopyWriter { connection: &mut connection, progress };
        // If an error is returned, the dropped connection rolls back.
        writer.connection.batch_execute(SETTINGS).map_err(failed)?;
        writer.connection.batch_execute("BEGIN").map_err(failed)?;
        let has_users = diesel::select(exists(users::table.select(users::id)));
        if has_users.get_result(writer.connection).map_err(failed)? {
            return Err(BulkError::NotEmpty);
        }
        let dropped = DroppedIndex::drop_all(writer.connection).map_err(failed)?;
        writer.connection.batch_execute(WITHOUT_SETS).map_err(failed)?;
        source.write_all(&mut writer)?;
        writer.each(BulkStage::Indexes, &dropped, DroppedIndex::create)?;
        writer.connection.batch_execute(SETS).map_err(failed)?;
        writer.connection.batch_execute("COMMIT").map_err(failed)?;
        // VACUUM sets the visibility map, which index-only scans need.
        let tables: Vec<_> = TABLES.split_whitespace().collect();
        writer.each(BulkStage::Statistics, &tables, |table, connection| {
            connection.batch_execute(&format!("VACUUM (ANALYZE) {table}"))
        })
    }
}

impl CopyWriter<'_> {
    /// Runs a stage of the storage, one step for each item.
    fn each<T>(
        &mut self,
        stage: BulkStage,
        items: &[T],
        step: impl Fn(&T, &mut PgConnection) -> QueryResult<()>,
    ) -> Result<(), BulkError> {
        self.begin(stage, items.len() as u64);
        items.iter().try_for_each(|item| {
            step(item, self.connection).map_err(failed)?;
            (self.progress)(BulkProgress::Completed(1));
            Ok(())
        })
    }
}

fn failed(error: Error) -> BulkError {
    BulkError::Failed(Box::new(error))
}
