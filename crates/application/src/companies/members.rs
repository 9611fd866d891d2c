use std::sync::Arc;

use chrono::{DateTime, Utc};
use repower_domain::{
    RequestIds,
    accounts::{Actor, CompanyRole, Forbidden, ThrottleLimits, ThrottleScope},
    admin::AuditAct,
    companies::{Invitation, LastAdmin, Member, Team, TeamChange},
    ids::{CompanyId, InvitationId, MemberId},
    quotas::Quotas,
    values::Email,
};
use repower_ports::{
    Clock, IdGenerator, Page, PageRequest, RepositoryError,
    accounts::{GeneratedSecret, HashingError, SecretGenerator, ThrottleKey, ThrottleRepository},
    admin::AdminRepository,
    companies::{CompanyRepository, InvitationLimits, InvitationRepository, InviteError as StoreError},
};
use thiserror::Error;

use crate::{AccessError, TooManyAttempts, audit};

/// The most attempts to change a team that other requests change concurrently.
const MAX_ATTEMPTS: usize = 5;

/// The reason why a member is not changed.
#[derive(Debug, Error)]
pub enum MemberError {
    /// The member is not accessible.
    #[error(transparent)]
    Access(#[from] AccessError),
    /// The member is the last ADMIN.
    #[error(transparent)]
    LastAdmin(#[from] LastAdmin),
}

impl From<RepositoryError> for MemberError {
    fn from(error: RepositoryError) -> Self {
        AccessError::from(error).into()
    }
}

impl From<Forbidden> for MemberError {
    fn from(error: Forbidden) -> Self {
        AccessError::from(error).into()
    }
}

/// The reason why an invitation is not stored.
#[derive(Debug, Error)]
pub enum InviteError {
    /// The actor has no company, or may not invite to it any more; or the storage
    /// failed.
    #[error(transparent)]
    Access(#[from] AccessError),
    /// The email has an account.
    #[error("this email has an account already")]
    AlreadyMember,
    /// No secret could be generated.
    #[error(transparent)]
    Secret(#[from] HashingError),
}

impl From<Forbidden> for InviteError {
    fn from(error: Forbidden) -> Self {
        AccessError::from(error).into()
    }
}

impl InviteError {
    fn of(error: StoreError, now: DateTime<Utc>) -> Self {
        match error {
            StoreError::AlreadyMember => Self::AlreadyMember,
            StoreError::NoInviter => Forbidden.into(),
            StoreError::Throttled(throttled) => AccessError::from(TooManyAttempts::until(throttled, now)).into(),
            StoreError::Repository(cause) => AccessError::from(cause).into(),
        }
    }
}

/// An invitation with its secret, which is returned once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewInvitation {
    /// The invitation.
    pub invitation: Invitation,
    /// The secret.
    pub secret: GeneratedSecret,
}

/// The use cases of members and invitations.
pub struct MemberService {
    /// Stores companies and their members.
    pub companies: Arc<dyn CompanyRepository>,
    /// Logs the readings of super admins.
    pub admin: Arc<dyn AdminRepository>,
    /// Stores invitations.
    pub invitations: Arc<dyn InvitationRepository>,
    /// Counts refused invitations.
    pub throttle: Arc<dyn ThrottleRepository>,
    /// Generates the secrets of invitations.
    pub secrets: Arc<dyn SecretGenerator>,
    /// The clock.
    pub clock: Arc<dyn Clock>,
    /// Generates ids.
    pub ids: Arc<dyn IdGenerator>,
    /// The most pending invitations of a company.
    pub quotas: Quotas,
    /// The limits of invitations; without limits, they are not counted.
    pub limits: Option<ThrottleLimits>,
}

impl MemberService {
    /// Invites an email to the company of the actor. The invitation replaces an earlier
    /// one of the same email. One of an email that has an account counts too, so that a
    /// company learns of few emails whether they have one.
    ///
    /// # Errors
    ///
    /// [`InviteError`]; [`AccessError::TooManyAttempts`]; [`RepositoryError::LimitReached`].
    pub fn invite(
        &self,
        actor: &Actor,
        email: Email,
        role: CompanyRole,
        request: &RequestIds,
    ) -> Result<NewInvitation, InviteError> {
        let company = actor.company()?;
        let secret = self.secrets.generate()?;
        let now = self.clock.now();
        let invitation = Invitation::new(self.ids.generate().into(), company, email, role, now);
        let act = AuditAct::CreateInvitation(invitation.id, invitation.email.clone(), role);
        let event = audit::event((&*self.ids, &*self.clock), actor.user_id(), act, request);
        let limits = self.invitation_limits(company);
        match self.invitations.invite(&invitation, secret.digest, &event, &limits) {
            Ok(()) => Ok(NewInvitation { invitation, secret }),
            Err(error) => {
                if matches!(error, StoreError::AlreadyMember) {
                    let counted = self.throttle.count(limits.daily.as_slice(), now);
                    counted.map_err(|error| AccessError::of(error, now))?;
                }
                Err(InviteError::of(error, now))
            }
        }
    }

    fn invitation_limits(&self, company: CompanyId) -> InvitationLimits {
        let scope = ThrottleScope::InvitationsCompany;
        let key = |limits: ThrottleLimits| ThrottleKey {
            scope,
            subject: company.to_string(),
            client_address: None,
            limit: limits.of(scope),
        };
        InvitationLimits { pending: self.quotas.pending_invitations, daily: self.limits.map(key) }
    }

    /// A new secret for a repeated request to invite, because the first one was not
    /// stored. `None` if the invitation is not pending.
    ///
    /// # Errors
    ///
    /// The storage or the generator failed.
    pub fn renew_secret(&self, id: InvitationId) -> Result<Option<GeneratedSecret>, InviteError> {
        let secret = self.secrets.generate()?;
        let is_pending = self.invitations.replace_secret(id, secret.digest).map_err(AccessError::from)?;
        Ok(is_pending.then_some(secret))
    }

    /// The pending invitations of the company of the actor, oldest first.
    ///
    /// # Errors
    ///
    /// [`AccessError::Forbidden`] for an actor without a company; the storage failed.
    pub fn pending_invitations(&self, actor: &Actor, page: PageRequest) -> Result<Page<Invitation>, AccessError> {
        let company = actor.company()?;
        Ok(self.invitations.pending(company, self.clock.now(), page)?)
    }

    /// Revokes a pending invitation of the company of the actor.
    ///
    /// # Errors
    ///
    /// [`AccessError::NotFound`] if the company has no such invitation; no company; the
    /// storage failed.
    pub fn revoke_invitation(&self, actor: &Actor, id: InvitationId, request: &RequestIds) -> Result<(), AccessError> {
        let company = actor.company()?;
        let found = self.invitations.find(company, id, self.clock.now())?;
        let invitation = found.ok_or(AccessError::NotFound)?;
        let act = AuditAct::RevokeInvitation(id, invitation.email.clone(), invitation.role);
        let event = audit::event((&*self.ids, &*self.clock), actor.user_id(), act, request);
        let was_pending = self.invitations.revoke(&invitation, &event)?;
        was_pending.then_some(()).ok_or(AccessError::NotFound)
    }

    /// Changes the role of a member of the company of the actor.
    ///
    /// # Errors
    ///
    /// [`MemberError`].
    pub fn change_role(
        &self,
        actor: &Actor,
        id: MemberId,
        role: CompanyRole,
        request: &RequestIds,
    ) -> Result<Member, MemberError> {
        let mut member = self.set_role(actor, actor.company()?, id, role, request)?;
        member.role = role;
        Ok(member)
    }

    /// Changes the role of a member of any company, for a super admin. The answer to the
    /// present role is logged as a reading of the user.
    ///
    /// # Errors
    ///
    /// [`MemberError`].
    pub fn change_role_in_any_company(
        &self,
        actor: &Actor,
        id: MemberId,
        role: CompanyRole,
        request: &RequestIds,
    ) -> Result<Member, MemberError> {
        let company = self.companies.find_company_of(id)?.ok_or(AccessError::NotFound)?;
        let mut member = self.set_role(actor, company, id, role, request)?;
        if member.role == role {
            let act = AuditAct::ReadUser(member.user_id);
            self.admin.record(&audit::event((&*self.ids, &*self.clock), actor.user_id(), act, request))?;
        }
        member.role = role;
        Ok(member)
    }

    /// Returns the member as they were before.
    fn set_role(
        &self,
        actor: &Actor,
        company: CompanyId,
        id: MemberId,
        role: CompanyRole,
        request: &RequestIds,
    ) -> Result<Member, MemberError> {
        self.decide(actor, company, id, request, |team, member| {
            let act = AuditAct::ChangeMemberRole(member.user_id, member.role, role);
            Ok(team.change_role(member, role)?.map(|change| (change, act)))
        })
    }

    /// Removes a member from the company of the actor.
    ///
    /// # Errors
    ///
    /// [`MemberError`].
    pub fn remove(&self, actor: &Actor, id: MemberId, request: &RequestIds) -> Result<(), MemberError> {
        let removed = self.decide(actor, actor.company()?, id, request, |team, member| {
            let act = AuditAct::RemoveMember(member.user_id, member.role);
            Ok(Some((team.remove(member)?, act)))
        });
        removed.map(|_member| ())
    }

    /// Stores a change of a member. The change, and the actor's right to it, are decided
    /// again for each new revision of the team, so that the later of two concurrent
    /// changes gets the right error.
    fn decide(
        &self,
        actor: &Actor,
        company: CompanyId,
        id: MemberId,
        request: &RequestIds,
        decision: impl Fn(&Team, &Member) -> Result<Option<(TeamChange, AuditAct)>, LastAdmin>,
    ) -> Result<Member, MemberError> {
        for _ in 0..MAX_ATTEMPTS {
            let (team, member) = self.companies.find_member(company, id)?.ok_or(AccessError::NotFound)?;
            let Some((change, act)) = decision(&team, &member)? else { return Ok(member) };
            team.check_may_change(actor)?;
            let event = audit::event((&*self.ids, &*self.clock), actor.user_id(), act, request);
            match self.companies.change_team(&team, &change, &event) {
                Err(RepositoryError::Stale) => {}
                changed => return Ok(changed.map(|()| member)?),
            }
        }
        Err(RepositoryError::Stale.into())
    }
}
