//! Acts of administration and within a company, and the entries of the audit log.
//!
//! An [`AuditAct`] has an action, a subject, and the states before and after. It
//! can be read back from them.
//!
//! ```
//! use repower_domain::{admin::{AuditAct, AuditState}, ids::JobId, jobs::JobStatus};
//!
//! let job: JobId = "0192f1d0-7c2b-7cc1-9c40-6f3f2f2d9a11".parse()?;
//! let act = AuditAct::CloseJob(job);
//! assert_eq!(act.action().as_str(), "JOB_CLOSED");
//! assert_eq!(act.after(), AuditState::JobStatus(JobStatus::Closed));
//! assert_eq!(AuditAct::stored(act.action(), Some(job.uuid()), act.before(), act.after()), Some(act));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod audit;
mod event;

pub use audit::{AuditAct, AuditAction, AuditState, SubjectType};
pub use event::AuditEvent;
