use repower_domain::{
    accounts::{Account, Attachment, User},
    values::PasswordHash,
};
use repower_ports::{
    RepositoryError,
    accounts::{AccountRepository, Credentials, PasswordChange},
};

use crate::{
    races::at_once,
    support::{World, a_technician_registration, assert_matches, at, new_id},
};

fn a_user_of(world: &World) -> User {
    let registration = a_technician_registration();
    world.register(&registration);
    registration.account.user
}

fn change(user: &User, old: &str, new: &str, second: i64) -> PasswordChange {
    let [old_hash, new_hash] = [old, new].map(PasswordHash::new);
    PasswordChange { user: user.with_new_password(at(second)), old_hash, new_hash }
}

#[test]
fn credentials_are_found_by_address_and_by_user_alike() {
    let world = World::isolated();
    let user = a_user_of(&world);
    let by_address = world.accounts.find_credentials(&user.email).unwrap();
    assert_matches!(
        by_address,
        Some(Credentials { account: Some(Account { attachment: Attachment::Technician(_), .. }), .. })
    );
    assert_eq!(world.accounts.find_credentials_of(user.id).unwrap(), by_address);
    assert_eq!(world.accounts.find_credentials_of(new_id()).unwrap(), None);
}

#[test]
fn a_new_password_takes_the_place_of_the_old_one_and_voids_tokens() {
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
fn a_password_that_is_another_by_now_is_stale_and_stays() {
    let world = World::isolated();
    let user = a_user_of(&world);
    let refused = world.accounts.change_password(&change(&user, "not the hash", "another", 60));
    assert_matches!(refused, Err(RepositoryError::Stale));
    let found = world.accounts.find_credentials_of(user.id).unwrap().unwrap();
    assert_eq!((found.password_hash, found.account.unwrap().user), (PasswordHash::new("hash"), user));
}

#[test]
fn of_many_new_passwords_at_once_one_wins() {
    let world = World::own();
    let user = a_user_of(&world);
    let answers = at_once(&world, 20, |place| {
        world.accounts.change_password(&change(&user, "hash", &format!("hash {place}"), 60))
    });
    let winners: Vec<_> = (0..20).filter(|place| answers[*place].is_ok()).collect();
    assert_eq!(winners.len(), 1);
    for answer in answers.iter().filter(|answer| answer.is_err()) {
        assert_matches!(answer, Err(RepositoryError::Stale));
    }
    let found = world.accounts.find_credentials_of(user.id).unwrap().unwrap();
    assert_eq!(found.password_hash, PasswordHash::new(format!("hash {}", winners[0])));
}
