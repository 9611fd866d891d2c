use std::slice;

use chrono::TimeDelta;
use repower_domain::{
    accounts::{Account, Attachment, KnownAddress, User},
    admin::AuditAct,
    values::PasswordHash,
};
use repower_ports::{
    RepositoryError,
    accounts::{
        AccountRepository, Bearer, Credentials, PasswordChange, SessionRepository, TokenKind, VerifiedPassword,
    },
    idempotency::{IdempotencyRepository, KeyedOutcome, KeyedRequest, StoredResponse},
};

use crate::{
    admin::{a_super_admin, set_active},
    idempotency::a_request,
    known_addresses::sign_in,
    races::run_concurrently,
    support::{
        World, a_company_registration, a_session, a_technician_registration, an_event, assert_matches, at, live,
        new_id, with,
    },
};

fn a_user_of(world: &World) -> User {
    let registration = a_technician_registration();
    world.register(&registration);
    registration.account.user
}

fn change(user: &User, old: &str, new: &str, second: i64) -> PasswordChange {
    let [old_hash, new_hash] = [old, new].map(PasswordHash::new);
    PasswordChange { session: a_session(user.id, second), old_hash, new_hash, known_address: None }
}

#[test]
fn credentials_are_found_by_email_and_by_user() {
    let world = World::isolated();
    let user = a_user_of(&world);
    let by_email = world.accounts.find_credentials(&user.email).unwrap();
    assert_matches!(
        by_email,
        Some(Credentials { account: Some(Account { attachment: Attachment::Technician(_), .. }), .. })
    );
    assert_eq!(world.accounts.find_credentials_of(user.id).unwrap(), by_email);
    assert_eq!(world.accounts.find_credentials_of(new_id()).unwrap(), None);
}

#[test]
fn a_new_password_replaces_the_old_one_and_begins_the_only_session() {
    let world = World::isolated();
    let (user, other) = (a_user_of(&world), a_user_of(&world));
    let [before, of_other] = [&user, &other].map(|user| world.sign_in(user.id, 1));
    let change = change(&user, "hash", "another", 60);
    world.accounts.change_password(&change).unwrap();
    let found = world.accounts.find_credentials_of(user.id).unwrap().unwrap();
    assert_eq!(found.password_hash, change.new_hash);
    assert_eq!(found.account.unwrap().user, with(user.clone(), |user| user.updated_at = at(60)));
    assert_eq!(world.sessions.of_user(user.id, &live(60)).unwrap(), slice::from_ref(&change.session));
    assert_eq!([&before, &change.session, &of_other].map(|one| world.actor_in(one).is_some()), [false, true, true]);
    assert_eq!(world.accounts.find_credentials_of(other.id).unwrap().unwrap().account.unwrap().user, other);
}

/// A client address of the user.
fn an_address(user: &User, number: u8) -> KnownAddress {
    KnownAddress::builder().user_id(user.id).address([198, 51, 100, number].into()).used_at(at(0)).build()
}

#[test]
fn a_new_password_ends_the_tokens_without_a_session_of_before() {
    let world = World::isolated();
    let user = a_user_of(&world);
    let is_valid = |generation| {
        let bearer = Bearer { user_id: user.id, token: TokenKind::Sessionless(generation) };
        world.accounts.find_actor(&bearer, &live(0)).unwrap().is_some()
    };
    let moment = TimeDelta::microseconds(1);
    world.accounts.change_password(&change(&user, "hash", "another", 60)).unwrap();
    assert!(!is_valid(at(60) - moment) && is_valid(at(60)));
    // The clock of the other instance is behind.
    world.accounts.change_password(&change(&user, "another", "third", 3)).unwrap();
    assert!(!is_valid(at(60)) && is_valid(at(60) + moment));
}

#[test]
fn a_login_returns_the_account_as_it_is_while_its_password_is_the_verified_one() {
    let world = World::isolated();
    let (user, other) = (a_user_of(&world), a_user_of(&world));
    for known_address in [None, Some(an_address(&user, 1)), Some(an_address(&user, 1))] {
        let login = |user_id, hash: &str| {
            let (hash, session) = (PasswordHash::new(hash), a_session(user_id, 0));
            world.accounts.sign_in(&VerifiedPassword { hash, known_address, session, live: live(0) }).unwrap()
        };
        assert_eq!(login(user.id, "hash"), world.accounts.find_account(user.id).unwrap());
        assert_eq!(login(user.id, "another"), None);
    }
    world.execute(&format!("UPDATE users SET active = false WHERE id = '{}'", other.id));
    assert!(!sign_in(&world, an_address(&other, 1)) && !sign_in(&world, an_address(&other, 1)));
    assert!(!sign_in(&world, with(an_address(&other, 1), |address| address.user_id = new_id())));
    assert_eq!(world.count("known_addresses", "true"), 1);
}

#[test]
fn a_login_that_races_with_a_new_password_has_a_session_that_has_ended_or_none() {
    let world = World::with_own_schema();
    for round in 0..20 {
        let user = a_user_of(&world);
        let change =
            PasswordChange { known_address: Some(an_address(&user, 0)), ..change(&user, "hash", "another", 60) };
        let logins = run_concurrently(&world, 4, |index| match index {
            0 => {
                world.accounts.change_password(&change).unwrap();
                false
            }
            number => {
                // Some of them remember no address.
                let known_address = (number > 1).then(|| an_address(&user, u8::try_from(number).unwrap()));
                let (hash, session) = (PasswordHash::new("hash"), a_session(user.id, 0));
                let login = VerifiedPassword { hash, known_address, session, live: live(0) };
                world.accounts.sign_in(&login).unwrap().is_some()
            }
        });
        assert_eq!(world.sessions.of_user(user.id, &live(0)).unwrap(), slice::from_ref(&change.session), "{round}");
        assert!(!logins[0], "{round}");
        assert!(!sign_in(&world, an_address(&user, 9)));
        let known: Vec<_> =
            (0..10).filter(|number| world.accounts.is_known(&an_address(&user, *number)).unwrap()).collect();
        assert_eq!(known, [0], "{round}");
    }
}

#[test]
fn the_stored_responses_of_a_user_end_with_their_sessions() {
    let world = World::isolated();
    let (user, other, deactivated) = (a_user_of(&world), a_user_of(&world), a_user_of(&world));
    let response = StoredResponse { status: 201, body: Vec::new(), secret: None };
    let once = |user: &User| {
        let request = KeyedRequest { owner: user.id.to_string(), ..a_request("k") };
        world.idempotency.once(&request, &mut || Some(response.clone())).unwrap()
    };
    for user in [&user, &other, &deactivated] {
        assert_eq!(once(user), KeyedOutcome::Executed);
    }
    world.accounts.change_password(&change(&user, "not the hash", "another", 60)).unwrap_err();
    assert_eq!(once(&user), KeyedOutcome::Replayed(response.clone()));
    world.accounts.change_password(&change(&user, "hash", "another", 60)).unwrap();
    let event = an_event(a_super_admin(&world), AuditAct::DeactivateUser(deactivated.id), 60);
    set_active(&world, &event).unwrap();
    for user in [&user, &deactivated] {
        assert_eq!(once(user), KeyedOutcome::Executed);
    }
    assert_eq!(once(&other), KeyedOutcome::Replayed(response.clone()));
}

#[test]
fn a_change_of_an_outdated_password_is_stale_and_changes_nothing() {
    let world = World::isolated();
    let user = a_user_of(&world);
    let rejected = world.accounts.change_password(&change(&user, "not the hash", "another", 60));
    assert_matches!(rejected, Err(RepositoryError::Stale));
    let found = world.accounts.find_credentials_of(user.id).unwrap().unwrap();
    assert_eq!((found.password_hash, found.account.unwrap().user), (PasswordHash::new("hash"), user));
}

#[test]
fn a_deactivated_user_changes_no_password() {
    let world = World::isolated();
    let user = a_user_of(&world);
    world.execute(&format!("UPDATE users SET active = false WHERE id = '{}'", user.id));
    let rejected = world.accounts.change_password(&change(&user, "hash", "another", 60));
    assert_matches!(rejected, Err(RepositoryError::Stale));
}

#[test]
fn a_removed_member_changes_no_password_and_gets_no_session() {
    let world = World::isolated();
    let registration = a_company_registration();
    world.register(&registration);
    let user = registration.account.user;
    world.execute(&format!("DELETE FROM company_members WHERE user_id = '{}'", user.id));
    let rejected = world.accounts.change_password(&change(&user, "hash", "another", 60));
    assert_matches!(rejected, Err(RepositoryError::Stale));
    assert_eq!(world.sessions.of_user(user.id, &live(60)).unwrap(), []);
}

#[test]
fn of_concurrent_password_changes_one_succeeds() {
    let world = World::with_own_schema();
    let user = a_user_of(&world);
    let results = run_concurrently(&world, 20, |index| {
        world.accounts.change_password(&change(&user, "hash", &format!("hash {index}"), 60))
    });
    let winners: Vec<_> = (0..20).filter(|index| results[*index].is_ok()).collect();
    assert_eq!(winners.len(), 1);
    for result in results.iter().filter(|result| result.is_err()) {
        assert_matches!(result, Err(RepositoryError::Stale));
    }
    let found = world.accounts.find_credentials_of(user.id).unwrap().unwrap();
    assert_eq!(found.password_hash, PasswordHash::new(format!("hash {}", winners[0])));
}
