//! Jobs that companies post.

use std::sync::Arc;

use repower_domain::{
    accounts::{Actor, Forbidden},
    companies::Company,
    ids::JobId,
    jobs::{
        ContractType, EditJobError as NotEdited, InitialStatus, InvalidJobTransition, Job, JobChanges, JobDetails,
        JobStatus,
    },
    technicians::Discipline,
    values::{Country, DateRange, DayRateRange, Inconsistent, JobDescription, Location, ProjectName, Title},
};
use repower_ports::{
    Clock, IdGenerator, Page, PageRequest, RepositoryError,
    companies::{CompanyRepository, CompanySummary},
    jobs::{CompanyJob, JobFilter, JobRecord, JobRepository},
};
use thiserror::Error;

use crate::AccessError;

/// A job that is to be posted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewJob {
    /// Its title.
    pub title: Title,
    /// What is to be done.
    pub description: JobDescription,
    /// Where.
    pub location: Location,
    /// In which country; the company's where it is `None`.
    pub country: Option<Country>,
    /// For which project.
    pub project_name: Option<ProjectName>,
    /// The field of work.
    pub discipline: Discipline,
    /// How it is paid for.
    pub contract_type: ContractType,
    /// What a day is paid.
    pub day_rate: DayRateRange,
    /// From when until when.
    pub days: DateRange,
    /// Whether it is published at once.
    pub status: InitialStatus,
}

/// Why a job is not edited.
#[derive(Debug, Error)]
pub enum EditJobError {
    /// It may not be touched.
    #[error(transparent)]
    Access(#[from] AccessError),
    /// It is closed.
    #[error("a closed job cannot be edited")]
    Closed,
    /// The merged fields contradict each other, in one way or in several.
    #[error("the fields contradict each other")]
    Inconsistent(Vec<Inconsistent>),
}

/// Why a job is not moved to another status.
#[derive(Debug, Error)]
pub enum MoveJobError {
    /// It may not be touched.
    #[error(transparent)]
    Access(#[from] AccessError),
    /// It cannot go there from where it stands.
    #[error(transparent)]
    InvalidTransition(#[from] InvalidJobTransition),
}

impl From<NotEdited> for EditJobError {
    fn from(error: NotEdited) -> Self {
        match error {
            NotEdited::Closed => Self::Closed,
            NotEdited::Inconsistent(causes) => Self::Inconsistent(causes),
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
    /// Where jobs are kept.
    pub jobs: Arc<dyn JobRepository>,
    /// Where companies are kept.
    pub companies: Arc<dyn CompanyRepository>,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
    /// Where identities come from.
    pub ids: Arc<dyn IdGenerator>,
}

impl JobService {
    /// Posts a job for the actor's company.
    pub fn post(&self, actor: &Actor, new: NewJob) -> Result<JobRecord, AccessError> {
        let company_id = actor.company()?;
        let company = self.companies.find(company_id)?.ok_or(AccessError::NotFound)?;
        let status = new.status;
        let details = details_for(new, &company);
        let job = Job::create(self.ids.generate().into(), company_id, details, status, self.clock.now());
        self.jobs.add(&job)?;
        Ok(JobRecord { job, company: summary_of(company) })
    }

    /// A job that the actor, or anybody, may know of.
    pub fn find(&self, actor: Option<&Actor>, id: JobId) -> Result<JobRecord, AccessError> {
        let record = self.jobs.find(id)?;
        record.filter(|record| record.job.is_visible_to(actor)).ok_or(AccessError::NotFound)
    }

    /// The open jobs that match, the latest published first.
    pub fn search(&self, filter: &JobFilter, page: PageRequest) -> Result<Page<JobRecord>, AccessError> {
        Ok(self.jobs.search(filter, page)?)
    }

    /// The jobs of the actor's company, in this status or in any, newest first.
    pub fn list_own(
        &self,
        actor: &Actor,
        status: Option<JobStatus>,
        page: PageRequest,
    ) -> Result<Page<CompanyJob>, AccessError> {
        let company = actor.company()?;
        Ok(self.jobs.list_of_company(company, status, page)?)
    }

    /// Edits a job of the actor's company.
    pub fn edit(&self, actor: &Actor, id: JobId, changes: JobChanges) -> Result<JobRecord, EditJobError> {
        let record = self.own(actor, id)?;
        match record.job.edit(changes, self.clock.now())? {
            None => Ok(record),
            Some(job) => {
                self.jobs.update(&job)?;
                Ok(JobRecord { job, ..record })
            }
        }
    }

    /// Publishes, closes or reopens a job of the actor's company.
    pub fn move_to(&self, actor: &Actor, id: JobId, next: JobStatus) -> Result<JobRecord, MoveJobError> {
        let record = self.own(actor, id)?;
        match record.job.move_to(next, self.clock.now())? {
            None => Ok(record),
            Some(job) => {
                self.jobs.update(&job)?;
                Ok(JobRecord { job, ..record })
            }
        }
    }

    /// A job of the actor's company. Another's is forbidden where the actor may
    /// know of it, and else not there.
    fn own(&self, actor: &Actor, id: JobId) -> Result<JobRecord, AccessError> {
        let company = actor.company()?;
        let record = self.find(Some(actor), id)?;
        if record.job.company_id == company { Ok(record) } else { Err(Forbidden.into()) }
    }
}

fn details_for(new: NewJob, company: &Company) -> JobDetails {
    let NewJob {
        title, description, location, country, project_name, discipline, contract_type, day_rate, days, ..
    } = new;
    let country = country.unwrap_or(company.profile.country);
    JobDetails { title, description, location, country, project_name, discipline, contract_type, day_rate, days }
}

fn summary_of(company: Company) -> CompanySummary {
    CompanySummary { id: company.id, name: company.profile.name, country: company.profile.country }
}

#[cfg(test)]
mod tests;
