use chrono::{DateTime, Utc};
use thiserror::Error;

use super::{ContractType, InitialStatus, InvalidJobTransition, JobState, JobStatus};
use crate::{
    Revision,
    accounts::{Actor, Permission},
    ids::{CompanyId, JobId},
    technicians::Discipline,
    values::{
        Amount, CalendarDate, Country, Currency, DateRange, DayRateRange, Inconsistent, JobDescription, Location,
        ProjectName, Title,
    },
};

/// What a job is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JobDetails {
    /// Its title.
    pub title: Title,
    /// What is to be done.
    pub description: JobDescription,
    /// Where.
    pub location: Location,
    /// In which country.
    pub country: Country,
    /// For which project.
    pub project_name: Option<ProjectName>,
    /// The field of work.
    pub discipline: Discipline,
    /// How it is paid for.
    pub contract_type: ContractType,
    /// What a day is paid.
    pub day_rate: DayRateRange,
    /// From when until when.
    pub days: DateRange,
}

/// A job that a company posts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Job {
    /// Its identity.
    pub id: JobId,
    /// Whose it is.
    pub company_id: CompanyId,
    /// What it is about.
    pub details: JobDetails,
    /// Where it stands.
    pub state: JobState,
    /// The revision it was loaded at.
    pub revision: Revision,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it was last changed.
    pub updated_at: DateTime<Utc>,
}

/// What is to change about a job: `None` leaves a field as it is, and
/// `Some(None)` clears one that may be empty.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct JobChanges {
    /// Another title.
    pub title: Option<Title>,
    /// Another description.
    pub description: Option<JobDescription>,
    /// Another place.
    pub location: Option<Location>,
    /// Another country.
    pub country: Option<Country>,
    /// Another project, or none.
    pub project_name: Option<Option<ProjectName>>,
    /// Another field of work.
    pub discipline: Option<Discipline>,
    /// Another way to pay.
    pub contract_type: Option<ContractType>,
    /// Another lower day rate, or none.
    pub day_rate_from: Option<Option<Amount>>,
    /// Another upper day rate, or none.
    pub day_rate_to: Option<Option<Amount>>,
    /// Another currency.
    pub currency: Option<Currency>,
    /// Another first day.
    pub start_date: Option<CalendarDate>,
    /// Another last day, or none.
    pub end_date: Option<Option<CalendarDate>>,
}

/// Why a job is not edited.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum EditJobError {
    /// It is closed.
    #[error("a closed job cannot be edited")]
    Closed,
    /// The merged fields contradict each other, in one way or in several.
    #[error("the fields contradict each other")]
    Inconsistent(Vec<Inconsistent>),
}

impl Job {
    /// A new job.
    pub fn create(
        id: JobId,
        company_id: CompanyId,
        details: JobDetails,
        status: InitialStatus,
        now: DateTime<Utc>,
    ) -> Self {
        let state = JobState::initial(status, now);
        Self { id, company_id, details, state, revision: Revision::FIRST, created_at: now, updated_at: now }
    }

    /// The job with the changes made; `None` when there are none. A closed job
    /// is not edited, not even with no changes.
    pub fn edit(&self, changes: JobChanges, now: DateTime<Utc>) -> Result<Option<Self>, EditJobError> {
        if self.state.status() == JobStatus::Closed {
            return Err(EditJobError::Closed);
        }
        if changes == JobChanges::default() {
            return Ok(None);
        }
        let details = self.details.merged(changes).map_err(EditJobError::Inconsistent)?;
        Ok(Some(Self { details, updated_at: now, ..self.clone() }))
    }

    /// The job in another status; `None` when it is in that status already.
    pub fn move_to(&self, next: JobStatus, now: DateTime<Utc>) -> Result<Option<Self>, InvalidJobTransition> {
        let state = self.state.move_to(next, now)?;
        let moved = Self { state, updated_at: now, ..self.clone() };
        Ok((state != self.state).then_some(moved))
    }

    /// Whether somebody may know of this job: everybody once it was published,
    /// before that the members of its company only.
    pub fn is_visible_to(&self, actor: Option<&Actor>) -> bool {
        let is_own = matches!(actor, Some(Actor::Member { company_id, .. }) if *company_id == self.company_id);
        is_own || self.state.published_at().is_some()
    }

    /// The other statuses that somebody may give it; none for those who do not
    /// manage the jobs of its company.
    pub fn open_to(&self, actor: &Actor) -> impl Iterator<Item = JobStatus> + use<> {
        let status = self.state.status();
        let is_manager = actor.company_for_which_may(Permission::ManageJobs) == Ok(self.company_id);
        is_manager.then_some(status).into_iter().flat_map(JobStatus::next)
    }

    /// Whether technicians may apply now.
    pub fn is_open(&self) -> bool {
        self.state.status() == JobStatus::Open
    }
}

impl JobDetails {
    fn merged(&self, changes: JobChanges) -> Result<Self, Vec<Inconsistent>> {
        let day_rate = DayRateRange::new(
            changes.day_rate_from.unwrap_or(self.day_rate.from()),
            changes.day_rate_to.unwrap_or(self.day_rate.to()),
            changes.currency.unwrap_or(self.day_rate.currency()),
        );
        let days = DateRange::new(
            changes.start_date.unwrap_or(self.days.start()),
            changes.end_date.unwrap_or(self.days.end()),
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
            project_name: changes.project_name.unwrap_or_else(|| self.project_name.clone()),
            discipline: changes.discipline.unwrap_or(self.discipline),
            contract_type: changes.contract_type.unwrap_or(self.contract_type),
            day_rate,
            days,
        })
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::accounts::CompanyRole;

    const NOW: DateTime<Utc> = DateTime::UNIX_EPOCH;
    const LATER: DateTime<Utc> = DateTime::<Utc>::MAX_UTC;

    fn job(status: InitialStatus) -> Job {
        let details = JobDetails {
            title: "Blade repair".parse().unwrap(),
            description: "Leading edges".parse().unwrap(),
            location: "Esbjerg".parse().unwrap(),
            country: "DK".parse().unwrap(),
            project_name: "Horns Rev".parse().ok(),
            discipline: Discipline::BladeRepair,
            contract_type: ContractType::DayRate,
            day_rate: DayRateRange::new(Amount::try_from(300).ok(), None, Currency::default()).unwrap(),
            days: DateRange::new("2026-12-01".parse().unwrap(), None).unwrap(),
        };
        Job::create(Uuid::from_u128(1).into(), Uuid::from_u128(7).into(), details, status, NOW)
    }

    fn member(company: u128) -> Actor {
        let company_id = Uuid::from_u128(company).into();
        Actor::Member { user_id: Uuid::from_u128(9).into(), company_id, role: CompanyRole::Viewer }
    }

    #[test]
    fn a_draft_is_known_to_its_company_only() {
        let draft = job(InitialStatus::Draft);
        assert!(draft.is_visible_to(Some(&member(7))));
        assert!(!draft.is_visible_to(Some(&member(8))));
        assert!(!draft.is_visible_to(None));
    }

    #[test]
    fn what_was_published_stays_known_to_all_after_closing() {
        let closed = job(InitialStatus::Open).move_to(JobStatus::Closed, LATER).unwrap().unwrap();
        assert!(closed.is_visible_to(None));
        let never = job(InitialStatus::Draft).move_to(JobStatus::Closed, LATER).unwrap().unwrap();
        assert!(!never.is_visible_to(None));
    }

    #[test]
    fn a_closed_job_is_not_edited_even_with_no_changes() {
        let closed = job(InitialStatus::Open).move_to(JobStatus::Closed, LATER).unwrap().unwrap();
        assert_eq!(closed.edit(JobChanges::default(), LATER), Err(EditJobError::Closed));
    }

    #[test]
    fn the_same_status_again_changes_nothing() {
        assert_eq!(job(InitialStatus::Open).move_to(JobStatus::Open, LATER), Ok(None));
        assert_eq!(job(InitialStatus::Open).edit(JobChanges::default(), LATER), Ok(None));
    }

    #[test]
    fn fields_are_held_against_each_other_after_merging() {
        let rates = JobChanges { day_rate_to: Some(Amount::try_from(299).ok()), ..Default::default() };
        let contradiction = Err(EditJobError::Inconsistent(vec![Inconsistent::DayRates]));
        assert_eq!(job(InitialStatus::Draft).edit(rates, LATER), contradiction);
        let days = JobChanges { end_date: Some("2026-11-30".parse().ok()), ..Default::default() };
        let contradiction = Err(EditJobError::Inconsistent(vec![Inconsistent::Days]));
        assert_eq!(job(InitialStatus::Draft).edit(days.clone(), LATER), contradiction);
        let both = JobChanges { day_rate_to: Some(Amount::try_from(299).ok()), ..days };
        let contradictions = Err(EditJobError::Inconsistent(vec![Inconsistent::DayRates, Inconsistent::Days]));
        assert_eq!(job(InitialStatus::Draft).edit(both, LATER), contradictions);
    }

    #[test]
    fn a_change_reaches_its_field_only() {
        let changes = JobChanges { project_name: Some(None), title: "Inspection".parse().ok(), ..Default::default() };
        let edited = job(InitialStatus::Open).edit(changes, LATER).unwrap().unwrap();
        assert_eq!((edited.details.title.as_str(), edited.details.project_name), ("Inspection", None));
        assert_eq!(edited.details.days, job(InitialStatus::Open).details.days);
        assert_eq!((edited.state, edited.updated_at), (job(InitialStatus::Open).state, LATER));
    }

    #[test]
    fn what_is_open_to_somebody_is_open_to_the_managers_of_its_company_only() {
        let company_id = Uuid::from_u128(7).into();
        let recruiter = Actor::Member { user_id: Uuid::from_u128(9).into(), company_id, role: CompanyRole::Recruiter };
        let open = |actor: &Actor| job(InitialStatus::Draft).open_to(actor).collect::<Vec<_>>();
        assert_eq!(open(&recruiter), [JobStatus::Open, JobStatus::Closed]);
        assert_eq!(open(&member(7)), []);
        let stranger = Actor::Member {
            user_id: Uuid::from_u128(9).into(),
            company_id: Uuid::from_u128(8).into(),
            role: CompanyRole::Admin,
        };
        assert_eq!(open(&stranger), []);
        assert_eq!(open(&Actor::SuperAdmin { user_id: Uuid::from_u128(9).into() }), []);
    }
}
