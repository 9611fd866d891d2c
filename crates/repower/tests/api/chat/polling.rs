use serde_json::json;

use super::Scene;
use crate::support::{Reply, each};

const QUERIES: [&str; 6] = ["", "limit=1", "after=0", "after=2", "before=2", "after=1&limit=1"];

fn read_unless(scene: &Scene, query: &str, tags: &str) -> Reply {
    let path = format!("/api/chat/threads/{}/messages?{query}", scene.thread);
    scene.app.get(&path).bearer(&scene.company.token).header("If-None-Match", tags).send()
}

fn tag(scene: &Scene, query: &str) -> String {
    scene.read(&scene.company, query).header("ETag").unwrap().to_owned()
}

#[test]
fn messages_are_revalidated_by_every_request() {
    let scene = Scene::new();
    for query in QUERIES {
        let reply = scene.read(&scene.company, query);
        assert_eq!(reply.header("Cache-Control"), Some("private, no-cache"), "{query}");
        let tag = reply.header("ETag").unwrap();
        assert!(tag.len() > 2 && tag.starts_with('"') && tag.ends_with('"'), "{tag}");
    }
}

#[test]
fn a_matching_tag_returns_304_without_a_body() {
    let scene = Scene::new();
    scene.send_texts(&scene.technician, &["one", "two"]);
    for query in QUERIES {
        let tag = tag(&scene, query);
        for tags in [tag.clone(), format!("W/{tag}"), format!("\"other\", {tag}"), "*".to_owned()] {
            let reply = read_unless(&scene, query, &tags);
            assert_eq!((reply.status.as_u16(), reply.text.as_str()), (304, ""), "{query} {tags}");
            assert_eq!(reply.header("ETag"), Some(tag.as_str()), "{query}");
            assert_eq!(reply.header("Cache-Control"), Some("private, no-cache"), "{query}");
        }
        read_unless(&scene, query, "\"other\"").data(200);
    }
}

#[test]
fn a_new_message_of_either_side_changes_the_tag() {
    let scene = Scene::new();
    let mut known = QUERIES.map(|query| tag(&scene, query));
    for (number, person) in (1..).zip([&scene.technician, &scene.company, &scene.technician]) {
        scene.send_texts(person, &["Hello"]);
        for (query, known) in QUERIES.iter().zip(&mut known) {
            let reply = read_unless(&scene, query, known);
            assert_eq!(reply.body()["meta"]["lastSeq"], number, "{query}");
            reply.header("ETag").unwrap().clone_into(known);
            assert_eq!(read_unless(&scene, query, known).status, 304, "{query}");
        }
    }
}

#[test]
fn a_new_name_of_the_technician_changes_the_tag() {
    let scene = Scene::new();
    scene.send_texts(&scene.technician, &["Hello"]);
    let known = tag(&scene, "");
    let body = json!({"fullName": "Tanja Holm"});
    scene.app.patch("/api/technicians/me").bearer(&scene.technician.token).json(&body).send().data(200);
    assert_eq!(each(&read_unless(&scene, "", &known).data(200), "senderName"), ["Tanja Holm"]);
}

#[test]
fn a_repeated_message_does_not_change_the_tag() {
    let scene = Scene::new();
    let hello = json!({"text": "Hello", "clientMessageId": "a-1"});
    super::send(&scene.app, &scene.technician, &scene.thread, &hello).data(201);
    let tag = tag(&scene, "");
    super::send(&scene.app, &scene.technician, &scene.thread, &hello).data(200);
    assert_eq!(read_unless(&scene, "", &tag).status, 304);
}

#[test]
fn each_window_has_its_own_tag() {
    let scene = Scene::new();
    scene.send_texts(&scene.technician, &["one", "two", "three"]);
    let mut tags = QUERIES.map(|query| tag(&scene, query));
    tags.sort();
    assert!(tags.windows(2).all(|pair| pair[0] != pair[1]), "{tags:?}");
}

#[test]
fn a_client_that_polls_after_the_last_seq_gets_each_message_once() {
    let scene = Scene::new();
    let (mut last, mut seen) = (0, Vec::new());
    for texts in [&["one", "two"][..], &["three"], &["four", "five", "six"]] {
        scene.send_texts(&scene.technician, texts);
        let body = scene.read(&scene.company, &format!("after={last}")).body();
        seen.extend(each(&body["data"], "text"));
        last = body["meta"]["lastSeq"].as_i64().unwrap();
        assert_eq!(scene.read(&scene.company, &format!("after={last}")).data(200), json!([]));
    }
    assert_eq!(seen, ["one", "two", "three", "four", "five", "six"]);
}

#[test]
fn head_returns_the_headers_of_get() {
    let scene = Scene::new();
    scene.send_texts(&scene.technician, &["Hello"]);
    let path = format!("/api/chat/threads/{}/messages", scene.thread);
    let head = scene.app.request("HEAD", &path).bearer(&scene.company.token).send();
    assert_eq!((head.status.as_u16(), head.text.as_str()), (200, ""));
    assert_eq!(head.header("ETag"), Some(tag(&scene, "").as_str()));
}
