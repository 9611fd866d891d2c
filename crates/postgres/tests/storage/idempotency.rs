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
use repower_domain::accounts::Registration;
use repower_ports::{
    RepositoryError,
    accounts::{AccountRepository, RegisterError},
    idempotency::{IdempotencyRepository, KeyedError, KeyedOutcome, KeyedRequest, OmittedSecret, StoredResponse},
};

use crate::{
    races::run_concurrently,
    support::{
        NO_LIMIT, World, a_technician_profile, a_technician_registration, a_user, assert_matches, at, live, new_id,
        sessionless, with,
    },
};

/// A request of a unique owner. Concurrent tests must not use the same owner,
/// because all schemas of a database share its locks.
pub(crate) fn a_request(key: &str) -> KeyedRequest {
    static NUMBER: AtomicU64 = AtomicU64::new(0);
    let owner = format!("{} {}", std::process::id(), NUMBER.fetch_add(1, Ordering::Relaxed));
    KeyedRequest { owner, key: key.to_owned(), fingerprint: [7; 32], now: at(0), limit: NO_LIMIT }
}

fn a_response(body: &str) -> StoredResponse {
    StoredResponse { status: 201, body: body.into(), secret: None }
}

/// Registers a technician, as work that returns a response with `body`.
fn register(world: &World, body: Option<&str>) -> Option<StoredResponse> {
    world.register(&a_technician_registration());
    body.map(a_response)
}

fn once(world: &World, request: &KeyedRequest, body: Option<&str>) -> Result<KeyedOutcome, KeyedError> {
    world.idempotency.once(request, &mut || register(world, body))
}

/// The numbers of users and of stored responses.
fn row_counts(world: &World) -> (i64, i64) {
    (world.count("users", "true"), world.count("kept_answers", "true"))
}

#[test]
fn a_repeated_request_returns_the_first_response_and_does_no_work() {
    let world = World::isolated();
    let request = a_request("k");
    assert_eq!(once(&world, &request, Some("first")).unwrap(), KeyedOutcome::Executed);
    let later = KeyedRequest { now: at(3_600), ..request };
    for _ in 0..3 {
        assert_eq!(once(&world, &later, Some("second")).unwrap(), KeyedOutcome::Replayed(a_response("first")));
    }
    assert_eq!(row_counts(&world), (1, 1));
}

#[test]
fn each_kind_of_response_is_returned_unchanged() {
    let world = World::isolated();
    let omitted = |kind: &'static str| Some(OmittedSecret { kind: kind.into(), of: new_id() });
    let secrets = [None, omitted("SIGN_IN"), omitted("INVITATION")];
    for (status, secret) in [200, 201, 299].into_iter().zip(secrets) {
        let request = a_request("k");
        let response = StoredResponse { status, body: vec![0, 255, 10], secret };
        world.idempotency.once(&request, &mut || Some(response.clone())).unwrap();
        let again = world.idempotency.once(&request, &mut || panic!("ran again"));
        assert_eq!(again.unwrap(), KeyedOutcome::Replayed(response));
    }
}

#[test]
fn another_request_with_the_same_key_is_a_mismatch() {
    let world = World::isolated();
    let request = a_request("k");
    once(&world, &request, Some("first")).unwrap();
    let other = KeyedRequest { fingerprint: [8; 32], ..request };
    assert_matches!(once(&world, &other, Some("second")), Err(KeyedError::Mismatch));
    assert_eq!(row_counts(&world), (1, 1));
}

#[test]
fn a_stored_response_is_found_without_the_lock_of_its_key() {
    let world = World::with_connections(2);
    let request = a_request("k");
    let found = |request: &KeyedRequest| world.idempotency.find(request);
    assert_eq!(found(&request).unwrap(), None);
    world
        .idempotency
        .once(&request, &mut || {
            // Another thread is outside of the transaction.
            let beside = thread::scope(|scope| scope.spawn(|| found(&request).unwrap()).join().unwrap());
            assert_eq!(beside, None);
            Some(a_response("first"))
        })
        .unwrap();
    assert_eq!(found(&request).unwrap(), Some(a_response("first")));
    assert_matches!(found(&KeyedRequest { fingerprint: [8; 32], ..request.clone() }), Err(KeyedError::Mismatch));
    let after_a_day = KeyedRequest { now: at(24 * 3_600), ..request };
    assert_eq!(found(&after_a_day).unwrap(), None);
}

#[test]
fn keys_are_scoped_to_their_owner() {
    let world = World::isolated();
    let (one, other) = (a_request("k"), a_request("k"));
    let key_of_one = KeyedRequest { key: "l".to_owned(), ..one.clone() };
    for request in [&one, &other, &key_of_one] {
        assert_eq!(once(&world, request, Some("first")).unwrap(), KeyedOutcome::Executed);
    }
    assert_eq!(row_counts(&world), (3, 3));
}

#[test]
fn work_without_a_response_is_rolled_back_and_may_run_again() {
    let world = World::isolated();
    let request = a_request("k");
    for _ in 0..3 {
        assert_eq!(once(&world, &request, None).unwrap(), KeyedOutcome::Executed);
        assert_eq!(row_counts(&world), (0, 0));
    }
    once(&world, &request, Some("first")).unwrap();
    assert_eq!(row_counts(&world), (1, 1));
}

#[test]
fn a_panic_rolls_back_and_the_thread_stays_usable() {
    let world = World::with_own_schema();
    let request = a_request("k");
    let panicked = catch_unwind(AssertUnwindSafe(|| {
        world.idempotency.once(&request, &mut || {
            world.register(&a_technician_registration());
            panic!("in the middle");
        })
    }));
    assert!(panicked.is_err());
    assert_eq!(row_counts(&world), (0, 0));
    // Later writes of this thread are in their own transactions, and the key is unlocked.
    world.register(&a_technician_registration());
    let seen = thread::scope(|scope| scope.spawn(|| row_counts(&world)).join().unwrap());
    assert_eq!(seen, (1, 0));
    assert_eq!(once(&world, &request, Some("first")).unwrap(), KeyedOutcome::Executed);
    assert_eq!(row_counts(&world), (2, 1));
}

#[test]
fn a_panic_within_a_nested_transaction_rolls_everything_back() {
    let world = World::with_own_schema();
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
    assert_eq!(row_counts(&world), (0, 0));
    assert_eq!(once(&world, &request, Some("first")).unwrap(), KeyedOutcome::Executed);
    assert_eq!(row_counts(&world), (1, 1));
}

#[test]
fn the_work_is_visible_only_after_its_commit() {
    let world = World::with_own_schema();
    let outcome = world.idempotency.once(&a_request("k"), &mut || {
        let response = register(&world, Some("first"));
        let seen_elsewhere = thread::scope(|scope| scope.spawn(|| row_counts(&world)).join().unwrap());
        assert_eq!((row_counts(&world).0, seen_elsewhere.0), (1, 0));
        response
    });
    assert_eq!(outcome.unwrap(), KeyedOutcome::Executed);
    assert_eq!(row_counts(&world), (1, 1));
}

#[test]
fn a_rejected_change_within_the_work_rolls_back_only_itself() {
    let world = World::isolated();
    let request = a_request("k");
    let outcome = world.idempotency.once(&request, &mut || {
        let known = a_technician_registration();
        world.register(&known);
        let user = with(a_user(), |user| user.email = known.account.user.email);
        let taken = world.accounts.register(&Registration::technician(user, new_id(), a_technician_profile()));
        assert_matches!(taken, Err(RegisterError::EmailTaken));
        register(&world, Some("two"))
    });
    assert_eq!(outcome.unwrap(), KeyedOutcome::Executed);
    assert_eq!(row_counts(&world), (2, 1));
}

#[test]
fn nested_work_fails() {
    let world = World::with_own_schema();
    let outcome = world.idempotency.once(&a_request("outer"), &mut || {
        assert_matches!(
            once(&world, &a_request("inner"), Some("inner")),
            Err(KeyedError::Repository(RepositoryError::Failed(_)))
        );
        register(&world, Some("outer"))
    });
    assert_eq!(outcome.unwrap(), KeyedOutcome::Executed);
    assert_eq!(row_counts(&world), (1, 1));
}

#[test]
fn another_database_does_not_join_the_transaction() {
    let (world, other) = (World::with_own_schema(), World::with_own_schema());
    let outcome = world.idempotency.once(&a_request("k"), &mut || register(&other, None));
    assert_eq!(outcome.unwrap(), KeyedOutcome::Executed);
    assert_eq!((row_counts(&world), row_counts(&other)), ((0, 0), (1, 0)));
}

#[test]
fn a_key_expires_after_24_hours() {
    let world = World::isolated();
    let request = a_request("k");
    once(&world, &request, Some("first")).unwrap();
    let day = TimeDelta::hours(24);
    let before_expiry = KeyedRequest { now: at(0) + day - TimeDelta::microseconds(1), ..request.clone() };
    assert_matches!(once(&world, &before_expiry, Some("second")), Ok(KeyedOutcome::Replayed(_)));
    let next_day = KeyedRequest { now: at(0) + day, fingerprint: [8; 32], ..request };
    assert_eq!(once(&world, &next_day, Some("second")).unwrap(), KeyedOutcome::Executed);
    assert_eq!(once(&world, &next_day, Some("third")).unwrap(), KeyedOutcome::Replayed(a_response("second")));
    assert_eq!(row_counts(&world), (2, 1));
}

#[test]
fn a_connection_lost_during_the_work_rolls_it_back() {
    let world = World::with_own_schema();
    let request = a_request("k");
    let outcome = world.idempotency.once(&request, &mut || {
        let response = register(&world, Some("first"));
        let terminated = world
            .database
            .with_connection(|connection| connection.batch_execute("SELECT pg_terminate_backend(pg_backend_pid())"));
        assert_matches!(terminated, Err(RepositoryError::Unavailable(_)));
        // Later calls fail too: they do not run outside the lost transaction.
        let late = world.accounts.register(&a_technician_registration());
        assert_matches!(late, Err(RegisterError::Repository(_)));
        assert!(world.accounts.find_actor(&sessionless(new_id()), &live(0)).is_err());
        response
    });
    assert_matches!(outcome, Err(KeyedError::Repository(RepositoryError::Unavailable(_))));
    assert_eq!(row_counts(&world), (0, 0));
    assert_eq!(once(&world, &request, Some("first")).unwrap(), KeyedOutcome::Executed);
}

#[test]
fn a_lost_connection_is_replaced_before_the_work_begins() {
    let world = World::with_own_schema();
    world.execute("SET application_name = 'doomed of keys'");
    world.execute("SELECT 1");
    let terminate = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'doomed of keys'";
    let mut other = <diesel::PgConnection as diesel::Connection>::establish(&world.schema.url).unwrap();
    other.batch_execute(terminate).unwrap();
    assert_eq!(once(&world, &a_request("k"), Some("first")).unwrap(), KeyedOutcome::Executed);
    assert_eq!(row_counts(&world), (1, 1));
}

#[test]
fn while_the_first_request_runs_another_is_rejected_immediately() {
    let world = World::with_own_schema();
    let request = a_request("k");
    let outcome = world.idempotency.once(&request, &mut || {
        thread::scope(|scope| {
            let second = scope.spawn(|| {
                let started = Instant::now();
                assert_matches!(once(&world, &request, Some("second")), Err(KeyedError::InProgress));
                assert!(started.elapsed() < Duration::from_millis(900));
            });
            second.join().unwrap();
        });
        register(&world, Some("first"))
    });
    assert_eq!(outcome.unwrap(), KeyedOutcome::Executed);
    assert_eq!(once(&world, &request, Some("third")).unwrap(), KeyedOutcome::Replayed(a_response("first")));
    assert_eq!(row_counts(&world), (1, 1));
}

#[test]
fn fifty_concurrent_requests_with_one_key_do_the_work_once() {
    let world = World::with_connections(51);
    for _ in 0..3 {
        let request = a_request("k");
        let before = row_counts(&world);
        let ran = AtomicUsize::new(0);
        let outcomes = run_concurrently(&world, 50, |index| {
            world.idempotency.once(&request, &mut || {
                ran.fetch_add(1, Ordering::SeqCst);
                register(&world, Some(&index.to_string()))
            })
        });
        assert_eq!(ran.load(Ordering::SeqCst), 1);
        assert_eq!(outcomes.iter().filter(|outcome| matches!(outcome, Ok(KeyedOutcome::Executed))).count(), 1);
        for outcome in outcomes.iter().filter(|outcome| !matches!(outcome, Ok(KeyedOutcome::Executed))) {
            assert_matches!(outcome, Ok(KeyedOutcome::Replayed(_)) | Err(KeyedError::InProgress));
        }
        assert_eq!(row_counts(&world), (before.0 + 1, before.1 + 1));
    }
}

#[test]
fn concurrent_requests_with_different_keys_do_not_block_each_other() {
    let world = World::with_own_schema();
    let all_running = Barrier::new(10);
    let outcomes = run_concurrently(&world, 10, |_| {
        world.idempotency.once(&a_request("k"), &mut || {
            all_running.wait();
            register(&world, Some("first"))
        })
    });
    assert!(outcomes.iter().all(|outcome| matches!(outcome, Ok(KeyedOutcome::Executed))));
    assert_eq!(row_counts(&world), (10, 10));
}
