use serde_json::json;

use super::{concurrently, counts, outcome, tally};
use crate::support::{App, PASSWORD, Reply};

const ON: (&str, &str) = ("RATE_LIMIT_ENABLED", "true");

fn log_in(app: &App, email: &str, password: &str) -> Reply {
    app.post("/api/auth/login").json(&json!({"email": email, "password": password})).send()
}

fn register(app: &App, number: usize) -> Reply {
    let body = json!({
        "email": format!("{number}@technicians.example"), "password": PASSWORD, "role": "TECHNICIAN", "fullName": "T",
        "country": "DK",
    });
    app.post("/api/auth/register").json(&body).send()
}

#[test]
fn ten_of_thirty_concurrent_failures_are_verified() {
    let app = App::start_with(&[ON]);
    for round in 0..3 {
        let email = format!("{round}@technicians.example");
        let replies = concurrently(30, |_| log_in(&app, &email, "wrong horse"));
        assert_eq!(tally(&replies), counts([("401 invalid_credentials", 10), ("429 too_many_requests", 20)]));
    }
}

#[test]
fn ten_of_thirty_concurrent_failures_on_two_servers_are_verified() {
    let app = App::start_with(&[ON]);
    let servers = [&app, &app.beside(&[ON])];
    let replies = concurrently(30, |number| log_in(servers[number % 2], "nobody@technicians.example", "wrong horse"));
    assert_eq!(tally(&replies), counts([("401 invalid_credentials", 10), ("429 too_many_requests", 20)]));
}

#[test]
fn concurrent_failures_from_one_client_address_are_limited_for_all_accounts() {
    let app = App::start_with(&[ON, ("RATE_LIMIT_LOGIN_ADDRESS", "7")]);
    let replies =
        concurrently(30, |number| log_in(&app, &format!("{}@technicians.example", number % 6), "wrong horse"));
    assert_eq!(tally(&replies), counts([("401 invalid_credentials", 7), ("429 too_many_requests", 23)]));
}

#[test]
fn concurrent_registrations_are_limited() {
    let app = App::start_with(&[ON, ("RATE_LIMIT_REGISTER_ADDRESS", "9")]);
    let servers = [&app, &app.beside(&[ON, ("RATE_LIMIT_REGISTER_ADDRESS", "9")])];
    let replies = concurrently(30, |number| register(servers[number % 2], number));
    assert_eq!(tally(&replies), counts([("201", 9), ("429 too_many_requests", 21)]));
    assert_eq!(app.database.rows("users"), 9);
}

#[test]
fn only_the_failures_of_concurrent_logins_are_counted() {
    let app = App::start_with(&[ON, ("RATE_LIMIT_LOGIN_ACCOUNT_ADDRESS", "40")]);
    let email = app.technician("tanja").email;
    let password = |number: usize| if number.is_multiple_of(3) { "wrong horse" } else { PASSWORD };
    let replies = concurrently(30, |number| log_in(&app, &email, password(number)));
    assert_eq!(tally(&replies), counts([("200", 20), ("401 invalid_credentials", 10)]));
    let tries = app.database.texts("SELECT DISTINCT tries::text FROM throttle_windows WHERE scope LIKE 'LOGIN%'");
    assert_eq!(tries, ["10"]);
}

/// The rejected change has a wrong password, an invalid token or a conflict.
#[test]
fn one_of_two_concurrent_new_passwords_is_stored() {
    let app = App::start();
    let servers = [&app, &app.beside(&[])];
    for round in 0..10 {
        let person = app.technician(&round.to_string());
        let passwords = ["battery staple", "paper clip"];
        let replies = concurrently(2, |number| {
            let body = json!({"currentPassword": PASSWORD, "newPassword": passwords[number]});
            servers[number].post("/api/users/me/password").bearer(&person.token).json(&body).send()
        });
        let succeeded = replies.iter().position(|reply| reply.status == 200).unwrap();
        let rejected = outcome(&replies[1 - succeeded]);
        assert!(
            ["400 validation_failed", "401 unauthenticated", "409 conflict"].contains(&rejected.as_str()),
            "{rejected}"
        );
        log_in(&app, &person.email, passwords[succeeded]).data(200);
        assert_eq!(log_in(&app, &person.email, passwords[1 - succeeded]).code(401), "invalid_credentials");
        let token = replies[succeeded].data(200)["token"].as_str().unwrap().to_owned();
        app.get("/api/users/me").bearer(&token).send().data(200);
    }
}
