//! The judgement of certifications.

use repower_domain::{
    admin::AuditEvent,
    ids::{CertificationId, RevocationId, TechnicianId},
    technicians::{Certification, Trust},
    trust::Revocation,
    values::{FullName, IrataNumber, WindaId},
};
use thiserror::Error;

use crate::{Page, PageRequest, RepositoryError};

/// A technician as a verifier sees them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CertifiedTechnician {
    /// The id.
    pub id: TechnicianId,
    /// The name.
    pub full_name: FullName,
    /// The id in the register of GWO.
    pub winda_id: Option<WindaId>,
    /// The number at IRATA.
    pub irata_number: Option<IrataNumber>,
}

/// A certification as a verifier sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CertificationRecord {
    /// The certification.
    pub certification: Certification,
    /// The certifications of the same type of the technician, that itself included; none
    /// without a type. Doubts about it follow from them.
    pub of_type: Vec<Certification>,
    /// The technician.
    pub technician: CertifiedTechnician,
}

/// A filter of certifications.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct CertificationFilter {
    /// The trust.
    pub trust: Option<Trust>,
    /// Whether there is an open appeal.
    pub appealed: Option<bool>,
}

/// The reason why certifications are not revoked.
#[derive(Debug, Error)]
pub enum RevokeError {
    /// There are more than [`Revocation::MAX`].
    #[error("the revocation is of more than {} certifications; name fewer days", Revocation::MAX)]
    TooMany,
    /// The storage failed.
    #[error(transparent)]
    Repository(#[from] RepositoryError),
}

/// Stores the judgements of certifications. Each act is stored in one transaction with its
/// entry in the audit log.
#[cfg_attr(feature = "mocks", mockall::automock)]
pub trait TrustRepository: Send + Sync {
    /// The certifications that match, oldest first.
    fn certifications(
        &self,
        filter: CertificationFilter,
        page: PageRequest,
    ) -> Result<Page<CertificationRecord>, RepositoryError>;

    /// The certification; `None` if there is none.
    fn find(&self, id: CertificationId) -> Result<Option<CertificationRecord>, RepositoryError>;

    /// Replaces the judgement of a certification. Without an event, the operator of the server
    /// acts, and nothing is logged.
    ///
    /// # Errors
    ///
    /// [`RepositoryError::Stale`] if the stored revision is another one, or it was removed;
    /// nothing is logged then.
    fn judge(&self, certification: &Certification, event: Option<AuditEvent>) -> Result<(), RepositoryError>;

    /// Replaces the appeal of a certification.
    ///
    /// # Errors
    ///
    /// Those of [`Self::judge`].
    fn appeal(&self, certification: &Certification, event: &AuditEvent) -> Result<(), RepositoryError>;

    /// Revokes all certifications that the terms cover, except those that are revoked, and
    /// returns the revocation with their count. One that is edited or judged at the same time
    /// is revoked as it is afterwards, or its edit is stale. Two revocations, or one and the
    /// end of another, wait for each other.
    ///
    /// # Errors
    ///
    /// [`RevokeError::TooMany`]; nothing is changed then.
    fn revoke(&self, revocation: &Revocation, event: &AuditEvent) -> Result<Revocation, RevokeError>;

    /// The revocations, newest first, also those that were undone.
    fn revocations(&self, page: PageRequest) -> Result<Page<Revocation>, RepositoryError>;

    /// The revocation; `None` if there is none.
    fn find_revocation(&self, id: RevocationId) -> Result<Option<Revocation>, RepositoryError>;

    /// Undoes a revocation, and returns it as it is then. A certification that is still revoked
    /// by it has the trust and the note from before; where another, later revocation covers it,
    /// it is that one's from then on.
    ///
    /// # Errors
    ///
    /// [`RepositoryError::Stale`] if it was undone already; nothing is logged then.
    fn undo(&self, id: RevocationId, event: &AuditEvent) -> Result<Revocation, RepositoryError>;
}
