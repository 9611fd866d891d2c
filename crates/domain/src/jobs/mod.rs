//! Jobs of companies, their states and their edits.
//!
//! A [`Job`] is a draft, open or closed, and a closed job can be opened again. The
//! time of the first publication does not change.
//!
//! ```
//! use chrono::{DateTime, TimeDelta};
//! use repower_domain::{
//!     accounts::{Actor, CompanyRole},
//!     jobs::{ContractType, EditJobError, InitialStatus, Job, JobChanges, JobDetails, JobStatus},
//!     technicians::Discipline,
//!     values::{Amount, Currency, DateRange, DayRateRange},
//! };
//!
//! let details = JobDetails::builder()
//!     .title("Blade repair".parse()?)
//!     .description("Leading edges of 20 turbines".parse()?)
//!     .location("Esbjerg".parse()?)
//!     .country("DK".parse()?)
//!     .project_name(None)
//!     .discipline(Discipline::BladeRepair)
//!     .contract_type(ContractType::DayRate)
//!     .day_rate(DayRateRange::new(Some(Amount::try_from(380)?), None, Currency::default())?)
//!     .days(DateRange::new("2027-03-01".parse()?, Some("2027-05-31".parse()?))?)
//!     .build();
//! let (id, company_id) =
//!     ("0192f1d0-7c2b-7cc1-9c40-6f3f2f2d9a11".parse()?, "0192f1d0-7c2b-7cc1-9c40-6f3f2f2d9a12".parse()?);
//! let now = DateTime::UNIX_EPOCH;
//! let draft = Job::create(id, company_id, details, InitialStatus::Draft, now);
//! assert!(!draft.is_visible_to(None));
//!
//! let user_id = "0192f1d0-7c2b-7cc1-9c40-6f3f2f2d9a13".parse()?;
//! let recruiter = Actor::Member { user_id, company_id, role: CompanyRole::Recruiter };
//! assert!(draft.open_to(&recruiter).eq([JobStatus::Open, JobStatus::Closed]));
//!
//! let open = draft.move_to(JobStatus::Open, now)?.ok_or("it was open")?;
//! let closed = open.move_to(JobStatus::Closed, now + TimeDelta::days(1))?.ok_or("it was closed")?;
//! assert_eq!(closed.state.published_at(), Some(now));
//! assert_eq!(closed.edit(JobChanges::default(), now), Err(EditJobError::Closed));
//! let error = closed.move_to(JobStatus::Draft, now).unwrap_err();
//! assert_eq!(error.to_string(), "a job cannot go from CLOSED to DRAFT");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod changes;
mod job;
mod status;
mod summary;

pub use changes::{EditJobError, JobChanges};
pub use job::{Job, JobDetails, NewJob};
pub use status::{ContractType, InitialStatus, JobSort, JobState, JobStatus, JobTransitionError};
pub use summary::JobSummary;
