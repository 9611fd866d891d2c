//! The judgement of certifications by verifiers, and the appeals of technicians.

use std::sync::Arc;

use repower_domain::{
    RequestIds, Revision,
    accounts::{Actor, Forbidden, Rate, ThrottleLimits},
    admin::{AuditAct, AuditEvent},
    ids::{CertificationId, RevocationId},
    trust::{JudgeError as RuleError, NotAppealable, Revocation, RevocationTerms, Verdict},
    values::{AppealText, CalendarDate},
};
use repower_ports::{
    Clock, IdGenerator, Page, PageRequest, RepositoryError,
    accounts::RateCounter,
    admin::AdminRepository,
    technicians::TechnicianRepository,
    trust::{CertificationFilter, CertificationRecord, CertifiedTechnician, RevokeError, TrustRepository},
};
use thiserror::Error;

use crate::{
    AccessError, audit, rates,
    technicians::{AssessedCertification, assess},
};

/// The reason why a certification is not judged.
#[derive(Debug, Error)]
pub enum JudgeError {
    /// The certification is not accessible.
    #[error(transparent)]
    Access(#[from] AccessError),
    /// The verdict does not suit the certification.
    #[error(transparent)]
    Rule(#[from] RuleError),
}

impl From<RepositoryError> for JudgeError {
    fn from(error: RepositoryError) -> Self {
        AccessError::from(error).into()
    }
}

/// The reason why there is no appeal.
#[derive(Debug, Error)]
pub enum AppealError {
    /// The certification is not accessible.
    #[error(transparent)]
    Access(#[from] AccessError),
    /// It was neither rejected nor revoked.
    #[error(transparent)]
    NotAppealable(#[from] NotAppealable),
}

impl From<Forbidden> for AppealError {
    fn from(error: Forbidden) -> Self {
        AccessError::from(error).into()
    }
}

impl From<RepositoryError> for AppealError {
    fn from(error: RepositoryError) -> Self {
        AccessError::from(error).into()
    }
}

/// A certification as a verifier sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JudgedCertification {
    /// The certification, with its present status and the doubts about it.
    pub assessed: AssessedCertification,
    /// The technician.
    pub technician: CertifiedTechnician,
}

/// The use cases of trust. Each act, and each reading of personal data by a verifier, is
/// logged with the ids of its request. The answer to an act that changes nothing is such a
/// reading.
pub struct TrustService {
    /// Stores judgements.
    pub trust: Arc<dyn TrustRepository>,
    /// Adds to the audit log.
    pub admin: Arc<dyn AdminRepository>,
    /// Stores certifications.
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

impl TrustService {
    /// The certifications that match, oldest first. They are personal data: the reading is
    /// logged first, and counts as a write of the actor.
    ///
    /// # Errors
    ///
    /// [`AccessError::TooManyAttempts`]; the storage failed.
    pub fn certifications(
        &self,
        actor: &Actor,
        filter: CertificationFilter,
        page: PageRequest,
        request: &RequestIds,
    ) -> Result<Page<JudgedCertification>, AccessError> {
        rates::count(&*self.rates, self.limits, Rate::Writes(actor.user_id()), self.clock.now())?;
        self.admin.record(&self.event(actor, AuditAct::ListCertifications(filter.trust, filter.appealed), request))?;
        let today = self.today();
        Ok(self.trust.certifications(filter, page)?.map(|record| judged(record, today)))
    }

    /// Judges a certification. Returns it unchanged if the verdict changes nothing.
    ///
    /// `seen` is the revision that the verifier has looked at; without it the verdict is on the
    /// certification as it is stored when it is judged.
    ///
    /// # Errors
    ///
    /// [`JudgeError::Rule`]; not found; stale, also if the certification has another revision
    /// than the one seen; the storage failed.
    pub fn judge(
        &self,
        actor: &Actor,
        id: CertificationId,
        verdict: Verdict,
        seen: Option<Revision>,
        request: &RequestIds,
    ) -> Result<JudgedCertification, JudgeError> {
        let record = self.trust.find(id)?.ok_or(AccessError::NotFound)?;
        let stored = &record.certification;
        if seen.is_some_and(|seen| seen != stored.revision) {
            return Err(RepositoryError::Stale.into());
        }
        let Some(mut after) = stored.judge(verdict)? else {
            self.admin.record(&self.event(actor, AuditAct::ReadCertification(id), request))?;
            return Ok(judged(record, self.today()));
        };
        let act = AuditAct::JudgeCertification(id, stored.judgement(), after.judgement());
        self.trust.judge(&after, Some(self.event(actor, act, request)))?;
        after.revision = after.revision.next();
        Ok(judged(CertificationRecord { certification: after, ..record }, self.today()))
    }

    /// Judges a certification for the operator of the server, which is no user: nothing is logged.
    ///
    /// # Errors
    ///
    /// Those of [`Self::judge`].
    pub fn judge_unlogged(&self, id: CertificationId, verdict: Verdict) -> Result<(), JudgeError> {
        let stored = self.trust.find(id)?.ok_or(AccessError::NotFound)?.certification;
        match stored.judge(verdict)? {
            Some(after) => Ok(self.trust.judge(&after, None)?),
            None => Ok(()),
        }
    }

    /// Appeals against the rejection or the revocation of a certification of the actor, in
    /// place of an open appeal.
    ///
    /// # Errors
    ///
    /// [`AccessError::Forbidden`] for an actor without a passport; not found;
    /// [`AppealError::NotAppealable`]; stale; the storage failed.
    pub fn appeal(
        &self,
        actor: &Actor,
        id: CertificationId,
        text: AppealText,
        request: &RequestIds,
    ) -> Result<AssessedCertification, AppealError> {
        let held = self.technicians.certifications(actor.technician()?)?;
        let stored = held.iter().find(|one| one.id == id).ok_or(AccessError::NotFound)?;
        let after = stored.object(text.clone())?;
        if after != *stored {
            let act = AuditAct::AppealCertification(id, stored.appeal.clone(), text);
            self.trust.appeal(&after, &self.event(actor, act, request))?;
        }
        Ok(assess(after, &held, self.today()))
    }

    /// Revokes all certifications of a provider that were completed in some days.
    ///
    /// # Errors
    ///
    /// [`RevokeError::TooMany`]; the storage failed.
    pub fn revoke(
        &self,
        actor: &Actor,
        terms: RevocationTerms,
        request: &RequestIds,
    ) -> Result<Revocation, RevokeError> {
        let id = RevocationId::from(self.ids.generate());
        let event = self.event(actor, AuditAct::CreateRevocation(id, terms.clone()), request);
        let revocation = Revocation::builder().id(id).terms(terms).count(0).created_at(event.created_at).build();
        self.trust.revoke(&revocation, &event)
    }

    /// The revocations, newest first.
    pub fn revocations(&self, page: PageRequest) -> Result<Page<Revocation>, AccessError> {
        Ok(self.trust.revocations(page)?)
    }

    /// Undoes a revocation for the certifications that are still revoked by it. Returns it
    /// unchanged if it was undone already.
    ///
    /// # Errors
    ///
    /// Not found; the storage failed.
    pub fn undo(&self, actor: &Actor, id: RevocationId, request: &RequestIds) -> Result<Revocation, AccessError> {
        let revocation = self.trust.find_revocation(id)?.ok_or(AccessError::NotFound)?;
        if revocation.undone.is_some() {
            return Ok(revocation);
        }
        let event = self.event(actor, AuditAct::UndoRevocation(id, revocation.terms), request);
        match self.trust.undo(id, &event) {
            // A concurrent request was first, with the same change.
            Err(RepositoryError::Stale) => Ok(self.trust.find_revocation(id)?.ok_or(RepositoryError::Stale)?),
            undone => Ok(undone?),
        }
    }

    fn event(&self, actor: &Actor, act: AuditAct, request: &RequestIds) -> AuditEvent {
        audit::event((&*self.ids, &*self.clock), actor.user_id(), act, request)
    }

    fn today(&self) -> CalendarDate {
        CalendarDate::of(self.clock.now())
    }
}

fn judged(record: CertificationRecord, today: CalendarDate) -> JudgedCertification {
    let CertificationRecord { certification, of_type, technician } = record;
    JudgedCertification { assessed: assess(certification, &of_type, today), technician }
}

#[cfg(test)]
mod tests;
