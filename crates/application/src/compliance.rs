//! The compliance of technicians with the requirements of jobs.

use std::sync::Arc;

use repower_domain::{
    accounts::Actor,
    availability::AvailabilityStatus,
    compliance::{Compliance, Requirements},
    ids::{JobId, TechnicianId},
    jobs::Job,
    values::CalendarDate,
};
use repower_ports::{Clock, compliance::ComplianceRepository, jobs::JobRepository, technicians::TechnicianRepository};

use crate::{
    AccessError, CandidateAccess,
    job_access::{own_job, visible_job},
};

/// How a technician suits a job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Suitability {
    /// The requirements of the job.
    pub requirements: Requirements,
    /// The compliance with each of them.
    pub compliance: Compliance,
    /// The availability on the days of the job.
    pub availability: AvailabilityStatus,
}

/// The use cases of compliance.
pub struct ComplianceService {
    /// Loads what is compared.
    pub compliance: Arc<dyn ComplianceRepository>,
    /// Stores jobs.
    pub jobs: Arc<dyn JobRepository>,
    /// Stores technicians.
    pub technicians: Arc<dyn TechnicianRepository>,
    /// Decides which technicians a company may see.
    pub candidates: CandidateAccess,
    /// The clock.
    pub clock: Arc<dyn Clock>,
}

impl ComplianceService {
    /// How the actor, a technician, suits a job that is visible to them.
    ///
    /// # Errors
    ///
    /// [`AccessError::Forbidden`] for an actor without a passport; [`AccessError::NotFound`];
    /// the storage failed.
    pub fn own(&self, actor: &Actor, job: JobId) -> Result<Suitability, AccessError> {
        let technician = actor.technician()?;
        self.compare(technician, visible_job(&*self.jobs, actor, job)?.job)
    }

    /// How a technician suits a job of the company of the actor.
    ///
    /// # Errors
    ///
    /// [`AccessError::Forbidden`] for an actor without a company and for a visible job of
    /// another one; [`AccessError::NotFound`], also for a technician whom the company may not
    /// know of; [`AccessError::Unverified`]; the storage failed.
    pub fn of(&self, actor: &Actor, job: JobId, technician: TechnicianId) -> Result<Suitability, AccessError> {
        let company = actor.company()?;
        let job = own_job(&*self.jobs, actor, job)?.job;
        self.candidates.view(company, self.technicians.contact(technician, company)?)?;
        self.compare(technician, job)
    }

    fn compare(&self, technician: TechnicianId, job: Job) -> Result<Suitability, AccessError> {
        let (requirements, days) = (job.requirements, job.details.days);
        let candidate = self.compliance.candidate(technician, job.id, days)?.ok_or(AccessError::NotFound)?;
        let today = CalendarDate::of(self.clock.now());
        Ok(Suitability {
            compliance: Compliance::of(&candidate.certifications, &requirements, days, today),
            availability: candidate.schedule.status_on(days),
            requirements,
        })
    }
}

#[cfg(test)]
mod tests;
