use std::sync::Arc;

use repower_domain::{
    accounts::{Actor, CompanyRole, Forbidden},
    companies::{Invitation, LastAdmin, Member, Team, TeamChange},
    ids::{CompanyId, InvitationId, MemberId},
    values::Email,
};
use repower_ports::{
    Clock, IdGenerator, Page, PageRequest, RepositoryError,
    accounts::{GeneratedSecret, HashingError, SecretGenerator},
    companies::{CompanyRepository, InvitationRepository, InviteError as NotInvited},
};
use thiserror::Error;

use crate::AccessError;

/// How often a decision about a team is taken again when the team changed
/// meanwhile.
const TRIES: usize = 5;

/// Why a member is not changed.
#[derive(Debug, Error)]
pub enum MemberError {
    /// They may not be touched.
    #[error(transparent)]
    Access(#[from] AccessError),
    /// They are the last ADMIN.
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

/// Why nobody is invited.
#[derive(Debug, Error)]
pub enum InviteError {
    /// The actor may not invite.
    #[error(transparent)]
    Access(#[from] AccessError),
    /// The address has an account.
    #[error("this email has an account already")]
    AlreadyMember,
    /// There is no secret to hand out.
    #[error(transparent)]
    Secret(#[from] HashingError),
}

impl From<Forbidden> for InviteError {
    fn from(error: Forbidden) -> Self {
        AccessError::from(error).into()
    }
}

impl From<NotInvited> for InviteError {
    fn from(error: NotInvited) -> Self {
        match error {
            NotInvited::AlreadyMember => Self::AlreadyMember,
            NotInvited::Repository(cause) => AccessError::from(cause).into(),
        }
    }
}

/// An invitation with its secret, which is shown this once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewInvitation {
    /// The invitation.
    pub invitation: Invitation,
    /// Its secret.
    pub secret: GeneratedSecret,
}

/// The use cases of members and invitations.
pub struct MemberService {
    /// Where companies are kept.
    pub companies: Arc<dyn CompanyRepository>,
    /// Where invitations are kept.
    pub invitations: Arc<dyn InvitationRepository>,
    /// Where the secrets of invitations come from.
    pub secrets: Arc<dyn SecretGenerator>,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
    /// Where identities come from.
    pub ids: Arc<dyn IdGenerator>,
}

impl MemberService {
    /// Invites somebody into the actor's company, in the place of an earlier
    /// invitation of theirs.
    pub fn invite(&self, actor: &Actor, email: Email, role: CompanyRole) -> Result<NewInvitation, InviteError> {
        let company = actor.company()?;
        let secret = self.secrets.generate()?;
        let invitation = Invitation::new(self.ids.generate().into(), company, email, role, self.clock.now());
        self.invitations.invite(&invitation, secret.digest, actor.user_id())?;
        Ok(NewInvitation { invitation, secret })
    }

    /// Another secret for an invitation whose making is repeated, for the first
    /// one was not kept; `None` when it is not pending any more.
    pub fn renew_secret(&self, id: InvitationId) -> Result<Option<GeneratedSecret>, InviteError> {
        let secret = self.secrets.generate()?;
        let is_there = self.invitations.replace_secret(id, secret.digest).map_err(AccessError::from)?;
        Ok(is_there.then_some(secret))
    }

    /// The pending invitations of the actor's company, oldest first.
    pub fn pending_invitations(&self, actor: &Actor, page: PageRequest) -> Result<Page<Invitation>, AccessError> {
        let company = actor.company()?;
        Ok(self.invitations.pending(company, self.clock.now(), page)?)
    }

    /// Revokes a pending invitation of the actor's company.
    pub fn revoke_invitation(&self, actor: &Actor, id: InvitationId) -> Result<(), AccessError> {
        let company = actor.company()?;
        let was_there = self.invitations.revoke(company, id, self.clock.now())?;
        was_there.then_some(()).ok_or(AccessError::NotFound)
    }

    /// Gives a member of the actor's company another role.
    pub fn change_role(&self, actor: &Actor, id: MemberId, role: CompanyRole) -> Result<Member, MemberError> {
        let company = actor.company()?;
        let member = self.decide(company, id, |team, member| team.change_role(member, role))?;
        Ok(Member { role, ..member })
    }

    /// Removes a member from the actor's company.
    pub fn remove(&self, actor: &Actor, id: MemberId) -> Result<(), MemberError> {
        let company = actor.company()?;
        self.decide(company, id, |team, member| team.remove(member).map(Some)).map(|_member| ())
    }

    /// Decides about a member, again where the team changed meanwhile: of two
    /// who demote each other the later is told why it cannot be.
    fn decide(
        &self,
        company: CompanyId,
        id: MemberId,
        decision: impl Fn(&Team, &Member) -> Result<Option<TeamChange>, LastAdmin>,
    ) -> Result<Member, MemberError> {
        for _ in 0..TRIES {
            let (team, member) = self.companies.find_member(company, id)?.ok_or(AccessError::NotFound)?;
            let Some(change) = decision(&team, &member)? else { return Ok(member) };
            match self.companies.change_team(&team, &change, self.clock.now()) {
                Err(RepositoryError::Stale) => {}
                changed => return Ok(changed.map(|()| member)?),
            }
        }
        Err(RepositoryError::Stale.into())
    }
}
