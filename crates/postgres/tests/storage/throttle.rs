use std::net::IpAddr;

use chrono::{DateTime, TimeDelta, Utc};
use repower_domain::accounts::{Limit, ThrottleScope};
use repower_ports::{
    RepositoryError,
    accounts::{ThrottleError, ThrottleKey, ThrottleRepository, Throttled},
    idempotency::{IdempotencyRepository, KeyedOutcome},
};
use repower_postgres::{Database, PgThrottleRepository};

use crate::{
    idempotency::a_request,
    races::run_concurrently,
    support::{World, assert_matches, at},
};

const WINDOW: TimeDelta = TimeDelta::seconds(900);

fn key(scope: ThrottleScope, subject: &str, attempts: u32) -> ThrottleKey {
    ThrottleKey { scope, subject: subject.to_owned(), client_address: None, limit: Limit { attempts, window: WINDOW } }
}

/// The keys of a login.
fn login_keys(account: &str, client_address: &str) -> [ThrottleKey; 3] {
    [
        key(ThrottleScope::LoginAccountAddress, &format!("{account} {client_address}"), 2),
        key(ThrottleScope::LoginAccount, account, 4),
        key(ThrottleScope::LoginAddress, client_address, 3),
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
fn tries_are_accepted_up_to_the_limit_and_again_after_the_window() {
    let world = World::isolated();
    let key = [key(ThrottleScope::RegisterAddress, "10.0.0.1", 3)];
    let count = |second| until(world.throttle.count(&key, at(second)));
    assert_eq!([0, 100, 899].map(count), [None; 3]);
    assert_eq!(count(899), Some(at(900)));
    // The window began with the first try, and rejected tries did not extend it.
    assert_eq!([900, 901, 902].map(count), [None; 3]);
    assert_eq!(count(1799), Some(at(1800)));
}

#[test]
fn scopes_and_subjects_are_counted_separately() {
    let world = World::isolated();
    let count = |scope, subject| until(world.throttle.count(&[key(scope, subject, 1)], at(0)));
    assert_eq!(count(ThrottleScope::LoginAddress, "10.0.0.1"), None);
    assert_eq!(count(ThrottleScope::RegisterAddress, "10.0.0.1"), None);
    assert_eq!(count(ThrottleScope::LoginAddress, "10.0.0.2"), None);
    assert_eq!(count(ThrottleScope::LoginAddress, "10.0.0.1"), Some(at(900)));
}

#[test]
fn a_rejected_try_is_counted_under_none_of_its_keys() {
    let world = World::isolated();
    let count = |account, client_address| until(world.throttle.count(&login_keys(account, client_address), at(0)));
    assert_eq!([count("ana", "a"), count("ana", "a")], [None; 2]);
    for _ in 0..10 {
        assert!(count("ana", "a").is_some());
    }
    // The account and the client address had two tries each, not twelve.
    assert_eq!([count("ana", "b"), count("ana", "b")], [None; 2]);
    assert_eq!(count("bo", "a"), None);
    assert!(count("ana", "c").is_some() && count("bo", "a").is_some());
}

#[test]
fn the_latest_window_end_of_the_reached_limits_is_returned() {
    let world = World::isolated();
    let count =
        |account, client_address, second| until(world.throttle.count(&login_keys(account, client_address), at(second)));
    assert_eq!(count("ana", "a", 0), None);
    assert_eq!([count("bo", "b", 100), count("cy", "b", 101), count("ana", "b", 200)], [None; 3]);
    // The client address is at its limit until the window that began with "bo" ends; "dee" is new.
    assert_eq!(count("dee", "b", 300), Some(at(1000)));
    assert_eq!(count("ana", "b", 300), Some(at(1000)));
    assert_eq!(count("ana", "a", 300), None);
    // The window of account and client address ends before a new one of the account would.
    assert_eq!(count("ana", "a", 301), Some(at(900)));
}

#[test]
fn a_limit_of_zero_rejects_the_first_try() {
    let world = World::isolated();
    let none = [key(ThrottleScope::RegisterAddress, "a", 0)];
    assert_eq!(until(world.throttle.count(&none, at(0))), Some(at(900)));
}

#[test]
fn a_try_that_is_taken_back_is_not_counted() {
    let world = World::isolated();
    let keys = login_keys("ana", "a");
    let count = |second| until(world.throttle.count(&keys, at(second)));
    for second in 0..20 {
        assert_eq!(count(second), None);
        world.throttle.refund(&keys, at(second)).unwrap();
    }
    assert_eq!([count(20), count(21)], [None; 2]);
    assert!(count(22).is_some());
}

#[test]
fn concurrent_tries_are_taken_back_in_whichever_order_they_were_counted() {
    let world = World::isolated();
    let keys = login_keys("ana", "a");
    let count = |second| until(world.throttle.count(&keys, at(second)));
    for second in [1, 0] {
        assert_eq!(count(second), None);
    }
    for second in [1, 0] {
        world.throttle.refund(&keys, at(second)).unwrap();
    }
    assert_eq!([count(2), count(3)], [None; 2]);
    assert!(count(4).is_some());
}

#[test]
fn refund_stops_at_zero_and_ignores_a_later_window() {
    let world = World::isolated();
    let keys = [key(ThrottleScope::RegisterAddress, "a", 1)];
    let count = |second| until(world.throttle.count(&keys, at(second)));
    world.throttle.refund(&keys, at(0)).unwrap();
    assert_eq!(count(0), None);
    world.throttle.refund(&keys, at(0)).unwrap();
    world.throttle.refund(&keys, at(0)).unwrap();
    assert_eq!(count(1), None);
    assert!(count(2).is_some());
    assert_eq!(count(900), None);
    // A try of the earlier window, taken back after the next began.
    world.throttle.refund(&keys, at(899)).unwrap();
    assert!(count(901).is_some());
}

#[test]
fn subjects_are_stored_as_digests_only() {
    let world = World::isolated();
    world.throttle.count(&login_keys("ana@example.com", "10.0.0.1"), at(0)).unwrap();
    assert_eq!(world.count("throttle_windows", "octet_length(subject) = 32"), 3);
    let readable = "position('ana'::bytea IN subject) > 0 OR position('10.0'::bytea IN subject) > 0";
    assert_eq!(world.count("throttle_windows", readable), 0);
}

/// A key of an account and a client address.
fn by_address(account: &str, last: u8) -> ThrottleKey {
    let address = IpAddr::from([10, 0, 0, last]);
    ThrottleKey { client_address: Some(address), ..key(ThrottleScope::LoginAccountAddress, account, 1) }
}

#[test]
fn an_account_is_counted_by_each_client_address() {
    let world = World::isolated();
    let count = |account, last| until(world.throttle.count(&[by_address(account, last)], at(0)));
    assert_eq!([count("ana", 1), count("ana", 2), count("bo", 1)], [None; 3]);
    assert!([count("ana", 1), count("ana", 2), count("bo", 1)].iter().all(Option::is_some));
    world.throttle.refund(&[by_address("ana", 1)], at(0)).unwrap();
    assert!(count("ana", 1).is_none() && count("ana", 2).is_some());
}

#[test]
fn clearing_an_account_leaves_no_count_of_it_and_all_others() {
    let world = World::isolated();
    let keys = |account: &str| {
        [
            by_address(account, 1),
            by_address(account, 2),
            key(ThrottleScope::LoginAccount, account, 1),
            key(ThrottleScope::LoginAddress, "10.0.0.1", 9),
            key(ThrottleScope::PasswordAccount, account, 1),
        ]
    };
    for account in ["ana", "bo"] {
        world.throttle.count(&keys(account), at(0)).unwrap();
    }
    let before = world.count("throttle_windows", "true");
    assert_eq!(world.throttle.clear("ana").unwrap(), 4);
    assert_eq!((before, world.count("throttle_windows", "true")), (9, 5));
    assert_eq!(until(world.throttle.count(&keys("ana"), at(1))), None);
    assert!(until(world.throttle.count(&keys("bo"), at(1))).is_some());
    assert_eq!(world.throttle.clear("nobody").unwrap(), 0);
}

#[test]
fn of_fifty_concurrent_tries_exactly_the_limit_is_accepted() {
    let world = World::with_connections(51);
    let keys = [key(ThrottleScope::LoginAccount, "ana", 10), key(ThrottleScope::LoginAddress, "a", 1_000)];
    for round in 0..3 {
        let now = at(round * 900);
        let results = run_concurrently(&world, 50, |_| until(world.throttle.count(&keys, now)));
        assert_eq!(results.iter().filter(|result| result.is_none()).count(), 10);
        assert!(results.iter().flatten().all(|until| *until == now + WINDOW));
        assert_eq!(world.count("throttle_windows", "tries = 10"), 2);
    }
}

#[test]
fn concurrent_tries_of_many_accounts_and_client_addresses_all_succeed() {
    let world = World::with_own_schema();
    let results = run_concurrently(&world, 30, |index| {
        let (account, client_address) = (format!("account {}", index % 3), format!("address {}", index % 5));
        let keys = [
            key(ThrottleScope::LoginAccountAddress, &format!("{account} {client_address}"), 99),
            key(ThrottleScope::LoginAccount, &account, 99),
            key(ThrottleScope::LoginAddress, &client_address, 99),
        ];
        (0..5).map(|_| until(world.throttle.count(&keys, at(0)))).collect::<Vec<_>>()
    });
    assert!(results.iter().flatten().all(Option::is_none));
    assert_eq!(world.count("throttle_windows", "tries = 50"), 3);
    assert_eq!(world.count("throttle_windows", "tries = 30"), 5);
}

#[test]
fn a_rollback_of_the_work_does_not_undo_a_counted_try() {
    let world = World::with_own_schema();
    let keys = [key(ThrottleScope::RegisterAddress, "a", 1)];
    let mut counted = None;
    let outcome = world.idempotency.once(&a_request("throttle"), &mut || {
        counted = Some(until(world.throttle.count(&keys, at(0))));
        None
    });
    assert_eq!(outcome.unwrap(), KeyedOutcome::Executed);
    assert_eq!(counted, Some(None));
    assert_eq!(until(world.throttle.count(&keys, at(1))), Some(at(900)));
}

#[test]
fn without_a_database_each_try_fails() {
    let throttle = PgThrottleRepository::new(Database::new("postgres://nobody@127.0.0.1:1/none", 1));
    let counted = throttle.count(&login_keys("ana", "a"), at(0));
    assert_matches!(counted, Err(ThrottleError::Repository(RepositoryError::Unavailable(_))));
}
