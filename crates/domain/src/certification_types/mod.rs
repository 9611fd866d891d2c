//! Types of certifications: codes, expiry, renewal, and which satisfies which.
//!
//! The types are data: `catalogue.txt` beside this module has each with the source of its
//! figures. A [`TypeCode`] is one of them, and is read from each code that records print.
//!
//! ```
//! use repower_domain::certification_types::{Course, Expiry, PrintedCode, TypeCode};
//!
//! let level_3: TypeCode = "IRATA_L3".parse()?;
//! let level_1: TypeCode = "IRATA_L1".parse()?;
//! assert!(level_3.satisfies(level_1) && !level_1.satisfies(level_3));
//!
//! let printed: PrintedCode = "WAHR".parse()?;
//! assert_eq!((printed.type_code.as_str(), printed.course), ("GWO_WAH", Some(Course::Refresher)));
//! let Expiry::After(cycle) = printed.type_code.details().expiry else { return Ok(()) };
//! assert_eq!(cycle.months, 24);
//! # Ok::<(), repower_domain::values::Invalid>(())
//! ```

mod catalogue;
mod course;
mod expiry;
mod type_code;

pub use catalogue::CertificationType;
pub use course::Course;
pub use expiry::{Cycle, Expiry, LateRefresher, RenewalWindow};
pub use type_code::{Classification, PrintedCode, TypeCode};
