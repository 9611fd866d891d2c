use repower_domain::{accounts::Forbidden, values::Inconsistent};
use repower_ports::RepositoryError;
use thiserror::Error;

/// Why something is neither shown nor touched.
#[derive(Debug, Error)]
pub enum AccessError {
    /// The role may not do this at all, or the thing is somebody else's.
    #[error(transparent)]
    Forbidden(#[from] Forbidden),
    /// There is no such thing, or the actor may not know of it.
    #[error("the resource does not exist, or you may not know of it")]
    NotFound,
    /// The storage failed.
    #[error(transparent)]
    Repository(#[from] RepositoryError),
}

/// Why something is not edited.
#[derive(Debug, Error)]
pub enum EditError {
    /// It may not be touched.
    #[error(transparent)]
    Access(#[from] AccessError),
    /// The merged fields contradict each other.
    #[error(transparent)]
    Inconsistent(#[from] Inconsistent),
}

impl From<Forbidden> for EditError {
    fn from(error: Forbidden) -> Self {
        AccessError::from(error).into()
    }
}

impl From<RepositoryError> for EditError {
    fn from(error: RepositoryError) -> Self {
        AccessError::from(error).into()
    }
}
