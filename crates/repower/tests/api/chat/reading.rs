use serde_json::{Value, json};

use super::Scene;
use crate::support::text;

/// A scene with this number of messages.
fn scene_with(count: usize) -> Scene {
    let scene = Scene::new();
    for number in 1..=count {
        let person = if number % 3 == 0 { &scene.company } else { &scene.technician };
        scene.send_texts(person, &[&number.to_string()]);
    }
    scene
}

/// The numbers of the messages in a window, and its `meta`.
#[track_caller]
fn window(scene: &Scene, query: &str) -> (Vec<i64>, Value) {
    let body = scene.read(&scene.company, query).body();
    let messages = body["data"].as_array().unwrap_or_else(|| panic!("{body}"));
    (messages.iter().map(|message| message["seq"].as_i64().unwrap()).collect(), body["meta"].clone())
}

fn meta(limit: u16, last_seq: i64, has_more: bool) -> Value {
    json!({"limit": limit, "lastSeq": last_seq, "hasMore": has_more})
}

#[test]
fn messages_are_returned_as_they_were_sent() {
    let scene = Scene::new();
    let sent = [scene.send_texts(&scene.technician, &["Hello"]), scene.send_texts(&scene.company, &["Good morning"])];
    for person in [&scene.technician, &scene.company] {
        let body = scene.read(person, "").body();
        assert_eq!((&body["data"], &body["meta"]), (&json!(sent), &meta(50, 2, false)));
        assert_eq!(body["success"], true);
    }
}

#[test]
fn a_thread_without_messages_has_an_empty_window() {
    let scene = Scene::new();
    for query in ["", "after=0", "after=7", "before=1", "before=7", "after=&before="] {
        assert_eq!(window(&scene, query), (vec![], meta(50, 0, false)), "{query}");
    }
}

#[test]
fn a_window_is_paged_in_its_own_direction() {
    let scene = scene_with(12);
    for (query, numbers, limit, has_more) in [
        ("limit=12", 1..=12, 12, false),
        ("limit=11", 2..=12, 11, true),
        ("limit=1", 12..=12, 1, true),
        ("after=0", 1..=12, 50, false),
        ("after=0&limit=12", 1..=12, 12, false),
        ("after=0&limit=11", 1..=11, 11, true),
        ("after=4&limit=3", 5..=7, 3, true),
        ("after=9&limit=3", 10..=12, 3, false),
        ("after=11", 12..=12, 50, false),
        ("before=13&limit=3", 10..=12, 3, true),
        ("before=4&limit=3", 1..=3, 3, false),
        ("before=5&limit=3", 2..=4, 3, true),
        ("before=2", 1..=1, 50, false),
        ("before=1000&limit=2", 11..=12, 2, true),
    ] {
        assert_eq!(window(&scene, query), (numbers.collect(), meta(limit, 12, has_more)), "{query}");
    }
    for query in ["after=12", "after=1000", "before=1", "before=0", "after=9223372036854775807"] {
        assert_eq!(window(&scene, query), (vec![], meta(50, 12, false)), "{query}");
    }
}

#[test]
fn a_window_has_50_messages_by_default_and_200_at_most() {
    let scene = Scene::new();
    scene.app.database.run(&format!(
        "INSERT INTO messages (id, thread_id, seq, sender_type, sender_user_id, text, created_at)
         SELECT gen_random_uuid(), '{}', seq, 'COMPANY', '{}', seq::text, now() FROM generate_series(1, 210) AS seq",
        scene.thread, scene.company.user_id
    ));
    scene.app.database.run("UPDATE threads SET last_seq = 210");
    assert_eq!(window(&scene, ""), ((161..=210).collect(), meta(50, 210, true)));
    assert_eq!(window(&scene, "limit=200"), ((11..=210).collect(), meta(200, 210, true)));
    assert_eq!(window(&scene, "after=0&limit=200"), ((1..=200).collect(), meta(200, 210, true)));
    assert_eq!(window(&scene, "after=10&limit=200"), ((11..=210).collect(), meta(200, 210, false)));
    assert_eq!(scene.read(&scene.company, "limit=201").fields(), ["limit: out_of_range"]);
}

#[test]
fn invalid_parameters_are_reported_by_name() {
    let scene = Scene::new();
    for (query, expected) in [
        ("after=1&before=2", &["before: inconsistent"][..]),
        ("after=1&before=2&limit=0", &["before: inconsistent", "limit: out_of_range"]),
        ("after=x&before=2", &["after: wrong_type"]),
        ("after=-1", &["after: out_of_range"]),
        ("before=-1", &["before: out_of_range"]),
        ("after=1.5", &["after: wrong_type"]),
        ("limit=0", &["limit: out_of_range"]),
        ("limit=many&cursor=x", &["limit: wrong_type", "cursor: unknown_field"]),
        ("after=1&after=1", &["after: duplicate"]),
    ] {
        assert_eq!(scene.read(&scene.technician, query).fields(), expected, "{query}");
    }
}

#[test]
fn each_thread_numbers_its_own_messages() {
    let scene = scene_with(3);
    let job = scene.app.open_job(&scene.company);
    let body = json!({"technicianId": scene.technician.id, "jobId": job, "text": "About the job"});
    let other = super::open(&scene.app, &scene.company, &body).data(201);
    assert_eq!(other["lastMessage"]["seq"], 1);
    let body = super::read(&scene.app, &scene.technician, &text(&other["id"]), "").body();
    assert_eq!(body["data"], json!([other["lastMessage"]]));
    assert_eq!(window(&scene, ""), (vec![1, 2, 3], meta(50, 3, false)));
}
