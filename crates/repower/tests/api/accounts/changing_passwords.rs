use serde_json::{Value, json};

use super::log_in;
use crate::support::{App, PASSWORD, Person, Reply, a_moment, claims_of, text, with};

const PATH: &str = "/api/users/me/password";
const NEW: &str = "battery staple";

fn change(app: &App, token: &str, body: &Value) -> Reply {
    app.post(PATH).bearer(token).json(body).send()
}

fn to_new() -> Value {
    json!({"currentPassword": PASSWORD, "newPassword": NEW})
}

/// What somebody with this token is answered.
fn entered(app: &App, token: &str) -> u16 {
    let reply = app.get("/api/users/me").bearer(token).send();
    if reply.status != 200 {
        assert_eq!(reply.code(401), "unauthenticated");
        assert_eq!(reply.header("WWW-Authenticate"), Some("Bearer"));
    }
    reply.status.as_u16()
}

fn shut_out(app: &App, person: &Person) {
    app.database.run(&format!("UPDATE users SET active = false WHERE id = '{}'", person.user_id));
}

#[test]
fn the_new_password_is_good_from_then_on_and_the_old_one_no_longer() {
    let app = App::start();
    for (role, person) in app.one_of_each_role() {
        let reply = change(&app, &person.token, &to_new());
        let data =
            json!({"token": text(&reply.data(200)["token"]), "expiresAt": a_moment(&reply.data(200)["expiresAt"])});
        assert_eq!(reply.body(), json!({"success": true, "message": reply.body()["message"], "data": data}), "{role}");
        assert_eq!(log_in(&app, &person.email, PASSWORD).code(401), "invalid_credentials", "{role}");
        log_in(&app, &person.email, NEW).data(200);
        assert_eq!(entered(&app, &text(&data["token"])), 200, "{role}");
    }
}

#[test]
fn the_new_token_claims_what_the_earlier_one_did() {
    let app = App::start();
    for (role, person) in app.one_of_each_role() {
        let fresh = text(&change(&app, &person.token, &to_new()).data(200)["token"]);
        let (former, latter) = (claims_of(&person.token), claims_of(&fresh));
        for claim in ["sub", "role", "technicianId", "companyId"] {
            assert_eq!(latter.get(claim), former.get(claim), "{role} {claim}");
        }
        let lifetime = |claims: &Value| claims["exp"].as_i64().unwrap() - claims["iat"].as_i64().unwrap();
        assert_eq!(lifetime(&latter), lifetime(&former));
    }
}

#[test]
fn every_earlier_token_is_refused_at_once_on_every_server() {
    let app = App::start();
    let beside = app.beside(&[]);
    let person = app.technician("tanja");
    let mut earlier = vec![person.token.clone(), text(&log_in(&beside, &person.email, PASSWORD).data(200)["token"])];
    let mut password = PASSWORD.to_owned();
    // Several times, so that some fall in one second.
    for number in 0..8 {
        let next = format!("{NEW} {number}");
        let body = json!({"currentPassword": password, "newPassword": next});
        let fresh = text(&change(&app, earlier.last().unwrap(), &body).data(200)["token"]);
        for server in [&app, &beside] {
            assert!(earlier.iter().all(|token| entered(server, token) == 401), "{number}");
            assert_eq!(entered(server, &fresh), 200, "{number}");
        }
        let signed_in = text(&log_in(&beside, &person.email, &next).data(200)["token"]);
        assert_eq!([&app, &beside].map(|server| entered(server, &signed_in)), [200; 2], "{number}");
        earlier.extend([fresh, signed_in]);
        password = next;
    }
}

#[test]
fn the_tokens_and_the_password_of_others_stand() {
    let app = App::start();
    let (person, another) = (app.technician("tanja"), app.technician("anders"));
    change(&app, &person.token, &to_new()).data(200);
    assert_eq!(entered(&app, &another.token), 200);
    log_in(&app, &another.email, PASSWORD).data(200);
}

#[test]
fn a_wrong_present_password_is_told_on_its_field_and_changes_nothing() {
    let app = App::start();
    let person = app.technician("tanja");
    let before = app.database.contents();
    for wrong in ["wrong horse", "", " ", "short", "Correct horse", "correct horse ", NEW, &"x".repeat(73)] {
        let reply = change(&app, &person.token, &with(&to_new(), &json!({"currentPassword": wrong})));
        assert_eq!(reply.fields(), ["currentPassword: mismatch"], "{wrong:?}");
    }
    assert_eq!(app.database.contents(), before);
    assert_eq!(entered(&app, &person.token), 200);
}

#[test]
fn the_new_password_has_the_rules_of_any() {
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
        // Whether the present one is right is not even asked.
        let body = json!({"currentPassword": "wrong horse", "newPassword": new});
        assert_eq!(change(&app, &person.token, &body).fields(), [format!("newPassword: {code}")], "{new}");
    }
    let none = change(&app, &person.token, &json!({"password": NEW}));
    assert_eq!(none.fields(), ["currentPassword: required", "newPassword: required", "password: unknown_field"]);
    assert_eq!(app.database.contents(), before);
    let mut present = PASSWORD.to_owned();
    let mut token = person.token;
    for new in ["12345678".to_owned(), "  123456".to_owned(), "é".repeat(36), "é".repeat(36)] {
        let body = json!({"currentPassword": present, "newPassword": new});
        token = text(&change(&app, &token, &body).data(200)["token"]);
        log_in(&app, &person.email, &new).data(200);
        present = new;
    }
}

#[test]
fn a_wrong_present_password_counts_as_a_failed_login() {
    let app = App::start_with(&[("RATE_LIMIT_ENABLED", "true"), ("RATE_LIMIT_LOGIN_ACCOUNT_ADDRESS", "4")]);
    let person = app.technician("tanja");
    let wrong = with(&to_new(), &json!({"currentPassword": "wrong horse"}));
    log_in(&app, &person.email, "wrong horse").code(401);
    for _ in 0..2 {
        assert_eq!(change(&app, &person.token, &wrong).fields(), ["currentPassword: mismatch"]);
        // What is refused for its shape is no try.
        change(&app, &person.token, &with(&wrong, &json!({"newPassword": "short"}))).code(400);
    }
    // A right one is taken back.
    let token = text(&change(&app, &person.token, &to_new()).data(200)["token"]);
    log_in(&app, &person.email, "wrong horse").code(401);
    let before = app.database.contents();
    let back = json!({"currentPassword": NEW, "newPassword": PASSWORD});
    for body in [&back, &wrong] {
        let refused = change(&app, &token, body);
        assert_eq!(refused.code(429), "too_many_requests");
        assert!(refused.header("Retry-After").is_some());
    }
    assert_eq!(log_in(&app, &person.email, NEW).code(429), "too_many_requests");
    assert_eq!(app.database.contents(), before);
    assert_eq!(entered(&app, &token), 200);
}

#[test]
fn who_is_not_or_no_longer_let_in_changes_nothing() {
    let app = App::start();
    let (deactivated, removed) = (app.technician("tanja"), app.company("vestas"));
    shut_out(&app, &deactivated);
    app.database.run(&format!("DELETE FROM company_members WHERE user_id = '{}'", removed.user_id));
    let before = app.database.contents();
    for body in [to_new(), json!({})] {
        assert_eq!(app.post(PATH).json(&body).send().code(401), "unauthenticated");
        for person in [&deactivated, &removed] {
            assert_eq!(change(&app, &person.token, &body).code(401), "unauthenticated");
        }
    }
    assert_eq!(app.database.contents(), before);
}
