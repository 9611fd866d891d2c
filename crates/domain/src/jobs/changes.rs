use thiserror::Error;
use typed_builder::TypedBuilder;

use super::ContractType;
use crate::{
    Edit,
    technicians::Discipline,
    values::{Amount, CalendarDate, Country, Currency, Inconsistent, JobDescription, Location, ProjectName, Title},
};

/// Changes of a job. `None` leaves a field unchanged, as [`Edit::Leave`] does.
///
/// ```
/// use repower_domain::{Edit, jobs::JobChanges};
///
/// let changes = JobChanges::builder().title("Inspection".parse().ok()).end_date(Edit::Clear).build();
/// assert_ne!(changes, JobChanges::default());
/// assert_eq!((changes.start_date, changes.project_name), (None, Edit::Leave));
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq, TypedBuilder)]
#[builder(field_defaults(default))]
#[non_exhaustive]
pub struct JobChanges {
    /// The new title.
    pub title: Option<Title>,
    /// The new description.
    pub description: Option<JobDescription>,
    /// The new location.
    pub location: Option<Location>,
    /// The new country.
    pub country: Option<Country>,
    /// The new project.
    pub project_name: Edit<ProjectName>,
    /// The new field of work.
    pub discipline: Option<Discipline>,
    /// The new type of the contract.
    pub contract_type: Option<ContractType>,
    /// The new lower day rate.
    pub day_rate_from: Edit<Amount>,
    /// The new upper day rate.
    pub day_rate_to: Edit<Amount>,
    /// The new currency.
    pub currency: Option<Currency>,
    /// The new first day.
    pub start_date: Option<CalendarDate>,
    /// The new last day.
    pub end_date: Edit<CalendarDate>,
}

/// The reason why a job cannot be edited.
///
/// See the example of [`Job`](super::Job).
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[expect(clippy::exhaustive_enums, reason = "a caller answers each of them")]
pub enum EditJobError {
    /// The job is closed.
    #[error("a closed job cannot be edited")]
    Closed,
    /// The merged fields contradict each other.
    #[error("the fields contradict each other")]
    Inconsistent(Vec<Inconsistent>),
}
