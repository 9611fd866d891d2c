//! The compliance of technicians with the requirements of jobs.

use repower_domain::{
    availability::Schedule,
    ids::{JobId, TechnicianId},
    technicians::Certification,
    values::DateRange,
};

use crate::RepositoryError;

/// What is known of a technician for a job.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Candidate {
    /// The certifications.
    pub certifications: Vec<Certification>,
    /// The time; of the bookings, those by other jobs that share a day with the job, and of the
    /// periods those that do.
    pub schedule: Schedule,
}

/// Loads what the rules of compliance compare.
#[cfg_attr(feature = "mocks", mockall::automock)]
pub trait ComplianceRepository: Send + Sync {
    /// A technician for a job on its days, in one statement; `None` if there is no such
    /// technician.
    fn candidate(
        &self,
        technician: TechnicianId,
        job: JobId,
        days: DateRange,
    ) -> Result<Option<Candidate>, RepositoryError>;
}
