use chrono::{DateTime, TimeDelta, Utc};
use repower_domain::accounts::{Limit, ThrottleScope};
use repower_ports::{
    RepositoryError,
    accounts::{ThrottleError, ThrottleKey, ThrottleRepository, Throttled},
    idempotency::{IdempotencyRepository, Outcome},
};
use repower_postgres::{Database, PgThrottleRepository};

use crate::{
    idempotency::a_request,
    races::at_once,
    support::{World, assert_matches, at},
};

const WINDOW: TimeDelta = TimeDelta::seconds(900);

fn key(scope: ThrottleScope, subject: &str, tries: u32) -> ThrottleKey {
    ThrottleKey { scope, subject: subject.to_owned(), limit: Limit { tries, window: WINDOW } }
}

/// What a login is counted by.
fn login(account: &str, address: &str) -> [ThrottleKey; 3] {
    [
        key(ThrottleScope::LoginAccountAddress, &format!("{account} {address}"), 2),
        key(ThrottleScope::LoginAccount, account, 4),
        key(ThrottleScope::LoginAddress, address, 3),
    ]
}

fn until(counted: Result<(), ThrottleError>) -> Option<DateTime<Utc>> {
    match counted {
        Ok(()) => None,
        Err(ThrottleError::Throttled(Throttled { until })) => Some(until),
        Err(other) => panic!("{other:?}"),
    }
}

#[test]
fn tries_are_let_through_up_to_the_limit_and_again_when_the_window_has_ended() {
    let world = World::isolated();
    let key = [key(ThrottleScope::RegisterAddress, "10.0.0.1", 3)];
    let count = |second| until(world.throttle.count(&key, at(second)));
    assert_eq!([0, 100, 899].map(count), [None; 3]);
    assert_eq!(count(899), Some(at(900)));
    // The window began with the first try, and refused ones have not prolonged it.
    assert_eq!([900, 901, 902].map(count), [None; 3]);
    assert_eq!(count(1799), Some(at(1800)));
}

#[test]
fn scopes_and_subjects_are_counted_apart() {
    let world = World::isolated();
    let count = |scope, subject| until(world.throttle.count(&[key(scope, subject, 1)], at(0)));
    assert_eq!(count(ThrottleScope::LoginAddress, "10.0.0.1"), None);
    assert_eq!(count(ThrottleScope::RegisterAddress, "10.0.0.1"), None);
    assert_eq!(count(ThrottleScope::LoginAddress, "10.0.0.2"), None);
    assert_eq!(count(ThrottleScope::LoginAddress, "10.0.0.1"), Some(at(900)));
}

#[test]
fn a_refused_try_counts_under_none_of_its_keys() {
    let world = World::isolated();
    let count = |account, address| until(world.throttle.count(&login(account, address), at(0)));
    assert_eq!([count("ana", "a"), count("ana", "a")], [None; 2]);
    for _ in 0..10 {
        assert!(count("ana", "a").is_some());
    }
    // The account had two tries and the address two, and not twelve.
    assert_eq!([count("ana", "b"), count("ana", "b")], [None; 2]);
    assert_eq!(count("bo", "a"), None);
    assert!(count("ana", "c").is_some() && count("bo", "a").is_some());
}

#[test]
fn the_latest_end_among_the_limits_that_are_reached_is_told() {
    let world = World::isolated();
    let count = |account, address, second| until(world.throttle.count(&login(account, address), at(second)));
    assert_eq!(count("ana", "a", 0), None);
    assert_eq!([count("bo", "b", 100), count("cy", "b", 101), count("ana", "b", 200)], [None; 3]);
    // The address is at its limit, until the end of a window that began with "bo"; "dee" is new.
    assert_eq!(count("dee", "b", 300), Some(at(1000)));
    assert_eq!(count("ana", "b", 300), Some(at(1000)));
    assert_eq!(count("ana", "a", 300), None);
    // The pair's window ends sooner than the account's new one would.
    assert_eq!(count("ana", "a", 301), Some(at(900)));
}

#[test]
fn a_limit_of_nothing_lets_nothing_through() {
    let world = World::isolated();
    let none = [key(ThrottleScope::RegisterAddress, "a", 0)];
    assert_eq!(until(world.throttle.count(&none, at(0))), Some(at(900)));
}

#[test]
fn a_try_that_is_taken_back_is_let_through_again() {
    let world = World::isolated();
    let keys = login("ana", "a");
    let count = |second| until(world.throttle.count(&keys, at(second)));
    for second in 0..20 {
        assert_eq!(count(second), None);
        world.throttle.take_back(&keys, at(second)).unwrap();
    }
    assert_eq!([count(20), count(21)], [None; 2]);
    assert!(count(22).is_some());
}

#[test]
fn nothing_is_taken_back_below_zero_or_from_a_later_window() {
    let world = World::isolated();
    let keys = [key(ThrottleScope::RegisterAddress, "a", 1)];
    let count = |second| until(world.throttle.count(&keys, at(second)));
    world.throttle.take_back(&keys, at(0)).unwrap();
    assert_eq!(count(0), None);
    world.throttle.take_back(&keys, at(0)).unwrap();
    world.throttle.take_back(&keys, at(0)).unwrap();
    assert_eq!(count(1), None);
    assert!(count(2).is_some());
    assert_eq!(count(900), None);
    // Counted in the window before, and taken back when the next had begun.
    world.throttle.take_back(&keys, at(899)).unwrap();
    assert!(count(901).is_some());
}

#[test]
fn whose_tries_they_are_cannot_be_read() {
    let world = World::isolated();
    world.throttle.count(&login("ana@example.com", "10.0.0.1"), at(0)).unwrap();
    assert_eq!(world.count("throttle_windows", "octet_length(subject) = 32"), 3);
    let readable = "position('ana'::bytea IN subject) > 0 OR position('10.0'::bytea IN subject) > 0";
    assert_eq!(world.count("throttle_windows", readable), 0);
}

#[test]
fn of_fifty_tries_at_once_exactly_as_many_as_the_limit_are_let_through() {
    let world = World::crowded();
    let keys = [key(ThrottleScope::LoginAccount, "ana", 10), key(ThrottleScope::LoginAddress, "a", 1_000)];
    for round in 0..3 {
        let now = at(round * 900);
        let answers = at_once(&world, 50, |_| until(world.throttle.count(&keys, now)));
        assert_eq!(answers.iter().filter(|answer| answer.is_none()).count(), 10);
        assert!(answers.iter().flatten().all(|until| *until == now + WINDOW));
        assert_eq!(world.count("throttle_windows", "tries = 10"), 2);
    }
}

#[test]
fn many_accounts_from_many_addresses_at_once_do_not_block_each_other() {
    let world = World::own();
    let answers = at_once(&world, 30, |place| {
        let (account, address) = (format!("account {}", place % 3), format!("address {}", place % 5));
        let keys = [
            key(ThrottleScope::LoginAccountAddress, &format!("{account} {address}"), 99),
            key(ThrottleScope::LoginAccount, &account, 99),
            key(ThrottleScope::LoginAddress, &address, 99),
        ];
        (0..5).map(|_| until(world.throttle.count(&keys, at(0)))).collect::<Vec<_>>()
    });
    assert!(answers.iter().flatten().all(Option::is_none));
    assert_eq!(world.count("throttle_windows", "tries = 50"), 3);
    assert_eq!(world.count("throttle_windows", "tries = 30"), 5);
}

#[test]
fn what_was_counted_stays_counted_when_all_else_is_taken_back() {
    let world = World::own();
    let keys = [key(ThrottleScope::RegisterAddress, "a", 1)];
    let mut counted = None;
    let outcome = world.idempotency.once(&a_request("throttle"), &mut || {
        counted = Some(until(world.throttle.count(&keys, at(0))));
        None
    });
    assert_eq!(outcome.unwrap(), Outcome::Done);
    assert_eq!(counted, Some(None));
    assert_eq!(until(world.throttle.count(&keys, at(1))), Some(at(900)));
}

#[test]
fn without_a_database_no_try_is_let_through() {
    let throttle = PgThrottleRepository::new(Database::new("postgres://nobody@127.0.0.1:1/none", 1));
    let counted = throttle.count(&login("ana", "a"), at(0));
    assert_matches!(counted, Err(ThrottleError::Repository(RepositoryError::Unavailable(_))));
}
