//! A small marketplace with data of every kind.

mod companies;
mod context;
mod engagements;
mod jobs;
mod technicians;

use std::error::Error;

use repower_application::Services;
use repower_domain::{accounts::Account, values::CalendarDate};
use repower_ports::Clock;
use thiserror::Error;

use self::context::Demo;

pub use self::context::{DEMO_PASSWORD, DemoProgress};

/// Number of items that [`DemoProgress::Item`] reports.
pub const DEMO_ITEMS: usize = companies::COUNT + technicians::COUNT + jobs::COUNT + engagements::COUNT;

/// The names of the parts, in the order of loading.
const PARTS: [&str; 4] = ["companies", "technicians", "jobs", "applications, chats and evaluations"];

/// The error of loading the demo data, which may be loaded in part.
#[derive(Debug, Error)]
#[error(transparent)]
pub struct DemoError(#[from] Box<dyn Error + Send + Sync>);

/// Loads the demo data through the use cases, and returns its accounts: the members
/// of the companies, then the technicians. Reports its progress to `progress`.
///
/// A second call adds only what is missing. Dates are relative to the day of
/// `clock`.
///
/// # Errors
///
/// [`DemoError`] if a use case fails. What was loaded before stays.
pub fn load_demo(
    services: &Services,
    clock: &dyn Clock,
    progress: &dyn Fn(DemoProgress<'_>),
) -> Result<Vec<Account>, DemoError> {
    let demo = Demo { services, today: CalendarDate::of(clock.now()), progress };
    let [companies, technicians, jobs, engagements] = PARTS;
    begin_part(&demo, 1, companies);
    let companies = companies::load(&demo)?;
    begin_part(&demo, 2, technicians);
    let technicians = technicians::load(&demo)?;
    begin_part(&demo, 3, jobs);
    let jobs = jobs::load(&demo, &companies)?;
    begin_part(&demo, 4, engagements);
    engagements::load(&demo, &companies, &technicians, &jobs)?;
    Ok(companies.into_iter().flat_map(|company| company.members).chain(technicians).collect())
}

fn begin_part(demo: &Demo<'_>, number: usize, name: &'static str) {
    (demo.progress)(DemoProgress::Part { name, number, total: PARTS.len() });
}
