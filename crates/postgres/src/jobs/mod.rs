mod criteria;
mod first_rows;
mod order;
mod posting;
mod qualified;
mod requirement_rows;
#[expect(clippy::ref_option_ref, reason = "the derived change set has such references")]
mod rows;
mod sample;
mod search;
mod texts;

use diesel::prelude::*;
use repower_domain::{
    ids::{CompanyId, JobId},
    jobs::{Job, JobStatus, NewJob},
    quotas::OpenJobs,
};
use repower_ports::{
    Page, PageRequest, Position, RepositoryError,
    companies::CompanySummary,
    jobs::{CompanyJob, JobFilter, JobRecord, JobRepository, ListedJob},
    prefetch::{Lookup, Rows},
};

use self::{
    order::Keys,
    posting::{AddDrafts, AddJob, AddedRow, OpenJob, OpenedRow},
    rows::CompanyJobRow,
};
pub(crate) use self::{
    requirement_rows::is_valid as has_requirements,
    rows::{JobColumns, JobRecordRow, ListedJobRow},
};
use crate::{
    Database,
    batches::Batches,
    companies::SummaryRow,
    error::{Failure, NoConnection},
    lists::{self, KeysetPosition, Slice},
    lookups::{self, Asked},
    replica::ReadKind,
    schema::{applications, companies, jobs},
};

/// [`JobRepository`] on PostgreSQL.
pub struct PgJobRepository {
    database: Database,
    drafts: Batches<JobId, NewJob, Result<SummaryRow, NoConnection>>,
}

impl PgJobRepository {
    /// Creates the repository of this database's jobs.
    pub const fn new(database: Database) -> Self {
        Self { database, drafts: Batches::new() }
    }
}

/// Loads the open jobs that match.
fn search(database: &Database, filter: &JobFilter, page: PageRequest) -> Result<Slice<ListedJobRow>, Failure> {
    if let Some(rows) = database.read(|connection| first_rows::search(connection, filter, page))? {
        return Ok((rows, None));
    }
    let query = |connection: &mut PgConnection| search::search(connection, filter, page);
    if criteria::criteria(filter).need_custom_plan() { database.search(query) } else { database.read(query) }
}

/// Jobs of an id with their companies.
macro_rules! records {
    ($id:expr) => {
        jobs::table
            .inner_join(companies::table.on(companies::id.eq(jobs::company_id)))
            .filter(jobs::id.eq($id))
            .select(JobRecordRow::as_select())
    };
}

/// Loads a job.
fn find(database: &Database, id: JobId) -> Result<Option<JobRecordRow>, Failure> {
    if let Some(rows) = lookups::take::<JobRecordRow>(Lookup::Job(id)) {
        return Ok(rows?.pop());
    }
    database.read(|connection| records!(id.uuid()).first(connection).optional())
}

/// The job of each of several look-ups.
pub(crate) fn prefetch(connection: &mut PgConnection, asked: Asked<'_>) -> QueryResult<Vec<Option<Rows>>> {
    asked.load::<_, JobRecordRow>(connection, records!(lookups::ID), |_, _| true)
}

impl JobRepository for PgJobRepository {
    fn add(&self, job: &NewJob, quota: OpenJobs) -> Result<Option<CompanySummary>, RepositoryError> {
        if job.state.status() != JobStatus::Open {
            let write = |connection: &mut PgConnection, drafts: &[NewJob]| AddDrafts::new(drafts).execute(connection);
            let together = self.database.write_in_batch(&self.drafts, job.id, job.clone(), write)?;
            if let Some(company) = together {
                return Ok(Some(company.try_into()?));
            }
        }
        let add = AddJob::new(job, quota);
        let add = |connection: &mut PgConnection| (&add).get_result::<AddedRow>(connection).optional();
        let added = match job.state.status() {
            // A repetition would count the job that it repeats.
            JobStatus::Open => self.database.write_statement(add)?,
            JobStatus::Draft | JobStatus::Closed => match self.database.write_repeatable(add) {
                // An attempt whose connection was lost has stored it.
                Err(failure) if failure.violates_primary_key() => {
                    let company = companies::table.find(job.company_id.uuid()).select(SummaryRow::as_select());
                    return Ok(Some(self.database.read(|connection| company.first(connection))?.try_into()?));
                }
                outcome => outcome?,
            },
        };
        added.map(|row| row.into_company(quota)).transpose()
    }

    fn find(&self, id: JobId) -> Result<Option<JobRecord>, RepositoryError> {
        find(&self.database, id)?.map(JobRecord::try_from).transpose()
    }

    fn find_public(&self, id: JobId) -> Result<Option<JobRecord>, RepositoryError> {
        // A draft of a replica may have been published by another instance a moment ago.
        let published = move |database: &Database| Ok(find(database, id)?.filter(JobRecordRow::is_published));
        self.database.find_public(published)?.map(JobRecord::try_from).transpose()
    }

    fn update(&self, job: &Job) -> Result<(), RepositoryError> {
        lists::require_updated(self.database.write(|connection| update(connection, job))?)
    }

    fn open(&self, job: &Job, quota: OpenJobs) -> Result<(), RepositoryError> {
        let open = OpenJob::new(job, quota);
        self.database.write_statement(|connection| (&open).get_result::<OpenedRow>(connection))?.check(quota)
    }

    fn search(&self, filter: &JobFilter, page: PageRequest) -> Result<Page<ListedJob>, RepositoryError> {
        let all = filter.clone();
        let kind = if *filter == JobFilter::default() { ReadKind::Usual } else { ReadKind::Search };
        let slice = self.database.read_public(kind, move |database| search(database, &all, page))?;
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
