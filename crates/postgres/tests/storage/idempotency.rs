use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Barrier,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use chrono::TimeDelta;
use diesel::connection::SimpleConnection;
use repower_domain::accounts::{NewUser, Registration};
use repower_ports::{
    RepositoryError,
    accounts::{AccountRepository, RegisterError},
    idempotency::{IdempotencyRepository, KeptAnswer, KeptSecret, KeyedError, KeyedRequest, Outcome},
};

use crate::{
    races::at_once,
    support::{World, a_technician_profile, a_technician_registration, a_user, assert_matches, at, new_id},
};

/// A request of an owner nobody else is, whatever other tests do meanwhile: locks
/// are shared by all schemas of a database.
pub(crate) fn a_request(key: &str) -> KeyedRequest {
    static NUMBER: AtomicU64 = AtomicU64::new(0);
    let owner = format!("{} {}", std::process::id(), NUMBER.fetch_add(1, Ordering::Relaxed));
    KeyedRequest { owner, key: key.to_owned(), digest: [7; 32], now: at(0) }
}

fn an_answer(body: &str) -> KeptAnswer {
    KeptAnswer { status: 201, body: body.into(), secret: KeptSecret::None }
}

/// Registers somebody, as work that answers `body`.
fn register(world: &World, body: Option<&str>) -> Option<KeptAnswer> {
    world.register(&a_technician_registration());
    body.map(an_answer)
}

fn once(world: &World, request: &KeyedRequest, body: Option<&str>) -> Result<Outcome, KeyedError> {
    world.idempotency.once(request, &mut || register(world, body))
}

fn made(world: &World) -> (i64, i64) {
    (world.count("users", "true"), world.count("kept_answers", "true"))
}

#[test]
fn a_repeated_request_gets_the_first_answer_and_makes_nothing() {
    let world = World::isolated();
    let request = a_request("k");
    assert_eq!(once(&world, &request, Some("first")).unwrap(), Outcome::Done);
    let later = KeyedRequest { now: at(3_600), ..request };
    for _ in 0..3 {
        assert_eq!(once(&world, &later, Some("second")).unwrap(), Outcome::Repeated(an_answer("first")));
    }
    assert_eq!(made(&world), (1, 1));
}

#[test]
fn every_kind_of_answer_comes_back_as_it_was() {
    let world = World::isolated();
    let secrets = [KeptSecret::None, KeptSecret::SignIn(new_id()), KeptSecret::Invitation(new_id())];
    for (status, secret) in [200, 201, 299].into_iter().zip(secrets) {
        let request = a_request("k");
        let answer = KeptAnswer { status, body: vec![0, 255, 10], secret };
        world.idempotency.once(&request, &mut || Some(answer.clone())).unwrap();
        let again = world.idempotency.once(&request, &mut || panic!("ran again"));
        assert_eq!(again.unwrap(), Outcome::Repeated(answer));
    }
}

#[test]
fn another_request_with_the_same_key_is_told() {
    let world = World::isolated();
    let request = a_request("k");
    once(&world, &request, Some("first")).unwrap();
    let other = KeyedRequest { digest: [8; 32], ..request };
    assert_matches!(once(&world, &other, Some("second")), Err(KeyedError::Mismatch));
    assert_eq!(made(&world), (1, 1));
}

#[test]
fn keys_of_one_owner_mean_nothing_to_another() {
    let world = World::isolated();
    let (one, other) = (a_request("k"), a_request("k"));
    let key_of_one = KeyedRequest { key: "l".to_owned(), ..one.clone() };
    for request in [&one, &other, &key_of_one] {
        assert_eq!(once(&world, request, Some("first")).unwrap(), Outcome::Done);
    }
    assert_eq!(made(&world), (3, 3));
}

#[test]
fn work_without_an_answer_to_keep_leaves_nothing_and_may_be_tried_again() {
    let world = World::isolated();
    let request = a_request("k");
    for _ in 0..3 {
        assert_eq!(once(&world, &request, None).unwrap(), Outcome::Done);
        assert_eq!(made(&world), (0, 0));
    }
    once(&world, &request, Some("first")).unwrap();
    assert_eq!(made(&world), (1, 1));
}

#[test]
fn a_panic_leaves_nothing_and_the_thread_as_it_was() {
    let world = World::own();
    let request = a_request("k");
    let panicked = catch_unwind(AssertUnwindSafe(|| {
        world.idempotency.once(&request, &mut || {
            world.register(&a_technician_registration());
            panic!("in the middle");
        })
    }));
    assert!(panicked.is_err());
    assert_eq!(made(&world), (0, 0));
    // What follows on this thread stands by itself, and the key is free.
    world.register(&a_technician_registration());
    let seen = thread::scope(|scope| scope.spawn(|| made(&world)).join().unwrap());
    assert_eq!(seen, (1, 0));
    assert_eq!(once(&world, &request, Some("first")).unwrap(), Outcome::Done);
    assert_eq!(made(&world), (2, 1));
}

#[test]
fn a_panic_in_the_middle_of_a_write_leaves_nothing_either() {
    let world = World::own();
    let request = a_request("k");
    let panicked = catch_unwind(AssertUnwindSafe(|| {
        world.idempotency.once(&request, &mut || {
            world.register(&a_technician_registration());
            world
                .database
                .with_connection::<()>(|connection| {
                    diesel::Connection::transaction(connection, |_| panic!("in the middle"))
                })
                .ok();
            None
        })
    }));
    assert!(panicked.is_err());
    assert_eq!(made(&world), (0, 0));
    assert_eq!(once(&world, &request, Some("first")).unwrap(), Outcome::Done);
    assert_eq!(made(&world), (1, 1));
}

#[test]
fn nobody_sees_the_work_before_it_is_done() {
    let world = World::own();
    let outcome = world.idempotency.once(&a_request("k"), &mut || {
        let answer = register(&world, Some("first"));
        let seen_elsewhere = thread::scope(|scope| scope.spawn(|| made(&world)).join().unwrap());
        assert_eq!((made(&world).0, seen_elsewhere.0), (1, 0));
        answer
    });
    assert_eq!(outcome.unwrap(), Outcome::Done);
    assert_eq!(made(&world), (1, 1));
}

#[test]
fn a_refused_change_within_the_work_takes_back_only_itself() {
    let world = World::isolated();
    let request = a_request("k");
    let outcome = world.idempotency.once(&request, &mut || {
        let known = a_technician_registration();
        world.register(&known);
        let user = NewUser { email: known.account.user.email, ..a_user() };
        let taken = world.accounts.register(&Registration::technician(user, new_id(), a_technician_profile()));
        assert_matches!(taken, Err(RegisterError::EmailTaken));
        register(&world, Some("two"))
    });
    assert_eq!(outcome.unwrap(), Outcome::Done);
    assert_eq!(made(&world), (2, 1));
}

#[test]
fn works_are_not_nested() {
    let world = World::own();
    let outcome = world.idempotency.once(&a_request("outer"), &mut || {
        assert_matches!(
            once(&world, &a_request("inner"), Some("inner")),
            Err(KeyedError::Repository(RepositoryError::Failed(_)))
        );
        register(&world, Some("outer"))
    });
    assert_eq!(outcome.unwrap(), Outcome::Done);
    assert_eq!(made(&world), (1, 1));
}

#[test]
fn another_database_takes_no_part() {
    let (world, other) = (World::own(), World::own());
    let outcome = world.idempotency.once(&a_request("k"), &mut || register(&other, None));
    assert_eq!(outcome.unwrap(), Outcome::Done);
    assert_eq!((made(&world), made(&other)), ((0, 0), (1, 0)));
}

#[test]
fn after_a_day_a_key_is_new() {
    let world = World::isolated();
    let request = a_request("k");
    once(&world, &request, Some("first")).unwrap();
    let day = TimeDelta::hours(24);
    let at_the_last = KeyedRequest { now: at(0) + day - TimeDelta::microseconds(1), ..request.clone() };
    assert_matches!(once(&world, &at_the_last, Some("second")), Ok(Outcome::Repeated(_)));
    let next_day = KeyedRequest { now: at(0) + day, digest: [8; 32], ..request };
    assert_eq!(once(&world, &next_day, Some("second")).unwrap(), Outcome::Done);
    assert_eq!(once(&world, &next_day, Some("third")).unwrap(), Outcome::Repeated(an_answer("second")));
    assert_eq!(made(&world), (2, 1));
}

#[test]
fn a_connection_that_is_lost_in_the_middle_leaves_nothing() {
    let world = World::own();
    let request = a_request("k");
    let outcome = world.idempotency.once(&request, &mut || {
        let answer = register(&world, Some("first"));
        let cut = world
            .database
            .with_connection(|connection| connection.batch_execute("SELECT pg_terminate_backend(pg_backend_pid())"));
        assert_matches!(cut, Err(RepositoryError::Unavailable(_)));
        // What follows does not go on beside the transaction that is lost.
        let late = world.accounts.register(&a_technician_registration());
        assert_matches!(late, Err(RegisterError::Repository(_)));
        assert!(world.accounts.find_identity(new_id()).is_err());
        answer
    });
    assert_matches!(outcome, Err(KeyedError::Repository(RepositoryError::Unavailable(_))));
    assert_eq!(made(&world), (0, 0));
    assert_eq!(once(&world, &request, Some("first")).unwrap(), Outcome::Done);
}

#[test]
fn a_dead_connection_is_found_out_before_the_work_begins() {
    let world = World::own();
    world.execute("SET application_name = 'doomed of keys'");
    world.execute("SELECT 1");
    let end = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'doomed of keys'";
    let mut other = <diesel::PgConnection as diesel::Connection>::establish(&world.schema.url).unwrap();
    other.batch_execute(end).unwrap();
    assert_eq!(once(&world, &a_request("k"), Some("first")).unwrap(), Outcome::Done);
    assert_eq!(made(&world), (1, 1));
}

#[test]
fn while_the_first_is_under_way_the_others_are_told_at_once() {
    let world = World::own();
    let request = a_request("k");
    let outcome = world.idempotency.once(&request, &mut || {
        thread::scope(|scope| {
            let second = scope.spawn(|| {
                let started = Instant::now();
                assert_matches!(once(&world, &request, Some("second")), Err(KeyedError::UnderWay));
                assert!(started.elapsed() < Duration::from_millis(900));
            });
            second.join().unwrap();
        });
        register(&world, Some("first"))
    });
    assert_eq!(outcome.unwrap(), Outcome::Done);
    assert_eq!(once(&world, &request, Some("third")).unwrap(), Outcome::Repeated(an_answer("first")));
    assert_eq!(made(&world), (1, 1));
}

#[test]
fn fifty_at_once_with_one_key_make_one_thing() {
    let world = World::crowded();
    for _ in 0..3 {
        let request = a_request("k");
        let before = made(&world);
        let ran = AtomicUsize::new(0);
        let outcomes = at_once(&world, 50, |place| {
            world.idempotency.once(&request, &mut || {
                ran.fetch_add(1, Ordering::SeqCst);
                register(&world, Some(&place.to_string()))
            })
        });
        assert_eq!(ran.load(Ordering::SeqCst), 1);
        assert_eq!(outcomes.iter().filter(|outcome| matches!(outcome, Ok(Outcome::Done))).count(), 1);
        for outcome in outcomes.iter().filter(|outcome| !matches!(outcome, Ok(Outcome::Done))) {
            assert_matches!(outcome, Ok(Outcome::Repeated(_)) | Err(KeyedError::UnderWay));
        }
        assert_eq!(made(&world), (before.0 + 1, before.1 + 1));
    }
}

#[test]
fn many_keys_at_once_do_not_hold_each_other_up() {
    let world = World::own();
    let together = Barrier::new(10);
    let outcomes = at_once(&world, 10, |_| {
        world.idempotency.once(&a_request("k"), &mut || {
            together.wait();
            register(&world, Some("first"))
        })
    });
    assert!(outcomes.iter().all(|outcome| matches!(outcome, Ok(Outcome::Done))));
    assert_eq!(made(&world), (10, 10));
}
