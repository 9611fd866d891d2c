use chrono::{DateTime, Utc};
use typed_builder::TypedBuilder;

use super::{
    ContractType, EditJobError, InitialStatus, JobChanges, JobState, JobStatus, JobSummary, JobTransitionError,
};
use crate::{
    Revision,
    accounts::{Actor, Permission},
    compliance::Requirements,
    ids::{CompanyId, JobId},
    technicians::Discipline,
    values::{Country, DateRange, DayRateRange, Inconsistent, JobDescription, Location, ProjectName, Title},
};

/// The details of a job; in a list, with its [`JobSummary`](super::JobSummary) as `D`, and
/// before it is stored, with `C` as the country that it names or `None`.
///
/// See the example of [`Job`].
#[derive(Debug, Clone, PartialEq, Eq, TypedBuilder)]
#[non_exhaustive]
pub struct JobDetails<D = JobDescription, C = Country> {
    /// The title.
    pub title: Title,
    /// The description.
    pub description: D,
    /// The location.
    pub location: Location,
    /// The country.
    pub country: C,
    /// The project.
    pub project_name: Option<ProjectName>,
    /// The field of work.
    pub discipline: Discipline,
    /// The type of the contract.
    pub contract_type: ContractType,
    /// The day rates.
    pub day_rate: DayRateRange,
    /// The days of work.
    pub days: DateRange,
}

/// A job of a company; in a list, with its [`JobSummary`](super::JobSummary) as `D`. `C` is
/// as in [`JobDetails`].
///
/// ```
/// use repower_domain::{
///     chrono::DateTime,
///     jobs::{ContractType, EditJobError, InitialStatus, Job, JobChanges, JobDetails},
///     technicians::Discipline,
///     uuid::Uuid,
///     values::{Currency, DateRange, DayRateRange, Inconsistent},
/// };
///
/// let details = JobDetails::builder()
///     .title("Blade repair".parse()?)
///     .description("Leading edges of 20 turbines".parse()?)
///     .location("Esbjerg".parse()?)
///     .country("DK".parse()?)
///     .project_name(None)
///     .discipline(Discipline::BladeRepair)
///     .contract_type(ContractType::DayRate)
///     .day_rate(DayRateRange::unknown(Currency::default()))
///     .days(DateRange::new("2027-03-01".parse()?, Some("2027-05-31".parse()?))?)
///     .build();
/// let now = DateTime::UNIX_EPOCH;
/// let job = Job::create(Uuid::from_u128(1).into(), Uuid::from_u128(2).into(), details, InitialStatus::Open, now);
/// // The changes are checked together with the fields that they leave.
/// let changes = JobChanges::builder().start_date("2027-06-01".parse().ok()).build();
/// assert_eq!(job.edit(changes, now), Err(EditJobError::Inconsistent(vec![Inconsistent::Days])));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, TypedBuilder)]
#[non_exhaustive]
pub struct Job<D = JobDescription, C = Country> {
    /// The id.
    pub id: JobId,
    /// The company.
    pub company_id: CompanyId,
    /// The details.
    pub details: JobDetails<D, C>,
    /// What it requires of a technician.
    #[builder(default)]
    pub requirements: Requirements,
    /// The state.
    pub state: JobState,
    /// The revision at the time of loading.
    pub revision: Revision,
    /// The time of creation.
    pub created_at: DateTime<Utc>,
    /// The time of the last change.
    pub updated_at: DateTime<Utc>,
}

/// A job that is about to be posted; its country is that of the company if it names none.
pub type NewJob = Job<JobDescription, Option<Country>>;

impl<C> Job<JobDescription, C> {
    /// A new job of a company, without requirements.
    pub fn create(
        id: JobId,
        company_id: CompanyId,
        details: JobDetails<JobDescription, C>,
        status: InitialStatus,
        now: DateTime<Utc>,
    ) -> Self {
        Self {
            id,
            company_id,
            details,
            requirements: Requirements::default(),
            state: JobState::initial(status, now),
            revision: Revision::FIRST,
            created_at: now,
            updated_at: now,
        }
    }
}

impl<D, C> Job<D, C> {
    /// The same job with another kind of country.
    pub fn map_country<E>(self, map: impl FnOnce(C) -> E) -> Job<D, E> {
        let details = JobDetails {
            title: self.details.title,
            description: self.details.description,
            location: self.details.location,
            country: map(self.details.country),
            project_name: self.details.project_name,
            discipline: self.details.discipline,
            contract_type: self.details.contract_type,
            day_rate: self.details.day_rate,
            days: self.details.days,
        };
        Job {
            id: self.id,
            company_id: self.company_id,
            details,
            requirements: self.requirements,
            state: self.state,
            revision: self.revision,
            created_at: self.created_at,
            updated_at: self.updated_at,
        }
    }
}

impl NewJob {
    /// The job of a company in this country.
    ///
    /// ```
    /// use repower_domain::jobs::NewJob;
    ///
    /// fn in_denmark(new: NewJob) -> Result<(), repower_domain::values::Invalid> {
    ///     let named = new.details.country;
    ///     let job = new.of_company_in("DK".parse()?);
    ///     assert_eq!(job.details.country.alpha2(), named.map_or("DK", |country| country.alpha2()));
    ///     Ok(())
    /// }
    /// ```
    pub fn of_company_in(self, country: Country) -> Job {
        self.map_country(|named| named.unwrap_or(country))
    }
}

impl Job {
    /// The job with the changes applied; `None` if there are no changes.
    ///
    /// # Errors
    ///
    /// [`EditJobError`]; a closed job is rejected even without changes.
    pub fn edit(&self, changes: JobChanges, now: DateTime<Utc>) -> Result<Option<Self>, EditJobError> {
        if self.state.status() == JobStatus::Closed {
            return Err(EditJobError::Closed);
        }
        if changes == JobChanges::default() {
            return Ok(None);
        }
        let details = self.details.merged(changes).map_err(EditJobError::Inconsistent)?;
        Ok(Some(Self { details, updated_at: now.max(self.updated_at), ..self.clone() }))
    }

    /// The job with these requirements in place of its own; `None` if they are the same.
    ///
    /// # Errors
    ///
    /// [`EditJobError::Closed`] for a closed job, even if they are the same.
    pub fn require(&self, requirements: Requirements, now: DateTime<Utc>) -> Result<Option<Self>, EditJobError> {
        if self.state.status() == JobStatus::Closed {
            return Err(EditJobError::Closed);
        }
        let is_changed = requirements != self.requirements;
        let changed = || Self { requirements, updated_at: now.max(self.updated_at), ..self.clone() };
        Ok(is_changed.then(changed))
    }

    /// The job with another status; `None` if it has the status already.
    ///
    /// # Errors
    ///
    /// [`JobTransitionError`] if the status cannot follow the present one.
    pub fn move_to(&self, next: JobStatus, now: DateTime<Utc>) -> Result<Option<Self>, JobTransitionError> {
        let now = now.max(self.updated_at);
        let state = self.state.move_to(next, now)?;
        let moved = Self { state, updated_at: now, ..self.clone() };
        Ok((state != self.state).then_some(moved))
    }

    /// Whether the job is visible to an actor, or without one. A job that was never
    /// published is visible only to the members of its company.
    pub fn is_visible_to(&self, actor: Option<&Actor>) -> bool {
        let is_own = matches!(actor, Some(Actor::Member { company_id, .. }) if *company_id == self.company_id);
        is_own || self.state.published_at().is_some()
    }

    /// The other statuses that an actor may set. There are none for an actor who
    /// does not manage the jobs of the company.
    pub fn open_to(&self, actor: &Actor) -> impl Iterator<Item = JobStatus> + use<> {
        let status = self.state.status();
        let is_manager = actor.company_with(Permission::ManageJobs) == Ok(self.company_id);
        is_manager.then_some(status).into_iter().flat_map(JobStatus::next)
    }

    /// The job as lists have it, with the summary of its description.
    pub fn listed(self) -> Job<JobSummary> {
        Job {
            id: self.id,
            company_id: self.company_id,
            details: self.details.listed(),
            requirements: self.requirements,
            state: self.state,
            revision: self.revision,
            created_at: self.created_at,
            updated_at: self.updated_at,
        }
    }

    /// Whether technicians may apply.
    pub fn is_open(&self) -> bool {
        self.state.status() == JobStatus::Open
    }
}

impl JobDetails {
    fn listed(self) -> JobDetails<JobSummary> {
        JobDetails {
            title: self.title,
            description: JobSummary::of(self.description.as_str()),
            location: self.location,
            country: self.country,
            project_name: self.project_name,
            discipline: self.discipline,
            contract_type: self.contract_type,
            day_rate: self.day_rate,
            days: self.days,
        }
    }

    fn merged(&self, changes: JobChanges) -> Result<Self, Vec<Inconsistent>> {
        let day_rate = DayRateRange::new(
            changes.day_rate_from.of(self.day_rate.lower().as_ref()),
            changes.day_rate_to.of(self.day_rate.upper().as_ref()),
            changes.currency.unwrap_or(self.day_rate.currency()),
        );
        let days = DateRange::new(
            changes.start_date.unwrap_or(self.days.start()),
            changes.end_date.of(self.days.end().as_ref()),
        );
        let (day_rate, days) = match (day_rate, days) {
            (Ok(day_rate), Ok(days)) => (day_rate, days),
            (day_rate, days) => return Err(day_rate.err().into_iter().chain(days.err()).collect()),
        };
        Ok(Self {
            title: changes.title.unwrap_or_else(|| self.title.clone()),
            description: changes.description.unwrap_or_else(|| self.description.clone()),
            location: changes.location.unwrap_or_else(|| self.location.clone()),
            country: changes.country.unwrap_or(self.country),
            project_name: changes.project_name.of(self.project_name.as_ref()),
            discipline: changes.discipline.unwrap_or(self.discipline),
            contract_type: changes.contract_type.unwrap_or(self.contract_type),
            day_rate,
            days,
        })
    }
}

#[cfg(test)]
mod tests;
