use repower_domain::{
    accounts::{CompanyRole, Role},
    applications::ApplicationEvent,
    values::RatingTotals,
};
use repower_ports::{applications::MockApplicationRepository, jobs::MockJobRepository, technicians::RatedTechnician};

use super::*;
use crate::testing::{
    BOTH_SIDES, FIRST_PAGE, JobBuilder, RECRUITERS, TECHNICIANS, a_job, a_technician, actors, all_but, an_application,
    assert_matches, clock, id, ids, member_elsewhere, now, recruiter, strangers, technician, the_application,
    the_company, the_job, the_technician, unavailable, user_who_is, value,
};

fn service(applications: MockApplicationRepository, jobs: MockJobRepository) -> ApplicationService {
    ApplicationService { applications: Arc::new(applications), jobs: Arc::new(jobs), clock: clock(), ids: ids() }
}

/// A service that moves applications, for which no job is ever loaded.
fn moving(applications: MockApplicationRepository) -> ApplicationService {
    let mut jobs = MockJobRepository::new();
    jobs.expect_find().never();
    service(applications, jobs)
}

fn jobs_with(job: Option<JobBuilder>) -> MockJobRepository {
    let mut jobs = MockJobRepository::new();
    jobs.expect_find().once().withf(|id| *id == the_job()).return_once(move |_| Ok(job.map(JobBuilder::record)));
    jobs
}

fn jobs_away() -> MockJobRepository {
    let mut jobs = MockJobRepository::new();
    jobs.expect_find().once().return_once(|_| Err(unavailable()));
    jobs
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

fn keeping(application: Option<Application>) -> MockApplicationRepository {
    let mut applications = MockApplicationRepository::new();
    applications.expect_find().once().withf(|id| *id == the_application()).return_once(move |_| Ok(application));
    applications
}

fn untouched(application: Option<Application>) -> MockApplicationRepository {
    let mut applications = keeping(application);
    applications.expect_update().never();
    applications
}

fn to(next: ApplicationStatus) -> ApplicationMove {
    ApplicationMove { next, message_to_technician: None }
}

fn an_applicant() -> Applicant {
    let technician = RatedTechnician { technician: a_technician(), ratings: RatingTotals::default() };
    Applicant { application: an_application(ApplicationStatus::Applied), technician }
}

fn an_applied_job() -> AppliedJob {
    AppliedJob { application: an_application(ApplicationStatus::Applied), job: a_job().open().record() }
}

#[test]
fn a_technician_applies_for_an_open_job_with_a_message_or_without() {
    for message in [None, Some(value("I know these blades"))] {
        let expected = Application {
            id: id(1),
            message_to_company: message.clone(),
            message_to_technician: None,
            revision: Revision::FIRST,
            created_at: now(),
            updated_at: now(),
            ..an_application(ApplicationStatus::Applied)
        };
        let first_step = ApplicationEvent {
            from: None,
            to: ApplicationStatus::Applied,
            by: Side::Technician,
            actor_id: user_who_is(Role::Technician),
            at: now(),
        };
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
fn only_technicians_apply() {
    for actor in all_but(TECHNICIANS) {
        let mut jobs = MockJobRepository::new();
        jobs.expect_find().never();
        let applied = service(never_adding(), jobs).apply(&actor, the_job(), None);
        assert_matches!(applied, Err(ApplyError::Access(AccessError::Forbidden(_))));
    }
}

#[test]
fn a_job_that_was_never_published_is_not_there_to_apply_for() {
    for hidden in [None, Some(a_job()), Some(a_job().closed_unpublished())] {
        let applied = service(never_adding(), jobs_with(hidden)).apply(&technician(), the_job(), None);
        assert_matches!(applied, Err(ApplyError::Access(AccessError::NotFound)));
    }
}

#[test]
fn a_closed_job_says_so_before_anybody_looks_for_an_earlier_application() {
    let applied = service(never_adding(), jobs_with(Some(a_job().closed()))).apply(&technician(), the_job(), None);
    assert_matches!(applied, Err(ApplyError::JobNotOpen));
}

#[test]
fn what_stands_against_an_application_at_its_commit_is_told() {
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
fn nobody_applies_while_the_job_cannot_be_read() {
    let applied = service(never_adding(), jobs_away()).apply(&technician(), the_job(), None);
    assert_matches!(applied, Err(ApplyError::Access(AccessError::Repository(RepositoryError::Unavailable(_)))));
}

#[test]
fn recruiting_members_list_the_applications_for_a_job_of_theirs_in_every_status() {
    for actor in actors(RECRUITERS) {
        for job in [a_job(), a_job().open(), a_job().closed(), a_job().closed_unpublished()] {
            let mut applications = MockApplicationRepository::new();
            applications
                .expect_list_of_job()
                .once()
                .return_once(|_, _, _| Ok(Page { items: vec![an_applicant()], next: None }));
            let listed =
                service(applications, jobs_with(Some(job))).list_of_job(&actor, the_job(), None, FIRST_PAGE).unwrap();
            assert_eq!(listed.items, [an_applicant()], "{actor:?}");
        }
    }
}

#[test]
fn who_does_not_recruit_sees_no_candidates() {
    for actor in all_but(RECRUITERS) {
        let mut jobs = MockJobRepository::new();
        jobs.expect_find().never();
        let listed = service(never_listing(), jobs).list_of_job(&actor, the_job(), None, FIRST_PAGE);
        assert_matches!(listed, Err(AccessError::Forbidden(_)));
    }
}

#[test]
fn another_companys_candidates_are_not_listed() {
    let stranger = member_elsewhere(CompanyRole::Admin);
    let listed =
        |job| service(never_listing(), jobs_with(job)).list_of_job(&stranger, the_job(), None, FIRST_PAGE).map(drop);
    for hidden in [None, Some(a_job()), Some(a_job().closed_unpublished())] {
        assert_matches!(listed(hidden), Err(AccessError::NotFound));
    }
    for known in [a_job().open(), a_job().closed()] {
        assert_matches!(listed(Some(known)), Err(AccessError::Forbidden(_)));
    }
}

#[test]
fn a_technician_lists_their_own_applications() {
    let mut applications = MockApplicationRepository::new();
    applications
        .expect_list_of_technician()
        .once()
        .withf(|technician, _, _| *technician == the_technician())
        .return_once(|_, _, _| Ok(Page { items: vec![an_applied_job()], next: None }));
    let listed = service(applications, MockJobRepository::new()).list_own(&technician(), None, FIRST_PAGE);
    assert_eq!(listed.unwrap().items, [an_applied_job()]);
}

#[test]
fn who_is_no_technician_has_no_applications_of_their_own() {
    for actor in all_but(TECHNICIANS) {
        let mut applications = MockApplicationRepository::new();
        applications.expect_list_of_technician().never();
        let listed = service(applications, MockJobRepository::new()).list_own(&actor, None, FIRST_PAGE);
        assert_matches!(listed, Err(AccessError::Forbidden(_)));
    }
}

#[test]
fn lists_that_cannot_be_read_are_told_so() {
    let unavailable = |error| matches!(error, AccessError::Repository(RepositoryError::Unavailable(_)));
    let away = || {
        let mut applications = MockApplicationRepository::new();
        applications.expect_list_of_job().return_once(|_, _, _| Err(crate::testing::unavailable()));
        applications.expect_list_of_technician().return_once(|_, _, _| Err(crate::testing::unavailable()));
        applications
    };
    let candidates = |jobs| service(away(), jobs).list_of_job(&recruiter(), the_job(), None, FIRST_PAGE);
    assert!(candidates(jobs_with(Some(a_job()))).is_err_and(unavailable));
    assert!(candidates(jobs_away()).is_err_and(unavailable));
    let own = service(away(), MockJobRepository::new()).list_own(&technician(), None, FIRST_PAGE);
    assert!(own.is_err_and(unavailable));
}

/// The table of the contract, section 9: from, to, and the sides that may.
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

/// Checks that the actor moves the application, as the whole of it is stored.
fn assert_moved(actor: &Actor, by: Side, from: ApplicationStatus, next: ApplicationStatus) {
    let expected = Application { status: next, updated_at: now(), ..an_application(from) };
    let expected_step = ApplicationEvent { from: Some(from), to: next, by, actor_id: actor.user_id(), at: now() };
    let (mut applications, committed) = (keeping(Some(an_application(from))), expected.clone());
    applications.expect_update().once().return_once(move |application, step| {
        assert_eq!((application, step), (&committed, &expected_step));
        Ok(())
    });
    assert_eq!(moving(applications).move_to(actor, the_application(), to(next)).unwrap(), expected);
}

fn assert_not_moved(actor: &Actor, from: ApplicationStatus, next: ApplicationStatus) {
    let moved = moving(untouched(Some(an_application(from)))).move_to(actor, the_application(), to(next));
    let expected = InvalidTransition { from, to: next };
    assert_matches!(moved, Err(MoveApplicationError::InvalidTransition(cause)) if cause == expected);
}

#[test]
fn each_side_moves_an_application_as_far_as_it_may_and_the_history_shows_who_did() {
    for actor in actors(BOTH_SIDES) {
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
fn whose_role_decides_nothing_is_refused_before_the_application_is_loaded() {
    for actor in all_but(BOTH_SIDES) {
        let mut applications = MockApplicationRepository::new();
        applications.expect_find().never();
        applications.expect_update().never();
        let moved = moving(applications).move_to(&actor, the_application(), to(ApplicationStatus::Rejected));
        assert_matches!(moved, Err(MoveApplicationError::Access(AccessError::Forbidden(_))));
    }
}

#[test]
fn a_stranger_learns_nothing_and_nothing_is_stored() {
    for stranger in strangers() {
        for application in [None, Some(an_application(ApplicationStatus::Offered))] {
            let service = moving(untouched(application));
            let moved = service.move_to(&stranger, the_application(), to(ApplicationStatus::Accepted));
            assert_matches!(moved, Err(MoveApplicationError::Access(AccessError::NotFound)));
        }
    }
}

#[test]
fn a_technician_who_writes_the_companys_message_is_refused_before_anything_is_loaded() {
    for message in [None, Some(value("Please do"))] {
        let mut applications = MockApplicationRepository::new();
        applications.expect_find().never();
        applications.expect_update().never();
        let wish = ApplicationMove { next: ApplicationStatus::Withdrawn, message_to_technician: Some(message) };
        let moved = moving(applications).move_to(&technician(), the_application(), wish);
        assert_matches!(moved, Err(MoveApplicationError::MessageNotAllowed));
    }
}

#[test]
fn the_companys_message_is_kept_replaced_or_cleared() {
    let kept = an_application(ApplicationStatus::Applied).message_to_technician;
    let another: Option<ApplicationMessage> = Some(value("Come on Monday"));
    for (message_to_technician, expected) in [(None, kept), (Some(another.clone()), another), (Some(None), None)] {
        let (mut applications, committed) =
            (keeping(Some(an_application(ApplicationStatus::Applied))), expected.clone());
        applications.expect_update().once().return_once(move |application, _| {
            assert_eq!(application.message_to_technician, committed);
            Ok(())
        });
        let wish = ApplicationMove { next: ApplicationStatus::Shortlisted, message_to_technician };
        let moved = moving(applications).move_to(&recruiter(), the_application(), wish).unwrap();
        assert_eq!(moved.message_to_technician, expected);
    }
}

#[test]
fn of_two_moves_at_once_the_later_one_is_refused_as_stale() {
    let mut applications = keeping(Some(an_application(ApplicationStatus::Offered)));
    applications.expect_update().once().return_once(|_, _| Err(RepositoryError::Stale));
    let moved = moving(applications).move_to(&technician(), the_application(), to(ApplicationStatus::Withdrawn));
    assert_matches!(moved, Err(MoveApplicationError::Access(AccessError::Repository(RepositoryError::Stale))));
}

#[test]
fn nothing_moves_while_the_application_cannot_be_read() {
    let mut applications = MockApplicationRepository::new();
    applications.expect_find().once().return_once(|_| Err(unavailable()));
    applications.expect_update().never();
    let moved = moving(applications).move_to(&recruiter(), the_application(), to(ApplicationStatus::Rejected));
    let is_unavailable =
        |error| matches!(error, MoveApplicationError::Access(AccessError::Repository(RepositoryError::Unavailable(_))));
    assert!(moved.is_err_and(is_unavailable));
}

mod finding;
