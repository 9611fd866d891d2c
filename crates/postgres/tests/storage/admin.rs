use repower_domain::{
    Revision,
    accounts::{CompanyRole, Registration, Role},
    admin::{AuditAct, AuditAction, AuditEvent, SubjectType},
    ids::UserId,
    jobs::JobState,
    values::PasswordHash,
};
use repower_ports::{
    PageRequest, RepositoryError,
    accounts::{AccountRepository, Bearer, PasswordChange, TokenKind},
    admin::{AdminRepository, AuditFilter, SetActiveError, UserFilter, UserRecord},
    companies::CompanyRepository,
};

use crate::{
    constraints::assert_rejected,
    races::run_concurrently,
    support::{
        World, a_session, a_user, all_pages, an_event, an_open_job, assert_matches, at, first_page, live, new_id,
        value, with,
    },
    teams::join,
};

pub(crate) fn a_super_admin(world: &World) -> UserId {
    let registration = Registration::super_admin(a_user());
    world.register(&registration);
    registration.account.user.id
}

/// Activates or deactivates a user as the use case does, by an event of this act.
pub(crate) fn set_active(world: &World, event: &AuditEvent) -> Result<(), SetActiveError> {
    let (id, active) = match &event.act {
        AuditAct::ActivateUser(id) => (*id, true),
        AuditAct::DeactivateUser(id) => (*id, false),
        other => panic!("{other:?}"),
    };
    let user = world.admin.find_user(id).unwrap().unwrap().user;
    world.admin.set_active(&user, active, event).map(|changed| {
        assert_eq!(world.admin.find_user(id).unwrap(), Some(UserRecord { user: changed, active }));
    })
}

#[test]
fn users_are_sorted_newest_first_with_their_active_flag() {
    let world = World::isolated();
    let mut expected = Vec::new();
    for second in [5, 1, 1, 3] {
        let registration = Registration::super_admin(with(a_user(), |user| user.now = at(second)));
        world.register(&registration);
        expected.push(UserRecord { user: registration.account.user, active: true });
    }
    expected[2].active = false;
    world.execute(&format!("UPDATE users SET active = false WHERE id = '{}'", expected[2].user.id));
    assert_eq!(world.admin.find_user(expected[2].user.id).unwrap().as_ref(), Some(&expected[2]));
    assert_eq!(world.admin.find_user(new_id()).unwrap(), None);
    expected.sort_by_key(|record| std::cmp::Reverse((record.user.created_at, record.user.id)));
    for limit in [1, 2, 4, 100] {
        assert_eq!(all_pages(limit, |page| world.admin.users(&UserFilter::default(), page)), expected);
    }
}

#[test]
fn users_are_found_by_part_of_their_email_and_by_role() {
    let world = World::isolated();
    for (email, role) in
        [("ana_b@example.com", "technician"), ("anaxb@example.org", "admin"), ("bo@example.com", "admin")]
    {
        let mut user = a_user();
        user.email = value(email);
        world.register(&match role {
            "admin" => Registration::super_admin(user),
            _ => Registration::technician(user, new_id(), crate::support::a_technician_profile()),
        });
    }
    let found = |text: Option<&str>, role| {
        let filter = UserFilter { text: text.map(str::to_owned), role };
        let mut emails: Vec<_> = world
            .admin
            .users(&filter, first_page(9))
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
fn a_deactivated_user_has_no_access_until_reactivation() {
    let world = World::isolated();
    let (super_admin, user) = (a_super_admin(&world), world.technician().user_id);
    let out = an_event(super_admin, AuditAct::DeactivateUser(user), 3);
    set_active(&world, &out).unwrap();
    assert_eq!(world.actor(user), None);
    assert_eq!(world.accounts.find_credentials_of(user).unwrap().unwrap().account, None);
    let record = world.admin.find_user(user).unwrap().unwrap();
    assert_eq!((record.active, record.user.updated_at), (false, at(3)));
    let back = an_event(super_admin, AuditAct::ActivateUser(user), 4);
    set_active(&world, &back).unwrap();
    assert!(world.actor(user).is_some());
    assert_eq!(world.log(), [back, out]);
    let states =
        "before->'active' <> after->'active' AND after = jsonb_build_object('active', action = 'USER_ACTIVATED')";
    assert_eq!(world.count("audit_events", states), 2);
}

#[test]
fn a_deactivation_ends_the_sessions_for_good() {
    let world = World::isolated();
    let (super_admin, user) = (a_super_admin(&world), world.technician().user_id);
    let session = world.sign_in(user, 1);
    let is_valid = |generation| {
        let bearer = Bearer { user_id: user, token: TokenKind::Sessionless(generation) };
        world.accounts.find_actor(&bearer, &live(0)).unwrap().is_some()
    };
    assert!(world.actor_in(&session).is_some() && is_valid(at(2)));
    set_active(&world, &an_event(super_admin, AuditAct::DeactivateUser(user), 3)).unwrap();
    set_active(&world, &an_event(super_admin, AuditAct::ActivateUser(user), 9)).unwrap();
    assert!(world.actor_in(&session).is_none() && !is_valid(at(2)) && is_valid(at(3)));
    let later = world.sign_in(user, 10);
    assert!(world.actor_in(&later).is_some());
}

#[test]
fn the_sessions_of_a_user_are_ended_with_an_entry_about_their_company() {
    let world = World::isolated();
    let (super_admin, registered) = (a_super_admin(&world), world.register_company());
    let sessions = [1, 2].map(|second| world.sign_in(registered.admin, second));
    let other = world.sign_in(super_admin, 1);
    let event = an_event(super_admin, AuditAct::EndSessions(registered.admin), 3);
    assert_eq!(world.admin.end_sessions(registered.admin, &event).unwrap(), Some(2));
    assert!(sessions.iter().all(|session| world.actor_in(session).is_none()) && world.actor_in(&other).is_some());
    let of_company = AuditFilter { company_id: Some(registered.company.id), ..AuditFilter::default() };
    assert_eq!(world.admin.audit(&of_company, first_page(9)).unwrap().items, [event]);
    let unknown: UserId = new_id();
    let event = an_event(super_admin, AuditAct::EndSessions(unknown), 4);
    assert_eq!(world.admin.end_sessions(unknown, &event).unwrap(), None);
    assert_eq!(world.log().len(), 1);
}

#[test]
fn a_deactivation_ends_the_sessions_of_concurrent_new_passwords_too() {
    let world = World::with_own_schema();
    let super_admin = a_super_admin(&world);
    for round in 0..10 {
        let user = world.technician().user_id;
        let user = world.admin.find_user(user).unwrap().unwrap().user;
        let [old_hash, new_hash] = ["hash", "another"].map(PasswordHash::new);
        let change = PasswordChange { session: a_session(user.id, 9), old_hash, new_hash, known_address: None };
        let event = an_event(super_admin, AuditAct::DeactivateUser(user.id), 3);
        run_concurrently(&world, 2, |index| {
            // The later half of the rounds is not concurrent: the password is new already.
            if index == 0 || round > 4 {
                let _ = world.accounts.change_password(&change);
            }
            (index == 1).then(|| world.admin.set_active(&user, false, &event).unwrap())
        });
        assert_eq!(world.actor(user.id), None);
        assert_eq!(world.count("sessions", "true"), 0, "{round}");
        let stored = world.accounts.find_credentials_of(user.id).unwrap().unwrap().password_hash;
        assert!(stored == PasswordHash::new("another") || round < 5);
    }
}

#[test]
fn an_act_without_effect_is_stale_and_not_logged() {
    let world = World::isolated();
    let (super_admin, user) = (a_super_admin(&world), world.technician().user_id);
    let again = set_active(&world, &an_event(super_admin, AuditAct::ActivateUser(user), 3));
    assert_matches!(again, Err(SetActiveError::Repository(RepositoryError::Stale)));
    let unregistered = Registration::super_admin(a_user()).account.user;
    let unknown = world.admin.set_active(
        &unregistered,
        false,
        &an_event(super_admin, AuditAct::DeactivateUser(unregistered.id), 3),
    );
    assert_matches!(unknown, Err(SetActiveError::Repository(RepositoryError::Stale)));
    assert_eq!(world.log(), []);
}

#[test]
fn an_act_whose_event_fails_is_rolled_back() {
    let world = World::isolated();
    let user = world.technician().user_id;
    let by_unknown_user = an_event(new_id(), AuditAct::DeactivateUser(user), 3);
    assert_matches!(set_active(&world, &by_unknown_user), Err(SetActiveError::Repository(RepositoryError::Failed(_))));
    assert!(world.actor(user).is_some());
}

#[test]
fn companies_are_sorted_newest_first() {
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
        assert_eq!(all_pages(limit, |page| world.admin.companies(page)), expected);
    }
}

#[test]
fn closing_a_job_is_logged_once() {
    let world = World::isolated();
    let super_admin = a_super_admin(&world);
    let job = world.add_job(an_open_job(&world.company(), 0));
    let mut closed = job.clone();
    closed.state = JobState::Closed { published_at: Some(at(0)) };
    closed.updated_at = at(3);
    let event = an_event(super_admin, AuditAct::CloseJob(job.id), 3);
    world.admin.close_job(&closed, &event).unwrap();
    assert_eq!(world.find_job(&job).job, with(closed.clone(), |job| job.revision = Revision::stored(2)));
    assert_matches!(
        world.admin.close_job(&closed, &an_event(super_admin, event.act.clone(), 4)),
        Err(RepositoryError::Stale)
    );
    assert_eq!(world.log(), [event]);
    assert_eq!(world.count("audit_events", r#"before = '{"status": "OPEN"}' AND after = '{"status": "CLOSED"}'"#), 1);
}

#[test]
fn the_audit_log_is_sorted_newest_first_for_each_filter() {
    let world = World::isolated();
    let [one, other] = [(); 2].map(|()| a_super_admin(&world));
    let user = world.technician().user_id;
    let job = world.add_job(an_open_job(&world.company(), 0));
    let mut expected = Vec::new();
    for (actor, second) in [(one, 1), (other, 1), (one, 2)] {
        for active in [false, true] {
            let act = if active { AuditAct::ActivateUser(user) } else { AuditAct::DeactivateUser(user) };
            let event = an_event(actor, act, second);
            set_active(&world, &event).unwrap();
            expected.push(event);
        }
    }
    let closing = an_event(other, AuditAct::CloseJob(job.id), 2);
    world
        .admin
        .close_job(&with(job.clone(), |job| job.state = JobState::Closed { published_at: Some(at(0)) }), &closing)
        .unwrap();
    expected.push(closing);
    expected.sort_by_key(|event| std::cmp::Reverse((event.created_at, event.id)));
    let check = |filter: AuditFilter, matches: &dyn Fn(&AuditEvent) -> bool| {
        let wanted: Vec<_> = expected.iter().filter(|event| matches(event)).cloned().collect();
        assert!(!wanted.is_empty());
        for limit in [1, 2, 100] {
            assert_eq!(all_pages(limit, |page: PageRequest| world.admin.audit(&filter, page)), wanted);
        }
    };
    let any = AuditFilter::default();
    check(any, &|_| true);
    check(AuditFilter { actor_id: Some(one), ..any }, &|event| event.actor_id == one);
    let action = AuditAction::UserActivated;
    check(AuditFilter { action: Some(action), ..any }, &|event| event.act.action() == action);
    check(AuditFilter { subject_type: Some(SubjectType::Job), ..any }, &|event| {
        event.act.subject().1 == Some(job.id.uuid())
    });
    check(AuditFilter { subject_id: Some(user.uuid()), ..any }, &|event| event.act.subject().1 == Some(user.uuid()));
    let both = AuditFilter { actor_id: Some(other), action: Some(AuditAction::JobClosed), ..any };
    check(both, &|event| event.actor_id == other && event.act.action() == AuditAction::JobClosed);
}

#[test]
fn the_audit_log_cannot_be_changed_or_emptied() {
    let world = World::isolated();
    let (super_admin, user) = (a_super_admin(&world), world.technician().user_id);
    set_active(&world, &an_event(super_admin, AuditAct::DeactivateUser(user), 3)).unwrap();
    for statement in ["UPDATE audit_events SET request_id = 'x'", "DELETE FROM audit_events", "TRUNCATE audit_events"] {
        let rejected = world.database.with_connection(|connection| {
            diesel::Connection::transaction(connection, |connection| {
                diesel::connection::SimpleConnection::batch_execute(connection, statement)
            })
        });
        assert_matches!(
            rejected,
            Err(RepositoryError::Failed(cause)) if cause.to_string() == "the audit log only grows"
        );
    }
    assert_rejected(&world, &[("audit_events_actor_fkey", format!("DELETE FROM users WHERE id = '{super_admin}'"))]);
    assert_eq!(world.log().len(), 1);
}

#[test]
fn of_concurrent_deactivations_of_a_user_one_is_logged() {
    let world = World::with_own_schema();
    let (super_admin, user) = (a_super_admin(&world), world.technician().user_id);
    let results =
        run_concurrently(&world, 20, |_| set_active(&world, &an_event(super_admin, AuditAct::DeactivateUser(user), 3)));
    assert_eq!(results.iter().filter(|result| result.is_ok()).count(), 1);
    for result in results.iter().filter(|result| result.is_err()) {
        assert_matches!(result, Err(SetActiveError::Repository(RepositoryError::Stale)));
    }
    assert_eq!(world.log().len(), 1);
}

/// Deactivates `user` by `actor`.
fn deactivate(world: &World, actor: UserId, user: UserId) -> Result<(), SetActiveError> {
    set_active(world, &an_event(actor, AuditAct::DeactivateUser(user), 3))
}

#[test]
fn the_last_active_super_admin_stays_active() {
    let world = World::isolated();
    let [one, other] = [(); 2].map(|()| a_super_admin(&world));
    deactivate(&world, one, other).unwrap();
    assert_matches!(deactivate(&world, other, one), Err(SetActiveError::LastAdmin));
    assert!(world.actor(one).is_some());
    assert_eq!(world.log().len(), 1);
    set_active(&world, &an_event(one, AuditAct::ActivateUser(other), 4)).unwrap();
    deactivate(&world, other, one).unwrap();
}

#[test]
fn a_super_admin_who_was_deactivated_meanwhile_deactivates_no_other() {
    let world = World::isolated();
    let [one, former, third] = [(); 3].map(|()| a_super_admin(&world));
    deactivate(&world, one, former).unwrap();
    let deactivated = deactivate(&world, former, third);
    assert_matches!(deactivated, Err(SetActiveError::Repository(RepositoryError::Stale)));
    assert!(world.actor(third).is_some());
}

#[test]
fn of_two_super_admins_who_deactivate_each_other_concurrently_one_remains() {
    let world = World::with_own_schema();
    for _ in 0..30 {
        world.execute("UPDATE users SET active = false");
        let pair = [(); 2].map(|()| a_super_admin(&world));
        let results = run_concurrently(&world, 2, |index| deactivate(&world, pair[index], pair[1 - index]));
        assert_eq!(results.iter().filter(|result| result.is_ok()).count(), 1, "{results:?}");
        assert!(results.iter().any(|result| matches!(result, Err(SetActiveError::LastAdmin))), "{results:?}");
        assert_eq!(world.count("users", "active"), 1);
    }
}

#[test]
fn of_many_super_admins_who_deactivate_each_other_concurrently_one_remains() {
    let world = World::with_own_schema();
    for _ in 0..10 {
        world.execute("UPDATE users SET active = false");
        let circle = [(); 5].map(|()| a_super_admin(&world));
        let results = run_concurrently(&world, 5, |index| deactivate(&world, circle[index], circle[(index + 1) % 5]));
        let deactivated = results.iter().filter(|result| result.is_ok()).count();
        assert!((1..5).contains(&deactivated), "{results:?}");
        assert_eq!(world.count("users", "active"), i64::try_from(5 - deactivated).unwrap());
    }
}

#[test]
fn a_company_is_without_an_admin_once_all_of_them_are_inactive() {
    let world = World::isolated();
    let root = a_super_admin(&world);
    let registered = world.register_company();
    let [admin, viewer] =
        [CompanyRole::Admin, CompanyRole::Viewer].map(|role| join(&world, &registered.company, role).user_id);
    world.company();
    let is_without = || world.admin.is_without_admin(registered.admin).unwrap();
    deactivate(&world, root, registered.admin).unwrap();
    assert!(!is_without());
    deactivate(&world, root, admin).unwrap();
    assert!(is_without());
    assert!(world.admin.is_without_admin(viewer).unwrap());
    for user in [root, world.technician().user_id, new_id()] {
        assert!(!world.admin.is_without_admin(user).unwrap());
    }
}
