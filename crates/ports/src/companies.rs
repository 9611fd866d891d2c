//! Companies and their members.

use chrono::{DateTime, Utc};
use repower_domain::{
    accounts::Registration,
    companies::{Company, Invitation, Member, Team, TeamChange},
    ids::{CompanyId, InvitationId, MemberId, UserId},
    values::{CompanyName, Country},
};
use thiserror::Error;

use crate::{Page, PageRequest, RepositoryError, accounts::SecretDigest};

/// A company as it is shown beside its things.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CompanySummary {
    /// Its identity.
    pub id: CompanyId,
    /// Its name.
    pub name: CompanyName,
    /// Where it sits.
    pub country: Country,
}

/// A company in numbers, all of one moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Dashboard {
    /// Its jobs by status.
    pub jobs: JobCounts,
    /// The applications for its jobs by status.
    pub applications: ApplicationCounts,
    /// Messages of technicians that it has not read.
    pub unread_messages: u64,
    /// Its members.
    pub members: u64,
}

/// How many jobs are in which status.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct JobCounts {
    /// In DRAFT.
    pub draft: u64,
    /// In OPEN.
    pub open: u64,
    /// In CLOSED.
    pub closed: u64,
}

/// How many applications are in which status.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ApplicationCounts {
    /// In APPLIED.
    pub applied: u64,
    /// In SHORTLISTED.
    pub shortlisted: u64,
    /// In REJECTED.
    pub rejected: u64,
    /// In OFFERED.
    pub offered: u64,
    /// In ACCEPTED.
    pub accepted: u64,
    /// In WITHDRAWN.
    pub withdrawn: u64,
}

/// Where companies are kept.
#[cfg_attr(feature = "mocks", mockall::automock)]
pub trait CompanyRepository: Send + Sync {
    /// The company, or `None` when there is none.
    fn find(&self, id: CompanyId) -> Result<Option<Company>, RepositoryError>;

    /// Replaces its profile; its jobs show the new name at once. Must answer
    /// [`RepositoryError::Stale`] when its revision moved on meanwhile.
    fn update(&self, company: &Company) -> Result<(), RepositoryError>;

    /// Its members, oldest first.
    fn members(&self, id: CompanyId, page: PageRequest) -> Result<Page<Member>, RepositoryError>;

    /// The company in numbers, in one statement, exact at the moment of the call.
    fn dashboard(&self, id: CompanyId) -> Result<Dashboard, RepositoryError>;

    /// A member with the team they belong to; `None` when the company has no
    /// such member.
    fn find_member(&self, company: CompanyId, member: MemberId) -> Result<Option<(Team, Member)>, RepositoryError>;

    /// Makes a change that was decided for this state of the team, and moves
    /// its revision on. Must answer [`RepositoryError::Stale`] when that moved
    /// on meanwhile.
    fn change_team(&self, team: &Team, change: &TeamChange, now: DateTime<Utc>) -> Result<(), RepositoryError>;
}

/// Why nobody is invited.
#[derive(Debug, Error)]
pub enum InviteError {
    /// The address has an account.
    #[error("this e-mail address has an account already")]
    AlreadyMember,
    /// The storage failed.
    #[error(transparent)]
    Repository(#[from] RepositoryError),
}

/// Why an invitation is not accepted.
#[derive(Debug, Error)]
pub enum AcceptError {
    /// It was used, revoked or replaced, or has expired.
    #[error("the invitation is not good any more")]
    Gone,
    /// The address was registered meanwhile.
    #[error("this e-mail address is taken")]
    EmailTaken,
    /// The storage failed.
    #[error(transparent)]
    Repository(#[from] RepositoryError),
}

/// Where invitations are kept.
#[cfg_attr(feature = "mocks", mockall::automock)]
pub trait InvitationRepository: Send + Sync {
    /// Adds an invitation in the place of one that the company has for the same
    /// address. Must answer [`InviteError::AlreadyMember`] when the address has
    /// an account.
    fn invite(&self, invitation: &Invitation, digest: SecretDigest, invited_by: UserId) -> Result<(), InviteError>;

    /// Gives a pending invitation another secret; `false` when it is not there.
    fn replace_secret(&self, id: InvitationId, digest: SecretDigest) -> Result<bool, RepositoryError>;

    /// The invitations of a company that are pending now, oldest first.
    fn pending(
        &self,
        company: CompanyId,
        now: DateTime<Utc>,
        page: PageRequest,
    ) -> Result<Page<Invitation>, RepositoryError>;

    /// Revokes a pending invitation of a company; `false` when it has none with
    /// this identity.
    fn revoke(&self, company: CompanyId, id: InvitationId, now: DateTime<Utc>) -> Result<bool, RepositoryError>;

    /// The invitation behind a secret, with its company; `None` when there is
    /// none, or it is not pending.
    fn find_by_secret(
        &self,
        digest: SecretDigest,
        now: DateTime<Utc>,
    ) -> Result<Option<(Invitation, Company)>, RepositoryError>;

    /// Uses an invitation up and adds the member that comes of it. Of many at
    /// once one succeeds; must answer [`AcceptError::Gone`] for the others, and
    /// leave the invitation as it is where it answers
    /// [`AcceptError::EmailTaken`].
    fn accept(&self, id: InvitationId, member: &Registration, digest: SecretDigest) -> Result<(), AcceptError>;
}
