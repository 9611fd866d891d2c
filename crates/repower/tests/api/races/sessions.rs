use std::sync::atomic::{AtomicBool, Ordering};

use repower_domain::accounts::Session;
use serde_json::json;

use super::{concurrently, counts, outcome, tally};
use crate::support::{App, PASSWORD, Person, Reply, text};

const LOGOUT: &str = "/api/auth/logout";

fn log_in(app: &App, person: &Person) -> Reply {
    app.post("/api/auth/login").json(&json!({"email": person.email, "password": PASSWORD})).send()
}

fn status(app: &App, token: &str) -> u16 {
    app.get("/api/users/me").bearer(token).send().status.as_u16()
}

#[test]
fn sixty_concurrent_logins_on_two_servers_leave_fifty_sessions() {
    let app = App::start();
    let servers = [&app, &app.beside(&[])];
    let person = app.technician("tanja");
    let replies = concurrently(60, |number| log_in(servers[number % 2], &person));
    assert_eq!(tally(&replies), counts([("200", 60)]));
    let live = replies.iter().filter(|reply| status(&app, &text(&reply.data(200)["token"])) == 200).count();
    assert_eq!((live, status(&app, &person.token)), (Session::MOST, 401));
    assert_eq!(app.database.rows("sessions"), 50);
}

/// A request that starts after the response to the log-out is rejected.
#[test]
fn no_request_is_accepted_after_its_session_was_logged_out() {
    let app = App::start();
    let person = app.technician("tanja");
    for round in 0..6 {
        let token = text(&log_in(&app, &person).data(200)["token"]);
        let has_ended = AtomicBool::new(false);
        let read = || {
            let is_late = has_ended.load(Ordering::SeqCst);
            (is_late, outcome(&app.get("/api/users/me").bearer(&token).send()))
        };
        let results = concurrently(7, |number| {
            if number == round {
                let reply = app.post(LOGOUT).bearer(&token).send();
                has_ended.store(true, Ordering::SeqCst);
                reply.data(200);
                return Vec::new();
            }
            let mut read_before = Vec::new();
            let first_late = loop {
                match read() {
                    late @ (true, _) => break late,
                    early => read_before.push(early),
                }
            };
            read_before.into_iter().chain([first_late, read(), read()]).collect()
        });
        let (late, early): (Vec<_>, Vec<_>) = results.into_iter().flatten().partition(|(is_late, _)| *is_late);
        assert_eq!(late.len(), 3 * 6);
        assert!(late.iter().all(|(_, outcome)| outcome == "401 unauthenticated"), "{late:?}");
        let may_be_early = |outcome: &String| ["200", "401 unauthenticated"].contains(&outcome.as_str());
        assert!(early.iter().all(|(_, outcome)| may_be_early(outcome)), "{early:?}");
        assert_eq!(status(&app, &token), 401);
    }
}

#[test]
fn concurrent_log_outs_of_a_session_all_succeed() {
    let app = App::start();
    let servers = [&app, &app.beside(&[])];
    let person = app.technician("tanja");
    let replies = concurrently(12, |number| servers[number % 2].post(LOGOUT).bearer(&person.token).send());
    assert_eq!(tally(&replies), counts([("200", 12)]));
    assert_eq!(app.database.rows("sessions"), 0);
}

#[test]
fn no_session_of_the_old_password_is_left_by_a_login_during_its_change() {
    let app = App::start();
    let servers = [&app, &app.beside(&[])];
    for round in 0..10 {
        let person = app.technician(&round.to_string());
        let replies = concurrently(9, |number| {
            let server = servers[number % 2];
            if number > 0 {
                return log_in(server, &person);
            }
            let change = json!({"currentPassword": PASSWORD, "newPassword": "battery staple"});
            server.post("/api/users/me/password").bearer(&person.token).json(&change).send()
        });
        let changed = text(&replies[0].data(200)["token"]);
        for reply in &replies[1..] {
            let outcome = outcome(reply);
            assert!(outcome == "200" || outcome == "401 invalid_credentials", "{outcome}");
            if outcome == "200" {
                assert_eq!(status(&app, &text(&reply.data(200)["token"])), 401);
            }
        }
        assert_eq!(servers.map(|server| status(server, &changed)), [200; 2]);
        assert_eq!(app.database.rows(&format!("sessions WHERE user_id = '{}'", person.user_id)), 1);
    }
}

/// Each of them succeeds, or finds that another has ended its session or changed the password.
#[test]
fn concurrent_ends_of_sessions_of_all_kinds_wait_for_each_other() {
    let app = App::start();
    let servers = [&app, &app.beside(&[])];
    let root = app.super_admin().token;
    for round in 0..10 {
        let person = app.technician(&round.to_string());
        let tokens: Vec<_> = (0..6).map(|_| text(&log_in(&app, &person).data(200)["token"])).collect();
        let of_user = format!("/api/admin/users/{}/sessions/end", person.user_id);
        let replies = concurrently(tokens.len(), |number| {
            let (server, token) = (servers[number % 2], &tokens[number]);
            match number {
                0 | 1 => server.post(LOGOUT).bearer(token).send(),
                2 | 3 => {
                    let others = json!({"password": PASSWORD, "others": true});
                    server.post("/api/users/me/sessions/end").bearer(token).json(&others).send()
                }
                4 => server.post(&of_user).bearer(&root).send(),
                _ => {
                    let change = json!({"currentPassword": PASSWORD, "newPassword": "battery staple"});
                    server.post("/api/users/me/password").bearer(token).json(&change).send()
                }
            }
        });
        for (number, reply) in replies.iter().enumerate() {
            let outcome = outcome(reply);
            let expected: &[&str] = match number {
                0 | 1 | 4 => &["200"],
                _ => &["200", "400 validation_failed", "401 unauthenticated", "409 conflict"],
            };
            assert!(expected.contains(&outcome.as_str()), "{number}: {outcome}");
        }
        assert_eq!(tokens[..2].iter().filter(|token| status(&app, token) == 200).count(), 0);
    }
}
