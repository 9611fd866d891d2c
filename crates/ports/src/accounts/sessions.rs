use chrono::{DateTime, Utc};
use repower_domain::{
    accounts::{LiveSessions, Session},
    ids::{SessionId, UserId},
    values::PasswordHash,
};
use thiserror::Error;

use super::tokens::{Bearer, TokenKind};
use crate::RepositoryError;

/// Which sessions of a user end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SessionSelection {
    /// These.
    These(Vec<SessionId>),
    /// All but the one of this token. Tokens without a session are one: all of them end,
    /// or none.
    AllBut(TokenKind),
}

/// An end of sessions by their user, whose password was right for the stored hash.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionEnd {
    /// The user.
    pub user_id: UserId,
    /// The hash that was verified.
    pub hash: PasswordHash,
    /// The sessions.
    pub selection: SessionSelection,
    /// The time of the end.
    pub at: DateTime<Utc>,
}

/// The reason why no session is ended.
#[derive(Debug, Error)]
pub enum EndSessionsError {
    /// One of them is none of the user's, or has ended.
    #[error("there is no such session")]
    NoSuchSession,
    /// The storage failed, or another request changed the password first.
    #[error(transparent)]
    Repository(#[from] RepositoryError),
}

/// Lists and ends sessions. They begin with the methods of
/// [`AccountRepository`](super::AccountRepository). An end by this instance is visible at
/// once, one by another within a second.
#[cfg_attr(feature = "mocks", mockall::automock)]
pub trait SessionRepository: Send + Sync {
    /// The sessions of a user that are among these, in any order.
    fn of_user(&self, user: UserId, live: &LiveSessions) -> Result<Vec<Session>, RepositoryError>;

    /// The session with this id; `None` if it is not among these.
    fn find(&self, id: SessionId, live: &LiveSessions) -> Result<Option<Session>, RepositoryError>;

    /// Ends the session of a token. A token without one ends the validity of all such tokens
    /// of its user, unless its own has ended before.
    fn log_out(&self, bearer: &Bearer, now: DateTime<Utc>) -> Result<(), RepositoryError>;

    /// Ends sessions by their user, all of the selection or none. Returns their number.
    ///
    /// # Errors
    ///
    /// [`EndSessionsError::NoSuchSession`]; [`RepositoryError::Stale`] if the stored hash is
    /// another one, or if the user is deactivated.
    fn end(&self, end: &SessionEnd) -> Result<usize, EndSessionsError>;
}

/// Keeps the uses of sessions until they are stored, off the way of requests.
#[cfg_attr(feature = "mocks", mockall::automock)]
pub trait SessionUses: Send + Sync {
    /// Notes a use, in memory. Of the uses within a minute one is noted.
    fn note(&self, session: SessionId, at: DateTime<Utc>);

    /// Stores the noted uses. Returns the number of sessions that were used.
    fn store(&self) -> Result<usize, RepositoryError>;
}
