use std::time::Duration;

use diesel::{Connection, PgConnection, QueryResult};
use repower_ports::deadline::Deadline;

use super::{COMMIT_TIME, Database};
use crate::{
    batches::Batches,
    error::{Failure, NoConnection},
    execution::{check_deadline, execute_on},
};

/// The time to the deadline from which a write is executed in a batch: 100 milliseconds, twice
/// the longest wait for one to begin.
const MIN_TIME: Duration = Duration::from_millis(100);

impl Database {
    /// Whether concurrent writes share statements: not behind a pooler.
    pub const fn has_batches(&self) -> bool {
        !self.is_pooled
    }

    /// Executes a write together with those that arrive while another batch is executed, as
    /// [`Self::write_statement`] does one. `statement` returns a result for each of the writes,
    /// in their order; `None` for one that it did not write.
    ///
    /// `None` if it is to be executed alone, then with an error of its own: its batch did not
    /// write it or failed, or would have begun too late.
    pub(crate) fn write_in_batch<K: Copy + PartialEq, W, R>(
        &self,
        batches: &Batches<K, W, Result<R, NoConnection>>,
        key: K,
        write: W,
        statement: impl FnOnce(&mut PgConnection, &[W]) -> QueryResult<Vec<Option<R>>>,
    ) -> Result<Option<R>, Failure> {
        // One that might not be done in time would undo the whole batch.
        if !self.commits_statements() || !Deadline::leaves(MIN_TIME) {
            return Ok(None);
        }
        let written = batches.write(key, write, |writes| {
            let mut session = match self.connection() {
                Ok(session) => session,
                // None of them waits for a connection once more.
                Err(error) => return writes.iter().map(|_| Some(Err(error.clone()))).collect(),
            };
            let commits = Deadline::leaves(COMMIT_TIME);
            let results = execute_on(&self.epoch, &mut session, |connection| {
                if commits {
                    return statement(connection, writes);
                }
                connection.transaction(|connection| {
                    let results = statement(connection, writes)?;
                    check_deadline()?;
                    Ok(results)
                })
            });
            match results {
                Ok(results) => results.into_iter().map(|result| result.map(Ok)).collect(),
                Err(failure) => {
                    tracing::debug!(?failure, writes = writes.len(), "a batch failed; its writes are executed alone");
                    Vec::new()
                }
            }
        });
        Ok(written.transpose()?)
    }

    /// Runs a read for several requests, on a connection beside those of the slots. Does not
    /// retry.
    pub(crate) fn read_for_several<T>(
        &self,
        query: impl FnOnce(&mut PgConnection) -> QueryResult<T>,
    ) -> Result<T, Failure> {
        execute_on(&self.epoch, &mut *self.connection()?, query)
    }
}
