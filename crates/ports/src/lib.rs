//! The ports of the use cases, as traits: repositories, passwords, tokens, the
//! clock and ids.
//!
//! The comments of a port are its contract, which every adapter implements. Ports
//! are synchronous and may block. Every method that writes is one transaction.
//! Each feature has a module of the same name in the adapters.
//!
//! With the feature `mocks`, each port has a mock by `mockall`.

pub mod accounts;
pub mod admin;
pub mod applications;
pub mod availability;
pub mod bulk;
pub mod chat;
pub mod companies;
pub mod compliance;
pub mod deadline;
mod environment;
mod error;
pub mod idempotency;
pub mod jobs;
pub mod operation;
mod paging;
pub mod prefetch;
pub mod slot;
pub mod technicians;
pub mod trust;

pub use environment::{Clock, IdGenerator};
pub use error::RepositoryError;
pub use paging::{Page, PageRequest, Position};

#[cfg(feature = "mocks")]
pub use environment::{MockClock, MockIdGenerator};
