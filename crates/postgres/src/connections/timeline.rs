use std::sync::{Mutex, PoisonError};

use diesel::{PgConnection, RunQueryDsl, dsl::sql, sql_types::Text};
use thiserror::Error;

use super::pool_epoch::PoolEpoch;

/// A session is of a primary in whose place another one was promoted.
#[derive(Debug, Clone, Copy, Error)]
#[error("the server is an old primary: another one was promoted since; stop it, or make it a standby")]
pub(crate) struct OldPrimary;

/// The cluster and its timeline, in hexadecimal digits; no timeline on a standby.
const CLUSTER_AND_TIMELINE: &str = "\
    concat_ws(' ', (SELECT system_identifier FROM pg_control_system()), \
    CASE WHEN NOT pg_is_in_recovery() THEN left(pg_walfile_name(pg_current_wal_insert_lsn()), 8) END)";

/// The newest timeline that a session of this process had. Each promotion begins one; an old
/// primary that comes back unfenced stays on the one from before, with a state from before.
#[derive(Debug, Default)]
pub(super) struct Timeline(Mutex<Option<(String, String)>>);

impl Timeline {
    /// Checks a session, and returns the epoch of the pool that it belongs to. The first one of a
    /// newer timeline starts an epoch, as others may be of the old primary.
    ///
    /// # Errors
    ///
    /// [`OldPrimary`].
    pub(super) fn check(&self, connection: &mut PgConnection, epoch: &PoolEpoch) -> Result<u64, OldPrimary> {
        // A database that is not quite PostgreSQL may lack these functions; a lost connection fails the next statement.
        let found =
            diesel::select(sql::<Text>(CLUSTER_AND_TIMELINE)).get_result::<String>(connection).unwrap_or_default();
        if let Some((cluster, timeline)) = found.split_once(' ') {
            self.advance(cluster, timeline, epoch)
        } else {
            Ok(epoch.number())
        }
    }

    fn advance(&self, cluster: &str, timeline: &str, epoch: &PoolEpoch) -> Result<u64, OldPrimary> {
        // Under this lock, so that a session that was checked before is of the epoch before.
        let mut newest = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let of_cluster = newest.as_ref().filter(|(known, _)| known == cluster).map(|(_, newest)| newest.as_str());
        if of_cluster.is_some_and(|newest| timeline < newest) {
            return Err(OldPrimary);
        }
        if of_cluster.is_some_and(|newest| timeline > newest) {
            epoch.advance();
        }
        *newest = Some((cluster.to_owned(), timeline.to_owned()));
        Ok(epoch.number())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_timeline_older_than_the_newest_is_of_an_old_primary() {
        let (timeline, epoch) = (Timeline::default(), PoolEpoch::default());
        let of = |cluster, current| timeline.advance(cluster, current, &epoch).ok();
        assert_eq!([of("1", "00000001"), of("1", "00000001")], [Some(0); 2]);
        assert_eq!(of("1", "0000000A"), Some(1), "the sessions of before are of an epoch that has ended");
        assert_eq!(of("1", "00000009"), None);
        assert_eq!(of("1", "0000000A"), Some(1));
        assert_eq!(of("2", "00000001"), Some(1), "another cluster has its own timelines");
    }
}
