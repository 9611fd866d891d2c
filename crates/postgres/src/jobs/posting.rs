//! The statements that add a job or open one: an open job within the quota of its company,
//! whose open jobs they lock by the function `lock_open_jobs`.

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

/// Adds a job to a company, which it returns. A draft locks nothing.
pub(super) struct AddJob<'a> {
    limits: Limits,
    /// An empty country is that of the company.
    job: JobColumns<'a>,
}

impl<'a> AddJob<'a> {
    pub(super) fn new(job: &'a NewJob, quota: OpenJobs) -> Self {
        let country = job.details.country.as_ref().map_or("", |country| country.alpha2());
        Self { limits: quota.into(), job: JobColumns::in_country(job, country) }
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
             added AS (INSERT INTO jobs (company_id, status, country, id, title, description, location, \
             search_location, project_name, search_text, discipline, contract_type, day_rate_from, day_rate_to, \
             currency, start_date, end_date, published_at, revision, created_at, updated_at) \
             SELECT $3, $4, coalesce(nullif(",
        );
        out.push_bind_param::<Text, _>(&job.country)?;
        out.push_sql(", ''), company.country)");
        macro_rules! values {
            ($($column:ident: $type:ty,)+) => {$(
                out.push_sql(", ");
                out.push_bind_param::<$type, _>(&job.$column)?;
            )+};
        }
        values! {
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
