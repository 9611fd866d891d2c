//! Administration: users, companies, jobs and the audit log.

use repower_domain::{
    accounts::{Role, User},
    admin::{AuditAction, AuditEvent, SubjectType},
    companies::Company,
    ids::{CompanyId, EvaluationId, UserId},
    jobs::Job,
};
use thiserror::Error;
use uuid::Uuid;

use crate::{Page, PageRequest, RepositoryError};

/// A user for administration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserRecord {
    /// The user.
    pub user: User,
    /// Whether the user is active.
    pub active: bool,
}

/// A filter of users.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct UserFilter {
    /// The email contains this text, in any case.
    pub text: Option<String>,
    /// The role.
    pub role: Option<Role>,
}

/// A filter of the audit log.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct AuditFilter {
    /// The company that the entry is about.
    pub company_id: Option<CompanyId>,
    /// The user of the act.
    pub actor_id: Option<UserId>,
    /// The action.
    pub action: Option<AuditAction>,
    /// The type of the subject.
    pub subject_type: Option<SubjectType>,
    /// The id of the subject.
    pub subject_id: Option<Uuid>,
}

/// The reason why a user is not activated or deactivated.
#[derive(Debug, Error)]
pub enum SetActiveError {
    /// The user is the last active super admin.
    #[error("the last active SUPER_ADMIN cannot be deactivated")]
    LastAdmin,
    /// The storage failed.
    #[error(transparent)]
    Repository(#[from] RepositoryError),
}

/// Administers the marketplace. Each act is stored in one transaction with its entry
/// in the audit log. An entry about a job or a member is about their company too.
#[cfg_attr(feature = "mocks", mockall::automock)]
pub trait AdminRepository: Send + Sync {
    /// The users that match, newest first.
    fn users(&self, filter: &UserFilter, page: PageRequest) -> Result<Page<UserRecord>, RepositoryError>;

    /// The user; `None` if there is none.
    fn find_user(&self, id: UserId) -> Result<Option<UserRecord>, RepositoryError>;

    /// Activates or deactivates a user, and returns them as they are then. A deactivation
    /// ends the sessions of the user, and the validity of their tokens without a session, and
    /// revokes their invitations: also the session of a concurrent login or new password.
    ///
    /// # Errors
    ///
    /// [`SetActiveError::LastAdmin`], for super admins who deactivate each other
    /// concurrently too; [`RepositoryError::Stale`] if the user has the state already, or
    /// if a super admin is deactivated by one who is not active any more. Nothing is logged
    /// then.
    fn set_active(&self, user: &User, active: bool, event: &AuditEvent) -> Result<User, SetActiveError>;

    /// Ends all sessions of a user, and the validity of their tokens without a session.
    /// Returns the number of sessions; `None`, without an entry, if there is no such user.
    fn end_sessions(&self, user: UserId, event: &AuditEvent) -> Result<Option<usize>, RepositoryError>;

    /// Whether the user is a member of a company that has no active ADMIN.
    fn is_without_admin(&self, user: UserId) -> Result<bool, RepositoryError>;

    /// The companies, newest first.
    fn companies(&self, page: PageRequest) -> Result<Page<Company>, RepositoryError>;

    /// Stores a company whose verification has changed. Without an event, the operator of
    /// the server acts, and nothing is logged.
    ///
    /// # Errors
    ///
    /// [`RepositoryError::Stale`] if the stored revision is another one; nothing is logged
    /// then.
    fn set_verified(&self, company: &Company, event: Option<AuditEvent>) -> Result<(), RepositoryError>;

    /// Replaces the state of a job.
    ///
    /// # Errors
    ///
    /// [`RepositoryError::Stale`] if the stored revision is another one; nothing is
    /// logged.
    fn close_job(&self, job: &Job, event: &AuditEvent) -> Result<(), RepositoryError>;

    /// Hides an evaluation, or shows it again. Averages follow immediately.
    ///
    /// # Errors
    ///
    /// [`RepositoryError::Stale`] if it is so already; nothing is logged.
    fn set_hidden(&self, evaluation: EvaluationId, hidden: bool, event: &AuditEvent) -> Result<(), RepositoryError>;

    /// Adds the entry of an act that stores nothing else.
    fn record(&self, event: &AuditEvent) -> Result<(), RepositoryError>;

    /// The entries of the audit log that match, newest first.
    fn audit(&self, filter: &AuditFilter, page: PageRequest) -> Result<Page<AuditEvent>, RepositoryError>;
}
