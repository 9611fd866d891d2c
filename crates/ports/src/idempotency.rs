//! Requests that a client may repeat without repeating their effect.

use std::borrow::Cow;

use chrono::{DateTime, Utc};
use thiserror::Error;
use uuid::Uuid;

use crate::RepositoryError;

/// A request with an idempotency key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyedRequest {
    /// The scope of the key: keys of different owners are independent.
    pub owner: String,
    /// The key.
    pub key: String,
    /// A keyed digest of method, path and body.
    pub fingerprint: [u8; 32],
    /// The time of the request.
    pub now: DateTime<Utc>,
    /// The most responses that are stored for the owner at once.
    pub limit: u32,
}

/// A stored response. It has no secret: a replay makes a new one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredResponse {
    /// The HTTP status.
    pub status: u16,
    /// The body, without secrets.
    pub body: Vec<u8>,
    /// The secret that was omitted from the body.
    pub secret: Option<OmittedSecret>,
}

/// A secret that is omitted from a stored response.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OmittedSecret {
    /// The kind of the secret, by a name of its feature.
    pub kind: Cow<'static, str>,
    /// The id of the resource that the secret belongs to.
    pub of: Uuid,
}

/// The work of a request: returns the response to store, or `None` to undo the
/// work.
pub type Work<'a> = &'a mut dyn FnMut() -> Option<StoredResponse>;

/// The outcome of a request with a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeyedOutcome {
    /// The work ran.
    Executed,
    /// The work ran before, with this response.
    Replayed(StoredResponse),
}

/// Why the work did not run.
#[derive(Debug, Error)]
pub enum KeyedError {
    /// The key belongs to another request.
    #[error("this Idempotency-Key was used for another request")]
    Mismatch,
    /// A request with this key is in progress.
    #[error("a request with this Idempotency-Key is in progress")]
    InProgress,
    /// The storage failed.
    #[error(transparent)]
    Repository(#[from] RepositoryError),
}

/// Stores the responses of requests with an idempotency key.
pub trait IdempotencyRepository: Send + Sync {
    /// Runs `work` and stores its response in one transaction: everything that
    /// repositories store on this thread meanwhile is committed with it, or not at
    /// all. Nothing is stored when `work` returns `None`. Within 24 hours the same
    /// request with the same key must not run again.
    ///
    /// # Errors
    ///
    /// [`KeyedError::Mismatch`] for another request with the key;
    /// [`KeyedError::InProgress`] without waiting while the first one runs;
    /// [`RepositoryError::LimitReached`], also for concurrent requests, if `limit`
    /// responses of other keys are stored for the owner.
    fn once(&self, request: &KeyedRequest, work: Work<'_>) -> Result<KeyedOutcome, KeyedError>;

    /// The stored response of this request; `None` if there is none. Does not lock the
    /// key: the work of the request may be in progress.
    ///
    /// # Errors
    ///
    /// [`KeyedError::Mismatch`] for another request with the key.
    fn find(&self, request: &KeyedRequest) -> Result<Option<StoredResponse>, KeyedError>;
}
