use diesel::{
    dsl::{array, exists, not, select},
    prelude::*,
    result::Error,
    sql_types::Uuid as SqlUuid,
};
use repower_domain::{
    Revision,
    accounts::{CompanyRole, Permission, Role},
    admin::AuditEvent,
    companies::{Member, Team, TeamChange},
    ids::{CompanyId, MemberId, UserId},
};
use repower_ports::RepositoryError;
use uuid::Uuid;

use super::rows::{ListedMemberRow, MemberRow, MemberUserRow};
use crate::{
    accounts::end_all_sessions,
    audit::insert_event,
    schema::{companies, company_members, invitations, users},
};

/// A membership with its user, the users with the role ADMIN, and the team's
/// revision.
pub(super) type TeamRow = (MemberRow, MemberUserRow, Vec<Uuid>, i32);

pub(super) fn team(
    company_id: CompanyId,
    (membership, user, admins, revision): TeamRow,
) -> Result<(Team, Member), RepositoryError> {
    let admins = admins.into_iter().map(UserId::from).collect();
    Ok((
        Team::builder().company_id(company_id).admins(admins).revision(Revision::stored(revision)).build(),
        ListedMemberRow { membership, user }.try_into()?,
    ))
}

/// Loads a member and its team in one snapshot.
pub(super) fn load(connection: &mut PgConnection, company: CompanyId, id: MemberId) -> QueryResult<Option<TeamRow>> {
    let (members, member_users) = diesel::alias!(company_members as team_members, users as team_users);
    let admins = members
        .inner_join(member_users.on(member_users.field(users::id).eq(members.field(company_members::user_id))))
        .filter(members.field(company_members::company_id).eq(company.uuid()))
        .filter(member_users.field(users::role).eq(Role::from(CompanyRole::Admin).as_str()))
        .filter(member_users.field(users::active).eq(true))
        .select(members.field(company_members::user_id));
    company_members::table
        .inner_join(users::table)
        .inner_join(companies::table)
        .filter(company_members::id.eq(id.uuid()))
        .filter(company_members::company_id.eq(company.uuid()))
        .select((
            MemberRow::as_select(),
            MemberUserRow::as_select(),
            array::<SqlUuid, _>(admins),
            companies::team_revision,
        ))
        .first(connection)
        .optional()
}

/// Changes a team. Returns `NotFound` if the team has another revision or the
/// member no longer exists; else the number of sessions that have ended, those of a removed
/// member. Must run in a transaction.
pub(super) fn change(
    connection: &mut PgConnection,
    team: &Team,
    change: &TeamChange,
    event: &AuditEvent,
) -> QueryResult<usize> {
    let mut ended = 0;
    let guarded =
        companies::table.find(team.company_id.uuid()).filter(companies::team_revision.eq(team.revision.number()));
    let updated =
        diesel::update(guarded).set(companies::team_revision.eq(companies::team_revision + 1)).execute(connection)?;
    let member = match change {
        TeamChange::Role(member) | TeamChange::Removal(member) => member,
    };
    let changed = match change {
        _ if updated == 0 => 0,
        TeamChange::Role(member) => diesel::update(users::table.find(member.user_id.uuid()))
            .set((users::role.eq(Role::from(member.role).as_str()), users::updated_at.eq(event.created_at)))
            .execute(connection)?,
        TeamChange::Removal(member) => {
            ended = end_all_sessions(connection, member.user_id, event.created_at)?;
            diesel::delete(company_members::table.find(member.id.uuid())).execute(connection)?
        }
    };
    if changed == 0 {
        return Err(Error::NotFound);
    }
    match change {
        TeamChange::Role(member) if may_invite(member.role.into()) => {}
        TeamChange::Role(_) | TeamChange::Removal(_) => revoke_invitations_by(connection, member.user_id)?,
    }
    insert_event(connection, Some(team.company_id), event)?;
    Ok(ended)
}

const fn may_invite(role: Role) -> bool {
    role.permits(Permission::ManageMembers)
}

/// Revokes the invitations by a user whose right to invite ends in this transaction.
pub(crate) fn revoke_invitations_by(connection: &mut PgConnection, user: UserId) -> QueryResult<()> {
    diesel::delete(invitations::table.filter(invitations::invited_by.eq(user.uuid()))).execute(connection)?;
    Ok(())
}

/// Locks a company against changes of its team and other invitations until the end of
/// the transaction, and returns
/// whether a user may invite to it.
pub(super) fn lock_for_inviter(connection: &mut PgConnection, company: Uuid, inviter: Uuid) -> QueryResult<bool> {
    companies::table.find(company).select(companies::id).for_no_key_update().execute(connection)?;
    // A statement of its own: it sees a change of the team that the lock waited for.
    let roles = Role::ALL.iter().filter(|role| may_invite(**role)).map(|role| role.as_str());
    let inviters = company_members::table
        .inner_join(users::table)
        .filter(company_members::company_id.eq(company))
        .filter(company_members::user_id.eq(inviter))
        .filter(users::active.eq(true))
        .filter(users::role.eq_any(roles));
    select(exists(inviters)).get_result(connection)
}

/// Lists the jobs of a user's company, if any, while it has an active member. The caller
/// has changed whether the user is active, and holds the lock on the company.
pub(crate) fn update_listed(connection: &mut PgConnection, user: UserId) -> QueryResult<()> {
    let company_ids =
        company_members::table.filter(company_members::user_id.eq(user.uuid())).select(company_members::company_id);
    let active = company_members::table
        .inner_join(users::table)
        .filter(company_members::company_id.eq(companies::id))
        .filter(users::active.eq(true));
    let is_outdated = companies::listed.ne(exists(active));
    diesel::update(companies::table.filter(companies::id.eq_any(company_ids)).filter(is_outdated))
        .set(companies::listed.eq(not(companies::listed)))
        .execute(connection)?;
    Ok(())
}

/// Increments the revision of a user's team, if any, and returns its company. The caller
/// activates or deactivates the user.
pub(crate) fn increment_team_revision(connection: &mut PgConnection, user: UserId) -> QueryResult<Option<CompanyId>> {
    let company_ids =
        company_members::table.filter(company_members::user_id.eq(user.uuid())).select(company_members::company_id);
    let company = diesel::update(companies::table.filter(companies::id.eq_any(company_ids)))
        .set(companies::team_revision.eq(companies::team_revision + 1))
        .returning(companies::id)
        .get_result::<Uuid>(connection)
        .optional()?;
    Ok(company.map(CompanyId::from))
}
