//! Applications of technicians for jobs.

use repower_domain::{
    Revision,
    admin::AuditEvent,
    applications::{Application, ApplicationEvent, ApplicationStatus},
    ids::{ApplicationId, CompanyId, JobId, TechnicianId},
    values::Title,
};
use thiserror::Error;

use crate::{
    Page, PageRequest, RepositoryError,
    jobs::{JobRecord, ListedJob},
    technicians::RatedTechnician,
};

/// An application with its technician, for the company.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Applicant {
    /// The application.
    pub application: Application,
    /// The technician.
    pub technician: RatedTechnician,
}

/// An application in the list of a company.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CompanyApplication {
    /// The application with its technician.
    pub applicant: Applicant,
    /// The title of the job.
    pub job_title: Title,
}

/// A filter of the applications to a company. An application matches if every given
/// criterion does.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct CompanyApplicationFilter {
    /// The status.
    pub status: Option<ApplicationStatus>,
    /// The job; no application to the company is for a job of another one.
    pub job_id: Option<JobId>,
}

/// An application with its job, for the technician.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AppliedJob {
    /// The application.
    pub application: Application,
    /// The job.
    pub job: ListedJob,
}

/// An application with its job, its technician and its history.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApplicationDetails {
    /// The application.
    pub application: Application,
    /// The job.
    pub job: JobRecord,
    /// The technician.
    pub technician: RatedTechnician,
    /// The steps of the history, the first one first.
    pub history: Vec<ApplicationEvent>,
}

/// The reason why an application is not stored.
#[derive(Debug, Error)]
pub enum AddApplicationError {
    /// The job is not open at the time of the commit.
    #[error("the job is not open for applications")]
    JobNotOpen,
    /// The technician has an application for the job, in any status.
    #[error("you have applied for this job already")]
    AlreadyApplied,
    /// The storage failed.
    #[error(transparent)]
    Repository(#[from] RepositoryError),
}

/// Stores applications.
#[cfg_attr(feature = "mocks", mockall::automock)]
pub trait ApplicationRepository: Send + Sync {
    /// Adds an application with the first step of its history. The job cannot close
    /// before the commit.
    ///
    /// # Errors
    ///
    /// [`AddApplicationError::JobNotOpen`] if the job is not open, or its company has no
    /// active member; otherwise
    /// [`AddApplicationError::AlreadyApplied`] if the technician has an application for
    /// the job.
    fn add(&self, application: &Application, step: &ApplicationEvent) -> Result<(), AddApplicationError>;

    /// The application; `None` if there is none.
    fn find(&self, id: ApplicationId) -> Result<Option<Application>, RepositoryError>;

    /// The application of a technician for a job; `None` if there is none.
    fn find_of(&self, job: JobId, technician: TechnicianId) -> Result<Option<Application>, RepositoryError>;

    /// The application with its job, its technician and its history, in at most two
    /// statements; `None` if there is none.
    fn find_details(&self, id: ApplicationId) -> Result<Option<ApplicationDetails>, RepositoryError>;

    /// Replaces the status and the message, adds a step to the history, and the events to
    /// the audit log, in one transaction.
    ///
    /// # Errors
    ///
    /// [`RepositoryError::Stale`] if the stored revision is another one, or that of the job is not
    /// `job`, with which the compliance was compared; [`RepositoryError::AlreadyBooked`].
    fn update(
        &self,
        application: &Application,
        step: &ApplicationEvent,
        events: &[AuditEvent],
        job: Option<Revision>,
    ) -> Result<(), RepositoryError>;

    /// Stores that the technician confirmed the acceptance, unless it is confirmed
    /// already.
    fn confirm(&self, application: &Application) -> Result<(), RepositoryError>;

    /// The applications for a job, optionally in one status, newest first, in one
    /// statement.
    fn list_of_job(
        &self,
        job: JobId,
        status: Option<ApplicationStatus>,
        page: PageRequest,
    ) -> Result<Page<Applicant>, RepositoryError>;

    /// The applications to a company that match, newest first, in one statement.
    fn list_of_company(
        &self,
        company: CompanyId,
        filter: CompanyApplicationFilter,
        page: PageRequest,
    ) -> Result<Page<CompanyApplication>, RepositoryError>;

    /// The applications of a technician, optionally in one status, newest first, in
    /// one statement.
    fn list_of_technician(
        &self,
        technician: TechnicianId,
        status: Option<ApplicationStatus>,
        page: PageRequest,
    ) -> Result<Page<AppliedJob>, RepositoryError>;
}
