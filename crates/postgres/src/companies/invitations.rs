use std::cell::Cell;

use chrono::{DateTime, Utc};
use diesel::{
    dsl::{exists, select},
    pg::Pg,
    prelude::*,
    upsert::excluded,
};
use repower_domain::{
    accounts::Registration,
    admin::AuditEvent,
    companies::{Company, Invitation},
    ids::{CompanyId, InvitationId, UserId},
};
use repower_ports::{
    Page, PageRequest, Position, RepositoryError,
    accounts::SecretDigest,
    companies::{AcceptError, InvitationLimits, InvitationRepository, InviteError},
};
use uuid::Uuid;

use super::{rows::CompanyRow, team};
use crate::{
    Database,
    accounts::{EMAIL_KEY, count_all, count_begun, insert_account},
    audit::insert_event,
    lists::{self, KeysetPosition},
    schema::{companies, invitations, users},
    stored::text,
};

/// [`InvitationRepository`] on PostgreSQL.
pub struct PgInvitationRepository {
    database: Database,
}

impl PgInvitationRepository {
    /// Creates the repository of this database's invitations.
    pub const fn new(database: Database) -> Self {
        Self { database }
    }
}

impl InvitationRepository for PgInvitationRepository {
    fn invite(
        &self,
        invitation: &Invitation,
        digest: SecretDigest,
        event: &AuditEvent,
        limits: &InvitationLimits,
    ) -> Result<(), InviteError> {
        let row = NewInvitationRow::new(invitation, &digest, event.actor_id);
        let throttled = Cell::new(None);
        let invite = |connection: &mut PgConnection| {
            let has_account = users::table.filter(users::email.eq(invitation.email.as_str()));
            if !team::lock_for_inviter(connection, row.company_id, row.invited_by)? {
                return Ok(Err(InviteError::NoInviter));
            }
            if select(exists(has_account)).get_result(connection)? {
                return Ok(Err(InviteError::AlreadyMember));
            }
            if count_others(connection, invitation)? >= i64::from(limits.pending) {
                return Ok(Err(RepositoryError::LimitReached { limit: limits.pending }.into()));
            }
            count_all(connection, limits.daily.as_slice(), invitation.created_at, &throttled)?;
            upsert(connection, &row)?;
            insert_event(connection, Some(invitation.company_id), event).map(Ok)
        };
        let invited = self.database.write(invite);
        match throttled.get() {
            Some(throttled) => Err(InviteError::Throttled(throttled)),
            None => invited.map_err(RepositoryError::from)?,
        }
    }

    fn find(
        &self,
        company: CompanyId,
        id: InvitationId,
        now: DateTime<Utc>,
    ) -> Result<Option<Invitation>, RepositoryError> {
        let query = |connection: &mut PgConnection| {
            invitations::table
                .find(id.uuid())
                .filter(invitations::company_id.eq(company.uuid()))
                .filter(invitations::expires_at.gt(now))
                .select(InvitationRow::as_select())
                .first(connection)
                .optional()
        };
        self.database.read(query)?.map(Invitation::try_from).transpose()
    }

    fn replace_secret(&self, id: InvitationId, digest: SecretDigest) -> Result<bool, RepositoryError> {
        let change = |connection: &mut PgConnection| {
            diesel::update(invitations::table.find(id.uuid()))
                .set(invitations::secret_digest.eq(digest.0.as_slice()))
                .execute(connection)
        };
        Ok(self.database.write_statement(change)? > 0)
    }

    fn pending(
        &self,
        company: CompanyId,
        now: DateTime<Utc>,
        page: PageRequest,
    ) -> Result<Page<Invitation>, RepositoryError> {
        let query = |connection: &mut PgConnection| {
            invitations::table
                .filter(invitations::company_id.eq(company.uuid()))
                .filter(invitations::expires_at.gt(now))
                .filter(
                    (invitations::created_at, invitations::id)
                        .into_sql::<KeysetPosition>()
                        .gt(lists::oldest_first(page)),
                )
                .order((invitations::created_at, invitations::id))
                .limit(lists::row_limit(page))
                .select(InvitationRow::as_select())
                .load(connection)
        };
        lists::page(self.database.read(query)?, page, |invitation: &Invitation| Position {
            at: invitation.created_at,
            id: invitation.id.uuid(),
        })
    }

    fn revoke(&self, invitation: &Invitation, event: &AuditEvent) -> Result<bool, RepositoryError> {
        let pending =
            invitations::table.find(invitation.id.uuid()).filter(invitations::expires_at.gt(event.created_at));
        let revoke = |connection: &mut PgConnection| {
            let was_pending = diesel::delete(pending).execute(connection)? > 0;
            if was_pending {
                insert_event(connection, Some(invitation.company_id), event)?;
            }
            Ok(was_pending)
        };
        Ok(self.database.write(revoke)?)
    }

    fn find_by_secret(
        &self,
        digest: SecretDigest,
        now: DateTime<Utc>,
    ) -> Result<Option<(Invitation, Company)>, RepositoryError> {
        let query = |connection: &mut PgConnection| {
            invitations::table
                .inner_join(companies::table)
                .filter(invitations::secret_digest.eq(digest.0.as_slice()))
                .filter(invitations::expires_at.gt(now))
                .select((InvitationRow::as_select(), CompanyRow::as_select()))
                .first::<(InvitationRow, CompanyRow)>(connection)
                .optional()
        };
        let found = self.database.read(query)?;
        found.map(|(invitation, company)| Ok((invitation.try_into()?, company.try_into()?))).transpose()
    }

    fn accept(
        &self,
        id: InvitationId,
        member: &Registration,
        digest: SecretDigest,
        event: &AuditEvent,
    ) -> Result<(), AcceptError> {
        let valid = invitations::table
            .find(id.uuid())
            .filter(invitations::secret_digest.eq(digest.0.as_slice()))
            .filter(invitations::expires_at.gt(member.account.user.created_at));
        let accept = |connection: &mut PgConnection| {
            let found =
                valid.select((invitations::company_id, invitations::invited_by)).first(connection).optional()?;
            let Some((company, inviter)) = found else { return Ok(false) };
            if !team::lock_for_inviter(connection, company, inviter)? {
                return Ok(false);
            }
            // Concurrent acceptances wait here, and all but the first then match no row.
            let is_accepted = diesel::delete(valid).execute(connection)? > 0;
            if is_accepted {
                insert_account(connection, member)?;
                insert_event(connection, Some(CompanyId::from(company)), event)?;
            }
            Ok(is_accepted)
        };
        let is_accepted = self.database.write(accept).map_err(|failure| match failure.violated_constraint() {
            Some(EMAIL_KEY) => AcceptError::EmailTaken,
            Some(_) | None => AcceptError::Repository(failure.into()),
        })?;
        if is_accepted {
            count_begun(&self.database, member);
        }
        is_accepted.then_some(()).ok_or(AcceptError::Gone)
    }
}

/// The number of pending invitations of other emails by the company, whose row the
/// transaction has locked.
fn count_others(connection: &mut PgConnection, invitation: &Invitation) -> QueryResult<i64> {
    invitations::table
        .filter(invitations::company_id.eq(invitation.company_id.uuid()))
        .filter(invitations::expires_at.gt(invitation.created_at))
        .filter(invitations::email.ne(invitation.email.as_str()))
        .count()
        .get_result(connection)
}

/// Inserts an invitation, or replaces the one of the same company for the same
/// email.
fn upsert(connection: &mut PgConnection, row: &NewInvitationRow<'_>) -> QueryResult<usize> {
    diesel::insert_into(invitations::table)
        .values(row)
        .on_conflict((invitations::company_id, invitations::email))
        .do_update()
        .set((
            invitations::id.eq(excluded(invitations::id)),
            invitations::role.eq(excluded(invitations::role)),
            invitations::secret_digest.eq(excluded(invitations::secret_digest)),
            invitations::invited_by.eq(excluded(invitations::invited_by)),
            invitations::expires_at.eq(excluded(invitations::expires_at)),
            invitations::created_at.eq(excluded(invitations::created_at)),
        ))
        .execute(connection)
}

#[derive(Insertable)]
#[diesel(table_name = invitations)]
struct NewInvitationRow<'a> {
    id: Uuid,
    company_id: Uuid,
    email: &'a str,
    role: &'a str,
    secret_digest: &'a [u8],
    invited_by: Uuid,
    expires_at: DateTime<Utc>,
    created_at: DateTime<Utc>,
}

impl<'a> NewInvitationRow<'a> {
    fn new(invitation: &'a Invitation, digest: &'a SecretDigest, invited_by: UserId) -> Self {
        Self {
            id: invitation.id.uuid(),
            company_id: invitation.company_id.uuid(),
            email: invitation.email.as_str(),
            role: invitation.role.as_str(),
            secret_digest: &digest.0,
            invited_by: invited_by.uuid(),
            expires_at: invitation.expires_at,
            created_at: invitation.created_at,
        }
    }
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = invitations, check_for_backend(Pg))]
struct InvitationRow {
    id: Uuid,
    company_id: Uuid,
    email: String,
    role: String,
    expires_at: DateTime<Utc>,
    created_at: DateTime<Utc>,
}

impl TryFrom<InvitationRow> for Invitation {
    type Error = RepositoryError;

    fn try_from(row: InvitationRow) -> Result<Self, RepositoryError> {
        Ok(Self::builder()
            .id(InvitationId::from(row.id))
            .company_id(CompanyId::from(row.company_id))
            .email(text("invitations.email", &row.email)?)
            .role(text("invitations.role", &row.role)?)
            .expires_at(row.expires_at)
            .created_at(row.created_at)
            .build())
    }
}
