use chrono::TimeDelta;
use repower_domain::{
    accounts::{CompanyRole, Limit, ThrottleScope},
    companies::Invitation,
};
use repower_ports::{
    accounts::{SecretDigest, ThrottleKey, ThrottleRepository},
    idempotency::{IdempotencyRepository, KeyedRequest, StoredResponse},
    operation::Housekeeping,
};

use crate::{
    idempotency::a_request,
    races::run_concurrently,
    support::{UNLIMITED, World, at, new_id, value},
};

const DAY: i64 = 24 * 3_600;

fn count_try(world: &World, second: i64) {
    let limit = Limit { attempts: 9, window: TimeDelta::days(1) };
    let subject = format!("from {second}");
    let key = ThrottleKey { scope: ThrottleScope::LoginAddress, subject, client_address: None, limit };
    world.throttle.count(&[key], at(second)).unwrap();
}

fn store_response(world: &World, second: i64) {
    let request = KeyedRequest { now: at(second), ..a_request("k") };
    let response = StoredResponse { status: 201, body: Vec::new(), secret: None };
    world.idempotency.once(&request, &mut || Some(response.clone())).unwrap();
}

#[test]
fn a_sweep_deletes_exactly_the_expired_rows() {
    let world = World::isolated();
    let registered = world.register_company();
    for (number, second) in [(1, 0), (2, 1), (3, DAY)] {
        count_try(&world, second);
        store_response(&world, second);
        let email = value(&format!("new.{number}@example.com"));
        let made = at(second - 6 * DAY);
        let invitation = Invitation::new(new_id(), registered.company.id, email, CompanyRole::Viewer, made);
        world.invite(&invitation, SecretDigest([number; 32]), registered.admin, &UNLIMITED).unwrap();
    }
    let remaining = || ["throttle_windows", "kept_answers", "invitations"].map(|table| world.count(table, "true"));
    // Each row expires a day after its second, and is expired at that time already.
    assert_eq!(world.database.sweep(at(DAY - 1)).unwrap(), 0);
    assert_eq!((world.database.sweep(at(DAY)).unwrap(), remaining()), (3, [2; 3]));
    assert_eq!((world.database.sweep(at(DAY + 1)).unwrap(), remaining()), (3, [1; 3]));
    assert_eq!((world.database.sweep(at(DAY + 1)).unwrap(), remaining()), (0, [1; 3]));
}

#[test]
fn many_rows_are_deleted_in_batches() {
    let world = World::isolated();
    world.execute(&format!(
        "INSERT INTO throttle_windows (scope, subject, tries, window_ends_at)
         SELECT 'LOGIN_ADDRESS', sha256(n::text::bytea), 1, '{}' FROM generate_series(1, 2500) n",
        at(0)
    ));
    let statements = world.statements_of(|| assert_eq!(world.database.sweep(at(0)).unwrap(), 2_500));
    let deletions = statements.iter().filter(|statement| statement.contains("FROM throttle_windows WHERE (")).count();
    assert_eq!(deletions, 3, "{statements:#?}");
    assert_eq!(world.count("throttle_windows", "true"), 0);
}

#[test]
fn concurrent_sweeps_and_counts_lose_no_try() {
    let world = World::with_own_schema();
    let key = |index: usize| ThrottleKey {
        scope: ThrottleScope::LoginAddress,
        subject: format!("{}", index % 3),
        client_address: None,
        limit: Limit { attempts: 99, window: TimeDelta::seconds(10) },
    };
    for index in 0..3 {
        world.throttle.count(&[key(index)], at(0)).unwrap();
    }
    run_concurrently(&world, 18, |index| {
        if index < 6 {
            world.database.sweep(at(10)).unwrap();
        } else {
            world.throttle.count(&[key(index)], at(10)).unwrap();
        }
    });
    assert_eq!(world.count("throttle_windows", "tries = 4"), 3);
}
