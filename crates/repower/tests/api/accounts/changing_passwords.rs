use serde_json::{Value, json};

use super::log_in;
use crate::support::{App, PASSWORD, Reply, a_moment, claims_of, text, with};

const PATH: &str = "/api/users/me/password";
const NEW: &str = "battery staple";

fn change(app: &App, token: &str, body: &Value) -> Reply {
    app.post(PATH).bearer(token).json(body).send()
}

fn change_to_new() -> Value {
    json!({"currentPassword": PASSWORD, "newPassword": NEW})
}

/// The status that a token gets.
fn status_with(app: &App, token: &str) -> u16 {
    let reply = app.get("/api/users/me").bearer(token).send();
    if reply.status != 200 {
        assert_eq!(reply.code(401), "unauthenticated");
        assert_eq!(reply.header("WWW-Authenticate"), Some("Bearer"));
    }
    reply.status.as_u16()
}

#[test]
fn the_new_password_replaces_the_old_one_at_once() {
    let app = App::start();
    for (role, person) in app.one_of_each_role() {
        let reply = change(&app, &person.token, &change_to_new());
        let data =
            json!({"token": text(&reply.data(200)["token"]), "expiresAt": a_moment(&reply.data(200)["expiresAt"])});
        assert_eq!(reply.body(), json!({"success": true, "message": reply.body()["message"], "data": data}), "{role}");
        assert_eq!(log_in(&app, &person.email, PASSWORD).code(401), "invalid_credentials", "{role}");
        log_in(&app, &person.email, NEW).data(200);
        assert_eq!(status_with(&app, &text(&data["token"])), 200, "{role}");
    }
}

#[test]
fn the_new_token_has_the_claims_of_the_earlier_one() {
    let app = App::start();
    for (role, person) in app.one_of_each_role() {
        let fresh = text(&change(&app, &person.token, &change_to_new()).data(200)["token"]);
        let (earlier_claims, new_claims) = (claims_of(&person.token), claims_of(&fresh));
        for claim in ["sub", "role", "technicianId", "companyId"] {
            assert_eq!(new_claims.get(claim), earlier_claims.get(claim), "{role} {claim}");
        }
        let lifetime = |claims: &Value| claims["exp"].as_i64().unwrap() - claims["iat"].as_i64().unwrap();
        assert_eq!(lifetime(&new_claims), lifetime(&earlier_claims));
    }
}

#[test]
fn every_server_rejects_every_earlier_token_at_once() {
    let app = App::start();
    let beside = app.beside(&[]);
    let person = app.technician("tanja");
    let mut earlier = vec![person.token.clone(), text(&log_in(&beside, &person.email, PASSWORD).data(200)["token"])];
    let mut password = PASSWORD.to_owned();
    // Several changes, so that some of them happen in one second.
    for number in 0..8 {
        let next = format!("{NEW} {number}");
        let body = json!({"currentPassword": password, "newPassword": next});
        let fresh = text(&change(&app, earlier.last().unwrap(), &body).data(200)["token"]);
        for server in [&app, &beside] {
            assert!(earlier.iter().all(|token| status_with(server, token) == 401), "{number}");
            assert_eq!(status_with(server, &fresh), 200, "{number}");
        }
        let logged_in = text(&log_in(&beside, &person.email, &next).data(200)["token"]);
        // A client that allows no leeway takes each of them at once.
        let now = app.database.number("SELECT floor(extract(epoch FROM clock_timestamp()))::bigint");
        for token in [&fresh, &logged_in] {
            assert!(claims_of(token)["iat"].as_i64().unwrap() <= now, "{number}");
        }
        assert_eq!([&app, &beside].map(|server| status_with(server, &logged_in)), [200; 2], "{number}");
        earlier.extend([fresh, logged_in]);
        password = next;
    }
}

#[test]
fn the_tokens_and_the_password_of_other_users_stay_valid() {
    let app = App::start();
    let (person, another) = (app.technician("tanja"), app.technician("anders"));
    change(&app, &person.token, &change_to_new()).data(200);
    assert_eq!(status_with(&app, &another.token), 200);
    log_in(&app, &another.email, PASSWORD).data(200);
}

#[test]
fn a_wrong_current_password_is_reported_on_its_field_and_changes_nothing() {
    let app = App::start();
    let person = app.technician("tanja");
    let before = app.database.contents();
    for wrong in ["wrong horse", "", " ", "short", "Correct horse", "correct horse ", NEW, &"x".repeat(73)] {
        let reply = change(&app, &person.token, &with(&change_to_new(), &json!({"currentPassword": wrong})));
        assert_eq!(reply.fields(), ["currentPassword: mismatch"], "{wrong:?}");
    }
    assert_eq!(app.database.contents(), before);
    assert_eq!(status_with(&app, &person.token), 200);
}

#[test]
fn the_new_password_follows_the_rules_of_registration() {
    let app = App::start();
    let person = app.technician("tanja");
    let before = app.database.contents();
    for (new, code) in [
        (json!("1234567"), "too_short"),
        (json!("æøåæøåæ"), "too_short"),
        (json!("x".repeat(73)), "too_long"),
        (json!("é".repeat(36) + "x"), "too_long"),
        (json!("with\u{0}nul-byte"), "invalid_format"),
        (json!(""), "required"),
        (json!(null), "wrong_type"),
        (json!(12_345_678), "wrong_type"),
    ] {
        // The current password is not verified.
        let body = json!({"currentPassword": "wrong horse", "newPassword": new});
        assert_eq!(change(&app, &person.token, &body).fields(), [format!("newPassword: {code}")], "{new}");
    }
    let none = change(&app, &person.token, &json!({"password": NEW}));
    assert_eq!(none.fields(), ["currentPassword: required", "newPassword: required", "password: unknown_field"]);
    assert_eq!(app.database.contents(), before);
    let mut current = PASSWORD.to_owned();
    let mut token = person.token;
    for new in ["12344678".to_owned(), "  123456".to_owned(), "é".repeat(36), "é".repeat(36)] {
        let body = json!({"currentPassword": current, "newPassword": new});
        token = text(&change(&app, &token, &body).data(200)["token"]);
        log_in(&app, &person.email, &new).data(200);
        current = new;
    }
}

#[test]
fn a_wrong_current_password_counts_as_a_failed_login() {
    let app = App::start_with(&[("RATE_LIMIT_ENABLED", "true"), ("RATE_LIMIT_LOGIN_ACCOUNT_ADDRESS", "4")]);
    let person = app.technician("tanja");
    let wrong = with(&change_to_new(), &json!({"currentPassword": "wrong horse"}));
    log_in(&app, &person.email, "wrong horse").code(401);
    for _ in 0..3 {
        assert_eq!(change(&app, &person.token, &wrong).fields(), ["currentPassword: mismatch"]);
        // An invalid body is not an attempt.
        change(&app, &person.token, &with(&wrong, &json!({"newPassword": "short"}))).code(400);
    }
    // A correct password does not count as an attempt.
    let token = text(&change(&app, &person.token, &change_to_new()).data(200)["token"]);
    assert_eq!(log_in(&app, &person.email, NEW).code(429), "too_many_requests");
    // Failed logins do not count for changes of the password, which have a limit of their own.
    assert_eq!(change(&app, &token, &wrong).fields(), ["currentPassword: mismatch"]);
    let before = app.database.contents();
    let back = json!({"currentPassword": NEW, "newPassword": PASSWORD});
    for body in [&back, &wrong] {
        let rejected = change(&app, &token, body);
        assert_eq!(rejected.code(429), "too_many_requests");
        assert!(rejected.header("Retry-After").is_some());
    }
    assert_eq!(app.database.contents(), before);
    assert_eq!(status_with(&app, &token), 200);
}
