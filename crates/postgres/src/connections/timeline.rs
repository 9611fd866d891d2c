use std::sync::{Mutex, PoisonError};

use diesel::{PgConnection, RunQueryDsl, dsl::sql, sql_types::Text};
use thiserror::Error;

use super::pool_epoch::PoolEpoch;

/// A session is of a primary in whose place another one was promoted.
#[derive(Debug, Clone, Copy, Error)]
#[error("the server is an old primary: another one was promoted since; stop it, or make it a standby")]
pub(crate) struct OldPrimary;

/// The cluster and its timeline, in hexadecimal digits; no timeline on a standby.
const PLACE: &str = "\
    concat_ws(' ', (SELECT system_identifier FROM pg_control_system()), \
    CASE WHEN NOT pg_is_in_recovery() THEN left(pg_walfile_name(pg_current_wal_insert_lsn()), 8) END)";

/// The newest timeline that a session of this process had. Each promotion begins one; an old
/// primary that comes back unfenced stays on the one from before, with a state from before.
#[derive(Debug, Default)]
pub(crate) struct Timeline(Mutex<Option<(String, String)>>);

impl Timeline {
    /// Checks a new session. The first one of a newer timeline ends the epoch of the pool, as
    /// others may be of the old primary.
    ///
    /// # Errors
    ///
    /// [`OldPrimary`].
    pub(crate) fn check(&self, connection: &mut PgConnection, epoch: &PoolEpoch) -> Result<(), OldPrimary> {
        // A database that is not quite PostgreSQL may lack these functions; a lost connection fails the next statement.
        let place = diesel::select(sql::<Text>(PLACE)).get_result::<String>(connection).unwrap_or_default();
        if let Some((cluster, timeline)) = place.split_once(' ') {
            self.advance(cluster, timeline, epoch)
        } else {
            Ok(())
        }
    }

    fn advance(&self, cluster: &str, timeline: &str, epoch: &PoolEpoch) -> Result<(), OldPrimary> {
        let mut newest = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let of_cluster = newest.as_ref().filter(|(known, _)| known == cluster).map(|(_, newest)| newest.as_str());
        if of_cluster.is_some_and(|newest| timeline < newest) {
            return Err(OldPrimary);
        }
        if of_cluster.is_some_and(|newest| timeline > newest) {
            epoch.advance();
        }
        *newest = Some((cluster.to_owned(), timeline.to_owned()));
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use super::*;

    #[test]
    fn a_timeline_older_than_the_newest_is_of_an_old_primary() {
        let (timeline, epoch) = (Timeline::default(), PoolEpoch::default());
        let before = Instant::now();
        for current in ["00000001", "00000001"] {
            assert!(timeline.advance("1", current, &epoch).is_ok() && epoch.includes(before), "{current}");
        }
        assert!(timeline.advance("1", "0000000A", &epoch).is_ok() && !epoch.includes(before));
        assert!(timeline.advance("1", "00000009", &epoch).is_err());
        assert!(timeline.advance("1", "0000000A", &epoch).is_ok());
        assert!(timeline.advance("2", "00000001", &epoch).is_ok(), "another cluster has its own timelines");
    }
}
