//! The statements that add a job or open one: an open job within the quota of its company,
//! whose open jobs they lock by the function `lock_open_jobs`.

use std::collections::HashMap;

use diesel::{
    pg::Pg,
    prelude::*,
    query_builder::{AstPass, Query, QueryFragment, QueryId},
    sql_types::{BigInt, Bool, Date, Integer, Nullable, Text, Timestamptz, Uuid as SqlUuid},
};
use repower_domain::{
    jobs::{Job, NewJob},
    quotas::OpenJobs,
};
use repower_ports::{RepositoryError, companies::CompanySummary};
use uuid::Uuid;

use super::rows::JobColumns;
use crate::{companies::SummaryRow, lists};

/// The limits of a verified company and of another one: the first two binds of a statement.
struct Limits(i64, i64);

impl From<OpenJobs> for Limits {
    fn from(quota: OpenJobs) -> Self {
        Self(quota.of(true).into(), quota.of(false).into())
    }
}

impl QueryFragment<Pg> for Limits {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql("WITH limits (verified, unverified) AS (VALUES (");
        out.push_bind_param::<BigInt, _>(&self.0)?;
        out.push_sql("::bigint, ");
        out.push_bind_param::<BigInt, _>(&self.1)?;
        out.push_sql(
            "::bigint)), room AS (SELECT is_verified, open_jobs < CASE WHEN is_verified THEN verified ELSE unverified END \
             AS is_left FROM limits, lock_open_jobs(",
        );
        Ok(())
    }
}

/// The columns of a new job with the values of [`push_values`].
const VALUES: &str = ", id, title, description, location, search_location, project_name, search_text, discipline, \
                      contract_type, day_rate_from, day_rate_to, currency, start_date, end_date, published_at, revision, \
                      created_at, updated_at";

fn push_values<'b>(job: &'b JobColumns<'_>, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
    macro_rules! push {
        ($($column:ident: $type:ty,)+) => {$(
            out.push_sql(", ");
            out.push_bind_param::<$type, _>(&job.$column)?;
        )+};
    }
    push! {
        id: SqlUuid,
        title: Text,
        description: Text,
        location: Text,
        search_location: Text,
        project_name: Nullable<Text>,
        search_text: Text,
        discipline: Text,
        contract_type: Text,
        day_rate_from: Nullable<Integer>,
        day_rate_to: Nullable<Integer>,
        currency: Text,
        start_date: Date,
        end_date: Nullable<Date>,
        published_at: Nullable<Timestamptz>,
        revision: Integer,
        created_at: Timestamptz,
        updated_at: Timestamptz,
    }
    Ok(())
}

/// Adds a job to a company, which it returns. A draft locks nothing.
pub(super) struct AddJob<'a> {
    limits: Limits,
    job: JobColumns<'a>,
}

/// The columns of a new job. An empty country is that of the company.
fn columns(job: &NewJob) -> JobColumns<'_> {
    JobColumns::in_country(job, job.details.country.as_ref().map_or("", |country| country.alpha2()))
}

impl<'a> AddJob<'a> {
    pub(super) fn new(job: &'a NewJob, quota: OpenJobs) -> Self {
        Self { limits: quota.into(), job: columns(job) }
    }
}

impl QueryId for &AddJob<'_> {
    type QueryId = AddJob<'static>;

    const HAS_STATIC_QUERY_ID: bool = true;
}

impl Query for &AddJob<'_> {
    type SqlType = ((SqlUuid, Text, Text), Bool, Nullable<Bool>);
}

impl RunQueryDsl<PgConnection> for &AddJob<'_> {}

impl QueryFragment<Pg> for &AddJob<'_> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        let AddJob { limits, job } = self;
        limits.walk_ast(out.reborrow())?;
        out.push_bind_param::<SqlUuid, _>(&job.company_id)?;
        out.push_sql(") WHERE ");
        out.push_bind_param::<Text, _>(&job.status)?;
        out.push_sql(
            " = 'OPEN'), company AS (SELECT id, name, country FROM companies WHERE id = $3), \
             added AS (INSERT INTO jobs (company_id, status, country",
        );
        out.push_sql(VALUES);
        out.push_sql(") SELECT $3, $4, coalesce(nullif(");
        out.push_bind_param::<Text, _>(&job.country)?;
        out.push_sql(", ''), company.country)");
        push_values(job, out.reborrow())?;
        out.push_sql(
            " FROM company LEFT JOIN room ON true WHERE coalesce(room.is_left, true) RETURNING id) \
             SELECT company.id, company.name, company.country, added.id IS NOT NULL, room.is_verified \
             FROM company LEFT JOIN added ON true LEFT JOIN room ON true",
        );
        Ok(())
    }
}

/// The company, whether the job was added, and whether the company is verified if it is to
/// be open.
#[derive(Queryable)]
pub(super) struct AddedRow {
    company: SummaryRow,
    is_added: bool,
    is_verified: Option<bool>,
}

impl AddedRow {
    pub(super) fn into_company(self, quota: OpenJobs) -> Result<CompanySummary, RepositoryError> {
        lists::require_room(self.is_added, quota.of(self.is_verified.unwrap_or(false)))?;
        self.company.try_into()
    }
}

/// Adds drafts to their companies, which it returns with the id of each draft. Locks nothing.
pub(super) struct AddDrafts<'a>(Vec<JobColumns<'a>>);

impl<'a> AddDrafts<'a> {
    pub(super) fn new(drafts: &'a [NewJob]) -> Self {
        Self(drafts.iter().map(columns).collect())
    }

    /// The company of each draft; `None` for a draft that was not added.
    pub(super) fn execute(self, connection: &mut PgConnection) -> QueryResult<Vec<Option<SummaryRow>>> {
        let ids = self.0.iter().map(|draft| draft.id).collect::<Vec<_>>();
        let mut rows = self.load::<(Uuid, SummaryRow)>(connection)?.into_iter().collect::<HashMap<_, _>>();
        Ok(ids.iter().map(|id| rows.remove(id)).collect())
    }
}

impl QueryId for AddDrafts<'_> {
    type QueryId = ();

    // The number of drafts is part of the statement.
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl Query for AddDrafts<'_> {
    type SqlType = (SqlUuid, (SqlUuid, Text, Text));
}

impl RunQueryDsl<PgConnection> for AddDrafts<'_> {}

impl QueryFragment<Pg> for AddDrafts<'_> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql("WITH new (company_id, status, country");
        out.push_sql(VALUES);
        out.push_sql(") AS (VALUES ");
        for (index, draft) in self.0.iter().enumerate() {
            out.push_sql(if index == 0 { "(" } else { "), (" });
            out.push_bind_param::<SqlUuid, _>(&draft.company_id)?;
            out.push_sql(", ");
            out.push_bind_param::<Text, _>(&draft.status)?;
            out.push_sql(", ");
            out.push_bind_param::<Text, _>(&draft.country)?;
            push_values(draft, out.reborrow())?;
        }
        out.push_sql(
            ")), with_country AS (SELECT new.*, coalesce(nullif(new.country, ''), companies.country) AS own_country \
             FROM new JOIN companies ON companies.id = new.company_id) \
             INSERT INTO jobs (company_id, status, country",
        );
        out.push_sql(VALUES);
        out.push_sql(") SELECT company_id, status, own_country");
        out.push_sql(VALUES);
        out.push_sql(
            " FROM with_country RETURNING id, company_id, \
             (SELECT name FROM companies WHERE companies.id = company_id), \
             (SELECT companies.country FROM companies WHERE companies.id = company_id)",
        );
        Ok(())
    }
}

/// Replaces the state of a job of its revision, which becomes open.
pub(super) struct OpenJob<'a> {
    limits: Limits,
    job: JobColumns<'a>,
}

impl<'a> OpenJob<'a> {
    pub(super) fn new(job: &'a Job, quota: OpenJobs) -> Self {
        Self { limits: quota.into(), job: JobColumns::new(job) }
    }
}

impl QueryId for &OpenJob<'_> {
    type QueryId = OpenJob<'static>;

    const HAS_STATIC_QUERY_ID: bool = true;
}

impl Query for &OpenJob<'_> {
    type SqlType = (Bool, Bool, Bool);
}

impl RunQueryDsl<PgConnection> for &OpenJob<'_> {}

impl QueryFragment<Pg> for &OpenJob<'_> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        let OpenJob { limits, job } = self;
        limits.walk_ast(out.reborrow())?;
        out.push_bind_param::<SqlUuid, _>(&job.company_id)?;
        out.push_sql(")), opened AS (UPDATE jobs SET revision = revision + 1, status = ");
        out.push_bind_param::<Text, _>(&job.status)?;
        out.push_sql(", published_at = ");
        out.push_bind_param::<Nullable<Timestamptz>, _>(&job.published_at)?;
        out.push_sql(", updated_at = ");
        out.push_bind_param::<Timestamptz, _>(&job.updated_at)?;
        out.push_sql(" FROM room WHERE room.is_left AND id = ");
        out.push_bind_param::<SqlUuid, _>(&job.id)?;
        out.push_sql(" AND revision = ");
        out.push_bind_param::<Integer, _>(&job.revision)?;
        out.push_sql(
            " RETURNING id) SELECT opened.id IS NOT NULL, room.is_left, room.is_verified \
             FROM room LEFT JOIN opened ON true",
        );
        Ok(())
    }
}

/// Whether the job was opened, whether there was room for it, and whether its company is
/// verified.
#[derive(Queryable)]
pub(super) struct OpenedRow {
    is_opened: bool,
    is_room_left: bool,
    is_verified: bool,
}

impl OpenedRow {
    pub(super) fn check(&self, quota: OpenJobs) -> Result<(), RepositoryError> {
        lists::require_room(self.is_room_left, quota.of(self.is_verified))?;
        lists::require_updated(self.is_opened.into())
    }
}
