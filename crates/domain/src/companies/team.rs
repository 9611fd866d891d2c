use thiserror::Error;

use super::Member;
use crate::{
    Revision,
    accounts::CompanyRole,
    ids::{CompanyId, MemberId},
};

/// The members of a company as one, with a revision of their own: the rule that
/// somebody must be ADMIN goes over all of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Team {
    /// The company.
    pub company_id: CompanyId,
    /// Its members who are ADMIN and whose users are active.
    pub admins: Vec<MemberId>,
    /// The revision it was loaded at; every change of a member moves it on.
    pub revision: Revision,
}

/// What is to become of a member, decided for one state of the team.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TeamChange {
    /// The member, in another role.
    Role(Member),
    /// The member leaves. Their user can no longer sign in, and the address
    /// stays taken.
    Removal(Member),
}

/// A company keeps one ADMIN.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("a company keeps at least one ADMIN")]
pub struct LastAdmin;

impl Team {
    /// Gives a member another role; `None` when they have it already.
    pub fn change_role(&self, member: &Member, role: CompanyRole) -> Result<Option<TeamChange>, LastAdmin> {
        if member.role == role {
            return Ok(None);
        }
        self.can_do_without(member)?;
        Ok(Some(TeamChange::Role(Member { role, ..member.clone() })))
    }

    /// Removes a member.
    pub fn remove(&self, member: &Member) -> Result<TeamChange, LastAdmin> {
        self.can_do_without(member)?;
        Ok(TeamChange::Removal(member.clone()))
    }

    fn can_do_without(&self, member: &Member) -> Result<(), LastAdmin> {
        let is_admin = member.role == CompanyRole::Admin;
        let others = self.admins.iter().any(|admin| *admin != member.id);
        if is_admin && !others { Err(LastAdmin) } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use uuid::Uuid;

    use super::*;

    fn member(number: u128, role: CompanyRole) -> Member {
        Member {
            id: Uuid::from_u128(number).into(),
            user_id: Uuid::from_u128(number + 100).into(),
            company_id: Uuid::from_u128(7).into(),
            email: "someone@example.com".parse().unwrap(),
            role,
            created_at: DateTime::UNIX_EPOCH,
        }
    }

    fn team(admins: &[u128]) -> Team {
        let admins = admins.iter().map(|number| Uuid::from_u128(*number).into()).collect();
        Team { company_id: Uuid::from_u128(7).into(), admins, revision: Revision::FIRST }
    }

    #[test]
    fn the_last_admin_is_neither_demoted_nor_removed() {
        let admin = member(1, CompanyRole::Admin);
        assert_eq!(team(&[1]).change_role(&admin, CompanyRole::Viewer), Err(LastAdmin));
        assert_eq!(team(&[1]).remove(&admin), Err(LastAdmin));
    }

    #[test]
    fn one_of_two_admins_may_go() {
        let admin = member(1, CompanyRole::Admin);
        assert!(team(&[1, 2]).change_role(&admin, CompanyRole::Viewer).is_ok());
        assert_eq!(team(&[1, 2]).remove(&admin), Ok(TeamChange::Removal(admin)));
    }

    #[test]
    fn who_is_no_admin_may_always_go_or_rise() {
        let viewer = member(3, CompanyRole::Viewer);
        assert!(team(&[1]).remove(&viewer).is_ok());
        let risen = Member { role: CompanyRole::Admin, ..viewer.clone() };
        assert_eq!(team(&[1]).change_role(&viewer, CompanyRole::Admin), Ok(Some(TeamChange::Role(risen))));
    }

    #[test]
    fn the_role_that_is_there_changes_nothing() {
        assert_eq!(team(&[1]).change_role(&member(1, CompanyRole::Admin), CompanyRole::Admin), Ok(None));
    }
}
