use std::time::{Duration, Instant};

use super::{EMAIL, counting, fail, log_in, register, throttled};
use crate::support::{App, PASSWORD, Reply};

const HOME: &str = "198.51.100.7";

#[test]
fn the_limits_can_be_disabled() {
    let off =
        [("RATE_LIMIT_ENABLED", "false"), ("RATE_LIMIT_LOGIN_ADDRESS", "1"), ("RATE_LIMIT_REGISTER_ADDRESS", "1")];
    let app = App::start_with(&off);
    for number in 0..35 {
        register(&app, HOME, &format!("{number}@technicians.example")).data(201);
    }
    fail(&app, HOME, EMAIL, 110);
    assert_eq!(app.database.rows("throttle_windows"), 0);
}

#[test]
fn each_limit_is_a_setting() {
    let app = counting(&[
        ("RATE_LIMIT_LOGIN_ACCOUNT_ADDRESS", "2"),
        ("RATE_LIMIT_LOGIN_ACCOUNT", "3"),
        ("RATE_LIMIT_LOGIN_ADDRESS", "5"),
        ("RATE_LIMIT_REGISTER_ADDRESS", "1"),
    ]);
    fail(&app, "198.51.100.1", EMAIL, 2);
    throttled(&log_in(&app, "198.51.100.1", EMAIL, PASSWORD));
    fail(&app, "198.51.100.2", EMAIL, 1);
    throttled(&log_in(&app, "198.51.100.2", EMAIL, PASSWORD));
    fail(&app, "198.51.100.3", "a", 2);
    fail(&app, "198.51.100.3", "b", 2);
    fail(&app, "198.51.100.3", "c", 1);
    throttled(&log_in(&app, "198.51.100.3", "c", PASSWORD));
    register(&app, "198.51.100.4", EMAIL).data(201);
    throttled(&register(&app, "198.51.100.4", "anders@technicians.example"));
}

#[test]
fn the_window_is_a_setting() {
    let app = counting(&[
        ("RATE_LIMIT_WINDOW", "2m"),
        ("RATE_LIMIT_LOGIN_ADDRESS", "1"),
        ("RATE_LIMIT_REGISTER_ADDRESS", "1"),
    ]);
    fail(&app, HOME, EMAIL, 1);
    let seconds = throttled(&log_in(&app, HOME, EMAIL, PASSWORD));
    assert!((60..=120).contains(&seconds), "{seconds}");
    register(&app, HOME, EMAIL).data(201);
    let seconds = throttled(&register(&app, HOME, EMAIL));
    assert!((60..=120).contains(&seconds), "{seconds}");
}

/// Compares the fastest rejection with one verification, so that a busy machine does
/// not matter.
#[test]
fn a_throttled_request_computes_no_hash() {
    let app = counting(&[
        ("BCRYPT_COST", "12"),
        ("RATE_LIMIT_LOGIN_ACCOUNT_ADDRESS", "1"),
        ("RATE_LIMIT_REGISTER_ADDRESS", "1"),
    ]);
    let rejections: [&dyn Fn() -> Reply; 2] =
        [&|| log_in(&app, HOME, EMAIL, PASSWORD), &|| register(&app, HOME, "anders@technicians.example")];
    let hashing = [time(|| register(&app, HOME, EMAIL).data(201)), time(|| fail(&app, HOME, EMAIL, 1))];
    for (work, spent) in rejections.into_iter().zip(hashing.into_iter().rev()) {
        let shortest = (0..10).map(|_| time(|| throttled(&work()))).min().unwrap();
        assert!(shortest < spent / 4, "{shortest:?} of {spent:?}");
    }
}

fn time<T>(work: impl FnOnce() -> T) -> Duration {
    let started = Instant::now();
    work();
    started.elapsed()
}
