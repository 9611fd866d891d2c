//! Technicians and their passports.

use repower_domain::{
    ids::{CertificationId, TechnicianId},
    technicians::{Certification, Evaluation, Skill, SkillSet, Technician},
    values::{CompanyName, RatingTotals},
};

use crate::RepositoryError;

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
}
