use chrono::{DateTime, TimeDelta, Utc};
use repower_domain::{
    Revision,
    compliance::{Requirement, Requirements},
    ids::JobId,
    jobs::{ContractType, Job, JobDetails, JobState, JobStatus},
    technicians::TrustLevel,
    values::{Amount, CalendarDate, Currency, DateRange, DayRateRange},
};

use super::{
    companies::CompanyOutline,
    error::InvalidRow,
    plan::{DaysAgo, LoadPlan},
    random::{Random, Stream, signed},
    texts, words,
};

/// The period in which jobs are created, after all users have registered.
const CREATION: DaysAgo = (730, 1);

/// The newest jobs are drafts, one in this number of all jobs. Lists of open jobs
/// have to skip them.
const NEWEST_DRAFTS: u64 = 10;

/// The values of a job to which other rows refer.
#[derive(Debug, Clone, Copy)]
pub(super) struct JobOutline {
    pub(super) number: u64,
    pub(super) id: JobId,
    /// The number of its company.
    pub(super) company: u64,
    pub(super) state: JobState,
    /// For a closed job, the time at which it was closed.
    pub(super) updated_at: DateTime<Utc>,
    created_at: DateTime<Utc>,
}

impl JobOutline {
    /// The job with this number, from 0, the oldest first; and the random numbers
    /// for the rest of the row.
    pub(super) fn new(plan: &LoadPlan, number: u64) -> (Self, Random) {
        let (total, end) = (plan.volume.jobs, plan.end());
        let mut random = plan.random(Stream::Job, number);
        let created_at = plan.spread(number, total, CREATION, &mut random);
        let id = random.id(created_at);
        let company = random.skewed(plan.volume.companies);
        let is_newest = number >= total - total / NEWEST_DRAFTS;
        let status = if is_newest { JobStatus::Draft } else { status(&mut random) };
        let published_at = random.time_between(created_at, end.min(created_at + TimeDelta::hours(36)));
        let closed_at = random.time_between(published_at, end.min(published_at + TimeDelta::days(60)));
        let (state, updated_at) = match status {
            JobStatus::Draft => (JobState::Draft, created_at),
            JobStatus::Open => (JobState::Open { published_at }, published_at),
            JobStatus::Closed => {
                (JobState::Closed { published_at: random.chance(95).then_some(published_at) }, closed_at)
            }
        };
        (Self { number, id, company, state, updated_at, created_at }, random)
    }

    /// The days of work.
    pub(super) fn days(&self, plan: &LoadPlan) -> Result<DateRange, InvalidRow> {
        let mut random = plan.random(Stream::JobDays, self.number);
        let start = self.created_at.date_naive() + TimeDelta::days(signed(random.below(200)));
        let end = random.chance(75).then(|| start + TimeDelta::days(signed(random.below(120))));
        Ok(DateRange::new(start.try_into()?, end.map(CalendarDate::try_from).transpose()?)?)
    }
}

fn status(random: &mut Random) -> JobStatus {
    match random.below(100) {
        0..60 => JobStatus::Open,
        60..97 => JobStatus::Closed,
        _ => JobStatus::Draft,
    }
}

/// All jobs.
pub(super) fn jobs(plan: &LoadPlan) -> impl Iterator<Item = Result<Job, InvalidRow>> {
    (0..plan.volume.jobs).map(|number| job(plan, number))
}

fn job(plan: &LoadPlan, number: u64) -> Result<Job, InvalidRow> {
    let (outline, mut random) = JobOutline::new(plan, number);
    let JobOutline { id, company, state, created_at, updated_at, .. } = outline;
    let company_id = CompanyOutline::new(plan, company).id;
    let details = details(plan, outline.days(plan)?, &mut random)?;
    Ok(Job::builder()
        .id(id)
        .company_id(company_id)
        .details(details)
        .requirements(requirements(&mut plan.random(Stream::JobRequirements, number))?)
        .state(state)
        .revision(Revision::FIRST)
        .created_at(created_at)
        .updated_at(updated_at)
        .build())
}

fn details(plan: &LoadPlan, days: DateRange, random: &mut Random) -> Result<JobDetails, InvalidRow> {
    let (town, country, currency) = random.choose_skewed(&words::TOWNS);
    let role = random.choose_skewed(&words::ROLES);
    let (farm, turbine) = (texts::invented_name(random), random.choose_skewed(&words::TURBINES));
    let contract_type = contract_type(random);
    let day_rate = day_rate(random, currency.parse()?)?;
    let title = title(random, role.title, turbine, &farm);
    let description = description(random, plan, turbine, &farm);
    let location = if random.chance(60) { town.to_owned() } else { format!("{farm} wind farm, {town}") };
    let project_name = random.chance(60).then(|| format!("{farm} {}", 1 + random.skewed(6)).parse());
    Ok(JobDetails::builder()
        .title(title.parse()?)
        .description(description.parse()?)
        .location(location.parse()?)
        .country(country.parse()?)
        .project_name(project_name.transpose()?)
        .discipline(role.discipline)
        .contract_type(contract_type)
        .day_rate(day_rate)
        .days(days)
        .build())
}

/// The requirements of the jobs with the most of them.
const MANY: usize = 20;

/// Most jobs ask for a few types, and one in ten for twenty of those that certifications of the
/// load have.
fn requirements(random: &mut Random) -> Result<Requirements, InvalidRow> {
    let types: Vec<_> = words::CERTIFICATIONS.iter().filter_map(|(.., type_code)| *type_code).collect();
    let wanted: Vec<_> = match random.below(10) {
        0..3 => Vec::new(),
        3..9 => (0..=random.skewed(6)).map(|_| random.choose_skewed(&types)).collect(),
        _ => {
            let first = random.index(types.len());
            types.iter().copied().cycle().skip(first).take(MANY).collect()
        }
    };
    let requirement = |code: &str| {
        let least = random.chance(20).then_some(TrustLevel::EvidenceAttached);
        Ok::<_, InvalidRow>(Requirement::new(vec![code.parse()?], random.chance(90), least)?)
    };
    Ok(Requirements::new(wanted.into_iter().map(requirement).collect::<Result<_, _>>()?)?)
}

fn contract_type(random: &mut Random) -> ContractType {
    match random.below(10) {
        0..7 => ContractType::DayRate,
        7..9 => ContractType::FixedPrice,
        _ => ContractType::Hourly,
    }
}

fn title(random: &mut Random, role: &str, turbine: &str, farm: &str) -> String {
    match random.below(4) {
        0 => role.to_owned(),
        1 => format!("{role}, {turbine}"),
        2 => format!("{role} at {farm}"),
        _ => format!("{role} for {} turbines", 2 + random.below(90)),
    }
}

/// Some words occur in nearly every description, some in a few of a thousand. Two
/// or three descriptions contain the same site code.
fn description(random: &mut Random, plan: &LoadPlan, turbine: &str, farm: &str) -> String {
    let (one, other) = (random.choose_skewed(&words::COMPONENTS), random.choose_skewed(&words::COMPONENTS));
    let lead = format!("Work on {one} and {other} of {turbine} turbines at {farm}.");
    let code = format!("Site code WT-{:06}.", random.below(plan.volume.jobs / 2));
    let count = 2 + random.below(4);
    format!("{lead} {} {code}", texts::sentences(random, count))
}

/// A range with both bounds, one or none.
fn day_rate(random: &mut Random, currency: Currency) -> Result<DayRateRange, InvalidRow> {
    let lower = 200 + 10 * signed(random.below(40));
    let upper = lower + 10 * signed(random.below(20));
    let (from, to) = (Amount::try_from(lower)?, Amount::try_from(upper)?);
    let (from, to) = match random.below(10) {
        0 => (None, None),
        1 => (Some(from), None),
        2 => (None, Some(to)),
        _ => (Some(from), Some(to)),
    };
    Ok(DayRateRange::new(from, to, currency)?)
}
