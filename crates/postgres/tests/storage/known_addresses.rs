use std::net::{IpAddr, Ipv4Addr};

use chrono::{DateTime, Utc};
use repower_domain::{
    accounts::{CompanyRole, KnownAddress, Registration},
    companies::Invitation,
    ids::UserId,
    values::PasswordHash,
};
use repower_ports::{
    accounts::{AccountRepository, SecretDigest, VerifiedPassword},
    operation::Housekeeping,
};

use crate::{
    races::run_concurrently,
    support::{UNLIMITED, World, a_session, a_technician_registration, a_user, at, live, new_id, value, with},
};

const HOUR: i64 = 3_600;
const DAY: i64 = 24 * HOUR;

/// A numbered client address of a user at a second.
fn address(user_id: UserId, number: u8, second: i64) -> KnownAddress {
    KnownAddress::builder().user_id(user_id).address(IpAddr::from([198, 51, 100, number])).used_at(at(second)).build()
}

fn is_known(world: &World, user: UserId, number: u8, second: i64) -> bool {
    world.accounts.is_known(&address(user, number, second)).unwrap()
}

fn remember(world: &World, user: UserId, number: u8, second: i64) {
    assert!(sign_in(world, address(user, number, second)));
}

/// Signs the user in with the password of the registration. Returns whether it is theirs.
pub(crate) fn sign_in(world: &World, address: KnownAddress) -> bool {
    let (hash, session) = (PasswordHash::new("hash"), a_session(address.user_id, 0));
    let login = VerifiedPassword { hash, known_address: Some(address), session, live: live(0) };
    world.accounts.sign_in(&login).unwrap().is_some()
}

#[test]
fn a_client_address_is_known_to_its_user_for_thirty_days() {
    let world = World::isolated();
    let [user, other] = [world.technician().user_id, world.technician().user_id];
    assert!(!is_known(&world, user, 1, 0));
    remember(&world, user, 1, 0);
    assert!(is_known(&world, user, 1, 0) && is_known(&world, user, 1, 30 * DAY - 1));
    assert!(!is_known(&world, user, 1, 30 * DAY));
    assert!(!is_known(&world, user, 2, 0) && !is_known(&world, other, 1, 0) && !is_known(&world, new_id(), 1, 0));
}

#[test]
fn a_use_within_the_hour_writes_no_address_and_a_later_one_renews_it() {
    let world = World::isolated();
    let user = world.technician().user_id;
    remember(&world, user, 1, 0);
    let statements = world.statements_of(|| remember(&world, user, 1, HOUR - 1));
    let of_addresses: Vec<_> = statements.iter().filter(|statement| statement.contains("known_addresses")).collect();
    assert!(of_addresses.len() == 1 && of_addresses[0].starts_with("SELECT"), "{statements:#?}");
    assert!(!is_known(&world, user, 1, 30 * DAY));
    remember(&world, user, 1, HOUR);
    assert!(is_known(&world, user, 1, 30 * DAY));
    assert_eq!(world.count("known_addresses", "true"), 1);
}

#[test]
fn the_twenty_addresses_that_were_used_last_are_known() {
    let world = World::isolated();
    let [user, other] = [world.technician().user_id, world.technician().user_id];
    remember(&world, other, 1, 0);
    for number in 0..20 {
        remember(&world, user, number, i64::from(number));
    }
    remember(&world, user, 0, HOUR);
    for (number, second) in [(20, HOUR), (21, HOUR + 1)] {
        remember(&world, user, number, second);
    }
    let known: Vec<_> = (0..22).filter(|number| is_known(&world, user, *number, 2 * HOUR)).collect();
    let expected: Vec<_> = [0].into_iter().chain(3..22).collect();
    assert_eq!(known, expected);
    assert!(is_known(&world, other, 1, HOUR));
}

#[test]
fn concurrent_logins_from_many_addresses_keep_at_most_twenty() {
    let world = World::with_own_schema();
    let user = world.technician().user_id;
    run_concurrently(&world, 30, |number| {
        let number = u8::try_from(number).unwrap();
        remember(&world, user, number, 0);
        remember(&world, user, number / 2, 0);
    });
    assert_eq!(world.count("known_addresses", "true"), 20);
}

#[test]
fn the_address_of_a_registration_is_known_and_others_have_none() {
    let world = World::isolated();
    let from = |user| address(user, 1, 0).address;
    let technician = a_technician_registration();
    let user = technician.account.user.id;
    let registered_at: DateTime<Utc> = technician.account.user.created_at;
    world.register(&with(technician, |registration| registration.known_address = Some(from(user))));
    let known = KnownAddress::builder().user_id(user).address(from(user)).used_at(registered_at).build();
    assert!(world.accounts.is_known(&known).unwrap());
    world.technician();
    assert_eq!(world.count("known_addresses", "true"), 1);
}

#[test]
fn the_address_of_an_accepted_invitation_is_known() {
    let world = World::isolated();
    let registered = world.register_company();
    let email = value("invited@example.com");
    let invitation = Invitation::new(new_id(), registered.company.id, email, CompanyRole::Viewer, at(0));
    let digest = SecretDigest(*new_id::<uuid::Uuid>().as_bytes().repeat(2).first_chunk().unwrap());
    world.invite(&invitation, digest, registered.admin, &UNLIMITED).unwrap();
    let member = Registration::member(a_user(), registered.company, new_id(), CompanyRole::Viewer);
    let used_at = member.account.user.created_at;
    let mut member = member;
    member.known_address = Some(Ipv4Addr::LOCALHOST.into());
    world.accept(invitation.id, &member, digest).unwrap();
    let known = KnownAddress::builder()
        .user_id(member.account.user.id)
        .address(Ipv4Addr::LOCALHOST.into())
        .used_at(used_at)
        .build();
    assert!(world.accounts.is_known(&known).unwrap());
}

#[test]
fn a_sweep_removes_the_addresses_that_are_known_no_longer() {
    let world = World::isolated();
    let user = world.technician().user_id;
    remember(&world, user, 1, 0);
    remember(&world, user, 2, 1);
    assert_eq!(world.database.sweep(at(30 * DAY - 1)).unwrap(), 0);
    assert_eq!(world.database.sweep(at(30 * DAY)).unwrap(), 1);
    assert_eq!(world.count("known_addresses", "true"), 1);
}

#[test]
fn client_addresses_are_stored_as_digests_that_differ_for_each_user() {
    let world = World::isolated();
    for _ in 0..2 {
        remember(&world, world.technician().user_id, 1, 0);
    }
    assert_eq!(world.texts("SELECT count(DISTINCT address)::text FROM known_addresses"), ["2"]);
    assert_eq!(world.count("known_addresses", "position('198.51'::bytea IN address) > 0"), 0);
}
