//! "Lock-out" of section 11a: whom the failures of others do not lock out.

use serde_json::json;

use super::{EMAIL, TRUSTED, counting, fail, log_in, register, throttled};
use crate::support::{App, PASSWORD, Process, Reply, text};

const HOME: &str = "198.51.100.7";

/// A server that locks an account after three failures from everywhere.
fn strict() -> App {
    counting(&[("RATE_LIMIT_LOGIN_ACCOUNT", "3"), ("RATE_LIMIT_LOGIN_ACCOUNT_ADDRESS", "2")])
}

/// Locks an account, from addresses of which none is known.
fn lock(app: &App, email: &str) {
    fail(app, "203.0.113.1", email, 2);
    fail(app, "203.0.113.2", email, 1);
    throttled(&log_in(app, "203.0.113.3", email, PASSWORD));
}

fn change_password(app: &App, from: &str, token: &str, current: &str) -> Reply {
    let body = json!({"currentPassword": current, "newPassword": "battery staple"});
    app.post("/api/users/me/password").header("X-Forwarded-For", from).bearer(token).json(&body).send()
}

#[test]
fn a_locked_account_logs_in_where_it_signed_in_before_but_not_elsewhere() {
    let app = strict();
    let email = app.technician("tanja").email;
    for from in [HOME, "2001:db8:7:9::1"] {
        log_in(&app, from, &email, PASSWORD).data(200);
    }
    lock(&app, &email);
    for from in [HOME, "2001:db8:7:9:ffff::2"] {
        for _ in 0..3 {
            log_in(&app, from, &email, PASSWORD).data(200);
        }
    }
    for from in ["198.51.100.8", "2001:db8:7:a::1"] {
        throttled(&log_in(&app, from, &email, PASSWORD));
    }
}

#[test]
fn a_super_admin_is_not_locked_out_where_they_signed_in_before() {
    let app = strict();
    let root = app.super_admin();
    log_in(&app, HOME, &root.email, PASSWORD).data(200);
    lock(&app, &root.email);
    log_in(&app, HOME, &root.email, PASSWORD).data(200);
}

#[test]
fn a_registration_and_an_accepted_invitation_make_the_address_known() {
    let app = strict();
    register(&app, HOME, EMAIL).data(201);
    let invitation = app.invitation(&app.company("vestas"), "rita@vestas.example", "RECRUITER");
    let body = json!({"token": invitation, "password": PASSWORD});
    app.post("/api/auth/accept-invitation").header("X-Forwarded-For", HOME).json(&body).send().data(201);
    for email in [EMAIL, "rita@vestas.example"] {
        lock(&app, email);
        log_in(&app, HOME, email, PASSWORD).data(200);
    }
}

#[test]
fn an_address_is_known_to_one_account_and_for_thirty_days() {
    let app = strict();
    let [one, other] = ["tanja", "anders"].map(|name| app.technician(name).email);
    log_in(&app, HOME, &one, PASSWORD).data(200);
    for email in [&one, &other] {
        lock(&app, email);
    }
    throttled(&log_in(&app, HOME, &other, PASSWORD));
    app.database.run("UPDATE known_addresses SET used_at = now() - interval '30 days'");
    throttled(&log_in(&app, HOME, &one, PASSWORD));
}

#[test]
fn failures_from_a_known_address_are_limited_there() {
    let app = strict();
    let email = app.technician("tanja").email;
    log_in(&app, HOME, &email, PASSWORD).data(200);
    lock(&app, &email);
    fail(&app, HOME, &email, 2);
    throttled(&log_in(&app, HOME, &email, PASSWORD));
}

#[test]
fn a_failed_login_makes_no_address_known() {
    let app = strict();
    let email = app.technician("tanja").email;
    fail(&app, HOME, &email, 1);
    let before = app.database.rows("known_addresses");
    fail(&app, "203.0.113.1", &email, 2);
    throttled(&log_in(&app, HOME, &email, PASSWORD));
    assert_eq!(app.database.rows("known_addresses"), before);
}

#[test]
fn the_response_to_a_locked_account_does_not_tell_whether_it_exists() {
    let app = strict();
    let email = app.technician("tanja").email;
    for email in [email.as_str(), "nobody@technicians.example", "no email"] {
        lock(&app, email);
    }
    let [known, unknown, invalid] = [email.as_str(), "nobody@technicians.example", "no email"]
        .map(|email| log_in(&app, "203.0.113.3", email, PASSWORD).text);
    assert_eq!((&known, &known), (&unknown, &invalid));
}

#[test]
fn failed_logins_do_not_keep_a_user_from_changing_the_password() {
    let app = strict();
    let technician = app.technician("tanja");
    fail(&app, HOME, &technician.email, 2);
    fail(&app, "203.0.113.1", &technician.email, 1);
    throttled(&log_in(&app, HOME, &technician.email, PASSWORD));
    change_password(&app, HOME, &technician.token, PASSWORD).data(200);
}

#[test]
fn wrong_current_passwords_from_elsewhere_do_not_keep_a_user_from_changing_the_password_at_home() {
    let app = strict();
    let technician = app.technician("tanja");
    log_in(&app, HOME, &technician.email, PASSWORD).data(200);
    for from in ["203.0.113.1", "203.0.113.2", "203.0.113.3"] {
        let wrong = change_password(&app, from, &technician.token, "wrong horse");
        assert_eq!(wrong.fields(), ["currentPassword: mismatch"]);
    }
    throttled(&change_password(&app, "203.0.113.4", &technician.token, PASSWORD));
    change_password(&app, HOME, &technician.token, PASSWORD).data(200);
}

/// Who knew the old password may have signed in elsewhere.
#[test]
fn after_a_change_of_the_password_only_its_own_address_is_known() {
    let app = strict();
    let technician = app.technician("tanja");
    let elsewhere = "203.0.113.9";
    for from in [HOME, elsewhere] {
        log_in(&app, from, &technician.email, PASSWORD).data(200);
    }
    change_password(&app, HOME, &technician.token, PASSWORD).data(200);
    lock(&app, &technician.email);
    throttled(&log_in(&app, elsewhere, &technician.email, "battery staple"));
    log_in(&app, HOME, &technician.email, "battery staple").data(200);
}

#[test]
fn wrong_current_passwords_are_limited_at_a_client_address() {
    let app = strict();
    let technician = app.technician("tanja");
    for _ in 0..2 {
        let wrong = change_password(&app, HOME, &technician.token, "wrong horse");
        assert_eq!(wrong.fields(), ["currentPassword: mismatch"]);
    }
    throttled(&change_password(&app, HOME, &technician.token, PASSWORD));
    let another = app.technician("anders");
    change_password(&app, HOME, &another.token, PASSWORD).data(200);
}

#[test]
fn an_ipv6_client_is_counted_by_its_48_with_ten_times_the_limit() {
    let app = counting(&[("RATE_LIMIT_LOGIN_ADDRESS", "1"), ("RATE_LIMIT_REGISTER_ADDRESS", "1")]);
    let address = |number: usize| format!("2001:db8:7:{number}::1");
    let email = |number: usize| format!("{number}@technicians.example");
    for number in 0..10 {
        register(&app, &address(number), &email(number)).data(201);
        fail(&app, &address(number), &email(number), 1);
    }
    throttled(&register(&app, &address(10), &email(10)));
    throttled(&log_in(&app, &address(10), &email(10), PASSWORD));
    register(&app, "2001:db8:8::1", &email(10)).data(201);
    log_in(&app, "2001:db8:8::1", &email(10), PASSWORD).data(200);
}

#[test]
fn a_command_unlocks_an_account() {
    let app = strict();
    let technician = app.technician("tanja");
    let unlock = |email: &str| Process::on(&app.database, &["unlock", "--email", email]).finish();
    fail(&app, HOME, &technician.email, 2);
    let wrong = change_password(&app, HOME, &technician.token, "wrong horse");
    assert_eq!(wrong.fields(), ["currentPassword: mismatch"]);
    for from in [HOME, "203.0.113.1"] {
        throttled(&log_in(&app, from, &technician.email, PASSWORD));
    }
    let before = super::counts(&app).len();
    let unlocked = unlock("Tanja@Technicians.Example");
    assert_eq!(unlocked.code, Some(0), "{}", unlocked.err);
    assert!(unlocked.out.contains("tanja@technicians.example") && unlocked.out.ends_with(": 4\n"), "{}", unlocked.out);
    assert_eq!(super::counts(&app).len(), before - 4);
    for from in [HOME, "203.0.113.1"] {
        log_in(&app, from, &technician.email, PASSWORD).data(200);
    }
    change_password(&app, HOME, &technician.token, PASSWORD).data(200);
    let nobody = unlock("nobody@technicians.example");
    assert_eq!((nobody.code, nobody.out.ends_with(": 0\n")), (Some(0), true), "{}", nobody.err);
    assert_eq!(unlock("no email").code, Some(1));
}

#[test]
fn known_addresses_are_not_stored_as_such() {
    let app = counting(&[]);
    let email = app.technician("tanja").email;
    log_in(&app, HOME, &email, PASSWORD).data(200);
    assert!(app.database.rows("known_addresses") > 0);
    assert!(!app.database.holds(HOME));
}

#[test]
fn without_limits_no_address_is_remembered() {
    let app = App::start_with(&[TRUSTED]);
    register(&app, HOME, EMAIL).data(201);
    let login = log_in(&app, HOME, EMAIL, PASSWORD).data(200);
    assert!(!text(&login["token"]).is_empty());
    assert_eq!(app.database.rows("known_addresses"), 0);
}
