use chrono::{DateTime, Utc};
use repower_ports::{
    RepositoryError,
    accounts::{HashingError, SigningError, ThrottleError, Throttled, VerifyError},
    companies::AcceptError,
};
use thiserror::Error;

/// There were too many tries; nothing was hashed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("too many attempts; retry later")]
pub struct TooManyAttempts {
    /// After how many seconds tries are let through again; at least one.
    pub retry_after: u32,
}

impl TooManyAttempts {
    fn until(Throttled { until }: Throttled, now: DateTime<Utc>) -> Self {
        let milliseconds = (until - now).num_milliseconds().max(1);
        Self { retry_after: u32::try_from((milliseconds + 999) / 1_000).unwrap_or(u32::MAX) }
    }
}

/// Why nobody was registered.
#[derive(Debug, Error)]
pub enum RegisterError {
    /// Another user has this address, in whatever case.
    #[error("this email is taken")]
    EmailTaken,
    /// Too many registrations came from this address.
    #[error(transparent)]
    TooManyAttempts(TooManyAttempts),
    /// The company to join does not exist.
    #[error("there is no such company")]
    NoSuchCompany,
    /// The storage failed.
    #[error(transparent)]
    Repository(#[from] RepositoryError),
    /// The password could not be hashed.
    #[error(transparent)]
    Hashing(#[from] HashingError),
    /// The token could not be signed.
    #[error(transparent)]
    Signing(#[from] SigningError),
}

/// Why somebody is not signed in.
#[derive(Debug, Error)]
pub enum LoginError {
    /// Address and password do not belong together, or the user is shut out.
    /// Which of these it is nobody learns.
    #[error("the email or the password is wrong")]
    InvalidCredentials,
    /// Too many tries failed.
    #[error(transparent)]
    TooManyAttempts(TooManyAttempts),
    /// The storage failed.
    #[error(transparent)]
    Repository(#[from] RepositoryError),
    /// The password could not be verified.
    #[error(transparent)]
    Hashing(#[from] HashingError),
    /// The token could not be signed.
    #[error(transparent)]
    Signing(#[from] SigningError),
}

/// Why nobody is known by a token.
#[derive(Debug, Error)]
pub enum AuthenticateError {
    /// The token is not valid, or its user is shut out.
    #[error("a valid bearer token is needed")]
    Unauthenticated,
    /// The storage failed.
    #[error(transparent)]
    Repository(#[from] RepositoryError),
}

/// Why nobody joins a company.
#[derive(Debug, Error)]
pub enum AcceptInvitationError {
    /// The secret is unknown, or its invitation was used, revoked or replaced,
    /// or has expired.
    #[error("there is no such invitation, or it is not valid any more")]
    NoSuchInvitation,
    /// What can go wrong at registering can go wrong here.
    #[error(transparent)]
    Register(#[from] RegisterError),
}

/// Why a password is not replaced.
#[derive(Debug, Error)]
pub enum ChangePasswordError {
    /// The present password is another.
    #[error("is not your current password")]
    WrongPassword,
    /// Too many tries failed.
    #[error(transparent)]
    TooManyAttempts(TooManyAttempts),
    /// The storage failed, or somebody else replaced it first.
    #[error(transparent)]
    Repository(#[from] RepositoryError),
    /// The password could not be hashed.
    #[error(transparent)]
    Hashing(#[from] HashingError),
    /// The token could not be signed.
    #[error(transparent)]
    Signing(#[from] SigningError),
    /// The user is shut out.
    #[error("a valid bearer token is needed")]
    Unauthenticated,
}

impl RegisterError {
    pub(super) fn of(error: ThrottleError, now: DateTime<Utc>) -> Self {
        match error {
            ThrottleError::Throttled(throttled) => Self::TooManyAttempts(TooManyAttempts::until(throttled, now)),
            ThrottleError::Repository(cause) => Self::Repository(cause),
        }
    }
}

impl LoginError {
    pub(super) fn of(error: VerifyError, now: DateTime<Utc>) -> Self {
        match error {
            VerifyError::Throttled(throttled) => Self::TooManyAttempts(TooManyAttempts::until(throttled, now)),
            VerifyError::Repository(cause) => Self::Repository(cause),
            VerifyError::Hashing(cause) => Self::Hashing(cause),
        }
    }
}

impl ChangePasswordError {
    pub(super) fn of(error: VerifyError, now: DateTime<Utc>) -> Self {
        match error {
            VerifyError::Throttled(throttled) => Self::TooManyAttempts(TooManyAttempts::until(throttled, now)),
            VerifyError::Repository(cause) => Self::Repository(cause),
            VerifyError::Hashing(cause) => Self::Hashing(cause),
        }
    }
}

impl From<RepositoryError> for AcceptInvitationError {
    fn from(error: RepositoryError) -> Self {
        RegisterError::from(error).into()
    }
}

impl From<SigningError> for AcceptInvitationError {
    fn from(error: SigningError) -> Self {
        RegisterError::from(error).into()
    }
}

impl From<AcceptError> for AcceptInvitationError {
    fn from(error: AcceptError) -> Self {
        match error {
            AcceptError::Gone => Self::NoSuchInvitation,
            AcceptError::EmailTaken => RegisterError::EmailTaken.into(),
            AcceptError::Repository(cause) => cause.into(),
        }
    }
}
