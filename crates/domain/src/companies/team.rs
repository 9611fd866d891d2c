use thiserror::Error;
use typed_builder::TypedBuilder;

use super::Member;
use crate::{
    Revision,
    accounts::{Actor, CompanyRole, Forbidden},
    ids::{CompanyId, UserId},
};

/// The admins of a company, with a revision that every change of a member
/// increments. A company must have at least one ADMIN.
///
/// ```
/// use repower_domain::{Revision, accounts::Actor, companies::Team, uuid::Uuid};
///
/// let (admin, other) = (Uuid::from_u128(1).into(), Uuid::from_u128(2).into());
/// let team = Team::builder()
///     .company_id(Uuid::from_u128(3).into())
///     .admins(vec![admin])
///     .revision(Revision::FIRST)
///     .build();
/// assert!(team.check_may_change(&Actor::SuperAdmin { user_id: other }).is_ok());
/// ```
#[derive(Debug, Clone, PartialEq, Eq, TypedBuilder)]
#[non_exhaustive]
pub struct Team {
    /// The company.
    pub company_id: CompanyId,
    /// The active users who are members with the role ADMIN.
    pub admins: Vec<UserId>,
    /// The revision at the time of loading.
    pub revision: Revision,
}

/// A change of a member, decided for one revision of the team.
///
/// ```
/// use repower_domain::{
///     Revision,
///     accounts::CompanyRole,
///     chrono::DateTime,
///     companies::{LastAdmin, Member, Team, TeamChange},
///     uuid::Uuid,
/// };
///
/// let company_id = Uuid::from_u128(1).into();
/// let admin = Member::builder()
///     .id(Uuid::from_u128(2).into())
///     .user_id(Uuid::from_u128(3).into())
///     .company_id(company_id)
///     .email("hr@nordwind.example".parse()?)
///     .full_name("Hanne Rask".parse()?)
///     .role(CompanyRole::Admin)
///     .created_at(DateTime::UNIX_EPOCH)
///     .build();
/// let mut team = Team::builder()
///     .company_id(company_id)
///     .admins(vec![admin.user_id])
///     .revision(Revision::FIRST)
///     .build();
/// assert_eq!(team.remove(&admin), Err(LastAdmin));
///
/// team.admins.push(Uuid::from_u128(4).into());
/// assert_eq!(team.remove(&admin), Ok(TeamChange::Removal(admin)));
/// # Ok::<(), repower_domain::values::Invalid>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "a storage writes each of them, by a complete match")]
pub enum TeamChange {
    /// The member with the new role.
    Role(Member),
    /// The member is removed. The user can no longer log in, and the email remains
    /// taken.
    Removal(Member),
}

/// The company would have no ADMIN.
///
/// See the example of [`TeamChange`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("a company must have at least one ADMIN")]
#[expect(clippy::exhaustive_structs, reason = "it has no content")]
pub struct LastAdmin;

impl Team {
    /// Changes the role of a member; `None` if the member has the role already.
    ///
    /// # Errors
    ///
    /// [`LastAdmin`] if the member is the only ADMIN.
    pub fn change_role(&self, member: &Member, role: CompanyRole) -> Result<Option<TeamChange>, LastAdmin> {
        if member.role == role {
            return Ok(None);
        }
        self.check_not_last_admin(member)?;
        Ok(Some(TeamChange::Role(Member { role, ..member.clone() })))
    }

    /// Removes a member.
    ///
    /// # Errors
    ///
    /// [`LastAdmin`] if the member is the only ADMIN.
    pub fn remove(&self, member: &Member) -> Result<TeamChange, LastAdmin> {
        self.check_not_last_admin(member)?;
        Ok(TeamChange::Removal(member.clone()))
    }

    /// Checks that an actor may change the team at this revision: the right of a member
    /// may have ended since their request was authenticated.
    ///
    /// # Errors
    ///
    /// [`Forbidden`] if the actor is neither an ADMIN of the team nor a super admin.
    pub fn check_may_change(&self, actor: &Actor) -> Result<(), Forbidden> {
        let may = matches!(actor, Actor::SuperAdmin { .. }) || self.admins.contains(&actor.user_id());
        may.then_some(()).ok_or(Forbidden)
    }

    fn check_not_last_admin(&self, member: &Member) -> Result<(), LastAdmin> {
        let is_admin = member.role == CompanyRole::Admin;
        let others = self.admins.iter().any(|admin| *admin != member.user_id);
        if is_admin && !others { Err(LastAdmin) } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use uuid::Uuid;

    use super::*;

    fn user(number: u128) -> UserId {
        Uuid::from_u128(number + 100).into()
    }

    fn member(number: u128, role: CompanyRole) -> Member {
        Member {
            id: Uuid::from_u128(number).into(),
            user_id: user(number),
            company_id: Uuid::from_u128(7).into(),
            email: "someone@example.com".parse().unwrap(),
            full_name: "Someone".parse().unwrap(),
            role,
            created_at: DateTime::UNIX_EPOCH,
        }
    }

    fn team(admins: &[u128]) -> Team {
        let admins = admins.iter().map(|number| user(*number)).collect();
        Team { company_id: Uuid::from_u128(7).into(), admins, revision: Revision::FIRST }
    }

    #[test]
    fn the_last_admin_is_neither_demoted_nor_removed() {
        let admin = member(1, CompanyRole::Admin);
        assert_eq!(team(&[1]).change_role(&admin, CompanyRole::Viewer), Err(LastAdmin));
        assert_eq!(team(&[1]).remove(&admin), Err(LastAdmin));
    }

    #[test]
    fn one_of_two_admins_is_demoted_or_removed() {
        let admin = member(1, CompanyRole::Admin);
        assert!(team(&[1, 2]).change_role(&admin, CompanyRole::Viewer).is_ok());
        assert_eq!(team(&[1, 2]).remove(&admin), Ok(TeamChange::Removal(admin)));
    }

    #[test]
    fn a_member_who_is_no_admin_is_removed_or_promoted() {
        let viewer = member(3, CompanyRole::Viewer);
        assert!(team(&[1]).remove(&viewer).is_ok());
        let promoted = Member { role: CompanyRole::Admin, ..viewer.clone() };
        assert_eq!(team(&[1]).change_role(&viewer, CompanyRole::Admin), Ok(Some(TeamChange::Role(promoted))));
    }

    #[test]
    fn only_an_admin_of_this_revision_and_a_super_admin_may_change_the_team() {
        let member = Actor::Member { user_id: user(2), company_id: team(&[]).company_id, role: CompanyRole::Admin };
        assert_eq!(team(&[1, 2]).check_may_change(&member), Ok(()));
        assert_eq!(team(&[1]).check_may_change(&member), Err(Forbidden));
        assert_eq!(team(&[1]).check_may_change(&Actor::SuperAdmin { user_id: user(2) }), Ok(()));
    }

    #[test]
    fn changing_a_role_to_itself_returns_none() {
        assert_eq!(team(&[1]).change_role(&member(1, CompanyRole::Admin), CompanyRole::Admin), Ok(None));
    }
}
