use chrono::{DateTime, NaiveDate, Utc};
use diesel::{
    dsl::{auto_type, case_when},
    pg::Pg,
    prelude::*,
    sql_types::{Integer, Text},
};
use repower_domain::{
    Revision,
    ids::{CompanyId, JobId},
    jobs::{Job, JobDetails, JobState, JobStatus, JobSummary},
    letters,
    values::{CalendarDate, DateRange, JobDescription},
};
use repower_ports::{
    RepositoryError,
    jobs::{CompanyJob, JobRecord, ListedJob},
};
use serde_json::Value;
use uuid::Uuid;

use super::requirement_rows;
use crate::{
    companies::SummaryRow,
    schema::jobs,
    searchable,
    stored::{corrupt, count, date, day_rate, optional_date, optional_text, text},
};

/// The columns of a job. An update does not set those that never change, nor the
/// revision.
#[derive(Insertable, AsChangeset)]
#[diesel(table_name = jobs, treat_none_as_null = true, treat_none_as_default_value = false)]
pub(crate) struct JobColumns<'a> {
    pub(super) id: Uuid,
    #[diesel(skip_update)]
    pub(super) company_id: Uuid,
    pub(super) title: &'a str,
    pub(super) description: &'a str,
    pub(super) location: &'a str,
    pub(super) search_location: String,
    pub(super) country: &'a str,
    pub(super) project_name: Option<&'a str>,
    pub(super) search_text: String,
    pub(super) discipline: &'a str,
    pub(super) contract_type: &'a str,
    pub(super) day_rate_from: Option<i32>,
    pub(super) day_rate_to: Option<i32>,
    pub(super) currency: &'a str,
    pub(super) start_date: NaiveDate,
    pub(super) end_date: Option<NaiveDate>,
    requirements: Value,
    required_types: Vec<Option<&'static str>>,
    pub(super) status: &'a str,
    pub(super) published_at: Option<DateTime<Utc>>,
    #[diesel(skip_update)]
    pub(super) revision: i32,
    #[diesel(skip_update)]
    pub(super) created_at: DateTime<Utc>,
    pub(super) updated_at: DateTime<Utc>,
}

impl<'a> JobColumns<'a> {
    /// Converts a job.
    pub(crate) fn new(job: &'a Job) -> Self {
        Self::in_country(job, job.details.country.alpha2())
    }

    /// Converts a job of this country.
    pub(super) fn in_country<C>(job: &'a Job<JobDescription, C>, country: &'a str) -> Self {
        let details = &job.details;
        Self {
            id: job.id.uuid(),
            company_id: job.company_id.uuid(),
            title: details.title.as_str(),
            description: details.description.as_str(),
            location: details.location.as_str(),
            search_location: letters::searchable(details.location.as_str()),
            country,
            project_name: details.project_name.as_ref().map(repower_domain::values::ProjectName::as_str),
            search_text: searchable::job(details),
            discipline: details.discipline.as_str(),
            contract_type: details.contract_type.as_str(),
            day_rate_from: details.day_rate.lower().map(repower_domain::values::Amount::get),
            day_rate_to: details.day_rate.upper().map(repower_domain::values::Amount::get),
            currency: details.day_rate.currency().code(),
            start_date: details.days.start().day(),
            end_date: details.days.end().map(CalendarDate::day),
            requirements: requirement_rows::column(&job.requirements),
            required_types: job.requirements.named_types().into_iter().map(|one| Some(one.as_str())).collect(),
            status: job.state.status().as_str(),
            published_at: job.state.published_at(),
            revision: job.revision.number(),
            created_at: job.created_at,
            updated_at: job.updated_at,
        }
    }
}

#[diesel::declare_sql_function]
extern "SQL" {
    fn left(text: Text, characters: Integer) -> Text;
    fn octet_length(text: Text) -> Integer;
}

/// The bytes of a description up to which a list reads all of it: as many as a summary has at
/// most. PostgreSQL looks at each letter to cut a text.
const UNCUT_BYTES: i32 = 4 * JobSummary::MAX as i32;

/// The beginning of a description, with all that a summary has.
#[auto_type]
fn beginning() -> _ {
    let characters: i32 = JobSummary::MAX.into();
    let bytes: i32 = UNCUT_BYTES;
    case_when(octet_length(jobs::description).le(bytes), jobs::description)
        .otherwise(left(jobs::description, characters))
}

/// The columns of a job but its description.
#[derive(Queryable, Selectable)]
#[diesel(table_name = jobs, check_for_backend(Pg))]
pub(crate) struct JobRow {
    id: Uuid,
    company_id: Uuid,
    title: String,
    location: String,
    country: String,
    project_name: Option<String>,
    discipline: String,
    contract_type: String,
    day_rate_from: Option<i32>,
    day_rate_to: Option<i32>,
    currency: String,
    start_date: NaiveDate,
    end_date: Option<NaiveDate>,
    requirements: Value,
    status: String,
    published_at: Option<DateTime<Utc>>,
    revision: i32,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

impl JobRow {
    fn details<D>(&self, description: D) -> Result<JobDetails<D>, RepositoryError> {
        let (start, end) = (date("jobs.start_date", self.start_date)?, optional_date("jobs.end_date", self.end_date)?);
        let days = DateRange::new(start, end).map_err(|why| corrupt("jobs.end_date", why))?;
        Ok(JobDetails::builder()
            .title(text("jobs.title", &self.title)?)
            .description(description)
            .location(text("jobs.location", &self.location)?)
            .country(text("jobs.country", &self.country)?)
            .project_name(optional_text("jobs.project_name", self.project_name.as_deref())?)
            .discipline(text("jobs.discipline", &self.discipline)?)
            .contract_type(text("jobs.contract_type", &self.contract_type)?)
            .day_rate(day_rate("jobs", self.day_rate_from, self.day_rate_to, &self.currency)?)
            .days(days)
            .build())
    }

    fn state(&self) -> Result<JobState, RepositoryError> {
        match (text("jobs.status", &self.status)?, self.published_at) {
            (JobStatus::Draft, None) => Ok(JobState::Draft),
            (JobStatus::Open, Some(published_at)) => Ok(JobState::Open { published_at }),
            (JobStatus::Closed, published_at) => Ok(JobState::Closed { published_at }),
            (JobStatus::Draft, Some(_)) => Err(corrupt("jobs.published_at", "a draft was published")),
            (JobStatus::Open, None) => Err(corrupt("jobs.published_at", "an open job was never published")),
        }
    }
}

impl JobRow {
    fn with<D>(self, description: D) -> Result<Job<D>, RepositoryError> {
        Ok(Job::builder()
            .id(JobId::from(self.id))
            .company_id(CompanyId::from(self.company_id))
            .details(self.details(description)?)
            .state(self.state()?)
            .requirements(requirement_rows::requirements(self.requirements)?)
            .revision(Revision::stored(self.revision))
            .created_at(self.created_at)
            .updated_at(self.updated_at)
            .build())
    }
}

/// A job with its company.
#[derive(Queryable, Selectable)]
#[diesel(table_name = jobs, check_for_backend(Pg))]
pub(crate) struct JobRecordRow {
    #[diesel(embed)]
    job: JobRow,
    description: String,
    #[diesel(embed)]
    company: SummaryRow,
}

impl JobRecordRow {
    /// Whether the public sees it.
    pub(super) const fn is_published(&self) -> bool {
        self.job.published_at.is_some()
    }
}

/// A job with its company in a list: PostgreSQL sends the beginning of its description.
#[derive(Queryable, Selectable)]
#[diesel(table_name = jobs, check_for_backend(Pg))]
pub(crate) struct ListedJobRow {
    #[diesel(embed)]
    job: JobRow,
    #[diesel(select_expression = beginning())]
    #[diesel(select_expression_type = beginning)]
    beginning: String,
    #[diesel(embed)]
    company: SummaryRow,
}

impl TryFrom<JobRecordRow> for JobRecord {
    type Error = RepositoryError;

    fn try_from(row: JobRecordRow) -> Result<Self, RepositoryError> {
        let description = text("jobs.description", &row.description)?;
        Ok(Self { job: row.job.with(description)?, company: row.company.try_into()? })
    }
}

impl TryFrom<ListedJobRow> for ListedJob {
    type Error = RepositoryError;

    fn try_from(row: ListedJobRow) -> Result<Self, RepositoryError> {
        Ok(Self { job: row.job.with(JobSummary::of(&row.beginning))?, company: row.company.try_into()? })
    }
}

/// A job with its company and its number of applications.
#[derive(Queryable)]
pub(super) struct CompanyJobRow {
    record: JobRecordRow,
    application_count: Option<i64>,
}

impl CompanyJobRow {
    /// The bytes of its longest text.
    pub(super) const fn text_bytes(&self) -> usize {
        self.record.description.len()
    }
}

impl TryFrom<CompanyJobRow> for CompanyJob {
    type Error = RepositoryError;

    fn try_from(row: CompanyJobRow) -> Result<Self, RepositoryError> {
        let JobRecord { job, company } = row.record.try_into()?;
        Ok(Self { job, company, application_count: count("applications", row.application_count.unwrap_or(0))? })
    }
}
