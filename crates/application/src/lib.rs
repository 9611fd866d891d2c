//! The use cases of the Re.Power recruitment marketplace, a service a feature.
//!
//! Each use case does four things in this order: load what it needs,
//! authorise the actor, let the domain decide, commit the whole change through
//! one port method. Services hold their ports as `Arc<dyn Port>` and may block;
//! whoever calls them from asynchronous code does so on a thread for that.

pub mod accounts;
pub mod admin;
pub mod applications;
pub mod chat;
pub mod companies;
mod error;
pub mod jobs;
mod services;
pub mod technicians;
#[cfg(test)]
mod testing;

pub use error::{AccessError, EditError};
pub use services::{Ports, ServiceSettings, Services};
