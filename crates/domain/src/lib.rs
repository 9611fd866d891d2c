//! The rules of the Re.Power recruitment marketplace: permissions, values, and
//! state machines.
//!
//! The crate is pure: it reads no clock, file, network or environment. Time, ids
//! and stored entities are arguments, so the same arguments always give the same
//! result.
//!
//! Each feature has a module: [`accounts`], [`companies`], [`technicians`],
//! [`certification_types`], [`trust`], [`jobs`], [`compliance`], [`availability`], [`applications`],
//! [`chat`], [`admin`]. Values that several features share are in [`values`], ids in [`ids`], the JSON form of values in [`wire`], the fold of texts
//! in [`letters`], and the most that an owner may have in [`quotas`].
//!
//! # Embedding it
//!
//! Times are [`chrono::DateTime<Utc>`](chrono::DateTime), and ids are made from a
//! [`uuid::Uuid`]; both crates are re-exported. The repository has a complete program
//! in `examples/embed`.
//!
//! The crate needs Rust 1.89, and compiles for `wasm32-unknown-unknown` too. Of its 54
//! crates, 33 come with `url`, which parses a [`values::WebUrl`] as browsers do, names of
//! hosts in all scripts included; no lighter parser does. A program that prefers less may
//! choose the small Unicode tables, for 38 crates in all:
//! `cargo update --package idna_adapter --precise 1.1.0`.
//!
//! ## Values
//!
//! A value is made by its parser, so every value is valid. The error is
//! [`values::Invalid`]: its variants are for programs, its text is for people.
//!
//! ```
//! use repower_domain::values::{CalendarDate, Country, Email, Invalid, Rating, Validity};
//!
//! let email: Email = " Ana@Example.com ".parse()?;
//! assert_eq!(email.as_str(), "ana@example.com");
//! assert_eq!("Denmark".parse::<Country>()?.alpha2(), "DK");
//!
//! let error = Rating::try_from(6).unwrap_err();
//! assert_eq!(error, Invalid::OutOfRange { min: 1, max: 5 });
//! assert_eq!(error.to_string(), "must be between 1 and 5");
//!
//! let (first, last): (CalendarDate, CalendarDate) = ("2026-03-01".parse()?, "2028-02-29".parse()?);
//! let validity = Validity::new(first, Some(last))?;
//! assert_eq!(Validity::new(last, Some(first)).unwrap_err().to_string(), "must not be before the first day");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! ## Permissions
//!
//! An [`accounts::Actor`] has a role with permissions, and the ids by which a
//! service checks the owner of a resource.
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
//! assert_eq!(recruiter.company_with(Permission::ManageJobs), Ok(company_id));
//! assert_eq!(recruiter.may(Permission::ManageMembers), Err(Forbidden));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! ## Compliance with the requirements of a job
//!
//! A certification has a type, from which its end follows. Several may cover the days of a
//! job together, and [`compliance::Compliance`] says whether they do.
//!
//! ```
//! use repower_domain::{
//!     certification_types::{Classification, Course},
//!     compliance::{Compliance, ComplianceStatus, Requirement, Requirements},
//!     technicians::{Certification, NewCertification},
//!     values::DateRange,
//! };
//!
//! let new = NewCertification::builder()
//!     .name("GWO Working at Heights".parse()?)
//!     .provider("Falck Safety".parse()?)
//!     .classification(Some(Classification { type_code: "GWO_WAH".parse()?, course: Course::Initial }))
//!     .valid_from("2024-03-10".parse()?)
//!     .build();
//! let (id, technician) = ("0192f1d0-7c2b-7cc1-9c40-6f3f2f2d9a13", "0192f1d0-7c2b-7cc1-9c40-6f3f2f2d9a14");
//! let heights = Certification::create(id.parse()?, technician.parse()?, new, [])?;
//! assert_eq!(heights.validity.last(), "2026-03-10".parse().ok());
//!
//! let requirement = Requirement::new(vec!["GWO_WAH".parse()?], true, None)?;
//! let requirements = Requirements::new(vec![requirement])?;
//! let days = DateRange::new("2026-03-09".parse()?, Some("2026-03-13".parse()?))?;
//! let compliance = Compliance::of(&[heights], &requirements, days, "2026-02-01".parse()?);
//! assert_eq!(compliance.overall, ComplianceStatus::ExpiresDuring);
//! assert_eq!(compliance.groups.first().and_then(|group| group.renew_by), "2026-03-10".parse().ok());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! ## Statuses and transitions
//!
//! Jobs and applications move from status to status. Each side of an application
//! has its own transitions.
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
//! let error = offered.move_to(ApplicationStatus::Rejected, Side::Technician).unwrap_err();
//! assert_eq!(error.to_string(), "an application that is OFFERED cannot be set to REJECTED by this side");
//! assert!(ApplicationStatus::Accepted.is_final());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Errors
//!
//! Each rule has its own error type, whose text can be shown to people:
//!
//! - [`values::Invalid`] for one value, [`values::Inconsistent`] for two values
//!   that contradict each other;
//! - [`accounts::Forbidden`], [`companies::LastAdmin`],
//!   [`technicians::SkillSetError`], [`technicians::RefresherAfterExpiry`],
//!   [`trust::NoteMissing`], [`trust::JudgeError`], [`trust::NotAppealable`],
//!   [`compliance::InvalidRequirement`], [`availability::InvalidAvailability`];
//! - [`jobs::JobTransitionError`], [`jobs::EditJobError`],
//!   [`applications::ApplicationTransitionError`].
//!
//! No error contains input.
//!
//! # Enums and entities
//!
//! An enum that may grow in a minor version is `#[non_exhaustive]`: permissions, disciplines,
//! types of contracts, limits, acts and subjects of the audit log, and the reasons of
//! [`values::Invalid`] and [`technicians::SkillSetError`]. The others are the whole of a
//! rule, such as roles, sides, statuses, forms, what an edit does, and the states that a
//! storage of the audit log keeps: a match on them is complete, and one more of them is a
//! new major version.
//!
//! An entity is `#[non_exhaustive]` too, and is built by its builder, whose `build` compiles only
//! once each field without a default was set, so that a storage that forgets one does not
//! compile. A field that a minor version adds has a default there; the fields stay public, to be
//! read and changed. Structs that are the whole of a thing, such as a pair of counts, are not.
//!
//! # Features
//!
//! `serde`, off by default: values, ids, names and ranges are written as in the
//! JSON of the HTTP API, and read through their parsers.
//!
//! - Texts, dates (`YYYY-MM-DD`), countries (two letters), currencies, ids and
//!   names (`DAY_RATE`) are strings; numbers are numbers.
//! - Ranges have several fields, to be flattened into another struct.
//!   [`values::DateRange`] has `startDate` and `endDate`, [`values::Validity`]
//!   `validFrom` and `validUntil`.
//! - [`values::DayRateRange`] has `dayRateFrom`, `dayRateTo` and `currency`, which
//!   defaults to the euro. `dayRateMin` and `dayRateMax` are read too.
//! - Passwords are read and never written, and no error contains one. Password
//!   hashes are neither read nor written. An average is written only.
//! - Entities and [`accounts::Actor`] are neither read nor written. A service
//!   stores and sends them as types of its own, made of these values.
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

let error = serde_json::from_str::<Certificate>(&text.replace("2028", "2025")).err();
assert!(error.is_some_and(|error| error.to_string().starts_with("must be a date")));
# Ok::<(), Box<dyn std::error::Error>>(())
```
"##
)]
#![warn(clippy::missing_errors_doc, clippy::exhaustive_enums, clippy::exhaustive_structs)]

pub mod accounts;
pub mod admin;
pub mod applications;
pub mod availability;
pub mod certification_types;
pub mod chat;
pub mod companies;
pub mod compliance;
mod edit;
pub mod ids;
pub mod jobs;
pub mod letters;
mod named;
pub mod quotas;
mod request_ids;
mod revision;
pub mod technicians;
pub mod trust;
pub mod values;
pub mod wire;

pub use chrono;
pub use edit::Edit;
pub use request_ids::RequestIds;
pub use revision::Revision;
pub use uuid;
