use chrono::{DateTime, Utc};
use diesel::{
    dsl::{exists, not, select},
    prelude::*,
    result::Error,
};
use repower_domain::{
    accounts::{CompanyRole, Role, User},
    admin::AuditEvent,
    companies::Company,
    ids::{CompanyId, EvaluationId, TechnicianId, UserId},
    jobs::Job,
};
use repower_ports::{
    Page, PageRequest, Position, RepositoryError,
    admin::{AdminRepository, AuditFilter, SetActiveError, UserFilter, UserRecord},
};
use uuid::Uuid;

use crate::{
    Database,
    accounts::{UserRow, end_all_sessions, forget_addresses_and_responses},
    audit::{AuditRow, insert_event},
    companies::{self, CompanyRow},
    lists::{self, KeysetPosition, Slice},
    matching::has,
    schema::{audit_events, companies as company_table, company_members, evaluations, jobs, technicians, users},
    session_records::EndReason,
    technicians::{lock_ratings, renew_ratings},
};

/// [`AdminRepository`] on PostgreSQL.
pub struct PgAdminRepository {
    database: Database,
}

impl PgAdminRepository {
    /// Creates the repository of this database's administration.
    pub const fn new(database: Database) -> Self {
        Self { database }
    }
}

impl AdminRepository for PgAdminRepository {
    fn users(&self, filter: &UserFilter, page: PageRequest) -> Result<Page<UserRecord>, RepositoryError> {
        let slice = if filter.text.is_some() {
            self.database.search(|connection| {
                lists::load_slices(connection, page, |connection, page| load_slice_of_users(connection, filter, page))
            })?
        } else {
            (self.database.read(|connection| load_users(connection, filter, page, None))?, None)
        };
        lists::slice_page(slice, page, |UserRecord { user, .. }: &UserRecord| Position {
            at: user.created_at,
            id: user.id.uuid(),
        })
    }

    fn find_user(&self, id: UserId) -> Result<Option<UserRecord>, RepositoryError> {
        let query = |connection: &mut PgConnection| {
            users::table.find(id.uuid()).select(UserRow::as_select()).first(connection).optional()
        };
        self.database.read(query)?.map(UserRecord::try_from).transpose()
    }

    fn set_active(&self, user: &User, active: bool, event: &AuditEvent) -> Result<User, SetActiveError> {
        let target = users::table.find(user.id.uuid());
        let change = |connection: &mut PgConnection| {
            if !active && user.role == Role::SuperAdmin {
                let super_admins = lock_super_admins(connection)?;
                if super_admins.iter().all(|id| *id == user.id.uuid()) {
                    return Ok(Err(SetActiveError::LastAdmin));
                }
                if !super_admins.contains(&event.actor_id.uuid()) {
                    return Err(Error::NotFound);
                }
            }
            // An inactive ADMIN does not count for the rule that a company has one.
            let company = companies::increment_team_revision(connection, user.id)?;
            // The sessions of a concurrent login or new password are there, and end too; a later one waits here.
            let locked = target.filter(users::active.eq(!active)).select(users::id).for_no_key_update();
            locked.first::<Uuid>(connection)?;
            let ended = if active { 0 } else { end_all_sessions(connection, user.id, event.created_at)? };
            diesel::update(target)
                .set((users::active.eq(active), users::updated_at.eq(event.created_at)))
                .execute(connection)?;
            diesel::update(technicians::table.filter(technicians::user_id.eq(user.id.uuid())))
                .set(technicians::active.eq(active))
                .execute(connection)?;
            companies::update_listed(connection, user.id)?;
            if !active {
                forget_addresses_and_responses(connection, user.id)?;
                companies::revoke_invitations_by(connection, user.id)?;
            }
            insert_event(connection, company, event)?;
            Ok(Ok(ended))
        };
        let ended = lists::not_found_as_stale(self.database.write_actor(user.id, change))??;
        self.database.sessions.count_ended(EndReason::Deactivation, ended);
        let mut changed = user.clone();
        changed.updated_at = event.created_at;
        Ok(changed)
    }

    fn end_sessions(&self, user: UserId, event: &AuditEvent) -> Result<Option<usize>, RepositoryError> {
        let change = |connection: &mut PgConnection| {
            let found = users::table.find(user.uuid()).select(users::id).for_no_key_update();
            if found.first::<Uuid>(connection).optional()?.is_none() {
                return Ok(None);
            }
            let membership = company_members::table.filter(company_members::user_id.eq(user.uuid()));
            let company = membership.select(company_members::company_id).first::<Uuid>(connection).optional()?;
            let ended = end_all_sessions(connection, user, event.created_at)?;
            insert_event(connection, company.map(CompanyId::from), event)?;
            Ok(Some(ended))
        };
        let ended = self.database.write_actor(user, change)?;
        self.database.sessions.count_ended(EndReason::Admin, ended.unwrap_or_default());
        Ok(ended)
    }

    fn is_without_admin(&self, user: UserId) -> Result<bool, RepositoryError> {
        let (colleagues, colleague_users) = diesel::alias!(company_members as colleagues, users as colleague_users);
        let admins = colleagues
            .inner_join(
                colleague_users.on(colleague_users.field(users::id).eq(colleagues.field(company_members::user_id))),
            )
            .filter(colleagues.field(company_members::company_id).eq(company_members::company_id))
            .filter(colleague_users.field(users::role).eq(Role::from(CompanyRole::Admin).as_str()))
            .filter(colleague_users.field(users::active).eq(true));
        let membership =
            company_members::table.filter(company_members::user_id.eq(user.uuid())).filter(not(exists(admins)));
        Ok(self.database.read(|connection| select(exists(membership)).get_result(connection))?)
    }

    fn companies(&self, page: PageRequest) -> Result<Page<Company>, RepositoryError> {
        use company_table::{created_at, id, table};
        let query = |connection: &mut PgConnection| {
            table
                .filter((created_at, id).into_sql::<KeysetPosition>().lt(lists::newest_first(page)))
                .order((created_at.desc(), id.desc()))
                .limit(lists::row_limit(page))
                .select(CompanyRow::as_select())
                .load(connection)
        };
        lists::page(self.database.read(query)?, page, |company: &Company| Position {
            at: company.created_at,
            id: company.id.uuid(),
        })
    }

    fn set_verified(&self, company: &Company, event: Option<AuditEvent>) -> Result<(), RepositoryError> {
        let change = |connection: &mut PgConnection| {
            companies::update_company(connection, company)?;
            event.as_ref().map_or(Ok(()), |event| insert_event(connection, Some(company.id), event))
        };
        lists::not_found_as_stale(self.database.write(change))
    }

    fn close_job(&self, job: &Job, event: &AuditEvent) -> Result<(), RepositoryError> {
        let guarded = jobs::table.find(job.id.uuid()).filter(jobs::revision.eq(job.revision.number()));
        let change = |connection: &mut PgConnection| {
            insert_event(connection, Some(job.company_id), event)?;
            diesel::update(guarded)
                .set((
                    jobs::status.eq(job.state.status().as_str()),
                    jobs::published_at.eq(job.state.published_at()),
                    jobs::updated_at.eq(job.updated_at),
                    jobs::revision.eq(jobs::revision + 1),
                ))
                .returning(jobs::revision)
                .get_result::<i32>(connection)
        };
        lists::not_found_as_stale(self.database.write(change)).map(|_revision| ())
    }

    fn record(&self, event: &AuditEvent) -> Result<(), RepositoryError> {
        match self.database.write_repeatable(|connection| insert_event(connection, None, event)) {
            // An attempt whose connection was lost has stored it.
            Err(failure) if failure.violates_primary_key() => Ok(()),
            outcome => Ok(outcome?),
        }
    }

    fn set_hidden(&self, evaluation: EvaluationId, hidden: bool, event: &AuditEvent) -> Result<(), RepositoryError> {
        let target = evaluations::table.find(evaluation.uuid());
        let change = |connection: &mut PgConnection| {
            let (technician, company): (Uuid, Uuid) =
                target.select((evaluations::technician_id, evaluations::company_id)).first(connection)?;
            let technician = TechnicianId::from(technician);
            insert_event(connection, Some(CompanyId::from(company)), event)?;
            lock_ratings(connection, technician)?;
            diesel::update(target.filter(evaluations::hidden.eq(!hidden)))
                .set(evaluations::hidden.eq(hidden))
                .returning(evaluations::id)
                .get_result::<Uuid>(connection)?;
            renew_ratings(connection, technician)
        };
        lists::not_found_as_stale(self.database.write(change))
    }

    fn audit(&self, filter: &AuditFilter, page: PageRequest) -> Result<Page<AuditEvent>, RepositoryError> {
        let rows = self.database.read(|connection| load_audit(connection, filter, page))?;
        lists::page(rows, page, |event: &AuditEvent| Position { at: event.created_at, id: event.id.uuid() })
    }
}

/// Locks the active super admins until the end of the transaction, and returns them.
/// Concurrent calls wait for each other: all lock in the order of the ids.
fn lock_super_admins(connection: &mut PgConnection) -> QueryResult<Vec<Uuid>> {
    users::table
        .filter(users::role.eq(Role::SuperAdmin.as_str()))
        .filter(users::active.eq(true))
        .order(users::id)
        .select(users::id)
        .for_no_key_update()
        .load(connection)
}

/// No index has a part of an email.
fn load_slice_of_users(
    connection: &mut PgConnection,
    filter: &UserFilter,
    page: PageRequest,
) -> QueryResult<Slice<UserRow>> {
    let mut query = users::table
        .filter((users::created_at, users::id).into_sql::<KeysetPosition>().lt(lists::newest_first(page)))
        .order((users::created_at.desc(), users::id.desc()))
        .offset(lists::SLICE - 1)
        .limit(1)
        .select((users::created_at, users::id))
        .into_boxed();
    if let Some(role) = filter.role {
        query = query.filter(users::role.eq(role.as_str()));
    }
    let last: Option<(DateTime<Utc>, Uuid)> = query.first(connection).optional()?;
    let last = last.map(|(at, id)| Position { at, id });
    Ok((load_users(connection, filter, page, last)?, last))
}

fn load_users(
    connection: &mut PgConnection,
    filter: &UserFilter,
    page: PageRequest,
    last: Option<Position>,
) -> QueryResult<Vec<UserRow>> {
    let mut query = users::table
        .filter((users::created_at, users::id).into_sql::<KeysetPosition>().lt(lists::newest_first(page)))
        .order((users::created_at.desc(), users::id.desc()))
        .limit(lists::row_limit(page))
        .select(UserRow::as_select())
        .into_boxed();
    if let Some(role) = filter.role {
        query = query.filter(users::role.eq(role.as_str()));
    }
    if let Some(Position { at, id }) = last {
        query = query.filter((users::created_at, users::id).into_sql::<KeysetPosition>().ge((at, id)));
    }
    if let Some(text) = &filter.text {
        query = query.filter(has!(users::search_email, text));
    }
    query.load(connection)
}

fn load_audit(connection: &mut PgConnection, filter: &AuditFilter, page: PageRequest) -> QueryResult<Vec<AuditRow>> {
    let mut query = audit_events::table
        .filter((audit_events::created_at, audit_events::id).into_sql::<KeysetPosition>().lt(lists::newest_first(page)))
        .order((audit_events::created_at.desc(), audit_events::id.desc()))
        .limit(lists::row_limit(page))
        .select(AuditRow::as_select())
        .into_boxed();
    if let Some(company) = filter.company_id {
        query = query.filter(audit_events::company_id.eq(company.uuid()));
    }
    if let Some(actor) = filter.actor_id {
        query = query.filter(audit_events::actor_id.eq(actor.uuid()));
    }
    if let Some(action) = filter.action {
        query = query.filter(audit_events::action.eq(action.as_str()));
    }
    if let Some(subject_type) = filter.subject_type {
        query = query.filter(audit_events::subject_type.eq(subject_type.as_str()));
    }
    if let Some(subject) = filter.subject_id {
        query = query.filter(audit_events::subject_id.eq(subject));
    }
    query.load(connection)
}
