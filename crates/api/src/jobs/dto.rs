//! What is sent and answered.

use repower_application::jobs::NewJob;
use repower_domain::{
    ids::CompanyId,
    jobs::{ContractType, InitialStatus, Job, JobChanges, JobStatus},
    technicians::Discipline,
    values::{
        Amount, CalendarDate, Country, Currency, DateRange, DayRateRange, JobDescription, Location, ProjectName,
        SearchText, Title,
    },
};
use repower_ports::{
    companies::CompanySummary,
    jobs::{CompanyJob, JobFilter, JobRecord},
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;
use validator::{Validate, ValidationError};

use crate::{
    companies::dto::CompanySummaryView,
    described,
    http::{
        ApiError, CursorText, Day, FieldError, PageLimit, Timestamp,
        input::{Change, Clearable, Defaulted, Optional, Required, refuse},
    },
    openapi::{Flat, Shown},
};

described! {
    "Job",
    /// A job.
    #[derive(Debug, Serialize)]
    #[serde(rename_all = "camelCase")]
    pub struct JobView {
        id: Uuid,
        company_id: Uuid,
        company: CompanySummaryView,
        title: Shown<Title>,
        description: Shown<JobDescription>,
        location: Shown<Location>,
        country: Shown<Country>,
        project_name: Option<Shown<ProjectName>>,
        discipline: Shown<Discipline>,
        contract_type: Shown<ContractType>,
        day_rate_from: Option<Shown<Amount>>,
        day_rate_to: Option<Shown<Amount>>,
        currency: Shown<Currency>,
        start_date: Day,
        /// The last day; null is open-ended.
        end_date: Option<Day>,
        status: Shown<JobStatus>,
        /// When it was first OPEN.
        published_at: Option<Timestamp>,
        created_at: Timestamp,
        updated_at: Timestamp,
    }
}

impl JobView {
    fn new(job: Job, company: CompanySummary) -> Self {
        let details = job.details;
        Self {
            id: job.id.uuid(),
            company_id: job.company_id.uuid(),
            company: company.into(),
            title: Shown(details.title),
            description: Shown(details.description),
            location: Shown(details.location),
            country: Shown(details.country),
            project_name: details.project_name.map(Shown),
            discipline: Shown(details.discipline),
            contract_type: Shown(details.contract_type),
            day_rate_from: details.day_rate.from().map(Shown),
            day_rate_to: details.day_rate.to().map(Shown),
            currency: Shown(details.day_rate.currency()),
            start_date: details.days.start().into(),
            end_date: details.days.end().map(Day::from),
            status: Shown(job.state.status()),
            published_at: job.state.published_at().map(Timestamp::from),
            created_at: job.created_at.into(),
            updated_at: job.updated_at.into(),
        }
    }
}

impl From<JobRecord> for JobView {
    fn from(JobRecord { job, company }: JobRecord) -> Self {
        Self::new(job, company)
    }
}

described! {
    "CompanyJob",
    /// A job in the list of its company.
    #[derive(Debug, Serialize)]
    #[serde(rename_all = "camelCase")]
    pub struct CompanyJobView {
        #[serde(flatten)]
        job: Flat<JobView>,
        application_count: u64,
    }
}

impl From<CompanyJob> for CompanyJobView {
    fn from(CompanyJob { job, company, application_count }: CompanyJob) -> Self {
        Self { job: Flat(JobView::new(job, company)), application_count }
    }
}

described! {
    "PostJobBody",
    /// `POST /api/jobs`
    #[derive(Debug, Deserialize, Validate)]
    #[serde(rename_all = "camelCase")]
    #[validate(nest_all_fields, schema(function = "contradicts_itself", skip_on_field_errors = false))]
    pub struct PostJobBody {
        title: Required<Title>,
        description: Required<JobDescription>,
        location: Required<Location>,
        /// The company's unless said.
        country: Defaulted<Country>,
        /// The project it belongs to.
        project_name: Optional<ProjectName>,
        discipline: Required<Discipline>,
        contract_type: Required<ContractType>,
        /// The least that is paid.
        day_rate_from: Optional<Amount>,
        /// The most that is paid; not below `dayRateFrom`.
        day_rate_to: Optional<Amount>,
        /// EUR unless said.
        currency: Defaulted<Currency>,
        start_date: Required<CalendarDate>,
        /// The last day; not before `startDate`. Null is open-ended.
        end_date: Optional<CalendarDate>,
        /// DRAFT unless said.
        status: Defaulted<InitialStatus>,
    }
}

fn contradicts_itself(body: &PostJobBody) -> Result<(), ValidationError> {
    let rates = [&body.day_rate_from, &body.day_rate_to].map(|rate| rate.sound().copied().flatten());
    refuse_contradictions(rates, body.start_date.sound().copied(), body.end_date.sound().copied().flatten())
}

/// Names what contradicts each other among the fields that are there and right
/// in themselves.
fn refuse_contradictions(
    [from, to]: [Option<Amount>; 2],
    start: Option<CalendarDate>,
    end: Option<CalendarDate>,
) -> Result<(), ValidationError> {
    let rates = DayRateRange::new(from, to, Currency::default()).err();
    let days = start.and_then(|start| DateRange::new(start, end).err());
    let rates = rates.map(|cause| FieldError::inconsistent("dayRateTo", &cause));
    let days = days.map(|cause| FieldError::inconsistent("endDate", &cause));
    refuse(&rates.into_iter().chain(days).collect::<Vec<_>>())
}

impl TryFrom<PostJobBody> for NewJob {
    type Error = ApiError;

    fn try_from(body: PostJobBody) -> Result<Self, ApiError> {
        let currency = body.currency.get()?.unwrap_or_default();
        let day_rate = DayRateRange::new(body.day_rate_from.get()?, body.day_rate_to.get()?, currency)
            .map_err(|cause| ApiError::inconsistent("dayRateTo", &cause))?;
        let days = DateRange::new(body.start_date.get()?, body.end_date.get()?)
            .map_err(|cause| ApiError::inconsistent("endDate", &cause))?;
        Ok(Self {
            title: body.title.get()?,
            description: body.description.get()?,
            location: body.location.get()?,
            country: body.country.get()?,
            project_name: body.project_name.get()?,
            discipline: body.discipline.get()?,
            contract_type: body.contract_type.get()?,
            day_rate,
            days,
            status: body.status.get()?.unwrap_or(InitialStatus::Draft),
        })
    }
}

described! {
    "EditJobBody",
    /// `PATCH /api/jobs/{id}`
    #[derive(Debug, Deserialize, Validate)]
    #[serde(rename_all = "camelCase")]
    #[validate(nest_all_fields, schema(function = "edit_contradicts_itself", skip_on_field_errors = false))]
    pub struct EditJobBody {
        title: Change<Title>,
        description: Change<JobDescription>,
        location: Change<Location>,
        country: Change<Country>,
        /// Null clears it.
        project_name: Clearable<ProjectName>,
        discipline: Change<Discipline>,
        contract_type: Change<ContractType>,
        /// Null clears it.
        day_rate_from: Clearable<Amount>,
        /// Null clears it.
        day_rate_to: Clearable<Amount>,
        currency: Change<Currency>,
        start_date: Change<CalendarDate>,
        /// Null clears it.
        end_date: Clearable<CalendarDate>,
    }
}

/// Whether what is sent contradicts what stays shows once they are merged.
fn edit_contradicts_itself(body: &EditJobBody) -> Result<(), ValidationError> {
    let rates = [&body.day_rate_from, &body.day_rate_to].map(|rate| rate.sound().copied().flatten().flatten());
    let (start, end) = (body.start_date.sound(), body.end_date.sound());
    refuse_contradictions(rates, start.copied().flatten(), end.copied().flatten().flatten())
}

impl TryFrom<EditJobBody> for JobChanges {
    type Error = ApiError;

    fn try_from(body: EditJobBody) -> Result<Self, ApiError> {
        Ok(Self {
            title: body.title.get()?,
            description: body.description.get()?,
            location: body.location.get()?,
            country: body.country.get()?,
            project_name: body.project_name.get()?,
            discipline: body.discipline.get()?,
            contract_type: body.contract_type.get()?,
            day_rate_from: body.day_rate_from.get()?,
            day_rate_to: body.day_rate_to.get()?,
            currency: body.currency.get()?,
            start_date: body.start_date.get()?,
            end_date: body.end_date.get()?,
        })
    }
}

described! {
    "MoveJobBody",
    /// `PATCH /api/jobs/{id}/status`
    #[derive(Debug, Deserialize, Validate)]
    #[serde(rename_all = "camelCase")]
    #[validate(nest_all_fields)]
    pub struct MoveJobBody {
        /// The status it is to have.
        pub status: Required<JobStatus>,
    }
}

described! {
    "SearchJobsQuery",
    /// `GET /api/jobs`
    #[derive(Debug, Deserialize, Validate)]
    #[serde(rename_all = "camelCase")]
    #[validate(nest_all_fields)]
    pub struct SearchJobsQuery {
        discipline: Defaulted<Discipline>,
        country: Defaulted<Country>,
        /// A part of the location, in any case.
        location: Defaulted<SearchText>,
        contract_type: Defaulted<ContractType>,
        /// Jobs that start on this day or later.
        start_date_from: Defaulted<CalendarDate>,
        /// Jobs that pay this much or more, in `currency`.
        day_rate_min: Defaulted<Amount>,
        /// Jobs that pay this much or less, in `currency`.
        day_rate_max: Defaulted<Amount>,
        /// Jobs in this currency; EUR where a rate is asked for and no currency.
        currency: Defaulted<Currency>,
        /// One company's jobs.
        company_id: Defaulted<CompanyId>,
        /// Words, each of which occurs in title, description, location, project or company name, in any case.
        q: Defaulted<SearchText>,
        limit: Defaulted<PageLimit>,
        cursor: Defaulted<CursorText>,
    }
}

impl SearchJobsQuery {
    /// Which jobs are wanted, and which part of the list.
    pub fn filter(self) -> Result<(JobFilter, Option<PageLimit>, Option<CursorText>), ApiError> {
        let (day_rate_min, day_rate_max) = (self.day_rate_min.get()?, self.day_rate_max.get()?);
        let asks_for_rate = day_rate_min.is_some() || day_rate_max.is_some();
        let words = self.q.get()?.map(|text| text.as_str().split_whitespace().map(str::to_owned).collect());
        let filter = JobFilter {
            discipline: self.discipline.get()?,
            country: self.country.get()?,
            location: self.location.get()?.map(|text| text.to_string()),
            contract_type: self.contract_type.get()?,
            start_date_from: self.start_date_from.get()?,
            currency: self.currency.get()?.or_else(|| asks_for_rate.then(Currency::default)),
            day_rate_min,
            day_rate_max,
            company_id: self.company_id.get()?,
            words: words.unwrap_or_default(),
        };
        Ok((filter, self.limit.get()?, self.cursor.get()?))
    }
}

described! {
    "CompanyJobsQuery",
    /// `GET /api/companies/me/jobs`
    #[derive(Debug, Deserialize, Validate)]
    #[serde(rename_all = "camelCase")]
    #[validate(nest_all_fields)]
    pub struct CompanyJobsQuery {
        /// Only jobs in this status.
        pub status: Defaulted<JobStatus>,
        /// How many rows.
        pub limit: Defaulted<PageLimit>,
        /// Where to go on.
        pub cursor: Defaulted<CursorText>,
    }
}
