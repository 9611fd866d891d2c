//! How many files, and with them connections, the process may have open.

/// What is kept for the database, the log and the like.
const OTHERS: u64 = 200;

/// A connection of a client takes up two: that of the server, and the one by
/// which it is cut.
const PER_CONNECTION: u64 = 2;

/// As many connections as wanted, or as the operating system lets the process
/// have after its own limit was raised as far as it goes; at least one.
pub(crate) fn connections(wanted: usize) -> usize {
    let needed = u64::try_from(wanted).unwrap_or(u64::MAX).saturating_mul(PER_CONNECTION).saturating_add(OTHERS);
    match rlimit::increase_nofile_limit(needed) {
        Ok(files) if files >= needed => wanted,
        Ok(files) => {
            let connections = files.saturating_sub(OTHERS) / PER_CONNECTION;
            tracing::warn!(files, connections, wanted, "the limit of open files allows fewer connections");
            usize::try_from(connections).unwrap_or(wanted).max(1)
        }
        Err(error) => {
            tracing::warn!(%error, "the limit of open files is not known");
            wanted
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_system_allows_is_had_in_full() {
        assert_eq!(connections(1), 1);
    }

    #[test]
    fn more_than_the_system_allows_is_cut_down_to_that() {
        let most = connections(usize::MAX);
        assert!(most >= 1);
        assert!(most < usize::MAX);
    }
}
