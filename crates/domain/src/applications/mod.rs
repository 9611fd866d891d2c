//! Applications of technicians for jobs.
//!
//! Each side has its own transitions of an [`Application`], and each transition is
//! a step of the history.
//!
//! ```
//! use chrono::{DateTime, TimeDelta};
//! use repower_domain::{
//!     Edit, Revision,
//!     accounts::{Actor, CompanyRole},
//!     applications::{Application, ApplicationMove, ApplicationStatus},
//! };
//!
//! let now = DateTime::UNIX_EPOCH;
//! let application = Application::builder()
//!     .id("0192f1d0-7c2b-7cc1-9c40-6f3f2f2d9a11".parse()?)
//!     .job_id("0192f1d0-7c2b-7cc1-9c40-6f3f2f2d9a12".parse()?)
//!     .company_id("0192f1d0-7c2b-7cc1-9c40-6f3f2f2d9a13".parse()?)
//!     .technician_id("0192f1d0-7c2b-7cc1-9c40-6f3f2f2d9a14".parse()?)
//!     .status(ApplicationStatus::Shortlisted)
//!     .message_to_company("I can start on the first day.".parse().ok())
//!     .message_to_technician(None)
//!     .confirmed_at(None)
//!     .revision(Revision::FIRST)
//!     .created_at(now)
//!     .updated_at(now)
//!     .build();
//! let user_id = "0192f1d0-7c2b-7cc1-9c40-6f3f2f2d9a15".parse()?;
//! let recruiter = Actor::Member { user_id, company_id: application.company_id, role: CompanyRole::Recruiter };
//! assert!(application.open_to(&recruiter).eq([ApplicationStatus::Rejected, ApplicationStatus::Offered]));
//!
//! let side = application.side_of(&recruiter).ok_or("neither side")?;
//! let offer = ApplicationMove::builder()
//!     .next(ApplicationStatus::Offered)
//!     .message_to_technician(Edit::Set("Welcome on board".parse()?))
//!     .build();
//! let (offered, step) = application.move_to(offer, side, user_id, now + TimeDelta::hours(1))?;
//! assert_eq!((step.from, step.to), (Some(ApplicationStatus::Shortlisted), offered.status));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod application;
mod status;

pub use application::{Application, ApplicationEvent, ApplicationMove, NotAccepted};
pub use status::{ApplicationStatus, ApplicationTransitionError};
