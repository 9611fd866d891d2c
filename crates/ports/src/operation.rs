//! What operators ask.

use std::error::Error;

use thiserror::Error;

/// Why the storage cannot serve.
#[derive(Debug, Error)]
pub enum NotReady {
    /// The database does not answer.
    #[error("the database does not answer")]
    Unavailable(#[source] Box<dyn Error + Send + Sync>),
    /// The database answers, and not every migration has run.
    #[error("{0} migrations have not run")]
    MigrationsPending(usize),
}

/// Whether the storage can serve.
#[cfg_attr(feature = "mocks", mockall::automock)]
pub trait ReadinessProbe: Send + Sync {
    /// Asks the database. Answers within two seconds, whatever its state.
    fn check(&self) -> Result<(), NotReady>;
}
