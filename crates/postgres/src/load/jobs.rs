use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use diesel::prelude::*;
use repower_domain::jobs::{ContractType, JobStatus};
use uuid::Uuid;

use super::{
    draws::{Draws, Kind},
    plan::LoadPlan,
    texts, words,
};
use crate::schema::jobs;

/// Jobs began to come when all users were there.
const JOBS_CAME: (u64, u64) = (730, 1);

/// Of so many jobs the newest one part is drafts, all of them: what is not
/// listed lies on top of what is.
const ON_TOP: u64 = 10;

#[derive(Insertable)]
#[diesel(table_name = jobs, treat_none_as_default_value = false)]
pub(super) struct JobRow {
    id: Uuid,
    company_id: Uuid,
    company_name: String,
    title: String,
    description: String,
    location: String,
    country: &'static str,
    project_name: Option<String>,
    discipline: &'static str,
    contract_type: &'static str,
    day_rate_from: Option<i32>,
    day_rate_to: Option<i32>,
    currency: &'static str,
    start_date: NaiveDate,
    end_date: Option<NaiveDate>,
    status: &'static str,
    published_at: Option<DateTime<Utc>>,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

/// What applications need to know of a job.
#[derive(Debug, Clone, Copy)]
pub(super) struct JobFacts {
    pub(super) number: u64,
    pub(super) id: Uuid,
    /// The number of its company.
    pub(super) company: u64,
    pub(super) status: JobStatus,
    created_at: DateTime<Utc>,
    pub(super) published_at: Option<DateTime<Utc>>,
    /// When it was closed, where it was.
    pub(super) updated_at: DateTime<Utc>,
}

impl JobFacts {
    /// The job with this number, from 0, the oldest first.
    pub(super) fn of(plan: &LoadPlan, number: u64) -> (Self, Draws) {
        let (total, end) = (plan.volume.jobs, plan.end());
        let mut draws = plan.draws(Kind::Job, number);
        let created_at = plan.moment(number, total, JOBS_CAME, &mut draws);
        let id = draws.id(created_at);
        let company = draws.skewed(plan.volume.companies);
        let status = if number >= total - total / ON_TOP { JobStatus::Draft } else { status(&mut draws) };
        let published_at = draws.between(created_at, end.min(created_at + TimeDelta::hours(36)));
        let closed_at = draws.between(published_at, end.min(published_at + TimeDelta::days(60)));
        let (published_at, updated_at) = match status {
            JobStatus::Draft => (None, created_at),
            JobStatus::Open => (Some(published_at), published_at),
            JobStatus::Closed => (draws.chance(95).then_some(published_at), closed_at),
        };
        (Self { number, id, company, status, created_at, published_at, updated_at }, draws)
    }
}

fn status(draws: &mut Draws) -> JobStatus {
    match draws.below(100) {
        0..60 => JobStatus::Open,
        60..97 => JobStatus::Closed,
        _ => JobStatus::Draft,
    }
}

pub(super) fn jobs(plan: &LoadPlan) -> impl Iterator<Item = JobRow> {
    (0..plan.volume.jobs).map(|number| job(plan, number))
}

fn job(plan: &LoadPlan, number: u64) -> JobRow {
    let (facts, mut draws) = JobFacts::of(plan, number);
    let company = plan.company(facts.company);
    let (town, country, currency) = draws.early(&words::PLACES);
    let (role, discipline) = draws.early(&words::ROLES);
    let (farm, turbine) = (texts::invented(&mut draws), draws.early(&words::TURBINES));
    let contract_type = draws.weighted(&[
        (ContractType::DayRate.as_str(), 7),
        (ContractType::FixedPrice.as_str(), 2),
        (ContractType::Hourly.as_str(), 1),
    ]);
    let (day_rate_from, day_rate_to) = rates(&mut draws);
    let start_date = facts.created_at.date_naive() + TimeDelta::days(days(&mut draws, 200));
    JobRow {
        id: facts.id,
        company_id: company.id,
        company_name: company.name,
        title: title(&mut draws, role, turbine, &farm),
        description: description(&mut draws, plan, turbine, &farm),
        location: if draws.chance(60) { town.to_owned() } else { format!("{farm} wind farm, {town}") },
        country,
        project_name: draws.chance(60).then(|| format!("{farm} {}", 1 + draws.skewed(6))),
        discipline,
        contract_type,
        day_rate_from,
        day_rate_to,
        currency,
        start_date,
        end_date: draws.chance(75).then(|| start_date + TimeDelta::days(days(&mut draws, 120))),
        status: facts.status.as_str(),
        published_at: facts.published_at,
        created_at: facts.created_at,
        updated_at: facts.updated_at,
    }
}

fn title(draws: &mut Draws, role: &str, turbine: &str, farm: &str) -> String {
    match draws.below(4) {
        0 => role.to_owned(),
        1 => format!("{role}, {turbine}"),
        2 => format!("{role} at {farm}"),
        _ => format!("{role} for {} turbines", 2 + draws.below(90)),
    }
}

/// Some words stand in nearly every description, some in a few of a thousand;
/// the code of a site in two or three of all.
fn description(draws: &mut Draws, plan: &LoadPlan, turbine: &str, farm: &str) -> String {
    let (one, other) = (draws.early(&words::THINGS), draws.early(&words::THINGS));
    let lead = format!("Work on {one} and {other} of {turbine} turbines at {farm}.");
    let code = format!("Site code WT-{:06}.", draws.below(plan.volume.jobs / 2));
    let count = 2 + draws.below(4);
    format!("{lead} {} {code}", texts::sentences(draws, count))
}

/// Some tell both ends, some one, some none.
fn rates(draws: &mut Draws) -> (Option<i32>, Option<i32>) {
    let from = i32::try_from(200 + 10 * draws.below(40)).ok();
    let to = from.map(|from| from + i32::try_from(10 * draws.below(20)).unwrap_or_default());
    match draws.below(10) {
        0 => (None, None),
        1 => (from, None),
        2 => (None, to),
        _ => (from, to),
    }
}

fn days(draws: &mut Draws, end: u64) -> i64 {
    i64::try_from(draws.below(end)).unwrap_or_default()
}
