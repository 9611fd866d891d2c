//! What the use cases need from outside, as traits: where things are kept, how
//! passwords are hashed, how tokens are signed, what time it is.
//!
//! Each port states its contract in words; whoever implements one must keep it.
//! Ports are synchronous and may block, and every method that writes is one
//! transaction: it happens as a whole or not at all. To add one, write the
//! trait here in the module of its feature, and implement it in the adapter's
//! module of the same name.
//!
//! With the feature `mocks` each port has a mock made by `mockall`.

pub mod accounts;
pub mod admin;
pub mod applications;
pub mod bulk;
pub mod chat;
pub mod companies;
pub mod deadline;
mod environment;
mod error;
pub mod idempotency;
pub mod jobs;
pub mod operation;
mod paging;
pub mod technicians;

pub use environment::{Clock, IdGenerator};
pub use error::RepositoryError;
pub use paging::{Page, PageRequest, Position};

#[cfg(feature = "mocks")]
pub use environment::{MockClock, MockIdGenerator};
