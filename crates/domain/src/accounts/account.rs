use std::cmp::max;

use chrono::{DateTime, SubsecRound, TimeDelta, Utc};

use super::{Actor, Role};
use crate::{
    companies::{Company, Member},
    ids::UserId,
    technicians::Technician,
    values::Email,
};

/// An account that can sign in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    /// Its identity.
    pub id: UserId,
    /// The address it signs in with; unique among all users.
    pub email: Email,
    /// What the user is.
    pub role: Role,
    /// Tokens issued before this moment (whole seconds) hold no longer.
    pub tokens_valid_from: DateTime<Utc>,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it was last changed.
    pub updated_at: DateTime<Utc>,
}

impl User {
    /// The user after they changed their password: every token issued so far is
    /// void, and new ones count from a moment that no earlier one can have.
    ///
    /// Tokens tell their moment in whole seconds, so new ones may count from up
    /// to a second ahead.
    #[must_use]
    pub fn with_new_password(&self, now: DateTime<Utc>) -> Self {
        let earliest = max(now.trunc_subsecs(0), self.tokens_valid_from);
        Self { tokens_valid_from: earliest + TimeDelta::seconds(1), updated_at: now, ..self.clone() }
    }
}

/// A user with what belongs to them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// The user.
    pub user: User,
    /// What belongs to them.
    pub attachment: Attachment,
}

impl Account {
    /// The user as an actor.
    pub const fn actor(&self) -> Actor {
        let user_id = self.user.id;
        match &self.attachment {
            Attachment::Technician(technician) => Actor::Technician { user_id, technician_id: technician.id },
            Attachment::Member { member, .. } => {
                Actor::Member { user_id, company_id: member.company_id, role: member.role }
            }
            Attachment::Nothing => Actor::SuperAdmin { user_id },
        }
    }
}

/// What belongs to a user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Attachment {
    /// A technician's passport.
    Technician(Technician),
    /// A company, and the membership in it.
    Member {
        /// The company.
        company: Company,
        /// The membership.
        member: Member,
    },
    /// Nothing: a [`Role::SuperAdmin`].
    Nothing,
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn moment(milliseconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp_millis(1_790_000_000_000 + milliseconds).unwrap()
    }

    fn user() -> User {
        User {
            id: Uuid::from_u128(1).into(),
            email: "ana@example.com".parse().unwrap(),
            role: Role::Technician,
            tokens_valid_from: moment(0),
            created_at: moment(0),
            updated_at: moment(0),
        }
    }

    #[test]
    fn a_new_password_voids_tokens_of_this_very_second() {
        let changed = user().with_new_password(moment(5_700));
        assert_eq!(changed.tokens_valid_from, moment(6_000));
    }

    #[test]
    fn two_new_passwords_in_one_second_void_each_others_tokens() {
        let twice = user().with_new_password(moment(5_100)).with_new_password(moment(5_200));
        assert_eq!(twice.tokens_valid_from, moment(7_000));
    }
}
