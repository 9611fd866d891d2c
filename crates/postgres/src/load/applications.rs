//! Applications, their histories, and the evaluations after some of them.

use std::collections::HashSet;

use chrono::{DateTime, TimeDelta, Utc};
use diesel::prelude::*;
use repower_domain::{
    accounts::Side::{self, Company, Technician},
    applications::ApplicationStatus::{self, Accepted, Applied, Offered, Rejected, Shortlisted, Withdrawn},
    jobs::JobStatus,
};
use uuid::Uuid;

use super::{
    draws::{Draws, Kind, Shares},
    jobs::JobFacts,
    plan::LoadPlan,
    texts,
};
use crate::schema::{application_events, applications, evaluations};

/// What becomes of an application after it was made, and how often in a hundred.
const COURSES: [(&[(ApplicationStatus, Side)], u64); 13] = [
    (&[], 38),
    (&[(Shortlisted, Company)], 12),
    (&[(Rejected, Company)], 16),
    (&[(Shortlisted, Company), (Rejected, Company)], 7),
    (&[(Offered, Company)], 3),
    (&[(Shortlisted, Company), (Offered, Company)], 4),
    (&[(Offered, Company), (Accepted, Technician)], 3),
    (&[(Shortlisted, Company), (Offered, Company), (Accepted, Technician)], 6),
    (&[(Offered, Company), (Accepted, Company)], 1),
    (&[(Offered, Company), (Rejected, Company)], 1),
    (&[(Withdrawn, Technician)], 5),
    (&[(Shortlisted, Company), (Withdrawn, Technician)], 3),
    (&[(Shortlisted, Company), (Offered, Company), (Withdrawn, Technician)], 1),
];

/// How many more applications than others some jobs have.
const POPULARITY: [(u64, u64); 5] = [(0, 30), (1, 25), (3, 25), (8, 15), (25, 5)];

/// One in so many of all things is with a single one of those they belong to.
pub(super) const CROWDED: u64 = 500;

#[derive(Insertable)]
#[diesel(table_name = applications, treat_none_as_default_value = false)]
pub(super) struct ApplicationRow {
    id: Uuid,
    job_id: Uuid,
    company_id: Uuid,
    technician_id: Uuid,
    status: &'static str,
    message_to_company: Option<String>,
    message_to_technician: Option<String>,
    revision: i32,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

#[derive(Insertable)]
#[diesel(table_name = application_events, treat_none_as_default_value = false)]
pub(super) struct EventRow {
    application_id: Uuid,
    position: i32,
    from_status: Option<String>,
    to_status: &'static str,
    side: &'static str,
    actor_user_id: Uuid,
    at: DateTime<Utc>,
}

#[derive(Insertable)]
#[diesel(table_name = evaluations, treat_none_as_default_value = false)]
pub(super) struct EvaluationRow {
    id: Uuid,
    technician_id: Uuid,
    company_id: Uuid,
    job_id: Uuid,
    rating: i32,
    comment: Option<String>,
    created_at: DateTime<Utc>,
}

/// What others need to know of an application.
#[derive(Debug, Clone, Copy)]
pub(super) struct ApplicationFacts {
    pub(super) number: u64,
    pub(super) id: Uuid,
    pub(super) job: JobFacts,
    /// The number of the technician.
    pub(super) technician: u64,
    pub(super) created_at: DateTime<Utc>,
    course: &'static [(ApplicationStatus, Side)],
    /// What it was left with as a rating.
    pub(super) rating: Option<i32>,
}

/// How the applications are spread over the jobs.
#[derive(Debug, Clone, Copy)]
pub(super) struct Spread {
    /// The number of the job that has most, with how many it has.
    crowded: (u64, u64),
    others: Shares,
}

impl Spread {
    /// The first published job of the first company has most.
    pub(super) fn over_jobs(plan: &LoadPlan) -> Self {
        let (mut crowded, mut weights) = (None, 0);
        for number in 0..plan.volume.jobs {
            let job = JobFacts::of(plan, number).0;
            if job.company == 0 && job.published_at.is_some() {
                crowded = crowded.or(Some(number));
            }
            weights += weight(plan, &job);
        }
        let crowd = crowded.map_or(0, |_| (plan.volume.applications / CROWDED).min(plan.volume.technicians / 2));
        let others = Shares::new(plan.volume.applications - crowd, weights);
        Self { crowded: (crowded.unwrap_or_default(), crowd), others }
    }

    /// How many applications the next job has.
    fn next(&mut self, plan: &LoadPlan, job: &JobFacts) -> u64 {
        let (crowded, crowd) = self.crowded;
        let share = self.others.next(weight(plan, job));
        if job.number == crowded { share + crowd } else { share }
    }
}

/// Who was never published has no applications.
fn weight(plan: &LoadPlan, job: &JobFacts) -> u64 {
    let popularity = plan.draws(Kind::Popularity, job.number).weighted(&POPULARITY);
    if job.published_at.is_some() { popularity } else { 0 }
}

/// All applications, job by job.
pub(super) fn applications(plan: &LoadPlan, mut spread: Spread) -> impl Iterator<Item = ApplicationFacts> {
    let mut first = 0;
    (0..plan.volume.jobs).flat_map(move |number| {
        let job = JobFacts::of(plan, number).0;
        let of_job = of_job(plan, job, first, spread.next(plan, &job));
        first += of_job.len() as u64;
        of_job
    })
}

/// As many applications for a job, numbered from `first` on; fewer where there
/// are not so many technicians.
fn of_job(plan: &LoadPlan, job: JobFacts, first: u64, count: u64) -> Vec<ApplicationFacts> {
    let Some(published_at) = job.published_at else { return Vec::new() };
    let closed_at = match job.status {
        JobStatus::Closed => job.updated_at,
        JobStatus::Draft | JobStatus::Open => plan.end().min(published_at + TimeDelta::days(45)),
    };
    let technicians = plan.volume.technicians;
    let mut who = plan.draws(Kind::Applicants, job.number);
    let mut applied = HashSet::new();
    let apply = |number| {
        let mut technician = who.skewed(technicians);
        while !applied.insert(technician) {
            technician = (technician + 1) % technicians;
        }
        let mut draws = plan.draws(Kind::Application, number);
        let created_at = draws.between(published_at, closed_at);
        let course = course(&mut draws);
        let is_accepted = course.last().is_some_and(|(status, _)| *status == Accepted);
        let rating = draws.weighted(&[(5, 45), (4, 35), (3, 12), (2, 5), (1, 3)]);
        let rating = (is_accepted && draws.chance(60)).then_some(rating);
        ApplicationFacts { number, id: draws.id(created_at), job, technician, created_at, course, rating }
    };
    (first..first + count.min(technicians)).map(apply).collect()
}

fn course(draws: &mut Draws) -> &'static [(ApplicationStatus, Side)] {
    draws.weighted(&COURSES)
}

/// A step on the way of an application.
struct Step {
    from: Option<ApplicationStatus>,
    to: ApplicationStatus,
    side: Side,
    at: DateTime<Utc>,
}

/// All steps, the first of which is the applying.
fn steps(plan: &LoadPlan, application: &ApplicationFacts) -> Vec<Step> {
    let mut draws = plan.draws(Kind::Steps, application.number);
    let mut steps = vec![Step { from: None, to: Applied, side: Technician, at: application.created_at }];
    let (mut from, mut at) = (Applied, application.created_at);
    for (to, side) in application.course {
        at = draws.between(at, plan.end().min(at + TimeDelta::days(6)));
        steps.push(Step { from: Some(from), to: *to, side: *side, at });
        from = *to;
    }
    steps
}

/// How many steps an application has taken.
pub(super) const fn step_count(application: &ApplicationFacts) -> u64 {
    1 + application.course.len() as u64
}

pub(super) fn application_row(plan: &LoadPlan, facts: &ApplicationFacts) -> ApplicationRow {
    let mut draws = plan.draws(Kind::Letter, facts.number);
    let steps = steps(plan, facts);
    let last = steps.last();
    let is_answered = steps.iter().any(|step| step.from.is_some() && step.side == Company);
    ApplicationRow {
        id: facts.id,
        job_id: facts.job.id,
        company_id: plan.company(facts.job.company).id,
        technician_id: plan.technician(facts.technician).id,
        status: last.map_or(Applied, |step| step.to).as_str(),
        message_to_company: draws.chance(60).then(|| texts::remark(&mut draws)),
        message_to_technician: (is_answered && draws.chance(50)).then(|| texts::remark(&mut draws)),
        revision: i32::try_from(steps.len()).unwrap_or(i32::MAX),
        created_at: facts.created_at,
        updated_at: last.map_or(facts.created_at, |step| step.at),
    }
}

pub(super) fn event_rows(plan: &LoadPlan, facts: ApplicationFacts) -> impl Iterator<Item = EventRow> {
    let technician = plan.technician(facts.technician).user;
    let company = plan.company(facts.job.company).admin;
    let application_id = facts.id;
    (1..).zip(steps(plan, &facts)).map(move |(position, step)| EventRow {
        application_id,
        position,
        from_status: step.from.map(|from| from.to_string()),
        to_status: step.to.as_str(),
        side: step.side.as_str(),
        actor_user_id: match step.side {
            Company => company,
            Technician => technician,
        },
        at: step.at,
    })
}

/// The evaluation after an application, where there is one.
pub(super) fn evaluation_row(plan: &LoadPlan, facts: &ApplicationFacts) -> Option<EvaluationRow> {
    let rating = facts.rating?;
    let mut draws = plan.draws(Kind::Evaluation, facts.number);
    let accepted_at = steps(plan, facts).last().map_or(facts.created_at, |step| step.at);
    let created_at = draws.between(accepted_at, plan.end());
    Some(EvaluationRow {
        id: draws.id(created_at),
        technician_id: plan.technician(facts.technician).id,
        company_id: plan.company(facts.job.company).id,
        job_id: facts.job.id,
        rating,
        comment: draws.chance(60).then(|| texts::comment(&mut draws, rating)),
        created_at,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_course_is_one_that_the_domain_allows() {
        let mut ends = HashSet::new();
        for (course, _) in COURSES {
            let end = course.iter().fold(Applied, |from, (to, side)| from.move_to(*to, *side).unwrap());
            ends.insert(end);
        }
        assert_eq!(ends.len(), ApplicationStatus::ALL.len());
        assert_eq!(COURSES.iter().map(|(_, percent)| percent).sum::<u64>(), 100);
    }
}
