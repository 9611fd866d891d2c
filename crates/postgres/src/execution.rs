use diesel::{PgConnection, QueryResult, result::Error};
use repower_ports::deadline::Deadline;

use crate::{
    connections::{PoolEpoch, Session},
    error::Failure,
};

/// Runs statements on a session. Marks it as used, or as lost; a loss starts a new
/// epoch of the pool. One that accepts no writes starts one as well, now and then: new ones
/// may be of the new primary.
pub(crate) fn execute_on<T>(
    epoch: &PoolEpoch,
    session: &mut Session,
    work: impl FnOnce(&mut PgConnection) -> QueryResult<T>,
) -> Result<T, Failure> {
    let is_english = session.is_english;
    let outcome = work(&mut session.connection).map_err(|error| Failure::of(error, is_english));
    if outcome.as_ref().is_err_and(Failure::is_connection_lost) {
        session.mark_lost(epoch);
    } else if outcome.as_ref().is_err_and(Failure::is_read_only) {
        epoch.advance_after_rejection();
    } else {
        session.mark_used();
    }
    outcome
}

/// Returns an error once the deadline of this thread's work has passed, so that the
/// work is rolled back. The client has already got the response that the database is
/// unavailable.
pub(crate) fn check_deadline() -> QueryResult<()> {
    if Deadline::has_passed() { Err(Error::RollbackTransaction) } else { Ok(()) }
}
