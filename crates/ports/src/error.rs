use std::error::Error;

use thiserror::Error;

/// Why something stored could not be read or written.
#[derive(Debug, Error)]
pub enum RepositoryError {
    /// The storage cannot be reached or did not answer in time; trying again
    /// later may help.
    #[error("the storage is not available")]
    Unavailable(#[source] Box<dyn Error + Send + Sync>),
    /// Somebody else changed the thing since it was loaded; nothing was written.
    #[error("somebody else changed it first")]
    Stale,
    /// What is stored breaks a rule: a defect, or a hand in the database.
    #[error("what is stored is corrupt: {0}")]
    Corrupt(String),
    /// Anything else: a defect.
    #[error("the storage failed")]
    Failed(#[source] Box<dyn Error + Send + Sync>),
}
