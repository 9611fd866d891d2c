use core::net::IpAddr;

use chrono::{DateTime, Utc};
use typed_builder::TypedBuilder;

use super::{Account, Attachment, CompanyRole, Role, Session, User};
use crate::{
    Revision,
    companies::{Company, CompanyProfile, Member},
    ids::{CompanyId, MemberId, TechnicianId, UserId},
    technicians::{Technician, TechnicianProfile},
    values::{Email, FullName, PasswordHash},
};

/// The data of every new user.
///
/// See the example of [`Registration`].
#[derive(Debug, Clone, PartialEq, Eq, TypedBuilder)]
#[non_exhaustive]
pub struct NewUser {
    /// The id.
    pub id: UserId,
    /// The email of the login.
    pub email: Email,
    /// The hash of the password.
    pub password_hash: PasswordHash,
    /// The time of the registration.
    pub now: DateTime<Utc>,
}

impl NewUser {
    fn into_user(self, role: Role) -> (User, PasswordHash) {
        let Self { id, email, password_hash, now } = self;
        (User { id, email, role, created_at: now, updated_at: now }, password_hash)
    }
}

/// A new account with its passport, or its membership and company. All of it is
/// stored in one transaction.
///
/// ```
/// use repower_domain::{
///     accounts::{NewUser, Registration, Role},
///     chrono::DateTime,
///     uuid::Uuid,
///     values::PasswordHash,
/// };
///
/// let user = NewUser::builder()
///     .id(Uuid::from_u128(1).into())
///     .email("root@example.com".parse()?)
///     .password_hash(PasswordHash::new("a hash"))
///     .now(DateTime::UNIX_EPOCH)
///     .build();
/// let registration = Registration::super_admin(user);
/// assert_eq!(registration.account.user.role, Role::SuperAdmin);
/// assert!(!registration.creates_company);
/// # Ok::<(), repower_domain::values::Invalid>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, TypedBuilder)]
#[non_exhaustive]
pub struct Registration {
    /// The account.
    pub account: Account,
    /// The hash of the password.
    pub password_hash: PasswordHash,
    /// Whether the company is new too.
    pub creates_company: bool,
    /// The client address that is known from now on; `None` for commands of the server.
    pub known_address: Option<IpAddr>,
    /// The session that begins with it; `None` for commands of the server.
    pub session: Option<Session>,
}

impl Registration {
    /// The registration of a technician with their passport.
    pub fn technician(user: NewUser, id: TechnicianId, profile: TechnicianProfile) -> Self {
        let (user_id, now) = (user.id, user.now);
        let technician =
            Technician { id, user_id, profile, revision: Revision::FIRST, created_at: now, updated_at: now };
        Self::of(user, Role::Technician, Attachment::Technician(technician), false)
    }

    /// The registration of a company with its first ADMIN. The email gives the member's name.
    pub fn company(user: NewUser, id: CompanyId, member_id: MemberId, profile: CompanyProfile) -> Self {
        let now = user.now;
        let company =
            Company { id, profile, verified_at: None, revision: Revision::FIRST, created_at: now, updated_at: now };
        Self::in_company(user, company, member_id, CompanyRole::Admin, true)
    }

    /// The registration of a member of an existing company. The email gives the member's name.
    pub fn member(user: NewUser, company: Company, member_id: MemberId, role: CompanyRole) -> Self {
        Self::in_company(user, company, member_id, role, false)
    }

    /// The registration with this name of its member; unchanged without one.
    #[must_use]
    pub fn named(mut self, name: Option<FullName>) -> Self {
        if let (Attachment::Member { member, .. }, Some(name)) = (&mut self.account.attachment, name) {
            member.full_name = name;
        }
        self
    }

    /// The registration of a super admin.
    pub fn super_admin(user: NewUser) -> Self {
        Self::of(user, Role::SuperAdmin, Attachment::Nothing, false)
    }

    fn in_company(user: NewUser, company: Company, id: MemberId, role: CompanyRole, creates_company: bool) -> Self {
        let member = Member {
            id,
            user_id: user.id,
            company_id: company.id,
            email: user.email.clone(),
            full_name: FullName::of_email(&user.email),
            role,
            created_at: user.now,
        };
        Self::of(user, role.into(), Attachment::Member { company, member }, creates_company)
    }

    fn of(user: NewUser, role: Role, attachment: Attachment, creates_company: bool) -> Self {
        let (user, password_hash) = user.into_user(role);
        let account = Account { user, attachment };
        Self { account, password_hash, creates_company, known_address: None, session: None }
    }
}
