//! How certifications are judged: by a verifier one by one, or by the revocation of all that a
//! provider issued in some days.
//!
//! A [`Verdict`] gives a certification another [`Trust`](crate::technicians::Trust). The
//! technician may appeal against one that takes it away.
//!
//! ```
//! use repower_domain::{
//!     Edit,
//!     technicians::{Certification, Trust},
//!     trust::Verdict,
//!     uuid::Uuid,
//!     values::Validity,
//! };
//!
//! let heights = Certification::builder()
//!     .id(Uuid::from_u128(1).into())
//!     .technician_id(Uuid::from_u128(2).into())
//!     .name("GWO Working at Heights".parse()?)
//!     .provider("Falck Safety".parse()?)
//!     .validity(Validity::new("2024-03-11".parse()?, "2026-03-10".parse().ok())?)
//!     .document_url("https://falck.example/1".parse().ok())
//!     .build();
//! assert!(Verdict::new(Trust::Rejected, Edit::Leave, Edit::Leave).is_err());
//! let verdict = Verdict::new(Trust::Rejected, Edit::Set("The scan is blurred".parse()?), Edit::Leave)?;
//! let rejected = heights.judge(verdict)?.ok_or("nothing changed")?;
//! assert_eq!(rejected.trust, Trust::Rejected);
//!
//! let appealed = rejected.object("It is readable".parse()?)?;
//! assert!(appealed.appeal.is_some());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! A [`Revocation`] covers the certifications of a provider, in any spelling of its name.
//!
//! ```
//! use repower_domain::{trust::RevocationTerms, values::DateRange};
//!
//! let terms = RevocationTerms::builder()
//!     .provider("Århus Safety".parse()?)
//!     .issued(DateRange::new("2025-01-01".parse()?, Some("2025-06-30".parse()?))?)
//!     .reason("The audit found invented records".parse()?)
//!     .build();
//! assert!(terms.covers(&"AARHUS  safety".parse()?, "2025-06-30".parse()?));
//! assert!(!terms.covers(&"Aarhus Safety".parse()?, "2025-07-01".parse()?));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod judging;
mod revocation;

pub use judging::{JudgeError, Judgement, NotAppealable, NoteMissing, Verdict};
pub use revocation::{Revocation, RevocationTerms, Undoing};
