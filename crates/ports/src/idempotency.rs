//! Requests that a client may send again.

use chrono::{DateTime, Utc};
use repower_domain::ids::{InvitationId, UserId};
use thiserror::Error;

use crate::RepositoryError;

/// A request that carries a key, by which it is known again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyedRequest {
    /// Whose key it is: a user, or for those who register, an address.
    pub owner: String,
    /// The key.
    pub key: String,
    /// A keyed digest of method, path and body.
    pub digest: [u8; 32],
    /// When it came.
    pub now: DateTime<Utc>,
}

/// An answer that is kept. It holds no secret: what was handed out once is made
/// anew when the request is repeated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptAnswer {
    /// The status.
    pub status: u16,
    /// The body, without secrets.
    pub body: Vec<u8>,
    /// What has to be made anew.
    pub secret: KeptSecret,
}

/// What a kept answer is without.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeptSecret {
    /// Nothing.
    None,
    /// The token of somebody who registered.
    SignIn(UserId),
    /// The secret of an invitation.
    Invitation(InvitationId),
}

/// What the work of a request came to: an answer to keep, or one that is not
/// kept and undoes the work.
pub type Work<'a> = &'a mut dyn FnMut() -> Option<KeptAnswer>;

/// What became of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// The work was done now; its answer stands where the work left it.
    Done,
    /// The work was done before, with this answer.
    Repeated(KeptAnswer),
}

/// Why nothing was done.
#[derive(Debug, Error)]
pub enum KeyedError {
    /// The key was used for another request.
    #[error("the key was used for another request")]
    Mismatch,
    /// A request with this key is under way.
    #[error("a request with this key is under way")]
    UnderWay,
    /// The storage failed.
    #[error(transparent)]
    Repository(#[from] RepositoryError),
}

/// Does what is asked for once, however often it is asked for.
pub trait IdempotencyRepository: Send + Sync {
    /// Runs `work` in one transaction with the keeping of its answer: all that
    /// repositories store on this thread meanwhile is stored with it or not at
    /// all. Nothing is stored when `work` answers `None`. Within 24 hours the
    /// same request with the same key does not run again: must answer
    /// [`Outcome::Repeated`], [`KeyedError::Mismatch`] for another request, and
    /// [`KeyedError::UnderWay`] at once while the first runs.
    fn once(&self, request: &KeyedRequest, work: Work<'_>) -> Result<Outcome, KeyedError>;
}
