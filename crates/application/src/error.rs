use chrono::{DateTime, Utc};
use repower_domain::{accounts::Forbidden, values::Inconsistent};
use repower_ports::{
    RepositoryError,
    accounts::{ThrottleError, Throttled},
};
use thiserror::Error;

/// Too many attempts; nothing was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("too many attempts; retry later")]
pub struct TooManyAttempts {
    /// The number of seconds until attempts are allowed again; at least 1.
    pub retry_after: u32,
}

impl TooManyAttempts {
    pub(crate) fn until(Throttled { until }: Throttled, now: DateTime<Utc>) -> Self {
        let milliseconds = (until - now).num_milliseconds().max(1);
        Self { retry_after: u32::try_from((milliseconds + 999) / 1_000).unwrap_or(u32::MAX) }
    }
}

/// The reason why a resource is not accessible.
#[derive(Debug, Error)]
pub enum AccessError {
    /// The actor has no company or passport, or another company owns the resource.
    #[error(transparent)]
    Forbidden(#[from] Forbidden),
    /// The resource does not exist or is not visible to the actor.
    #[error("this does not exist, or is not visible to you")]
    NotFound,
    /// The company is not verified, and has no contact with the technician.
    #[error("the company is not verified yet")]
    Unverified,
    /// The actor, or their company, did it too often.
    #[error(transparent)]
    TooManyAttempts(#[from] TooManyAttempts),
    /// The storage failed.
    #[error(transparent)]
    Repository(#[from] RepositoryError),
}

impl AccessError {
    pub(crate) fn of(error: ThrottleError, now: DateTime<Utc>) -> Self {
        match error {
            ThrottleError::Throttled(throttled) => TooManyAttempts::until(throttled, now).into(),
            ThrottleError::Repository(cause) => cause.into(),
        }
    }
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
