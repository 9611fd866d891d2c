//! Administration: users, companies, jobs, evaluations and the audit log.

use std::sync::Arc;

use repower_domain::{
    RequestIds,
    accounts::{Actor, CompanyRole, Rate, ThrottleLimits},
    admin::{AuditAct, AuditEvent},
    companies::Company,
    ids::{CompanyId, EvaluationId, JobId, UserId},
    jobs::{JobStatus, JobTransitionError},
};
use repower_ports::{
    Clock, IdGenerator, Page, PageRequest, RepositoryError,
    accounts::RateCounter,
    admin::{AdminRepository, AuditFilter, SetActiveError as StoreError, UserFilter, UserRecord},
    companies::CompanyRepository,
    jobs::{JobRecord, JobRepository},
    technicians::{EvaluationRecord, TechnicianRepository},
};
use thiserror::Error;

use crate::{AccessError, audit, jobs::MoveJobError, rates};

/// The reason why a user is not activated or deactivated.
#[derive(Debug, Error)]
pub enum SetActiveError {
    /// The user is not accessible.
    #[error(transparent)]
    Access(#[from] AccessError),
    /// The user is the actor.
    #[error("you cannot deactivate yourself")]
    OwnUser,
    /// The user is the last active super admin.
    #[error("the last active SUPER_ADMIN cannot be deactivated")]
    LastAdmin,
}

impl From<StoreError> for SetActiveError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::LastAdmin => Self::LastAdmin,
            StoreError::Repository(cause) => cause.into(),
        }
    }
}

impl From<RepositoryError> for SetActiveError {
    fn from(error: RepositoryError) -> Self {
        AccessError::from(error).into()
    }
}

/// An activated or deactivated user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Activation {
    /// The user.
    pub record: UserRecord,
    /// Whether the user is a deactivated ADMIN whose company has no active one.
    pub last_admin: bool,
}

/// The use cases of administration. Each act, and each reading of personal data, is logged
/// with the ids of its request. The answer to an act that changes nothing is such a reading.
pub struct AdminService {
    /// Administers the marketplace.
    pub admin: Arc<dyn AdminRepository>,
    /// Stores companies and their members.
    pub companies: Arc<dyn CompanyRepository>,
    /// Stores jobs.
    pub jobs: Arc<dyn JobRepository>,
    /// Stores evaluations.
    pub technicians: Arc<dyn TechnicianRepository>,
    /// Counts by the minute.
    pub rates: Arc<dyn RateCounter>,
    /// The limits of rates; without limits, nothing is counted.
    pub limits: Option<ThrottleLimits>,
    /// The clock.
    pub clock: Arc<dyn Clock>,
    /// Generates ids.
    pub ids: Arc<dyn IdGenerator>,
}

impl AdminService {
    /// The users that match, newest first. They are personal data: the reading is logged
    /// first, and counts as a write of the actor.
    ///
    /// # Errors
    ///
    /// [`AccessError::TooManyAttempts`]; the storage failed.
    pub fn users(
        &self,
        actor: &Actor,
        filter: &UserFilter,
        page: PageRequest,
        request: &RequestIds,
    ) -> Result<Page<UserRecord>, AccessError> {
        rates::count(&*self.rates, self.limits, Rate::Writes(actor.user_id()), self.clock.now())?;
        let act = AuditAct::ListUsers(filter.text.clone(), filter.role);
        self.admin.record(&self.event(actor, act, request))?;
        Ok(self.admin.users(filter, page)?)
    }

    /// Activates or deactivates a user, from the next request on. A deactivation ends
    /// the sessions and revokes the invitations of the user for good. Returns the user
    /// unchanged if the state is the present one.
    ///
    /// # Errors
    ///
    /// [`SetActiveError::OwnUser`] if the user is the actor;
    /// [`SetActiveError::LastAdmin`]; not found; stale; the storage failed.
    pub fn set_active(
        &self,
        actor: &Actor,
        id: UserId,
        active: bool,
        request: &RequestIds,
    ) -> Result<Activation, SetActiveError> {
        let record = self.admin.find_user(id)?.ok_or(AccessError::NotFound)?;
        if id == actor.user_id() {
            return Err(SetActiveError::OwnUser);
        }
        if record.active == active {
            self.admin.record(&self.event(actor, AuditAct::ReadUser(id), request))?;
            return self.activation(record);
        }
        let act = if active { AuditAct::ActivateUser(id) } else { AuditAct::DeactivateUser(id) };
        let user = self.admin.set_active(&record.user, active, &self.event(actor, act, request))?;
        self.activation(UserRecord { user, active })
    }

    /// Ends all sessions of a user, from the next request on. Returns their number.
    ///
    /// # Errors
    ///
    /// Not found; the storage failed.
    pub fn end_sessions(&self, actor: &Actor, id: UserId, request: &RequestIds) -> Result<usize, AccessError> {
        let event = self.event(actor, AuditAct::EndSessions(id), request);
        self.admin.end_sessions(id, &event)?.ok_or(AccessError::NotFound)
    }

    fn activation(&self, record: UserRecord) -> Result<Activation, SetActiveError> {
        let is_inactive_admin = !record.active && record.user.role == CompanyRole::Admin.into();
        let last_admin = is_inactive_admin && self.admin.is_without_admin(record.user.id)?;
        Ok(Activation { record, last_admin })
    }

    /// The companies, newest first.
    pub fn companies(&self, page: PageRequest) -> Result<Page<Company>, AccessError> {
        Ok(self.admin.companies(page)?)
    }

    /// Verifies a company, or withdraws its verification, from the next request on. Returns
    /// the company unchanged if the state is the present one.
    ///
    /// # Errors
    ///
    /// Not found; stale, if the company was edited at the same time; the storage failed.
    pub fn set_verified(
        &self,
        actor: &Actor,
        id: CompanyId,
        verified: bool,
        request: &RequestIds,
    ) -> Result<Company, AccessError> {
        let act = if verified { AuditAct::VerifyCompany(id) } else { AuditAct::UnverifyCompany(id) };
        self.change_verification(id, verified, Some(self.event(actor, act, request)))
    }

    /// Verifies a company for the operator of the server, who is no user: nothing is logged.
    ///
    /// # Errors
    ///
    /// Those of [`Self::set_verified`].
    pub fn vouch_for(&self, id: CompanyId) -> Result<Company, AccessError> {
        self.change_verification(id, true, None)
    }

    fn change_verification(
        &self,
        id: CompanyId,
        verified: bool,
        event: Option<AuditEvent>,
    ) -> Result<Company, AccessError> {
        let company = self.companies.find(id)?.ok_or(AccessError::NotFound)?;
        if company.verified_at.is_some() == verified {
            return Ok(company);
        }
        let now = event.as_ref().map_or_else(|| self.clock.now(), |event| event.created_at);
        let mut changed = company;
        changed.verified_at = verified.then_some(now);
        changed.updated_at = now.max(changed.updated_at);
        match self.admin.set_verified(&changed, event) {
            // A concurrent request may have been first, with the same change.
            Err(RepositoryError::Stale) => {
                let found = self.companies.find(id)?.filter(|company| company.verified_at.is_some() == verified);
                Ok(found.ok_or(RepositoryError::Stale)?)
            }
            stored => Ok(stored.map(|()| changed)?),
        }
    }

    /// Closes an open job of any company.
    ///
    /// # Errors
    ///
    /// [`MoveJobError::InvalidTransition`] if the job is not open; not found; stale;
    /// the storage failed.
    pub fn close_job(&self, actor: &Actor, id: JobId, request: &RequestIds) -> Result<JobRecord, MoveJobError> {
        let record = self.jobs.find(id)?.ok_or(AccessError::NotFound)?;
        let from = record.job.state.status();
        let closed = record.job.move_to(JobStatus::Closed, self.clock.now())?.filter(|_| from == JobStatus::Open);
        let job = closed.ok_or(JobTransitionError { from, to: JobStatus::Closed })?;
        self.admin.close_job(&job, &self.event(actor, AuditAct::CloseJob(id), request))?;
        Ok(JobRecord { job, ..record })
    }

    /// Hides an evaluation from passports and averages, or shows it again. Returns it
    /// unchanged if it is so already.
    ///
    /// # Errors
    ///
    /// Not found; stale; the storage failed.
    pub fn set_hidden(
        &self,
        actor: &Actor,
        id: EvaluationId,
        hidden: bool,
        request: &RequestIds,
    ) -> Result<EvaluationRecord, AccessError> {
        let record = self.technicians.find_evaluation(id)?.ok_or(AccessError::NotFound)?;
        if record.hidden == hidden {
            self.admin.record(&self.event(actor, AuditAct::ReadEvaluation(id), request))?;
            return Ok(record);
        }
        let act = if hidden { AuditAct::HideEvaluation(id) } else { AuditAct::ShowEvaluation(id) };
        self.admin.set_hidden(id, hidden, &self.event(actor, act, request))?;
        Ok(EvaluationRecord { hidden, ..record })
    }

    /// The entries of the audit log that match, newest first.
    pub fn audit(&self, filter: &AuditFilter, page: PageRequest) -> Result<Page<AuditEvent>, AccessError> {
        Ok(self.admin.audit(filter, page)?)
    }

    /// The entries of the audit log about the company of the actor that match, newest
    /// first.
    ///
    /// # Errors
    ///
    /// [`AccessError::Forbidden`] for an actor without a company; the storage failed.
    pub fn own_audit(
        &self,
        actor: &Actor,
        filter: &AuditFilter,
        page: PageRequest,
    ) -> Result<Page<AuditEvent>, AccessError> {
        let company_id = Some(actor.company()?);
        Ok(self.admin.audit(&AuditFilter { company_id, ..*filter }, page)?)
    }

    fn event(&self, actor: &Actor, act: AuditAct, request: &RequestIds) -> AuditEvent {
        audit::event((&*self.ids, &*self.clock), actor.user_id(), act, request)
    }
}

#[cfg(test)]
mod tests;
