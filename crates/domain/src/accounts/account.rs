use chrono::{DateTime, Utc};
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
/// use repower_domain::{accounts::{Role, User}, chrono::DateTime, uuid::Uuid};
///
/// let user = User::builder()
///     .id(Uuid::from_u128(1).into())
///     .email(" Ana@Example.com ".parse()?)
///     .role(Role::Technician)
///     .created_at(DateTime::UNIX_EPOCH)
///     .updated_at(DateTime::UNIX_EPOCH)
///     .build();
/// assert_eq!(user.email.as_str(), "ana@example.com");
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
    /// The time of the registration.
    pub created_at: DateTime<Utc>,
    /// The time of the last change.
    pub updated_at: DateTime<Utc>,
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
