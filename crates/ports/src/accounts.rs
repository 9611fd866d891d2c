//! Accounts: registration, login, sessions, passwords, tokens, and the limits of attempts.

mod sessions;
mod tokens;

use std::{error::Error, net::IpAddr};

use chrono::{DateTime, Utc};
use repower_domain::{
    accounts::{
        AcceptablePassword, Account, Actor, KnownAddress, Limit, LiveSessions, Rate, Registration, Session,
        ThrottleScope,
    },
    ids::UserId,
    values::{Email, PasswordAttempt, PasswordHash},
};
use thiserror::Error;

pub use self::{
    sessions::{EndSessionsError, SessionEnd, SessionRepository, SessionSelection, SessionUses},
    tokens::{Bearer, InvalidToken, SigningError, TokenClaims, TokenKind, TokenSigner},
};
#[cfg(feature = "mocks")]
pub use self::{
    sessions::{MockSessionRepository, MockSessionUses},
    tokens::MockTokenSigner,
};
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
    /// Adds an account with its passport, or its membership and company, and its session.
    ///
    /// # Errors
    ///
    /// [`RegisterError::EmailTaken`] if another user has the email.
    fn register(&self, registration: &Registration) -> Result<(), RegisterError>;

    /// The credentials of the user with this email; `None` if there is no such user.
    fn find_credentials(&self, email: &Email) -> Result<Option<Credentials>, RepositoryError>;

    /// The credentials of the user with this id; `None` if there is no such user.
    fn find_credentials_of(&self, id: UserId) -> Result<Option<Credentials>, RepositoryError>;

    /// Replaces the password. All sessions of the user end, and so does the validity of
    /// their tokens without a session; the session of the change begins. Removes the stored
    /// responses of the user and their known client addresses, which may be a stranger's with
    /// the old password.
    ///
    /// # Errors
    ///
    /// [`RepositoryError::Stale`] if the stored hash is not the old hash of the
    /// change, or if the user is deactivated.
    fn change_password(&self, change: &PasswordChange) -> Result<(), RepositoryError>;

    /// The account of a user; `None` if there is no such user, or if the user is
    /// deactivated or was removed from their company.
    fn find_account(&self, id: UserId) -> Result<Option<Account>, RepositoryError>;

    /// The actor of a token, in one statement at most. `None` if its session is not one of
    /// these, or if a token without one is of an earlier generation than its user's; if
    /// there is no such user, or if the user is deactivated or was removed from their
    /// company. A change by this instance is visible at once, one by another within a second.
    /// A session that has lately been one of these may be taken for one of them for a minute.
    fn find_actor(&self, bearer: &Bearer, live: &LiveSessions) -> Result<Option<Actor>, RepositoryError>;

    /// The account of a user whose password was verified, as it is now, with the session of
    /// the login; `None`, without the session, if the password was changed since, or if the
    /// user is deactivated or was removed from their company.
    ///
    /// Beside the new one, the user keeps the live sessions that began last: fewer than
    /// [`Session::MOST`]. All others are removed; concurrent logins do not exceed it.
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
    /// The hash that was verified.
    pub hash: PasswordHash,
    /// The client address to remember.
    pub known_address: Option<KnownAddress>,
    /// The session that begins, of the user.
    pub session: Session,
    /// The sessions that are live at the login.
    pub live: LiveSessions,
}

/// A change of a password.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PasswordChange {
    /// The session that begins with it: of the user, at the time of the change.
    pub session: Session,
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
