use serde_json::json;

use super::{counting, counts, log_in, refused, register};
use crate::support::{App, PASSWORD, Person, Reply};

const HOME: &str = "198.51.100.7";

fn email(number: usize) -> String {
    format!("{number}@technicians.example")
}

/// Joins a company from somewhere.
fn join(app: &App, from: &str, invitation: &str) -> Reply {
    let body = json!({"token": invitation, "password": PASSWORD});
    app.post("/api/auth/accept-invitation").header("X-Forwarded-For", from).json(&body).send()
}

/// Registers so many technicians from one address, each of whom is let in.
fn fill(app: &App, times: usize) {
    for number in 0..times {
        register(app, HOME, &email(number)).data(201);
    }
}

/// Registers the first of them with a key, as often as it is called.
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
    // It came from the place of the tests, which counts for itself.
    app.database.run("DELETE FROM throttle_windows");
    company
}

#[test]
fn thirty_registrations_are_let_through_for_an_address() {
    let app = counting(&[]);
    fill(&app, 30);
    let before = app.database.contents();
    for number in [30, 31, 0] {
        assert!(refused(&register(&app, HOME, &email(number))) > 800);
    }
    assert_eq!(app.database.contents(), before);
    register(&app, "198.51.100.8", &email(30)).data(201);
    log_in(&app, HOME, &email(0), PASSWORD).data(200);
}

#[test]
fn whoever_joins_a_company_registers() {
    let app = counting(&[("RATE_LIMIT_REGISTER_ADDRESS", "3")]);
    let company = a_company(&app);
    let [one, other] =
        ["rita@vestas.example", "rolf@vestas.example"].map(|email| app.invitation(&company, email, "RECRUITER"));
    fill(&app, 2);
    join(&app, HOME, &one).data(201);
    let before = app.database.contents();
    refused(&join(&app, HOME, &other));
    refused(&register(&app, HOME, &email(2)));
    assert_eq!(app.database.contents(), before);
    join(&app, "198.51.100.8", &other).data(201);
}

#[test]
fn an_address_that_is_taken_counts_because_it_was_hashed_for() {
    let app = counting(&[("RATE_LIMIT_REGISTER_ADDRESS", "3")]);
    fill(&app, 1);
    for _ in 0..2 {
        assert_eq!(register(&app, HOME, &email(0)).code(409), "email_taken");
    }
    refused(&register(&app, HOME, &email(1)));
}

#[test]
fn what_is_not_hashed_for_does_not_count() {
    let app = counting(&[("RATE_LIMIT_REGISTER_ADDRESS", "1")]);
    for _ in 0..3 {
        assert_eq!(join(&app, HOME, "unknown").code(404), "not_found");
        assert_eq!(register(&app, HOME, "no address").code(400), "validation_failed");
        assert_eq!(app.post("/api/auth/register").header("X-Forwarded-For", HOME).raw("{").send().status, 400);
    }
    assert_eq!(tries_counted(&app), 0);
    fill(&app, 1);
    refused(&register(&app, HOME, &email(1)));
}

#[test]
fn a_registration_that_is_repeated_counts_once() {
    let app = counting(&[("RATE_LIMIT_REGISTER_ADDRESS", "3")]);
    for _ in 0..10 {
        register_with_key(&app, PASSWORD).data(201);
    }
    assert_eq!((tries_counted(&app), app.database.rows("users")), (1, 1));
    register(&app, HOME, &email(1)).data(201);
    register(&app, HOME, &email(2)).data(201);
    refused(&register(&app, HOME, &email(3)));
}

/// Otherwise a key would be a way to try passwords.
#[test]
fn a_key_that_is_tried_with_another_password_counts() {
    let app = counting(&[("RATE_LIMIT_REGISTER_ADDRESS", "3")]);
    register_with_key(&app, PASSWORD).data(201);
    for wrong in ["wrong horse", "other horse"] {
        assert_eq!(register_with_key(&app, wrong).code(409), "idempotency_mismatch");
    }
    refused(&register_with_key(&app, "third horse"));
}

#[test]
fn failed_logins_and_registrations_do_not_count_for_each_other() {
    let app = counting(&[("RATE_LIMIT_REGISTER_ADDRESS", "2"), ("RATE_LIMIT_LOGIN_ADDRESS", "2")]);
    fill(&app, 2);
    let before = counts(&app).len();
    super::fail(&app, HOME, &email(0), 2);
    assert!(counts(&app).len() > before);
    refused(&register(&app, HOME, &email(2)));
    refused(&log_in(&app, HOME, &email(0), PASSWORD));
}
