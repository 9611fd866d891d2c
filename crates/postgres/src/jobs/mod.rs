mod order;
#[expect(clippy::ref_option_ref, reason = "the derived change set has such references")]
mod rows;
mod search;

use diesel::prelude::*;
use repower_domain::{
    ids::{CompanyId, JobId},
    jobs::{Job, JobStatus},
    quotas::OpenJobs,
};
use repower_ports::{
    Page, PageRequest, Position, RepositoryError,
    jobs::{CompanyJob, JobFilter, JobRecord, JobRepository, ListedJob},
};

pub(crate) use self::rows::{JobColumns, JobRecordRow, ListedJobRow};
use self::{order::Keys, rows::CompanyJobRow};
use crate::{
    Database,
    lists::{self, KeysetPosition},
    schema::{applications, companies, jobs},
};

/// [`JobRepository`] on PostgreSQL.
pub struct PgJobRepository {
    database: Database,
}

impl PgJobRepository {
    /// Creates the repository of this database's jobs.
    pub const fn new(database: Database) -> Self {
        Self { database }
    }
}

impl JobRepository for PgJobRepository {
    fn add(&self, job: &Job, quota: OpenJobs) -> Result<(), RepositoryError> {
        let insert = |connection: &mut PgConnection| {
            let room = if job.state.status() == JobStatus::Open {
                lock_open_jobs(connection, job.company_id, quota)?
            } else {
                Ok(())
            };
            if room.is_ok() {
                diesel::insert_into(jobs::table).values(JobColumns::new(job)).execute(connection)?;
            }
            Ok(room)
        };
        self.database.write(insert)?
    }

    fn find(&self, id: JobId) -> Result<Option<JobRecord>, RepositoryError> {
        let query = |connection: &mut PgConnection| {
            jobs::table
                .inner_join(companies::table.on(companies::id.eq(jobs::company_id)))
                .filter(jobs::id.eq(id.uuid()))
                .select(JobRecordRow::as_select())
                .first::<JobRecordRow>(connection)
                .optional()
        };
        self.database.read(query)?.map(JobRecord::try_from).transpose()
    }

    fn update(&self, job: &Job) -> Result<(), RepositoryError> {
        lists::require_updated(self.database.write(|connection| update(connection, job))?)
    }

    fn open(&self, job: &Job, quota: OpenJobs) -> Result<(), RepositoryError> {
        let open = |connection: &mut PgConnection| match lock_open_jobs(connection, job.company_id, quota)? {
            Ok(()) => Ok(lists::require_updated(update(connection, job)?)),
            Err(full) => Ok(Err(full)),
        };
        self.database.write(open)?
    }

    fn search(&self, filter: &JobFilter, page: PageRequest) -> Result<Page<ListedJob>, RepositoryError> {
        let query = |connection: &mut PgConnection| search::search(connection, filter, page);
        let needs_plan = search::criteria(filter).need_custom_plan();
        let slice = if needs_plan { self.database.search(query)? } else { self.database.read(query)? };
        lists::slice_page(slice, page, |job: &ListedJob| Keys::of(job).position(filter.sort))
    }

    fn list_of_company(
        &self,
        company: CompanyId,
        status: Option<JobStatus>,
        page: PageRequest,
    ) -> Result<Page<CompanyJob>, RepositoryError> {
        let query = |connection: &mut PgConnection| {
            let mut query = jobs::table
                .inner_join(companies::table.on(companies::id.eq(jobs::company_id)))
                .filter(jobs::company_id.eq(company.uuid()))
                .filter((jobs::created_at, jobs::id).into_sql::<KeysetPosition>().lt(lists::newest_first(page)))
                .order((jobs::created_at.desc(), jobs::id.desc()))
                .limit(lists::row_limit(page))
                .select((
                    JobRecordRow::as_select(),
                    applications::table.filter(applications::job_id.eq(jobs::id)).count().single_value(),
                ))
                .into_boxed();
            if let Some(status) = status {
                query = query.filter(jobs::status.eq(status.as_str()));
            }
            lists::load_bounded(connection, query, page.limit, CompanyJobRow::text_bytes)
        };
        let (rows, limit) = self.database.read(query)?;
        lists::page(rows, PageRequest { limit, ..page }, |CompanyJob { job, .. }: &CompanyJob| Position {
            at: job.created_at,
            id: job.id.uuid(),
        })
    }
}

/// Replaces a job of its revision. Returns the number of updated rows.
fn update(connection: &mut PgConnection, job: &Job) -> QueryResult<usize> {
    diesel::update(jobs::table.find(job.id.uuid()).filter(jobs::revision.eq(job.revision.number())))
        .set((JobColumns::new(job), jobs::revision.eq(jobs::revision + 1)))
        .execute(connection)
}

/// Locks the open jobs of a company until the end of the transaction: a concurrent
/// opening or verification waits. Returns whether there is room for another open job.
fn lock_open_jobs(
    connection: &mut PgConnection,
    company: CompanyId,
    quota: OpenJobs,
) -> QueryResult<Result<(), RepositoryError>> {
    let is_verified = companies::table
        .find(company.uuid())
        .select(companies::verified_at.is_not_null())
        .for_no_key_update()
        .first(connection)?;
    let open = jobs::table
        .filter(jobs::company_id.eq(company.uuid()))
        .filter(jobs::status.eq(JobStatus::Open.as_str()))
        .count()
        .get_result::<i64>(connection)?;
    let limit = quota.of(is_verified);
    Ok(lists::require_room(open < i64::from(limit), limit))
}
