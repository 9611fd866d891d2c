//! Accounts: registering, signing in, and who is asking.

use std::{error::Error, net::IpAddr};

use chrono::{DateTime, Utc};
use repower_domain::{
    accounts::{Account, Actor, Limit, Registration, Role, ThrottleScope, User},
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

    /// The same for a user who is known; `None` when there is no such user.
    fn find_credentials_of(&self, id: UserId) -> Result<Option<Credentials>, RepositoryError>;

    /// Replaces the password and voids earlier tokens. Must answer
    /// [`RepositoryError::Stale`] when the password is no longer the one that
    /// was verified.
    fn change_password(&self, change: &PasswordChange) -> Result<(), RepositoryError>;

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
}

/// Who tries to sign in, and from where: what failures are counted by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoginAttempt {
    /// The account, by the address that was given, in lower case; it need not
    /// be anybody's.
    pub account: String,
    /// The client's address.
    pub address: IpAddr,
}

/// Why a password is not even looked at.
#[derive(Debug, Error)]
pub enum VerifyError {
    /// There were too many failures; nothing was hashed.
    #[error("too many tries")]
    Throttled(Throttled),
    /// The failures could not be counted, so nothing was hashed.
    #[error(transparent)]
    Repository(#[from] RepositoryError),
    /// The hasher failed.
    #[error(transparent)]
    Hashing(#[from] HashingError),
}

/// How passwords are checked. The only way to do so: whoever verifies counts.
#[cfg_attr(feature = "mocks", mockall::automock)]
pub trait PasswordVerifier: Send + Sync {
    /// Whether this is the password behind the hash.
    ///
    /// The attempt is counted as a failure before anything is hashed, and taken
    /// back when it turns out right. What is let through costs the same
    /// whatever comes in: one verification, of a dummy where there is no hash
    /// (nobody has the address) or the attempt cannot be a password.
    fn verify(
        &self,
        attempt: &LoginAttempt,
        password: &PasswordAttempt,
        hash: Option<PasswordHash>,
    ) -> Result<bool, VerifyError>;
}

/// There were too many tries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Throttled {
    /// When the window ends and tries are let through again.
    pub until: DateTime<Utc>,
}

/// Why a try is not counted.
#[derive(Debug, Error)]
pub enum ThrottleError {
    /// One of the limits is reached; none was counted up.
    #[error("too many tries")]
    Throttled(Throttled),
    /// The storage failed.
    #[error(transparent)]
    Repository(#[from] RepositoryError),
}

/// What is counted: a scope, and the account or address in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ThrottleKey {
    /// By what it is counted.
    pub scope: ThrottleScope,
    /// Whose tries they are.
    pub subject: String,
    /// How many are let through.
    pub limit: Limit,
}

/// Where tries are counted, for all instances together.
#[cfg_attr(feature = "mocks", mockall::automock)]
pub trait ThrottleRepository: Send + Sync {
    /// Counts one try under every key, or under none where that would pass one
    /// of the limits: then must answer [`ThrottleError::Throttled`] with the
    /// latest end of their windows. However many come at once, no more than the
    /// limit are let through in a window. A window begins with its first try.
    fn count(&self, keys: &[ThrottleKey], now: DateTime<Utc>) -> Result<(), ThrottleError>;

    /// Takes one try back under every key.
    fn take_back(&self, keys: &[ThrottleKey], now: DateTime<Utc>) -> Result<(), RepositoryError>;
}

/// A password that is to be replaced.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PasswordChange {
    /// The user as they are after it.
    pub user: User,
    /// The hash that was verified.
    pub old_hash: PasswordHash,
    /// The hash to store.
    pub new_hash: PasswordHash,
}

/// A secret that is handed out once; only its digest is kept.
#[derive(Clone, PartialEq, Eq)]
pub struct GeneratedSecret {
    /// What is handed out.
    pub text: String,
    /// What is kept.
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

/// Where secrets to hand out come from.
#[cfg_attr(feature = "mocks", mockall::automock)]
pub trait SecretGenerator: Send + Sync {
    /// A secret of at least 128 random bits.
    fn generate(&self) -> Result<GeneratedSecret, HashingError>;

    /// The digest under which a secret is kept.
    fn digest(&self, text: &str) -> SecretDigest;
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
