use serde_json::json;

use super::{EMAIL, ON, TRUSTED, counting, fail, log_in, register, throttled};
use crate::support::{App, PASSWORD, Reply};

const HOME: &str = "198.51.100.7";

fn end_windows_in(app: &App, interval: &str) {
    app.database.run(&format!("UPDATE throttle_windows SET window_ends_at = now() + interval '{interval}'"));
}

#[test]
fn two_servers_on_one_database_share_the_counters() {
    let app = counting(&[("RATE_LIMIT_REGISTER_ADDRESS", "3")]);
    let beside = app.beside(&[ON, TRUSTED, ("RATE_LIMIT_REGISTER_ADDRESS", "3")]);
    app.technician("tanja");
    for server in [&app, &beside] {
        fail(server, HOME, EMAIL, 5);
    }
    for server in [&app, &beside] {
        throttled(&log_in(server, HOME, EMAIL, PASSWORD));
    }
    for (number, server) in [&app, &beside, &app].into_iter().enumerate() {
        register(server, HOME, &format!("{number}@technicians.example")).data(201);
    }
    for server in [&beside, &app] {
        throttled(&register(server, HOME, "late@technicians.example"));
    }
}

#[test]
fn after_the_window_the_counters_start_at_zero() {
    let app = counting(&[("RATE_LIMIT_REGISTER_ADDRESS", "1")]);
    register(&app, HOME, EMAIL).data(201);
    fail(&app, HOME, EMAIL, 10);
    throttled(&log_in(&app, HOME, EMAIL, PASSWORD));
    throttled(&register(&app, HOME, "anders@technicians.example"));
    end_windows_in(&app, "-1 second");
    log_in(&app, HOME, EMAIL, PASSWORD).data(200);
    register(&app, HOME, "anders@technicians.example").data(201);
    fail(&app, HOME, EMAIL, 10);
    assert!(throttled(&log_in(&app, HOME, EMAIL, PASSWORD)) > 800);
    throttled(&register(&app, HOME, "anna@technicians.example"));
}

#[test]
fn a_window_starts_with_its_first_failure_and_is_not_extended() {
    let app = counting(&[]);
    fail(&app, HOME, EMAIL, 1);
    end_windows_in(&app, "5 minutes");
    fail(&app, HOME, EMAIL, 9);
    let seconds = throttled(&log_in(&app, HOME, EMAIL, PASSWORD));
    assert!((200..=300).contains(&seconds), "{seconds}");
}

#[test]
fn retry_after_is_the_end_of_the_last_full_window() {
    let app = counting(&[("RATE_LIMIT_LOGIN_ACCOUNT_ADDRESS", "2"), ("RATE_LIMIT_LOGIN_ADDRESS", "2")]);
    fail(&app, HOME, EMAIL, 2);
    for (scope, minutes) in [("LOGIN_ACCOUNT_ADDRESS", 2), ("LOGIN_ADDRESS", 8), ("LOGIN_ACCOUNT", 12)] {
        let end = format!("now() + interval '{minutes} minutes'");
        app.database.run(&format!("UPDATE throttle_windows SET window_ends_at = {end} WHERE scope = '{scope}'"));
    }
    let seconds = throttled(&log_in(&app, HOME, EMAIL, PASSWORD));
    assert!((420..=480).contains(&seconds), "{seconds}");
}

#[test]
fn the_counters_have_neither_email_nor_client_address() {
    let app = counting(&[]);
    fail(&app, HOME, EMAIL, 1);
    assert_eq!(app.database.rows("throttle_windows"), 3);
    assert!(!app.database.holds(EMAIL) && !app.database.holds(HOME));
}

#[test]
fn without_the_counters_every_login_and_registration_is_rejected() {
    let app = counting(&[]);
    let (person, company) = (app.technician("tanja"), app.company("vestas"));
    let invitation = app.invitation(&company, "rita@vestas.example", "RECRUITER");
    app.database.run("ALTER TABLE throttle_windows RENAME TO missing");
    let change = || {
        let body = json!({"currentPassword": PASSWORD, "newPassword": "battery staple"});
        app.post("/api/users/me/password").bearer(&person.token).json(&body).send()
    };
    let requests: [&dyn Fn() -> Reply; 5] = [
        &|| log_in(&app, HOME, EMAIL, PASSWORD),
        &|| log_in(&app, HOME, "nobody@technicians.example", "wrong horse"),
        &|| register(&app, HOME, "anders@technicians.example"),
        &|| app.join(&invitation),
        &change,
    ];
    let before = app.database.contents();
    for (number, request) in requests.iter().enumerate() {
        let reply = request();
        assert_eq!(reply.code(503), "database_unavailable", "{number}");
        assert!(reply.header("Retry-After").is_some(), "{number}");
    }
    assert_eq!(app.database.contents(), before);
    app.get("/api/users/me").bearer(&person.token).send().data(200);
    app.database.run("ALTER TABLE missing RENAME TO throttle_windows");
    assert_eq!(requests.map(|request| request().status.as_u16()), [200, 401, 201, 201, 200]);
}
