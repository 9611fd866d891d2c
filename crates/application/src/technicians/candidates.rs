use repower_domain::{
    accounts::{Actor, Forbidden},
    ids::{CompanyId, EvaluationId, JobId, TechnicianId},
    technicians::Evaluation,
    values::{Answer, Comment, Rating},
};
use repower_ports::{
    Page, PageRequest, RepositoryError,
    companies::CompanySummary,
    jobs::JobRecord,
    technicians::{EvaluateError as StoreError, EvaluationRecord, PassportRecord, RatedTechnician, TechnicianFilter},
};
use thiserror::Error;

use super::{
    passport::{Passport, Timeline, assess_passport},
    service::TechnicianService,
};
use crate::{AccessError, candidates::count_passport, job_access::job_of_company};

/// The data of a new evaluation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewEvaluation {
    /// The job.
    pub job_id: JobId,
    /// The rating.
    pub rating: Rating,
    /// The comment.
    pub comment: Option<Comment>,
}

/// The reason why a technician is not evaluated.
#[derive(Debug, Error)]
pub enum EvaluateError {
    /// The job or the technician is not accessible.
    #[error(transparent)]
    Access(#[from] AccessError),
    /// The technician has neither accepted for the job nor confirmed an acceptance that
    /// the company recorded.
    #[error("the technician has not accepted this job, or not confirmed it")]
    NotEngaged,
    /// The technician has an evaluation for the job.
    #[error("your company has evaluated the technician for this job already")]
    AlreadyEvaluated,
}

/// The reason why an evaluation is not answered.
#[derive(Debug, Error)]
pub enum AnswerError {
    /// The evaluation is not accessible.
    #[error(transparent)]
    Access(#[from] AccessError),
    /// The evaluation has an answer.
    #[error("you have answered this evaluation already")]
    AlreadyAnswered,
}

impl From<RepositoryError> for AnswerError {
    fn from(error: RepositoryError) -> Self {
        AccessError::from(error).into()
    }
}

impl From<Forbidden> for AnswerError {
    fn from(error: Forbidden) -> Self {
        AccessError::from(error).into()
    }
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

impl From<StoreError> for EvaluateError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::NotEngaged => Self::NotEngaged,
            StoreError::AlreadyEvaluated => Self::AlreadyEvaluated,
            StoreError::Repository(cause) => cause.into(),
        }
    }
}

/// The use cases of companies with technicians.
impl TechnicianService {
    /// The technicians that match and are visible to all companies, newest first.
    ///
    /// # Errors
    ///
    /// [`AccessError::Unverified`]; no company; the storage failed.
    pub fn search(
        &self,
        actor: &Actor,
        filter: &TechnicianFilter,
        page: PageRequest,
    ) -> Result<Page<RatedTechnician>, AccessError> {
        self.candidates.check(actor.company()?)?;
        Ok(self.technicians.search(filter, self.today(), page)?)
    }

    /// The passport of a technician as the company of the actor sees it, a limited number
    /// in a day.
    ///
    /// # Errors
    ///
    /// [`AccessError::TooManyAttempts`]; [`AccessError::Unverified`];
    /// [`AccessError::NotFound`]; no company; the storage failed.
    pub fn passport_of(&self, actor: &Actor, id: TechnicianId) -> Result<Passport, AccessError> {
        Ok(assess_passport(self.record_of(actor.company()?, id)?, self.today()))
    }

    /// The certifications in the passport of a technician, beside the days of a job of the company of the actor. It counts
    /// as a passport.
    ///
    /// # Errors
    ///
    /// Those of [`Self::passport_of`]; [`AccessError::NotFound`] for a job of another company, too.
    pub fn timeline_of(&self, actor: &Actor, id: TechnicianId, job: Option<JobId>) -> Result<Timeline, AccessError> {
        let company = actor.company()?;
        let PassportRecord { certifications, .. } = self.record_of(company, id)?;
        let job = job.map(|job| job_of_company(&*self.jobs, company, job)).transpose()?;
        Ok(Timeline { certifications, job: job.map(|record| record.job), today: self.today() })
    }

    /// A passport as a company sees it, which is counted.
    fn record_of(&self, company: CompanyId, id: TechnicianId) -> Result<PassportRecord, AccessError> {
        count_passport(&*self.throttle, self.limits, company, self.clock.now())?;
        let found = self.technicians.passport_for(id, company)?;
        let standing = found.as_ref().map(|(record, contact)| (record.technician.profile.visibility, *contact));
        let viewer = self.candidates.view(company, standing)?;
        let (record, _) = found.ok_or(AccessError::NotFound)?;
        Ok(record.seen_by(viewer))
    }

    /// Evaluates a technician for a job of the company of the actor.
    ///
    /// # Errors
    ///
    /// [`EvaluateError::NotEngaged`], [`EvaluateError::AlreadyEvaluated`]; no company;
    /// not found; the storage failed.
    pub fn evaluate(
        &self,
        actor: &Actor,
        id: TechnicianId,
        new: NewEvaluation,
    ) -> Result<EvaluationRecord, EvaluateError> {
        let company_id = actor.company()?;
        let JobRecord { job, company: CompanySummary { name: company_name, .. }, .. } =
            job_of_company(&*self.jobs, company_id, new.job_id)?;
        let technician = self.technicians.find(id)?.ok_or(AccessError::NotFound)?;
        let evaluation = Evaluation::builder()
            .id(self.ids.generate().into())
            .technician_id(technician.id)
            .company_id(company_id)
            .job_id(new.job_id)
            .rating(new.rating)
            .comment(new.comment)
            .answer(None)
            .created_at(self.clock.now())
            .build();
        self.technicians.evaluate(&evaluation)?;
        Ok(EvaluationRecord { evaluation, company_name, job_title: job.details.title, hidden: false })
    }

    /// Answers an evaluation of the own work, once.
    ///
    /// # Errors
    ///
    /// [`AnswerError::AlreadyAnswered`]; not found if the evaluation is hidden or of
    /// another technician; stale; the storage failed.
    pub fn answer(&self, actor: &Actor, id: EvaluationId, answer: Answer) -> Result<EvaluationRecord, AnswerError> {
        let own = actor.technician()?;
        let found = self.technicians.find_evaluation(id)?;
        let shown = found.filter(|record| record.evaluation.technician_id == own && !record.hidden);
        let mut record = shown.ok_or(AccessError::NotFound)?;
        if record.evaluation.answer.is_some() {
            return Err(AnswerError::AlreadyAnswered);
        }
        self.technicians.answer_evaluation(id, &answer)?;
        record.evaluation.answer = Some(answer);
        Ok(record)
    }
}
