use chrono::TimeDelta;
use repower_domain::{
    accounts::{CompanyRole, Limit, ThrottleScope},
    companies::Invitation,
};
use repower_ports::{
    accounts::{SecretDigest, ThrottleKey, ThrottleRepository},
    companies::InvitationRepository,
    idempotency::{IdempotencyRepository, KeptAnswer, KeptSecret, KeyedRequest},
    operation::Housekeeping,
};

use crate::{
    idempotency::a_request,
    races::at_once,
    support::{World, at, new_id, value},
};

const DAY: i64 = 24 * 3_600;

fn count_a_try(world: &World, second: i64) {
    let limit = Limit { tries: 9, window: TimeDelta::days(1) };
    let subject = format!("from {second}");
    world.throttle.count(&[ThrottleKey { scope: ThrottleScope::LoginAddress, subject, limit }], at(second)).unwrap();
}

fn keep(world: &World, second: i64) {
    let request = KeyedRequest { now: at(second), ..a_request("k") };
    let answer = KeptAnswer { status: 201, body: Vec::new(), secret: KeptSecret::None };
    world.idempotency.once(&request, &mut || Some(answer.clone())).unwrap();
}

#[test]
fn what_is_over_goes_and_what_is_not_stays() {
    let world = World::isolated();
    let founded = world.found();
    for (number, second) in [(1, 0), (2, 1), (3, DAY)] {
        count_a_try(&world, second);
        keep(&world, second);
        let email = value(&format!("new.{number}@example.com"));
        let made = at(second - 6 * DAY);
        let invitation = Invitation::new(new_id(), founded.company.id, email, CompanyRole::Viewer, made);
        world.invitations.invite(&invitation, SecretDigest([number; 32]), founded.admin).unwrap();
    }
    let left = || ["throttle_windows", "kept_answers", "invitations"].map(|table| world.count(table, "true"));
    // Each ends a day after its second, and is over from that moment on.
    assert_eq!(world.database.sweep(at(DAY - 1)).unwrap(), 0);
    assert_eq!((world.database.sweep(at(DAY)).unwrap(), left()), (3, [2; 3]));
    assert_eq!((world.database.sweep(at(DAY + 1)).unwrap(), left()), (3, [1; 3]));
    assert_eq!((world.database.sweep(at(DAY + 1)).unwrap(), left()), (0, [1; 3]));
}

#[test]
fn many_rows_go_batch_by_batch() {
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
fn many_sweep_and_count_at_once_and_no_try_is_forgotten() {
    let world = World::own();
    let key = |place: usize| ThrottleKey {
        scope: ThrottleScope::LoginAddress,
        subject: format!("{}", place % 3),
        limit: Limit { tries: 99, window: TimeDelta::seconds(10) },
    };
    for place in 0..3 {
        world.throttle.count(&[key(place)], at(0)).unwrap();
    }
    at_once(&world, 18, |place| {
        if place < 6 {
            world.database.sweep(at(10)).unwrap();
        } else {
            world.throttle.count(&[key(place)], at(10)).unwrap();
        }
    });
    assert_eq!(world.count("throttle_windows", "tries = 4"), 3);
}
