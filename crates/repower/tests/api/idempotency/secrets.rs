use serde_json::{Value, json};

use super::{JOIN, REGISTER, a_registration, is_replayed, keyed_requests};
use crate::support::{App, PASSWORD, Reply, World, claims_of, text};

fn send(app: &App, path: &str, body: &Value) -> Reply {
    app.post(path).header("Idempotency-Key", app.database.name()).json(body).send()
}

/// The requests whose responses have a token.
fn registrations(app: &App) -> [(&'static str, Value); 2] {
    let company = app.company("vestas");
    let invitation = app.invitation(&company, "rita@vestas.example", "RECRUITER");
    [(REGISTER, a_registration()), (JOIN, json!({"token": invitation, "password": PASSWORD}))]
}

#[test]
fn a_replay_has_a_valid_token() {
    let app = App::start();
    for (path, body) in registrations(&app) {
        let first = send(&app, path, &body).data(201);
        for _ in 0..2 {
            let again = send(&app, path, &body);
            assert!(is_replayed(&again), "{path}");
            let data = again.data(201);
            let claims = claims_of(&text(&data["token"]));
            assert_eq!(claims["sub"], first["user"]["id"]);
            assert_eq!(claims["role"], claims_of(&text(&first["token"]))["role"]);
            for token in [&first["token"], &data["token"]] {
                let own = app.get("/api/users/me").bearer(&text(token)).send().data(200);
                assert_eq!(own["user"], first["user"], "{path}");
            }
        }
    }
}

#[test]
fn neither_tokens_nor_passwords_are_stored() {
    let app = App::start();
    for (path, body) in registrations(&app) {
        let replies = [send(&app, path, &body), send(&app, path, &body)];
        let tokens = replies.map(|reply| text(&reply.data(201)["token"]));
        let sent = ["password", "token"].map(|field| body[field].as_str().unwrap_or(PASSWORD).to_owned());
        for secret in tokens.iter().chain(&sent).map(String::as_str).chain(["expiresAt"]) {
            assert!(!app.database.holds(secret), "{path} {secret}");
        }
    }
    assert_eq!(app.database.rows("kept_answers WHERE secret_kind = 'SIGN_IN' AND secret_of IS NOT NULL"), 2);
}

/// A reader of the database could guess passwords from a digest without a key.
#[test]
fn the_fingerprint_of_a_request_is_not_a_plain_digest() {
    let app = App::start();
    let body = a_registration();
    send(&app, REGISTER, &body).data(201);
    for guess in
        [body.to_string(), format!("POST{REGISTER}{body}"), format!("POST\n{REGISTER}\n{body}"), PASSWORD.to_owned()]
    {
        assert_eq!(app.database.rows(&format!("kept_answers WHERE request_digest = sha256('{guess}')")), 0);
    }
}

#[test]
fn a_replay_has_a_token_of_the_session_of_the_registration_and_begins_none() {
    let app = App::start();
    for (path, body) in registrations(&app) {
        let [first, again] = [(); 2].map(|()| send(&app, path, &body).data(201));
        let session = |data: &Value| claims_of(&text(&data["token"]))["sid"].clone();
        assert_eq!(session(&again), session(&first), "{path}");
        assert_eq!(again["expiresAt"], first["expiresAt"]);
    }
    assert_eq!(app.database.rows("sessions"), 3);
}

#[test]
fn once_its_session_has_ended_a_registration_is_replayed_without_a_token() {
    type End = fn(&App, &Value);
    let ends: [End; 4] = [
        |app, data| {
            app.post("/api/auth/logout").bearer(&text(&data["token"])).send().data(200);
        },
        |app, data| {
            let change = json!({"currentPassword": PASSWORD, "newPassword": "battery staple"});
            app.post("/api/users/me/password").bearer(&text(&data["token"])).json(&change).send().data(200);
        },
        |app, data| set_active(app, data, &[false]),
        // An activation does not bring it back.
        |app, data| set_active(app, data, &[false, true]),
    ];
    for end in ends {
        let app = App::start();
        for (path, body) in registrations(&app) {
            end(&app, &send(&app, path, &body).data(201));
            assert_eq!(send(&app, path, &body).code(409), "conflict", "{path}");
        }
    }
}

fn set_active(app: &App, data: &Value, states: &[bool]) {
    let user = text(&data["user"]["id"]);
    for active in states {
        app.database.run(&format!("UPDATE users SET active = {active} WHERE id = '{user}'"));
    }
}

#[test]
fn responses_without_secrets_are_stored_unchanged() {
    let world = World::new();
    for keyed in keyed_requests(&world).into_iter().filter(|keyed| !keyed.shows_secret()) {
        let reply = keyed.send(&world);
        reply.data(201);
        let bodies =
            world.app().database.texts("SELECT convert_from(body, 'UTF8') FROM kept_answers ORDER BY created_at");
        assert_eq!(bodies.last(), Some(&reply.text), "{}", keyed.route.name);
    }
}
