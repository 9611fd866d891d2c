use std::error::Error;

use chrono::{DateTime, Utc};
use repower_domain::{
    accounts::Role,
    ids::{CompanyId, SessionId, TechnicianId, UserId},
};
use thiserror::Error;

/// The claims of a token. The server reads the user, the session and the times; the other
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
    /// The session.
    pub session: SessionId,
    /// The time of issue, in whole seconds.
    pub issued_at: DateTime<Utc>,
    /// The time from which the token is expired.
    pub expires_at: DateTime<Utc>,
}

/// The bearer of a valid token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Bearer {
    /// The user.
    pub user_id: UserId,
    /// The kind of the token.
    pub token: TokenKind,
}

/// A token of a session, or one without.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum TokenKind {
    /// The token of this session.
    OfSession(SessionId),
    /// A token without a session: of a release that had none, or of another service. Its
    /// generation is the time in microseconds at which such tokens of the user were ended
    /// before its issue; without one, the time of its issue in whole seconds.
    Sessionless(DateTime<Utc>),
}

impl Bearer {
    /// The session of the token; `None` for a token without one.
    #[must_use]
    pub const fn session(&self) -> Option<SessionId> {
        match self.token {
            TokenKind::OfSession(session) => Some(session),
            TokenKind::Sessionless(_) => None,
        }
    }
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
