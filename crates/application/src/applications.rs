//! Applications of technicians for jobs.

use std::sync::Arc;

use repower_domain::{
    RequestIds, Revision,
    accounts::{Actor, Forbidden, Side},
    admin::AuditAct,
    applications::{
        Application, ApplicationEvent, ApplicationMove, ApplicationStatus, ApplicationTransitionError, NotAccepted,
    },
    chrono::{DateTime, Utc},
    compliance::{Compliance, ComplianceSnapshot, NotCompliant},
    ids::{ApplicationId, JobId, TechnicianId},
    jobs::Job,
    values::{ApplicationMessage, CalendarDate},
};
use repower_ports::{
    Clock, IdGenerator, Page, PageRequest, RepositoryError,
    applications::{
        AddApplicationError, Applicant, ApplicationDetails, ApplicationRepository, AppliedJob, CompanyApplication,
        CompanyApplicationFilter,
    },
    compliance::ComplianceRepository,
    jobs::JobRepository,
};
use thiserror::Error;

use crate::{
    AccessError, audit,
    job_access::{own_job, visible_job},
};

/// The reason why an application is not stored.
#[derive(Debug, Error)]
pub enum ApplyError {
    /// The actor has no passport, or the job is not visible.
    #[error(transparent)]
    Access(#[from] AccessError),
    /// The job is not open.
    #[error("the job is not open for applications")]
    JobNotOpen,
    /// The actor has an application for the job, in any status.
    #[error("you have applied for this job already")]
    AlreadyApplied,
}

/// The reason why an application is not moved to another status.
#[derive(Debug, Error)]
pub enum MoveApplicationError {
    /// The application is not accessible.
    #[error(transparent)]
    Access(#[from] AccessError),
    /// A technician may not write the message of the company.
    #[error("only the company writes to the technician")]
    MessageNotAllowed,
    /// The side may not set the status.
    #[error(transparent)]
    InvalidTransition(#[from] ApplicationTransitionError),
    /// The technician is not compliant, which the company has not accepted.
    #[error(transparent)]
    NotCompliant(#[from] NotCompliant),
}

/// The reason why an acceptance is not confirmed.
#[derive(Debug, Error)]
pub enum ConfirmError {
    /// The application is not accessible.
    #[error(transparent)]
    Access(#[from] AccessError),
    /// The application is not accepted.
    #[error(transparent)]
    NotAccepted(#[from] NotAccepted),
}

impl From<RepositoryError> for ConfirmError {
    fn from(error: RepositoryError) -> Self {
        AccessError::from(error).into()
    }
}

impl From<RepositoryError> for ApplyError {
    fn from(error: RepositoryError) -> Self {
        AccessError::from(error).into()
    }
}

impl From<Forbidden> for ApplyError {
    fn from(error: Forbidden) -> Self {
        AccessError::from(error).into()
    }
}

impl From<AddApplicationError> for ApplyError {
    fn from(error: AddApplicationError) -> Self {
        match error {
            AddApplicationError::JobNotOpen => Self::JobNotOpen,
            AddApplicationError::AlreadyApplied => Self::AlreadyApplied,
            AddApplicationError::Repository(cause) => cause.into(),
        }
    }
}

impl From<RepositoryError> for MoveApplicationError {
    fn from(error: RepositoryError) -> Self {
        AccessError::from(error).into()
    }
}

/// The use cases of applications.
pub struct ApplicationService {
    /// Stores applications.
    pub applications: Arc<dyn ApplicationRepository>,
    /// Stores jobs.
    pub jobs: Arc<dyn JobRepository>,
    /// Loads what the rules of compliance compare.
    pub compliance: Arc<dyn ComplianceRepository>,
    /// The clock.
    pub clock: Arc<dyn Clock>,
    /// Generates ids.
    pub ids: Arc<dyn IdGenerator>,
}

impl ApplicationService {
    /// Applies for an open job.
    ///
    /// # Errors
    ///
    /// [`ApplyError`].
    pub fn apply(
        &self,
        actor: &Actor,
        job_id: JobId,
        message: Option<ApplicationMessage>,
    ) -> Result<Application, ApplyError> {
        let technician_id = actor.technician()?;
        let job = visible_job(&*self.jobs, actor, job_id)?.job;
        if !job.is_open() {
            return Err(ApplyError::JobNotOpen);
        }
        let now = self.clock.now();
        let compliance = self.snapshot(technician_id, &job, now)?;
        let application = Application::builder()
            .id(self.ids.generate().into())
            .job_id(job_id)
            .company_id(job.company_id)
            .technician_id(technician_id)
            .status(ApplicationStatus::Applied)
            .compliance(Some(compliance))
            .message_to_company(message)
            .message_to_technician(None)
            .confirmed_at(None)
            .revision(Revision::FIRST)
            .created_at(now)
            .updated_at(now)
            .build();
        self.applications.add(&application, &application.applied(actor.user_id()))?;
        Ok(application)
    }

    /// The applications for a job of the company of the actor, optionally in one
    /// status, newest first.
    ///
    /// # Errors
    ///
    /// [`AccessError::Forbidden`] without a company and for a visible job of another
    /// company; not found; the storage failed.
    pub fn list_of_job(
        &self,
        actor: &Actor,
        job_id: JobId,
        status: Option<ApplicationStatus>,
        page: PageRequest,
    ) -> Result<Page<Applicant>, AccessError> {
        own_job(&*self.jobs, actor, job_id)?;
        Ok(self.applications.list_of_job(job_id, status, page)?)
    }

    /// The applications to the company of the actor that match, over all jobs, newest
    /// first.
    ///
    /// # Errors
    ///
    /// [`AccessError::Forbidden`] for an actor without a company; the storage failed.
    pub fn list_of_company(
        &self,
        actor: &Actor,
        filter: CompanyApplicationFilter,
        page: PageRequest,
    ) -> Result<Page<CompanyApplication>, AccessError> {
        let company = actor.company()?;
        Ok(self.applications.list_of_company(company, filter, page)?)
    }

    /// The application of the actor for a job; `None` if there is none.
    ///
    /// # Errors
    ///
    /// [`AccessError::Forbidden`] for an actor without a passport; the storage failed.
    pub fn find_own(&self, actor: &Actor, job: JobId) -> Result<Option<Application>, AccessError> {
        let technician = actor.technician()?;
        Ok(self.applications.find_of(job, technician)?)
    }

    /// The applications of the actor, optionally in one status, newest first.
    ///
    /// # Errors
    ///
    /// [`AccessError::Forbidden`] for an actor without a passport; the storage failed.
    pub fn list_own(
        &self,
        actor: &Actor,
        status: Option<ApplicationStatus>,
        page: PageRequest,
    ) -> Result<Page<AppliedJob>, AccessError> {
        let technician = actor.technician()?;
        Ok(self.applications.list_of_technician(technician, status, page)?)
    }

    /// An application with its job, its technician and its history.
    ///
    /// # Errors
    ///
    /// [`AccessError::NotFound`], also for an actor on neither side; the storage
    /// failed.
    pub fn find(&self, actor: &Actor, id: ApplicationId) -> Result<ApplicationDetails, AccessError> {
        let details = self.applications.find_details(id)?.ok_or(AccessError::NotFound)?;
        details.application.side_of(actor).ok_or(AccessError::NotFound)?;
        Ok(details)
    }

    /// Moves an application to another status, for the side of the actor.
    ///
    /// # Errors
    ///
    /// [`MoveApplicationError`].
    pub fn move_to(
        &self,
        actor: &Actor,
        id: ApplicationId,
        change: ApplicationMove,
        request: &RequestIds,
    ) -> Result<Application, MoveApplicationError> {
        if !change.message_to_technician.is_leave() && matches!(actor, Actor::Technician { .. }) {
            return Err(MoveApplicationError::MessageNotAllowed);
        }
        let (application, job, history) = self.find_to_move(id, change.next)?;
        let side: Side = application.side_of(actor).ok_or(AccessError::NotFound)?;
        let (now, accepts) = (self.clock.now(), change.accepts_non_compliance);
        let (moved, mut step) = application.move_to(change, side, actor.user_id(), now)?;
        if let Some(job) = &job {
            let compliance = self.snapshot(moved.technician_id, job, step.at)?;
            step = step.with_compliance(compliance, accepts, &history)?;
        }
        // An acceptance that only the company says: the technician may deny it.
        let is_recorded = moved.status == ApplicationStatus::Accepted && side == Side::Company;
        let act = is_recorded.then_some(AuditAct::RecordAcceptance(id));
        let event = act.map(|act| audit::event((&*self.ids, &*self.clock), actor.user_id(), act, request));
        self.applications.update(&moved, &step, event.as_slice(), job.map(|job| job.revision))?;
        Ok(moved)
    }

    /// An application, for a step that needs the compliance of the technician with its job and its
    /// history.
    fn find_to_move(
        &self,
        id: ApplicationId,
        next: ApplicationStatus,
    ) -> Result<(Application, Option<Job>, Vec<ApplicationEvent>), AccessError> {
        if !next.needs_compliance() {
            return Ok((self.applications.find(id)?.ok_or(AccessError::NotFound)?, None, Vec::new()));
        }
        let details = self.applications.find_details(id)?.ok_or(AccessError::NotFound)?;
        Ok((details.application, Some(details.job.job), details.history))
    }

    /// The compliance of a technician with a job now. A job without requirements needs no
    /// certifications.
    fn snapshot(
        &self,
        technician: TechnicianId,
        job: &Job,
        now: DateTime<Utc>,
    ) -> Result<ComplianceSnapshot, AccessError> {
        let (requirements, days) = (&job.requirements, job.details.days);
        let certifications = if requirements.as_slice().is_empty() {
            Vec::new()
        } else {
            self.compliance.candidate(technician, job.id, days)?.ok_or(AccessError::NotFound)?.certifications
        };
        let compliance = Compliance::of(&certifications, requirements, days, CalendarDate::of(now));
        Ok(ComplianceSnapshot::of(requirements, compliance, now))
    }

    /// Confirms an acceptance that the company of the application recorded, for its
    /// technician. Returns the application unchanged if it is confirmed already.
    ///
    /// # Errors
    ///
    /// [`ConfirmError::NotAccepted`]; [`AccessError::NotFound`], also for another
    /// technician; no passport; the storage failed.
    pub fn confirm(&self, actor: &Actor, id: ApplicationId) -> Result<Application, ConfirmError> {
        let technician = actor.technician().map_err(AccessError::from)?;
        let found = self.applications.find(id)?.filter(|application| application.technician_id == technician);
        let application = found.ok_or(AccessError::NotFound)?;
        let Some(confirmed) = application.confirm(self.clock.now())? else { return Ok(application) };
        self.applications.confirm(&confirmed)?;
        Ok(confirmed)
    }
}

#[cfg(test)]
mod tests;
