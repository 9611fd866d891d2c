use serde_json::json;

use super::{counting, counts, log_in, register, throttled};
use crate::support::{App, PASSWORD, Person, Reply};

const HOME: &str = "198.51.100.7";

fn email(number: usize) -> String {
    format!("{number}@technicians.example")
}

/// Accepts an invitation from a client address.
fn join(app: &App, from: &str, invitation: &str) -> Reply {
    let body = json!({"token": invitation, "password": PASSWORD});
    app.post("/api/auth/accept-invitation").header("X-Forwarded-For", from).json(&body).send()
}

/// Registers a number of technicians from one client address.
fn register_many(app: &App, times: usize) {
    for number in 0..times {
        register(app, HOME, &email(number)).data(201);
    }
}

/// Registers the first technician with a key.
fn register_with_key(app: &App, password: &str) -> Reply {
    let body = json!({"email": email(0), "password": password, "role": "TECHNICIAN", "fullName": "T", "country": "DK"});
    let request = app.post("/api/auth/register").header("X-Forwarded-For", HOME);
    request.header("Idempotency-Key", app.database.name()).json(&body).send()
}

fn tries_counted(app: &App) -> i64 {
    app.database.number("SELECT coalesce(sum(tries), 0) FROM throttle_windows WHERE scope = 'REGISTER_ADDRESS'")
}

fn a_company(app: &App) -> Person {
    let company = app.company("vestas");
    // The registration of the company has the client address of the tests.
    app.database.run("DELETE FROM throttle_windows");
    company
}

#[test]
fn thirty_registrations_are_allowed_for_a_client_address() {
    let app = counting(&[]);
    register_many(&app, 30);
    let before = app.database.contents();
    for number in [30, 31, 0] {
        assert!(throttled(&register(&app, HOME, &email(number))) > 800);
    }
    assert_eq!(app.database.contents(), before);
    register(&app, "198.51.100.8", &email(30)).data(201);
    log_in(&app, HOME, &email(0), PASSWORD).data(200);
}

#[test]
fn an_accepted_invitation_counts_as_a_registration() {
    let app = counting(&[("RATE_LIMIT_REGISTER_ADDRESS", "3")]);
    let company = a_company(&app);
    let [one, other] =
        ["rita@vestas.example", "rolf@vestas.example"].map(|email| app.invitation(&company, email, "RECRUITER"));
    register_many(&app, 2);
    join(&app, HOME, &one).data(201);
    let before = app.database.contents();
    throttled(&join(&app, HOME, &other));
    throttled(&register(&app, HOME, &email(2)));
    assert_eq!(app.database.contents(), before);
    join(&app, "198.51.100.8", &other).data(201);
}

#[test]
fn a_registration_with_a_taken_email_is_counted() {
    let app = counting(&[("RATE_LIMIT_REGISTER_ADDRESS", "3")]);
    register_many(&app, 1);
    for _ in 0..2 {
        assert_eq!(register(&app, HOME, &email(0)).code(409), "email_taken");
    }
    throttled(&register(&app, HOME, &email(1)));
}

#[test]
fn a_request_without_a_hash_is_not_counted() {
    let app = counting(&[("RATE_LIMIT_REGISTER_ADDRESS", "1")]);
    for _ in 0..3 {
        assert_eq!(join(&app, HOME, "unknown").code(404), "not_found");
        assert_eq!(register(&app, HOME, "no email").code(400), "validation_failed");
        assert_eq!(app.post("/api/auth/register").header("X-Forwarded-For", HOME).raw("{").send().status, 400);
    }
    assert_eq!(tries_counted(&app), 0);
    register_many(&app, 1);
    throttled(&register(&app, HOME, &email(1)));
}

#[test]
fn a_replayed_registration_is_counted_once() {
    let app = counting(&[("RATE_LIMIT_REGISTER_ADDRESS", "3")]);
    for _ in 0..10 {
        register_with_key(&app, PASSWORD).data(201);
    }
    assert_eq!((tries_counted(&app), app.database.rows("users")), (1, 1));
    register(&app, HOME, &email(1)).data(201);
    register(&app, HOME, &email(2)).data(201);
    throttled(&register(&app, HOME, &email(3)));
}

/// A key is no way to try passwords without a limit.
#[test]
fn a_repeated_key_with_another_password_is_counted() {
    let app = counting(&[("RATE_LIMIT_REGISTER_ADDRESS", "3")]);
    register_with_key(&app, PASSWORD).data(201);
    for wrong in ["wrong horse", "other horse"] {
        assert_eq!(register_with_key(&app, wrong).code(409), "idempotency_mismatch");
    }
    throttled(&register_with_key(&app, "third horse"));
}

#[test]
fn failed_logins_and_registrations_are_counted_separately() {
    let app = counting(&[("RATE_LIMIT_REGISTER_ADDRESS", "2"), ("RATE_LIMIT_LOGIN_ADDRESS", "2")]);
    register_many(&app, 2);
    let before = counts(&app).len();
    super::fail(&app, HOME, &email(0), 2);
    assert!(counts(&app).len() > before);
    throttled(&register(&app, HOME, &email(2)));
    throttled(&log_in(&app, HOME, &email(0), PASSWORD));
}
