//! Companies, their members and invitations.

use chrono::{DateTime, Utc};
use repower_domain::{
    accounts::Registration,
    admin::AuditEvent,
    companies::{Company, Invitation, Member, Team, TeamChange},
    ids::{CompanyId, InvitationId, MemberId},
    values::{CompanyName, Country},
};
use thiserror::Error;

use crate::{
    Page, PageRequest, RepositoryError,
    accounts::{SecretDigest, ThrottleKey, Throttled},
};

/// The id, name and country of a company.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CompanySummary {
    /// The id.
    pub id: CompanyId,
    /// The name.
    pub name: CompanyName,
    /// The country.
    pub country: Country,
}

/// A company as anybody sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicCompany {
    /// The company.
    pub company: Company,
    /// The number of its jobs in the public list.
    pub open_jobs: u64,
}

/// The counts of the dashboard of a company, at one time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Dashboard {
    /// The jobs by status.
    pub jobs: JobCounts,
    /// The applications for the jobs, by status.
    pub applications: ApplicationCounts,
    /// The unread messages from technicians.
    pub unread_messages: u64,
    /// The members.
    pub members: u64,
}

/// The number of jobs in each status.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct JobCounts {
    /// The number in DRAFT.
    pub draft: u64,
    /// The number in OPEN.
    pub open: u64,
    /// The number in CLOSED.
    pub closed: u64,
}

/// The number of applications in each status.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ApplicationCounts {
    /// The number in APPLIED.
    pub applied: u64,
    /// The number in SHORTLISTED.
    pub shortlisted: u64,
    /// The number in REJECTED.
    pub rejected: u64,
    /// The number in OFFERED.
    pub offered: u64,
    /// The number in ACCEPTED.
    pub accepted: u64,
    /// The number in WITHDRAWN.
    pub withdrawn: u64,
}

/// Stores companies and their members. Each change is stored in one transaction with its
/// entry in the audit log.
#[cfg_attr(feature = "mocks", mockall::automock)]
pub trait CompanyRepository: Send + Sync {
    /// The company; `None` if there is none.
    fn find(&self, id: CompanyId) -> Result<Option<Company>, RepositoryError>;

    /// The company with the number of its open jobs, in one statement; `None` if there is
    /// none. As of a moment ago where a replica has the company, but with each change by this
    /// process.
    fn find_public(&self, id: CompanyId) -> Result<Option<PublicCompany>, RepositoryError>;

    /// Whether the company is verified; `false` if there is none.
    fn is_verified(&self, id: CompanyId) -> Result<bool, RepositoryError>;

    /// Replaces the profile. The jobs of the company have the new name immediately.
    ///
    /// # Errors
    ///
    /// [`RepositoryError::Stale`] if the stored revision is another one.
    fn update(&self, company: &Company, event: &AuditEvent) -> Result<(), RepositoryError>;

    /// The members of a company, oldest first.
    fn members(&self, id: CompanyId, page: PageRequest) -> Result<Page<Member>, RepositoryError>;

    /// The dashboard of a company, in one statement, exact at the time of the call.
    fn dashboard(&self, id: CompanyId) -> Result<Dashboard, RepositoryError>;

    /// The company of a member; `None` if there is no such member. It never changes.
    fn find_company_of(&self, member: MemberId) -> Result<Option<CompanyId>, RepositoryError>;

    /// A member with their team; `None` if the company has no such member.
    fn find_member(&self, company: CompanyId, member: MemberId) -> Result<Option<(Team, Member)>, RepositoryError>;

    /// Stores a change that was decided for this revision of the team, and increments
    /// the revision. The invitations of a member who may no longer invite are revoked
    /// with it.
    ///
    /// # Errors
    ///
    /// [`RepositoryError::Stale`] if the stored revision is another one.
    fn change_team(&self, team: &Team, change: &TeamChange, event: &AuditEvent) -> Result<(), RepositoryError>;
}

/// The limits of the invitations of a company.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvitationLimits {
    /// The most pending invitations.
    pub pending: u32,
    /// The counter of the invitations in a day; `None` where they are not counted.
    pub daily: Option<ThrottleKey>,
}

/// The reason why an invitation is not stored.
#[derive(Debug, Error)]
pub enum InviteError {
    /// The email has an account.
    #[error("this email has an account already")]
    AlreadyMember,
    /// The inviter may not invite to the company, at the time of the commit.
    #[error("the inviter may not invite any more")]
    NoInviter,
    /// The company has invited too often.
    #[error("too many invitations")]
    Throttled(Throttled),
    /// The storage failed.
    #[error(transparent)]
    Repository(#[from] RepositoryError),
}

/// The reason why an invitation is not accepted.
#[derive(Debug, Error)]
pub enum AcceptError {
    /// The invitation was used, revoked or replaced, or has expired, or its inviter may
    /// not invite any more.
    #[error("the invitation is not valid any more")]
    Gone,
    /// The email has an account since the invitation.
    #[error("this email is taken")]
    EmailTaken,
    /// The storage failed.
    #[error(transparent)]
    Repository(#[from] RepositoryError),
}

/// Stores invitations. Each change is stored in one transaction with its entry in the
/// audit log.
#[cfg_attr(feature = "mocks", mockall::automock)]
pub trait InvitationRepository: Send + Sync {
    /// Adds an invitation by the actor of the event. It replaces an earlier one of the company for the same
    /// email. Concurrent calls never exceed the limits of the company.
    ///
    /// # Errors
    ///
    /// [`InviteError::NoInviter`]; [`InviteError::AlreadyMember`] if the email has an account;
    /// [`RepositoryError::LimitReached`] if the company has the most pending invitations
    /// of other emails; [`InviteError::Throttled`]. It does not count such an invitation.
    fn invite(
        &self,
        invitation: &Invitation,
        digest: SecretDigest,
        event: &AuditEvent,
        limits: &InvitationLimits,
    ) -> Result<(), InviteError>;

    /// The pending invitation of a company with this id; `None` if there is none.
    fn find(
        &self,
        company: CompanyId,
        id: InvitationId,
        now: DateTime<Utc>,
    ) -> Result<Option<Invitation>, RepositoryError>;

    /// Replaces the secret of a pending invitation; `false` if there is none.
    fn replace_secret(&self, id: InvitationId, digest: SecretDigest) -> Result<bool, RepositoryError>;

    /// The invitations of a company that are pending now, oldest first.
    fn pending(
        &self,
        company: CompanyId,
        now: DateTime<Utc>,
        page: PageRequest,
    ) -> Result<Page<Invitation>, RepositoryError>;

    /// Revokes an invitation; `false` if it is not pending any more.
    fn revoke(&self, invitation: &Invitation, event: &AuditEvent) -> Result<bool, RepositoryError>;

    /// The pending invitation with this secret, and its company; `None` if there is
    /// none.
    fn find_by_secret(
        &self,
        digest: SecretDigest,
        now: DateTime<Utc>,
    ) -> Result<Option<(Invitation, Company)>, RepositoryError>;

    /// Uses an invitation and adds its member. One of several concurrent calls
    /// succeeds; of a concurrent change that ends the inviter's right to invite, either
    /// the invitation was used before, or it is gone.
    ///
    /// # Errors
    ///
    /// [`AcceptError::Gone`] if the invitation is not pending, or if its inviter may not
    /// invite to the company now;
    /// [`AcceptError::EmailTaken`], which leaves the invitation pending.
    fn accept(
        &self,
        id: InvitationId,
        member: &Registration,
        digest: SecretDigest,
        event: &AuditEvent,
    ) -> Result<(), AcceptError>;
}
