use repower_domain::{
    companies::Company,
    jobs::{Job, JobSort},
    values::{Amount, Currency, DateRange, DayRateRange},
};
use repower_ports::{
    PageRequest,
    jobs::{JobFilter, JobRepository},
};

use crate::support::{World, all_pages, amount, an_open_job, first_page, value};

fn starting(company: &Company, day: &str) -> Job {
    let mut job = an_open_job(company, 1);
    job.details.days = DateRange::new(value(day), None).unwrap();
    job
}

fn paying(company: &Company, from: Option<i64>, to: Option<i64>) -> Job {
    let rate = |number: Option<i64>| -> Option<Amount> { number.map(amount) };
    let mut job = an_open_job(company, 1);
    job.details.day_rate = DayRateRange::new(rate(from), rate(to), Currency::default()).unwrap();
    job
}

fn by_day() -> JobFilter {
    JobFilter { sort: Some(JobSort::StartDate), ..JobFilter::default() }
}

fn by_rate() -> JobFilter {
    JobFilter { sort: Some(JobSort::DayRate), currency: Some(Currency::default()), ..JobFilter::default() }
}

#[track_caller]
fn assert_listed(world: &World, filter: &JobFilter, expected: &[Job]) {
    let expected: Vec<_> = expected.iter().cloned().map(Job::listed).collect();
    for limit in [1, 2, 3, 100] {
        let found = all_pages(limit, |page| world.jobs.search(filter, page));
        assert_eq!(found.into_iter().map(|record| record.job).collect::<Vec<_>>(), expected, "{limit}");
    }
}

#[test]
fn jobs_are_sorted_by_their_first_day_then_by_id() {
    let world = World::isolated();
    let company = world.company();
    let days = ["2027-03-01", "0001-01-01", "9999-12-31", "1969-12-31", "2027-03-01", "2027-03-01"];
    let mut jobs = days.map(|day| world.add_job(starting(&company, day)));
    jobs.sort_by_key(|job| (job.details.days.start(), job.id.uuid()));
    assert_listed(&world, &by_day(), &jobs);
    let filter = JobFilter { start_date_from: Some(value("2027-01-01")), ..by_day() };
    assert_listed(&world, &filter, &jobs[2..]);
    // The end of a slice is a position of the same order.
    let slices = JobFilter { words: vec!["es".to_owned()], ..by_day() };
    assert_listed(&world, &slices, &jobs);
}

#[test]
fn jobs_are_sorted_by_their_highest_rate_and_those_without_one_are_last() {
    let world = World::isolated();
    let company = world.company();
    let rates = [
        (Some(300), Some(500)),
        (None, None),
        (Some(500), None),
        (Some(0), None),
        (None, Some(450)),
        (None, None),
        (Some(10_000_000), Some(10_000_000)),
    ];
    let mut jobs = rates.map(|(from, to)| world.add_job(paying(&company, from, to)));
    let mut elsewhere = paying(&company, Some(900), None);
    elsewhere.details.day_rate = DayRateRange::new(Some(amount(900)), None, value("DKK")).unwrap();
    world.add_job(elsewhere);
    let rate = |job: &Job| job.details.day_rate.upper().or(job.details.day_rate.lower());
    jobs.sort_by_key(|job| std::cmp::Reverse((rate(job), job.id.uuid())));
    assert_eq!(rate(&jobs[6]), None);
    assert_listed(&world, &by_rate(), &jobs);
    let slices = JobFilter { words: vec!["es".to_owned()], ..by_rate() };
    assert_listed(&world, &slices, &jobs);
    let bounded = JobFilter { day_rate_min: Some(amount(450)), ..by_rate() };
    assert_listed(&world, &bounded, &jobs[..4]);
}

#[test]
fn pages_of_each_order_neither_skip_nor_repeat_jobs_while_others_are_added() {
    let world = World::isolated();
    let company = world.company();
    let jobs: Vec<_> = (0..6).map(|_| world.add_job(an_open_job(&company, 5)).id).collect();
    for (filter, ascending) in [(by_day(), true), (by_rate(), false)] {
        let (mut seen, mut request) = (Vec::new(), first_page(2));
        while let Some(next) = {
            let page = world.jobs.search(&filter, request).unwrap();
            seen.extend(page.items.into_iter().map(|record| record.job.id));
            page.next
        } {
            // Both are before the page.
            world.add_job(starting(&company, "2026-01-01"));
            world.add_job(paying(&company, Some(600), None));
            request = PageRequest { after: Some(next), ..request };
        }
        let mut stayed: Vec<_> = seen.into_iter().filter(|id| jobs.contains(id)).collect();
        if !ascending {
            stayed.reverse();
        }
        assert_eq!(stayed, jobs);
    }
}
