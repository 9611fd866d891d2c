mod requirements;

use repower_domain::{Edit, Revision, compliance::Requirement, jobs::JobState};
use repower_ports::{jobs::MockJobRepository, technicians::MockTechnicianRepository};

use super::*;
use crate::testing::{
    FIRST_PAGE, JobBuilder, a_company_summary, a_job, a_page, actors_without_a_company, amount, assert_matches, clock,
    earlier, id, ids, job_details, jobs_with, member, member_of_another_company, now, public_jobs_with, super_admin,
    technician, the_company, the_job, unavailable, unavailable_jobs, value,
};

fn service(jobs: MockJobRepository) -> JobService {
    service_with(jobs, MockTechnicianRepository::new())
}

fn service_with(jobs: MockJobRepository, technicians: MockTechnicianRepository) -> JobService {
    let (jobs, technicians) = (Arc::new(jobs), Arc::new(technicians));
    JobService { jobs, technicians, clock: clock(), ids: ids(), quotas: Quotas::default() }
}

/// A repository that finds this job once, or no job, and stores nothing.
fn unchanged_jobs_with(job: Option<JobBuilder>) -> MockJobRepository {
    let mut jobs = jobs_with(job);
    jobs.expect_update().never();
    jobs
}

/// A repository that finds this job and replaces it with the expected one, within the
/// quota if it becomes open.
fn jobs_replacing(job: JobBuilder, expected: Job) -> MockJobRepository {
    let job_status = job.clone().record().job.state.status();
    let mut jobs = jobs_with(Some(job));
    if expected.state.status() == JobStatus::Open && job_status != JobStatus::Open {
        jobs.expect_open().once().return_once(move |job, quota| {
            assert_eq!((job, quota), (&expected, Quotas::default().open_jobs));
            Ok(())
        });
    } else {
        jobs.expect_update().once().return_once(move |job| {
            assert_eq!(*job, expected);
            Ok(())
        });
    }
    jobs
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
    JobChanges::builder().title(Some(value("Inspection"))).build()
}

fn heights() -> Requirements {
    Requirements::new(vec![Requirement::new(vec![value("GWO_WAH")], true, None).unwrap()]).unwrap()
}

/// Changes the job; returns the error of the access, if there is one.
type Changing = fn(&JobService, &Actor) -> Option<AccessError>;

/// Every way to change a job.
const WAYS: [Changing; 3] = [
    |service, actor| match service.edit(actor, the_job(), another_title()) {
        Err(EditJobError::Access(error)) => Some(error),
        Ok(_) | Err(EditJobError::Closed | EditJobError::Inconsistent(_)) => None,
    },
    |service, actor| match service.replace_requirements(actor, the_job(), heights()) {
        Err(EditJobError::Access(error)) => Some(error),
        Ok(_) | Err(EditJobError::Closed | EditJobError::Inconsistent(_)) => None,
    },
    |service, actor| match service.move_to(actor, the_job(), JobStatus::Draft) {
        Err(MoveJobError::Access(error)) => Some(error),
        Ok(_) | Err(MoveJobError::InvalidTransition(_)) => None,
    },
];

#[test]
fn a_new_job_belongs_to_the_company_and_is_published_if_its_status_is_open() {
    let states =
        [(InitialStatus::Draft, JobState::Draft), (InitialStatus::Open, JobState::Open { published_at: now() })];
    for (status, state) in states {
        let mut expected = a_job().build();
        expected.id = id(1);
        expected.state = state;
        expected.revision = Revision::FIRST;
        expected.created_at = now();
        expected.updated_at = now();
        let mut jobs = MockJobRepository::new();
        let committed = expected.clone();
        jobs.expect_add().once().return_once(move |job, quota| {
            assert_eq!(job.details.country, None);
            let stored = job.clone().of_company_in(a_company_summary().country);
            assert_eq!((stored, quota), (committed, Quotas::default().open_jobs));
            Ok(Some(a_company_summary()))
        });
        let posted = service(jobs).post(&member(), a_new_job(status)).unwrap();
        assert_eq!(posted, JobRecord { job: expected, company: a_company_summary() });
    }
}

#[test]
fn the_country_of_a_new_job_defaults_to_that_of_the_company() {
    for (named, country) in [(None, "DK"), (Some("NO"), "NO")] {
        let mut jobs = MockJobRepository::new();
        jobs.expect_add().once().return_once(|_, _| Ok(Some(a_company_summary())));
        let new = NewJob { country: named.map(value), ..a_new_job(InitialStatus::Draft) };
        let posted = service(jobs).post(&member(), new).unwrap();
        assert_eq!((posted.job.details.country.alpha2(), posted.company.country.alpha2()), (country, "DK"));
    }
}

#[test]
fn an_actor_without_a_company_cannot_post_a_job() {
    for actor in actors_without_a_company() {
        let mut jobs = MockJobRepository::new();
        jobs.expect_add().never();
        let posted = service(jobs).post(&actor, a_new_job(InitialStatus::Open));
        assert_matches!(posted, Err(AccessError::Forbidden(_)));
    }
}

#[test]
fn a_job_of_a_missing_company_is_not_posted() {
    let mut jobs = MockJobRepository::new();
    jobs.expect_add().once().return_once(|_, _| Ok(None));
    let posted = service(jobs).post(&member(), a_new_job(InitialStatus::Draft));
    assert_matches!(posted, Err(AccessError::NotFound));
}

#[test]
fn posting_a_job_fails_if_the_storage_is_unavailable() {
    let mut jobs = MockJobRepository::new();
    jobs.expect_add().once().return_once(|_, _| Err(unavailable()));
    let posted = service(jobs).post(&member(), a_new_job(InitialStatus::Draft));
    assert_matches!(posted, Err(AccessError::Repository(RepositoryError::Unavailable(_))));
}

#[test]
fn a_job_is_visible_to_its_company_and_to_all_once_it_was_published() {
    let stages = [
        ("draft", a_job(), false),
        ("open", a_job().open(), true),
        ("closed", a_job().closed(), true),
        ("never published", a_job().closed_unpublished(), false),
    ];
    let outsiders = [technician(), super_admin(), member_of_another_company()];
    for (stage, job, is_public) in stages {
        // An actor sees the own writes; the public may be served by a replica.
        let jobs = |actor: Option<&Actor>| match actor {
            Some(_) => jobs_with(Some(job.clone())),
            None => public_jobs_with(Some(job.clone())),
        };
        let sees = |actor: Option<&Actor>| match service(jobs(actor)).find(actor, the_job()) {
            Ok(found) => {
                assert_eq!(found, job.clone().record());
                true
            }
            Err(AccessError::NotFound) => false,
            Err(error) => panic!("{error:?}"),
        };
        assert!(sees(Some(&member())), "{stage}");
        for outsider in outsiders.iter().map(Some).chain([None]) {
            assert_eq!(sees(outsider), is_public, "{stage}: {outsider:?}");
        }
    }
}

#[test]
fn a_missing_job_is_not_found() {
    assert_matches!(service(public_jobs_with(None)).find(None, the_job()), Err(AccessError::NotFound));
    assert_matches!(service(jobs_with(None)).find(Some(&member()), the_job()), Err(AccessError::NotFound));
}

#[test]
fn the_open_jobs_that_match_are_returned() {
    let mut jobs = MockJobRepository::new();
    let found = a_page(a_job().open().listed());
    let stored = found.clone();
    jobs.expect_search().once().return_once(move |_, _| Ok(stored));
    assert_eq!(service(jobs).search(&JobFilter::default(), FIRST_PAGE).unwrap(), found);
}

#[test]
fn an_unavailable_storage_is_another_error_than_a_missing_job() {
    let mut jobs = MockJobRepository::new();
    jobs.expect_find_public().return_once(|_| Err(unavailable()));
    jobs.expect_search().return_once(|_, _| Err(unavailable()));
    jobs.expect_list_of_company().return_once(|_, _, _| Err(unavailable()));
    let service = service(jobs);
    let is_unavailable = |error| matches!(error, AccessError::Repository(RepositoryError::Unavailable(_)));
    assert!(service.find(None, the_job()).is_err_and(is_unavailable));
    assert!(service.search(&JobFilter::default(), FIRST_PAGE).is_err_and(is_unavailable));
    assert!(service.list_own(&member(), None, FIRST_PAGE).is_err_and(is_unavailable));
}

#[test]
fn a_member_lists_the_jobs_of_their_own_company() {
    let item = CompanyJob { job: a_job().build(), company: a_company_summary(), application_count: 2 };
    let (mut jobs, stored) = (MockJobRepository::new(), item.clone());
    jobs.expect_list_of_company()
        .once()
        .withf(|company, status, _| (*company, *status) == (the_company(), Some(JobStatus::Draft)))
        .return_once(move |_, _, _| Ok(a_page(stored)));
    let listed = service(jobs).list_own(&member(), Some(JobStatus::Draft), FIRST_PAGE);
    assert_eq!(listed.unwrap().items, [item]);
}

#[test]
fn an_actor_without_a_company_has_no_jobs() {
    for actor in actors_without_a_company() {
        let mut jobs = MockJobRepository::new();
        jobs.expect_list_of_company().never();
        assert_matches!(service(jobs).list_own(&actor, None, FIRST_PAGE), Err(AccessError::Forbidden(_)));
    }
}

#[test]
fn an_actor_without_a_company_is_rejected_before_the_job_is_loaded() {
    for actor in actors_without_a_company() {
        for change in WAYS {
            // A mock without expectations panics at any call.
            let jobs = MockJobRepository::new();
            assert_matches!(change(&service(jobs), &actor), Some(AccessError::Forbidden(_)));
        }
    }
}

#[test]
fn a_member_of_another_company_changes_no_job_and_finds_only_published_ones() {
    let outsider = member_of_another_company();
    for change in WAYS {
        for hidden in [None, Some(a_job()), Some(a_job().closed_unpublished())] {
            assert_matches!(change(&service(unchanged_jobs_with(hidden)), &outsider), Some(AccessError::NotFound));
        }
        for published in [a_job().open(), a_job().closed()] {
            assert_matches!(
                change(&service(unchanged_jobs_with(Some(published))), &outsider),
                Some(AccessError::Forbidden(_))
            );
        }
    }
}

#[test]
fn changing_a_job_fails_if_the_storage_is_unavailable() {
    for change in WAYS {
        let failure = change(&service(unavailable_jobs()), &member());
        assert_matches!(failure, Some(AccessError::Repository(RepositoryError::Unavailable(_))));
    }
}

#[test]
fn the_later_of_two_concurrent_changes_is_rejected_as_stale() {
    let stale = || {
        let mut jobs = jobs_with(Some(a_job()));
        jobs.expect_update().return_once(|_| Err(RepositoryError::Stale));
        jobs.expect_open().return_once(|_, _| Err(RepositoryError::Stale));
        service(jobs)
    };
    let edited = stale().edit(&member(), the_job(), another_title());
    assert_matches!(edited, Err(EditJobError::Access(AccessError::Repository(RepositoryError::Stale))));
    let moved = stale().move_to(&member(), the_job(), JobStatus::Open);
    assert_matches!(moved, Err(MoveJobError::Access(AccessError::Repository(RepositoryError::Stale))));
}

#[test]
fn a_job_is_edited_until_it_is_closed() {
    for job in [a_job(), a_job().open()] {
        let mut expected = job.clone().record();
        expected.job.details.title = value("Inspection");
        expected.job.updated_at = now();
        let jobs = jobs_replacing(job, expected.job.clone());
        assert_eq!(service(jobs).edit(&member(), the_job(), another_title()).unwrap(), expected);
    }
}

#[test]
fn a_closed_job_cannot_be_edited_even_without_changes() {
    let contradiction = JobChanges::builder().day_rate_to(amount(299).into()).build();
    for changes in [JobChanges::default(), another_title(), contradiction] {
        for job in [a_job().closed(), a_job().closed_unpublished()] {
            let edited = service(unchanged_jobs_with(Some(job))).edit(&member(), the_job(), changes.clone());
            assert_matches!(edited, Err(EditJobError::Closed));
        }
    }
}

#[test]
fn fields_that_contradict_stored_fields_are_not_stored() {
    let rates = JobChanges::builder().day_rate_to(amount(299).into()).build();
    let days = JobChanges::builder().end_date(Edit::Set(value("2026-11-30"))).build();
    for (changes, contradiction) in [(rates, Inconsistent::DayRates), (days, Inconsistent::Days)] {
        let edited = service(unchanged_jobs_with(Some(a_job()))).edit(&member(), the_job(), changes);
        assert_matches!(edited, Err(EditJobError::Inconsistent(ref causes)) if *causes == [contradiction]);
    }
}

#[test]
fn an_edit_without_changes_stores_nothing() {
    let edited = service(unchanged_jobs_with(Some(a_job().open()))).edit(&member(), the_job(), JobChanges::default());
    assert_eq!(edited.unwrap(), a_job().open().record());
}

#[test]
fn a_job_stores_the_time_of_its_first_publication() {
    let (first, never) = (Some(earlier()), None);
    let cases = [
        (a_job(), JobStatus::Open, JobState::Open { published_at: now() }),
        (a_job(), JobStatus::Closed, JobState::Closed { published_at: never }),
        (a_job().open(), JobStatus::Closed, JobState::Closed { published_at: first }),
        (a_job().closed(), JobStatus::Open, JobState::Open { published_at: earlier() }),
        (a_job().closed_unpublished(), JobStatus::Open, JobState::Open { published_at: now() }),
    ];
    for (job, next, state) in cases {
        let mut expected = job.clone().in_state(state).record();
        expected.job.updated_at = now();
        let moved = service(jobs_replacing(job, expected.job.clone())).move_to(&member(), the_job(), next).unwrap();
        assert_eq!(moved, expected);
    }
}

#[test]
fn a_job_beyond_the_quota_is_not_opened() {
    for job in [a_job(), a_job().closed()] {
        let mut jobs = jobs_with(Some(job));
        jobs.expect_open()
            .once()
            .return_once(|_, quota| Err(RepositoryError::LimitReached { limit: quota.unverified }));
        let moved = service(jobs).move_to(&member(), the_job(), JobStatus::Open);
        let Err(MoveJobError::Access(AccessError::Repository(error))) = moved else { panic!("{moved:?}") };
        assert_matches!(error, RepositoryError::LimitReached { limit: 20 });
    }
}

#[test]
fn moving_a_job_to_its_status_stores_nothing() {
    for job in [a_job(), a_job().open(), a_job().closed(), a_job().closed_unpublished()] {
        let status = job.clone().build().state.status();
        let moved = service(unchanged_jobs_with(Some(job.clone()))).move_to(&member(), the_job(), status);
        assert_eq!(moved.unwrap(), job.record());
    }
}

#[test]
fn a_job_cannot_return_to_draft() {
    for job in [a_job().open(), a_job().closed(), a_job().closed_unpublished()] {
        let from = job.clone().build().state.status();
        let moved = service(unchanged_jobs_with(Some(job))).move_to(&member(), the_job(), JobStatus::Draft);
        let expected = JobTransitionError { from, to: JobStatus::Draft };
        assert_matches!(moved, Err(MoveJobError::InvalidTransition(cause)) if cause == expected);
    }
}
