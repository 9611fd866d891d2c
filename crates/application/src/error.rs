use repower_domain::{accounts::Forbidden, values::Inconsistent};
use repower_ports::RepositoryError;
use thiserror::Error;

/// The reason why a resource is not accessible.
#[derive(Debug, Error)]
pub enum AccessError {
    /// The actor has no company or passport, or another company owns the resource.
    #[error(transparent)]
    Forbidden(#[from] Forbidden),
    /// The resource does not exist or is not visible to the actor.
    #[error("the resource does not exist, or you may not know of it")]
    NotFound,
    /// The storage failed.
    #[error(transparent)]
    Repository(#[from] RepositoryError),
}

/// The reason why a resource is not edited.
#[derive(Debug, Error)]
pub enum EditError {
    /// The resource is not accessible.
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
