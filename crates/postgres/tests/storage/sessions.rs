//! Sessions: their list, their bound, their ends and their uses.

use std::slice;

use chrono::{DateTime, TimeDelta, Utc};
use repower_domain::{
    accounts::{LiveSessions, Session, SessionLimits},
    ids::{SessionId, UserId},
    values::PasswordHash,
};
use repower_ports::{
    RepositoryError,
    accounts::{
        AccountRepository, Bearer, EndSessionsError, PasswordChange, SessionEnd, SessionRepository, SessionSelection,
        SessionUses, TokenKind, VerifiedPassword,
    },
    operation::{Housekeeping, SessionsProbe},
};
use repower_postgres::Database;

use crate::{
    constraints::{assert_rejected, update},
    races::run_concurrently,
    support::{
        SESSION_LIMITS, World, a_session, a_technician_registration, assert_matches, at, bearer, live, new_id,
        sessionless, with,
    },
};

const MOST: usize = Session::MOST;
const WEEK: i64 = 7 * 24 * 3_600;

/// The limits of sessions that end after ten minutes without a use.
const IDLE: SessionLimits = SessionLimits { idle: Some(TimeDelta::minutes(10)), ..SESSION_LIMITS };

fn technician(world: &World) -> UserId {
    world.technician().user_id
}

/// The ids of the sessions of a user at a second, sorted.
fn ids(world: &World, user: UserId, second: i64) -> Vec<SessionId> {
    let mut ids: Vec<_> =
        world.sessions.of_user(user, &live(second)).unwrap().into_iter().map(|session| session.id).collect();
    ids.sort_unstable();
    ids
}

fn end(world: &World, user_id: UserId, selection: SessionSelection) -> Result<usize, EndSessionsError> {
    world.sessions.end(&SessionEnd { user_id, hash: PasswordHash::new("hash"), selection, at: at(60) })
}

/// How many sessions of a world ended for a reason.
fn ended(world: &World, reason: &str) -> u64 {
    let counts = world.database.session_counts();
    counts.ended.iter().find(|(known, _)| *known == reason).unwrap().1
}

#[test]
fn a_login_begins_a_session_which_is_found_as_it_began() {
    let world = World::isolated();
    let [user, other] = [technician(&world), technician(&world)];
    let session = world.sign_in(user, 0);
    let of_other = world.sign_in(other, 0);
    assert_eq!(world.sessions.of_user(user, &live(0)).unwrap(), slice::from_ref(&session));
    assert_eq!(world.sessions.find(session.id, &live(0)).unwrap(), Some(session.clone()));
    assert!([&session, &of_other].iter().all(|session| world.actor_in(session).is_some()));
    // The session of another user is none of the token's user.
    assert_eq!(world.actor_in(&with(session, |session| session.user_id = other)), None);
    assert_eq!(world.sessions.find(new_id(), &live(0)).unwrap(), None);
}

#[test]
fn a_registration_begins_a_session_if_it_has_one() {
    let world = World::isolated();
    let registered = |with_session: bool| {
        let registration = a_technician_registration();
        let user = registration.account.user.id;
        let session = with_session.then(|| a_session(user, 0));
        world.register(&with(registration, |registration| registration.session = session));
        user
    };
    let users = [true, false].map(registered);
    assert_eq!(users.map(|user| ids(&world, user, 0).len()), [1, 0]);
    assert!(users.iter().all(|user| world.actor(*user).is_some()));
}

#[test]
fn a_rejected_login_begins_no_session() {
    let world = World::isolated();
    let user = technician(&world);
    let login = VerifiedPassword {
        hash: PasswordHash::new("another"),
        known_address: None,
        session: a_session(user, 0),
        live: live(0),
    };
    assert_eq!(world.accounts.sign_in(&login).unwrap(), None);
    world.execute(&format!("UPDATE users SET active = false WHERE id = '{user}'"));
    assert!(!world.try_sign_in(&a_session(user, 0), 0));
    let member = world.register_company().admin;
    world.execute(&format!("DELETE FROM company_members WHERE user_id = '{member}'"));
    assert!(!world.try_sign_in(&a_session(member, 0), 0));
    assert_eq!(world.count("sessions", "true"), 0);
}

#[test]
fn the_session_is_looked_up_in_the_statement_of_the_actor() {
    let world = World::isolated();
    let session = world.sign_in(technician(&world), 0);
    let statements = world.statements_of(|| assert!(world.actor_in(&session).is_some()));
    assert_eq!(statements.len(), 1, "{statements:#?}");
}

#[test]
fn a_session_is_live_until_it_expires() {
    let world = World::isolated();
    let session = world.sign_in(technician(&world), 0);
    let found = |live: &LiveSessions| {
        let is_found = world.sessions.find(session.id, live).unwrap().is_some();
        assert_eq!(world.accounts.find_actor(&bearer(&session), live).unwrap().is_some(), is_found);
        assert_eq!(world.sessions.of_user(session.user_id, live).unwrap().len(), usize::from(is_found));
        is_found
    };
    // It began within a second.
    assert_eq!([WEEK - 1, WEEK].map(|second| found(&live(second))), [true, false]);
    let idle = |second| found(&IDLE.live_at(at(second)));
    assert_eq!([12 * 60 - 1, 12 * 60].map(idle), [true, false]);
    world.execute(&format!("UPDATE sessions SET last_used_at = '{}'", at(300)));
    assert_eq!([17 * 60 - 1, 17 * 60].map(idle), [true, false]);
}

#[test]
fn beyond_the_bound_the_oldest_session_ends() {
    let world = World::isolated();
    let [user, other] = [technician(&world), technician(&world)];
    let of_other = world.sign_in(other, 0);
    let all: Vec<_> = (0..MOST + 2).map(|number| world.sign_in(user, i64::try_from(number).unwrap()).id).collect();
    assert_eq!(ids(&world, user, 60), all[2..]);
    assert_eq!((ended(&world, "login"), ids(&world, other, 60)), (2, vec![of_other.id]));
    // The clock of the other instance is behind: the new session is none of the oldest.
    let behind = world.sign_in(user, -30);
    assert!(ids(&world, user, 60).contains(&behind.id) && !ids(&world, user, 60).contains(&all[2]));
}

#[test]
fn sessions_that_are_not_live_take_no_place_and_are_removed_by_a_login() {
    let world = World::isolated();
    let user = technician(&world);
    let all: Vec<_> = (0..MOST).map(|_| world.sign_in(user, 0).id).collect();
    let last = all[MOST - 1];
    world.execute(&format!("UPDATE sessions SET expires_at = '{}' WHERE id <> '{last}'", at(5)));
    let later = world.sign_in(user, 5);
    assert_eq!(ids(&world, user, 5), [last, later.id]);
    assert_eq!(world.count("sessions", "true"), 2);
    let idle = VerifiedPassword {
        hash: PasswordHash::new("hash"),
        known_address: None,
        session: a_session(user, 800),
        live: IDLE.live_at(at(800)),
    };
    assert!(world.accounts.sign_in(&idle).unwrap().is_some());
    assert_eq!(world.count("sessions", "true"), 1);
}

#[test]
fn of_sixty_logins_at_once_fifty_sessions_are_left() {
    let world = World::with_own_schema();
    let user = technician(&world);
    let begun = run_concurrently(&world, 30, |index| {
        let second = i64::try_from(index).unwrap();
        [(); 2].map(|()| world.sign_in(user, second).id)
    });
    let left = ids(&world, user, 60);
    assert_eq!((left.len(), world.count("sessions", "true")), (MOST, i64::try_from(MOST).unwrap()));
    let begun: Vec<_> = begun.into_iter().flatten().collect();
    assert!(left.iter().all(|id| begun.contains(id)));
}

#[test]
fn a_log_out_ends_the_session_of_the_token_and_no_other() {
    let world = World::isolated();
    let user = technician(&world);
    let [session, other] = [0, 1].map(|second| world.sign_in(user, second));
    let of_another = world.sign_in(technician(&world), 0);
    // A session of another user.
    world.sessions.log_out(&Bearer { user_id: of_another.user_id, ..bearer(&session) }, at(2)).unwrap();
    assert!(world.actor_in(&session).is_some());
    for _ in 0..2 {
        world.sessions.log_out(&bearer(&session), at(2)).unwrap();
        assert_eq!(ids(&world, user, 2), [other.id]);
    }
    assert!(world.actor(user).is_some(), "a token without a session");
    assert_eq!((ended(&world, "logout"), ids(&world, of_another.user_id, 2)), (1, vec![of_another.id]));
}

#[test]
fn a_log_out_without_a_session_ends_all_such_tokens_of_the_user() {
    let world = World::isolated();
    let user_id = technician(&world);
    let session = world.sign_in(user_id, 0);
    let of = |generation: DateTime<Utc>| Bearer { user_id, token: TokenKind::Sessionless(generation) };
    let is_valid = |bearer: &Bearer| world.accounts.find_actor(bearer, &live(0)).unwrap().is_some();
    let [earlier, later] = [of(at(3)), of(at(9))];
    world.sessions.log_out(&earlier, at(5)).unwrap();
    assert!(!is_valid(&earlier) && is_valid(&later) && world.actor_in(&session).is_some());
    // One that has ended before ends none.
    world.sessions.log_out(&earlier, at(20)).unwrap();
    assert!(is_valid(&later));
    world.sessions.log_out(&later, at(20)).unwrap();
    assert!(!is_valid(&later));
}

#[test]
fn the_selected_sessions_end_all_or_none() {
    let world = World::isolated();
    let user = technician(&world);
    let [one, two, three] = [0, 1, 2].map(|second| world.sign_in(user, second));
    let of_another = world.sign_in(technician(&world), 0);
    for foreign in [of_another.id, new_id()] {
        let rejected = end(&world, user, SessionSelection::These(vec![one.id, foreign]));
        assert_matches!(rejected, Err(EndSessionsError::NoSuchSession));
    }
    assert_eq!(ids(&world, user, 3).len(), 3);
    assert_eq!(end(&world, user, SessionSelection::These(vec![one.id, two.id])).unwrap(), 2);
    assert_eq!((ids(&world, user, 3), ended(&world, "user")), (vec![three.id], 2));
    assert!(world.actor_in(&of_another).is_some() && world.actor(user).is_some());
}

#[test]
fn all_sessions_but_that_of_the_token_end() {
    let world = World::isolated();
    let user = technician(&world);
    let [one, two, three] = [0, 1, 2].map(|second| world.sign_in(user, second));
    let before = Bearer { user_id: user, token: TokenKind::Sessionless(at(50)) };
    let is_valid = |bearer: &Bearer| world.accounts.find_actor(bearer, &live(0)).unwrap().is_some();
    assert!(is_valid(&before));
    assert_eq!(end(&world, user, SessionSelection::AllBut(bearer(&two).token)).unwrap(), 2);
    assert!(!is_valid(&before) && is_valid(&sessionless(user)));
    assert_eq!([&one, &two, &three].map(|session| world.actor_in(session).is_some()), [false, true, false]);
    // By a token without a session all sessions end, and no such token.
    assert_eq!(end(&world, user, SessionSelection::AllBut(sessionless(user).token)).unwrap(), 1);
    assert!(world.actor_in(&two).is_none() && is_valid(&sessionless(user)));
}

#[test]
fn sessions_are_not_ended_with_an_outdated_password() {
    let world = World::isolated();
    let user = technician(&world);
    let session = world.sign_in(user, 0);
    world.execute(&format!("UPDATE users SET password_hash = 'another' WHERE id = '{user}'"));
    let rejected = end(&world, user, SessionSelection::These(vec![session.id]));
    assert_matches!(rejected, Err(EndSessionsError::Repository(RepositoryError::Stale)));
}

#[test]
fn a_login_beside_a_new_password_and_a_log_out_is_rejected_or_its_session_ends() {
    let world = World::with_own_schema();
    for round in 0..20 {
        let user = technician(&world);
        let [before, concurrent, changed] = [0, 1, 2].map(|second| a_session(user, second));
        assert!(world.try_sign_in(&before, 0));
        let change = PasswordChange {
            session: changed.clone(),
            old_hash: PasswordHash::new("hash"),
            new_hash: PasswordHash::new("another"),
            known_address: None,
        };
        run_concurrently(&world, 3, |index| match index {
            0 => world.accounts.change_password(&change).unwrap(),
            1 => {
                world.try_sign_in(&concurrent, 1);
            }
            _ => world.sessions.log_out(&bearer(&before), at(2)).unwrap(),
        });
        assert_eq!(ids(&world, user, 3), [changed.id], "{round}");
    }
}

#[test]
fn the_minutes_of_uses_are_stored_in_one_statement() {
    let world = World::isolated();
    let [one, two, unused] = [(); 3].map(|()| world.sign_in(technician(&world), 0));
    // The clock of the tests starts at a full minute. The last use is late.
    for (session, second) in [(&one, 59), (&one, 70), (&two, 130), (&two, 100)] {
        world.database.note(session.id, at(second));
    }
    let ended: SessionId = new_id();
    world.database.note(ended, at(130));
    let statements = world.statements_of(|| assert_eq!(world.database.store().unwrap(), 2));
    assert_eq!(statements.len(), 1, "{statements:#?}");
    let minute = |session: &Session| world.sessions.find(session.id, &live(0)).unwrap().unwrap().last_used_at;
    let full = |minutes| Session::minute_of(at(0)) + TimeDelta::minutes(minutes);
    assert_eq!([&one, &two, &unused].map(minute), [full(1), full(2), at(0)]);
    assert!(world.statements_of(|| world.database.store().unwrap()).is_empty());
    // Another instance has stored a later use.
    world.execute(&format!("UPDATE sessions SET last_used_at = '{}' WHERE id = '{}'", full(9), one.id));
    world.database.note(one.id, at(190));
    assert_eq!(world.database.store().unwrap(), 0);
    assert_eq!(minute(&one), full(9));
}

#[test]
fn uses_that_are_not_stored_are_stored_later() {
    let world = World::with_connections(2);
    let session = world.sign_in(technician(&world), 0);
    world.database.note(session.id, at(60));
    world.execute("ALTER TABLE sessions RENAME TO away");
    world.database.store().unwrap_err();
    world.execute("ALTER TABLE away RENAME TO sessions");
    assert_eq!(world.database.store().unwrap(), 1);
}

#[test]
fn instances_that_store_the_same_uses_and_end_sessions_do_not_wait_for_each_other() {
    let world = World::with_own_schema();
    let all: Vec<_> = (0..40).map(|_| world.sign_in(technician(&world), 0)).collect();
    let instances: Vec<_> = (0..8).map(|_| Database::new(&world.schema.url, 2)).collect();
    for minute in 1..10 {
        run_concurrently(&world, 8, |index| {
            let instance = &instances[index];
            // Each in another order.
            for session in all.iter().cycle().skip(index * 5).take(40) {
                instance.note(session.id, at(minute * 60));
            }
            instance.store().unwrap();
            let none = a_session(all[index].user_id, 0);
            world.sessions.log_out(&bearer(&none), at(1)).unwrap();
        });
        let full = Session::minute_of(at(minute * 60));
        assert_eq!(world.count("sessions", &format!("last_used_at = '{full}'")), 40, "{minute}");
    }
}

#[test]
fn sessions_that_are_not_live_are_swept() {
    let world = World::isolated();
    let [one, two] = [0, 300].map(|second| world.sign_in(technician(&world), second));
    let left = || world.count("sessions", "true");
    assert_eq!(world.database.sweep_sessions(&IDLE.live_at(at(12 * 60 - 1))).unwrap(), 0);
    assert_eq!((world.database.sweep_sessions(&IDLE.live_at(at(12 * 60))).unwrap(), left()), (1, 1));
    assert!(world.actor_in(&one).is_none() && world.actor_in(&two).is_some());
    let expiry = live(WEEK + 300);
    assert_eq!(world.database.sweep_sessions(&live(WEEK + 299)).unwrap(), 0);
    assert_eq!((world.database.sweep_sessions(&expiry).unwrap(), left()), (1, 0));
    assert_eq!(["idle", "expiry"].map(|reason| ended(&world, reason)), [1, 1]);
}

#[test]
fn the_table_of_sessions_rejects_invalid_rows() {
    let world = World::isolated();
    let session = world.sign_in(technician(&world), 0);
    let update_row = |assignment: &str, name| update("sessions", name, assignment);
    assert_rejected(
        &world,
        &[
            update_row("user_id = gen_random_uuid()", "sessions_user_fkey"),
            update_row("user_agent = ''", "sessions_user_agent_length"),
            update_row("user_agent = repeat('x', 201)", "sessions_user_agent_length"),
            update_row("address = ''", "sessions_address_length"),
            update_row("last_used_at = created_at - interval '1 second'", "sessions_used_after_beginning"),
            update_row("expires_at = created_at", "sessions_expire_after_beginning"),
            ("sessions_pkey", format!("INSERT INTO sessions SELECT * FROM sessions WHERE id = '{}'", session.id)),
        ],
    );
}
