//! Housekeeping: deletion of stored responses, throttle counters, invitations and sessions
//! that have expired.

use chrono::TimeDelta;
use repower::environment::SystemClock;
use repower_domain::accounts::SessionLimits;
use repower_ports::{Clock, operation::Housekeeping};
use repower_postgres::Database;
use serde_json::json;

use crate::support::{App, PASSWORD, Person, Reply};

fn sweep(app: &App) -> usize {
    Database::new(&app.database.url(), 1).sweep(SystemClock.now()).unwrap()
}

fn sweep_sessions(app: &App, idle: Option<TimeDelta>) -> usize {
    let limits = SessionLimits { lifetime: TimeDelta::days(7), idle };
    Database::new(&app.database.url(), 1).sweep_sessions(&limits.live_at(SystemClock.now())).unwrap()
}

fn certify(app: &App, technician: &Person, key: &str) -> Reply {
    let body = json!({"name": key, "provider": "GWO", "validFrom": "2026-01-01", "validUntil": "2028-01-01"});
    let request = app.post("/api/technicians/me/certifications").bearer(&technician.token);
    request.header("Idempotency-Key", key).json(&body).send()
}

fn fail(app: &App, email: &str) -> u16 {
    let body = json!({"email": email, "password": "wrong horse"});
    app.post("/api/auth/login").json(&body).send().status.as_u16()
}

#[test]
fn rows_that_have_not_expired_are_not_deleted() {
    let app = App::start_with(&[("RATE_LIMIT_ENABLED", "true")]);
    let (technician, company) = (app.technician("tanja"), app.company("vestas"));
    certify(&app, &technician, "k").data(201);
    app.invitation(&company, "rita@vestas.example", "VIEWER");
    fail(&app, &technician.email);
    let before = app.database.contents();
    assert_eq!(sweep(&app), 0);
    assert_eq!(app.database.contents(), before);
}

#[test]
fn stored_responses_are_deleted_after_a_day() {
    let app = App::start();
    let technician = app.technician("tanja");
    for key in ["young", "old", "older"] {
        certify(&app, &technician, key).data(201);
    }
    for (key, interval) in [("young", "23 hours 55 minutes"), ("old", "24 hours"), ("older", "90 days")] {
        let age = format!("UPDATE kept_answers SET created_at = created_at - interval '{interval}'");
        app.database.run(&format!("{age} WHERE key = '{key}'"));
    }
    assert_eq!(sweep(&app), 2);
    assert_eq!(app.database.texts("SELECT key FROM kept_answers"), ["young"]);
    assert_eq!(certify(&app, &technician, "young").header("Idempotency-Replayed"), Some("true"));
    assert_eq!(app.database.rows("certifications"), 3);
    assert_eq!(sweep(&app), 0);
}

#[test]
fn throttle_counters_are_deleted_after_their_window() {
    let app = App::start_with(&[("RATE_LIMIT_ENABLED", "true"), ("RATE_LIMIT_LOGIN_ACCOUNT_ADDRESS", "1")]);
    let email = app.technician("tanja").email;
    fail(&app, &email);
    let end = "UPDATE throttle_windows SET window_ends_at = now()";
    app.database.run(&format!("{end} WHERE scope IN ('LOGIN_ACCOUNT', 'REGISTER_ADDRESS')"));
    assert_eq!(sweep(&app), 2);
    let scopes = app.database.texts("SELECT scope FROM throttle_windows ORDER BY 1");
    assert_eq!(scopes, ["LOGIN_ACCOUNT_ADDRESS", "LOGIN_ADDRESS"]);
    assert_eq!(fail(&app, &email), 429);
    app.database.run(end);
    assert_eq!((sweep(&app), app.database.rows("throttle_windows"), fail(&app, &email)), (2, 0, 401));
}

#[test]
fn expired_invitations_are_deleted() {
    let app = App::start();
    let company = app.company("vestas");
    let [expired, pending] =
        ["rita@vestas.example", "rolf@vestas.example"].map(|email| app.invitation(&company, email, "VIEWER"));
    let expire = "UPDATE invitations SET created_at = now() - interval '7 days', expires_at = now()";
    app.database.run(&format!("{expire} WHERE email = 'rita@vestas.example'"));
    assert_eq!(sweep(&app), 1);
    assert_eq!(app.database.texts("SELECT email FROM invitations"), ["rolf@vestas.example"]);
    assert_eq!(app.join(&expired).code(404), "not_found");
    let body = json!({"token": pending, "password": PASSWORD});
    app.post("/api/auth/accept-invitation").json(&body).send().data(201);
}

#[test]
fn sessions_are_deleted_when_they_expire_and_when_they_are_idle() {
    let app = App::start();
    let [live, idle, expired] = ["lasse", "ida", "eva"].map(|name| app.technician(name).user_id);
    let begun = "created_at = now() - interval '7 days', last_used_at = now() - interval";
    for (user, times) in [
        (&live, format!("{begun} '31 minutes'")),
        (&idle, format!("{begun} '33 minutes'")),
        (&expired, format!("{begun} '0', expires_at = now()")),
    ] {
        app.database.run(&format!("UPDATE sessions SET {times} WHERE user_id = '{user}'"));
    }
    assert_eq!(sweep_sessions(&app, None), 1);
    let mut left = [live.clone(), idle];
    left.sort();
    let users = || app.database.texts("SELECT user_id::text FROM sessions ORDER BY 1");
    assert_eq!(users(), left);
    assert_eq!(sweep_sessions(&app, Some(TimeDelta::minutes(30))), 1);
    assert_eq!(users(), [live]);
    assert_eq!(sweep_sessions(&app, Some(TimeDelta::minutes(30))), 0);
}
