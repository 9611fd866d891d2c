use std::error::Error;

use thiserror::Error;

/// A failure to read or write the storage.
#[derive(Debug, Error)]
pub enum RepositoryError {
    /// The storage is unreachable or did not respond in time. A later attempt may
    /// succeed.
    #[error("the storage is not available")]
    Unavailable(#[source] Box<dyn Error + Send + Sync>),
    /// The work took too long, or waited too long for other work: a later attempt, or
    /// another search, may succeed.
    #[error("the storage took too long")]
    TimedOut(#[source] Box<dyn Error + Send + Sync>),
    /// The entity was changed since it was loaded; nothing was written.
    #[error("another request changed it first")]
    Stale,
    /// The technician is deactivated; nothing was written.
    #[error("the technician is deactivated")]
    Deactivated,
    /// A technician would have accepted two jobs that share a day; nothing was written.
    #[error("the technician has accepted another job that shares a day with this one")]
    AlreadyBooked,
    /// The owner has as many as they may have; nothing was written.
    #[error("there are {limit} already, which is the limit")]
    LimitReached {
        /// The limit.
        limit: u32,
    },
    /// Stored data violates a rule: a defect, or a manual change of the database.
    #[error("the stored data is corrupt: {0}")]
    Corrupt(String),
    /// Another failure, which is a defect.
    #[error("the storage failed")]
    Failed(#[source] Box<dyn Error + Send + Sync>),
}
