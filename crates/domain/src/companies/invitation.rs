use chrono::{DateTime, TimeDelta, Utc};

use crate::{
    accounts::CompanyRole,
    ids::{CompanyId, InvitationId},
    values::Email,
};

/// Somebody is invited to join a company. It is good once, for seven days, for
/// this address alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invitation {
    /// Its identity.
    pub id: InvitationId,
    /// The company.
    pub company_id: CompanyId,
    /// Who is invited.
    pub email: Email,
    /// What they would be in the company.
    pub role: CompanyRole,
    /// From when on it is good no longer.
    pub expires_at: DateTime<Utc>,
    /// When it was made.
    pub created_at: DateTime<Utc>,
}

impl Invitation {
    /// How long an invitation is good.
    pub const LIFETIME: TimeDelta = TimeDelta::days(7);

    /// A new invitation.
    pub fn new(id: InvitationId, company_id: CompanyId, email: Email, role: CompanyRole, now: DateTime<Utc>) -> Self {
        Self { id, company_id, email, role, expires_at: now + Self::LIFETIME, created_at: now }
    }

    /// Whether it can still be accepted.
    pub fn is_pending(&self, now: DateTime<Utc>) -> bool {
        now < self.expires_at
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[test]
    fn an_invitation_is_good_for_seven_days_and_not_a_moment_longer() {
        let made = DateTime::UNIX_EPOCH;
        let email = "new@example.com".parse().unwrap();
        let invitation =
            Invitation::new(Uuid::from_u128(1).into(), Uuid::from_u128(2).into(), email, CompanyRole::Viewer, made);
        assert!(invitation.is_pending(made + TimeDelta::days(7) - TimeDelta::microseconds(1)));
        assert!(!invitation.is_pending(made + TimeDelta::days(7)));
    }
}
