//! The use cases of the Re.Power recruitment marketplace, with one service for each
//! feature.
//!
//! A use case loads entities, checks ownership and state, calls the domain, and
//! commits the whole change through one port method. Permissions of roles are
//! checked by the route table of the API. Services hold their ports as
//! `Arc<dyn Port>` and may block.

pub mod accounts;
pub mod admin;
pub mod applications;
mod audit;
pub mod availability;
mod candidates;
pub mod chat;
pub mod companies;
pub mod compliance;
mod error;
mod job_access;
pub mod jobs;
mod rates;
mod services;
pub mod technicians;
#[cfg(test)]
mod testing;
pub mod trust;

pub use candidates::CandidateAccess;
pub use error::{AccessError, EditError, TooManyAttempts};
pub use services::{Ports, ServiceSettings, Services};
