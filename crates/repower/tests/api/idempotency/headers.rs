use serde_json::json;

use super::{CERTIFICATIONS, Scene, a_certification, is_replayed};
use crate::support::{App, Reply, Request};

/// What no key looks like, each with what is told of it.
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

fn keyed(request: Request, keys: &[String]) -> Reply {
    keys.iter().fold(request, |request, key| request.header("Idempotency-Key", key)).send()
}

#[test]
fn a_key_that_is_none_is_told_on_each_of_the_nine_routes() {
    let app = App::start();
    let sendings = Scene::new(&app).all_nine();
    let before = app.database.contents();
    for sending in &sendings {
        for (keys, code) in wrong_keys() {
            let reply = keyed(sending.request(&app, &sending.body), &keys);
            assert_eq!(reply.fields(), [format!("Idempotency-Key: {code}")], "{} {keys:?}", sending.name);
        }
    }
    assert_eq!(app.database.contents(), before);
}

#[test]
fn bytes_beyond_ascii_are_no_key() {
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
fn any_visible_ascii_is_a_key() {
    let app = App::start();
    let technician = app.technician("tanja");
    let every: String = ('!'..='~').collect();
    for key in ["k", "0192f1d0-7c2b-7cc1-9c40-6f3f2f2d9a11", &every, &"k".repeat(128), "';DROP--", "%00"] {
        let key = key.to_owned();
        let send = || {
            let request = app.post(CERTIFICATIONS).bearer(&technician.token).json(&a_certification());
            keyed(request, std::slice::from_ref(&key))
        };
        let (first, again) = (send(), send());
        assert_eq!((first.status.as_u16(), is_replayed(&first)), (201, false), "{key}");
        assert_eq!((is_replayed(&again), &again.text), (true, &first.text), "{key}");
    }
}

#[test]
fn who_asks_and_what_for_comes_before_the_key() {
    let app = App::start();
    let scene = Scene::new(&app);
    for sending in scene.all_nine() {
        let Some(person) = &sending.by else { continue };
        let stranger = if person.user_id == scene.company.user_id { &scene.technician } else { &scene.company };
        let is_for_both = sending.path.starts_with("/api/chat");
        for (keys, code) in wrong_keys() {
            let request = || app.post(&sending.path).json(&sending.body);
            assert_eq!(keyed(request(), &keys).code(401), "unauthenticated", "{}", sending.name);
            if !is_for_both {
                let refused = keyed(request().bearer(&stranger.token), &keys);
                assert_eq!(refused.code(403), "forbidden", "{}", sending.name);
            }
            let shape = app.post(&sending.path).bearer(&person.token).json(&json!({"zap": 1}));
            let told = keyed(shape, &keys).fields();
            assert!(told.contains(&"zap: unknown_field".to_owned()), "{} {code}: {told:?}", sending.name);
            assert!(told.iter().all(|field| !field.starts_with("Idempotency")), "{told:?}");
        }
    }
}

#[test]
fn the_key_comes_before_the_thing() {
    let app = App::start();
    let scene = Scene::new(&app);
    let nothing = "0192f1d0-7c2b-7cc1-9c40-6f3f2f2d9a11";
    for (path, body, person) in [
        (format!("/api/jobs/{nothing}/applications"), json!({}), &scene.technician),
        (format!("/api/chat/threads/{nothing}/messages"), json!({"text": "Hello"}), &scene.technician),
        (format!("/api/technicians/{nothing}/evaluations"), scene.an_evaluation(), &scene.company),
        ("/api/technicians/1/evaluations".to_owned(), scene.an_evaluation(), &scene.company),
    ] {
        let send = |key: &str| {
            let request = app.post(&path).bearer(&person.token).json(&body);
            keyed(request, &[key.to_owned()])
        };
        assert_eq!(send("a b").fields(), ["Idempotency-Key: invalid_format"], "{path}");
        assert_eq!(send("k").code(404), "not_found", "{path}");
    }
}
