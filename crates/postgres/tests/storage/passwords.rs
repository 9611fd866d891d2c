use repower_domain::{
    accounts::{Account, Attachment, User},
    values::PasswordHash,
};
use repower_ports::{
    RepositoryError,
    accounts::{AccountRepository, Credentials, PasswordChange},
};

use crate::{
    races::run_concurrently,
    support::{World, a_technician_registration, assert_matches, at, new_id},
};

fn a_user_of(world: &World) -> User {
    let registration = a_technician_registration();
    world.register(&registration);
    registration.account.user
}

fn change(user: &User, old: &str, new: &str, second: i64) -> PasswordChange {
    let [old_hash, new_hash] = [old, new].map(PasswordHash::new);
    PasswordChange { user: user.without_sessions(at(second)), old_hash, new_hash, known_address: None }
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
fn a_new_password_replaces_the_old_one_and_invalidates_tokens() {
    let world = World::isolated();
    let (user, other) = (a_user_of(&world), a_user_of(&world));
    let change = change(&user, "hash", "another", 60);
    world.accounts.change_password(&change).unwrap();
    let found = world.accounts.find_credentials_of(user.id).unwrap().unwrap();
    assert_eq!(found.password_hash, change.new_hash);
    assert_eq!(found.account.unwrap().user, change.user);
    assert_eq!(
        world.accounts.find_identity(user.id).unwrap().unwrap().tokens_valid_from,
        change.user.tokens_valid_from
    );
    assert_eq!(world.accounts.find_credentials_of(other.id).unwrap().unwrap().account.unwrap().user, other);
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
