use serde_json::json;

use super::{at_once, counts, outcome, tally};
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
fn of_thirty_failures_at_once_ten_are_let_through() {
    let app = App::start_with(&[ON]);
    for round in 0..3 {
        let email = format!("{round}@technicians.example");
        let replies = at_once(30, |_| log_in(&app, &email, "wrong horse"));
        assert_eq!(tally(&replies), counts([("401 invalid_credentials", 10), ("429 too_many_requests", 20)]));
    }
}

#[test]
fn of_thirty_failures_on_two_servers_ten_are_let_through() {
    let app = App::start_with(&[ON]);
    let servers = [&app, &app.beside(&[ON])];
    let replies = at_once(30, |number| log_in(servers[number % 2], "nobody@technicians.example", "wrong horse"));
    assert_eq!(tally(&replies), counts([("401 invalid_credentials", 10), ("429 too_many_requests", 20)]));
}

#[test]
fn no_more_fail_from_one_address_than_it_may_whatever_the_accounts() {
    let app = App::start_with(&[ON, ("RATE_LIMIT_LOGIN_ADDRESS", "7")]);
    let replies = at_once(30, |number| log_in(&app, &format!("{}@technicians.example", number % 6), "wrong horse"));
    assert_eq!(tally(&replies), counts([("401 invalid_credentials", 7), ("429 too_many_requests", 23)]));
}

#[test]
fn no_more_register_at_once_than_may() {
    let app = App::start_with(&[ON, ("RATE_LIMIT_REGISTER_ADDRESS", "9")]);
    let servers = [&app, &app.beside(&[ON, ("RATE_LIMIT_REGISTER_ADDRESS", "9")])];
    let replies = at_once(30, |number| register(servers[number % 2], number));
    assert_eq!(tally(&replies), counts([("201", 9), ("429 too_many_requests", 21)]));
    assert_eq!(app.database.rows("users"), 9);
}

#[test]
fn failures_and_successes_at_once_leave_the_failures_counted() {
    let app = App::start_with(&[ON, ("RATE_LIMIT_LOGIN_ACCOUNT_ADDRESS", "40")]);
    let email = app.technician("tanja").email;
    let password = |number: usize| if number.is_multiple_of(3) { "wrong horse" } else { PASSWORD };
    let replies = at_once(30, |number| log_in(&app, &email, password(number)));
    assert_eq!(tally(&replies), counts([("200", 20), ("401 invalid_credentials", 10)]));
    let tries = app.database.texts("SELECT DISTINCT tries::text FROM throttle_windows WHERE scope LIKE 'LOGIN%'");
    assert_eq!(tries, ["10"]);
}

/// Whoever comes later finds another password, or that their token is void, or
/// that somebody else changed it first.
#[test]
fn of_two_new_passwords_at_once_one_is_kept() {
    let app = App::start();
    let servers = [&app, &app.beside(&[])];
    for round in 0..10 {
        let person = app.technician(&round.to_string());
        let passwords = ["battery staple", "paper clip"];
        let replies = at_once(2, |number| {
            let body = json!({"currentPassword": PASSWORD, "newPassword": passwords[number]});
            servers[number].post("/api/users/me/password").bearer(&person.token).json(&body).send()
        });
        let won = replies.iter().position(|reply| reply.status == 200).unwrap();
        let lost = outcome(&replies[1 - won]);
        assert!(["400 validation_failed", "401 unauthenticated", "409 conflict"].contains(&lost.as_str()), "{lost}");
        log_in(&app, &person.email, passwords[won]).data(200);
        assert_eq!(log_in(&app, &person.email, passwords[1 - won]).code(401), "invalid_credentials");
        let token = replies[won].data(200)["token"].as_str().unwrap().to_owned();
        app.get("/api/users/me").bearer(&token).send().data(200);
    }
}
