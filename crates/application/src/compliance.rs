//! The compliance of technicians with the requirements of jobs.

use std::sync::Arc;

use repower_domain::{
    accounts::{Actor, ThrottleLimits},
    availability::AvailabilityStatus,
    compliance::{Compliance, Requirements},
    ids::{CompanyId, JobId, TechnicianId},
    jobs::Job,
    values::{CalendarDate, DateRange},
};
use repower_ports::{
    Clock, Page, PageRequest,
    accounts::ThrottleRepository,
    compliance::{Candidate, CandidateFilter, ComplianceRepository, JobDemand, RankedCandidate},
    jobs::JobRepository,
    technicians::{RatedTechnician, TechnicianRepository},
};

use crate::{
    AccessError, CandidateAccess,
    candidates::count_passport,
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

impl Suitability {
    fn of(candidate: &Candidate, requirements: &Requirements, days: DateRange, today: CalendarDate) -> Self {
        Self {
            compliance: Compliance::of(&candidate.certifications, requirements, days, today),
            availability: candidate.schedule.status_on(days),
            requirements: requirements.clone(),
        }
    }
}

/// A technician among the candidates of a job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JobCandidate {
    /// The technician.
    pub technician: RatedTechnician,
    /// How the technician suits the job.
    pub suitability: Suitability,
    /// The indexes of the mandatory requirements that are not met.
    pub failing: Vec<usize>,
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
    /// Counts attempts.
    pub throttle: Arc<dyn ThrottleRepository>,
    /// The limits of passports; without limits, they are not counted.
    pub limits: Option<ThrottleLimits>,
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

    /// How a technician suits a job of the company of the actor. It counts as a passport.
    ///
    /// # Errors
    ///
    /// [`AccessError::TooManyAttempts`]; [`AccessError::Forbidden`] for an actor without a company and for a visible job of
    /// another one; [`AccessError::NotFound`], also for a technician whom the company may not
    /// know of; [`AccessError::Unverified`]; the storage failed.
    pub fn of(&self, actor: &Actor, job: JobId, technician: TechnicianId) -> Result<Suitability, AccessError> {
        let company = actor.company()?;
        let job = own_job(&*self.jobs, actor, job)?.job;
        self.count(company)?;
        self.candidates.view(company, self.technicians.contact(technician, company)?)?;
        self.compare(technician, job)
    }

    /// The technicians that match and are visible to all companies, by how they suit a job of the
    /// company of the actor: see [`CandidateRank`](repower_domain::compliance::CandidateRank). A
    /// page counts as a passport.
    ///
    /// # Errors
    ///
    /// [`AccessError::TooManyAttempts`]; [`AccessError::Unverified`]; those of [`Self::of`] for the job.
    pub fn candidates(
        &self,
        actor: &Actor,
        job: JobId,
        filter: &CandidateFilter,
        page: PageRequest,
    ) -> Result<Page<JobCandidate>, AccessError> {
        let company = actor.company()?;
        let job = own_job(&*self.jobs, actor, job)?.job;
        self.count(company)?;
        self.candidates.check(company)?;
        let demand = JobDemand { job: job.id, requirements: job.requirements, days: job.details.days };
        let today = CalendarDate::of(self.clock.now());
        let found = self.compliance.candidates(&demand, filter, today, page)?;
        let JobDemand { requirements, days, .. } = demand;
        Ok(found.map(|RankedCandidate { technician, candidate, .. }| {
            let suitability = Suitability::of(&candidate, &requirements, days, today);
            let failing = suitability.compliance.failing(&requirements);
            JobCandidate { technician, suitability, failing }
        }))
    }

    fn count(&self, company: CompanyId) -> Result<(), AccessError> {
        count_passport(&*self.throttle, self.limits, company, self.clock.now())
    }

    fn compare(&self, technician: TechnicianId, job: Job) -> Result<Suitability, AccessError> {
        let (requirements, days) = (job.requirements, job.details.days);
        let candidate = self.compliance.candidate(technician, job.id, days)?.ok_or(AccessError::NotFound)?;
        Ok(Suitability::of(&candidate, &requirements, days, CalendarDate::of(self.clock.now())))
    }
}

#[cfg(test)]
mod tests;
