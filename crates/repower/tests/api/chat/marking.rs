//! `POST /api/chat/threads/{id}/read`: the read mark of each side.

use repower_domain::accounts::CompanyRole;
use serde_json::{Value, json};

use super::{Scene, list, open};
use crate::support::{App, Person, Reply, UNKNOWN_ID, field_errors, text, with};

fn mark(app: &App, person: &Person, thread: &str, body: &Value) -> Reply {
    app.post(&format!("/api/chat/threads/{thread}/read")).bearer(&person.token).json(body).send()
}

impl Scene {
    /// A thread with messages one, two, four and five of the technician, and three and
    /// six of the company.
    fn with_six_messages() -> Self {
        let scene = Self::new();
        scene.send_texts(&scene.technician, &["one", "two"]);
        scene.send_texts(&scene.company, &["three"]);
        scene.send_texts(&scene.technician, &["four", "five"]);
        scene.send_texts(&scene.company, &["six"]);
        scene
    }

    /// Moves the mark of a side; returns the number of its unread messages.
    #[track_caller]
    fn mark(&self, person: &Person, seq: i64) -> i64 {
        let data = mark(&self.app, person, &self.thread, &json!({ "seq": seq })).data(200);
        assert_eq!(data, json!({"unreadCount": data["unreadCount"]}));
        let left = data["unreadCount"].as_i64().unwrap();
        assert_eq!(self.unread(person), left);
        left
    }

    /// The number of unread messages in the list of threads.
    #[track_caller]
    fn unread(&self, person: &Person) -> i64 {
        list(&self.app, person, "").data(200)[0]["unreadCount"].as_i64().unwrap()
    }
}

#[test]
fn messages_of_the_other_side_after_the_mark_are_unread() {
    for (seq, of_company, of_technician) in
        [(0, 4, 2), (1, 3, 2), (2, 2, 2), (3, 2, 1), (4, 1, 1), (5, 0, 1), (6, 0, 0)]
    {
        let scene = Scene::with_six_messages();
        assert_eq!(scene.mark(&scene.company, seq), of_company, "{seq}");
        assert_eq!(scene.mark(&scene.technician, seq), of_technician, "{seq}");
    }
}

#[test]
fn a_mark_returns_the_unread_count_in_an_envelope() {
    let scene = Scene::with_six_messages();
    let reply = mark(&scene.app, &scene.company, &scene.thread, &json!({"seq": 2.0}));
    let whole = json!({"success": true, "message": reply.body()["message"], "data": {"unreadCount": 2}});
    assert_eq!((reply.status.as_u16(), reply.body()), (200, whole));
}

#[test]
fn a_mark_never_moves_backwards() {
    let scene = Scene::with_six_messages();
    assert_eq!(scene.mark(&scene.company, 4), 1);
    for seq in [3, 0, 4] {
        assert_eq!(scene.mark(&scene.company, seq), 1);
    }
    assert_eq!(scene.mark(&scene.company, 5), 0);
    assert_eq!(scene.mark(&scene.company, 1), 0);
}

#[test]
fn a_mark_past_the_last_message_means_the_last_message() {
    let scene = Scene::with_six_messages();
    assert_eq!(scene.mark(&scene.company, i64::MAX), 0);
    scene.send_texts(&scene.technician, &["seven"]);
    assert_eq!(scene.unread(&scene.company), 1);
    assert_eq!(scene.mark(&scene.company, 6), 1);
    assert_eq!(scene.mark(&scene.company, 7), 0);
}

#[test]
fn a_thread_without_messages_has_nothing_unread() {
    let scene = Scene::new();
    for seq in [0, 1, 9] {
        assert_eq!(scene.mark(&scene.technician, seq), 0);
    }
    scene.send_texts(&scene.company, &["one"]);
    assert_eq!(scene.unread(&scene.technician), 1);
}

#[test]
fn each_side_has_a_mark_of_its_own() {
    let scene = Scene::with_six_messages();
    assert_eq!(scene.mark(&scene.technician, 6), 0);
    assert_eq!(scene.unread(&scene.company), 4);
    assert_eq!(scene.mark(&scene.company, 6), 0);
    scene.send_texts(&scene.technician, &["seven"]);
    assert_eq!((scene.unread(&scene.company), scene.unread(&scene.technician)), (1, 0));
}

#[test]
fn the_members_of_a_company_share_one_mark() {
    let scene = Scene::with_six_messages();
    let recruiter = scene.app.member(&scene.company, CompanyRole::Recruiter);
    assert_eq!(scene.unread(&recruiter), 4);
    assert_eq!(scene.mark(&recruiter, 4), 1);
    assert_eq!(scene.unread(&scene.company), 1);
    assert_eq!(scene.mark(&scene.company, 3), 1);
    assert_eq!(scene.mark(&scene.company, 5), 0);
    assert_eq!(scene.unread(&recruiter), 0);
}

#[test]
fn neither_sending_nor_listing_moves_the_mark() {
    let scene = Scene::with_six_messages();
    scene.send_texts(&scene.company, &["seven"]);
    scene.read(&scene.company, "after=0").data(200);
    assert_eq!(scene.unread(&scene.company), 4);
}

#[test]
fn a_mark_changes_only_the_unread_count_of_its_thread() {
    let scene = Scene::with_six_messages();
    let job = scene.app.open_job(&scene.company);
    let body = json!({"companyId": scene.company.id, "jobId": job, "text": "Hello"});
    let other = open(&scene.app, &scene.technician, &body).data(201);
    let before = list(&scene.app, &scene.company, "").data(200);
    scene
        .app
        .post(&format!("/api/chat/threads/{}/read", scene.thread))
        .bearer(&scene.company.token)
        .json(&json!({"seq": 2}))
        .send()
        .data(200);
    let after = list(&scene.app, &scene.company, "").data(200);
    assert_eq!(text(&after[0]["id"]), text(&other["id"]));
    assert_eq!(after, json!([before[0], with(&before[1], &json!({"unreadCount": 2}))]));
}

#[test]
fn opening_an_existing_thread_returns_its_unread_count() {
    let scene = Scene::with_six_messages();
    scene.mark(&scene.company, 4);
    let reopened = open(&scene.app, &scene.company, &json!({"technicianId": scene.technician.id})).data(200);
    assert_eq!(reopened["unreadCount"], 1);
}

#[test]
fn a_mark_is_a_whole_number_that_is_not_negative() {
    let scene = Scene::with_six_messages();
    let before = scene.app.database.contents();
    for (seq, code) in [
        (json!(-1), "out_of_range"),
        (json!(1.5), "wrong_type"),
        (json!("1"), "wrong_type"),
        (json!(true), "wrong_type"),
        (json!([1]), "wrong_type"),
        (json!(null), "wrong_type"),
    ] {
        for thread in [scene.thread.as_str(), UNKNOWN_ID, "no-uuid"] {
            let rejected = mark(&scene.app, &scene.company, thread, &json!({ "seq": seq }));
            assert_eq!(rejected.fields(), field_errors(&["seq"], code), "{seq}");
        }
    }
    assert_eq!(mark(&scene.app, &scene.company, &scene.thread, &json!({})).fields(), ["seq: required"]);
    let unknown = json!({"seq": 1, "after": 1});
    assert_eq!(mark(&scene.app, &scene.company, &scene.thread, &unknown).fields(), ["after: unknown_field"]);
    assert_eq!(scene.app.database.contents(), before);
}
