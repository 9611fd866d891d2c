//! The limit of open files, which bounds the connections.

/// Open files for the database, the log and other uses.
const OTHERS: u64 = 200;

/// Open files of a client connection: its socket, and the handle that closes it.
const PER_CONNECTION: u64 = 2;

/// The number of connections that the operating system allows after the limit of
/// this process was raised: at most `wanted`, at least one.
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
            tracing::warn!(%error, "the limit of open files is unknown");
            wanted
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_allowed_number_of_connections_is_not_reduced() {
        assert_eq!(connections(1), 1);
    }

    #[test]
    fn a_number_of_connections_beyond_the_limit_is_reduced() {
        let max = connections(usize::MAX);
        assert!(max >= 1);
        assert!(max < usize::MAX);
    }
}
