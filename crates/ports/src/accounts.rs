//! Accounts: registration, login, passwords, tokens, and the limits of attempts.

use std::{error::Error, net::IpAddr};

use chrono::{DateTime, Utc};
use repower_domain::{
    accounts::{
        AcceptablePassword, Account, Actor, KnownAddress, Limit, Rate, Registration, Role, ThrottleScope, User,
    },
    ids::{CompanyId, TechnicianId, UserId},
    values::{Email, PasswordAttempt, PasswordHash},
};
use thiserror::Error;

use crate::RepositoryError;

/// The data that a login is verified with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Credentials {
    /// The hash of the password.
    pub password_hash: PasswordHash,
    /// The account; `None` if its user is deactivated or was removed from their
    /// company.
    pub account: Option<Account>,
}

/// The user of a token at the time of the request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Identity {
    /// The actor.
    pub actor: Actor,
    /// Tokens of an earlier generation are invalid.
    pub tokens_valid_from: DateTime<Utc>,
}

/// The reason why an account is not stored.
#[derive(Debug, Error)]
pub enum RegisterError {
    /// Another user has this email.
    #[error("this email is taken")]
    EmailTaken,
    /// The storage failed.
    #[error(transparent)]
    Repository(#[from] RepositoryError),
}

/// Stores accounts.
#[cfg_attr(feature = "mocks", mockall::automock)]
pub trait AccountRepository: Send + Sync {
    /// Adds an account with its passport, or its membership and company.
    ///
    /// # Errors
    ///
    /// [`RegisterError::EmailTaken`] if another user has the email.
    fn register(&self, registration: &Registration) -> Result<(), RegisterError>;

    /// The credentials of the user with this email; `None` if there is no such user.
    fn find_credentials(&self, email: &Email) -> Result<Option<Credentials>, RepositoryError>;

    /// The credentials of the user with this id; `None` if there is no such user.
    fn find_credentials_of(&self, id: UserId) -> Result<Option<Credentials>, RepositoryError>;

    /// Replaces the password and the generation of the tokens, and removes the stored
    /// responses of the user and their known client addresses, which may be a stranger's with
    /// the old password.
    ///
    /// # Errors
    ///
    /// [`RepositoryError::Stale`] if the stored hash is not the old hash of the
    /// change.
    fn change_password(&self, change: &PasswordChange) -> Result<(), RepositoryError>;

    /// The account of a user; `None` if there is no such user, or if the user is
    /// deactivated or was removed from their company.
    fn find_account(&self, id: UserId) -> Result<Option<Account>, RepositoryError>;

    /// The identity of a user, in one statement at most; `None` if there is no such user,
    /// or if the user is deactivated or was removed from their company. A change by this
    /// instance is visible at once, one by another within a second.
    fn find_identity(&self, id: UserId) -> Result<Option<Identity>, RepositoryError>;

    /// The account of a user whose password was verified, as it is now; `None` if the
    /// password was changed since, or if the user is deactivated or was removed from their
    /// company.
    ///
    /// Remembers the client address in the same transaction, unless a use within
    /// [`KnownAddress::PRECISION`] is remembered already. Only the [`KnownAddress::MOST`]
    /// of the user that were used last are kept.
    fn sign_in(&self, login: &VerifiedPassword) -> Result<Option<Account>, RepositoryError>;

    /// Whether the user signed in from the client address within
    /// [`KnownAddress::LIFETIME`] before the time. Takes the same time for a user that
    /// does not exist.
    fn is_known(&self, address: &KnownAddress) -> Result<bool, RepositoryError>;
}

/// A failure of the hasher: a defect, or no randomness.
#[derive(Debug, Error)]
#[error("the password could not be hashed")]
pub struct HashingError(#[source] pub Box<dyn Error + Send + Sync>);

/// Hashes and verifies passwords. Each call takes the time of one hash.
#[cfg_attr(feature = "mocks", mockall::automock)]
pub trait PasswordHasher: Send + Sync {
    /// The hash of a password.
    fn hash(&self, password: &AcceptablePassword) -> Result<PasswordHash, HashingError>;

    /// Whether the password has this hash. Without a hash, or for a text that cannot be
    /// a password, a dummy is verified, which takes the same time.
    fn verify(&self, attempt: &PasswordAttempt, hash: Option<PasswordHash>) -> Result<bool, HashingError>;
}

/// The commonest passwords of 8 and more characters.
#[cfg_attr(feature = "mocks", mockall::automock)]
pub trait CommonPasswords: Send + Sync {
    /// Whether the [fold](repower_domain::letters::fold) of a password is one of them.
    fn contains(&self, folded: &str) -> bool;
}

/// Too many attempts in a window.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Throttled {
    /// The end of the window, from which attempts are allowed again.
    pub until: DateTime<Utc>,
}

/// The reason why an attempt is not counted.
#[derive(Debug, Error)]
pub enum ThrottleError {
    /// A limit is reached; the attempt is counted under no key.
    #[error("too many attempts")]
    Throttled(Throttled),
    /// The storage failed.
    #[error(transparent)]
    Repository(#[from] RepositoryError),
}

/// A counter of attempts: a scope, and a subject in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ThrottleKey {
    /// The scope.
    pub scope: ThrottleScope,
    /// The account, the client address or its network, or the company.
    pub subject: String,
    /// The client address, where an account is counted by it.
    pub client_address: Option<IpAddr>,
    /// The limit of attempts.
    pub limit: Limit,
}

/// Counts attempts, for all instances together.
#[cfg_attr(feature = "mocks", mockall::automock)]
pub trait ThrottleRepository: Send + Sync {
    /// Counts one attempt under every key. A window begins with its first attempt.
    /// Concurrent attempts never exceed a limit.
    ///
    /// # Errors
    ///
    /// [`ThrottleError::Throttled`] with the latest end of the windows, if the attempt
    /// would exceed a limit. It is then counted under no key.
    fn count(&self, keys: &[ThrottleKey], now: DateTime<Utc>) -> Result<(), ThrottleError>;

    /// Refunds one attempt under every key.
    fn refund(&self, keys: &[ThrottleKey], now: DateTime<Utc>) -> Result<(), RepositoryError>;

    /// Clears all counts of an account: from everywhere, from each client address, and
    /// of changes of the password. Returns their number.
    fn clear(&self, account: &str) -> Result<usize, RepositoryError>;
}

/// Counts by the minute, in the memory of this instance.
#[cfg_attr(feature = "mocks", mockall::automock)]
pub trait RateCounter: Send + Sync {
    /// Counts one attempt. A window begins with its first attempt. Concurrent attempts
    /// never exceed the limit.
    ///
    /// # Errors
    ///
    /// [`Throttled`], if the attempt would exceed the limit. It is then not counted.
    fn count(&self, rate: Rate, limit: Limit, now: DateTime<Utc>) -> Result<(), Throttled>;
}

/// A login with a password that was right for the stored hash.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifiedPassword {
    /// The user.
    pub user_id: UserId,
    /// The hash that was verified.
    pub hash: PasswordHash,
    /// The client address to remember.
    pub known_address: Option<KnownAddress>,
}

/// A change of a password.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PasswordChange {
    /// The user after the change.
    pub user: User,
    /// The hash that was verified.
    pub old_hash: PasswordHash,
    /// The hash to store.
    pub new_hash: PasswordHash,
    /// The only client address that is known from then on.
    pub known_address: Option<KnownAddress>,
}

/// A secret that is returned once. Only its digest is stored.
#[derive(Clone, PartialEq, Eq)]
pub struct GeneratedSecret {
    /// The secret.
    pub text: String,
    /// The digest of the secret.
    pub digest: SecretDigest,
}

impl std::fmt::Debug for GeneratedSecret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("GeneratedSecret(…)")
    }
}

/// The SHA-256 of a secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SecretDigest(pub [u8; 32]);

/// Generates secrets.
#[cfg_attr(feature = "mocks", mockall::automock)]
pub trait SecretGenerator: Send + Sync {
    /// A secret of at least 128 random bits.
    fn generate(&self) -> Result<GeneratedSecret, HashingError>;

    /// The digest of a secret.
    fn digest(&self, text: &str) -> SecretDigest;
}

/// The claims of a token. The server reads the user, the generation and the times; the other
/// claims are for front ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TokenClaims {
    /// The user.
    pub user_id: UserId,
    /// The role of the user at the time of issue.
    pub role: Role,
    /// The passport of a technician.
    pub technician_id: Option<TechnicianId>,
    /// The company of a member.
    pub company_id: Option<CompanyId>,
    /// The generation of the tokens of the user at the time of issue, in microseconds.
    pub generation: DateTime<Utc>,
    /// The time of issue, in whole seconds.
    pub issued_at: DateTime<Utc>,
    /// The time from which the token is expired.
    pub expires_at: DateTime<Utc>,
}

/// The bearer of a valid token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bearer {
    /// The user.
    pub user_id: UserId,
    /// The generation of the token. A token without one, of another service, has its time of
    /// issue as generation, in whole seconds.
    pub generation: DateTime<Utc>,
}

/// The token is not valid: it has another signer, is malformed, or has expired.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("the token is not valid")]
pub struct InvalidToken;

/// A failure to sign a token, which is a defect.
#[derive(Debug, Error)]
#[error("the token could not be signed")]
pub struct SigningError(#[source] pub Box<dyn Error + Send + Sync>);

/// Signs and verifies tokens.
#[cfg_attr(feature = "mocks", mockall::automock)]
pub trait TokenSigner: Send + Sync {
    /// A signed token with these claims.
    fn sign(&self, claims: &TokenClaims) -> Result<String, SigningError>;

    /// The bearer of a token.
    ///
    /// # Errors
    ///
    /// [`InvalidToken`] for a wrong signature or algorithm, for missing or malformed
    /// claims, and from the time of expiry on.
    fn verify(&self, token: &str, now: DateTime<Utc>) -> Result<Bearer, InvalidToken>;
}
