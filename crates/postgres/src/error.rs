//! Failures of statements and transactions, and their only classification.

use std::sync::Arc;

use diesel::result::{DatabaseErrorInformation, DatabaseErrorKind, Error};
use repower_ports::RepositoryError;
use thiserror::Error as ThisError;

/// The error of a statement or a transaction.
#[derive(Debug)]
pub(crate) enum Failure {
    /// There was no connection.
    NoConnection(NoConnection),
    /// The statement failed.
    Statement(Error),
    /// The statement failed with a message that is not English, which alone distinguishes
    /// a transient error from a defect.
    Unclassified(Error),
    /// This thread already has an open transaction.
    NestedTransaction,
    /// The deadline has passed before the work had a slot.
    NoSlot,
}

/// No connection became free in time, or connecting failed. The writes of a batch share it.
#[derive(Debug, Clone, ThisError)]
#[error("{waited}{}{}", if cause.is_some() { ": " } else { "" }, cause.as_deref().unwrap_or_default())]
pub(crate) struct NoConnection {
    waited: Arc<r2d2::Error>,
    /// The error of the last attempt to connect, where the pool gave it to another waiter.
    cause: Option<Arc<str>>,
}

impl NoConnection {
    /// The failure to wait for a connection, with the last error of connecting.
    pub(crate) fn new(waited: r2d2::Error, last: Option<Arc<str>>) -> Self {
        let text = waited.to_string();
        let cause = last.filter(|last| !text.contains(&**last));
        Self { waited: Arc::new(waited), cause }
    }
}

impl From<NoConnection> for Failure {
    fn from(error: NoConnection) -> Self {
        Self::NoConnection(error)
    }
}

#[derive(Debug, ThisError)]
#[error("this thread already has an open transaction")]
struct NestedTransaction;

#[derive(Debug, ThisError)]
#[error("no slot was free before the deadline")]
struct NoSlot;

impl Failure {
    /// The failure of a statement, on a session whose messages are English or not.
    pub(crate) fn of(error: Error, is_english: bool) -> Self {
        let is_unknown = matches!(&error, Error::DatabaseError(DatabaseErrorKind::Unknown, _));
        let is_classified = is_timeout(&error) || is_connection_loss(&error) || is_transient(&error);
        if is_english || !is_unknown || is_classified { Self::Statement(error) } else { Self::Unclassified(error) }
    }

    /// The name of the unique or foreign key constraint that was violated.
    pub(crate) fn violated_constraint(&self) -> Option<&str> {
        match self {
            Self::Statement(Error::DatabaseError(
                DatabaseErrorKind::UniqueViolation | DatabaseErrorKind::ForeignKeyViolation,
                information,
            )) => information.constraint_name(),
            Self::Statement(_)
            | Self::Unclassified(_)
            | Self::NoConnection(_)
            | Self::NestedTransaction
            | Self::NoSlot => None,
        }
    }

    /// Whether a required row does not exist.
    pub(crate) const fn is_not_found(&self) -> bool {
        matches!(self, Self::Statement(Error::NotFound))
    }

    /// Whether a row with this id is stored already.
    pub(crate) fn violates_primary_key(&self) -> bool {
        self.violated_constraint().is_some_and(|name| name.ends_with("_pkey"))
    }

    /// Whether the connection is lost, and so possibly all idle ones.
    pub(crate) fn is_connection_lost(&self) -> bool {
        matches!(self, Self::Statement(error) if is_connection_loss(error))
    }

    /// Whether the session accepts no writes (25006): its server is read-only, or has become
    /// a standby behind a proxy that kept the connection.
    pub(crate) const fn is_read_only(&self) -> bool {
        matches!(self, Self::Statement(Error::DatabaseError(DatabaseErrorKind::ReadOnlyTransaction, _)))
    }
}

impl From<Failure> for RepositoryError {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::NoConnection(error) => Self::Unavailable(Box::new(error)),
            Failure::Statement(error) if is_timeout(&error) => Self::TimedOut(Box::new(error)),
            Failure::Statement(error) if is_connection_loss(&error) || is_transient(&error) => {
                Self::Unavailable(Box::new(error))
            }
            Failure::Unclassified(error) => Self::Unavailable(Box::new(error)),
            Failure::Statement(error) if is_double_booking(&error) => Self::AlreadyBooked,
            Failure::Statement(error) => Self::Failed(Box::new(error)),
            Failure::NestedTransaction => Self::Failed(Box::new(NestedTransaction)),
            Failure::NoSlot => Self::TimedOut(Box::new(NoSlot)),
        }
    }
}

/// Whether two bookings of a technician would share a day. The statements of an acceptance and of
/// an edit of a job alike may end so.
fn is_double_booking(error: &Error) -> bool {
    matches!(error, Error::DatabaseError(DatabaseErrorKind::ExclusionViolation, information)
        if information.constraint_name() == Some("applications_booked_once"))
}

/// Whether the connection is lost.
fn is_connection_loss(error: &Error) -> bool {
    match error {
        Error::DatabaseError(DatabaseErrorKind::ClosedConnection | DatabaseErrorKind::UnableToSendCommand, _)
        | Error::BrokenTransactionManager
        | Error::RollbackErrorOnCommit { .. } => true,
        Error::DatabaseError(_, information) => starts_with_any(&**information, &CONNECTION_LOSSES),
        _ => false,
    }
}

/// Whether a timeout ended the statement: 57014 and 55P03: `statement_timeout`,
/// `lock_timeout`, on request.
fn is_timeout(error: &Error) -> bool {
    matches!(error, Error::DatabaseError(_, information) if information.message().starts_with("canceling statement"))
}

/// Whether the same statement may succeed later.
fn is_transient(error: &Error) -> bool {
    match error {
        // Work whose client no longer waits is rolled back with `RollbackTransaction`.
        Error::DatabaseError(DatabaseErrorKind::SerializationFailure | DatabaseErrorKind::ReadOnlyTransaction, _)
        | Error::RollbackTransaction => true,
        Error::DatabaseError(_, information) => {
            is_schema_mismatch(&**information) || starts_with_any(&**information, &TRANSIENT_ERRORS)
        }
        _ => false,
    }
}

/// Whether the statement refers to a missing table or column: the migrations have
/// not run. Only an error of parsing or analysis has a position in the statement,
/// and all statements of this crate are constant and tested.
fn is_schema_mismatch(information: &dyn DatabaseErrorInformation) -> bool {
    information.statement_position().is_some()
}

/// Prefixes of messages about a lost connection (class 57P, 25P03).
const CONNECTION_LOSSES: [&str; 3] =
    ["terminating connection", "the database system is", "server closed the connection unexpectedly"];

/// Prefixes of messages about transient errors. diesel does not expose the
/// SQLSTATE, and has no `DatabaseErrorKind` for these errors.
const TRANSIENT_ERRORS: [&str; 13] = [
    "could not obtain lock",          // 55P03
    "deadlock detected",              // 40P01
    "could not serialize access",     // 40001
    "sorry, too many clients",        // 53300
    "too many connections",           // 53300
    "remaining connection slots",     // 53300
    "could not extend file",          // 53100: the disk is full
    "could not write",                // 53100
    "could not create",               // 53100, 53400: also the limit of open files
    "could not resize shared memory", // 53100
    "out of memory",                  // 53200
    "out of shared memory",           // 53200
    "too many notifications",         // 54000: some session in a transaction keeps them in the queue
];

fn starts_with_any(information: &dyn DatabaseErrorInformation, prefixes: &[&str]) -> bool {
    prefixes.iter().any(|prefix| information.message().starts_with(prefix))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(kind: DatabaseErrorKind, message: &str) -> Failure {
        Failure::Statement(Error::DatabaseError(kind, Box::new(message.to_owned())))
    }

    #[test]
    fn what_only_a_message_in_another_language_tells_is_unavailable() {
        let unavailable = |kind, message: &str, is_english| {
            let error = Error::DatabaseError(kind, Box::new(message.to_owned()));
            matches!(Failure::of(error, is_english).into(), RepositoryError::Unavailable(_))
        };
        for message in
            ["Verklemmung entdeckt", "konnte Sperre nicht setzen", "tut mir leid, schon zu viele Verbindungen"]
        {
            assert!(unavailable(DatabaseErrorKind::Unknown, message, false), "{message}");
            assert!(!unavailable(DatabaseErrorKind::Unknown, message, true), "{message}");
        }
        // These have a kind of their own in any language.
        assert!(unavailable(DatabaseErrorKind::SerializationFailure, "konnte Zugriff nicht serialisieren", false));
        assert!(!unavailable(DatabaseErrorKind::CheckViolation, "neue Zeile verletzt Check-Constraint", false));
    }

    #[test]
    fn lost_connections_transient_errors_and_defects_are_distinguished() {
        let lost = [
            error(DatabaseErrorKind::ClosedConnection, "any message"),
            error(DatabaseErrorKind::UnableToSendCommand, "no connection to the server"),
            error(DatabaseErrorKind::Unknown, "terminating connection due to administrator command"),
            Failure::Statement(Error::BrokenTransactionManager),
        ];
        assert!(lost.iter().all(Failure::is_connection_lost));
        let transient = [
            error(DatabaseErrorKind::Unknown, "deadlock detected"),
            error(DatabaseErrorKind::Unknown, "could not extend file \"base/16384/16595\": No space left on device"),
            error(DatabaseErrorKind::Unknown, "out of memory"),
            error(DatabaseErrorKind::SerializationFailure, "could not serialize access"),
            error(DatabaseErrorKind::ReadOnlyTransaction, "cannot execute INSERT in a read-only transaction"),
            Failure::Statement(Error::RollbackTransaction),
        ];
        assert!(!transient.iter().any(Failure::is_connection_lost));
        assert_eq!(transient.iter().filter(|failure| failure.is_read_only()).count(), 1);
        for failure in lost.into_iter().chain(transient) {
            assert!(matches!(failure.into(), RepositoryError::Unavailable(_)));
        }
        for message in ["canceling statement due to statement timeout", "canceling statement due to lock timeout"] {
            let failure = error(DatabaseErrorKind::Unknown, message);
            assert!(!failure.is_connection_lost());
            assert!(matches!(failure.into(), RepositoryError::TimedOut(_)));
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
