use serde_json::json;

use super::{EMAIL, counting, counts, fail, log_in, refused, register};
use crate::support::{App, PASSWORD};

const HOME: &str = "198.51.100.7";

fn a_technician(app: &App, name: &str) -> String {
    app.technician(name).email
}

#[test]
fn after_ten_failures_for_one_account_from_one_address_the_right_password_is_refused_too() {
    let app = counting(&[]);
    let email = a_technician(&app, "tanja");
    fail(&app, HOME, &email, 10);
    for password in [PASSWORD, "wrong horse", "", &"x".repeat(100)] {
        assert!(refused(&log_in(&app, HOME, &email, password)) > 800, "{password}");
    }
    log_in(&app, "198.51.100.8", &email, PASSWORD).data(200);
}

#[test]
fn an_account_is_the_same_however_its_address_is_written() {
    let app = counting(&[]);
    a_technician(&app, "tanja");
    for email in [EMAIL, "TANJA@technicians.example", " Tanja@Technicians.Example\t"] {
        fail(&app, HOME, email, 3);
    }
    fail(&app, HOME, EMAIL, 1);
    refused(&log_in(&app, HOME, "tanja@Technicians.EXAMPLE", PASSWORD));
}

#[test]
fn after_fifty_failures_from_one_address_every_account_is_refused_there() {
    let app = counting(&[]);
    let email = a_technician(&app, "tanja");
    for number in 0..5 {
        fail(&app, HOME, &format!("{number}@technicians.example"), 10);
        if number < 4 {
            log_in(&app, HOME, &email, PASSWORD).data(200);
        }
    }
    refused(&log_in(&app, HOME, &email, PASSWORD));
    refused(&log_in(&app, HOME, "no address", "wrong horse"));
    log_in(&app, "198.51.100.8", &email, PASSWORD).data(200);
}

#[test]
fn after_a_hundred_failures_for_one_account_it_is_refused_everywhere() {
    let app = counting(&[]);
    let (email, another) = (a_technician(&app, "tanja"), a_technician(&app, "anders"));
    for number in 0..10 {
        log_in(&app, "2001:db8::1", &email, PASSWORD).data(200);
        fail(&app, &format!("198.51.100.{number}"), &email, 10);
    }
    for from in ["2001:db8::1", "198.51.100.0", "203.0.113.9"] {
        refused(&log_in(&app, from, &email, PASSWORD));
    }
    log_in(&app, "198.51.100.0", &another, PASSWORD).data(200);
}

#[test]
fn what_is_refused_counts_nowhere() {
    let app = counting(&[]);
    let email = a_technician(&app, "tanja");
    fail(&app, HOME, &email, 10);
    let before = counts(&app);
    for _ in 0..60 {
        refused(&log_in(&app, HOME, &email, "wrong horse"));
    }
    assert_eq!(counts(&app), before);
    // Ten of fifty are counted for the address, so that forty are left.
    for number in 0..4 {
        fail(&app, HOME, &format!("{number}@technicians.example"), 10);
    }
    refused(&log_in(&app, HOME, "4@technicians.example", PASSWORD));
    log_in(&app, "198.51.100.8", &email, PASSWORD).data(200);
}

#[test]
fn a_right_password_is_no_failure() {
    let app = counting(&[]);
    let email = a_technician(&app, "tanja");
    fail(&app, HOME, &email, 9);
    let before = counts(&app);
    for _ in 0..60 {
        log_in(&app, HOME, &email, PASSWORD).data(200);
    }
    assert_eq!(counts(&app), before);
    fail(&app, HOME, &email, 1);
    refused(&log_in(&app, HOME, &email, PASSWORD));
}

#[test]
fn who_does_not_exist_or_is_shut_out_is_counted_like_anybody() {
    let app = counting(&[("RATE_LIMIT_LOGIN_ADDRESS", "1000")]);
    let (deactivated, removed) = (app.technician("deactivated"), app.company("removed"));
    app.database.run(&format!("UPDATE users SET active = false WHERE id = '{}'", deactivated.user_id));
    app.database.run(&format!("DELETE FROM company_members WHERE user_id = '{}'", removed.user_id));
    let over_long = format!("{}@technicians.example", "a".repeat(300));
    let nobody = ["nobody@technicians.example", "no address", "æøå 🌬", &over_long];
    for email in nobody.into_iter().chain([deactivated.email.as_str(), &removed.email]) {
        for password in ["wrong horse", PASSWORD, "", "short", &"x".repeat(73)] {
            for _ in 0..2 {
                assert_eq!(log_in(&app, HOME, email, password).code(401), "invalid_credentials");
            }
        }
        refused(&log_in(&app, HOME, email, PASSWORD));
    }
}

#[test]
fn what_is_refused_for_its_shape_is_no_try() {
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
fn nothing_else_is_refused_to_who_failed_too_often() {
    let app = counting(&[("RATE_LIMIT_LOGIN_ADDRESS", "1")]);
    let technician = app.technician("tanja");
    fail(&app, HOME, &technician.email, 1);
    refused(&log_in(&app, HOME, &technician.email, PASSWORD));
    register(&app, HOME, "anders@technicians.example").data(201);
    for path in ["/api/users/me", "/api/technicians/me/passport", "/api/jobs"] {
        app.get(path).header("X-Forwarded-For", HOME).bearer(&technician.token).send().data(200);
    }
}
