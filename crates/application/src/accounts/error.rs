use chrono::{DateTime, Utc};
use repower_domain::accounts::TooCommon;
use repower_ports::{
    RepositoryError,
    accounts::{EndSessionsError as StoreError, HashingError, SigningError, ThrottleError},
    companies::AcceptError,
};
use thiserror::Error;

use crate::TooManyAttempts;

/// The reason why a user is not registered.
#[derive(Debug, Error)]
pub enum RegisterError {
    /// Another user has this email.
    #[error("this email is taken")]
    EmailTaken,
    /// The password is one of the commonest, or made of words that belong to the user.
    #[error("the password {0}")]
    TooCommon(#[from] TooCommon),
    /// There were too many registrations from the client address.
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

/// The reason why a user is not logged in.
#[derive(Debug, Error)]
pub enum LoginError {
    /// The email or the password is wrong, or the user is deactivated. Clients cannot
    /// distinguish these.
    #[error("the email or the password is wrong")]
    InvalidCredentials,
    /// There were too many failed attempts.
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

/// The reason why a request is not authenticated.
#[derive(Debug, Error)]
pub enum AuthenticateError {
    /// The token is not valid, or the user is deactivated.
    #[error("a valid bearer token is needed")]
    Unauthenticated,
    /// The storage failed.
    #[error(transparent)]
    Repository(#[from] RepositoryError),
}

/// The reason why an invitation is not accepted.
#[derive(Debug, Error)]
pub enum AcceptInvitationError {
    /// The secret is unknown, or its invitation was used, revoked or replaced,
    /// or has expired.
    #[error("there is no such invitation, or it is not valid any more")]
    NoSuchInvitation,
    /// The user is not registered.
    #[error(transparent)]
    Register(#[from] RegisterError),
}

/// The reason why a password is not changed.
#[derive(Debug, Error)]
pub enum ChangePasswordError {
    /// The current password is wrong.
    #[error("is not your current password")]
    WrongPassword,
    /// The new password is one of the commonest, or made of words that belong to the user.
    #[error(transparent)]
    TooCommon(#[from] TooCommon),
    /// There were too many failed attempts.
    #[error(transparent)]
    TooManyAttempts(TooManyAttempts),
    /// The storage failed, or another request changed the password first.
    #[error(transparent)]
    Repository(#[from] RepositoryError),
    /// The password could not be hashed.
    #[error(transparent)]
    Hashing(#[from] HashingError),
    /// The token could not be signed.
    #[error(transparent)]
    Signing(#[from] SigningError),
    /// The user is deactivated.
    #[error("a valid bearer token is needed")]
    Unauthenticated,
}

/// The reason why no session is ended.
#[derive(Debug, Error)]
pub enum EndSessionsError {
    /// The password is wrong.
    #[error("is not your password")]
    WrongPassword,
    /// One of the sessions is none of the user's, or has ended.
    #[error("there is no such session of yours")]
    NoSuchSession,
    /// There were too many failed attempts.
    #[error(transparent)]
    TooManyAttempts(TooManyAttempts),
    /// The storage failed, or another request changed the password first.
    #[error(transparent)]
    Repository(#[from] RepositoryError),
    /// The user is deactivated.
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
    pub(super) fn of(error: ThrottleError, now: DateTime<Utc>) -> Self {
        match error {
            ThrottleError::Throttled(throttled) => Self::TooManyAttempts(TooManyAttempts::until(throttled, now)),
            ThrottleError::Repository(cause) => Self::Repository(cause),
        }
    }
}

impl ChangePasswordError {
    pub(super) fn of(error: ThrottleError, now: DateTime<Utc>) -> Self {
        match error {
            ThrottleError::Throttled(throttled) => Self::TooManyAttempts(TooManyAttempts::until(throttled, now)),
            ThrottleError::Repository(cause) => Self::Repository(cause),
        }
    }
}

impl EndSessionsError {
    pub(super) fn of(error: ThrottleError, now: DateTime<Utc>) -> Self {
        match error {
            ThrottleError::Throttled(throttled) => Self::TooManyAttempts(TooManyAttempts::until(throttled, now)),
            ThrottleError::Repository(cause) => Self::Repository(cause),
        }
    }
}

impl From<StoreError> for EndSessionsError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::NoSuchSession => Self::NoSuchSession,
            StoreError::Repository(cause) => cause.into(),
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
