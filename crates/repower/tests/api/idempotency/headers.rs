use serde_json::json;

use super::{CERTIFICATIONS, Scene, a_certification, is_replayed, keyed_requests};
use crate::support::{App, Reply, Request, UNKNOWN_ID, World};

/// Invalid keys, each with the code of its error.
fn wrong_keys() -> Vec<(Vec<String>, &'static str)> {
    let all = |keys: &[&str]| keys.iter().map(|key| (*key).to_owned()).collect::<Vec<_>>();
    vec![
        (all(&[""]), "required"),
        (all(&["a b"]), "invalid_format"),
        (all(&["a\tb"]), "invalid_format"),
        (vec!["k".repeat(129)], "too_long"),
        (all(&["k", "k"]), "duplicate"),
        (all(&["k", "l"]), "duplicate"),
    ]
}

fn with_keys(request: Request, keys: &[String]) -> Reply {
    keys.iter().fold(request, |request, key| request.header("Idempotency-Key", key)).send()
}

#[test]
fn each_route_that_takes_a_key_rejects_an_invalid_one() {
    let world = World::new();
    let requests = keyed_requests(&world);
    let before = world.app().database.contents();
    for keyed in &requests {
        for (keys, code) in wrong_keys() {
            let reply = with_keys(keyed.request(&world, &keyed.body), &keys);
            assert_eq!(reply.fields(), [format!("Idempotency-Key: {code}")], "{} {keys:?}", keyed.route.name);
        }
    }
    assert_eq!(world.app().database.contents(), before);
}

#[test]
fn bytes_beyond_ascii_are_rejected() {
    let app = App::start();
    let technician = app.technician("tanja");
    for key in ["ø", "🌬"] {
        let head = format!(
            "POST {CERTIFICATIONS} HTTP/1.1\nAuthorization: Bearer {}\nContent-Type: application/json\n\
             Idempotency-Key: {key}",
            technician.token
        );
        let reply = app.wire(&head, a_certification().to_string().as_bytes());
        assert_eq!(reply.fields(), ["Idempotency-Key: invalid_format"], "{key:?}");
    }
}

#[test]
fn any_visible_ascii_is_accepted() {
    let app = App::start();
    let technician = app.technician("tanja");
    let every: String = ('!'..='~').collect();
    for key in ["k", "0192f1d0-7c2b-7cc1-9c40-6f3f2f2d9a11", &every, &"k".repeat(128), "';DROP--", "%00"] {
        let key = key.to_owned();
        let send = || {
            let request = app.post(CERTIFICATIONS).bearer(&technician.token).json(&a_certification());
            with_keys(request, std::slice::from_ref(&key))
        };
        let (first, again) = (send(), send());
        assert_eq!((first.status.as_u16(), is_replayed(&first)), (201, false), "{key}");
        assert_eq!((is_replayed(&again), &again.text), (true, &first.text), "{key}");
    }
}

#[test]
fn caller_and_body_are_checked_before_the_key() {
    let world = World::new();
    for keyed in keyed_requests(&world) {
        let Some(caller) = &keyed.caller else { continue };
        let request = |caller| keyed.example.bare_request(&world, caller);
        for (keys, code) in wrong_keys() {
            let anonymous = with_keys(request(None).json(&keyed.body), &keys);
            assert_eq!(anonymous.code(401), "unauthenticated", "{}", keyed.route.name);
            let cast = &world.callers.cast;
            let is_admitted = caller.user_id == cast.super_admin.user_id;
            let rejected = Some(if is_admitted { &cast.technician } else { &cast.super_admin });
            let rejected = with_keys(request(rejected).json(&keyed.body), &keys);
            assert_eq!(rejected.code(403), "forbidden", "{}", keyed.route.name);
            let fields = with_keys(request(Some(caller)).json(&json!({"zap": 1})), &keys).fields();
            assert!(fields.contains(&"zap: unknown_field".to_owned()), "{} {code}: {fields:?}", keyed.route.name);
            assert!(fields.iter().all(|field| !field.starts_with("Idempotency")), "{fields:?}");
        }
    }
}

#[test]
fn the_key_is_checked_before_the_resource() {
    let app = App::start();
    let scene = Scene::new(&app);
    for (path, body, person) in [
        (format!("/api/jobs/{UNKNOWN_ID}/applications"), json!({}), &scene.technician),
        (format!("/api/chat/threads/{UNKNOWN_ID}/messages"), json!({"text": "Hello"}), &scene.technician),
        (format!("/api/technicians/{UNKNOWN_ID}/evaluations"), scene.an_evaluation(), &scene.company),
        ("/api/technicians/1/evaluations".to_owned(), scene.an_evaluation(), &scene.company),
    ] {
        let send = |key: &str| {
            let request = app.post(&path).bearer(&person.token).json(&body);
            with_keys(request, &[key.to_owned()])
        };
        assert_eq!(send("a b").fields(), ["Idempotency-Key: invalid_format"], "{path}");
        assert_eq!(send("k").code(404), "not_found", "{path}");
    }
}
