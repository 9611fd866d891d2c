use chrono::TimeDelta;
use repower_domain::{
    accounts::{Role, User},
    admin::AuditAction,
    jobs::JobState,
};
use repower_ports::{
    accounts::{MockRateCounter, Throttled},
    admin::MockAdminRepository,
    companies::MockCompanyRepository,
    jobs::MockJobRepository,
    technicians::MockTechnicianRepository,
};

use super::*;
use crate::testing::{
    FIRST_PAGE, a_company, a_job, a_page, a_request, actors_without_a_company, an_event, assert_matches, clock,
    earlier, id, ids, jobs_with, member, now, super_admin, the_company, the_job, unavailable, unavailable_jobs,
    user_id_of, value, with,
};

fn service(admin: MockAdminRepository) -> AdminService {
    service_with(admin, MockJobRepository::new())
}

fn service_with(admin: MockAdminRepository, jobs: MockJobRepository) -> AdminService {
    AdminService {
        admin: Arc::new(admin),
        companies: Arc::new(MockCompanyRepository::new()),
        jobs: Arc::new(jobs),
        technicians: Arc::new(MockTechnicianRepository::new()),
        rates: Arc::new(MockRateCounter::new()),
        limits: None,
        clock: clock(),
        ids: ids(),
    }
}

/// A service that finds this company, or none, as often as asked.
fn service_of(company: Option<Company>, admin: MockAdminRepository) -> AdminService {
    let mut companies = MockCompanyRepository::new();
    companies.expect_find().withf(|id| *id == the_company()).returning(move |_| Ok(company.clone()));
    AdminService { companies: Arc::new(companies), ..service(admin) }
}

fn a_verified_company() -> Company {
    with(a_company(), |company| company.verified_at = Some(earlier()))
}

fn record(id: UserId, active: bool) -> UserRecord {
    let user = User::builder()
        .id(id)
        .email(value("anna@example.com"))
        .role(Role::Technician)
        .created_at(earlier())
        .updated_at(earlier())
        .build();
    UserRecord { user, active }
}

fn event(act: AuditAct) -> AuditEvent {
    an_event(1, user_id_of(Role::SuperAdmin), act)
}

/// A repository that finds this user once, or no user.
fn users_with(record: Option<UserRecord>) -> MockAdminRepository {
    let mut admin = MockAdminRepository::new();
    admin.expect_find_user().once().return_once(|_| Ok(record));
    admin
}

fn unchanged_users_with(record: Option<UserRecord>) -> MockAdminRepository {
    let mut admin = users_with(record);
    admin.expect_set_active().never();
    admin
}

/// Logs one act that stores nothing else.
fn expect_record(admin: &mut MockAdminRepository, act: AuditAct) {
    admin.expect_record().once().withf(move |logged| *logged == event(act.clone())).return_once(|_| Ok(()));
}

fn no_closing() -> MockAdminRepository {
    let mut admin = MockAdminRepository::new();
    admin.expect_close_job().never();
    admin
}

#[test]
fn deactivating_and_activating_a_user_are_stored_and_logged() {
    for (active, act) in [(false, AuditAct::DeactivateUser(id(7))), (true, AuditAct::ActivateUser(id(7)))] {
        let mut admin = users_with(Some(record(id(7), !active)));
        let loaded = record(id(7), !active).user;
        let user = with(loaded.clone(), |user| user.updated_at = now());
        let stored = user.clone();
        admin.expect_set_active().once().return_once(move |user, set, logged| {
            assert_eq!((user, set, logged), (&loaded, active, &event(act)));
            Ok(stored)
        });
        let changed = service(admin).set_active(&super_admin(), id(7), active, &a_request()).unwrap();
        assert_eq!(changed, Activation { record: UserRecord { user, active }, last_admin: false });
    }
}

#[test]
fn setting_a_user_to_the_present_state_stores_nothing_and_is_logged_as_a_reading() {
    for active in [true, false] {
        let mut admin = unchanged_users_with(Some(record(id(7), active)));
        expect_record(&mut admin, AuditAct::ReadUser(id(7)));
        let result = service(admin).set_active(&super_admin(), id(7), active, &a_request());
        assert_eq!(result.unwrap(), Activation { record: record(id(7), active), last_admin: false });
    }
}

#[test]
fn the_answer_says_whether_a_deactivated_admin_leaves_a_company_without_one() {
    for (active, set, is_without) in [(true, false, true), (true, false, false), (false, false, true)] {
        let admin_of = |record: UserRecord| UserRecord {
            user: with(record.user, |user| user.role = Role::CompanyAdmin),
            ..record
        };
        let mut admin = users_with(Some(admin_of(record(id(7), active))));
        admin.expect_set_active().returning(|user, _, _| Ok(user.clone()));
        admin.expect_record().returning(|_| Ok(()));
        admin.expect_is_without_admin().once().withf(|user| *user == id(7)).return_once(move |_| Ok(is_without));
        let changed = service(admin).set_active(&super_admin(), id(7), set, &a_request()).unwrap();
        assert_eq!(changed.last_admin, is_without);
    }
}

#[test]
fn the_end_of_all_sessions_of_a_user_is_logged_and_counted() {
    for ended in [Some(3), Some(0), None] {
        let mut admin = MockAdminRepository::new();
        let act = AuditAct::EndSessions(id(7));
        admin
            .expect_end_sessions()
            .once()
            .withf(move |user, logged| (*user, logged) == (id(7), &event(act.clone())))
            .return_once(move |_, _| Ok(ended));
        let result = service(admin).end_sessions(&super_admin(), id(7), &a_request());
        match (result, ended) {
            (Ok(number), Some(expected)) => assert_eq!(number, expected),
            (result, _) => assert_matches!((result, ended), (Err(AccessError::NotFound), None)),
        }
    }
}

#[test]
fn the_last_active_super_admin_is_not_deactivated() {
    let mut admin = users_with(Some(record(id(7), true)));
    admin.expect_set_active().once().return_once(|_, _, _| Err(StoreError::LastAdmin));
    let result = service(admin).set_active(&super_admin(), id(7), false, &a_request());
    assert_matches!(result, Err(SetActiveError::LastAdmin));
}

#[test]
fn an_actor_cannot_deactivate_their_own_user() {
    let own_id = user_id_of(Role::SuperAdmin);
    for active in [true, false] {
        let admin = unchanged_users_with(Some(record(own_id, true)));
        let result = service(admin).set_active(&super_admin(), own_id, active, &a_request());
        assert_matches!(result, Err(SetActiveError::OwnUser));
    }
}

#[test]
fn deactivating_a_missing_user_returns_not_found() {
    let result = service(unchanged_users_with(None)).set_active(&super_admin(), id(7), false, &a_request());
    assert_matches!(result, Err(SetActiveError::Access(AccessError::NotFound)));
}

#[test]
fn the_later_of_two_concurrent_deactivations_is_rejected_as_stale() {
    let mut admin = users_with(Some(record(id(7), true)));
    admin.expect_set_active().once().return_once(|_, _, _| Err(RepositoryError::Stale.into()));
    let result = service(admin).set_active(&super_admin(), id(7), false, &a_request());
    assert_matches!(result, Err(SetActiveError::Access(AccessError::Repository(RepositoryError::Stale))));
}

#[test]
fn verifying_a_company_and_withdrawing_it_are_stored_and_logged() {
    let verify = AuditAct::VerifyCompany(the_company());
    let withdraw = AuditAct::UnverifyCompany(the_company());
    for (stored, act) in [(a_company(), verify), (a_verified_company(), withdraw)] {
        let verified = stored.verified_at.is_none();
        let mut expected = stored.clone();
        expected.verified_at = verified.then(now);
        expected.updated_at = now();
        let (mut admin, committed) = (MockAdminRepository::new(), expected.clone());
        admin.expect_set_verified().once().return_once(move |company, logged| {
            assert_eq!((company, logged), (&committed, Some(event(act))));
            Ok(())
        });
        let changed =
            service_of(Some(stored), admin).set_verified(&super_admin(), the_company(), verified, &a_request());
        assert_eq!(changed.unwrap(), expected);
    }
}

#[test]
fn verifying_a_company_again_stores_and_logs_nothing() {
    for company in [a_company(), a_verified_company()] {
        let mut admin = MockAdminRepository::new();
        admin.expect_set_verified().never();
        let verified = company.verified_at.is_some();
        let service = service_of(Some(company.clone()), admin);
        assert_eq!(service.set_verified(&super_admin(), the_company(), verified, &a_request()).unwrap(), company);
    }
}

#[test]
fn the_later_of_two_concurrent_verifications_returns_the_company_and_one_after_an_edit_is_stale() {
    for (found_again, expected) in [(Some(a_verified_company()), Some(a_verified_company())), (Some(a_company()), None)]
    {
        let (mut admin, mut companies) = (MockAdminRepository::new(), MockCompanyRepository::new());
        admin.expect_set_verified().once().return_once(|_, _| Err(RepositoryError::Stale));
        companies.expect_find().once().return_once(|_| Ok(Some(a_company())));
        companies.expect_find().once().return_once(|_| Ok(found_again));
        let service = AdminService { companies: Arc::new(companies), ..service(admin) };
        let changed = service.set_verified(&super_admin(), the_company(), true, &a_request());
        if expected.is_some() {
            assert_eq!(changed.ok(), expected);
        } else {
            assert_matches!(changed, Err(AccessError::Repository(RepositoryError::Stale)));
        }
    }
}

#[test]
fn the_operator_vouches_for_a_company_without_a_log_entry() {
    let mut admin = MockAdminRepository::new();
    admin.expect_set_verified().once().withf(|_, logged| logged.is_none()).return_once(|_, _| Ok(()));
    let vouched = service_of(Some(a_company()), admin).vouch_for(the_company()).unwrap();
    assert_eq!(vouched.verified_at, Some(now()));
}

#[test]
fn a_missing_company_is_not_verified() {
    let mut admin = MockAdminRepository::new();
    admin.expect_set_verified().never();
    let result = service_of(None, admin).set_verified(&super_admin(), the_company(), true, &a_request());
    assert_matches!(result, Err(AccessError::NotFound));
}

#[test]
fn a_super_admin_closes_an_open_job_of_any_company_and_the_act_is_logged() {
    let closed = JobState::Closed { published_at: Some(earlier()) };
    let mut expected = a_job().of_another_company().in_state(closed).record();
    expected.job.updated_at = now();
    let (mut admin, stored) = (MockAdminRepository::new(), expected.job.clone());
    admin.expect_close_job().once().return_once(move |job, logged| {
        assert_eq!((job, logged), (&stored, &event(AuditAct::CloseJob(the_job()))));
        Ok(())
    });
    let service = service_with(admin, jobs_with(Some(a_job().of_another_company().open())));
    assert_eq!(service.close_job(&super_admin(), the_job(), &a_request()).unwrap(), expected);
}

#[test]
fn closing_a_job_that_is_not_open_is_an_invalid_transition() {
    for job in [a_job(), a_job().closed(), a_job().closed_unpublished()] {
        let from = job.clone().build().state.status();
        let result =
            service_with(no_closing(), jobs_with(Some(job))).close_job(&super_admin(), the_job(), &a_request());
        let expected = JobTransitionError { from, to: JobStatus::Closed };
        assert_matches!(result, Err(MoveJobError::InvalidTransition(cause)) if cause == expected);
    }
}

#[test]
fn closing_a_missing_job_returns_not_found() {
    let result = service_with(no_closing(), jobs_with(None)).close_job(&super_admin(), the_job(), &a_request());
    assert_matches!(result, Err(MoveJobError::Access(AccessError::NotFound)));
}

#[test]
fn closing_a_job_fails_if_the_storage_is_unavailable_or_the_job_is_stale() {
    let result = service_with(no_closing(), unavailable_jobs()).close_job(&super_admin(), the_job(), &a_request());
    assert_matches!(result, Err(MoveJobError::Access(AccessError::Repository(RepositoryError::Unavailable(_)))));

    let mut admin = MockAdminRepository::new();
    admin.expect_close_job().once().return_once(|_, _| Err(RepositoryError::Stale));
    let result =
        service_with(admin, jobs_with(Some(a_job().open()))).close_job(&super_admin(), the_job(), &a_request());
    assert_matches!(result, Err(MoveJobError::Access(AccessError::Repository(RepositoryError::Stale))));
}

#[test]
fn lists_are_returned_as_they_are_stored() {
    let mut admin = MockAdminRepository::new();
    let users = a_page(record(id(7), false));
    let companies = a_page(a_company());
    let events = a_page(event(AuditAct::CloseJob(the_job())));
    let (some_users, some_companies, some_events) = (users.clone(), companies.clone(), events.clone());
    admin.expect_record().once().return_once(|_| Ok(()));
    admin.expect_users().once().return_once(|_, _| Ok(some_users));
    admin.expect_companies().once().return_once(|_| Ok(some_companies));
    admin.expect_audit().once().return_once(|_, _| Ok(some_events));
    let service = service(admin);
    assert_eq!(service.users(&super_admin(), &UserFilter::default(), FIRST_PAGE, &a_request()).unwrap(), users);
    assert_eq!(service.companies(FIRST_PAGE).unwrap(), companies);
    assert_eq!(service.audit(&AuditFilter::default(), FIRST_PAGE).unwrap(), events);
}

#[test]
fn nothing_is_changed_if_the_user_cannot_be_read() {
    let mut admin = MockAdminRepository::new();
    admin.expect_find_user().once().return_once(|_| Err(unavailable()));
    admin.expect_set_active().never();
    let result = service(admin).set_active(&super_admin(), id(7), false, &a_request());
    assert_matches!(result, Err(SetActiveError::Access(AccessError::Repository(RepositoryError::Unavailable(_)))));
}

#[test]
fn lists_fail_if_the_storage_is_unavailable() {
    let mut admin = MockAdminRepository::new();
    admin.expect_record().return_once(|_| Ok(()));
    admin.expect_users().return_once(|_, _| Err(unavailable()));
    admin.expect_companies().return_once(|_| Err(unavailable()));
    admin.expect_audit().return_once(|_, _| Err(unavailable()));
    let service = service(admin);
    let is_unavailable = |error| matches!(error, AccessError::Repository(RepositoryError::Unavailable(_)));
    assert!(service.users(&super_admin(), &UserFilter::default(), FIRST_PAGE, &a_request()).is_err_and(is_unavailable));
    assert!(service.companies(FIRST_PAGE).is_err_and(is_unavailable));
    assert!(service.audit(&AuditFilter::default(), FIRST_PAGE).is_err_and(is_unavailable));
}

#[test]
fn users_are_read_only_once_the_reading_is_logged() {
    let filter = UserFilter { text: Some("ana".to_owned()), role: Some(Role::Technician) };
    for is_logged in [true, false] {
        let mut admin = MockAdminRepository::new();
        admin.expect_record().once().return_once(move |logged| {
            assert_eq!(*logged, event(AuditAct::ListUsers(Some("ana".to_owned()), Some(Role::Technician))));
            is_logged.then_some(()).ok_or_else(unavailable)
        });
        let users = a_page(record(id(7), true));
        admin.expect_users().times(usize::from(is_logged)).return_once(|_, _| Ok(users));
        assert_eq!(service(admin).users(&super_admin(), &filter, FIRST_PAGE, &a_request()).is_ok(), is_logged);
    }
}

#[test]
fn readings_of_users_are_limited_like_writes_so_that_the_log_is() {
    let mut rates = MockRateCounter::new();
    rates
        .expect_count()
        .once()
        .withf(|rate, _, _| *rate == Rate::Writes(user_id_of(Role::SuperAdmin)))
        .return_once(|_, _, _| Err(Throttled { until: now() + TimeDelta::seconds(9) }));
    // A repository without expectations panics at any call.
    let service = AdminService {
        rates: Arc::new(rates),
        limits: Some(ThrottleLimits::default()),
        ..service(MockAdminRepository::new())
    };
    let users = service.users(&super_admin(), &UserFilter::default(), FIRST_PAGE, &a_request());
    assert_matches!(users, Err(AccessError::TooManyAttempts(error)) if error.retry_after == 9);
}

#[test]
fn the_log_of_a_company_is_read_by_its_members_only() {
    let mut admin = MockAdminRepository::new();
    let filter = AuditFilter { action: Some(AuditAction::MemberRemoved), ..AuditFilter::default() };
    admin
        .expect_audit()
        .once()
        .withf(move |asked, _| *asked == AuditFilter { company_id: Some(the_company()), ..filter })
        .return_once(|_, _| Ok(a_page(event(AuditAct::CloseJob(the_job())))));
    let service = service(admin);
    service.own_audit(&member(), &filter, FIRST_PAGE).unwrap();
    for actor in actors_without_a_company() {
        assert_matches!(service.own_audit(&actor, &filter, FIRST_PAGE), Err(AccessError::Forbidden(_)));
    }
}

mod evaluations;
