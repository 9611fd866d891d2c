use diesel::ConnectionError;
use thiserror::Error;

use super::timeline::OldPrimary;

/// Connections share the sessions of PostgreSQL: a pooler in transaction mode.
#[derive(Debug, Clone, Copy, Error)]
#[error(
    "the URL of the database is that of a pooler in transaction mode, such as PgBouncer: set DATABASE_DIRECT_URL to \
     the URL of PostgreSQL itself"
)]
pub struct SharedSessions;

/// The error of a pool without a session to return.
#[derive(Debug, Error)]
pub(crate) enum SessionError {
    #[error(transparent)]
    Connect(#[from] ConnectionError),
    #[error(transparent)]
    Statement(#[from] diesel::result::Error),
    #[error(transparent)]
    Shared(#[from] SharedSessions),
    #[error(transparent)]
    OldPrimary(#[from] OldPrimary),
    #[error("the connection was opened before the last loss of a connection")]
    EarlierEpoch,
}
