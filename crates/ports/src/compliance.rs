//! The compliance of technicians with the requirements of jobs.

use repower_domain::{
    availability::{AvailabilityStatus, Schedule},
    compliance::{ComplianceStatus, Requirements},
    ids::{JobId, TechnicianId},
    technicians::Certification,
    values::{CalendarDate, DateRange, RequirementCount},
};

use crate::{
    Page, PageRequest, RepositoryError,
    technicians::{RatedTechnician, TechnicianFilter},
};

/// The data of a technician for a job.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Candidate {
    /// The certifications.
    pub certifications: Vec<Certification>,
    /// The time; of the bookings, those by other jobs that share a day with the job, and of the
    /// periods those that do.
    pub schedule: Schedule,
}

/// The job for which technicians are compared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JobDemand {
    /// The job.
    pub job: JobId,
    /// Its requirements.
    pub requirements: Requirements,
    /// Its days.
    pub days: DateRange,
}

/// A filter of the candidates of a job. A candidate matches if every given criterion does.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CandidateFilter {
    /// The criteria of the search for technicians; their order is not used.
    pub technicians: TechnicianFilter,
    /// The worst status of a mandatory requirement.
    pub overall: Option<ComplianceStatus>,
    /// The most mandatory requirements that are not met.
    pub max_failing: Option<RequirementCount>,
    /// The availability on the days of the job.
    pub availability: Option<AvailabilityStatus>,
}

/// A technician among the candidates of a job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RankedCandidate {
    /// The technician.
    pub technician: RatedTechnician,
    /// The data for the job.
    pub candidate: Candidate,
    /// The number of the [rank](repower_domain::compliance::CandidateRank) as the storage has
    /// found it.
    pub rank: i32,
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

    /// The technicians that match and are visible to all companies, by their
    /// [rank](repower_domain::compliance::CandidateRank) for a job. Those of
    /// one rank are in the order of their ids, the greatest first. Certifications that the filter
    /// names are assessed by `today`.
    fn candidates(
        &self,
        demand: &JobDemand,
        filter: &CandidateFilter,
        today: CalendarDate,
        page: PageRequest,
    ) -> Result<Page<RankedCandidate>, RepositoryError>;
}
