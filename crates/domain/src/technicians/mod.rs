//! Technicians and their passports: skills, certifications, evaluations.
//!
//! A [`Certification`] has a status on each day. A [`PassportSummary`] counts the
//! statuses and averages the ratings.
//!
//! ```
//! use repower_domain::{
//!     technicians::{Certification, CertificationStatus, PassportSummary},
//!     values::{CalendarDate, RatingSummary, RatingTotals, Validity},
//! };
//!
//! let survival = Certification::builder()
//!     .id("0192f1d0-7c2b-7cc1-9c40-6f3f2f2d9a11".parse()?)
//!     .technician_id("0192f1d0-7c2b-7cc1-9c40-6f3f2f2d9a12".parse()?)
//!     .name("GWO Sea Survival".parse()?)
//!     .provider("Falck Safety".parse()?)
//!     .validity(Validity::new("2026-03-01".parse()?, "2028-02-29".parse().ok())?)
//!     .document_url(None)
//!     .build();
//! let today: CalendarDate = "2028-01-01".parse()?;
//! assert_eq!(survival.status_on(today), CertificationStatus::Expiring);
//! assert!(survival.holds_on(today));
//! assert!(!survival.holds_on("2028-03-01".parse()?));
//!
//! let ratings = RatingSummary::of([RatingTotals { count: 3, sum: 14 }]);
//! let summary = PassportSummary::of(ratings, &[survival], today);
//! assert_eq!(summary.certifications.expiring, 1);
//! assert_eq!(summary.average_rating.map(|average| average.as_f64()), Some(4.67));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! A [`SkillSet`] has each skill once, regardless of case.
//!
//! ```
//! use repower_domain::technicians::{SkillSetError, Skill, SkillLevel, SkillSet};
//!
//! let lamination = Skill::builder()
//!     .name("Lamination".parse()?)
//!     .level(SkillLevel::Expert)
//!     .build();
//! let again = Skill::builder().name("LAMINATION".parse()?).level(SkillLevel::Beginner).build();
//! assert_eq!(SkillSet::new(vec![lamination, again]), Err(SkillSetError::Duplicates(vec![1])));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod certification;
mod certifying;
mod contact;
mod evaluation;
mod passport;
mod renewal;
mod skills;
mod technician;
mod trust;

pub use certification::{Certification, CertificationStatus};
pub use certifying::{CertificationChanges, CertificationError, NewCertification};
pub use contact::{Contact, Viewer};
pub use evaluation::Evaluation;
pub use passport::{CertificationCounts, PassportSummary};
pub use renewal::{CertificationWarning, Proposal, ProposalNote, RefresherAfterExpiry};
pub use skills::{Skill, SkillLevel, SkillSet, SkillSetError};
pub use technician::{
    Discipline, Mobility, Technician, TechnicianChanges, TechnicianProfile, TechnicianSort, Visibility,
};
pub use trust::{Decision, Trust, TrustLevel};
