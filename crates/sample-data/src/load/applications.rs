//! Applications, their histories, and evaluations of accepted technicians.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, TimeDelta, Utc};
use repower_domain::{
    Revision,
    accounts::Side::{self, Company, Technician},
    applications::{
        Application, ApplicationEvent,
        ApplicationStatus::{self, Accepted, Applied, Offered, Rejected, Shortlisted, Withdrawn},
    },
    ids::ApplicationId,
    jobs::JobStatus,
    technicians::Evaluation,
    values::{DateRange, Rating},
};
use repower_ports::bulk::BulkEvent;

use super::{
    companies::CompanyOutline,
    error::InvalidRow,
    jobs::JobOutline,
    plan::{LARGEST_SHARE, LoadPlan},
    random::{Random, Shares, Stream},
    technicians::TechnicianOutline,
    texts,
};

/// The steps of an application after the first event.
type Course = &'static [(ApplicationStatus, Side)];

/// The courses of applications, with their percentages.
const COURSES: [(Course, u64); 13] = [
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

/// The weights of jobs in the distribution of applications, with their
/// percentages.
const POPULARITY: [(u64, u64); 5] = [(0, 30), (1, 25), (3, 25), (8, 15), (25, 5)];

/// The values of an application to which other rows refer.
#[derive(Debug, Clone, Copy)]
pub(super) struct ApplicationOutline {
    pub(super) job: JobOutline,
    /// The number of the technician.
    pub(super) technician: u64,
    pub(super) created_at: DateTime<Utc>,
    /// The rating of the evaluation, if there is one.
    pub(super) rating: Option<u32>,
    number: u64,
    id: ApplicationId,
    course: Course,
}

impl ApplicationOutline {
    /// The number of events in the history.
    pub(super) const fn event_count(&self) -> u64 {
        1 + self.course.len() as u64
    }
}

/// The distribution of the applications over the jobs.
#[derive(Debug, Clone, Copy)]
pub(super) struct ApplicationShares {
    /// The number of the job with the most applications.
    largest: u64,
    /// Its number of applications besides its share.
    extra: u64,
    shares: Shares,
}

impl ApplicationShares {
    /// Weighs all jobs. The first published job of the first company gets the most
    /// applications.
    pub(super) fn new(plan: &LoadPlan) -> Self {
        let (mut largest, mut weights) = (None, 0);
        for number in 0..plan.volume.jobs {
            let job = JobOutline::new(plan, number).0;
            if job.company == 0 && job.state.published_at().is_some() {
                largest = largest.or(Some(number));
            }
            weights += weight(plan, &job);
        }
        let extra = largest.map_or(0, |_| (plan.volume.applications / LARGEST_SHARE).min(plan.volume.technicians / 2));
        let shares = Shares::new(plan.volume.applications - extra, weights);
        Self { largest: largest.unwrap_or_default(), extra, shares }
    }

    /// Returns the number of applications for the next job.
    fn next(&mut self, plan: &LoadPlan, job: &JobOutline) -> u64 {
        let share = self.shares.next(weight(plan, job));
        if job.number == self.largest { share + self.extra } else { share }
    }
}

/// The weight of a job; 0 if it was never published.
fn weight(plan: &LoadPlan, job: &JobOutline) -> u64 {
    let popularity = plan.random(Stream::JobPopularity, job.number).choose_weighted(&POPULARITY);
    if job.state.published_at().is_some() { popularity } else { 0 }
}

/// The outlines of all applications, job by job.
pub(super) fn outlines(plan: &LoadPlan, mut shares: ApplicationShares) -> impl Iterator<Item = ApplicationOutline> {
    let (mut first, mut bookings) = (0, Bookings::default());
    (0..plan.volume.jobs).flat_map(move |number| {
        let job = JobOutline::new(plan, number).0;
        let mut of_job = of_job(plan, job, first, shares.next(plan, &job));
        first += of_job.len() as u64;
        for application in &mut of_job {
            bookings.book(plan, application);
        }
        of_job
    })
}

/// The days that accepted applications have booked, by the numbers of the technicians.
#[derive(Default)]
struct Bookings(HashMap<u64, Vec<DateRange>>);

impl Bookings {
    /// Books the days of an accepted application. One that shares a day with an earlier one
    /// stays offered.
    fn book(&mut self, plan: &LoadPlan, application: &mut ApplicationOutline) {
        let Some(((Accepted, _), before)) = application.course.split_last() else { return };
        let booked = self.0.entry(application.technician).or_default();
        match application.job.days(plan) {
            Ok(days) if booked.iter().all(|other| other.last() < days.start() || days.last() < other.start()) => {
                booked.push(days);
            }
            Ok(_) | Err(_) => (application.course, application.rating) = (before, None),
        }
    }
}

/// The applications for a job, numbered from `first`. They are fewer than `count`
/// if there are fewer technicians.
fn of_job(plan: &LoadPlan, job: JobOutline, first: u64, count: u64) -> Vec<ApplicationOutline> {
    let Some(published_at) = job.state.published_at() else { return Vec::new() };
    let closed_at = match job.state.status() {
        JobStatus::Closed => job.updated_at,
        JobStatus::Draft | JobStatus::Open => plan.end().min(published_at + TimeDelta::days(45)),
    };
    let technicians = plan.volume.technicians;
    let mut applicants = plan.random(Stream::Applicants, job.number);
    let mut applied = HashSet::new();
    let apply = |number| {
        let mut technician = applicants.skewed(technicians);
        while !applied.insert(technician) {
            technician = (technician + 1) % technicians;
        }
        let mut random = plan.random(Stream::Application, number);
        let created_at = random.time_between(published_at, closed_at);
        let course: Course = random.choose_weighted(&COURSES);
        let rating = rating(&mut random, course);
        ApplicationOutline { job, technician, created_at, rating, number, id: random.id(created_at), course }
    };
    (first..first + count.min(technicians)).map(apply).collect()
}

fn rating(random: &mut Random, course: Course) -> Option<u32> {
    let rating = random.choose_weighted(&[(5, 45), (4, 35), (3, 12), (2, 5), (1, 3)]);
    // Only who accepted is evaluated: what a company recorded is confirmed by nobody here.
    let is_accepted = course.last() == Some(&(Accepted, Technician));
    (is_accepted && random.chance(60)).then_some(rating)
}

/// The history of an application.
fn history(plan: &LoadPlan, application: &ApplicationOutline) -> Vec<ApplicationEvent> {
    let technician = TechnicianOutline::new(plan, application.technician).user;
    let company = CompanyOutline::new(plan, application.job.company).admin;
    let mut random = plan.random(Stream::ApplicationSteps, application.number);
    let (mut from, mut at) = (Applied, application.created_at);
    let mut events =
        vec![ApplicationEvent::builder().from(None).to(Applied).by(Technician).actor_id(technician).at(at).build()];
    for (to, by) in application.course {
        at = random.time_between(at, plan.end().min(at + TimeDelta::days(6)));
        let actor_id = match by {
            Company => company,
            Technician => technician,
        };
        events.push(ApplicationEvent::builder().from(Some(from)).to(*to).by(*by).actor_id(actor_id).at(at).build());
        from = *to;
    }
    events
}

/// The application of an outline.
pub(super) fn application(plan: &LoadPlan, outline: &ApplicationOutline) -> Result<Application, InvalidRow> {
    let mut random = plan.random(Stream::ApplicationMessages, outline.number);
    let history = history(plan, outline);
    let last = history.last();
    let confirmed = last.filter(|event| (event.to, event.by) == (Accepted, Technician));
    let has_company_event = history.iter().any(|event| event.by == Company);
    let to_company = random.chance(60).then(|| texts::message(&mut random).parse());
    let to_technician = (has_company_event && random.chance(50)).then(|| texts::message(&mut random).parse());
    Ok(Application::builder()
        .id(outline.id)
        .job_id(outline.job.id)
        .company_id(CompanyOutline::new(plan, outline.job.company).id)
        .technician_id(TechnicianOutline::new(plan, outline.technician).id)
        .status(last.map_or(Applied, |event| event.to))
        .message_to_company(to_company.transpose()?)
        .message_to_technician(to_technician.transpose()?)
        .confirmed_at(confirmed.map(|event| event.at))
        .revision(Revision::stored(i32::try_from(history.len()).unwrap_or(i32::MAX)))
        .created_at(outline.created_at)
        .updated_at(last.map_or(outline.created_at, |event| event.at))
        .build())
}

/// The events in the history of an application.
pub(super) fn events(plan: &LoadPlan, outline: &ApplicationOutline) -> impl Iterator<Item = BulkEvent> + use<> {
    let application_id = outline.id;
    (1..).zip(history(plan, outline)).map(move |(position, event)| BulkEvent { application_id, position, event })
}

/// The evaluation of an applicant, if there is one.
pub(super) fn evaluation(plan: &LoadPlan, outline: &ApplicationOutline) -> Option<Result<Evaluation, InvalidRow>> {
    outline.rating.map(|rating| {
        let mut random = plan.random(Stream::Evaluation, outline.number);
        let accepted_at = history(plan, outline).last().map_or(outline.created_at, |event| event.at);
        let created_at = random.time_between(accepted_at, plan.end());
        let id = random.id(created_at);
        let comment = random.chance(60).then(|| texts::comment(&mut random, rating).parse());
        Ok(Evaluation::builder()
            .id(id)
            .technician_id(TechnicianOutline::new(plan, outline.technician).id)
            .company_id(CompanyOutline::new(plan, outline.job.company).id)
            .job_id(outline.job.id)
            .rating(Rating::try_from(i64::from(rating))?)
            .comment(comment.transpose()?)
            .answer(None)
            .created_at(created_at)
            .build())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_course_is_allowed_by_the_domain() {
        let mut ends = HashSet::new();
        for (course, _) in COURSES {
            let end = course.iter().fold(Applied, |from, (to, side)| from.move_to(*to, *side).unwrap());
            ends.insert(end);
        }
        assert_eq!(ends.len(), ApplicationStatus::ALL.len());
        assert_eq!(COURSES.iter().map(|(_, percent)| percent).sum::<u64>(), 100);
    }
}
