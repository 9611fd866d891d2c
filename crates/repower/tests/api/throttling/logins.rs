use serde_json::json;

use super::{EMAIL, counting, counts, fail, log_in, register, throttled};
use crate::support::{App, PASSWORD};

const HOME: &str = "198.51.100.7";

fn a_technician(app: &App, name: &str) -> String {
    app.technician(name).email
}

#[test]
fn after_ten_failures_of_an_account_and_client_address_the_right_password_is_rejected() {
    let app = counting(&[]);
    let email = a_technician(&app, "tanja");
    fail(&app, HOME, &email, 10);
    for password in [PASSWORD, "wrong horse", "", &"x".repeat(100)] {
        assert!(throttled(&log_in(&app, HOME, &email, password)) > 800, "{password}");
    }
    log_in(&app, "198.51.100.8", &email, PASSWORD).data(200);
}

#[test]
fn all_spellings_of_an_email_are_one_account() {
    let app = counting(&[]);
    a_technician(&app, "tanja");
    for email in [
        EMAIL,
        "TANJA@technicians.example",
        " Tanja@Technicians.Example\t",
        "\"Tanja\"@technicians.example",
        "tanja@ｔｅｃｈｎｉｃｉａｎｓ。example",
    ] {
        fail(&app, HOME, email, 2);
    }
    throttled(&log_in(&app, HOME, "tanja@Technicians.EXAMPLE", PASSWORD));
}

#[test]
fn after_fifty_failures_from_a_client_address_every_account_is_rejected_there() {
    let app = counting(&[]);
    let email = a_technician(&app, "tanja");
    for number in 0..5 {
        fail(&app, HOME, &format!("{number}@technicians.example"), 10);
        if number < 4 {
            log_in(&app, HOME, &email, PASSWORD).data(200);
        }
    }
    throttled(&log_in(&app, HOME, &email, PASSWORD));
    throttled(&log_in(&app, HOME, "no email", "wrong horse"));
    log_in(&app, "198.51.100.8", &email, PASSWORD).data(200);
}

#[test]
fn after_a_hundred_failures_of_an_account_it_is_rejected_everywhere() {
    let app = counting(&[]);
    let (email, another) = (a_technician(&app, "tanja"), a_technician(&app, "anders"));
    for number in 0..10 {
        fail(&app, &format!("198.51.100.{number}"), &email, 10);
    }
    for from in ["2001:db8::1", "198.51.100.0", "203.0.113.9"] {
        throttled(&log_in(&app, from, &email, PASSWORD));
    }
    log_in(&app, "198.51.100.0", &another, PASSWORD).data(200);
}

#[test]
fn a_throttled_login_is_not_counted() {
    let app = counting(&[]);
    let email = a_technician(&app, "tanja");
    fail(&app, HOME, &email, 10);
    let before = counts(&app);
    for _ in 0..60 {
        throttled(&log_in(&app, HOME, &email, "wrong horse"));
    }
    assert_eq!(counts(&app), before);
    // Ten of the fifty failures of the client address are counted.
    for number in 0..4 {
        fail(&app, HOME, &format!("{number}@technicians.example"), 10);
    }
    throttled(&log_in(&app, HOME, "4@technicians.example", PASSWORD));
    log_in(&app, "198.51.100.8", &email, PASSWORD).data(200);
}

#[test]
fn a_successful_login_is_not_counted() {
    let app = counting(&[]);
    let email = a_technician(&app, "tanja");
    fail(&app, HOME, &email, 9);
    let before = counts(&app);
    for _ in 0..60 {
        log_in(&app, HOME, &email, PASSWORD).data(200);
    }
    assert_eq!(counts(&app), before);
    fail(&app, HOME, &email, 1);
    throttled(&log_in(&app, HOME, &email, PASSWORD));
}

#[test]
fn failures_of_unknown_deactivated_and_removed_users_are_counted() {
    let app = counting(&[("RATE_LIMIT_LOGIN_ADDRESS", "1000")]);
    let (deactivated, removed) = (app.technician("deactivated"), app.company("removed"));
    app.database.run(&format!("UPDATE users SET active = false WHERE id = '{}'", deactivated.user_id));
    app.database.run(&format!("DELETE FROM company_members WHERE user_id = '{}'", removed.user_id));
    let too_long = format!("{}@technicians.example", "a".repeat(300));
    let unknown = ["unknown@technicians.example", "no email", "æøå 🌬", &too_long];
    for email in unknown.into_iter().chain([deactivated.email.as_str(), &removed.email]) {
        for password in ["wrong horse", PASSWORD, "", "short", &"x".repeat(73)] {
            for _ in 0..2 {
                assert_eq!(log_in(&app, HOME, email, password).code(401), "invalid_credentials");
            }
        }
        throttled(&log_in(&app, HOME, email, PASSWORD));
    }
}

#[test]
fn an_invalid_body_is_not_counted() {
    let app = counting(&[("RATE_LIMIT_LOGIN_ACCOUNT_ADDRESS", "1")]);
    let email = a_technician(&app, "tanja");
    let before = counts(&app);
    for body in [json!({"email": email}), json!({"email": email, "password": 5}), json!([]), json!({"email": " "})] {
        let reply = app.post("/api/auth/login").header("X-Forwarded-For", HOME).json(&body).send();
        assert_eq!(reply.code(400), "validation_failed");
    }
    assert_eq!(counts(&app), before);
    log_in(&app, HOME, &email, PASSWORD).data(200);
}

#[test]
fn a_throttled_client_may_use_all_other_routes() {
    let app = counting(&[("RATE_LIMIT_LOGIN_ADDRESS", "1")]);
    let technician = app.technician("tanja");
    fail(&app, HOME, &technician.email, 1);
    throttled(&log_in(&app, HOME, &technician.email, PASSWORD));
    register(&app, HOME, "anders@technicians.example").data(201);
    for path in ["/api/users/me", "/api/technicians/me/passport", "/api/jobs"] {
        app.get(path).header("X-Forwarded-For", HOME).bearer(&technician.token).send().data(200);
    }
}
