use repower_domain::{
    Revision,
    accounts::{CompanyRole, Role},
    jobs::JobState,
};
use repower_ports::{companies::MockCompanyRepository, jobs::MockJobRepository};

use super::*;
use crate::testing::{
    FIRST_PAGE, JobBuilder, MEMBERS, RECRUITERS, a_company, a_company_summary, a_job, actor_who_is, actors, all_but,
    amount, assert_matches, clock, earlier, id, ids, job_details, member_elsewhere, now, recruiter, technician,
    the_company, the_job, unavailable, value,
};

fn service(jobs: MockJobRepository) -> JobService {
    service_with(jobs, MockCompanyRepository::new())
}

fn service_with(jobs: MockJobRepository, companies: MockCompanyRepository) -> JobService {
    JobService { jobs: Arc::new(jobs), companies: Arc::new(companies), clock: clock(), ids: ids() }
}

/// Holds this job, or none.
fn keeping(job: Option<JobBuilder>) -> MockJobRepository {
    let mut jobs = MockJobRepository::new();
    jobs.expect_find().once().withf(|id| *id == the_job()).return_once(move |_| Ok(job.map(JobBuilder::record)));
    jobs
}

/// Holds this job, or none, and stores nothing.
fn untouched(job: Option<JobBuilder>) -> MockJobRepository {
    let mut jobs = keeping(job);
    jobs.expect_update().never();
    jobs
}

/// Holds this job, and stores the other one in its place.
fn replacing(job: JobBuilder, expected: Job) -> MockJobRepository {
    let mut jobs = keeping(Some(job));
    jobs.expect_update().once().return_once(move |job| {
        assert_eq!(*job, expected);
        Ok(())
    });
    jobs
}

fn companies_with(company: Option<Company>) -> MockCompanyRepository {
    let mut companies = MockCompanyRepository::new();
    companies.expect_find().once().withf(|id| *id == the_company()).return_once(move |_| Ok(company));
    companies
}

fn a_new_job(status: InitialStatus) -> NewJob {
    let JobDetails { title, description, location, project_name, discipline, contract_type, day_rate, days, .. } =
        job_details();
    NewJob {
        title,
        description,
        location,
        country: None,
        project_name,
        discipline,
        contract_type,
        day_rate,
        days,
        status,
    }
}

fn another_title() -> JobChanges {
    JobChanges { title: Some(value("Inspection")), ..Default::default() }
}

/// A way to change the job, and why it may not be touched.
type Attempt = fn(&JobService, &Actor) -> Option<AccessError>;

const ATTEMPTS: [Attempt; 2] = [
    |service, actor| match service.edit(actor, the_job(), another_title()) {
        Err(EditJobError::Access(refusal)) => Some(refusal),
        Ok(_) | Err(EditJobError::Closed | EditJobError::Inconsistent(_)) => None,
    },
    |service, actor| match service.move_to(actor, the_job(), JobStatus::Draft) {
        Err(MoveJobError::Access(refusal)) => Some(refusal),
        Ok(_) | Err(MoveJobError::InvalidTransition(_)) => None,
    },
];

#[test]
fn a_new_job_is_the_companys_and_published_where_it_is_to_be_open() {
    let states =
        [(InitialStatus::Draft, JobState::Draft), (InitialStatus::Open, JobState::Open { published_at: now() })];
    for actor in actors(RECRUITERS) {
        for (status, state) in states {
            let expected = Job {
                id: id(1),
                state,
                revision: Revision::FIRST,
                created_at: now(),
                updated_at: now(),
                ..a_job().build()
            };
            let mut jobs = MockJobRepository::new();
            let committed = expected.clone();
            jobs.expect_add().once().return_once(move |job| {
                assert_eq!(*job, committed);
                Ok(())
            });
            let posted = service_with(jobs, companies_with(Some(a_company()))).post(&actor, a_new_job(status)).unwrap();
            assert_eq!(posted, JobRecord { job: expected, company: a_company_summary() });
        }
    }
}

#[test]
fn a_job_is_in_the_companys_country_unless_another_is_named() {
    for (named, country) in [(None, "DK"), (Some("NO"), "NO")] {
        let mut jobs = MockJobRepository::new();
        jobs.expect_add().once().return_once(|_| Ok(()));
        let new = NewJob { country: named.map(value), ..a_new_job(InitialStatus::Draft) };
        let posted = service_with(jobs, companies_with(Some(a_company()))).post(&recruiter(), new).unwrap();
        assert_eq!((posted.job.details.country.alpha2(), posted.company.country.alpha2()), (country, "DK"));
    }
}

#[test]
fn only_recruiting_members_post_jobs() {
    for actor in all_but(RECRUITERS) {
        let mut jobs = MockJobRepository::new();
        jobs.expect_add().never();
        let mut companies = MockCompanyRepository::new();
        companies.expect_find().never();
        let posted = service_with(jobs, companies).post(&actor, a_new_job(InitialStatus::Open));
        assert_matches!(posted, Err(AccessError::Forbidden(_)));
    }
}

#[test]
fn no_job_is_posted_for_a_company_that_is_gone() {
    let mut jobs = MockJobRepository::new();
    jobs.expect_add().never();
    let posted = service_with(jobs, companies_with(None)).post(&recruiter(), a_new_job(InitialStatus::Draft));
    assert_matches!(posted, Err(AccessError::NotFound));
}

#[test]
fn a_job_that_could_not_be_stored_is_not_answered() {
    let mut jobs = MockJobRepository::new();
    jobs.expect_add().once().return_once(|_| Err(unavailable()));
    let companies = companies_with(Some(a_company()));
    let posted = service_with(jobs, companies).post(&recruiter(), a_new_job(InitialStatus::Draft));
    assert_matches!(posted, Err(AccessError::Repository(RepositoryError::Unavailable(_))));

    let mut jobs = MockJobRepository::new();
    jobs.expect_add().never();
    let mut companies = MockCompanyRepository::new();
    companies.expect_find().once().return_once(|_| Err(unavailable()));
    let posted = service_with(jobs, companies).post(&recruiter(), a_new_job(InitialStatus::Draft));
    assert_matches!(posted, Err(AccessError::Repository(RepositoryError::Unavailable(_))));
}

#[test]
fn a_job_is_seen_by_its_company_and_once_published_by_all() {
    let stages = [
        ("draft", a_job(), false),
        ("open", a_job().open(), true),
        ("closed", a_job().closed(), true),
        ("never published", a_job().closed_unpublished(), false),
    ];
    let outsiders = [technician(), actor_who_is(Role::SuperAdmin), member_elsewhere(CompanyRole::Admin)];
    for (stage, job, is_public) in stages {
        let sees = |actor: Option<&Actor>| match service(keeping(Some(job.clone()))).find(actor, the_job()) {
            Ok(found) => {
                assert_eq!(found, job.clone().record());
                true
            }
            Err(AccessError::NotFound) => false,
            Err(error) => panic!("{error:?}"),
        };
        for member in actors(MEMBERS) {
            assert!(sees(Some(&member)), "{stage}: {member:?}");
        }
        for outsider in outsiders.iter().map(Some).chain([None]) {
            assert_eq!(sees(outsider), is_public, "{stage}: {outsider:?}");
        }
    }
}

#[test]
fn a_job_that_is_not_there_is_not_found() {
    assert_matches!(service(keeping(None)).find(None, the_job()), Err(AccessError::NotFound));
    assert_matches!(service(keeping(None)).find(Some(&recruiter()), the_job()), Err(AccessError::NotFound));
}

#[test]
fn anybody_searches_the_open_jobs() {
    let mut jobs = MockJobRepository::new();
    let found = Page { items: vec![a_job().open().record()], next: None };
    let answer = found.clone();
    jobs.expect_search().once().return_once(move |_, _| Ok(answer));
    assert_eq!(service(jobs).search(&JobFilter::default(), FIRST_PAGE).unwrap(), found);
}

#[test]
fn a_storage_that_is_away_is_told_from_jobs_that_are_not_there() {
    let mut jobs = MockJobRepository::new();
    jobs.expect_find().return_once(|_| Err(unavailable()));
    jobs.expect_search().return_once(|_, _| Err(unavailable()));
    jobs.expect_list_of_company().return_once(|_, _, _| Err(unavailable()));
    let service = service(jobs);
    let unavailable = |error| matches!(error, AccessError::Repository(RepositoryError::Unavailable(_)));
    assert!(service.find(None, the_job()).is_err_and(unavailable));
    assert!(service.search(&JobFilter::default(), FIRST_PAGE).is_err_and(unavailable));
    assert!(service.list_own(&recruiter(), None, FIRST_PAGE).is_err_and(unavailable));
}

#[test]
fn every_member_lists_the_jobs_of_the_own_company() {
    for actor in actors(MEMBERS) {
        let item = CompanyJob { job: a_job().build(), company: a_company_summary(), application_count: 2 };
        let (mut jobs, answer) = (MockJobRepository::new(), item.clone());
        jobs.expect_list_of_company()
            .once()
            .withf(|company, _, _| *company == the_company())
            .return_once(move |_, _, _| Ok(Page { items: vec![answer], next: None }));
        assert_eq!(service(jobs).list_own(&actor, None, FIRST_PAGE).unwrap().items, [item], "{actor:?}");
    }
}

#[test]
fn who_is_no_member_has_no_jobs_of_their_own() {
    for actor in all_but(MEMBERS) {
        let mut jobs = MockJobRepository::new();
        jobs.expect_list_of_company().never();
        assert_matches!(service(jobs).list_own(&actor, None, FIRST_PAGE), Err(AccessError::Forbidden(_)));
    }
}

#[test]
fn who_does_not_recruit_is_refused_before_the_job_is_loaded() {
    for actor in all_but(RECRUITERS) {
        for attempt in ATTEMPTS {
            let mut jobs = MockJobRepository::new();
            jobs.expect_find().never();
            jobs.expect_update().never();
            assert_matches!(attempt(&service(jobs), &actor), Some(AccessError::Forbidden(_)));
        }
    }
}

#[test]
fn a_stranger_changes_nothing_and_learns_only_of_what_was_published() {
    let stranger = member_elsewhere(CompanyRole::Admin);
    for attempt in ATTEMPTS {
        for hidden in [None, Some(a_job()), Some(a_job().closed_unpublished())] {
            assert_matches!(attempt(&service(untouched(hidden)), &stranger), Some(AccessError::NotFound));
        }
        for known in [a_job().open(), a_job().closed()] {
            assert_matches!(attempt(&service(untouched(Some(known))), &stranger), Some(AccessError::Forbidden(_)));
        }
    }
}

#[test]
fn changing_a_job_fails_with_the_storage() {
    for attempt in ATTEMPTS {
        let mut jobs = MockJobRepository::new();
        jobs.expect_find().once().return_once(|_| Err(unavailable()));
        jobs.expect_update().never();
        let failure = attempt(&service(jobs), &recruiter());
        assert_matches!(failure, Some(AccessError::Repository(RepositoryError::Unavailable(_))));
    }
}

#[test]
fn a_change_that_lost_a_race_is_refused_as_stale() {
    let raced = || {
        let mut jobs = keeping(Some(a_job()));
        jobs.expect_update().once().return_once(|_| Err(RepositoryError::Stale));
        service(jobs)
    };
    let edited = raced().edit(&recruiter(), the_job(), another_title());
    assert_matches!(edited, Err(EditJobError::Access(AccessError::Repository(RepositoryError::Stale))));
    let moved = raced().move_to(&recruiter(), the_job(), JobStatus::Open);
    assert_matches!(moved, Err(MoveJobError::Access(AccessError::Repository(RepositoryError::Stale))));
}

#[test]
fn recruiting_members_edit_a_job_until_it_is_closed() {
    for actor in actors(RECRUITERS) {
        for job in [a_job(), a_job().open()] {
            let mut expected = job.clone().record();
            expected.job.details.title = value("Inspection");
            expected.job.updated_at = now();
            let jobs = replacing(job, expected.job.clone());
            assert_eq!(service(jobs).edit(&actor, the_job(), another_title()).unwrap(), expected);
        }
    }
}

#[test]
fn a_closed_job_is_not_edited_whatever_the_changes_are() {
    let contradiction = JobChanges { day_rate_to: Some(amount(299)), ..Default::default() };
    for changes in [JobChanges::default(), another_title(), contradiction] {
        for job in [a_job().closed(), a_job().closed_unpublished()] {
            let edited = service(untouched(Some(job))).edit(&recruiter(), the_job(), changes.clone());
            assert_matches!(edited, Err(EditJobError::Closed));
        }
    }
}

#[test]
fn fields_that_contradict_the_stored_ones_are_not_stored() {
    let rates = JobChanges { day_rate_to: Some(amount(299)), ..Default::default() };
    let days = JobChanges { end_date: Some(Some(value("2026-11-30"))), ..Default::default() };
    for (changes, contradiction) in [(rates, Inconsistent::DayRates), (days, Inconsistent::Days)] {
        let edited = service(untouched(Some(a_job()))).edit(&recruiter(), the_job(), changes);
        assert_matches!(edited, Err(EditJobError::Inconsistent(ref causes)) if *causes == [contradiction]);
    }
}

#[test]
fn an_edit_without_changes_stores_nothing() {
    let edited = service(untouched(Some(a_job().open()))).edit(&recruiter(), the_job(), JobChanges::default());
    assert_eq!(edited.unwrap(), a_job().open().record());
}

#[test]
fn the_first_publication_is_the_one_that_counts() {
    let (first, never) = (Some(earlier()), None);
    let cases = [
        (a_job(), JobStatus::Open, JobState::Open { published_at: now() }),
        (a_job(), JobStatus::Closed, JobState::Closed { published_at: never }),
        (a_job().open(), JobStatus::Closed, JobState::Closed { published_at: first }),
        (a_job().closed(), JobStatus::Open, JobState::Open { published_at: earlier() }),
        (a_job().closed_unpublished(), JobStatus::Open, JobState::Open { published_at: now() }),
    ];
    for actor in actors(RECRUITERS) {
        for (job, next, state) in cases.clone() {
            let mut expected = job.clone().in_state(state).record();
            expected.job.updated_at = now();
            let moved = service(replacing(job, expected.job.clone())).move_to(&actor, the_job(), next).unwrap();
            assert_eq!(moved, expected);
        }
    }
}

#[test]
fn the_same_status_again_stores_nothing() {
    for job in [a_job(), a_job().open(), a_job().closed(), a_job().closed_unpublished()] {
        let status = job.clone().build().state.status();
        let moved = service(untouched(Some(job.clone()))).move_to(&recruiter(), the_job(), status);
        assert_eq!(moved.unwrap(), job.record());
    }
}

#[test]
fn what_left_the_drafts_does_not_return_to_them() {
    for job in [a_job().open(), a_job().closed(), a_job().closed_unpublished()] {
        let from = job.clone().build().state.status();
        let moved = service(untouched(Some(job))).move_to(&recruiter(), the_job(), JobStatus::Draft);
        let expected = InvalidJobTransition { from, to: JobStatus::Draft };
        assert_matches!(moved, Err(MoveJobError::InvalidTransition(cause)) if cause == expected);
    }
}
