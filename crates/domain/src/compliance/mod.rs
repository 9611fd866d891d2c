//! Compliance: may this technician be on this job on each of its days, and why not.
//!
//! A job has [`Requirements`]. [`Compliance::of`] compares them with the certifications of a
//! technician, and returns a status, its evidence and a last day of renewal for each.
//!
//! ```
//! use repower_domain::{
//!     certification_types::{Classification, Course},
//!     compliance::{Compliance, ComplianceStatus, Requirement, Requirements},
//!     technicians::Certification,
//!     uuid::Uuid,
//!     values::{DateRange, Validity},
//! };
//!
//! let heights = Certification::builder()
//!     .id(Uuid::from_u128(1).into())
//!     .technician_id(Uuid::from_u128(2).into())
//!     .name("GWO Working at Heights".parse()?)
//!     .provider("Falck Safety".parse()?)
//!     .classification(Some(Classification { type_code: "GWO_WAH".parse()?, course: Course::Initial }))
//!     .validity(Validity::new("2024-03-11".parse()?, "2026-03-11".parse().ok())?)
//!     .document_url(None)
//!     .build();
//! let requirement = Requirement::new(vec!["GWO_WAH".parse()?], true, None)?;
//! let requirements = Requirements::new(vec![requirement])?;
//! let today = "2026-01-20".parse()?;
//!
//! let week = DateRange::new("2026-03-09".parse()?, "2026-03-13".parse().ok())?;
//! let compliance = Compliance::of(&[heights], &requirements, week, today);
//! assert_eq!(compliance.overall, ComplianceStatus::ExpiresDuring);
//! let group = compliance.groups.first().ok_or("there is a group for each requirement")?;
//! assert_eq!(group.covered_until, "2026-03-11".parse().ok());
//! assert_eq!(group.renew_by, "2026-03-11".parse().ok());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod cover;
mod days_in_force;
mod qualification;
mod rank;
mod requirement;
mod snapshot;
mod verdict;

pub use days_in_force::DaysInForce;
pub use qualification::Qualification;
pub use rank::CandidateRank;
pub use requirement::{InvalidRequirement, Requirement, Requirements};
pub use snapshot::{AcceptedCompliance, ComplianceSnapshot, NotCompliant, UnmetRequirement};
pub use verdict::{Compliance, ComplianceStatus, GroupCompliance};

#[cfg(test)]
mod tests;
