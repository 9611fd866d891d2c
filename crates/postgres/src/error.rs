//! What went wrong in the database, told apart in one place.

use diesel::result::{DatabaseErrorInformation, DatabaseErrorKind, Error};
use repower_ports::RepositoryError;
use thiserror::Error as ThisError;

/// Why a statement or a transaction was not carried out.
#[derive(Debug)]
pub(crate) enum Failure {
    /// No connection was free in time, or none could be made.
    NoConnection(r2d2::Error),
    /// The statement failed.
    Statement(Error),
    /// This thread has a transaction open already.
    Nested,
}

#[derive(Debug, ThisError)]
#[error("a transaction is open on this thread already")]
struct Nested;

impl Failure {
    /// The name of the unique or foreign key constraint that was violated.
    pub(crate) fn violated(&self) -> Option<&str> {
        match self {
            Self::Statement(Error::DatabaseError(
                DatabaseErrorKind::UniqueViolation | DatabaseErrorKind::ForeignKeyViolation,
                information,
            )) => information.constraint_name(),
            Self::Statement(_) | Self::NoConnection(_) | Self::Nested => None,
        }
    }

    /// Whether a row that had to be there was not.
    pub(crate) const fn is_nothing_found(&self) -> bool {
        matches!(self, Self::Statement(Error::NotFound))
    }

    /// Whether the connection is gone, and so may be all that lay idle.
    pub(crate) fn is_connection_lost(&self) -> bool {
        matches!(self, Self::Statement(error) if is_lost(error))
    }
}

impl From<Failure> for RepositoryError {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::NoConnection(error) => Self::Unavailable(Box::new(error)),
            Failure::Statement(error) if is_lost(&error) || is_passing(&error) => Self::Unavailable(Box::new(error)),
            Failure::Statement(error) => Self::Failed(Box::new(error)),
            Failure::Nested => Self::Failed(Box::new(Nested)),
        }
    }
}

/// Whether the connection is gone.
fn is_lost(error: &Error) -> bool {
    match error {
        Error::DatabaseError(DatabaseErrorKind::ClosedConnection | DatabaseErrorKind::UnableToSendCommand, _)
        | Error::BrokenTransactionManager
        | Error::RollbackErrorOnCommit { .. } => true,
        Error::DatabaseError(_, information) => says(&**information, &LOSSES),
        _ => false,
    }
}

/// Whether the same statement may succeed later.
fn is_passing(error: &Error) -> bool {
    match error {
        // The latter is what nobody waits for any more: it was taken back.
        Error::DatabaseError(DatabaseErrorKind::SerializationFailure | DatabaseErrorKind::ReadOnlyTransaction, _)
        | Error::RollbackTransaction => true,
        Error::DatabaseError(_, information) => {
            is_about_the_schema(&**information) || says(&**information, &PASSING_TROUBLES)
        }
        _ => false,
    }
}

/// Our statements are fixed and tested. One that PostgreSQL cannot make sense of
/// (only then does it point to a place in the statement) misses a table or a
/// column: the migrations have not run yet.
fn is_about_the_schema(information: &dyn DatabaseErrorInformation) -> bool {
    information.statement_position().is_some()
}

/// How messages begin that tell of a connection's end (class 57P, 25P03).
const LOSSES: [&str; 3] =
    ["terminating connection", "the database system is", "server closed the connection unexpectedly"];

/// How messages begin that tell of trouble that passes. diesel hands on no
/// SQLSTATE, and these have no kind of their own.
const PASSING_TROUBLES: [&str; 13] = [
    "canceling statement",            // 57014 and 55P03: statement_timeout, lock_timeout, on request
    "could not obtain lock",          // 55P03
    "deadlock detected",              // 40P01
    "could not serialize access",     // 40001
    "sorry, too many clients",        // 53300
    "too many connections",           // 53300
    "remaining connection slots",     // 53300
    "could not extend file",          // 53100: the disk is full
    "could not write",                // 53100
    "could not create",               // 53100, 53400: also no file may be opened any more
    "could not resize shared memory", // 53100
    "out of memory",                  // 53200
    "out of shared memory",           // 53200
];

fn says(information: &dyn DatabaseErrorInformation, beginnings: &[&str]) -> bool {
    beginnings.iter().any(|beginning| information.message().starts_with(beginning))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(kind: DatabaseErrorKind, message: &str) -> Failure {
        Failure::Statement(Error::DatabaseError(kind, Box::new(message.to_owned())))
    }

    #[test]
    fn lost_connections_are_told_from_troubles_that_pass_and_from_defects() {
        let lost = [
            error(DatabaseErrorKind::ClosedConnection, "whatever"),
            error(DatabaseErrorKind::UnableToSendCommand, "no connection to the server"),
            error(DatabaseErrorKind::Unknown, "terminating connection due to administrator command"),
            Failure::Statement(Error::BrokenTransactionManager),
        ];
        assert!(lost.iter().all(Failure::is_connection_lost));
        let passing = [
            error(DatabaseErrorKind::Unknown, "canceling statement due to statement timeout"),
            error(DatabaseErrorKind::Unknown, "canceling statement due to lock timeout"),
            error(DatabaseErrorKind::Unknown, "deadlock detected"),
            error(DatabaseErrorKind::Unknown, "could not extend file \"base/16384/16595\": No space left on device"),
            error(DatabaseErrorKind::Unknown, "out of memory"),
            error(DatabaseErrorKind::SerializationFailure, "could not serialize access"),
            error(DatabaseErrorKind::ReadOnlyTransaction, "cannot execute INSERT in a read-only transaction"),
            Failure::Statement(Error::RollbackTransaction),
        ];
        assert!(!passing.iter().any(Failure::is_connection_lost));
        for failure in lost.into_iter().chain(passing) {
            assert!(matches!(failure.into(), RepositoryError::Unavailable(_)));
        }
        let defects = [
            error(DatabaseErrorKind::CheckViolation, "new row violates check constraint"),
            error(DatabaseErrorKind::Unknown, "invalid byte sequence for encoding \"UTF8\": 0x00"),
            Failure::Statement(Error::NotFound),
        ];
        for failure in defects {
            assert!(matches!(failure.into(), RepositoryError::Failed(_)));
        }
    }
}
