use repower_domain::{
    Revision,
    accounts::{NewUser, Registration, Role},
    admin::{AuditAct, AuditAction, AuditEvent, SubjectType},
    ids::UserId,
    jobs::{Job, JobState},
};
use repower_ports::{
    PageRequest, RepositoryError,
    accounts::AccountRepository,
    admin::{AdminRepository, AuditFilter, UserFilter, UserRecord},
    companies::CompanyRepository,
};

use crate::{
    constraints::assert_refused,
    races::at_once,
    support::{World, a_user, an_open_job, assert_matches, at, first, new_id, value, walk},
};

pub(crate) fn a_super_admin(world: &World) -> UserId {
    let registration = Registration::super_admin(a_user());
    world.register(&registration);
    registration.account.user.id
}

/// What a super admin did at this second.
pub(crate) fn an_event(actor_id: UserId, act: AuditAct, second: i64) -> AuditEvent {
    AuditEvent { id: new_id(), actor_id, act, request_id: format!("request-{second}"), created_at: at(second) }
}

fn log(world: &World) -> Vec<AuditEvent> {
    world.admin.audit(&AuditFilter::default(), first(100)).unwrap().items
}

#[test]
fn users_come_newest_first_with_whether_they_may_act() {
    let world = World::isolated();
    let mut expected = Vec::new();
    for second in [5, 1, 1, 3] {
        let registration = Registration::super_admin(NewUser { now: at(second), ..a_user() });
        world.register(&registration);
        expected.push(UserRecord { user: registration.account.user, active: true });
    }
    expected[2].active = false;
    world.execute(&format!("UPDATE users SET active = false WHERE id = '{}'", expected[2].user.id));
    assert_eq!(world.admin.find_user(expected[2].user.id).unwrap().as_ref(), Some(&expected[2]));
    assert_eq!(world.admin.find_user(new_id()).unwrap(), None);
    expected.sort_by_key(|record| std::cmp::Reverse((record.user.created_at, record.user.id)));
    for limit in [1, 2, 4, 100] {
        assert_eq!(walk(limit, |page| world.admin.users(&UserFilter::default(), page)), expected);
    }
}

#[test]
fn users_are_found_by_part_of_their_address_and_by_role() {
    let world = World::isolated();
    for (email, role) in
        [("ana_b@example.com", "technician"), ("anaxb@example.org", "admin"), ("bo@example.com", "admin")]
    {
        let user = NewUser { email: value(email), ..a_user() };
        world.register(&match role {
            "admin" => Registration::super_admin(user),
            _ => Registration::technician(user, new_id(), crate::support::a_technician_profile()),
        });
    }
    let found = |text: Option<&str>, role| {
        let filter = UserFilter { text: text.map(str::to_owned), role };
        let mut emails: Vec<_> = world
            .admin
            .users(&filter, first(9))
            .unwrap()
            .items
            .iter()
            .map(|record| record.user.email.to_string())
            .collect();
        emails.sort();
        emails
    };
    assert_eq!(found(Some("ANA"), None), ["ana_b@example.com", "anaxb@example.org"]);
    assert_eq!(found(Some("a_b"), None), ["ana_b@example.com"]);
    assert_eq!(found(None, Some(Role::SuperAdmin)), ["anaxb@example.org", "bo@example.com"]);
    assert_eq!(found(Some(".com"), Some(Role::SuperAdmin)), ["bo@example.com"]);
    assert!(found(Some("%"), None).is_empty());
}

#[test]
fn whoever_is_deactivated_is_shut_out_until_they_are_let_in_again() {
    let world = World::isolated();
    let (boss, user) = (a_super_admin(&world), world.technician().user_id);
    let out = an_event(boss, AuditAct::DeactivateUser(user), 3);
    world.admin.set_active(user, false, &out).unwrap();
    assert_eq!(world.actor(user), None);
    assert_eq!(world.accounts.find_credentials_of(user).unwrap().unwrap().account, None);
    let record = world.admin.find_user(user).unwrap().unwrap();
    assert_eq!((record.active, record.user.updated_at), (false, at(3)));
    let back = an_event(boss, AuditAct::ActivateUser(user), 4);
    world.admin.set_active(user, true, &back).unwrap();
    assert!(world.actor(user).is_some());
    assert_eq!(log(&world), [back, out]);
    let states =
        "before->'active' <> after->'active' AND after = jsonb_build_object('active', action = 'USER_ACTIVATED')";
    assert_eq!(world.count("audit_events", states), 2);
}

#[test]
fn what_is_so_already_is_stale_and_not_logged() {
    let world = World::isolated();
    let (boss, user) = (a_super_admin(&world), world.technician().user_id);
    let again = world.admin.set_active(user, true, &an_event(boss, AuditAct::ActivateUser(user), 3));
    assert_matches!(again, Err(RepositoryError::Stale));
    let nobody = world.admin.set_active(new_id(), false, &an_event(boss, AuditAct::DeactivateUser(user), 3));
    assert_matches!(nobody, Err(RepositoryError::Stale));
    assert_eq!(log(&world), []);
}

#[test]
fn an_act_that_cannot_be_logged_is_not_done() {
    let world = World::isolated();
    let user = world.technician().user_id;
    let by_nobody = an_event(new_id(), AuditAct::DeactivateUser(user), 3);
    assert_matches!(world.admin.set_active(user, false, &by_nobody), Err(RepositoryError::Failed(_)));
    assert!(world.actor(user).is_some());
}

#[test]
fn companies_come_newest_first() {
    let world = World::isolated();
    let mut expected = Vec::new();
    for second in [5, 1, 1, 3] {
        let company = world.company();
        let stamp = at(second).to_rfc3339();
        world.execute(&format!("UPDATE companies SET created_at = '{stamp}' WHERE id = '{}'", company.id));
        expected.push(world.companies.find(company.id).unwrap().unwrap());
    }
    expected.sort_by_key(|company| std::cmp::Reverse((company.created_at, company.id)));
    for limit in [1, 2, 4, 100] {
        assert_eq!(walk(limit, |page| world.admin.companies(page)), expected);
    }
}

#[test]
fn a_job_that_is_closed_is_logged_with_it() {
    let world = World::isolated();
    let boss = a_super_admin(&world);
    let job = world.add(an_open_job(&world.company(), 0));
    let closed = Job { state: JobState::Closed { published_at: Some(at(0)) }, updated_at: at(3), ..job.clone() };
    let event = an_event(boss, AuditAct::CloseJob(job.id), 3);
    world.admin.close_job(&closed, &event).unwrap();
    assert_eq!(world.job(&job).job, Job { revision: Revision::stored(2), ..closed.clone() });
    assert_matches!(world.admin.close_job(&closed, &an_event(boss, event.act, 4)), Err(RepositoryError::Stale));
    assert_eq!(log(&world), [event]);
    assert_eq!(world.count("audit_events", r#"before = '{"status": "OPEN"}' AND after = '{"status": "CLOSED"}'"#), 1);
}

#[test]
fn the_log_comes_newest_first_by_whatever_is_asked_for() {
    let world = World::isolated();
    let [one, other] = [(); 2].map(|()| a_super_admin(&world));
    let user = world.technician().user_id;
    let job = world.add(an_open_job(&world.company(), 0));
    let mut expected = Vec::new();
    for (actor, second) in [(one, 1), (other, 1), (one, 2)] {
        for active in [false, true] {
            let act = if active { AuditAct::ActivateUser(user) } else { AuditAct::DeactivateUser(user) };
            let event = an_event(actor, act, second);
            world.admin.set_active(user, active, &event).unwrap();
            expected.push(event);
        }
    }
    let closing = an_event(other, AuditAct::CloseJob(job.id), 2);
    world
        .admin
        .close_job(&Job { state: JobState::Closed { published_at: Some(at(0)) }, ..job.clone() }, &closing)
        .unwrap();
    expected.push(closing);
    expected.sort_by_key(|event| std::cmp::Reverse((event.created_at, event.id)));
    let check = |filter: AuditFilter, matches: &dyn Fn(&AuditEvent) -> bool| {
        let wanted: Vec<_> = expected.iter().filter(|event| matches(event)).cloned().collect();
        assert!(!wanted.is_empty());
        for limit in [1, 2, 100] {
            assert_eq!(walk(limit, |page: PageRequest| world.admin.audit(&filter, page)), wanted);
        }
    };
    let any = AuditFilter::default();
    check(any, &|_| true);
    check(AuditFilter { actor_id: Some(one), ..any }, &|event| event.actor_id == one);
    let action = AuditAction::UserActivated;
    check(AuditFilter { action: Some(action), ..any }, &|event| event.act.action() == action);
    check(AuditFilter { subject_type: Some(SubjectType::Job), ..any }, &|event| event.act.subject().1 == job.id.uuid());
    check(AuditFilter { subject_id: Some(user.uuid()), ..any }, &|event| event.act.subject().1 == user.uuid());
    let both = AuditFilter { actor_id: Some(other), action: Some(AuditAction::JobClosed), ..any };
    check(both, &|event| event.actor_id == other && event.act.action() == AuditAction::JobClosed);
}

#[test]
fn nobody_changes_the_log_or_empties_it() {
    let world = World::isolated();
    let (boss, user) = (a_super_admin(&world), world.technician().user_id);
    world.admin.set_active(user, false, &an_event(boss, AuditAct::DeactivateUser(user), 3)).unwrap();
    for statement in ["UPDATE audit_events SET request_id = 'x'", "DELETE FROM audit_events", "TRUNCATE audit_events"] {
        let refused = world.database.with_connection(|connection| {
            diesel::Connection::transaction(connection, |connection| {
                diesel::connection::SimpleConnection::batch_execute(connection, statement)
            })
        });
        assert_matches!(
            refused,
            Err(RepositoryError::Failed(cause)) if cause.to_string() == "the audit log only grows"
        );
    }
    assert_refused(&world, &[("audit_events_actor_fkey", format!("DELETE FROM users WHERE id = '{boss}'"))]);
    assert_eq!(log(&world).len(), 1);
}

#[test]
fn of_many_who_shut_a_user_out_at_once_one_is_logged() {
    let world = World::own();
    let (boss, user) = (a_super_admin(&world), world.technician().user_id);
    let answers = at_once(&world, 20, |_| {
        world.admin.set_active(user, false, &an_event(boss, AuditAct::DeactivateUser(user), 3))
    });
    assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 1);
    for answer in answers.iter().filter(|answer| answer.is_err()) {
        assert_matches!(answer, Err(RepositoryError::Stale));
    }
    assert_eq!(log(&world).len(), 1);
}
