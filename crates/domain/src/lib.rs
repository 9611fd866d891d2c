//! The rules of the Re.Power recruitment marketplace: who may do what, what a
//! value may be, and which state follows which.
//!
//! Everything here is pure. Time, identities and stored things come in as
//! arguments, so the same question always gets the same answer, in a test, in
//! the HTTP API and in any service that embeds this crate.
//!
//! One module a feature: [`accounts`], [`companies`], [`technicians`],
//! [`jobs`], [`applications`], [`chat`], [`admin`]. Values that several features share
//! are in [`values`], identities in [`ids`].
//!
//! ```
//! use repower_domain::accounts::{Permission, Role};
//!
//! assert!(Role::CompanyRecruiter.permits(Permission::ViewCandidates));
//! assert!(!Role::CompanyViewer.permits(Permission::ViewCandidates));
//! ```

pub mod accounts;
pub mod admin;
pub mod applications;
pub mod chat;
pub mod companies;
pub mod ids;
pub mod jobs;
mod named;
mod revision;
pub mod technicians;
pub mod values;
mod wire;

pub use revision::Revision;
