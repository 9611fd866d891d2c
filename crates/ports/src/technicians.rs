//! Technicians and their passports.

use repower_domain::{
    ids::{CertificationId, TechnicianId},
    technicians::{Certification, Discipline, Evaluation, Mobility, Skill, SkillSet, Technician},
    values::{Amount, CalendarDate, CompanyName, Country, Currency, MinimumRating, RatingTotals, YearsExperience},
};
use thiserror::Error;

use crate::{Page, PageRequest, RepositoryError};

/// An evaluation with the name of the company that left it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EvaluationRecord {
    /// The evaluation.
    pub evaluation: Evaluation,
    /// What the company is called now.
    pub company_name: CompanyName,
}

/// All that is stored of a technician's passport.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PassportRecord {
    /// The technician.
    pub technician: Technician,
    /// Their skills, by name in any case.
    pub skills: Vec<Skill>,
    /// Their certifications, the latest `valid_until` first.
    pub certifications: Vec<Certification>,
    /// Their newest evaluations, at most [`PassportRecord::EVALUATIONS`].
    pub evaluations: Vec<EvaluationRecord>,
    /// The ratings of all their evaluations.
    pub ratings: RatingTotals,
}

impl PassportRecord {
    /// How many evaluations a passport shows.
    pub const EVALUATIONS: u16 = 50;
}

/// A technician as companies see them in lists.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RatedTechnician {
    /// The technician.
    pub technician: Technician,
    /// The ratings of all their evaluations.
    pub ratings: RatingTotals,
}

/// Which technicians are wanted: those that match every criterion that is set.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TechnicianFilter {
    /// In whose name, text or skills each of these words occurs, in any case.
    /// `%` and `_` are letters.
    pub words: Vec<String>,
    /// Doing this first of all.
    pub discipline: Option<Discipline>,
    /// Living in this country.
    pub country: Option<Country>,
    /// Working this far from home.
    pub mobility: Option<Mobility>,
    /// With at least so many years.
    pub min_years_experience: Option<YearsExperience>,
    /// Who can work on this day: their first day is not later, or not set.
    pub available_by: Option<CalendarDate>,
    /// Whose rates are in this currency.
    pub currency: Option<Currency>,
    /// Whose lower rate is not above this one, or not set.
    pub day_rate_max: Option<Amount>,
    /// With a certification that holds today and whose name contains this text,
    /// in any case.
    pub certification: Option<String>,
    /// Whose average, as it is shown, is at least this.
    pub min_rating: Option<MinimumRating>,
}

/// Why an evaluation is not added.
#[derive(Debug, Error)]
pub enum EvaluateError {
    /// This technician was not accepted on this job.
    #[error("the technician was not engaged on this job")]
    NotEngaged,
    /// The company has evaluated this technician for this job.
    #[error("the technician was evaluated for this job already")]
    AlreadyEvaluated,
    /// The storage failed.
    #[error(transparent)]
    Repository(#[from] RepositoryError),
}

/// Where technicians are kept.
#[cfg_attr(feature = "mocks", mockall::automock)]
pub trait TechnicianRepository: Send + Sync {
    /// The technician, or `None` when there is none.
    fn find(&self, id: TechnicianId) -> Result<Option<Technician>, RepositoryError>;

    /// Replaces the profile. Must answer [`RepositoryError::Stale`] when its
    /// revision moved on meanwhile.
    fn update(&self, technician: &Technician) -> Result<(), RepositoryError>;

    /// The passport, in two statements at most; `None` when there is no such
    /// technician.
    fn passport(&self, id: TechnicianId) -> Result<Option<PassportRecord>, RepositoryError>;

    /// Adds a certification.
    fn add_certification(&self, certification: &Certification) -> Result<(), RepositoryError>;

    /// Removes a certification of this technician; `false` when they have none
    /// with this identity.
    fn remove_certification(
        &self,
        technician: TechnicianId,
        certification: CertificationId,
    ) -> Result<bool, RepositoryError>;

    /// Replaces all skills of this technician. Of two at once one set stays as
    /// a whole, never a mixture.
    fn replace_skills(&self, technician: TechnicianId, skills: &SkillSet) -> Result<(), RepositoryError>;

    /// The technicians that match, newest first, in one statement. What a
    /// certification is worth is asked for `today`.
    fn search(
        &self,
        filter: &TechnicianFilter,
        today: CalendarDate,
        page: PageRequest,
    ) -> Result<Page<RatedTechnician>, RepositoryError>;

    /// Adds an evaluation; averages count it from the same moment on. Must
    /// answer [`EvaluateError::NotEngaged`] unless the technician has an
    /// accepted application for the job, and then
    /// [`EvaluateError::AlreadyEvaluated`] when there is one for the same job.
    fn evaluate(&self, evaluation: &Evaluation) -> Result<(), EvaluateError>;
}
