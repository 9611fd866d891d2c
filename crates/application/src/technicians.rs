//! Technicians and their passports.

mod candidates;

use std::sync::Arc;

pub use candidates::{EvaluateError, NewEvaluation};

use repower_domain::{
    accounts::Actor,
    ids::CertificationId,
    technicians::{
        Certification, CertificationStatus, PassportSummary, Skill, SkillSet, Technician, TechnicianChanges,
    },
    values::{CalendarDate, CertificationName, Provider, Validity, WebUrl},
};
use repower_ports::{
    Clock, IdGenerator,
    jobs::JobRepository,
    technicians::{EvaluationRecord, PassportRecord, TechnicianRepository},
};

use crate::{AccessError, EditError};

/// A certification and what it is worth today.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AssessedCertification {
    /// The certification.
    pub certification: Certification,
    /// What it is worth today, in UTC.
    pub status: CertificationStatus,
}

/// A technician's passport as it is today.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Passport {
    /// The technician.
    pub technician: Technician,
    /// Their skills, by name.
    pub skills: Vec<Skill>,
    /// Their certifications, the latest `valid_until` first.
    pub certifications: Vec<AssessedCertification>,
    /// Their newest evaluations.
    pub evaluations: Vec<EvaluationRecord>,
    /// All of it at a glance.
    pub summary: PassportSummary,
}

/// A certification that is to be added.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewCertification {
    /// What it is called.
    pub name: CertificationName,
    /// Who issued it.
    pub provider: Provider,
    /// When it holds.
    pub validity: Validity,
    /// Where it can be seen.
    pub document_url: Option<WebUrl>,
}

/// The use cases of technicians.
pub struct TechnicianService {
    /// Where technicians are kept.
    pub technicians: Arc<dyn TechnicianRepository>,
    /// Where jobs are kept.
    pub jobs: Arc<dyn JobRepository>,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
    /// Where identities come from.
    pub ids: Arc<dyn IdGenerator>,
}

impl TechnicianService {
    /// The actor's own profile.
    pub fn own_profile(&self, actor: &Actor) -> Result<Technician, AccessError> {
        let id = actor.technician()?;
        self.technicians.find(id)?.ok_or(AccessError::NotFound)
    }

    /// Edits the actor's own profile.
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

    /// The actor's own passport.
    pub fn own_passport(&self, actor: &Actor) -> Result<Passport, AccessError> {
        let id = actor.technician()?;
        let record = self.technicians.passport(id)?.ok_or(AccessError::NotFound)?;
        Ok(assess_passport(record, self.today()))
    }

    /// Adds a certification to the actor's own passport.
    pub fn add_certification(
        &self,
        actor: &Actor,
        new: NewCertification,
    ) -> Result<AssessedCertification, AccessError> {
        let technician_id = actor.technician()?;
        let NewCertification { name, provider, validity, document_url } = new;
        let id = self.ids.generate().into();
        let certification = Certification { id, technician_id, name, provider, validity, document_url };
        self.technicians.add_certification(&certification)?;
        Ok(assess(certification, self.today()))
    }

    /// Removes a certification from the actor's own passport.
    pub fn remove_certification(&self, actor: &Actor, id: CertificationId) -> Result<(), AccessError> {
        let technician = actor.technician()?;
        let was_there = self.technicians.remove_certification(technician, id)?;
        was_there.then_some(()).ok_or(AccessError::NotFound)
    }

    /// Replaces the skills in the actor's own passport.
    pub fn replace_skills(&self, actor: &Actor, skills: SkillSet) -> Result<SkillSet, AccessError> {
        let technician = actor.technician()?;
        self.technicians.replace_skills(technician, &skills)?;
        Ok(skills)
    }

    fn today(&self) -> CalendarDate {
        CalendarDate::of(self.clock.now())
    }
}

fn assess_passport(record: PassportRecord, today: CalendarDate) -> Passport {
    let PassportRecord { technician, skills, certifications, evaluations, ratings } = record;
    let summary = PassportSummary::of(ratings, &certifications, today);
    let certifications = certifications.into_iter().map(|certification| assess(certification, today)).collect();
    Passport { technician, skills, certifications, evaluations, summary }
}

fn assess(certification: Certification, today: CalendarDate) -> AssessedCertification {
    AssessedCertification { status: certification.status_on(today), certification }
}

#[cfg(test)]
mod tests;
