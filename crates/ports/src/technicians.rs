//! Technicians and their passports.

use repower_domain::{
    ids::{CertificationId, CompanyId, EvaluationId, TechnicianId},
    technicians::{
        Certification, Contact, Discipline, Evaluation, Mobility, Skill, SkillSet, Technician, TechnicianSort, Viewer,
        Visibility,
    },
    values::{
        Amount, Answer, CalendarDate, CompanyName, Country, Currency, MinimumRating, RatingSummary, Title,
        YearsExperience,
    },
};
use thiserror::Error;

use crate::{Page, PageRequest, RepositoryError};

/// An evaluation with the names of its company and its job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EvaluationRecord {
    /// The evaluation.
    pub evaluation: Evaluation,
    /// The present name of the company.
    pub company_name: CompanyName,
    /// The present title of the job.
    pub job_title: Title,
    /// Whether it is hidden: not shown in passports, and not in the ratings.
    pub hidden: bool,
}

/// A passport as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PassportRecord {
    /// The technician.
    pub technician: Technician,
    /// The skills, sorted by name regardless of case.
    pub skills: Vec<Skill>,
    /// The certifications, those without an end first, then the latest `valid_until`.
    pub certifications: Vec<Certification>,
    /// The newest evaluations that are not hidden, at most
    /// [`PassportRecord::EVALUATIONS`].
    pub evaluations: Vec<EvaluationRecord>,
    /// The ratings of all evaluations that are not hidden.
    pub ratings: RatingSummary,
}

impl PassportRecord {
    /// The most evaluations in a passport.
    pub const EVALUATIONS: u16 = 50;

    /// The passport as a company sees it.
    #[must_use]
    pub fn seen_by(self, viewer: Viewer) -> Self {
        let see =
            |record: EvaluationRecord| EvaluationRecord { evaluation: viewer.evaluation(record.evaluation), ..record };
        Self {
            certifications: self.certifications.into_iter().map(|one| viewer.certification(one)).collect(),
            evaluations: self.evaluations.into_iter().map(see).collect(),
            ..self
        }
    }
}

/// A technician with the ratings, as in lists for companies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RatedTechnician {
    /// The technician.
    pub technician: Technician,
    /// The ratings of all evaluations that are not hidden.
    pub ratings: RatingSummary,
}

/// A filter of technicians, and their order. A technician matches if every given criterion does.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TechnicianFilter {
    /// The order; the latest registration first if there is none.
    pub sort: Option<TechnicianSort>,
    /// Each of these words occurs in the name, the description or a skill, in any
    /// case. `%` and `_` are literal characters.
    pub words: Vec<String>,
    /// The main field of work.
    pub discipline: Option<Discipline>,
    /// The country of residence.
    pub country: Option<Country>,
    /// The region of work.
    pub mobility: Option<Mobility>,
    /// The least years of experience.
    pub min_years_experience: Option<YearsExperience>,
    /// The first available day is not after this day, or is not set.
    pub available_by: Option<CalendarDate>,
    /// The currency of the day rates.
    pub currency: Option<Currency>,
    /// The lower day rate is not above this amount, or is not set.
    pub day_rate_max: Option<Amount>,
    /// The name of a certification that is in force today contains this text, in any
    /// case.
    pub certification: Option<String>,
    /// The least average rating, which is rounded to hundredths.
    pub min_rating: Option<MinimumRating>,
}

/// The reason why an evaluation is not stored.
#[derive(Debug, Error)]
pub enum EvaluateError {
    /// The technician has confirmed no acceptance for the job.
    #[error("the technician was not engaged on this job")]
    NotEngaged,
    /// The technician has an evaluation for the job.
    #[error("the technician was evaluated for this job already")]
    AlreadyEvaluated,
    /// The storage failed.
    #[error(transparent)]
    Repository(#[from] RepositoryError),
}

/// Stores technicians and their passports.
#[cfg_attr(feature = "mocks", mockall::automock)]
pub trait TechnicianRepository: Send + Sync {
    /// The technician; `None` if there is none.
    fn find(&self, id: TechnicianId) -> Result<Option<Technician>, RepositoryError>;

    /// Replaces the profile.
    ///
    /// # Errors
    ///
    /// [`RepositoryError::Stale`] if the stored revision is another one.
    fn update(&self, technician: &Technician) -> Result<(), RepositoryError>;

    /// The passport, in at most two statements; `None` if there is no such
    /// technician.
    fn passport(&self, id: TechnicianId) -> Result<Option<PassportRecord>, RepositoryError>;

    /// As [`Self::passport`], with the contact of the technician with a company.
    fn passport_for(
        &self,
        id: TechnicianId,
        company: CompanyId,
    ) -> Result<Option<(PassportRecord, Contact)>, RepositoryError>;

    /// The visibility of a technician, and the contact with a company, in one statement;
    /// `None` if there is no such technician.
    fn contact(&self, id: TechnicianId, company: CompanyId) -> Result<Option<(Visibility, Contact)>, RepositoryError>;

    /// Adds a certification. Concurrent calls never exceed the limit of the technician.
    ///
    /// # Errors
    ///
    /// [`RepositoryError::LimitReached`] if the technician has `limit` of them.
    fn add_certification(&self, certification: &Certification, limit: u32) -> Result<(), RepositoryError>;

    /// The certifications of a technician, the latest `valid_until` first, those without one
    /// before; in one statement.
    fn certifications(&self, technician: TechnicianId) -> Result<Vec<Certification>, RepositoryError>;

    /// Replaces a certification.
    ///
    /// # Errors
    ///
    /// [`RepositoryError::Stale`] if the stored revision is another one, or it was removed.
    fn update_certification(&self, certification: &Certification) -> Result<(), RepositoryError>;

    /// Removes a certification of a technician; `false` if the technician has no such
    /// certification.
    fn remove_certification(
        &self,
        technician: TechnicianId,
        certification: CertificationId,
    ) -> Result<bool, RepositoryError>;

    /// Replaces all skills of a technician. Concurrent calls never mix their skills.
    fn replace_skills(&self, technician: TechnicianId, skills: &SkillSet) -> Result<(), RepositoryError>;

    /// The technicians that match and are visible to all companies, in the order of the
    /// filter, in one statement. Certifications are
    /// assessed by `today`.
    fn search(
        &self,
        filter: &TechnicianFilter,
        today: CalendarDate,
        page: PageRequest,
    ) -> Result<Page<RatedTechnician>, RepositoryError>;

    /// Adds an evaluation. Averages include it immediately.
    ///
    /// # Errors
    ///
    /// [`EvaluateError::NotEngaged`] if the technician has confirmed no acceptance for
    /// the job; otherwise [`EvaluateError::AlreadyEvaluated`] if the technician has an
    /// evaluation for it.
    fn evaluate(&self, evaluation: &Evaluation) -> Result<(), EvaluateError>;

    /// The evaluation, a hidden one too; `None` if there is none.
    fn find_evaluation(&self, id: EvaluationId) -> Result<Option<EvaluationRecord>, RepositoryError>;

    /// Adds the answer of the technician.
    ///
    /// # Errors
    ///
    /// [`RepositoryError::Stale`] if the evaluation has an answer or is hidden.
    fn answer_evaluation(&self, id: EvaluationId, answer: &Answer) -> Result<(), RepositoryError>;
}
