//! Searches whose page is in the first rows of a list, and those whose is not, on loaded data.

use std::cmp::Reverse;

use repower_domain::{
    ids::JobId,
    jobs::{Job, JobSort, JobSummary},
    technicians::TechnicianSort,
    values::{Amount, CalendarDate},
};
use repower_ports::{
    PageRequest,
    jobs::{JobFilter, JobRepository, ListedJob},
    technicians::{RatedTechnician, TechnicianFilter, TechnicianRepository},
};

use crate::support::{World, all_pages, amount, first_page, value};

/// Whether a job matches the enums, days and numbers of a filter.
fn matches(Job { company_id, details, .. }: &Job<JobSummary>, filter: &JobFilter) -> bool {
    fn is<T: PartialEq + Copy>(wanted: Option<T>, value: T) -> bool {
        wanted.is_none_or(|wanted| wanted == value)
    }
    let (start, rate) = (details.days.start(), details.day_rate);
    is(filter.discipline, details.discipline)
        && is(filter.country, details.country)
        && is(filter.contract_type, details.contract_type)
        && is(filter.company_id, *company_id)
        && is(filter.currency, rate.currency())
        && filter.start_date_from.is_none_or(|first| start >= first)
        && filter.start_date_to.is_none_or(|last| start <= last)
        && filter.day_rate_min.is_none_or(|least| rate.upper().or(rate.lower()).is_some_and(|rate| rate >= least))
        && filter.day_rate_max.is_none_or(|most| rate.lower().or(rate.upper()).is_some_and(|rate| rate <= most))
}

/// The jobs of the newest-first list that match, in the order of the filter.
fn expected(all: &[ListedJob], filter: &JobFilter) -> Vec<JobId> {
    let mut jobs: Vec<_> = all.iter().map(|listed| &listed.job).filter(|job| matches(job, filter)).collect();
    match filter.sort {
        Some(JobSort::StartDate) => jobs.sort_by_key(|job| (job.details.days.start(), job.id.uuid())),
        Some(JobSort::DayRate) => jobs.sort_by_key(|job| {
            let rate = job.details.day_rate;
            Reverse((rate.upper().or(rate.lower()).map_or(-1, Amount::get), job.id.uuid()))
        }),
        _ => {}
    }
    jobs.into_iter().map(|job| job.id).collect()
}

/// Filters that match from nearly all jobs to none.
fn job_filters(company: &ListedJob) -> Vec<JobFilter> {
    let any = JobFilter::default;
    let of_company = JobFilter { company_id: Some(company.job.company_id), ..any() };
    vec![
        any(),
        JobFilter { discipline: Some(value("INSPECTION")), country: Some(value("DE")), ..any() },
        JobFilter { discipline: Some(value("COMMISSIONING")), currency: Some(value("SEK")), ..any() },
        JobFilter { contract_type: Some(value("HOURLY")), day_rate_min: Some(amount(500)), ..any() },
        JobFilter { currency: Some(value("EUR")), day_rate_max: Some(amount(300)), ..any() },
        JobFilter {
            currency: Some(value("EUR")),
            day_rate_min: Some(amount(1)),
            day_rate_max: Some(amount(2)),
            ..any()
        },
        JobFilter { start_date_from: Some(value("2026-12-01")), ..any() },
        JobFilter { start_date_from: Some(value("2026-06-01")), start_date_to: Some(value("2026-06-30")), ..any() },
        JobFilter { contract_type: Some(value("DAY_RATE")), start_date_to: Some(value("2026-03-01")), ..of_company },
        JobFilter {
            discipline: Some(value("BLADE_REPAIR")),
            country: Some(value("DK")),
            contract_type: Some(value("DAY_RATE")),
            currency: Some(value("DKK")),
            start_date_from: Some(value("2025-01-01")),
            day_rate_min: Some(amount(100)),
            ..any()
        },
    ]
}

#[test]
fn a_search_finds_the_jobs_that_match_each_once_and_in_order_wherever_in_the_list_they_are() {
    let world = World::loaded();
    let all = all_pages(100, |page| world.jobs.search(&JobFilter::default(), page));
    assert!(all.len() > 5_000, "{}", all.len());
    for sort in [None, Some(JobSort::StartDate), Some(JobSort::DayRate)] {
        for filter in job_filters(&all[0]) {
            let filter = JobFilter { sort, ..filter };
            let found = all_pages(100, |page| world.jobs.search(&filter, page));
            let found: Vec<_> = found.into_iter().map(|listed| listed.job.id).collect();
            assert_eq!(found, expected(&all, &filter), "{filter:?}");
        }
    }
}

/// No index has a word of one letter, which all jobs have.
#[test]
fn a_search_in_slices_finds_the_jobs_that_match_each_once_and_in_order() {
    let world = World::loaded();
    let all = all_pages(100, |page| world.jobs.search(&JobFilter::default(), page));
    for sort in [None, Some(JobSort::StartDate), Some(JobSort::DayRate)] {
        for filter in job_filters(&all[0]) {
            let filter = JobFilter { sort, words: vec!["e".to_owned()], ..filter };
            let found = all_pages(100, |page| world.jobs.search(&filter, page));
            let found: Vec<_> = found.into_iter().map(|listed| listed.job.id).collect();
            assert_eq!(found, expected(&all, &filter), "{filter:?}");
        }
    }
}

#[test]
fn a_search_finds_the_technicians_that_match_each_once_and_in_order_wherever_in_the_list_they_are() {
    let world = World::loaded();
    let today: CalendarDate = value("2026-11-22");
    let search = |filter: &TechnicianFilter| all_pages(100, |page| world.technicians.search(filter, today, page));
    let all = search(&TechnicianFilter::default());
    assert!(all.len() > 3_000, "{}", all.len());
    let any = TechnicianFilter::default;
    let years = |found: &RatedTechnician| found.technician.profile.years_experience;
    for filter in [
        any(),
        TechnicianFilter { discipline: Some(value("ROPE_ACCESS")), country: Some(value("DE")), ..any() },
        TechnicianFilter {
            mobility: Some(value("LOCAL")),
            min_years_experience: Some(20.try_into().unwrap()),
            ..any()
        },
        TechnicianFilter { currency: Some(value("EUR")), day_rate_max: Some(amount(250)), ..any() },
        TechnicianFilter { available_by: Some(today), min_rating: Some(value("4.5")), ..any() },
    ] {
        let is_found = |RatedTechnician { technician, ratings }: &RatedTechnician| {
            let profile = &technician.profile;
            filter.discipline.is_none_or(|discipline| discipline == profile.primary_discipline)
                && filter.country.is_none_or(|country| country == profile.country)
                && filter.mobility.is_none_or(|mobility| mobility == profile.mobility)
                && filter.min_years_experience.is_none_or(|years| profile.years_experience >= years)
                && filter.available_by.is_none_or(|day| profile.availability_from.is_none_or(|from| from <= day))
                && filter.currency.is_none_or(|currency| currency == profile.day_rate.currency())
                && filter.day_rate_max.is_none_or(|most| profile.day_rate.lower().is_none_or(|rate| rate <= most))
                && filter.min_rating.is_none_or(|least| {
                    ratings.average().is_some_and(|average| average.hundredths() >= least.hundredths())
                })
        };
        let ids = |found: &[RatedTechnician]| found.iter().map(|found| found.technician.id).collect::<Vec<_>>();
        let mut expected: Vec<_> = all.iter().filter(|found| is_found(found)).cloned().collect();
        assert_eq!(ids(&search(&filter)), ids(&expected), "{filter:?}");
        expected.sort_by_key(|found| Reverse((years(found), found.technician.id.uuid())));
        let sorted = TechnicianFilter { sort: Some(TechnicianSort::YearsExperience), ..filter };
        assert_eq!(ids(&search(&sorted)), ids(&expected), "{sorted:?}");
    }
}

/// No transaction, no settings, and no plan for the values: one round trip.
#[test]
fn a_page_in_the_first_rows_of_a_list_is_one_statement_whatever_its_filters() {
    let world = World::loaded();
    let page = first_page(20);
    let (rate, day) = (Some(amount(300)), Some(value("2025-01-01")));
    let any = JobFilter::default;
    for sort in [None, Some(JobSort::StartDate), Some(JobSort::DayRate)] {
        for filter in [
            JobFilter { currency: Some(value("EUR")), day_rate_min: rate, start_date_from: day, ..any() },
            JobFilter { currency: Some(value("EUR")), discipline: Some(value("INSPECTION")), ..any() },
            JobFilter {
                currency: Some(value("EUR")),
                contract_type: Some(value("DAY_RATE")),
                discipline: Some(value("BLADE_REPAIR")),
                start_date_from: day,
                day_rate_min: rate,
                ..any()
            },
        ] {
            let filter = JobFilter { sort, ..filter };
            assert_one_statement(&world, page, |page| world.jobs.search(&filter, page).unwrap().items.len());
        }
    }
    let any = TechnicianFilter::default;
    for sort in [None, Some(TechnicianSort::YearsExperience), Some(TechnicianSort::AverageRating)] {
        for filter in [
            TechnicianFilter { available_by: Some(value("2026-11-22")), day_rate_max: rate, ..any() },
            TechnicianFilter { currency: Some(value("EUR")), mobility: Some(value("GLOBAL")), ..any() },
        ] {
            let filter = TechnicianFilter { sort, ..filter };
            let today = value("2026-11-22");
            assert_one_statement(&world, page, |page| {
                world.technicians.search(&filter, today, page).unwrap().items.len()
            });
        }
    }
}

#[track_caller]
fn assert_one_statement(world: &World, page: PageRequest, search: impl Fn(PageRequest) -> usize) {
    let mut items = 0;
    let statements = world.statements_of(|| items = search(page));
    assert_eq!((items, statements.len()), (usize::from(page.limit), 1), "{statements:#?}");
}
