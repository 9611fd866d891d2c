use std::fmt;

use chrono::{DateTime, Utc};
use repower_domain::{accounts::Account, ids::SessionId};

/// A user who has registered or logged in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoggedIn {
    /// The account.
    pub account: Account,
    /// The session.
    pub session: SessionId,
    /// The token of the session.
    pub token: Token,
}

/// A signed token.
#[derive(Clone, PartialEq, Eq)]
pub struct Token {
    /// The text of the token.
    pub text: String,
    /// The time from which it is expired.
    pub expires_at: DateTime<Utc>,
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Token").field("expires_at", &self.expires_at).finish_non_exhaustive()
    }
}
