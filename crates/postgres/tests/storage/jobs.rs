use repower_domain::{
    Revision,
    companies::Company,
    jobs::{JobState, JobStatus},
    values::{DateRange, DayRateRange},
};
use repower_ports::{
    RepositoryError,
    companies::CompanySummary,
    jobs::{CompanyJob, JobRecord, JobRepository},
};

use crate::support::{
    NO_QUOTA, World, a_draft, all_pages, an_open_job, assert_matches, at, first_page, new_id, value, with,
};

fn summary_of(company: &Company) -> CompanySummary {
    CompanySummary { id: company.id, name: company.profile.name.clone(), country: company.profile.country }
}

#[test]
fn a_job_is_found_with_its_company_and_an_unknown_one_is_not() {
    let world = World::isolated();
    let company = world.company();
    for job in [a_draft(&company, 0), an_open_job(&company, 1)] {
        let job = world.add_job(job);
        assert_eq!(world.find_job(&job), JobRecord { job, company: summary_of(&company) });
    }
    assert_eq!(world.jobs.find(new_id()).unwrap(), None);
}

#[test]
fn a_job_of_an_unknown_company_is_rejected() {
    let world = World::isolated();
    let mut job = a_draft(&world.company(), 0);
    job.company_id = new_id();
    assert_eq!(world.jobs.add(&job.map_country(Some), NO_QUOTA).unwrap(), None);
    assert_eq!(world.count("jobs", "true"), 0);
}

#[test]
fn every_field_can_be_changed_and_cleared() {
    let world = World::isolated();
    let company = world.company();
    let mut job = world.add_job(an_open_job(&company, 0));
    job.details.title = value("Inspection");
    job.details.description = value("Towers.");
    job.details.location = value("Århus");
    job.details.country = value("SE");
    job.details.project_name = None;
    job.details.discipline = value("INSPECTION");
    job.details.contract_type = value("HOURLY");
    job.details.day_rate = DayRateRange::unknown(value("SEK"));
    job.details.days = DateRange::new(value("2028-01-01"), None).unwrap();
    job.state = JobState::Closed { published_at: Some(at(0)) };
    job.updated_at = at(7);
    world.jobs.update(&job).unwrap();
    assert_eq!(world.find_job(&job).job, with(job, |job| job.revision = Revision::stored(2)));
}

#[test]
fn every_state_is_stored() {
    let world = World::isolated();
    let company = world.company();
    let states = [
        JobState::Draft,
        JobState::Open { published_at: at(3) },
        JobState::Closed { published_at: None },
        JobState::Closed { published_at: Some(at(4)) },
    ];
    for state in states {
        let job = world.add_job(with(a_draft(&company, 0), |job| job.state = state));
        assert_eq!(world.find_job(&job).job.state, state);
    }
}

#[test]
fn of_two_changes_of_one_revision_the_second_is_stale() {
    let world = World::isolated();
    let job = world.add_job(a_draft(&world.company(), 0));
    world.jobs.update(&job).unwrap();
    assert_matches!(world.jobs.update(&job), Err(RepositoryError::Stale));
}

#[test]
fn a_company_lists_its_jobs_newest_first_with_their_applications_counted() {
    let world = World::isolated();
    let company = world.company();
    let mut expected: Vec<_> = [4, 2, 2, 2, 9].map(|second| world.add_job(an_open_job(&company, second))).into();
    world.add_job(an_open_job(&world.company(), 5));
    let applied = &expected[0];
    for _ in 0..3 {
        world.apply(applied, &world.technician(), 0);
    }
    let counted = applied.id;
    expected.sort_by_key(|job| std::cmp::Reverse((job.created_at, job.id.uuid())));
    let expected: Vec<_> = expected
        .into_iter()
        .map(|job| CompanyJob {
            application_count: if job.id == counted { 3 } else { 0 },
            company: summary_of(&company),
            job,
        })
        .collect();
    for limit in [1, 2, 3, 5, 100] {
        assert_eq!(all_pages(limit, |page| world.jobs.list_of_company(company.id, None, page)), expected);
    }
    let statements = world.statements_of(|| world.jobs.list_of_company(company.id, None, first_page(5)).unwrap());
    assert_eq!(statements.len(), 1);
}

#[test]
fn a_company_lists_its_jobs_in_one_status() {
    let world = World::isolated();
    let company = world.company();
    let draft = world.add_job(a_draft(&company, 1));
    let open = world.add_job(an_open_job(&company, 2));
    let closed = world.add_job(with(a_draft(&company, 3), |job| job.state = JobState::Closed { published_at: None }));
    for (status, job) in [(JobStatus::Draft, draft), (JobStatus::Open, open), (JobStatus::Closed, closed)] {
        let listed = all_pages(1, |page| world.jobs.list_of_company(company.id, Some(status), page));
        assert_eq!(listed.into_iter().map(|listed| listed.job).collect::<Vec<_>>(), [job]);
    }
}

#[test]
fn a_page_of_jobs_ends_where_their_descriptions_fill_a_response() {
    let world = World::isolated();
    let company = world.company();
    // 40,000 bytes each: 26 are less than 1 MiB.
    let long = |second| {
        let mut job = a_draft(&company, second);
        job.details.description = value(&"𝄞".repeat(10_000));
        job
    };
    let all: Vec<_> = (1..=30).rev().map(|second| world.add_job(long(second)).id).collect();
    let page = |request| world.jobs.list_of_company(company.id, None, request).unwrap();
    let first = page(first_page(100));
    assert_eq!((first.items.len(), first.next.is_some()), (26, true));
    assert_eq!(page(first_page(9)).items.len(), 9);
    let listed = all_pages(100, |request| world.jobs.list_of_company(company.id, None, request));
    assert_eq!(listed.into_iter().map(|listed| listed.job.id).collect::<Vec<_>>(), all);
}
