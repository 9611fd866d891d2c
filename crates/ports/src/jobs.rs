//! Jobs of companies.

use repower_domain::{
    certification_types::TypeCode,
    ids::{CompanyId, JobId},
    jobs::{ContractType, Job, JobSort, JobStatus, JobSummary, NewJob},
    quotas::OpenJobs,
    technicians::{Certification, Discipline},
    values::{Amount, CalendarDate, Country, Currency, JobDescription},
};

use crate::{Page, PageRequest, RepositoryError, companies::CompanySummary};

/// A job with its company.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JobRecord<D = JobDescription> {
    /// The job.
    pub job: Job<D>,
    /// The company.
    pub company: CompanySummary,
}

/// A job with its company in a list. The whole description is not loaded.
pub type ListedJob = JobRecord<JobSummary>;

/// A job in the list of its company.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CompanyJob {
    /// The job.
    pub job: Job,
    /// The company.
    pub company: CompanySummary,
    /// The number of applications in any status.
    pub application_count: u64,
}

/// A filter of open jobs, and their order. A job matches if every given criterion does.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct JobFilter {
    /// The order; the latest publication first if there is none. Day rates of all
    /// currencies are compared as numbers: the filter should name one.
    pub sort: Option<JobSort>,
    /// The field of work.
    pub discipline: Option<Discipline>,
    /// The country.
    pub country: Option<Country>,
    /// The location contains this text, in any case. `%` and `_` are literal
    /// characters.
    pub location: Option<String>,
    /// The type of the contract.
    pub contract_type: Option<ContractType>,
    /// The first day is not before this day.
    pub start_date_from: Option<CalendarDate>,
    /// The first day is not after this day.
    pub start_date_to: Option<CalendarDate>,
    /// The currency of the day rates, which a job without rates has too.
    pub currency: Option<Currency>,
    /// The range of day rates does not end below this amount. A job without rates does
    /// not match.
    pub day_rate_min: Option<Amount>,
    /// The range of day rates does not begin above this amount. A job without rates
    /// does not match.
    pub day_rate_max: Option<Amount>,
    /// The company.
    pub company_id: Option<CompanyId>,
    /// Each of these words occurs in the title, the description, the location, the
    /// project or the name of the company, in any case. `%` and `_` are literal
    /// characters.
    pub words: Vec<String>,
    /// A requirement, mandatory or not, names this type.
    pub certification: Option<TypeCode>,
    /// The technician with these certifications meets each mandatory requirement on every day
    /// of the job.
    pub held: Option<Vec<Certification>>,
}

/// Stores jobs.
#[cfg_attr(feature = "mocks", mockall::automock)]
pub trait JobRepository: Send + Sync {
    /// Adds a job, in the country of its company if it names none, in one statement.
    /// Returns the company; `None` if there is none, and nothing is added. Concurrent calls
    /// of this method and [`Self::open`] never exceed the quota of the company, which
    /// depends on whether it is verified at the time.
    ///
    /// # Errors
    ///
    /// [`RepositoryError::LimitReached`] for an open job if the company has as many open
    /// jobs as there may be.
    fn add(&self, job: &NewJob, quota: OpenJobs) -> Result<Option<CompanySummary>, RepositoryError>;

    /// The job; `None` if there is none.
    fn find(&self, id: JobId) -> Result<Option<JobRecord>, RepositoryError>;

    /// As [`Self::find`], for the public: a published job, as of a moment ago where a replica has
    /// it. It shows each change by this process.
    fn find_public(&self, id: JobId) -> Result<Option<JobRecord>, RepositoryError>;

    /// Replaces the details and the state.
    ///
    /// # Errors
    ///
    /// [`RepositoryError::Stale`] if the stored revision is another one.
    fn update(&self, job: &Job) -> Result<(), RepositoryError>;

    /// As [`Self::update`], for a job that becomes open.
    ///
    /// # Errors
    ///
    /// [`RepositoryError::LimitReached`] as [`Self::add`]; otherwise that of
    /// [`Self::update`].
    fn open(&self, job: &Job, quota: OpenJobs) -> Result<(), RepositoryError>;

    /// The open jobs that match, of companies with an active member, in the order of the
    /// filter, in one statement. As of a moment as [`Self::find_public`].
    fn search(&self, filter: &JobFilter, page: PageRequest) -> Result<Page<ListedJob>, RepositoryError>;

    /// The jobs of a company, optionally in one status, newest first, in one
    /// statement.
    fn list_of_company(
        &self,
        company: CompanyId,
        status: Option<JobStatus>,
        page: PageRequest,
    ) -> Result<Page<CompanyJob>, RepositoryError>;
}
