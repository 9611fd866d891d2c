//! Running the marketplace, and the log of what was done to run it.
//!
//! An [`AuditAct`] knows what it is called, what it was done to and what it
//! changed, and is known again by its name and its subject.
//!
//! ```
//! use repower_domain::{admin::{AuditAct, AuditState}, ids::JobId, jobs::JobStatus};
//!
//! let job: JobId = "0192f1d0-7c2b-7cc1-9c40-6f3f2f2d9a11".parse()?;
//! let act = AuditAct::CloseJob(job);
//! assert_eq!(act.action().as_str(), "JOB_CLOSED");
//! assert_eq!(act.after(), AuditState::JobStatus(JobStatus::Closed));
//! assert_eq!(AuditAct::stored(act.action(), job.uuid()), act);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod audit;

pub use audit::{AuditAct, AuditAction, AuditEvent, AuditState, SubjectType};
