use chrono::{DateTime, Utc};

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
