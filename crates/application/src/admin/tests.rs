use repower_domain::{accounts::Role, jobs::JobState};
use repower_ports::{admin::MockAdminRepository, jobs::MockJobRepository};

use super::*;
use crate::testing::{
    FIRST_PAGE, JobBuilder, a_company, a_job, actor_who_is, all_but, assert_matches, clock, earlier, id, ids, now,
    the_job, unavailable, user_who_is, value,
};

fn service(admin: MockAdminRepository) -> AdminService {
    service_with(admin, MockJobRepository::new())
}

fn service_with(admin: MockAdminRepository, jobs: MockJobRepository) -> AdminService {
    AdminService { admin: Arc::new(admin), jobs: Arc::new(jobs), clock: clock(), ids: ids() }
}

fn jobs_with(job: Option<JobBuilder>) -> MockJobRepository {
    let mut jobs = MockJobRepository::new();
    jobs.expect_find().once().withf(|id| *id == the_job()).return_once(move |_| Ok(job.map(JobBuilder::record)));
    jobs
}

fn root() -> Actor {
    actor_who_is(Role::SuperAdmin)
}

fn record(id: UserId, active: bool) -> UserRecord {
    let user = User {
        id,
        email: value("anna@example.com"),
        role: Role::Technician,
        tokens_valid_from: earlier(),
        created_at: earlier(),
        updated_at: earlier(),
    };
    UserRecord { user, active }
}

fn event(act: AuditAct) -> AuditEvent {
    let actor_id = user_who_is(Role::SuperAdmin);
    AuditEvent { id: id(1), actor_id, act, request_id: "r-1".to_owned(), created_at: now() }
}

fn keeping(record: Option<UserRecord>) -> MockAdminRepository {
    let mut admin = MockAdminRepository::new();
    admin.expect_find_user().once().return_once(|_| Ok(record));
    admin
}

fn untouched(record: Option<UserRecord>) -> MockAdminRepository {
    let mut admin = keeping(record);
    admin.expect_set_active().never();
    admin
}

#[test]
fn who_does_not_run_the_marketplace_is_refused_before_anything_is_loaded() {
    for actor in all_but(&[Role::SuperAdmin]) {
        // Mocks without expectations answer no call at all.
        let service = service(MockAdminRepository::new());
        let users = service.users(&actor, &UserFilter::default(), FIRST_PAGE);
        assert_matches!(users, Err(AccessError::Forbidden(_)));
        assert_matches!(service.companies(&actor, FIRST_PAGE), Err(AccessError::Forbidden(_)));
        let events = service.audit(&actor, &AuditFilter::default(), FIRST_PAGE);
        assert_matches!(events, Err(AccessError::Forbidden(_)));
        let deactivated = service.set_active(&actor, id(7), false, "r-1");
        assert_matches!(deactivated, Err(SetActiveError::Access(AccessError::Forbidden(_))));
        let closed = service.close_job(&actor, the_job(), "r-1");
        assert_matches!(closed, Err(MoveJobError::Access(AccessError::Forbidden(_))));
    }
}

#[test]
fn users_are_shut_out_and_let_in_again_and_each_act_is_logged() {
    for (active, act) in [(false, AuditAct::DeactivateUser(id(7))), (true, AuditAct::ActivateUser(id(7)))] {
        let mut admin = keeping(Some(record(id(7), !active)));
        admin.expect_set_active().once().return_once(move |user, set, logged| {
            assert_eq!((user, set, logged), (id(7), active, &event(act)));
            Ok(())
        });
        let changed = service(admin).set_active(&root(), id(7), active, "r-1").unwrap();
        assert_eq!((changed.active, changed.user.updated_at), (active, now()));
    }
}

#[test]
fn what_is_so_already_is_neither_done_nor_logged() {
    for active in [true, false] {
        let answer = service(untouched(Some(record(id(7), active)))).set_active(&root(), id(7), active, "r-1");
        assert_eq!(answer.unwrap(), record(id(7), active));
    }
}

#[test]
fn nobody_shuts_themselves_out() {
    let oneself = user_who_is(Role::SuperAdmin);
    for active in [true, false] {
        let answer = service(untouched(Some(record(oneself, true)))).set_active(&root(), oneself, active, "r-1");
        assert_matches!(answer, Err(SetActiveError::Oneself));
    }
}

#[test]
fn a_user_who_does_not_exist_is_not_found() {
    let answer = service(untouched(None)).set_active(&root(), id(7), false, "r-1");
    assert_matches!(answer, Err(SetActiveError::Access(AccessError::NotFound)));
}

#[test]
fn of_two_who_do_the_same_at_once_the_later_is_refused_as_stale() {
    let mut admin = keeping(Some(record(id(7), true)));
    admin.expect_set_active().once().return_once(|_, _, _| Err(RepositoryError::Stale));
    let answer = service(admin).set_active(&root(), id(7), false, "r-1");
    assert_matches!(answer, Err(SetActiveError::Access(AccessError::Repository(RepositoryError::Stale))));
}

#[test]
fn an_open_job_of_whatever_company_is_closed_and_the_act_is_logged() {
    let closed = JobState::Closed { published_at: Some(earlier()) };
    let mut expected = a_job().of_another_company().in_state(closed).record();
    expected.job.updated_at = now();
    let (mut admin, stored) = (MockAdminRepository::new(), expected.job.clone());
    admin.expect_close_job().once().return_once(move |job, logged| {
        assert_eq!((job, logged), (&stored, &event(AuditAct::CloseJob(the_job()))));
        Ok(())
    });
    let service = service_with(admin, jobs_with(Some(a_job().of_another_company().open())));
    assert_eq!(service.close_job(&root(), the_job(), "r-1").unwrap(), expected);
}

#[test]
fn a_job_that_is_not_open_is_not_closed() {
    for job in [a_job(), a_job().closed(), a_job().closed_unpublished()] {
        let from = job.clone().build().state.status();
        let mut admin = MockAdminRepository::new();
        admin.expect_close_job().never();
        let answer = service_with(admin, jobs_with(Some(job))).close_job(&root(), the_job(), "r-1");
        let expected = InvalidJobTransition { from, to: JobStatus::Closed };
        assert_matches!(answer, Err(MoveJobError::InvalidTransition(cause)) if cause == expected);
    }
    let missing = service_with(MockAdminRepository::new(), jobs_with(None)).close_job(&root(), the_job(), "r-1");
    assert_matches!(missing, Err(MoveJobError::Access(AccessError::NotFound)));
}

#[test]
fn lists_are_handed_on_as_they_are_stored() {
    let mut admin = MockAdminRepository::new();
    let users = Page { items: vec![record(id(7), false)], next: None };
    let companies = Page { items: vec![a_company()], next: None };
    let events = Page { items: vec![event(AuditAct::CloseJob(the_job()))], next: None };
    let (some_users, some_companies, some_events) = (users.clone(), companies.clone(), events.clone());
    admin.expect_users().once().return_once(|_, _| Ok(some_users));
    admin.expect_companies().once().return_once(|_| Ok(some_companies));
    admin.expect_audit().once().return_once(|_, _| Ok(some_events));
    let service = service(admin);
    assert_eq!(service.users(&root(), &UserFilter::default(), FIRST_PAGE).unwrap(), users);
    assert_eq!(service.companies(&root(), FIRST_PAGE).unwrap(), companies);
    assert_eq!(service.audit(&root(), &AuditFilter::default(), FIRST_PAGE).unwrap(), events);
}

#[test]
fn a_storage_that_is_away_is_told() {
    let mut admin = MockAdminRepository::new();
    admin.expect_find_user().once().return_once(|_| Err(unavailable()));
    admin.expect_set_active().never();
    let answer = service(admin).set_active(&root(), id(7), false, "r-1");
    assert_matches!(answer, Err(SetActiveError::Access(AccessError::Repository(RepositoryError::Unavailable(_)))));
}
