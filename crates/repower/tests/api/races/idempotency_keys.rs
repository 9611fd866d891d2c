use std::thread;

use serde_json::json;

use super::{concurrently, locks::Uncommitted, outcome};
use crate::support::{App, PASSWORD, Person, Reply, Request, a_job, text};

fn certify(app: &App, technician: &Person) -> Request {
    let body = json!({"name": "GWO", "provider": "GWO", "validFrom": "2026-01-01", "validUntil": "2028-01-01"});
    app.post("/api/technicians/me/certifications").bearer(&technician.token).json(&body)
}

/// Asserts that each response has the one new resource, or is a conflict to retry;
/// returns the number of the former.
#[track_caller]
fn assert_one_is_created(replies: &[Reply]) -> usize {
    let (made, others): (Vec<&Reply>, Vec<&Reply>) = replies.iter().partition(|reply| reply.status == 201);
    for other in others {
        assert_eq!((outcome(other).as_str(), other.header("Retry-After")), ("409 conflict", Some("1")));
    }
    let firsts: Vec<_> = made.iter().filter(|reply| reply.header("Idempotency-Replayed").is_none()).collect();
    assert_eq!(firsts.len(), 1);
    for reply in &made {
        assert_eq!(reply.data(201)["id"], firsts[0].data(201)["id"]);
    }
    made.len()
}

#[test]
fn fifty_concurrent_requests_with_a_key_create_one_resource() {
    let app = App::start();
    let technician = app.technician("tanja");
    for round in 0..3 {
        let key = round.to_string();
        let replies = concurrently(50, |_| certify(&app, &technician).header("Idempotency-Key", &key).send());
        assert_one_is_created(&replies);
        assert_eq!(app.database.rows("certifications"), round + 1);
    }
}

#[test]
fn fifty_concurrent_requests_with_a_key_on_two_servers_create_one_resource() {
    let app = App::start();
    let servers = [&app, &app.beside(&[])];
    let company = app.company("vestas");
    let replies = concurrently(50, |number| {
        let request = servers[number % 2].post("/api/jobs").bearer(&company.token);
        request.header("Idempotency-Key", "k").json(&a_job()).send()
    });
    assert_one_is_created(&replies);
    assert_eq!(app.database.rows("jobs"), 1);
}

#[test]
fn concurrent_registrations_with_a_key_return_one_user() {
    let app = App::start();
    let body = json!({
        "email": "tanja@technicians.example", "password": PASSWORD, "role": "TECHNICIAN", "fullName": "T",
        "country": "DK",
    });
    let servers = [&app, &app.beside(&[])];
    let replies = concurrently(30, |number| {
        servers[number % 2].post("/api/auth/register").header("Idempotency-Key", app.database.name()).json(&body).send()
    });
    assert_eq!(app.database.rows("users"), 1);
    let [user] = app.database.texts("SELECT id::text FROM users").try_into().unwrap();
    for reply in &replies {
        match outcome(reply).as_str() {
            "201" => {
                assert_eq!(reply.data(201)["user"]["id"], json!(user));
                app.get("/api/users/me").bearer(&text(&reply.data(201)["token"])).send().data(200);
            }
            other => assert_eq!((other, reply.header("Retry-After")), ("409 conflict", Some("1"))),
        }
    }
}

#[test]
fn requests_with_different_keys_do_not_wait_for_each_other() {
    let app = App::start();
    let technician = app.technician("tanja");
    let replies =
        concurrently(20, |number| certify(&app, &technician).header("Idempotency-Key", &number.to_string()).send());
    assert!(replies.iter().all(|reply| reply.status == 201));
    assert_eq!(app.database.rows("certifications"), 20);
}

#[test]
fn during_the_first_request_a_second_one_is_a_conflict_with_retry_after() {
    let app = App::start();
    let (company, technician) = (app.company("vestas"), app.technician("tanja"));
    let path = format!("/api/jobs/{}/applications", app.open_job(&company));
    let apply = || {
        let request = app.post(&path).bearer(&technician.token).header("Idempotency-Key", "k");
        request.json(&json!({})).send()
    };
    let mut change = Uncommitted::new(&app, "UPDATE jobs SET revision = revision + 1");
    let first = thread::scope(|scope| {
        let first = scope.spawn(apply);
        change.wait_until_blocking();
        let meanwhile = apply();
        assert_eq!((meanwhile.code(409).as_str(), meanwhile.header("Retry-After")), ("conflict", Some("1")));
        assert_eq!(meanwhile.header("Idempotency-Replayed"), None);
        change.commit();
        first.join().unwrap()
    });
    assert_eq!((first.status.as_u16(), first.header("Idempotency-Replayed")), (201, None));
    let again = apply();
    assert_eq!((again.header("Idempotency-Replayed"), &again.text), (Some("true"), &first.text));
}
