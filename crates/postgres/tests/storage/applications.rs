use repower_domain::{
    Edit, Revision,
    accounts::Side,
    applications::{Application, ApplicationEvent, ApplicationMove, ApplicationStatus},
    jobs::JobState,
    values::RatingSummary,
};
use repower_ports::{
    RepositoryError,
    applications::{AddApplicationError, Applicant, ApplicationRepository, AppliedJob},
    jobs::{JobRecord, JobRepository, ListedJob},
    technicians::RatedTechnician,
};

use crate::support::{
    World, a_draft, all_pages, an_application, an_evaluation, an_open_job, assert_matches, at, first_page, new_id,
    rated, value, with,
};

fn shortlisted(application: &Application, second: i64) -> (Application, ApplicationEvent) {
    let requested = ApplicationMove::builder()
        .next(ApplicationStatus::Shortlisted)
        .message_to_technician(Edit::Set(value("Call me.")))
        .build();
    let (moved, mut event) = application.move_to(requested, Side::Company, new_id(), at(second)).unwrap();
    event.actor_id = new_id();
    (moved, event)
}

#[test]
fn an_application_is_found_with_its_company_and_an_unknown_one_is_not() {
    let world = World::isolated();
    let job = world.add_job(an_open_job(&world.company(), 0));
    let application = world.apply(&job, &world.technician(), 1);
    assert_eq!(world.applications.find(application.id).unwrap(), Some(application));
    assert_eq!(world.applications.find(new_id()).unwrap(), None);
}

#[test]
fn only_an_open_job_accepts_applications() {
    let world = World::isolated();
    let company = world.company();
    let technician = world.technician();
    let closed = JobState::Closed { published_at: Some(at(0)) };
    let missing = a_draft(&company, 0);
    for job in [
        world.add_job(a_draft(&company, 0)),
        world.add_job(with(a_draft(&company, 0), |job| job.state = closed)),
        missing,
    ] {
        let application = an_application(&job, &technician, 1);
        let added = world.applications.add(&application, &application.applied(technician.user_id));
        assert_matches!(added, Err(AddApplicationError::JobNotOpen));
    }
}

#[test]
fn a_second_application_is_rejected_and_a_closed_job_takes_precedence() {
    let world = World::isolated();
    let technician = world.technician();
    let mut job = world.add_job(an_open_job(&world.company(), 0));
    world.apply(&job, &technician, 1);
    let again = an_application(&job, &technician, 2);
    let add = || world.applications.add(&again, &again.applied(technician.user_id));
    assert_matches!(add(), Err(AddApplicationError::AlreadyApplied));
    assert_eq!(world.count("application_events", &format!("application_id = '{}'", again.id)), 0);
    job.state = JobState::Closed { published_at: Some(at(0)) };
    world.jobs.update(&job).unwrap();
    assert_matches!(add(), Err(AddApplicationError::JobNotOpen));
}

#[test]
fn an_application_of_an_unknown_technician_fails() {
    let world = World::isolated();
    let technician = world.technician();
    let job = world.add_job(an_open_job(&world.company(), 0));
    let mut application = an_application(&job, &technician, 1);
    application.technician_id = new_id();
    let added = world.applications.add(&application, &application.applied(technician.user_id));
    assert_matches!(added, Err(AddApplicationError::Repository(RepositoryError::Failed(_))));
}

#[test]
fn an_update_stores_the_application_with_its_event() {
    let world = World::isolated();
    let registered = world.register_company();
    let job = world.add_job(an_open_job(&registered.company, 0));
    let technician = world.technician();
    let application = world.apply(&job, &technician, 1);
    let (moved, event) = shortlisted(&application, 5);
    let mut event = event;
    event.actor_id = registered.admin;
    world.applications.update(&moved, &event, &[], None).unwrap();
    let stored = world.applications.find(application.id).unwrap().unwrap();
    assert_eq!(stored, with(moved, |application| application.revision = Revision::stored(2)));
    let of_it = format!("application_id = '{}'", application.id);
    assert_eq!(world.count("application_events", &of_it), 2);
    let first = format!(
        "{of_it} AND position = 1 AND from_status IS NULL AND to_status = 'APPLIED' AND side = 'TECHNICIAN'
         AND actor_user_id = '{}' AND at = '{}'",
        technician.user_id,
        at(1)
    );
    assert_eq!(world.count("application_events", &first), 1);
    let second = format!(
        "{of_it} AND position = 2 AND from_status = 'APPLIED' AND to_status = 'SHORTLISTED' AND side = 'COMPANY'
         AND actor_user_id = '{}' AND at = '{}'",
        registered.admin,
        at(5)
    );
    assert_eq!(world.count("application_events", &second), 1);
}

#[test]
fn an_acceptance_is_confirmed_once() {
    let world = World::isolated();
    let registered = world.register_company();
    let job = world.add_job(an_open_job(&registered.company, 0));
    let application = world.apply(&job, &world.technician(), 1);
    world.execute(&format!("UPDATE applications SET status = 'ACCEPTED' WHERE id = '{}'", application.id));
    let stored = || world.applications.find(application.id).unwrap().unwrap();
    let accepted = stored();
    assert_eq!(accepted.confirmed_at, None);
    world.applications.confirm(&accepted.confirm(at(5)).unwrap().unwrap()).unwrap();
    world.applications.confirm(&accepted.confirm(at(6)).unwrap().unwrap()).unwrap();
    assert_eq!(stored(), with(accepted, |application| application.confirmed_at = Some(at(5))));
}

#[test]
fn a_stale_update_stores_no_event() {
    let world = World::isolated();
    let registered = world.register_company();
    let job = world.add_job(an_open_job(&registered.company, 0));
    let application = world.apply(&job, &world.technician(), 1);
    let (moved, event) = shortlisted(&application, 5);
    let mut event = event;
    event.actor_id = registered.admin;
    world.applications.update(&moved, &event, &[], None).unwrap();
    assert_matches!(world.applications.update(&moved, &event, &[], None), Err(RepositoryError::Stale));
    assert_eq!(world.count("application_events", &format!("application_id = '{}'", application.id)), 2);
    let mut unknown = moved;
    unknown.id = new_id();
    assert_matches!(world.applications.update(&unknown, &event, &[], None), Err(RepositoryError::Stale));
}

#[test]
fn an_update_whose_event_fails_is_rolled_back() {
    let world = World::isolated();
    let job = world.add_job(an_open_job(&world.company(), 0));
    let application = world.apply(&job, &world.technician(), 1);
    let (moved, by_unknown_user) = shortlisted(&application, 5);
    assert_matches!(world.applications.update(&moved, &by_unknown_user, &[], None), Err(RepositoryError::Failed(_)));
    assert_eq!(world.applications.find(application.id).unwrap(), Some(application));
}

#[test]
fn applicants_are_sorted_newest_first_with_their_ratings() {
    let world = World::isolated();
    let company = world.company();
    let job = world.add_job(an_open_job(&company, 0));
    let mut expected = Vec::new();
    for (second, rating) in [(4, None), (2, Some(5)), (2, None), (2, Some(3)), (9, None)] {
        let technician = world.technician();
        let mut ratings = RatingSummary::default();
        if let Some(rating) = rating {
            for _ in 0..2 {
                world.evaluate(&an_evaluation(&technician, &world.add_job(a_draft(&company, 0)), rating, 0));
            }
            ratings = rated(2, 2 * u32::try_from(rating).unwrap());
        }
        let application = world.apply(&job, &technician, second);
        expected.push(Applicant { application, technician: RatedTechnician { technician, ratings } });
    }
    world.apply(&world.add_job(an_open_job(&company, 0)), &world.technician(), 3);
    expected.sort_by_key(|applicant| std::cmp::Reverse((applicant.application.created_at, applicant.application.id)));
    for limit in [1, 2, 3, 5, 100] {
        assert_eq!(all_pages(limit, |page| world.applications.list_of_job(job.id, None, page)), expected);
    }
    let statements = world.statements_of(|| world.applications.list_of_job(job.id, None, first_page(5)).unwrap());
    assert_eq!(statements.len(), 1);
}

/// A job as lists have it.
fn listed(JobRecord { job, company }: JobRecord) -> ListedJob {
    ListedJob { job: job.listed(), company }
}

#[test]
fn a_technician_lists_their_applications_newest_first_with_the_jobs() {
    let world = World::isolated();
    let technician = world.technician();
    let mut expected = Vec::new();
    for second in [4, 2, 2, 2, 9] {
        let job = world.add_job(an_open_job(&world.company(), second));
        let application = world.apply(&job, &technician, second);
        world.apply(&job, &world.technician(), second);
        expected.push(AppliedJob { application, job: listed(world.find_job(&job)) });
    }
    expected.sort_by_key(|applied| std::cmp::Reverse((applied.application.created_at, applied.application.id)));
    for limit in [1, 2, 3, 5, 100] {
        assert_eq!(all_pages(limit, |page| world.applications.list_of_technician(technician.id, None, page)), expected);
    }
    let statements =
        world.statements_of(|| world.applications.list_of_technician(technician.id, None, first_page(5)).unwrap());
    assert_eq!(statements.len(), 1);
}

#[test]
fn both_lists_filter_by_status() {
    let world = World::isolated();
    let registered = world.register_company();
    let job = world.add_job(an_open_job(&registered.company, 0));
    let technician = world.technician();
    let application = world.apply(&job, &technician, 1);
    world.apply(&job, &world.technician(), 2);
    world.apply(&world.add_job(an_open_job(&registered.company, 0)), &technician, 3);
    let (moved, event) = shortlisted(&application, 5);
    world.applications.update(&moved, &with(event, |event| event.actor_id = registered.admin), &[], None).unwrap();
    for (status, of_job, of_technician) in [
        (ApplicationStatus::Shortlisted, 1, 1),
        (ApplicationStatus::Applied, 1, 1),
        (ApplicationStatus::Withdrawn, 0, 0),
    ] {
        let listed = all_pages(1, |page| world.applications.list_of_job(job.id, Some(status), page));
        assert_eq!(listed.len(), of_job, "{status}");
        assert!(listed.iter().all(|applicant| applicant.application.status == status));
        let listed = all_pages(1, |page| world.applications.list_of_technician(technician.id, Some(status), page));
        assert_eq!(listed.len(), of_technician, "{status}");
        assert!(listed.iter().all(|applied| applied.application.status == status));
    }
}
