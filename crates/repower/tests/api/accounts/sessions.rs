//! Log-out, the list of sessions and their end.

use repower_domain::accounts::Session;
use repower_ports::accounts::SessionUses;
use repower_postgres::Database;
use serde_json::{Value, json};

use super::{a_technician, log_in, register};
use crate::support::{
    App, PASSWORD, Person, Reply, UNKNOWN_ID, a_moment, an_id, claims_of, each, signed, signed_with, text, with,
};

const ME: &str = "/api/users/me";
const SESSIONS: &str = "/api/users/me/sessions";
const END: &str = "/api/users/me/sessions/end";
const LOGOUT: &str = "/api/auth/logout";

fn status(app: &App, token: &str) -> u16 {
    app.get(ME).bearer(token).send().status.as_u16()
}

/// The token of a new login.
fn token_of(app: &App, person: &Person) -> String {
    text(&log_in(app, &person.email, PASSWORD).data(200)["token"])
}

fn log_out(app: &App, token: &str) -> Reply {
    app.post(LOGOUT).bearer(token).send()
}

fn list(app: &App, token: &str) -> Value {
    app.get(SESSIONS).bearer(token).send().data(200)
}

fn end(app: &App, token: &str, body: &Value) -> Reply {
    app.post(END).bearer(token).json(body).send()
}

/// The id of the session of a token.
fn session(token: &str) -> String {
    text(&claims_of(token)["sid"])
}

/// A token of the same user without a session, as another service signs it.
fn sessionless(token: &str) -> String {
    let claims = claims_of(token);
    signed(&json!({"sub": claims["sub"], "iat": claims["iat"], "exp": claims["exp"]}))
}

/// Lets the session of a token have begun and be used last so long ago.
fn set_times(app: &App, token: &str, begun: &str, used: &str) {
    let times = format!("created_at = now() - interval '{begun}', last_used_at = now() - interval '{used}'");
    app.database.run(&format!("UPDATE sessions SET {times} WHERE id = '{}'", session(token)));
}

#[test]
fn each_login_begins_a_session_that_the_user_sees() {
    let app = App::start_with(&[("TRUSTED_PROXIES", "127.0.0.0/8")]);
    let registered = app.post("/api/auth/register").header("X-Forwarded-For", "198.51.100.7");
    let first = text(&registered.header("User-Agent", "Wind/1.0").json(&a_technician()).send().data(201)["token"]);
    let login = json!({"email": super::EMAIL, "password": PASSWORD});
    let second = app.post("/api/auth/login").header("X-Forwarded-For", "2001:db8:7:9::1");
    let second = second.header("User-Agent", &"x".repeat(250)).json(&login).send().data(200);
    let second = text(&second["token"]);
    set_times(&app, &first, "3 hours", "3 hours");
    let reply = app.get(SESSIONS).bearer(&second).send();
    let listed = reply.data(200);
    let expected = json!([
        {
            "id": session(&second), "createdAt": a_moment(&listed[0]["createdAt"]),
            "lastUsedAt": a_moment(&listed[0]["lastUsedAt"]), "userAgent": "x".repeat(200),
            "addressPrefix": "2001:db8:7::/48", "current": true,
        },
        {
            "id": an_id(&listed[1]["id"]), "createdAt": a_moment(&listed[1]["createdAt"]),
            "lastUsedAt": a_moment(&listed[1]["lastUsedAt"]), "userAgent": "Wind/1.0",
            "addressPrefix": "198.51.100.0/24", "current": false,
        },
    ]);
    assert_eq!(reply.body(), json!({"success": true, "message": reply.body()["message"], "data": expected}));
    assert_eq!(each(&listed, "id")[1], session(&first));
    assert!(each(&listed, "lastUsedAt").iter().all(|moment| moment.ends_with(":00.000Z")), "{listed}");
    // Seen from the other one, which this request uses.
    let other = list(&app, &first);
    assert_eq!(each(&other, "id"), [session(&first), session(&second)]);
    assert_eq!(other.as_array().unwrap().iter().filter(|one| one["current"] == true).count(), 1);
}

#[test]
fn a_log_out_ends_the_session_of_its_token_and_can_be_repeated() {
    let app = App::start();
    let person = app.technician("tanja");
    let [token, other] = [(); 2].map(|()| token_of(&app, &person));
    for _ in 0..3 {
        let reply = log_out(&app, &token);
        assert_eq!((reply.data(200), status(&app, &token)), (Value::Null, 401));
        assert_eq!([&other, &person.token].map(|token| status(&app, token)), [200; 2]);
    }
    assert_eq!(app.database.rows("sessions"), 2);
    // Without an account that may act, there is nothing to end.
    app.database.run(&format!("UPDATE users SET active = false WHERE id = '{}'", person.user_id));
    log_out(&app, &other).data(200);
}

#[test]
fn a_log_out_needs_a_valid_token_and_has_no_parameters() {
    let app = App::start();
    let person = app.technician("tanja");
    let claims = claims_of(&person.token);
    let expired = signed(&with(&claims, &json!({"exp": claims["iat"]})));
    let forged = signed_with("another secret", &claims);
    for token in ["garbage", &expired, &forged] {
        let reply = log_out(&app, token);
        assert_eq!((reply.code(401).as_str(), reply.header("WWW-Authenticate")), ("unauthenticated", Some("Bearer")));
    }
    assert_eq!(app.post(LOGOUT).send().code(401), "unauthenticated");
    assert_eq!(app.post(&format!("{LOGOUT}?all=true")).bearer(&person.token).send().fields(), ["all: unknown_field"]);
    assert_eq!(status(&app, &person.token), 200);
}

#[test]
fn a_log_out_with_a_token_without_a_session_ends_all_such_tokens_of_the_user() {
    let app = App::start();
    let [person, another] = ["tanja", "anders"].map(|name| app.technician(name));
    let [own, of_another] = [&person, &another].map(|person| sessionless(&person.token));
    assert_eq!([&own, &of_another].map(|token| status(&app, token)), [200; 2]);
    assert_eq!(each(&list(&app, &own), "id"), [session(&person.token)]);
    assert_eq!(list(&app, &own)[0]["current"], false);
    for _ in 0..2 {
        log_out(&app, &own).data(200);
    }
    assert_eq!([&own, &person.token, &of_another].map(|token| status(&app, token)), [401, 200, 200]);
}

#[test]
fn selected_sessions_end_and_the_others_stay() {
    let app = App::start();
    let person = app.technician("tanja");
    let tokens = [(); 3].map(|()| token_of(&app, &person));
    let ids = [&tokens[0], &tokens[1], &tokens[0]].map(|token| session(token));
    let reply = end(&app, &tokens[2], &json!({"password": PASSWORD, "ids": ids}));
    assert_eq!(reply.data(200), json!({"ended": 2}));
    assert_eq!(tokens.each_ref().map(|token| status(&app, token)), [401, 401, 200]);
    assert_eq!(status(&app, &person.token), 200);
    // The own one too.
    let own = json!({"password": PASSWORD, "ids": [session(&tokens[2])]});
    assert_eq!(end(&app, &tokens[2], &own).data(200), json!({"ended": 1}));
    assert_eq!(status(&app, &tokens[2]), 401);
}

#[test]
fn all_other_sessions_end() {
    let app = App::start();
    let person = app.technician("tanja");
    let another = app.technician("anders");
    let [one, two] = [(); 2].map(|()| token_of(&app, &person));
    let old = sessionless(&person.token);
    let others = json!({"password": PASSWORD, "others": true});
    assert_eq!(end(&app, &two, &others).data(200), json!({"ended": 2}));
    let statuses = [&person.token, &one, &two, &old, &another.token].map(|token| status(&app, token));
    assert_eq!(statuses, [401, 401, 200, 401, 200]);
    assert_eq!(end(&app, &two, &others).data(200), json!({"ended": 0}));
}

#[test]
fn a_session_that_is_not_ones_own_is_not_found_and_none_ends() {
    let app = App::start();
    let [person, another] = ["tanja", "anders"].map(|name| app.technician(name));
    let before = app.database.contents();
    for foreign in [session(&another.token), UNKNOWN_ID.to_owned()] {
        let body = json!({"password": PASSWORD, "ids": [session(&person.token), foreign]});
        assert_eq!(end(&app, &person.token, &body).code(404), "not_found");
    }
    assert_eq!(app.database.contents(), before);
}

#[test]
fn a_wrong_password_is_reported_on_its_field_and_ends_nothing() {
    let app = App::start();
    let person = app.technician("tanja");
    let before = app.database.contents();
    for wrong in ["wrong horse", "", "short", &"x".repeat(73)] {
        let body = json!({"password": wrong, "ids": [UNKNOWN_ID]});
        assert_eq!(end(&app, &person.token, &body).fields(), ["password: mismatch"], "{wrong:?}");
    }
    assert_eq!(app.database.contents(), before);
}

#[test]
fn the_sessions_to_end_are_selected_in_one_way() {
    let app = App::start();
    let person = app.technician("tanja");
    let too_many: Vec<_> = (0..=Session::MOST).map(|_| UNKNOWN_ID).collect();
    for (selection, expected) in [
        (json!({}), "ids: required"),
        (json!({"ids": []}), "ids: required"),
        (json!({"others": false}), "ids: required"),
        (json!({"others": "yes"}), "others: wrong_type"),
        (json!({"others": null}), "others: wrong_type"),
        (json!({"ids": [UNKNOWN_ID], "others": true}), "others: inconsistent"),
        (json!({"ids": ["5"]}), "ids[0]: invalid_format"),
        (json!({"ids": null}), "ids: wrong_type"),
        (json!({ "ids": too_many }), "ids: too_long"),
    ] {
        let body = with(&json!({"password": PASSWORD}), &selection);
        assert_eq!(end(&app, &person.token, &body).fields(), [expected], "{selection}");
    }
    assert_eq!(end(&app, &person.token, &json!({"others": true})).fields(), ["password: required"]);
    assert_eq!(status(&app, &person.token), 200);
}

#[test]
fn a_wrong_password_counts_as_a_failed_login() {
    let app = App::start_with(&[("RATE_LIMIT_ENABLED", "true"), ("RATE_LIMIT_LOGIN_ACCOUNT_ADDRESS", "3")]);
    let person = app.technician("tanja");
    let (right, wrong) =
        (json!({"password": PASSWORD, "others": true}), json!({"password": "wrong horse", "others": true}));
    for _ in 0..3 {
        assert_eq!(end(&app, &person.token, &wrong).fields(), ["password: mismatch"]);
        end(&app, &person.token, &json!({"password": PASSWORD})).code(400);
    }
    for body in [&right, &wrong] {
        let rejected = end(&app, &person.token, body);
        assert!(rejected.code(429) == "too_many_requests" && rejected.header("Retry-After").is_some());
    }
    assert_eq!(log_in(&app, &person.email, PASSWORD).code(429), "too_many_requests");
    assert_eq!(status(&app, &person.token), 200);
}

#[test]
fn a_right_password_is_no_failed_login() {
    let app = App::start_with(&[("RATE_LIMIT_ENABLED", "true"), ("RATE_LIMIT_LOGIN_ACCOUNT_ADDRESS", "1")]);
    let person = app.technician("tanja");
    for _ in 0..3 {
        end(&app, &person.token, &json!({"password": PASSWORD, "others": true})).data(200);
    }
    log_in(&app, &person.email, PASSWORD).data(200);
}

#[test]
fn beyond_fifty_sessions_the_oldest_ends() {
    let app = App::start();
    let person = app.technician("tanja");
    let oldest = token_of(&app, &person);
    app.database.run("UPDATE sessions SET created_at = created_at - interval '1 hour'");
    let (columns, of) = ("user_agent, address, created_at, last_used_at, expires_at", session(&person.token));
    app.database.run(&format!(
        "INSERT INTO sessions SELECT gen_random_uuid(), user_id, {columns}
        FROM sessions, generate_series(3, {}) WHERE id = '{of}'",
        Session::MOST
    ));
    set_times(&app, &oldest, "1 day", "1 day");
    assert_eq!(status(&app, &oldest), 200);
    let newest = token_of(&app, &person);
    assert_eq!([&oldest, &newest].map(|token| status(&app, token)), [401, 200]);
    assert_eq!(each(&list(&app, &newest), "id").len(), Session::MOST);
}

#[test]
fn a_session_without_a_use_ends_after_the_idle_time() {
    let app = App::start_with(&[("SESSION_IDLE", "5m")]);
    let person = app.technician("tanja");
    let [idle, used] = [(); 2].map(|()| token_of(&app, &person));
    set_times(&app, &idle, "1 day", "421 seconds");
    set_times(&app, &used, "1 day", "390 seconds");
    assert_eq!([&idle, &used].map(|token| status(&app, token)), [401, 200]);
    assert!(!each(&list(&app, &used), "id").contains(&session(&idle)));
    let body = json!({"password": PASSWORD, "others": true});
    assert_eq!(end(&app, &used, &body).data(200), json!({"ended": 2}));
    log_out(&app, &idle).data(200);
}

#[test]
fn the_last_use_is_stored_by_the_minute_and_off_the_way_of_requests() {
    let mut database = None;
    let app = App::start_on(|url| database.insert(Database::new(url, 4)).clone());
    let database = database.unwrap();
    let person = app.technician("tanja");
    let used_at = || app.database.texts("SELECT last_used_at::text FROM sessions").remove(0);
    set_times(&app, &person.token, "1 hour", "1 hour");
    let before = used_at();
    for _ in 0..3 {
        app.get(ME).bearer(&person.token).send().data(200);
    }
    assert_eq!(used_at(), before);
    assert_eq!(database.store().unwrap(), 1);
    let age = "extract(epoch FROM now() - last_used_at)::bigint FROM sessions";
    assert!((0..120).contains(&app.database.number(&format!("SELECT {age}"))));
    assert_eq!(app.database.rows("sessions WHERE last_used_at = date_trunc('minute', last_used_at)"), 1);
}

#[test]
fn a_registration_in_another_release_has_a_token_without_a_session() {
    let app = App::start();
    let token = text(&register(&app, &a_technician()).data(201)["token"]);
    // It was made without a session, and its token has a generation in place of one.
    app.database.run("DELETE FROM sessions");
    let claims = claims_of(&token);
    let generation = app.database.number("SELECT (extract(epoch FROM tokens_valid_from) * 1000000)::bigint FROM users");
    let old = json!({"sub": claims["sub"], "iat": claims["iat"], "exp": claims["exp"], "generation": generation});
    assert_eq!([status(&app, &token), status(&app, &signed(&old))], [401, 200]);
    let change = json!({"currentPassword": PASSWORD, "newPassword": "battery staple"});
    app.post("/api/users/me/password").bearer(&signed(&old)).json(&change).send().data(200);
    assert_eq!(status(&app, &signed(&old)), 401);
}
