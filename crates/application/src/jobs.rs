//! Jobs of companies.

use std::sync::Arc;

use repower_domain::{
    accounts::Actor,
    compliance::Requirements,
    ids::JobId,
    jobs::{
        ContractType, EditJobError as RuleError, InitialStatus, Job, JobChanges, JobDetails, JobStatus,
        JobTransitionError,
    },
    quotas::Quotas,
    technicians::Discipline,
    values::{Country, DateRange, DayRateRange, Inconsistent, JobDescription, Location, ProjectName, Title},
};
use repower_ports::{
    Clock, IdGenerator, Page, PageRequest, RepositoryError,
    jobs::{CompanyJob, JobFilter, JobRecord, JobRepository, ListedJob},
    technicians::TechnicianRepository,
};
use thiserror::Error;

use crate::{
    AccessError,
    job_access::{own_job, visible_job},
};

/// The data of a new job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewJob {
    /// The title.
    pub title: Title,
    /// The description.
    pub description: JobDescription,
    /// The location.
    pub location: Location,
    /// The country; `None` for that of the company.
    pub country: Option<Country>,
    /// The project.
    pub project_name: Option<ProjectName>,
    /// The field of work.
    pub discipline: Discipline,
    /// The type of the contract.
    pub contract_type: ContractType,
    /// The day rates.
    pub day_rate: DayRateRange,
    /// The days of work.
    pub days: DateRange,
    /// The status.
    pub status: InitialStatus,
}

/// The reason why a job is not edited.
#[derive(Debug, Error)]
pub enum EditJobError {
    /// The job is not accessible.
    #[error(transparent)]
    Access(#[from] AccessError),
    /// The job is closed.
    #[error("a closed job cannot be edited")]
    Closed,
    /// The merged fields contradict each other.
    #[error("the fields contradict each other")]
    Inconsistent(Vec<Inconsistent>),
}

/// The reason why a job is not moved to another status.
#[derive(Debug, Error)]
pub enum MoveJobError {
    /// The job is not accessible.
    #[error(transparent)]
    Access(#[from] AccessError),
    /// The status cannot follow the present one.
    #[error(transparent)]
    InvalidTransition(#[from] JobTransitionError),
}

impl From<RuleError> for EditJobError {
    fn from(error: RuleError) -> Self {
        match error {
            RuleError::Closed => Self::Closed,
            RuleError::Inconsistent(causes) => Self::Inconsistent(causes),
        }
    }
}

impl From<RepositoryError> for EditJobError {
    fn from(error: RepositoryError) -> Self {
        AccessError::from(error).into()
    }
}

impl From<RepositoryError> for MoveJobError {
    fn from(error: RepositoryError) -> Self {
        AccessError::from(error).into()
    }
}

/// The use cases of jobs.
pub struct JobService {
    /// Stores jobs.
    pub jobs: Arc<dyn JobRepository>,
    /// Stores technicians.
    pub technicians: Arc<dyn TechnicianRepository>,
    /// The clock.
    pub clock: Arc<dyn Clock>,
    /// Generates ids.
    pub ids: Arc<dyn IdGenerator>,
    /// The most open jobs of a company.
    pub quotas: Quotas,
}

impl JobService {
    /// Posts a job of the company of the actor.
    ///
    /// # Errors
    ///
    /// [`AccessError::Forbidden`] for an actor without a company;
    /// [`RepositoryError::LimitReached`] for an open job; the storage failed.
    pub fn post(&self, actor: &Actor, new: NewJob) -> Result<JobRecord, AccessError> {
        let company_id = actor.company()?;
        let NewJob {
            title,
            description,
            location,
            country,
            project_name,
            discipline,
            contract_type,
            day_rate,
            days,
            status,
        } = new;
        let details = JobDetails::builder()
            .title(title)
            .description(description)
            .location(location)
            .country(country)
            .project_name(project_name)
            .discipline(discipline)
            .contract_type(contract_type)
            .day_rate(day_rate)
            .days(days)
            .build();
        let job = Job::create(self.ids.generate().into(), company_id, details, status, self.clock.now());
        let company = self.jobs.add(&job, self.quotas.open_jobs)?.ok_or(AccessError::NotFound)?;
        Ok(JobRecord { job: job.of_company_in(company.country), company })
    }

    /// A job that is visible to the actor, as it is now, or to the public, as of a moment ago.
    ///
    /// # Errors
    ///
    /// [`AccessError::NotFound`]; the storage failed.
    pub fn find(&self, actor: Option<&Actor>, id: JobId) -> Result<JobRecord, AccessError> {
        let Some(actor) = actor else {
            let record = self.jobs.find_public(id)?;
            return record.filter(|record| record.job.is_visible_to(None)).ok_or(AccessError::NotFound);
        };
        visible_job(&*self.jobs, actor, id)
    }

    /// The open jobs that match, in the order of the filter.
    ///
    /// # Errors
    ///
    /// The storage failed.
    pub fn search(&self, filter: &JobFilter, page: PageRequest) -> Result<Page<ListedJob>, AccessError> {
        Ok(self.jobs.search(filter, page)?)
    }

    /// The open jobs that match and of which the actor, a technician, meets each mandatory
    /// requirement on every day, in the order of the filter.
    ///
    /// # Errors
    ///
    /// [`AccessError::Forbidden`] for an actor without a passport; the storage failed.
    pub fn search_qualified(
        &self,
        actor: &Actor,
        filter: JobFilter,
        page: PageRequest,
    ) -> Result<Page<ListedJob>, AccessError> {
        let held = self.technicians.certifications(actor.technician()?)?;
        self.search(&JobFilter { held: Some(held), ..filter }, page)
    }

    /// The jobs of the company of the actor, optionally in one status, newest first.
    ///
    /// # Errors
    ///
    /// [`AccessError::Forbidden`] for an actor without a company; the storage failed.
    pub fn list_own(
        &self,
        actor: &Actor,
        status: Option<JobStatus>,
        page: PageRequest,
    ) -> Result<Page<CompanyJob>, AccessError> {
        let company = actor.company()?;
        Ok(self.jobs.list_of_company(company, status, page)?)
    }

    /// Edits a job of the company of the actor.
    ///
    /// # Errors
    ///
    /// [`EditJobError`].
    pub fn edit(&self, actor: &Actor, id: JobId, changes: JobChanges) -> Result<JobRecord, EditJobError> {
        let record = own_job(&*self.jobs, actor, id)?;
        let edited = record.job.edit(changes, self.clock.now())?;
        self.store(record, edited)
    }

    /// Replaces the requirements of a job of the company of the actor.
    ///
    /// # Errors
    ///
    /// [`EditJobError::Access`], [`EditJobError::Closed`].
    pub fn replace_requirements(
        &self,
        actor: &Actor,
        id: JobId,
        requirements: Requirements,
    ) -> Result<JobRecord, EditJobError> {
        let record = own_job(&*self.jobs, actor, id)?;
        let changed = record.job.require(requirements, self.clock.now())?;
        self.store(record, changed)
    }

    fn store(&self, record: JobRecord, changed: Option<Job>) -> Result<JobRecord, EditJobError> {
        let Some(job) = changed else { return Ok(record) };
        self.jobs.update(&job)?;
        Ok(JobRecord { job, ..record })
    }

    /// Publishes, closes or reopens a job of the company of the actor.
    ///
    /// # Errors
    ///
    /// [`MoveJobError`]; [`RepositoryError::LimitReached`] for a job that becomes open.
    pub fn move_to(&self, actor: &Actor, id: JobId, next: JobStatus) -> Result<JobRecord, MoveJobError> {
        let record = own_job(&*self.jobs, actor, id)?;
        let Some(job) = record.job.move_to(next, self.clock.now())? else { return Ok(record) };
        match job.state.status() {
            JobStatus::Open => self.jobs.open(&job, self.quotas.open_jobs)?,
            JobStatus::Draft | JobStatus::Closed => self.jobs.update(&job)?,
        }
        Ok(JobRecord { job, ..record })
    }
}

#[cfg(test)]
mod tests;
