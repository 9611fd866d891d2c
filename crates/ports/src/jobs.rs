//! Jobs that companies post.

use repower_domain::{
    ids::{CompanyId, JobId},
    jobs::{ContractType, Job, JobStatus},
    technicians::Discipline,
    values::{Amount, CalendarDate, Country, Currency},
};

use crate::{Page, PageRequest, RepositoryError, companies::CompanySummary};

/// A job with the company that posted it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JobRecord {
    /// The job.
    pub job: Job,
    /// Its company.
    pub company: CompanySummary,
}

/// A job as its company sees it in its list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CompanyJob {
    /// The job.
    pub job: Job,
    /// Its company.
    pub company: CompanySummary,
    /// How many applications it has, whatever their status.
    pub application_count: u64,
}

/// Which open jobs are wanted: those that match every criterion that is set.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct JobFilter {
    /// In this field of work.
    pub discipline: Option<Discipline>,
    /// In this country.
    pub country: Option<Country>,
    /// Whose location contains this text, in any case. `%` and `_` are letters.
    pub location: Option<String>,
    /// Paid for in this way.
    pub contract_type: Option<ContractType>,
    /// Starting on this day or later.
    pub start_date_from: Option<CalendarDate>,
    /// With rates in this currency; a job without rates has one too.
    pub currency: Option<Currency>,
    /// Whose range reaches up to this rate. A job without any rate does not match.
    pub day_rate_min: Option<Amount>,
    /// Whose range reaches down to this rate. A job without any rate does not match.
    pub day_rate_max: Option<Amount>,
    /// Of this company.
    pub company_id: Option<CompanyId>,
    /// In whose title, description, location, project or company name each of
    /// these words occurs, in any case. `%` and `_` are letters.
    pub words: Vec<String>,
}

/// Where jobs are kept.
#[cfg_attr(feature = "mocks", mockall::automock)]
pub trait JobRepository: Send + Sync {
    /// Adds a job.
    fn add(&self, job: &Job) -> Result<(), RepositoryError>;

    /// The job, or `None` when there is none.
    fn find(&self, id: JobId) -> Result<Option<JobRecord>, RepositoryError>;

    /// Replaces its details and state. Must answer [`RepositoryError::Stale`]
    /// when its revision moved on meanwhile.
    fn update(&self, job: &Job) -> Result<(), RepositoryError>;

    /// The open jobs that match, the latest published first, in one statement.
    fn search(&self, filter: &JobFilter, page: PageRequest) -> Result<Page<JobRecord>, RepositoryError>;

    /// The jobs of a company, in this status or in any, newest first, in one
    /// statement.
    fn list_of_company(
        &self,
        company: CompanyId,
        status: Option<JobStatus>,
        page: PageRequest,
    ) -> Result<Page<CompanyJob>, RepositoryError>;
}
