use repower_domain::{
    accounts::{Actor, Forbidden},
    ids::{JobId, TechnicianId},
    technicians::Evaluation,
    values::{Comment, Rating},
};
use repower_ports::{
    Page, PageRequest, RepositoryError,
    companies::CompanySummary,
    technicians::{EvaluateError as NotEvaluated, EvaluationRecord, RatedTechnician, TechnicianFilter},
};
use thiserror::Error;

use super::{Passport, TechnicianService, assess_passport};
use crate::AccessError;

/// An evaluation that is to be left.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewEvaluation {
    /// For which job.
    pub job_id: JobId,
    /// How good the work was.
    pub rating: Rating,
    /// What there is to say.
    pub comment: Option<Comment>,
}

/// Why nobody is evaluated.
#[derive(Debug, Error)]
pub enum EvaluateError {
    /// The actor may not evaluate, or the job is not their company's.
    #[error(transparent)]
    Access(#[from] AccessError),
    /// The technician was not accepted on the job.
    #[error("the technician was not accepted for this job")]
    NotEngaged,
    /// The company has evaluated the technician for this job.
    #[error("your company has evaluated the technician for this job already")]
    AlreadyEvaluated,
}

impl From<RepositoryError> for EvaluateError {
    fn from(error: RepositoryError) -> Self {
        AccessError::from(error).into()
    }
}

impl From<Forbidden> for EvaluateError {
    fn from(error: Forbidden) -> Self {
        AccessError::from(error).into()
    }
}

impl From<NotEvaluated> for EvaluateError {
    fn from(error: NotEvaluated) -> Self {
        match error {
            NotEvaluated::NotEngaged => Self::NotEngaged,
            NotEvaluated::AlreadyEvaluated => Self::AlreadyEvaluated,
            NotEvaluated::Repository(cause) => cause.into(),
        }
    }
}

/// What companies do with technicians.
impl TechnicianService {
    /// The technicians that match, newest first.
    pub fn search(&self, filter: &TechnicianFilter, page: PageRequest) -> Result<Page<RatedTechnician>, AccessError> {
        Ok(self.technicians.search(filter, self.today(), page)?)
    }

    /// The passport of a technician.
    pub fn passport_of(&self, id: TechnicianId) -> Result<Passport, AccessError> {
        let record = self.technicians.passport(id)?.ok_or(AccessError::NotFound)?;
        Ok(assess_passport(record, self.today()))
    }

    /// Evaluates a technician who was accepted on a job of the actor's company.
    pub fn evaluate(
        &self,
        actor: &Actor,
        id: TechnicianId,
        new: NewEvaluation,
    ) -> Result<EvaluationRecord, EvaluateError> {
        let company_id = actor.company()?;
        let own = self.jobs.find(new.job_id)?.filter(|record| record.job.company_id == company_id);
        let CompanySummary { name: company_name, .. } = own.ok_or(AccessError::NotFound)?.company;
        let technician = self.technicians.find(id)?.ok_or(AccessError::NotFound)?;
        let evaluation = Evaluation {
            id: self.ids.generate().into(),
            technician_id: technician.id,
            company_id,
            job_id: new.job_id,
            rating: new.rating,
            comment: new.comment,
            created_at: self.clock.now(),
        };
        self.technicians.evaluate(&evaluation)?;
        Ok(EvaluationRecord { evaluation, company_name })
    }
}
