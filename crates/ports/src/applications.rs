//! Applications of technicians for jobs.

use repower_domain::{
    applications::{Application, ApplicationEvent, ApplicationStatus},
    ids::{ApplicationId, JobId, TechnicianId},
};
use thiserror::Error;

use crate::{Page, PageRequest, RepositoryError, jobs::JobRecord, technicians::RatedTechnician};

/// An application as the company sees it in the list of a job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Applicant {
    /// The application.
    pub application: Application,
    /// Who applied.
    pub technician: RatedTechnician,
}

/// An application as the technician sees it in their list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AppliedJob {
    /// The application.
    pub application: Application,
    /// The job.
    pub job: JobRecord,
}

/// An application with all that its two sides may see.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApplicationDetails {
    /// The application.
    pub application: Application,
    /// The job.
    pub job: JobRecord,
    /// Who applied.
    pub technician: RatedTechnician,
    /// Every change, the applying itself first.
    pub history: Vec<ApplicationEvent>,
}

/// Why an application is not added.
#[derive(Debug, Error)]
pub enum AddApplicationError {
    /// The job is not open at the moment of the commit.
    #[error("the job is not open for applications")]
    JobNotOpen,
    /// This technician applied for this job before, whatever became of it.
    #[error("you have applied for this job already")]
    AlreadyApplied,
    /// The storage failed.
    #[error(transparent)]
    Repository(#[from] RepositoryError),
}

/// Where applications are kept.
#[cfg_attr(feature = "mocks", mockall::automock)]
pub trait ApplicationRepository: Send + Sync {
    /// Adds an application with the first step of its history. Must answer
    /// [`AddApplicationError::JobNotOpen`] unless the job is open when it
    /// commits (the job cannot close in between), and then
    /// [`AddApplicationError::AlreadyApplied`] when this technician has one for
    /// this job.
    fn add(&self, application: &Application, step: &ApplicationEvent) -> Result<(), AddApplicationError>;

    /// The application, or `None` when there is none.
    fn find(&self, id: ApplicationId) -> Result<Option<Application>, RepositoryError>;

    /// The application with its job, its technician and its history, in two
    /// statements at most; `None` when there is none.
    fn find_details(&self, id: ApplicationId) -> Result<Option<ApplicationDetails>, RepositoryError>;

    /// Replaces its status and message, and adds the step to its history. Must
    /// answer [`RepositoryError::Stale`] when its revision moved on meanwhile.
    fn update(&self, application: &Application, step: &ApplicationEvent) -> Result<(), RepositoryError>;

    /// The applications for a job, in this status or in any, newest first, in
    /// one statement.
    fn list_of_job(
        &self,
        job: JobId,
        status: Option<ApplicationStatus>,
        page: PageRequest,
    ) -> Result<Page<Applicant>, RepositoryError>;

    /// The applications of a technician, in this status or in any, newest
    /// first, in one statement.
    fn list_of_technician(
        &self,
        technician: TechnicianId,
        status: Option<ApplicationStatus>,
        page: PageRequest,
    ) -> Result<Page<AppliedJob>, RepositoryError>;
}
