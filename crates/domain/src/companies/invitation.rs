use chrono::{DateTime, TimeDelta, Utc};
use typed_builder::TypedBuilder;

use crate::{
    accounts::CompanyRole,
    ids::{CompanyId, InvitationId},
    values::Email,
};

/// An invitation to join a company. It is valid once, for seven days, for one
/// email.
///
/// ```
/// use repower_domain::{accounts::CompanyRole, chrono::DateTime, companies::Invitation, uuid::Uuid};
///
/// let (id, company_id) = (Uuid::from_u128(1).into(), Uuid::from_u128(2).into());
/// let now = DateTime::UNIX_EPOCH;
/// let invitation = Invitation::new(id, company_id, "bo@example.com".parse()?, CompanyRole::Viewer, now);
/// assert!(invitation.is_pending(now));
/// assert!(!invitation.is_pending(now + Invitation::LIFETIME));
/// # Ok::<(), repower_domain::values::Invalid>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, TypedBuilder)]
#[non_exhaustive]
pub struct Invitation {
    /// The id.
    pub id: InvitationId,
    /// The company.
    pub company_id: CompanyId,
    /// The invited email.
    pub email: Email,
    /// The role of the future member.
    pub role: CompanyRole,
    /// The time from which it is expired.
    pub expires_at: DateTime<Utc>,
    /// The time of the invitation.
    pub created_at: DateTime<Utc>,
}

impl Invitation {
    /// The lifetime of an invitation: seven days.
    pub const LIFETIME: TimeDelta = TimeDelta::days(7);

    /// A new invitation.
    pub fn new(id: InvitationId, company_id: CompanyId, email: Email, role: CompanyRole, now: DateTime<Utc>) -> Self {
        Self { id, company_id, email, role, expires_at: now + Self::LIFETIME, created_at: now }
    }

    /// Whether it is not expired.
    pub fn is_pending(&self, now: DateTime<Utc>) -> bool {
        now < self.expires_at
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[test]
    fn an_invitation_expires_after_exactly_seven_days() {
        let created = DateTime::UNIX_EPOCH;
        let email = "new@example.com".parse().unwrap();
        let invitation =
            Invitation::new(Uuid::from_u128(1).into(), Uuid::from_u128(2).into(), email, CompanyRole::Viewer, created);
        assert!(invitation.is_pending(created + TimeDelta::days(7) - TimeDelta::microseconds(1)));
        assert!(!invitation.is_pending(created + TimeDelta::days(7)));
    }
}
