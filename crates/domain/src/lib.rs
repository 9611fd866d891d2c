//! The rules of the Re.Power recruitment marketplace: who may do what, what a
//! value may be, and which state follows which.
//!
//! Everything here is pure. Time, identities and stored things come in as
//! arguments, so the same question always gets the same answer, in a test, in
//! the HTTP API and in any service that embeds this crate. Nothing here reads a
//! clock, a file, the network or the environment.
//!
//! One module a feature: [`accounts`], [`companies`], [`technicians`],
//! [`jobs`], [`applications`], [`chat`], [`admin`]. Values that several features share
//! are in [`values`], identities in [`ids`].
//!
//! # Embedding it
//!
//! Moments are [`chrono::DateTime<Utc>`](chrono::DateTime), and identities are
//! made from a [`uuid::Uuid`]; a service names these two crates beside this one.
//! A whole program is in the repository under `examples/embed`.
//!
//! ## Values
//!
//! A value is made by its parser, and what was made is right. What is wrong is
//! told by [`values::Invalid`]: a variant for programs, a text for people.
//!
//! ```
//! use repower_domain::values::{CalendarDate, Country, Email, Invalid, Rating, Validity};
//!
//! let email: Email = " Ana@Example.com ".parse()?;
//! assert_eq!(email.as_str(), "ana@example.com");
//! assert_eq!("Denmark".parse::<Country>()?.alpha2(), "DK");
//!
//! let wrong = Rating::try_from(6).unwrap_err();
//! assert_eq!(wrong, Invalid::OutOfRange { min: 1, max: 5 });
//! assert_eq!(wrong.to_string(), "must be between 1 and 5");
//!
//! let (first, last): (CalendarDate, CalendarDate) = ("2026-03-01".parse()?, "2028-02-29".parse()?);
//! let validity = Validity::new(first, last)?;
//! assert_eq!(Validity::new(last, first).unwrap_err().to_string(), "must not be before the first day");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! ## Permissions
//!
//! Two questions are asked of an [`accounts::Actor`]: whether their role may do
//! such a thing at all, and whether the thing is theirs.
//!
//! ```
//! use repower_domain::accounts::{Actor, CompanyRole, Forbidden, Permission, Role};
//!
//! assert!(Role::CompanyRecruiter.permits(Permission::ViewCandidates));
//! assert!(!Role::CompanyViewer.permits(Permission::ViewCandidates));
//!
//! let company_id = "0192f1d0-7c2b-7cc1-9c40-6f3f2f2d9a11".parse()?;
//! let user_id = "0192f1d0-7c2b-7cc1-9c40-6f3f2f2d9a12".parse()?;
//! let recruiter = Actor::Member { user_id, company_id, role: CompanyRole::Recruiter };
//! assert_eq!(recruiter.company_for_which_may(Permission::ManageJobs), Ok(company_id));
//! assert_eq!(recruiter.may(Permission::ManageMembers), Err(Forbidden));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! ## Who may work on a job's days
//!
//! A certification has a status on each day, and several may cover the days of a
//! job together.
//!
//! ```
//! use repower_domain::{
//!     technicians::{Certification, CertificationStatus},
//!     values::{DateRange, Validity},
//! };
//!
//! let heights = Certification {
//!     id: "0192f1d0-7c2b-7cc1-9c40-6f3f2f2d9a13".parse()?,
//!     technician_id: "0192f1d0-7c2b-7cc1-9c40-6f3f2f2d9a14".parse()?,
//!     name: "GWO Working at Heights".parse()?,
//!     provider: "Falck Safety".parse()?,
//!     validity: Validity::new("2024-03-11".parse()?, "2026-03-10".parse()?)?,
//!     document_url: None,
//! };
//! assert_eq!(heights.status_on("2025-06-01".parse()?), CertificationStatus::Valid);
//! assert_eq!(heights.status_on("2026-03-10".parse()?), CertificationStatus::Expiring);
//! assert_eq!(heights.status_on("2026-03-11".parse()?), CertificationStatus::Expired);
//!
//! let days = DateRange::new("2026-03-09".parse()?, Some("2026-03-13".parse()?))?;
//! assert_eq!(Certification::first_gap([&heights], days), Some("2026-03-11".parse()?));
//!
//! let renewed = Certification { validity: Validity::new("2026-03-11".parse()?, "2028-03-10".parse()?)?, ..heights.clone() };
//! assert_eq!(Certification::first_gap([&heights, &renewed], days), None);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! ## What can happen next
//!
//! Jobs and applications go from status to status, as far as the one who asks
//! may move them.
//!
//! ```
//! use repower_domain::{
//!     accounts::Side,
//!     applications::ApplicationStatus,
//!     jobs::JobStatus,
//! };
//!
//! assert!(JobStatus::Open.next().eq([JobStatus::Closed]));
//!
//! let offered = ApplicationStatus::Applied.move_to(ApplicationStatus::Offered, Side::Company)?;
//! assert!(offered.open_to(Side::Technician).eq([ApplicationStatus::Accepted, ApplicationStatus::Withdrawn]));
//!
//! let wrong = offered.move_to(ApplicationStatus::Rejected, Side::Technician).unwrap_err();
//! assert_eq!(wrong.to_string(), "an application that is OFFERED cannot be set to REJECTED by this side");
//! assert!(ApplicationStatus::Accepted.is_final());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Errors
//!
//! Each rule has an error of its own, an enum or a unit, whose text can be shown
//! to people: [`values::Invalid`] for one value, [`values::Inconsistent`] for two
//! that contradict each other, [`accounts::Forbidden`],
//! [`jobs::InvalidJobTransition`], [`jobs::EditJobError`],
//! [`applications::InvalidTransition`], [`companies::LastAdmin`],
//! [`technicians::InvalidSkills`]. None of them holds a text that was given.
//!
//! # Features
//!
//! `serde`, off by default: values, identities, names and ranges are written as
//! on the wire of the HTTP API and read through their parsers, so that what was
//! read is right.
//!
//! - Texts, dates (`YYYY-MM-DD`), countries (two letters), currencies, identities
//!   and names (`DAY_RATE`) are texts; numbers are numbers.
//! - [`values::DateRange`] is `startDate` and `endDate`, [`values::Validity`]
//!   `validFrom` and `validUntil`, [`values::DayRateRange`] `dayRateFrom`,
//!   `dayRateTo` and `currency`, to be flattened into what has them.
//!   `dayRateMin` and `dayRateMax` are read too, and no currency is the euro.
//! - Passwords are read and never written, and errors tell nothing of them. The
//!   hash of one is neither. An average is written only, as it is worked out.
//! - Entities and [`accounts::Actor`] are neither: a service stores and sends
//!   them in its own shape, made of these values, and loads who is asking from
//!   where it is known.
#![cfg_attr(
    feature = "serde",
    doc = r##"
```
use repower_domain::values::{CertificationName, Validity};

#[derive(serde::Serialize, serde::Deserialize)]
struct Certificate {
    name: CertificationName,
    #[serde(flatten)]
    validity: Validity,
}

let text = r#"{"name":"GWO Sea Survival","validFrom":"2026-03-01","validUntil":"2028-02-29"}"#;
let certificate: Certificate = serde_json::from_str(text)?;
assert_eq!(serde_json::to_string(&certificate)?, text);

let wrong = serde_json::from_str::<Certificate>(&text.replace("2028", "2025")).err();
assert!(wrong.is_some_and(|wrong| wrong.to_string().starts_with("must be a date")));
# Ok::<(), Box<dyn std::error::Error>>(())
```
"##
)]

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
pub mod wire;

pub use revision::Revision;
