use std::sync::Arc;

use repower_domain::{
    accounts::{Actor, ThrottleLimits},
    ids::CertificationId,
    quotas::Quotas,
    technicians::{Certification, SkillSet, Technician, TechnicianChanges},
    values::{CalendarDate, CertificationName, Provider, Validity, WebUrl},
};
use repower_ports::{
    Clock, IdGenerator, accounts::ThrottleRepository, jobs::JobRepository, technicians::TechnicianRepository,
};

use super::passport::{AssessedCertification, Passport, assess, assess_passport};
use crate::{AccessError, CandidateAccess, EditError};

/// The data of a new certification.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewCertification {
    /// The name.
    pub name: CertificationName,
    /// The issuer.
    pub provider: Provider,
    /// The days on which it is in force.
    pub validity: Validity,
    /// The URL of the document.
    pub document_url: Option<WebUrl>,
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

    /// Adds a certification to the passport of the actor.
    ///
    /// # Errors
    ///
    /// [`AccessError::Forbidden`] for an actor without a passport;
    /// [`RepositoryError::LimitReached`](repower_ports::RepositoryError::LimitReached); the
    /// storage failed.
    pub fn add_certification(
        &self,
        actor: &Actor,
        new: NewCertification,
    ) -> Result<AssessedCertification, AccessError> {
        let technician_id = actor.technician()?;
        let NewCertification { name, provider, validity, document_url } = new;
        let id = self.ids.generate().into();
        let certification = Certification::builder()
            .id(id)
            .technician_id(technician_id)
            .name(name)
            .provider(provider)
            .validity(validity)
            .document_url(document_url)
            .build();
        self.technicians.add_certification(&certification, self.quotas.certifications)?;
        Ok(assess(certification, self.today()))
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
