mod compliance;
mod confirming;

use repower_domain::{Edit, accounts::Role, compliance::ComplianceStatus, values::RatingSummary};
use repower_ports::{
    applications::MockApplicationRepository, compliance::MockComplianceRepository, jobs::MockJobRepository,
    technicians::RatedTechnician,
};

use super::*;
use crate::testing::{
    FIRST_PAGE, JobBuilder, a_job, a_page, a_request, a_technician, actor_with, actors_without_a_company,
    actors_without_a_passport, an_application, an_event, assert_matches, both_sides, clock, earlier, id, ids,
    jobs_with, member, member_of_another_company, now, outsiders, technician, the_application, the_company, the_job,
    the_technician, unavailable, unavailable_jobs, user_id_of, value,
};

fn service(applications: MockApplicationRepository, jobs: MockJobRepository) -> ApplicationService {
    service_comparing(applications, jobs, MockComplianceRepository::new())
}

fn service_comparing(
    applications: MockApplicationRepository,
    jobs: MockJobRepository,
    compliance: MockComplianceRepository,
) -> ApplicationService {
    let (applications, jobs, compliance) = (Arc::new(applications), Arc::new(jobs), Arc::new(compliance));
    ApplicationService { applications, jobs, compliance, clock: clock(), ids: ids() }
}

/// A service that loads no job.
fn service_without_jobs(applications: MockApplicationRepository) -> ApplicationService {
    let mut jobs = MockJobRepository::new();
    jobs.expect_find().never();
    service(applications, jobs)
}

fn never_adding() -> MockApplicationRepository {
    let mut applications = MockApplicationRepository::new();
    applications.expect_add().never();
    applications
}

fn never_listing() -> MockApplicationRepository {
    let mut applications = MockApplicationRepository::new();
    applications.expect_list_of_job().never();
    applications
}

/// A repository that finds this application, or no application; with the job for a step that
/// needs the compliance.
fn applications_with(application: Option<Application>) -> MockApplicationRepository {
    let mut applications = MockApplicationRepository::new();
    let with_job = application.clone().map(|application| details_of(application, a_job().open(), Vec::new()));
    applications.expect_find().times(..=1).withf(|id| *id == the_application()).return_once(move |_| Ok(application));
    applications.expect_find_details().times(..=1).return_once(move |id| {
        assert_eq!(id, the_application());
        Ok(with_job)
    });
    applications
}

fn details_of(application: Application, job: JobBuilder, history: Vec<ApplicationEvent>) -> ApplicationDetails {
    let technician = RatedTechnician { technician: a_technician(), ratings: RatingSummary::default() };
    ApplicationDetails { application, job: job.record(), technician, history }
}

fn unchanged_applications_with(application: Option<Application>) -> MockApplicationRepository {
    let mut applications = applications_with(application);
    applications.expect_update().never();
    applications
}

/// The compliance now with a job without requirements.
fn compliant() -> ComplianceSnapshot {
    ComplianceSnapshot::builder().overall(ComplianceStatus::Compliant).missing(Vec::new()).checked_at(now()).build()
}

fn to(next: ApplicationStatus) -> ApplicationMove {
    ApplicationMove::builder().next(next).message_to_technician(Edit::Leave).build()
}

fn an_applicant() -> Applicant {
    let technician = RatedTechnician { technician: a_technician(), ratings: RatingSummary::default() };
    Applicant { application: an_application(ApplicationStatus::Applied), technician }
}

fn an_applied_job() -> AppliedJob {
    AppliedJob { application: an_application(ApplicationStatus::Applied), job: a_job().open().listed() }
}

#[test]
fn a_technician_applies_for_an_open_job_with_or_without_a_message() {
    for message in [None, Some(value("I know these blades"))] {
        let mut expected = an_application(ApplicationStatus::Applied);
        expected.id = id(1);
        expected.compliance = Some(compliant());
        expected.message_to_company = message.clone();
        expected.message_to_technician = None;
        expected.revision = Revision::FIRST;
        expected.created_at = now();
        expected.updated_at = now();
        let first_step = ApplicationEvent::builder()
            .from(None)
            .to(ApplicationStatus::Applied)
            .by(Side::Technician)
            .actor_id(user_id_of(Role::Technician))
            .at(now())
            .build();
        let (mut applications, committed) = (MockApplicationRepository::new(), expected.clone());
        applications.expect_add().once().return_once(move |application, step| {
            assert_eq!((application, step), (&committed, &first_step));
            Ok(())
        });
        let applied = service(applications, jobs_with(Some(a_job().open()))).apply(&technician(), the_job(), message);
        assert_eq!(applied.unwrap(), expected);
    }
}

#[test]
fn an_actor_without_a_passport_cannot_apply() {
    for actor in actors_without_a_passport() {
        let mut jobs = MockJobRepository::new();
        jobs.expect_find().never();
        let applied = service(never_adding(), jobs).apply(&actor, the_job(), None);
        assert_matches!(applied, Err(ApplyError::Access(AccessError::Forbidden(_))));
    }
}

#[test]
fn applying_for_an_unpublished_job_returns_not_found() {
    for hidden in [None, Some(a_job()), Some(a_job().closed_unpublished())] {
        let applied = service(never_adding(), jobs_with(hidden)).apply(&technician(), the_job(), None);
        assert_matches!(applied, Err(ApplyError::Access(AccessError::NotFound)));
    }
}

#[test]
fn applying_for_a_closed_job_is_rejected_before_the_storage_is_called() {
    let applied = service(never_adding(), jobs_with(Some(a_job().closed()))).apply(&technician(), the_job(), None);
    assert_matches!(applied, Err(ApplyError::JobNotOpen));
}

#[test]
fn an_error_of_the_commit_is_returned() {
    let applied = |error: AddApplicationError| {
        let mut applications = MockApplicationRepository::new();
        applications.expect_add().once().return_once(|_, _| Err(error));
        service(applications, jobs_with(Some(a_job().open()))).apply(&technician(), the_job(), None)
    };
    assert_matches!(applied(AddApplicationError::JobNotOpen), Err(ApplyError::JobNotOpen));
    assert_matches!(applied(AddApplicationError::AlreadyApplied), Err(ApplyError::AlreadyApplied));
    assert_matches!(
        applied(unavailable().into()),
        Err(ApplyError::Access(AccessError::Repository(RepositoryError::Unavailable(_))))
    );
}

#[test]
fn applying_fails_if_the_job_cannot_be_read() {
    let applied = service(never_adding(), unavailable_jobs()).apply(&technician(), the_job(), None);
    assert_matches!(applied, Err(ApplyError::Access(AccessError::Repository(RepositoryError::Unavailable(_)))));
}

#[test]
fn a_member_lists_the_applications_for_a_job_of_the_company_in_any_status() {
    for job in [a_job(), a_job().open(), a_job().closed(), a_job().closed_unpublished()] {
        let mut applications = MockApplicationRepository::new();
        let status = Some(ApplicationStatus::Applied);
        applications
            .expect_list_of_job()
            .once()
            .withf(move |job, listed, _| (*job, *listed) == (the_job(), status))
            .return_once(|_, _, _| Ok(a_page(an_applicant())));
        let service = service(applications, jobs_with(Some(job)));
        let listed = service.list_of_job(&member(), the_job(), status, FIRST_PAGE).unwrap();
        assert_eq!(listed.items, [an_applicant()]);
    }
}

#[test]
fn an_actor_without_a_company_cannot_list_the_applications_for_a_job() {
    for actor in actors_without_a_company() {
        let mut jobs = MockJobRepository::new();
        jobs.expect_find().never();
        let listed = service(never_listing(), jobs).list_of_job(&actor, the_job(), None, FIRST_PAGE);
        assert_matches!(listed, Err(AccessError::Forbidden(_)));
    }
}

#[test]
fn applications_for_a_job_of_another_company_are_not_listed() {
    let outsider = member_of_another_company();
    let listed =
        |job| service(never_listing(), jobs_with(job)).list_of_job(&outsider, the_job(), None, FIRST_PAGE).map(drop);
    for hidden in [None, Some(a_job()), Some(a_job().closed_unpublished())] {
        assert_matches!(listed(hidden), Err(AccessError::NotFound));
    }
    for published in [a_job().open(), a_job().closed()] {
        assert_matches!(listed(Some(published)), Err(AccessError::Forbidden(_)));
    }
}

#[test]
fn a_technician_lists_their_own_applications() {
    let mut applications = MockApplicationRepository::new();
    applications
        .expect_list_of_technician()
        .once()
        .withf(|technician, _, _| *technician == the_technician())
        .return_once(|_, _, _| Ok(a_page(an_applied_job())));
    let listed = service(applications, MockJobRepository::new()).list_own(&technician(), None, FIRST_PAGE);
    assert_eq!(listed.unwrap().items, [an_applied_job()]);
}

#[test]
fn an_actor_without_a_passport_has_no_applications() {
    for actor in actors_without_a_passport() {
        let mut applications = MockApplicationRepository::new();
        applications.expect_list_of_technician().never();
        let listed = service(applications, MockJobRepository::new()).list_own(&actor, None, FIRST_PAGE);
        assert_matches!(listed, Err(AccessError::Forbidden(_)));
    }
}

#[test]
fn lists_fail_if_the_storage_is_unavailable() {
    let is_unavailable = |error| matches!(error, AccessError::Repository(RepositoryError::Unavailable(_)));
    let unreadable = || {
        let mut applications = MockApplicationRepository::new();
        applications.expect_list_of_job().return_once(|_, _, _| Err(unavailable()));
        applications.expect_list_of_technician().return_once(|_, _, _| Err(unavailable()));
        applications
    };
    let of_job = |jobs| service(unreadable(), jobs).list_of_job(&member(), the_job(), None, FIRST_PAGE);
    assert!(of_job(jobs_with(Some(a_job()))).is_err_and(is_unavailable));
    assert!(of_job(unavailable_jobs()).is_err_and(is_unavailable));
    let own = service(unreadable(), MockJobRepository::new()).list_own(&technician(), None, FIRST_PAGE);
    assert!(own.is_err_and(is_unavailable));
}

/// The transitions of the contract, section 9: from, to, and the sides that may make it.
const MOVES: [(ApplicationStatus, ApplicationStatus, &[Side]); 10] = {
    use ApplicationStatus::{Accepted, Applied, Offered, Rejected, Shortlisted, Withdrawn};
    [
        (Applied, Shortlisted, &[Side::Company]),
        (Applied, Rejected, &[Side::Company]),
        (Applied, Offered, &[Side::Company]),
        (Applied, Withdrawn, &[Side::Technician]),
        (Shortlisted, Rejected, &[Side::Company]),
        (Shortlisted, Offered, &[Side::Company]),
        (Shortlisted, Withdrawn, &[Side::Technician]),
        (Offered, Accepted, &[Side::Company, Side::Technician]),
        (Offered, Rejected, &[Side::Company]),
        (Offered, Withdrawn, &[Side::Technician]),
    ]
};

fn is_allowed(from: ApplicationStatus, next: ApplicationStatus, side: Side) -> bool {
    MOVES.iter().any(|(start, end, sides)| (*start, *end) == (from, next) && sides.contains(&side))
}

/// Asserts that the actor moves the application, and that the result is stored with its step.
fn assert_moved(actor: &Actor, by: Side, from: ApplicationStatus, next: ApplicationStatus) {
    let confirmed_at = (next == ApplicationStatus::Accepted && by == Side::Technician).then(now);
    let mut expected = an_application(from);
    expected.status = next;
    expected.confirmed_at = confirmed_at;
    expected.updated_at = now();
    let expected_step = ApplicationEvent::builder()
        .from(Some(from))
        .to(next)
        .by(by)
        .actor_id(actor.user_id())
        .at(now())
        .compliance(next.needs_compliance().then(compliant))
        .build();
    let (mut applications, committed) = (applications_with(Some(an_application(from))), expected.clone());
    let is_recorded = next == ApplicationStatus::Accepted && by == Side::Company;
    let event = an_event(1, actor.user_id(), AuditAct::RecordAcceptance(the_application()));
    applications.expect_update().once().return_once(move |application, step, events, job| {
        assert_eq!(job, next.needs_compliance().then(|| a_job().build().revision));
        assert_eq!((application, step), (&committed, &expected_step));
        assert_eq!(events, is_recorded.then_some(event).as_slice());
        Ok(())
    });
    assert_eq!(
        service_without_jobs(applications).move_to(actor, the_application(), to(next), &a_request()).unwrap(),
        expected
    );
}

fn assert_not_moved(actor: &Actor, from: ApplicationStatus, next: ApplicationStatus) {
    let moved = service_without_jobs(unchanged_applications_with(Some(an_application(from)))).move_to(
        actor,
        the_application(),
        to(next),
        &a_request(),
    );
    let expected = ApplicationTransitionError { from, to: next };
    assert_matches!(moved, Err(MoveApplicationError::InvalidTransition(cause)) if cause == expected);
}

#[test]
fn each_side_makes_its_transitions_and_each_is_a_step_of_the_history() {
    for actor in both_sides() {
        let side = actor.side_between(the_company(), the_technician()).unwrap();
        for from in ApplicationStatus::ALL.iter().copied() {
            for next in ApplicationStatus::ALL.iter().copied() {
                if is_allowed(from, next, side) {
                    assert_moved(&actor, side, from, next);
                } else {
                    assert_not_moved(&actor, from, next);
                }
            }
        }
    }
}

#[test]
fn an_outsider_finds_no_application_to_move() {
    for outsider in outsiders() {
        for application in [None, Some(an_application(ApplicationStatus::Offered))] {
            let service = service_without_jobs(unchanged_applications_with(application));
            let moved = service.move_to(&outsider, the_application(), to(ApplicationStatus::Accepted), &a_request());
            assert_matches!(moved, Err(MoveApplicationError::Access(AccessError::NotFound)));
        }
    }
}

#[test]
fn a_technician_cannot_write_the_message_of_the_company() {
    for message in [Edit::Clear, Edit::Set(value("Please do"))] {
        let mut applications = MockApplicationRepository::new();
        applications.expect_find().never();
        applications.expect_update().never();
        let change =
            ApplicationMove::builder().next(ApplicationStatus::Withdrawn).message_to_technician(message).build();
        let moved = service_without_jobs(applications).move_to(&technician(), the_application(), change, &a_request());
        assert_matches!(moved, Err(MoveApplicationError::MessageNotAllowed));
    }
}

#[test]
fn a_move_leaves_replaces_or_clears_the_message_of_the_company() {
    let stored = an_application(ApplicationStatus::Applied).message_to_technician;
    let another: Option<ApplicationMessage> = Some(value("Come on Monday"));
    for (message_to_technician, expected) in
        [(Edit::Leave, stored), (another.clone().into(), another), (Edit::Clear, None)]
    {
        let (mut applications, committed) =
            (applications_with(Some(an_application(ApplicationStatus::Applied))), expected.clone());
        applications.expect_update().once().return_once(move |application, _, _, _| {
            assert_eq!(application.message_to_technician, committed);
            Ok(())
        });
        let change = ApplicationMove::builder()
            .next(ApplicationStatus::Shortlisted)
            .message_to_technician(message_to_technician)
            .build();
        let moved =
            service_without_jobs(applications).move_to(&member(), the_application(), change, &a_request()).unwrap();
        assert_eq!(moved.message_to_technician, expected);
    }
}

#[test]
fn the_later_of_two_concurrent_moves_is_rejected_as_stale() {
    let mut applications = applications_with(Some(an_application(ApplicationStatus::Offered)));
    applications.expect_update().once().return_once(|_, _, _, _| Err(RepositoryError::Stale));
    let moved = service_without_jobs(applications).move_to(
        &technician(),
        the_application(),
        to(ApplicationStatus::Withdrawn),
        &a_request(),
    );
    assert_matches!(moved, Err(MoveApplicationError::Access(AccessError::Repository(RepositoryError::Stale))));
}

#[test]
fn moving_fails_if_the_application_cannot_be_read() {
    let mut applications = MockApplicationRepository::new();
    applications.expect_find().once().return_once(|_| Err(unavailable()));
    applications.expect_update().never();
    let moved = service_without_jobs(applications).move_to(
        &member(),
        the_application(),
        to(ApplicationStatus::Rejected),
        &a_request(),
    );
    let is_unavailable =
        |error| matches!(error, MoveApplicationError::Access(AccessError::Repository(RepositoryError::Unavailable(_))));
    assert!(moved.is_err_and(is_unavailable));
}

mod finding;
mod listing_of_company;
