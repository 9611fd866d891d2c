use std::sync::Arc;

use repower_domain::{
    accounts::{Actor, Forbidden, ThrottleLimits},
    certification_types::Classification,
    ids::CertificationId,
    quotas::Quotas,
    technicians::{
        Certification, CertificationChanges, CertificationError, NewCertification, Proposal, SkillSet, Technician,
        TechnicianChanges,
    },
    values::CalendarDate,
};
use repower_ports::{
    Clock, IdGenerator, RepositoryError, accounts::ThrottleRepository, jobs::JobRepository,
    technicians::TechnicianRepository,
};
use thiserror::Error;

use super::passport::{AssessedCertification, Passport, Timeline, assess, assess_passport};
use crate::{AccessError, CandidateAccess, EditError};

/// The reason why a certification is not added or edited.
#[derive(Debug, Error)]
pub enum CertifyError {
    /// The technician or the certification is not accessible.
    #[error(transparent)]
    Access(#[from] AccessError),
    /// The fields contradict each other or the rules of the type.
    #[error(transparent)]
    Invalid(#[from] CertificationError),
}

impl From<Forbidden> for CertifyError {
    fn from(error: Forbidden) -> Self {
        AccessError::from(error).into()
    }
}

impl From<RepositoryError> for CertifyError {
    fn from(error: RepositoryError) -> Self {
        AccessError::from(error).into()
    }
}

/// The use cases of technicians.
pub struct TechnicianService {
    /// Stores technicians and their passports.
    pub technicians: Arc<dyn TechnicianRepository>,
    /// Decides which technicians a company may see.
    pub candidates: CandidateAccess,
    /// Stores jobs.
    pub jobs: Arc<dyn JobRepository>,
    /// The clock.
    pub clock: Arc<dyn Clock>,
    /// Counts attempts.
    pub throttle: Arc<dyn ThrottleRepository>,
    /// The limits of passports; without limits, they are not counted.
    pub limits: Option<ThrottleLimits>,
    /// Generates ids.
    pub ids: Arc<dyn IdGenerator>,
    /// The most certifications of a technician.
    pub quotas: Quotas,
}

impl TechnicianService {
    /// The profile of the actor.
    ///
    /// # Errors
    ///
    /// [`AccessError::Forbidden`] for an actor without a passport; not found; the
    /// storage failed.
    pub fn own_profile(&self, actor: &Actor) -> Result<Technician, AccessError> {
        let id = actor.technician()?;
        self.technicians.find(id)?.ok_or(AccessError::NotFound)
    }

    /// Edits the profile of the actor.
    ///
    /// # Errors
    ///
    /// [`EditError::Inconsistent`]; stale; those of [`Self::own_profile`].
    pub fn edit_own_profile(&self, actor: &Actor, changes: TechnicianChanges) -> Result<Technician, EditError> {
        let technician = self.own_profile(actor)?;
        match technician.edit(changes, self.clock.now())? {
            None => Ok(technician),
            Some(edited) => {
                self.technicians.update(&edited)?;
                Ok(edited)
            }
        }
    }

    /// The passport of the actor.
    ///
    /// # Errors
    ///
    /// Those of [`Self::own_profile`].
    pub fn own_passport(&self, actor: &Actor) -> Result<Passport, AccessError> {
        let id = actor.technician()?;
        let record = self.technicians.passport(id)?.ok_or(AccessError::NotFound)?;
        Ok(assess_passport(record, self.today()))
    }

    /// The certifications in the passport of the actor.
    ///
    /// # Errors
    ///
    /// [`AccessError::Forbidden`] for an actor without a passport; the storage failed.
    pub fn own_timeline(&self, actor: &Actor) -> Result<Timeline, AccessError> {
        let certifications = self.technicians.certifications(actor.technician()?)?;
        Ok(Timeline { certifications, job: None, today: self.today() })
    }

    /// Adds a certification to the passport of the actor.
    ///
    /// # Errors
    ///
    /// [`AccessError::Forbidden`] for an actor without a passport; [`CertifyError::Invalid`];
    /// [`RepositoryError::LimitReached`]; the storage failed.
    pub fn add_certification(
        &self,
        actor: &Actor,
        new: NewCertification,
    ) -> Result<AssessedCertification, CertifyError> {
        let technician = actor.technician()?;
        // Only the rules of a type depend on the other certifications.
        let held = if new.classification.is_some() { self.technicians.certifications(technician)? } else { Vec::new() };
        let certification = Certification::create(self.ids.generate().into(), technician, new, &held)?;
        self.technicians.add_certification(&certification, self.quotas.certifications)?;
        Ok(assess(certification, &held, self.today()))
    }

    /// Edits a certification of the actor.
    ///
    /// # Errors
    ///
    /// As [`Self::add_certification`], without the limit; not found; stale.
    pub fn edit_certification(
        &self,
        actor: &Actor,
        id: CertificationId,
        changes: CertificationChanges,
    ) -> Result<AssessedCertification, CertifyError> {
        let held = self.technicians.certifications(actor.technician()?)?;
        let stored = held.iter().find(|one| one.id == id).ok_or(AccessError::NotFound)?;
        let edited = stored.edit(changes, &held)?;
        if let Some(edited) = &edited {
            self.technicians.update_certification(edited)?;
        }
        let certification = edited.unwrap_or_else(|| stored.clone());
        Ok(assess(certification, &held, self.today()))
    }

    /// The end of a certification that the actor would add.
    ///
    /// # Errors
    ///
    /// [`AccessError::Forbidden`] for an actor without a passport;
    /// [`CertificationError::RefresherAfterExpiry`]; the storage failed.
    pub fn propose(
        &self,
        actor: &Actor,
        classification: Classification,
        completed: CalendarDate,
    ) -> Result<Proposal, CertifyError> {
        let held = self.technicians.certifications(actor.technician()?)?;
        Ok(Proposal::new(classification, completed, &held).map_err(CertificationError::from)?)
    }

    /// Removes a certification from the passport of the actor.
    ///
    /// # Errors
    ///
    /// Those of [`Self::own_profile`].
    pub fn remove_certification(&self, actor: &Actor, id: CertificationId) -> Result<(), AccessError> {
        let technician = actor.technician()?;
        let was_removed = self.technicians.remove_certification(technician, id)?;
        was_removed.then_some(()).ok_or(AccessError::NotFound)
    }

    /// Replaces the skills in the passport of the actor.
    ///
    /// # Errors
    ///
    /// [`AccessError::Forbidden`] for an actor without a passport; the storage failed.
    pub fn replace_skills(&self, actor: &Actor, skills: SkillSet) -> Result<SkillSet, AccessError> {
        let technician = actor.technician()?;
        self.technicians.replace_skills(technician, &skills)?;
        Ok(skills)
    }

    pub(super) fn today(&self) -> CalendarDate {
        CalendarDate::of(self.clock.now())
    }
}
