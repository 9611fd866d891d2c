//! Running the marketplace.

use repower_domain::{
    accounts::{Role, User},
    admin::{AuditAction, AuditEvent, SubjectType},
    companies::Company,
    ids::UserId,
    jobs::Job,
};
use uuid::Uuid;

use crate::{Page, PageRequest, RepositoryError};

/// A user as those see them who run the marketplace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserRecord {
    /// The user.
    pub user: User,
    /// Whether they may act.
    pub active: bool,
}

/// Which users are wanted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct UserFilter {
    /// Whose address contains this text, in any case.
    pub text: Option<String>,
    /// Who are this.
    pub role: Option<Role>,
}

/// Which entries of the audit log are wanted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct AuditFilter {
    /// By whom.
    pub actor_id: Option<UserId>,
    /// Of which act.
    pub action: Option<AuditAction>,
    /// On which kind of thing.
    pub subject_type: Option<SubjectType>,
    /// On which thing.
    pub subject_id: Option<Uuid>,
}

/// What those do who run the marketplace. Each act is stored together with its
/// entry in the audit log, or not at all.
#[cfg_attr(feature = "mocks", mockall::automock)]
pub trait AdminRepository: Send + Sync {
    /// The users that match, newest first.
    fn users(&self, filter: &UserFilter, page: PageRequest) -> Result<Page<UserRecord>, RepositoryError>;

    /// The user, or `None` when there is none.
    fn find_user(&self, id: UserId) -> Result<Option<UserRecord>, RepositoryError>;

    /// Lets a user act or not, from the moment of the event. Must answer [`RepositoryError::Stale`] when that
    /// is so already, and then log nothing.
    fn set_active(&self, user: UserId, active: bool, event: &AuditEvent) -> Result<(), RepositoryError>;

    /// The companies, newest first.
    fn companies(&self, page: PageRequest) -> Result<Page<Company>, RepositoryError>;

    /// Replaces the state of a job. Must answer [`RepositoryError::Stale`] when
    /// its revision moved on meanwhile, and then log nothing.
    fn close_job(&self, job: &Job, event: &AuditEvent) -> Result<(), RepositoryError>;

    /// The entries of the audit log that match, newest first.
    fn audit(&self, filter: &AuditFilter, page: PageRequest) -> Result<Page<AuditEvent>, RepositoryError>;
}
