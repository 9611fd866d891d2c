use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::{Two, company, log_in, register, request, technician};
use crate::support::{PASSWORD, Request, Served, text, until};

const ME: &str = "/api/users/me";

/// The age that an actor has at most.
const MAX_AGE: Duration = Duration::from_secs(1);

fn assert_unauthenticated(server: &Served, token: &str) {
    assert_eq!(request(server, "GET", ME).bearer(token).send().code(401), "unauthenticated");
}

/// Asserts that a request has another status than this one a second after a change, which
/// was answered now, at the latest; returns its status.
fn status_within_a_second(status: u16, request: impl Fn() -> Request) -> u16 {
    let changed = Instant::now();
    let mut now = status;
    until(|| {
        let begun = changed.elapsed();
        now = request().send().status.as_u16();
        assert!(now != status || begun < MAX_AGE, "still {status} after {begun:?}");
        now != status
    });
    now
}

/// Asserts that a server rejects a token within a second from now, and so has heard of the
/// change: this route reads the user nowhere but in the actor.
fn assert_soon_unauthenticated(server: &Served, token: &str) {
    assert_eq!(status_within_a_second(200, || request(server, "GET", "/api/chat/unread").bearer(token)), 401);
}

#[test]
fn a_token_of_one_server_is_valid_on_the_other() {
    let two = Two::start();
    for (here, there) in two.both_ways() {
        let person = technician(here, &here.address.replace([':', '.'], "-"));
        assert_eq!(request(there, "GET", ME).bearer(&person.token).send().data(200)["user"]["id"], person.user_id);
        log_in(there, &person.email, PASSWORD).data(200);
    }
}

#[test]
fn a_new_password_invalidates_tokens_on_the_other_server_within_a_second() {
    let two = Two::start();
    let person = technician(&two.one, "tanja");
    let (mut token, mut password) = (person.token.clone(), PASSWORD.to_owned());
    for (round, (here, there)) in two.both_ways().into_iter().enumerate() {
        // The other server has accepted the token.
        request(there, "GET", ME).bearer(&token).send().data(200);
        let new = format!("battery staple {round}");
        let body = json!({"currentPassword": password, "newPassword": new});
        let changed = request(here, "POST", "/api/users/me/password").bearer(&token).json(&body).send().data(200);
        assert_unauthenticated(here, &token);
        assert_soon_unauthenticated(there, &token);
        assert_eq!(log_in(there, &person.email, &password).code(401), "invalid_credentials");
        (token, password) = (text(&changed["token"]), new);
        request(there, "GET", ME).bearer(&token).send().data(200);
    }
}

#[test]
fn a_deactivation_is_effective_on_the_other_server_within_a_second() {
    let two = Two::start();
    let (root, person) = (two.super_admin(), technician(&two.one, "tanja"));
    let path = format!("/api/admin/users/{}", person.user_id);
    let mut token = person.token.clone();
    for (here, there) in two.both_ways() {
        let set = |active: bool| {
            request(here, "PATCH", &path).bearer(&root).json(&json!({"active": active})).send().data(200);
        };
        request(there, "GET", ME).bearer(&token).send().data(200);
        set(false);
        assert_unauthenticated(here, &token);
        assert_soon_unauthenticated(there, &token);
        assert_eq!(log_in(there, &person.email, PASSWORD).code(401), "invalid_credentials");
        set(true);
        assert_unauthenticated(there, &token);
        token = text(&log_in(there, &person.email, PASSWORD).data(200)["token"]);
    }
}

#[test]
fn a_log_out_and_an_end_of_sessions_are_effective_on_the_other_server_within_a_second() {
    let two = Two::start();
    let (root, person) = (two.super_admin(), technician(&two.one, "tanja"));
    let log_in = |server: &Served| text(&log_in(server, &person.email, PASSWORD).data(200)["token"]);
    let own = json!({"password": PASSWORD, "others": true});
    let of_user = format!("/api/admin/users/{}/sessions/end", person.user_id);
    for (here, there) in two.both_ways() {
        let kept = log_in(here);
        let ends: [(&str, &str, Option<&Value>); 3] = [
            ("/api/auth/logout", "", None),
            ("/api/users/me/sessions/end", &kept, Some(&own)),
            (&of_user, &root, None),
        ];
        for (path, by, body) in ends {
            let token = log_in(there);
            // The other server has accepted the token.
            request(there, "GET", ME).bearer(&token).send().data(200);
            let end = request(here, "POST", path).bearer(if by.is_empty() { &token } else { by });
            let end = if let Some(body) = body { end.json(body) } else { end };
            assert_eq!(end.send().status, 200, "{path}");
            assert_unauthenticated(here, &token);
            assert_soon_unauthenticated(there, &token);
        }
    }
}

#[test]
fn a_new_role_is_effective_on_the_other_server_within_a_second() {
    // The requests that wait for the new role are writes.
    let two = Two::start_with(&[("RATE_LIMIT_ENABLED", "false")]);
    let admin = company(&two.one, "vestas");
    let invite = json!({"email": "rita@vestas.example", "role": "RECRUITER"});
    let invited = request(&two.one, "POST", "/api/companies/me/invitations").bearer(&admin.token).json(&invite).send();
    let accept = json!({"token": invited.data(201)["token"], "password": PASSWORD});
    let joined = request(&two.other, "POST", "/api/auth/accept-invitation").json(&accept).send().data(201);
    let (token, member) =
        (text(&joined["token"]), format!("/api/companies/me/members/{}", text(&joined["membership"]["id"])));
    let post = |server: &Served| request(server, "POST", "/api/jobs").bearer(&token).raw("{}");
    for (here, there) in two.both_ways() {
        for (role, before, status) in [("VIEWER", 400, 403), ("RECRUITER", 403, 400)] {
            request(here, "PATCH", &member).bearer(&admin.token).json(&json!({"role": role})).send().data(200);
            assert_eq!(post(here).send().status, status, "{role}");
            assert_eq!(status_within_a_second(before, || post(there)), status, "{role}");
        }
    }
    request(&two.one, "DELETE", &member).bearer(&admin.token).send().data(200);
    assert_soon_unauthenticated(&two.other, &token);
    // The invitation was accepted on the other server.
    assert_eq!(request(&two.one, "POST", "/api/auth/accept-invitation").json(&accept).send().code(404), "not_found");
}

#[test]
fn failures_on_both_servers_are_counted_together() {
    let two = Two::start_with(&[("RATE_LIMIT_REGISTER_ADDRESS", "3")]);
    let person = technician(&two.one, "tanja");
    for number in 0..10 {
        let server = if number % 2 == 0 { &two.one } else { &two.other };
        assert_eq!(log_in(server, &person.email, "wrong horse").code(401), "invalid_credentials", "{number}");
    }
    for server in [&two.other, &two.one] {
        assert_eq!(log_in(server, &person.email, PASSWORD).code(429), "too_many_requests");
    }
    let body = |name: &str| json!({"email": format!("{name}@x.example"), "password": PASSWORD, "role": "TECHNICIAN", "fullName": "T", "country": "DK"});
    register(&two.other, &body("second")).data(201);
    register(&two.one, &body("third")).data(201);
    for server in [&two.other, &two.one] {
        assert_eq!(register(server, &body("fourth")).code(429), "too_many_requests");
    }
}
