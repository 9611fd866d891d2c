//! Accounts: registering, signing in, and who is asking.

use std::error::Error;

use chrono::{DateTime, Utc};
use repower_domain::{
    accounts::{Account, Actor, Registration, Role},
    ids::{CompanyId, TechnicianId, UserId},
    values::{Email, Password, PasswordAttempt, PasswordHash},
};
use thiserror::Error;

use crate::RepositoryError;

/// What signing in needs to know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Credentials {
    /// The hash of the password.
    pub password_hash: PasswordHash,
    /// The account; `None` when its user is deactivated or was removed from
    /// their company, and so is shut out.
    pub account: Option<Account>,
}

/// Who a token's user is at this moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Identity {
    /// The user as they may act.
    pub actor: Actor,
    /// Tokens issued before this moment hold no longer.
    pub tokens_valid_from: DateTime<Utc>,
}

/// Why an account is not made.
#[derive(Debug, Error)]
pub enum RegisterError {
    /// Another user has this address, in whatever case.
    #[error("this e-mail address is taken")]
    EmailTaken,
    /// The storage failed.
    #[error(transparent)]
    Repository(#[from] RepositoryError),
}

/// Where accounts are kept.
#[cfg_attr(feature = "mocks", mockall::automock)]
pub trait AccountRepository: Send + Sync {
    /// Adds the account with all that comes with it, as a whole. Must answer
    /// [`RegisterError::EmailTaken`] when the address is another user's.
    fn register(&self, registration: &Registration) -> Result<(), RegisterError>;

    /// What signing in with this address needs; `None` when nobody has it.
    fn find_credentials(&self, email: &Email) -> Result<Option<Credentials>, RepositoryError>;

    /// The account of a user who may act; `None` for all others.
    fn find_account(&self, id: UserId) -> Result<Option<Account>, RepositoryError>;

    /// Who this user is now, in one statement; `None` when there is no such
    /// user, or they are deactivated or were removed from their company.
    fn find_identity(&self, id: UserId) -> Result<Option<Identity>, RepositoryError>;
}

/// The hasher failed, which is a defect or a lack of randomness.
#[derive(Debug, Error)]
#[error("the password could not be hashed")]
pub struct HashingError(#[source] pub Box<dyn Error + Send + Sync>);

/// How passwords are kept.
#[cfg_attr(feature = "mocks", mockall::automock)]
pub trait PasswordHasher: Send + Sync {
    /// The hash to store for a password.
    fn hash(&self, password: &Password) -> Result<PasswordHash, HashingError>;

    /// Whether the attempt is the password behind the hash.
    ///
    /// Costs the same whatever comes in: without a hash (nobody has the
    /// address), or with an attempt that cannot be a password, a dummy is
    /// verified and the answer is `false`.
    fn verify(&self, attempt: &PasswordAttempt, hash: Option<PasswordHash>) -> Result<bool, HashingError>;
}

/// What a token says of its bearer. Only the user and the moment are believed;
/// the rest informs front ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TokenClaims {
    /// Whose token it is.
    pub user_id: UserId,
    /// What they were when it was issued.
    pub role: Role,
    /// Their passport, for technicians.
    pub technician_id: Option<TechnicianId>,
    /// Their company, for members.
    pub company_id: Option<CompanyId>,
    /// When it was issued, in whole seconds.
    pub issued_at: DateTime<Utc>,
    /// From when on it holds no longer.
    pub expires_at: DateTime<Utc>,
}

/// Whose a valid token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bearer {
    /// The user.
    pub user_id: UserId,
    /// When the token was issued, in whole seconds.
    pub issued_at: DateTime<Utc>,
}

/// The token is not one of ours, or has expired.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("the token is not valid")]
pub struct InvalidToken;

/// The token could not be signed, which is a defect.
#[derive(Debug, Error)]
#[error("the token could not be signed")]
pub struct SigningError(#[source] pub Box<dyn Error + Send + Sync>);

/// How tokens are signed and checked.
#[cfg_attr(feature = "mocks", mockall::automock)]
pub trait TokenSigner: Send + Sync {
    /// A signed token that says so.
    fn sign(&self, claims: &TokenClaims) -> Result<String, SigningError>;

    /// Whose token it is. Must answer [`InvalidToken`] for a wrong signature or
    /// algorithm, for missing or malformed claims, and once `now` has reached
    /// its expiry.
    fn verify(&self, token: &str, now: DateTime<Utc>) -> Result<Bearer, InvalidToken>;
}
