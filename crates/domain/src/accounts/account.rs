use std::cmp::max;

use chrono::{DateTime, SubsecRound, TimeDelta, Utc};

use super::{Actor, Role};
use crate::{
    companies::{Company, Member},
    ids::UserId,
    technicians::Technician,
    values::Email,
};

/// A user, who can log in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    /// The id.
    pub id: UserId,
    /// The email of the login; unique among all users.
    pub email: Email,
    /// The role.
    pub role: Role,
    /// Tokens issued before this time, in whole seconds, are invalid.
    pub tokens_valid_from: DateTime<Utc>,
    /// The time of the registration.
    pub created_at: DateTime<Utc>,
    /// The time of the last change.
    pub updated_at: DateTime<Utc>,
}

impl User {
    /// The user without sessions, after a change of the password or a deactivation:
    /// every token issued before is invalid.
    ///
    /// Tokens contain their time in whole seconds. Tokens are therefore valid from
    /// the next second, which no earlier token can contain.
    #[must_use]
    pub fn without_sessions(&self, now: DateTime<Utc>) -> Self {
        let earliest = max(now.trunc_subsecs(0), self.tokens_valid_from);
        Self { tokens_valid_from: earliest + TimeDelta::seconds(1), updated_at: now, ..self.clone() }
    }
}

/// A user with their passport or their membership.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// The user.
    pub user: User,
    /// The passport or the membership.
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

/// The passport or the membership of a user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Attachment {
    /// The passport of a technician.
    Technician(Technician),
    /// A membership in a company.
    Member {
        /// The company.
        company: Company,
        /// The membership.
        member: Member,
    },
    /// Neither, for a [`Role::SuperAdmin`].
    Nothing,
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn time(milliseconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp_millis(1_790_000_000_000 + milliseconds).unwrap()
    }

    fn user() -> User {
        User {
            id: Uuid::from_u128(1).into(),
            email: "ana@example.com".parse().unwrap(),
            role: Role::Technician,
            tokens_valid_from: time(0),
            created_at: time(0),
            updated_at: time(0),
        }
    }

    #[test]
    fn ending_the_sessions_invalidates_tokens_of_the_same_second() {
        let changed = user().without_sessions(time(5_700));
        assert_eq!(changed.tokens_valid_from, time(6_000));
    }

    #[test]
    fn ending_the_sessions_twice_in_one_second_invalidates_the_tokens_between() {
        let twice = user().without_sessions(time(5_100)).without_sessions(time(5_200));
        assert_eq!(twice.tokens_valid_from, time(7_000));
    }
}
