use chrono::{DateTime, SubsecRound, Utc};

use super::{Account, Attachment, CompanyRole, Role, User};
use crate::{
    Revision,
    companies::{Company, CompanyProfile, Member},
    ids::{CompanyId, MemberId, TechnicianId, UserId},
    technicians::{Technician, TechnicianProfile},
    values::{Email, PasswordHash},
};

/// What every new account is made from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewUser {
    /// Its identity.
    pub id: UserId,
    /// The address it will sign in with.
    pub email: Email,
    /// The hash of its password.
    pub password_hash: PasswordHash,
    /// The moment of registration.
    pub now: DateTime<Utc>,
}

impl NewUser {
    fn into_user(self, role: Role) -> (User, PasswordHash) {
        let Self { id, email, password_hash, now } = self;
        // Tokens tell their moment in whole seconds, so the first one would else be too early.
        let tokens_valid_from = now.trunc_subsecs(0);
        (User { id, email, role, tokens_valid_from, created_at: now, updated_at: now }, password_hash)
    }
}

/// A new account with all that comes into being with it: stored as a whole or
/// not at all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Registration {
    /// The account.
    pub account: Account,
    /// The hash of its password.
    pub password_hash: PasswordHash,
    /// Whether the account's company comes into being with it.
    pub founds_company: bool,
}

impl Registration {
    /// A technician with their passport.
    pub fn technician(user: NewUser, id: TechnicianId, profile: TechnicianProfile) -> Self {
        let (user_id, now) = (user.id, user.now);
        let technician =
            Technician { id, user_id, profile, revision: Revision::FIRST, created_at: now, updated_at: now };
        Self::of(user, Role::Technician, Attachment::Technician(technician), false)
    }

    /// A company with its first administrator.
    pub fn company(user: NewUser, id: CompanyId, member_id: MemberId, profile: CompanyProfile) -> Self {
        let now = user.now;
        let company = Company { id, profile, revision: Revision::FIRST, created_at: now, updated_at: now };
        Self::in_company(user, company, member_id, CompanyRole::Admin, true)
    }

    /// One more member of a company that is there.
    pub fn member(user: NewUser, company: Company, member_id: MemberId, role: CompanyRole) -> Self {
        Self::in_company(user, company, member_id, role, false)
    }

    /// One who runs the marketplace.
    pub fn super_admin(user: NewUser) -> Self {
        Self::of(user, Role::SuperAdmin, Attachment::Nothing, false)
    }

    fn in_company(user: NewUser, company: Company, id: MemberId, role: CompanyRole, founds: bool) -> Self {
        let member = Member {
            id,
            user_id: user.id,
            company_id: company.id,
            email: user.email.clone(),
            role,
            created_at: user.now,
        };
        Self::of(user, role.into(), Attachment::Member { company, member }, founds)
    }

    fn of(user: NewUser, role: Role, attachment: Attachment, founds_company: bool) -> Self {
        let (user, password_hash) = user.into_user(role);
        Self { account: Account { user, attachment }, password_hash, founds_company }
    }
}
