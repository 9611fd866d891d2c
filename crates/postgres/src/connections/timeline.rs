use std::sync::{Mutex, PoisonError};

use diesel::{PgConnection, RunQueryDsl, dsl::sql, sql_types::Text};
use thiserror::Error;

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
    /// Checks a session, and returns the epoch that it is of: the one that `epoch` returns, which
    /// gets whether the session is the first one of a newer timeline. No other session is checked
    /// meanwhile.
    ///
    /// # Errors
    ///
    /// [`OldPrimary`].
    pub(super) fn check(
        &self,
        connection: &mut PgConnection,
        epoch: impl FnOnce(bool) -> u64,
    ) -> Result<u64, OldPrimary> {
        // A database that is not quite PostgreSQL may lack these functions; a lost connection fails the next statement.
        let found =
            diesel::select(sql::<Text>(CLUSTER_AND_TIMELINE)).get_result::<String>(connection).unwrap_or_default();
        match found.split_once(' ') {
            Some((cluster, timeline)) => self.advance(cluster, timeline, epoch),
            None => Ok(epoch(false)),
        }
    }

    fn advance(&self, cluster: &str, timeline: &str, epoch: impl FnOnce(bool) -> u64) -> Result<u64, OldPrimary> {
        let mut newest = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let of_cluster = newest.as_ref().filter(|(known, _)| known == cluster).map(|(_, newest)| newest.as_str());
        if of_cluster.is_some_and(|newest| timeline < newest) {
            return Err(OldPrimary);
        }
        let epoch = epoch(of_cluster.is_some_and(|newest| timeline > newest));
        *newest = Some((cluster.to_owned(), timeline.to_owned()));
        Ok(epoch)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_timeline_older_than_the_newest_is_of_an_old_primary() {
        let timeline = Timeline::default();
        let is_newer = |cluster, current| timeline.advance(cluster, current, u64::from).ok();
        assert_eq!([is_newer("1", "00000001"), is_newer("1", "00000001")], [Some(0); 2]);
        assert_eq!(is_newer("1", "0000000A"), Some(1));
        assert_eq!(is_newer("1", "00000009"), None);
        assert_eq!(is_newer("1", "0000000A"), Some(0));
        assert_eq!(is_newer("2", "00000001"), Some(0), "another cluster has its own timelines");
    }
}
