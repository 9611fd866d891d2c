use chrono::{DateTime, SubsecRound, Utc};
use diesel::{pg::Pg, prelude::*};
use repower_domain::{
    accounts::{Account, Actor, Attachment, Registration, Role, User},
    ids::{CompanyId, TechnicianId, UserId},
    letters::searchable,
    values::PasswordHash,
};
use repower_ports::{
    RepositoryError,
    accounts::{Bearer, Credentials, TokenKind},
    admin::UserRecord,
};
use uuid::Uuid;

use crate::{
    companies::{CompanyRow, MemberRow, member_name},
    schema::users,
    stored::{corrupt, text},
    technicians::TechnicianRow,
};

#[derive(Insertable)]
#[diesel(table_name = users, treat_none_as_default_value = false)]
pub(crate) struct NewUserRow<'a> {
    id: Uuid,
    email: &'a str,
    search_email: String,
    password_hash: &'a str,
    full_name: Option<&'a str>,
    role: &'a str,
    tokens_valid_from: DateTime<Utc>,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

impl<'a> NewUserRow<'a> {
    /// The user of a registration, with the name of a member.
    pub(super) fn of(registration: &'a Registration) -> Self {
        let Account { user, attachment, .. } = &registration.account;
        let full_name = match attachment {
            Attachment::Member { member, .. } => Some(member.full_name.as_str()),
            Attachment::Technician(_) | Attachment::Nothing => None,
        };
        Self { full_name, ..Self::new(user, &registration.password_hash) }
    }

    /// A user without a name of their own: the email or the passport gives it.
    pub(crate) fn new(user: &'a User, password_hash: &'a PasswordHash) -> Self {
        Self {
            id: user.id.uuid(),
            email: user.email.as_str(),
            search_email: searchable(user.email.as_str()),
            password_hash: password_hash.as_str(),
            full_name: None,
            role: user.role.as_str(),
            // Whole seconds, as the `iat` of tokens without a session: one of the same second is valid.
            tokens_valid_from: user.created_at.trunc_subsecs(0),
            created_at: user.created_at,
            updated_at: user.updated_at,
        }
    }
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = users, check_for_backend(Pg))]
pub(crate) struct UserRow {
    id: Uuid,
    email: String,
    full_name: Option<String>,
    role: String,
    active: bool,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

impl UserRow {
    fn into_user(self) -> Result<User, RepositoryError> {
        Ok(User::builder()
            .id(UserId::from(self.id))
            .email(text("users.email", &self.email)?)
            .role(text("users.role", &self.role)?)
            .created_at(self.created_at)
            .updated_at(self.updated_at)
            .build())
    }
}

impl TryFrom<UserRow> for UserRecord {
    type Error = RepositoryError;

    fn try_from(row: UserRow) -> Result<Self, RepositoryError> {
        let active = row.active;
        Ok(Self { user: row.into_user()?, active })
    }
}

/// A user with the technician or the membership, if any.
#[derive(Queryable)]
pub(super) struct AccountRow {
    user: UserRow,
    technician: Option<TechnicianRow>,
    membership: Option<(MemberRow, CompanyRow)>,
}

impl AccountRow {
    /// Whether [`Self::into_account`] returns an account.
    pub(super) fn has_access(&self) -> bool {
        let is_super_admin = self.user.role == Role::SuperAdmin.as_str();
        self.user.active && (is_super_admin || self.technician.is_some() || self.membership.is_some())
    }

    /// Converts to the account; `None` if its user is inactive or a former member.
    pub(super) fn into_account(self) -> Result<Option<Account>, RepositoryError> {
        if !self.user.active {
            return Ok(None);
        }
        let full_name = self.user.full_name.clone();
        let user = self.user.into_user()?;
        let attachment = match (user.role.in_company(), user.role) {
            (Some(role), _) => self
                .membership
                .map(|(member, company)| {
                    let full_name = member_name(full_name.as_deref(), &user.email)?;
                    let member = member.into_member(user.email.clone(), full_name, role);
                    company.try_into().map(|company| Attachment::Member { company, member })
                })
                .transpose()?,
            (None, Role::Technician) => {
                let technician = self.technician.ok_or_else(|| without_passport(user.id.uuid()))?;
                Some(Attachment::Technician(technician.try_into()?))
            }
            (None, _) => Some(Attachment::Nothing),
        };
        Ok(attachment.map(|attachment| Account::builder().user(user).attachment(attachment).build()))
    }
}

/// The password hash and the account, for a login.
#[derive(Queryable)]
pub(super) struct CredentialsRow {
    password_hash: String,
    account: AccountRow,
}

impl TryFrom<CredentialsRow> for Credentials {
    type Error = RepositoryError;

    fn try_from(row: CredentialsRow) -> Result<Self, RepositoryError> {
        Ok(Self { password_hash: PasswordHash::new(row.password_hash), account: row.account.into_account()? })
    }
}

/// The columns of an actor.
#[derive(Queryable)]
pub(super) struct ActorRow {
    role: String,
    active: bool,
    tokens_valid_from: DateTime<Utc>,
    technician_id: Option<Uuid>,
    company_id: Option<Uuid>,
    live_session: Option<Uuid>,
}

impl ActorRow {
    /// Converts to the actor of a bearer; `None` if the token is not valid any more, or if the
    /// user is inactive or a former member.
    pub(super) fn into_actor(self, bearer: &Bearer) -> Result<Option<Actor>, RepositoryError> {
        let is_valid = match bearer.token {
            TokenKind::OfSession(_) => self.live_session.is_some(),
            TokenKind::Sessionless(generation) => generation >= self.tokens_valid_from,
        };
        if !self.active || !is_valid {
            return Ok(None);
        }
        let user_id = bearer.user_id;
        let role: Role = text("users.role", &self.role)?;
        Ok(match (role.in_company(), role) {
            (Some(role), _) => {
                self.company_id.map(|id| Actor::Member { user_id, company_id: CompanyId::from(id), role })
            }
            (None, Role::Technician) => {
                let id = self.technician_id.ok_or_else(|| without_passport(user_id.uuid()))?;
                Some(Actor::Technician { user_id, technician_id: TechnicianId::from(id) })
            }
            (None, _) => Some(Actor::SuperAdmin { user_id }),
        })
    }
}

fn without_passport(user: Uuid) -> RepositoryError {
    corrupt("technicians.user_id", format!("the technician {user} has no passport"))
}
