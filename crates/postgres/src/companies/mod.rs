mod dashboard;
mod invitations;
#[expect(clippy::ref_option_ref, reason = "the derived change set has such references")]
mod rows;
mod team;

use diesel::{
    dsl::{exists, select},
    prelude::*,
};
use repower_domain::{
    admin::AuditEvent,
    companies::{Company, Member, Team, TeamChange},
    ids::{CompanyId, MemberId},
};
use repower_ports::{
    Page, PageRequest, Position, RepositoryError,
    companies::{CompanyRepository, Dashboard, PublicCompany},
};
use uuid::Uuid;

pub use self::invitations::PgInvitationRepository;
pub(crate) use self::rows::{CompanyColumns, CompanyRow, MemberRow, SummaryRow, member_name};
use self::rows::{ListedMemberRow, MemberUserRow};
pub(crate) use self::team::{increment_team_revision, revoke_invitations_by, update_listed};
use crate::{
    Database,
    audit::insert_event,
    condition::ConstCondition,
    error::Failure,
    lists::{self, KeysetPosition},
    schema::{companies, company_members, jobs, users},
    session_records::EndReason,
    stored::count,
};

/// [`CompanyRepository`] on PostgreSQL.
pub struct PgCompanyRepository {
    database: Database,
}

impl PgCompanyRepository {
    /// Creates the repository of this database's companies.
    pub const fn new(database: Database) -> Self {
        Self { database }
    }
}

/// Replaces a company and increments its revision; not found if its stored revision is
/// another one.
pub(crate) fn update_company(connection: &mut PgConnection, company: &Company) -> QueryResult<()> {
    let guarded = companies::table.find(company.id.uuid()).filter(companies::revision.eq(company.revision.number()));
    diesel::update(guarded)
        .set((CompanyColumns::new(company), companies::revision.eq(companies::revision + 1)))
        .returning(companies::revision)
        .get_result::<i32>(connection)
        .map(drop)
}

/// Loads a company with the number of its open jobs.
fn find_public(database: &Database, id: CompanyId) -> Result<Option<(CompanyRow, Option<i64>)>, Failure> {
    // Those that the public list has.
    let open = jobs::table
        .filter(jobs::company_id.eq(companies::id))
        .filter(ConstCondition("jobs.status = 'OPEN' AND companies.listed"))
        .count()
        .single_value();
    database.read(|connection| {
        let company = companies::table.find(id.uuid()).select((CompanyRow::as_select(), open));
        company.first(connection).optional()
    })
}

impl CompanyRepository for PgCompanyRepository {
    fn find(&self, id: CompanyId) -> Result<Option<Company>, RepositoryError> {
        let query = |connection: &mut PgConnection| {
            companies::table.find(id.uuid()).select(CompanyRow::as_select()).first(connection).optional()
        };
        self.database.read(query)?.map(Company::try_from).transpose()
    }

    fn find_public(&self, id: CompanyId) -> Result<Option<PublicCompany>, RepositoryError> {
        let Some((company, open_jobs)) = self.database.find_public(move |database| find_public(database, id))? else {
            return Ok(None);
        };
        let open_jobs = count("jobs", open_jobs.unwrap_or(0))?;
        Ok(Some(PublicCompany { company: company.try_into()?, open_jobs }))
    }

    fn is_verified(&self, id: CompanyId) -> Result<bool, RepositoryError> {
        let verified = companies::table.find(id.uuid()).filter(companies::verified_at.is_not_null());
        Ok(self.database.read(|connection| select(exists(verified)).get_result(connection))?)
    }

    fn update(&self, company: &Company, event: &AuditEvent) -> Result<(), RepositoryError> {
        let change = |connection: &mut PgConnection| {
            update_company(connection, company)?;
            insert_event(connection, Some(company.id), event)
        };
        lists::not_found_as_stale(self.database.write(change))
    }

    fn members(&self, id: CompanyId, page: PageRequest) -> Result<Page<Member>, RepositoryError> {
        let query = |connection: &mut PgConnection| {
            company_members::table
                .inner_join(users::table)
                .filter(company_members::company_id.eq(id.uuid()))
                .filter(
                    (company_members::created_at, company_members::id)
                        .into_sql::<KeysetPosition>()
                        .gt(lists::oldest_first(page)),
                )
                .order((company_members::created_at, company_members::id))
                .limit(lists::row_limit(page))
                .select((MemberRow::as_select(), MemberUserRow::as_select()))
                .load::<ListedMemberRow>(connection)
        };
        lists::page(self.database.read(query)?, page, |member: &Member| Position {
            at: member.created_at,
            id: member.id.uuid(),
        })
    }

    fn dashboard(&self, id: CompanyId) -> Result<Dashboard, RepositoryError> {
        self.database.read(|connection| dashboard::load(connection, id))?.try_into()
    }

    fn find_company_of(&self, member: MemberId) -> Result<Option<CompanyId>, RepositoryError> {
        let query = |connection: &mut PgConnection| {
            let members = company_members::table.find(member.uuid());
            members.select(company_members::company_id).first::<Uuid>(connection).optional()
        };
        Ok(self.database.read(query)?.map(CompanyId::from))
    }

    fn find_member(&self, company: CompanyId, member: MemberId) -> Result<Option<(Team, Member)>, RepositoryError> {
        let found = self.database.read(|connection| team::load(connection, company, member))?;
        found.map(|row| team::team(company, row)).transpose()
    }

    fn change_team(&self, team: &Team, change: &TeamChange, event: &AuditEvent) -> Result<(), RepositoryError> {
        let (TeamChange::Role(member) | TeamChange::Removal(member)) = change;
        let write = |connection: &mut PgConnection| team::change(connection, team, change, event);
        let ended = lists::not_found_as_stale(self.database.write_actor(member.user_id, write))?;
        self.database.sessions.count_ended(EndReason::Removal, ended);
        Ok(())
    }
}
