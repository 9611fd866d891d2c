use diesel::ConnectionError;
use thiserror::Error;

/// The error of a pool without a session to return.
#[derive(Debug, Error)]
pub(crate) enum SessionError {
    #[error(transparent)]
    Connect(#[from] ConnectionError),
    #[error(transparent)]
    Statement(#[from] diesel::result::Error),
    #[error("the connection was last used before the last loss of a connection")]
    EarlierEpoch,
}
