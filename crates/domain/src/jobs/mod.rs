//! Jobs that companies post.

mod job;
mod status;

pub use job::{EditJobError, Job, JobChanges, JobDetails};
pub use status::{ContractType, InitialStatus, InvalidJobTransition, JobState, JobStatus};
