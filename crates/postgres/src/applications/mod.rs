#[expect(clippy::ref_option_ref, reason = "the derived insert has such references")]
mod rows;
mod snapshot_rows;

use diesel::{
    dsl::{array, exists, select},
    pg::sql_types::Record,
    prelude::*,
    sql_types::{Bool, Jsonb, Nullable, Text, Timestamptz, Uuid as SqlUuid},
};
use repower_domain::{
    Revision,
    admin::AuditEvent,
    applications::{Application, ApplicationEvent, ApplicationStatus},
    ids::{ApplicationId, CompanyId, JobId, TechnicianId},
    jobs::JobStatus,
};
use repower_ports::{
    Page, PageRequest, Position, RepositoryError,
    applications::{
        AddApplicationError, Applicant, ApplicationDetails, ApplicationRepository, AppliedJob, CompanyApplication,
        CompanyApplicationFilter,
    },
};
use uuid::Uuid;

use self::rows::{ApplicantRow, ApplicationRow, AppliedJobRow, CompanyApplicationRow, DetailsRow, details};
pub(crate) use self::{
    rows::{NewApplicationRow, NewEventRow},
    snapshot_rows::is_valid as has_snapshot,
};
use crate::{
    Database, audit,
    jobs::{JobRecordRow, ListedJobRow},
    lists::{self, KeysetPosition},
    schema::{application_events, applications, companies, jobs, technicians},
    technicians::{RatedTechnicianRow, lock_active, share_active},
};

/// [`ApplicationRepository`] on PostgreSQL.
pub struct PgApplicationRepository {
    database: Database,
}

impl PgApplicationRepository {
    /// Creates the repository of this database's applications.
    pub const fn new(database: Database) -> Self {
        Self { database }
    }
}

impl ApplicationRepository for PgApplicationRepository {
    fn add(&self, application: &Application, event: &ApplicationEvent) -> Result<(), AddApplicationError> {
        let row = NewApplicationRow::new(application);
        let position = application.revision.number();
        // Without an active member nobody would see it.
        let listed = companies::table.find(jobs::company_id).filter(companies::listed);
        let insert = |connection: &mut PgConnection| {
            // Concurrent applications share this lock; the closing of the job waits for them.
            jobs::table
                .find(application.job_id.uuid())
                .filter(jobs::status.eq(JobStatus::Open.as_str()))
                .filter(exists(listed))
                .select(jobs::id)
                .for_share()
                .first::<Uuid>(connection)?;
            diesel::insert_into(applications::table).values(&row).execute(connection)?;
            insert_step(connection, application.id, position, event)
        };
        self.database.write(insert).map_err(|failure| match failure.violated_constraint() {
            Some("applications_once_per_job") => AddApplicationError::AlreadyApplied,
            None if failure.is_not_found() => AddApplicationError::JobNotOpen,
            Some(_) | None => AddApplicationError::Repository(failure.into()),
        })
    }

    fn find(&self, id: ApplicationId) -> Result<Option<Application>, RepositoryError> {
        let query = |connection: &mut PgConnection| {
            applications::table.find(id.uuid()).select(ApplicationRow::as_select()).first(connection).optional()
        };
        self.database.read(query)?.map(Application::try_from).transpose()
    }

    fn find_of(&self, job: JobId, technician: TechnicianId) -> Result<Option<Application>, RepositoryError> {
        let query = |connection: &mut PgConnection| {
            applications::table
                .filter(applications::job_id.eq(job.uuid()))
                .filter(applications::technician_id.eq(technician.uuid()))
                .select(ApplicationRow::as_select())
                .first(connection)
                .optional()
        };
        self.database.read(query)?.map(Application::try_from).transpose()
    }

    fn find_details(&self, id: ApplicationId) -> Result<Option<ApplicationDetails>, RepositoryError> {
        let row = self.database.read(|connection| load_details(connection, id))?;
        row.map(details).transpose()
    }

    fn update(
        &self,
        application: &Application,
        step: &ApplicationEvent,
        events: &[AuditEvent],
        job: Option<Revision>,
    ) -> Result<(), RepositoryError> {
        let guarded = applications::table
            .find(application.id.uuid())
            .filter(applications::revision.eq(application.revision.number()));
        let change = |connection: &mut PgConnection| {
            if let Some(revision) = job {
                // An edit of the job waits until the commit. Jobs are locked before technicians.
                jobs::table
                    .find(application.job_id.uuid())
                    .filter(jobs::revision.eq(revision.number()))
                    .select(jobs::id)
                    .for_share()
                    .first::<Uuid>(connection)?;
            }
            if !is_open_to_step(connection, application)? {
                return Ok(false);
            }
            let revision = diesel::update(guarded)
                .set((
                    applications::status.eq(application.status.as_str()),
                    applications::confirmed_at.eq(application.confirmed_at),
                    applications::message_to_technician.eq(application
                        .message_to_technician
                        .as_ref()
                        .map(repower_domain::values::ApplicationMessage::as_str)),
                    applications::updated_at.eq(application.updated_at),
                    applications::revision.eq(applications::revision + 1),
                ))
                .returning(applications::revision)
                .get_result::<i32>(connection)?;
            insert_step(connection, application.id, revision, step)?;
            for event in events {
                audit::insert_event(connection, Some(application.company_id), event)?;
            }
            Ok(true)
        };
        lists::require_active(lists::not_found_as_stale(self.database.write(change))?)
    }

    fn confirm(&self, application: &Application) -> Result<(), RepositoryError> {
        // ACCEPTED is final, so that the revision, which counts the steps of the history, needs no check.
        let unconfirmed = applications::table.find(application.id.uuid()).filter(applications::confirmed_at.is_null());
        let confirm = |connection: &mut PgConnection| {
            diesel::update(unconfirmed).set(applications::confirmed_at.eq(application.confirmed_at)).execute(connection)
        };
        self.database.write_statement(confirm)?;
        Ok(())
    }

    fn list_of_job(
        &self,
        job: JobId,
        status: Option<ApplicationStatus>,
        page: PageRequest,
    ) -> Result<Page<Applicant>, RepositoryError> {
        let rows = self.database.read(|connection| load_applicants(connection, job, status, page))?;
        lists::page(rows, page, |Applicant { application, .. }: &Applicant| position(application))
    }

    fn list_of_company(
        &self,
        company: CompanyId,
        filter: CompanyApplicationFilter,
        page: PageRequest,
    ) -> Result<Page<CompanyApplication>, RepositoryError> {
        let rows = self.database.read(|connection| load_of_company(connection, company, filter, page))?;
        lists::page(rows, page, |CompanyApplication { applicant, .. }: &CompanyApplication| {
            position(&applicant.application)
        })
    }

    fn list_of_technician(
        &self,
        technician: TechnicianId,
        status: Option<ApplicationStatus>,
        page: PageRequest,
    ) -> Result<Page<AppliedJob>, RepositoryError> {
        let query = |connection: &mut PgConnection| {
            let mut query = applications::table
                .inner_join(jobs::table.on(jobs::id.eq(applications::job_id)))
                .inner_join(companies::table.on(companies::id.eq(jobs::company_id)))
                .filter(applications::technician_id.eq(technician.uuid()))
                .filter(
                    (applications::created_at, applications::id)
                        .into_sql::<KeysetPosition>()
                        .lt(lists::newest_first(page)),
                )
                .order((applications::created_at.desc(), applications::id.desc()))
                .limit(lists::row_limit(page))
                .select((ApplicationRow::as_select(), ListedJobRow::as_select()))
                .into_boxed();
            if let Some(status) = status {
                query = query.filter(applications::status.eq(status.as_str()));
            }
            query.load::<AppliedJobRow>(connection)
        };
        lists::page(self.database.read(query)?, page, |AppliedJob { application, .. }: &AppliedJob| {
            position(application)
        })
    }
}

/// Whether the technician is active where a step turns to them. Acceptances of one technician wait
/// for each other.
fn is_open_to_step(connection: &mut PgConnection, application: &Application) -> QueryResult<bool> {
    let technician = application.technician_id;
    let is_active = match application.status {
        ApplicationStatus::Accepted => lock_active(connection, technician)?,
        _ if turns_to_technician(connection, application)? => share_active(connection, technician)?,
        _ => None,
    };
    Ok(is_active != Some(false))
}

/// Whether a step turns to the technician, who must be active: by its status, or by a new
/// message.
fn turns_to_technician(connection: &mut PgConnection, application: &Application) -> QueryResult<bool> {
    use ApplicationStatus::{Offered, Shortlisted};
    if matches!(application.status, Shortlisted | Offered) {
        return Ok(true);
    }
    let Some(message) = &application.message_to_technician else { return Ok(false) };
    let has_another = applications::message_to_technician.is_distinct_from(message.as_str());
    select(exists(applications::table.find(application.id.uuid()).filter(has_another))).get_result(connection)
}

/// The SQL type of an event: from, to, side, actor, time, compliance and whether the company
/// accepts that requirements are not met.
type EventRecord = Record<(Nullable<Text>, Text, Text, SqlUuid, Timestamptz, Nullable<Jsonb>, Bool)>;

fn insert_step(
    connection: &mut PgConnection,
    application: ApplicationId,
    position: i32,
    event: &ApplicationEvent,
) -> QueryResult<()> {
    diesel::insert_into(application_events::table)
        .values(NewEventRow::new(application, position, event))
        .execute(connection)?;
    Ok(())
}

/// Loads an application with its details in one row, so that status and history are
/// of one snapshot.
fn load_details(connection: &mut PgConnection, id: ApplicationId) -> QueryResult<Option<DetailsRow>> {
    let events = application_events::table
        .filter(application_events::application_id.eq(applications::id))
        .order(application_events::position)
        .select(
            (
                application_events::from_status,
                application_events::to_status,
                application_events::side,
                application_events::actor_user_id,
                application_events::at,
                application_events::compliance,
                application_events::accepts_non_compliance,
            )
                .into_sql::<EventRecord>(),
        );
    applications::table
        .inner_join(technicians::table)
        .inner_join(jobs::table.on(jobs::id.eq(applications::job_id)))
        .inner_join(companies::table.on(companies::id.eq(jobs::company_id)))
        .filter(applications::id.eq(id.uuid()))
        .select((
            ApplicationRow::as_select(),
            JobRecordRow::as_select(),
            RatedTechnicianRow::as_select(),
            array::<EventRecord, _>(events),
        ))
        .first(connection)
        .optional()
}

fn load_applicants(
    connection: &mut PgConnection,
    job: JobId,
    status: Option<ApplicationStatus>,
    page: PageRequest,
) -> QueryResult<Vec<ApplicantRow>> {
    let mut query = applications::table
        .inner_join(technicians::table)
        .filter(applications::job_id.eq(job.uuid()))
        .filter((applications::created_at, applications::id).into_sql::<KeysetPosition>().lt(lists::newest_first(page)))
        .order((applications::created_at.desc(), applications::id.desc()))
        .limit(lists::row_limit(page))
        .select((ApplicationRow::as_select(), RatedTechnicianRow::as_select()))
        .into_boxed();
    if let Some(status) = status {
        query = query.filter(applications::status.eq(status.as_str()));
    }
    query.load(connection)
}

fn load_of_company(
    connection: &mut PgConnection,
    company: CompanyId,
    filter: CompanyApplicationFilter,
    page: PageRequest,
) -> QueryResult<Vec<CompanyApplicationRow>> {
    let mut query = applications::table
        .inner_join(technicians::table)
        .inner_join(jobs::table.on(jobs::id.eq(applications::job_id)))
        .filter(applications::company_id.eq(company.uuid()))
        .filter((applications::created_at, applications::id).into_sql::<KeysetPosition>().lt(lists::newest_first(page)))
        .order((applications::created_at.desc(), applications::id.desc()))
        .limit(lists::row_limit(page))
        .select((ApplicationRow::as_select(), RatedTechnicianRow::as_select(), jobs::title))
        .into_boxed();
    if let Some(status) = filter.status {
        query = query.filter(applications::status.eq(status.as_str()));
    }
    if let Some(job) = filter.job_id {
        query = query.filter(applications::job_id.eq(job.uuid()));
    }
    query.load(connection)
}

fn position(application: &Application) -> Position {
    Position { at: application.created_at, id: application.id.uuid() }
}
