#[expect(clippy::ref_option_ref, reason = "the derived change set has such references")]
mod rows;
mod search;

use diesel::prelude::*;
use repower_domain::{
    ids::{CompanyId, JobId},
    jobs::{Job, JobStatus},
};
use repower_ports::{
    Page, PageRequest, Position, RepositoryError,
    jobs::{CompanyJob, JobFilter, JobRecord, JobRepository},
};

use self::rows::CompanyJobRow;
pub(crate) use self::rows::{JobColumns, JobRecordRow, JobRow};
use crate::{
    Database,
    companies::SummaryRow,
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
    fn add(&self, job: &Job) -> Result<(), RepositoryError> {
        let insert = |connection: &mut PgConnection| {
            // Waits for a concurrent renaming of the company: the foreign key includes its name.
            let company_name = companies::table
                .find(job.company_id.uuid())
                .select(companies::name)
                .for_key_share()
                .first::<String>(connection)?;
            diesel::insert_into(jobs::table).values(JobColumns::new(job, &company_name)).execute(connection)
        };
        self.database.write(insert)?;
        Ok(())
    }

    fn find(&self, id: JobId) -> Result<Option<JobRecord>, RepositoryError> {
        let query = |connection: &mut PgConnection| {
            jobs::table
                .inner_join(companies::table.on(companies::id.eq(jobs::company_id)))
                .filter(jobs::id.eq(id.uuid()))
                .select((JobRow::as_select(), SummaryRow::as_select()))
                .first::<JobRecordRow>(connection)
                .optional()
        };
        self.database.read(query)?.map(JobRecord::try_from).transpose()
    }

    fn update(&self, job: &Job) -> Result<(), RepositoryError> {
        let guarded = jobs::table.find(job.id.uuid()).filter(jobs::revision.eq(job.revision.number()));
        let change = |connection: &mut PgConnection| {
            diesel::update(guarded)
                .set((JobColumns::new(job, ""), jobs::revision.eq(jobs::revision + 1)))
                .execute(connection)
        };
        lists::require_updated(self.database.write(change)?)
    }

    fn search(&self, filter: &JobFilter, page: PageRequest) -> Result<Page<JobRecord>, RepositoryError> {
        let query = |connection: &mut PgConnection| search::search(connection, filter, page);
        let rows = if search::criteria(filter).need_custom_plan() {
            self.database.search(query)?
        } else {
            self.database.read(query)?
        };
        lists::page(rows, page, |JobRecord { job, .. }: &JobRecord| Position {
            // The search returns open jobs only, and those have been published.
            at: job.state.published_at().unwrap_or(job.created_at),
            id: job.id.uuid(),
        })
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
                    JobRow::as_select(),
                    SummaryRow::as_select(),
                    applications::table.filter(applications::job_id.eq(jobs::id)).count().single_value(),
                ))
                .into_boxed();
            if let Some(status) = status {
                query = query.filter(jobs::status.eq(status.as_str()));
            }
            query.load::<CompanyJobRow>(connection)
        };
        lists::page(self.database.read(query)?, page, |CompanyJob { job, .. }: &CompanyJob| Position {
            at: job.created_at,
            id: job.id.uuid(),
        })
    }
}
