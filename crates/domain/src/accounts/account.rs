use std::cmp::max;

use chrono::{DateTime, SubsecRound, TimeDelta, Utc};
use typed_builder::TypedBuilder;

use super::{Actor, Role};
use crate::{
    companies::{Company, Member},
    ids::UserId,
    technicians::Technician,
    values::Email,
};

/// A user, who can log in.
///
/// ```
/// use repower_domain::{accounts::{Role, User}, chrono::{DateTime, TimeDelta, Utc}, uuid::Uuid};
///
/// let registered: DateTime<Utc> = DateTime::UNIX_EPOCH;
/// let user = User::builder()
///     .id(Uuid::from_u128(1).into())
///     .email("ana@example.com".parse()?)
///     .role(Role::Technician)
///     .tokens_valid_from(registered)
///     .created_at(registered)
///     .updated_at(registered)
///     .build();
/// let later = registered + TimeDelta::days(1);
/// assert_eq!(user.without_sessions(later).tokens_valid_from, later);
/// # Ok::<(), repower_domain::values::Invalid>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, TypedBuilder)]
#[non_exhaustive]
pub struct User {
    /// The id.
    pub id: UserId,
    /// The email of the login; unique among all users.
    pub email: Email,
    /// The role.
    pub role: Role,
    /// The generation of the tokens of this user: the time at which their sessions were
    /// ended last, in microseconds. Tokens of an earlier generation are invalid.
    pub tokens_valid_from: DateTime<Utc>,
    /// The time of the registration.
    pub created_at: DateTime<Utc>,
    /// The time of the last change.
    pub updated_at: DateTime<Utc>,
}

impl User {
    /// The user without sessions, after a change of the password or a deactivation:
    /// every token of before is of an earlier generation, also where the clock of another
    /// instance is ahead.
    #[must_use]
    pub fn without_sessions(&self, now: DateTime<Utc>) -> Self {
        let tokens_valid_from = max(now, self.tokens_valid_from + TimeDelta::microseconds(1));
        Self { tokens_valid_from, updated_at: now, ..self.clone() }
    }

    /// Whether the sessions of the user were never ended since the registration.
    pub fn has_first_sessions(&self) -> bool {
        self.tokens_valid_from == first_generation(self.created_at)
    }
}

/// The generation of a new user's tokens: whole seconds. Services that sign tokens without
/// a generation write `iat` in whole seconds, and such a token of the same second is valid.
pub(super) fn first_generation(now: DateTime<Utc>) -> DateTime<Utc> {
    now.trunc_subsecs(0)
}

/// A user with their passport or their membership.
///
/// ```
/// use repower_domain::{
///     accounts::{Account, Actor, Attachment, Role, User},
///     chrono::DateTime,
///     uuid::Uuid,
/// };
///
/// let user = User::builder()
///     .id(Uuid::from_u128(1).into())
///     .email("root@example.com".parse()?)
///     .role(Role::SuperAdmin)
///     .tokens_valid_from(DateTime::UNIX_EPOCH)
///     .created_at(DateTime::UNIX_EPOCH)
///     .updated_at(DateTime::UNIX_EPOCH)
///     .build();
/// let user_id = user.id;
/// let account = Account::builder().user(user).attachment(Attachment::Nothing).build();
/// assert_eq!(account.actor(), Actor::SuperAdmin { user_id });
/// # Ok::<(), repower_domain::values::Invalid>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, TypedBuilder)]
#[non_exhaustive]
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
///
/// See the example of [`Account`].
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "a user is one of these, and a match on them is complete")]
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
    fn ending_the_sessions_begins_a_generation_at_that_moment() {
        assert_eq!(user().without_sessions(time(5_700)).tokens_valid_from, time(5_700));
    }

    #[test]
    fn each_end_of_the_sessions_begins_a_later_generation_whatever_the_clock() {
        let once = user().without_sessions(time(5_200));
        for now in [time(5_200), time(5_100), time(0)] {
            let twice = once.without_sessions(now);
            assert_eq!((twice.tokens_valid_from, twice.updated_at), (time(5_200) + TimeDelta::microseconds(1), now));
        }
    }

    #[test]
    fn the_first_sessions_are_those_before_any_end() {
        let registered = User { created_at: time(700), ..user() };
        assert!(registered.has_first_sessions());
        for now in [time(5_700), time(700), time(0)] {
            assert!(!registered.without_sessions(now).has_first_sessions());
        }
    }
}
