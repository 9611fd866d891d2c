use repower_application::jobs::NewJob;
use repower_domain::{
    Edit,
    applications::{Application, ApplicationStatus},
    certification_types::TypeCode,
    ids::{ApplicationId, CompanyId, JobId},
    jobs::{ContractType, InitialStatus, JobChanges, JobSort, JobStatus, JobSummary},
    technicians::Discipline,
    values::{
        Amount, CalendarDate, Country, Currency, DateRange, DayRateRange, JobDescription, Location, ProjectName,
        SearchText, SearchWords, Title,
    },
};
use repower_http::{
    ApiError, CursorText, PageLimit, Timestamp,
    input::{Change, Clearable, Defaulted, Optional, Required, reject_inconsistent},
    schema::{RequestSchema, ResponseSchema},
};
use repower_ports::jobs::{CompanyJob, JobFilter, JobRecord};
use serde::{Deserialize, Serialize};
use validator::{Validate, ValidationError};

use super::requirements::RequirementView;
use crate::{companies::dto::CompanySummaryView, error::Error};

/// The views of a job, which differ in their text: a list has its beginning only.
macro_rules! job_views {
    ($($(#[$doc:meta])* $view:ident($(#[$about:meta])? $text:ident: $kind:ty);)+) => {$(
        $(#[$doc])*
        #[derive(Debug, Serialize, ResponseSchema)]
        #[serde(rename_all = "camelCase")]
        pub(crate) struct $view {
            id: JobId,
            company_id: CompanyId,
            company: CompanySummaryView,
            title: Title,
            $(#[$about])?
            $text: $kind,
            location: Location,
            country: Country,
            project_name: Option<ProjectName>,
            discipline: Discipline,
            contract_type: ContractType,
            day_rate_from: Option<Amount>,
            day_rate_to: Option<Amount>,
            currency: Currency,
            start_date: CalendarDate,
            /// The last day; null is open-ended.
            end_date: Option<CalendarDate>,
            /// What it requires of a technician: each of them.
            requirements: Vec<RequirementView>,
            status: JobStatus,
            /// When it was first OPEN.
            published_at: Option<Timestamp>,
            created_at: Timestamp,
            updated_at: Timestamp,
        }

        impl From<JobRecord<$kind>> for $view {
            fn from(JobRecord { job, company }: JobRecord<$kind>) -> Self {
                let details = job.details;
                Self {
                    id: job.id,
                    company_id: job.company_id,
                    company: company.into(),
                    title: details.title,
                    $text: details.description,
                    location: details.location,
                    country: details.country,
                    project_name: details.project_name,
                    discipline: details.discipline,
                    contract_type: details.contract_type,
                    day_rate_from: details.day_rate.lower(),
                    day_rate_to: details.day_rate.upper(),
                    currency: details.day_rate.currency(),
                    start_date: details.days.start(),
                    end_date: details.days.end(),
                    requirements: job.requirements.as_slice().iter().map(RequirementView::from).collect(),
                    status: job.state.status(),
                    published_at: job.state.published_at().map(Timestamp::from),
                    created_at: job.created_at.into(),
                    updated_at: job.updated_at.into(),
                }
            }
        }
    )+};
}

job_views! {
    /// A job.
    JobView(description: JobDescription);
    /// A job in a list.
    ListedJobView(
        /// `GET /api/jobs/{id}` has the whole description.
        summary: JobSummary
    );
}

/// The application of the caller for a job.
#[derive(Debug, Serialize, ResponseSchema)]
pub(crate) struct OwnApplicationView {
    id: ApplicationId,
    status: ApplicationStatus,
}

impl From<Application> for OwnApplicationView {
    fn from(Application { id, status, .. }: Application) -> Self {
        Self { id, status }
    }
}

/// A job as the caller sees it.
#[derive(Debug, Serialize, ResponseSchema)]
pub(crate) struct FoundJobView {
    #[serde(flatten)]
    pub(crate) job: JobView,
    /// The calling technician's own application, or null; absent for other callers.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[expect(clippy::option_option, reason = "null and absent tell different things")]
    pub(crate) application: Option<Option<OwnApplicationView>>,
}

/// A job in the list of its company.
#[derive(Debug, Serialize, ResponseSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CompanyJobView {
    #[serde(flatten)]
    job: JobView,
    application_count: u64,
}

impl From<CompanyJob> for CompanyJobView {
    fn from(CompanyJob { job, company, application_count }: CompanyJob) -> Self {
        Self { job: JobRecord { job, company }.into(), application_count }
    }
}

/// `POST /api/jobs`
#[derive(Debug, Deserialize, Validate, RequestSchema)]
#[serde(rename_all = "camelCase")]
#[validate(
    nest_all_fields,
    schema(function = "post_rates", skip_on_field_errors = false),
    schema(function = "post_days", skip_on_field_errors = false)
)]
#[expect(clippy::duplicated_attributes, reason = "each rule has the option")]
pub(crate) struct PostJobBody {
    title: Required<Title>,
    description: Required<JobDescription>,
    location: Required<Location>,
    /// The company's by default.
    country: Defaulted<Country>,
    /// The project that it belongs to.
    project_name: Optional<ProjectName>,
    discipline: Required<Discipline>,
    contract_type: Required<ContractType>,
    /// The lowest rate.
    day_rate_from: Optional<Amount>,
    /// The highest rate; not below `dayRateFrom`.
    day_rate_to: Optional<Amount>,
    /// EUR by default.
    currency: Defaulted<Currency>,
    start_date: Required<CalendarDate>,
    /// The last day; not before `startDate`. Null is open-ended.
    end_date: Optional<CalendarDate>,
    /// DRAFT by default.
    status: Defaulted<InitialStatus>,
}

fn post_rates(body: &PostJobBody) -> Result<(), ValidationError> {
    in_order([&body.day_rate_from, &body.day_rate_to].map(|rate| rate.valid().copied().flatten()))
}

fn post_days(body: &PostJobBody) -> Result<(), ValidationError> {
    days_in_order(body.start_date.valid().copied(), body.end_date.valid().copied().flatten())
}

/// Rejects a range of rates whose bounds are valid and not in order.
fn in_order([from, to]: [Option<Amount>; 2]) -> Result<(), ValidationError> {
    reject_inconsistent("dayRateTo", "dayRateFrom", DayRateRange::new(from, to, Currency::default()).err())
}

/// Rejects days that are valid and not in order.
fn days_in_order(start: Option<CalendarDate>, end: Option<CalendarDate>) -> Result<(), ValidationError> {
    reject_inconsistent("endDate", "startDate", start.and_then(|start| DateRange::new(start, end).err()))
}

impl TryFrom<PostJobBody> for NewJob {
    type Error = Error;

    fn try_from(body: PostJobBody) -> Result<Self, Error> {
        let currency = body.currency.get()?.unwrap_or_default();
        let day_rate = DayRateRange::new(body.day_rate_from.get()?, body.day_rate_to.get()?, currency)
            .map_err(|cause| ApiError::inconsistent("dayRateTo", "dayRateFrom", &cause))?;
        let days = DateRange::new(body.start_date.get()?, body.end_date.get()?)
            .map_err(|cause| ApiError::inconsistent("endDate", "startDate", &cause))?;
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

/// `PATCH /api/jobs/{id}`
#[derive(Debug, Deserialize, Validate, RequestSchema)]
#[serde(rename_all = "camelCase")]
#[validate(
    nest_all_fields,
    schema(function = "edited_rates", skip_on_field_errors = false),
    schema(function = "edited_days", skip_on_field_errors = false)
)]
#[expect(clippy::duplicated_attributes, reason = "each rule has the option")]
pub(crate) struct EditJobBody {
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

// Whether the body contradicts the stored fields is checked on the merged result.
fn edited_rates(body: &EditJobBody) -> Result<(), ValidationError> {
    in_order([&body.day_rate_from, &body.day_rate_to].map(|rate| rate.valid().copied().and_then(Edit::value)))
}

fn edited_days(body: &EditJobBody) -> Result<(), ValidationError> {
    let (start, end) = (body.start_date.valid(), body.end_date.valid());
    days_in_order(start.copied().flatten(), end.copied().and_then(Edit::value))
}

impl TryFrom<EditJobBody> for JobChanges {
    type Error = Error;

    fn try_from(body: EditJobBody) -> Result<Self, Error> {
        Ok(Self::builder()
            .title(body.title.get()?)
            .description(body.description.get()?)
            .location(body.location.get()?)
            .country(body.country.get()?)
            .project_name(body.project_name.get()?)
            .discipline(body.discipline.get()?)
            .contract_type(body.contract_type.get()?)
            .day_rate_from(body.day_rate_from.get()?)
            .day_rate_to(body.day_rate_to.get()?)
            .currency(body.currency.get()?)
            .start_date(body.start_date.get()?)
            .end_date(body.end_date.get()?)
            .build())
    }
}

/// `PATCH /api/jobs/{id}/status`
#[derive(Debug, Deserialize, Validate, RequestSchema)]
#[serde(rename_all = "camelCase")]
#[validate(nest_all_fields)]
pub(crate) struct MoveJobBody {
    /// The new status.
    pub(crate) status: Required<JobStatus>,
}

/// `GET /api/jobs`
#[derive(Debug, Deserialize, Validate, RequestSchema)]
#[serde(rename_all = "camelCase")]
#[validate(nest_all_fields)]
pub(crate) struct SearchJobsQuery {
    discipline: Defaulted<Discipline>,
    country: Defaulted<Country>,
    /// A part of the location, in any case and spelling: `malmo` finds `Malmö`.
    location: Defaulted<SearchText>,
    contract_type: Defaulted<ContractType>,
    /// Jobs that start on this day or later.
    start_date_from: Defaulted<CalendarDate>,
    /// Jobs that start on this day or earlier.
    start_date_to: Defaulted<CalendarDate>,
    /// The lowest rate, in `currency`.
    day_rate_min: Defaulted<Amount>,
    /// The highest rate, in `currency`.
    day_rate_max: Defaulted<Amount>,
    /// Jobs in this currency; EUR by default where a rate is given or sorted by.
    currency: Defaulted<Currency>,
    /// The jobs of one company.
    company_id: Defaulted<CompanyId>,
    /// At most 10 words that all occur in title, description, location, project or company name, in any case and
    /// spelling.
    q: Defaulted<SearchWords>,
    /// Jobs that ask for this type, whether it is mandatory or not.
    certification: Defaulted<TypeCode>,
    /// With the token of a technician: jobs whose mandatory requirements the technician meets on every day.
    qualified_only: Defaulted<bool>,
    /// `-publishedAt` by default. `-dayRate` is by `dayRateTo`, or `dayRateFrom` where there is none; jobs without a rate
    /// are last.
    sort: Defaulted<JobSort>,
    limit: Defaulted<PageLimit>,
    cursor: Defaulted<CursorText>,
}

impl SearchJobsQuery {
    /// The filter, and the page.
    pub(crate) fn filter(self) -> Result<(JobFilter, Defaulted<PageLimit>, Defaulted<CursorText>), Error> {
        let (day_rate_min, day_rate_max) = (self.day_rate_min.get()?, self.day_rate_max.get()?);
        let sort = self.sort.get()?.filter(|sort| *sort != JobSort::PublishedAt);
        // Rates in two currencies cannot be compared.
        let asks_for_rate = day_rate_min.is_some() || day_rate_max.is_some() || sort == Some(JobSort::DayRate);
        let words = self.q.get()?.map(|search| search.words().map(str::to_owned).collect());
        let filter = JobFilter {
            sort,
            discipline: self.discipline.get()?,
            country: self.country.get()?,
            location: self.location.get()?.map(|text| text.to_string()),
            contract_type: self.contract_type.get()?,
            start_date_from: self.start_date_from.get()?,
            start_date_to: self.start_date_to.get()?,
            currency: self.currency.get()?.or_else(|| asks_for_rate.then(Currency::default)),
            day_rate_min,
            day_rate_max,
            company_id: self.company_id.get()?,
            words: words.unwrap_or_default(),
            certification: self.certification.get()?,
            held: None,
        };
        Ok((filter, self.limit, self.cursor))
    }
}

/// `GET /api/companies/me/jobs`
#[derive(Debug, Deserialize, Validate, RequestSchema)]
#[serde(rename_all = "camelCase")]
#[validate(nest_all_fields)]
pub(crate) struct CompanyJobsQuery {
    /// Only jobs in this status.
    pub(crate) status: Defaulted<JobStatus>,
    /// The maximum number of rows.
    pub(crate) limit: Defaulted<PageLimit>,
    /// The page to return.
    pub(crate) cursor: Defaulted<CursorText>,
}
