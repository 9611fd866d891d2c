//! The limits of failed logins and of registrations (section 4 of the contract), and the
//! rates (section 11a).

mod client_addresses;
mod known_addresses;
mod limits;
mod logins;
mod rates;
mod registrations;
mod state;

use serde_json::json;

use crate::support::{App, PASSWORD, Reply};

const EMAIL: &str = "tanja@technicians.example";
const ON: (&str, &str) = ("RATE_LIMIT_ENABLED", "true");

/// Trusts the headers of the tests.
const TRUSTED: (&str, &str) = ("TRUSTED_PROXIES", "127.0.0.0/8");

/// Starts a server with limits, which trusts the `X-Forwarded-For` of the tests.
fn counting(settings: &[(&str, &str)]) -> App {
    App::start_with(&[settings, &[ON, TRUSTED]].concat())
}

/// Logs in from a client address.
fn log_in(app: &App, from: &str, email: &str, password: &str) -> Reply {
    let body = json!({"email": email, "password": password});
    app.post("/api/auth/login").header("X-Forwarded-For", from).json(&body).send()
}

/// Fails a number of logins, each of which is verified.
#[track_caller]
fn fail(app: &App, from: &str, email: &str, times: usize) {
    for number in 0..times {
        let reply = log_in(app, from, email, "wrong horse");
        assert_eq!((reply.status.as_u16(), reply.code(401).as_str()), (401, "invalid_credentials"), "{number}");
    }
}

/// Registers a technician from a client address.
fn register(app: &App, from: &str, email: &str) -> Reply {
    let body = json!({"email": email, "password": PASSWORD, "role": "TECHNICIAN", "fullName": "T", "country": "DK"});
    app.post("/api/auth/register").header("X-Forwarded-For", from).json(&body).send()
}

/// Asserts that a request was throttled; returns the seconds of `Retry-After`.
#[track_caller]
fn throttled(reply: &Reply) -> u32 {
    throttled_within(reply, 900)
}

/// As [`throttled`], for at most so many seconds.
#[track_caller]
fn throttled_within(reply: &Reply, most: u32) -> u32 {
    assert_eq!(reply.code(429), "too_many_requests");
    assert!(reply.body()["details"].is_null());
    let seconds = reply.header("Retry-After").unwrap().parse().unwrap();
    assert!((1..=most).contains(&seconds), "{seconds}");
    seconds
}

/// All rows of the counters.
fn counts(app: &App) -> Vec<String> {
    app.database.texts("SELECT stored::text FROM throttle_windows AS stored ORDER BY 1")
}
