//! `GET /api/chat/unread`: the unread messages of a side in all its threads.

use repower_domain::accounts::CompanyRole;
use serde_json::{Value, json};

use super::{Scene, open, send};
use crate::support::{App, Person, Reply, text};

fn unread(app: &App, person: &Person) -> Reply {
    app.get("/api/chat/unread").bearer(&person.token).send()
}

fn unread_unless(app: &App, person: &Person, tag: &str) -> Reply {
    app.get("/api/chat/unread").bearer(&person.token).header("If-None-Match", tag).send()
}

fn totals(threads: u32, messages: u32) -> Value {
    json!({"unreadThreads": threads, "unreadMessages": messages})
}

#[test]
fn unread_messages_are_summed_over_the_threads_of_a_side() {
    let scene = Scene::new();
    let (app, company, technician) = (&scene.app, &scene.company, &scene.technician);
    let recruiter = app.member(company, CompanyRole::Recruiter);
    assert_eq!(unread(app, company).data(200), totals(0, 0));
    scene.send_texts(technician, &["one", "two"]);
    let another = app.technician("toma");
    let other = text(&open(app, &another, &json!({"companyId": company.id, "text": "three"})).data(201)["id"]);
    for member in [company, &recruiter] {
        assert_eq!(unread(app, member).data(200), totals(2, 3));
    }
    for person in [technician, &another, &app.company("siemens")] {
        assert_eq!(unread(app, person).data(200), totals(0, 0));
    }
    send(app, &recruiter, &other, &json!({"text": "four"})).data(201);
    assert_eq!(unread(app, &another).data(200), totals(1, 1));
    let path = format!("/api/chat/threads/{}/read", scene.thread);
    app.post(&path).bearer(&recruiter.token).json(&json!({"seq": 1})).send().data(200);
    assert_eq!(unread(app, company).data(200), totals(2, 2));
    app.post(&path).bearer(&recruiter.token).json(&json!({"seq": 2})).send().data(200);
    assert_eq!(unread(app, company).data(200), totals(1, 1));
}

#[test]
fn a_poll_is_answered_304_until_something_changes() {
    let scene = Scene::new();
    let (app, company) = (&scene.app, &scene.company);
    let reply = unread(app, company);
    assert_eq!(reply.header("Cache-Control"), Some("private, no-cache"));
    let tag = reply.header("ETag").unwrap().to_owned();
    let known = unread_unless(app, company, &tag);
    assert_eq!((known.status.as_u16(), known.text.as_str(), known.header("ETag")), (304, "", Some(&*tag)));
    scene.send_texts(&scene.technician, &["one"]);
    let changed = unread_unless(app, company, &tag);
    assert_eq!(changed.data(200), totals(1, 1));
    assert_eq!(unread_unless(app, company, changed.header("ETag").unwrap()).status, 304);
}

#[test]
fn no_parameter_is_known() {
    let scene = Scene::new();
    let reply = scene.app.get("/api/chat/unread?limit=1").bearer(&scene.company.token).send();
    assert_eq!(reply.fields(), ["limit: unknown_field"]);
}
