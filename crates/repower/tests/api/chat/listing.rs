use serde_json::{Value, json};

use super::{Scene, list, open, send};
use crate::support::{App, Person, each, encoded, text, with};

/// A company, and threads that technicians with these names opened with it, in this
/// order.
fn app_with_threads<const N: usize>(names: [&str; N]) -> (App, Person, [(Person, String); N]) {
    let app = App::start();
    let company = app.company("vestas");
    let threads = names.map(|name| {
        let technician = app.technician(name);
        let thread = text(&open(&app, &technician, &json!({"companyId": company.id})).data(201)["id"]);
        (technician, thread)
    });
    (app, company, threads)
}

/// The names of the technicians, in the order of the list.
#[track_caller]
fn partners(list: &Value) -> Vec<String> {
    list.as_array().unwrap().iter().map(|thread| text(&thread["technician"]["fullName"])).collect()
}

#[test]
fn a_thread_is_listed_for_both_sides_as_it_was_returned() {
    let app = App::start();
    let (company, technician) = (app.company("vestas"), app.technician("tanja"));
    let job = app.open_job(&company);
    let body = json!({"companyId": company.id, "jobId": job, "text": "Hello"});
    let thread = open(&app, &technician, &body).data(201);
    let body = list(&app, &technician, "").body();
    assert_eq!((&body["data"], &body["meta"]), (&json!([thread]), &json!({"limit": 20, "nextCursor": null})));
    let shown_to_company = with(&thread, &json!({"unreadCount": 1}));
    assert_eq!(list(&app, &company, "").data(200), json!([shown_to_company]));
}

#[test]
fn threads_are_listed_by_latest_activity() {
    let (app, company, [first, second, third]) = app_with_threads(["first", "second", "third"]);
    assert_eq!(partners(&list(&app, &company, "").data(200)), ["third", "second", "first"]);
    send(&app, &first.0, &first.1, &json!({"text": "Hello"})).data(201);
    assert_eq!(partners(&list(&app, &company, "").data(200)), ["first", "third", "second"]);
    send(&app, &company, &second.1, &json!({"text": "Hello", "clientMessageId": "a-1"})).data(201);
    assert_eq!(partners(&list(&app, &company, "").data(200)), ["second", "first", "third"]);
    open(&app, &third.0, &json!({"companyId": company.id, "text": "Hello"})).data(200);
    assert_eq!(partners(&list(&app, &company, "").data(200)), ["third", "second", "first"]);
}

#[test]
fn only_a_new_message_is_an_activity() {
    let (app, company, [first, second]) = app_with_threads(["first", "second"]);
    let hello = json!({"text": "Hello", "clientMessageId": "a-1"});
    send(&app, &first.0, &first.1, &hello).data(201);
    send(&app, &second.0, &second.1, &hello).data(201);
    let before = list(&app, &company, "").data(200);
    send(&app, &first.0, &first.1, &hello).data(200);
    open(&app, &first.0, &json!({"companyId": company.id})).data(200);
    open(&app, &company, &json!({"technicianId": first.0.id})).data(200);
    super::read(&app, &first.0, &first.1, "").data(200);
    assert_eq!(list(&app, &company, "").data(200), before);
}

#[test]
fn the_messages_of_the_other_side_are_unread() {
    let scene = Scene::new();
    let unread = || {
        [&scene.company, &scene.technician]
            .map(|person| list(&scene.app, person, "").data(200)[0]["unreadCount"].clone())
    };
    assert_eq!(unread(), [json!(0), json!(0)]);
    scene.send_texts(&scene.technician, &["one", "two"]);
    assert_eq!(unread(), [json!(2), json!(0)]);
    scene.send_texts(&scene.company, &["three"]);
    assert_eq!(unread(), [json!(2), json!(1)]);
    scene.read(&scene.company, "").data(200);
    assert_eq!(unread(), [json!(2), json!(1)]);
}

#[test]
fn the_last_message_is_shown_whole_to_both_sides() {
    let scene = Scene::new();
    let last = scene.send_texts(&scene.technician, &["one", "two"]);
    for person in [&scene.company, &scene.technician] {
        assert_eq!(list(&scene.app, person, "").data(200)[0]["lastMessage"], last);
    }
    let last = scene.send_texts(&scene.company, &["three"]);
    assert_eq!(list(&scene.app, &scene.technician, "").data(200)[0]["lastMessage"], last);
}

#[test]
fn the_members_of_a_company_see_exactly_its_threads() {
    let (app, company, [(technician, thread)]) = app_with_threads(["tanja"]);
    let recruiter = app.member(&company, repower_domain::accounts::CompanyRole::Recruiter);
    let (other, another) = (app.company("siemens"), app.technician("anders"));
    let shared = list(&app, &company, "").data(200);
    assert_eq!(list(&app, &recruiter, "").data(200), shared);
    assert_eq!(each(&list(&app, &technician, "").data(200), "id"), [thread]);
    for stranger in [&other, &another] {
        assert_eq!(list(&app, stranger, "").data(200), json!([]));
    }
}

#[test]
fn a_thread_shows_the_current_names() {
    let scene = Scene::new();
    let rename = |path: &str, person: &Person, body: Value| {
        scene.app.patch(path).bearer(&person.token).json(&body).send().data(200);
    };
    rename("/api/companies/me", &scene.company, json!({"name": "Vestas"}));
    rename("/api/technicians/me", &scene.technician, json!({"fullName": "Tanja Holm"}));
    let thread = &list(&scene.app, &scene.technician, "").data(200)[0];
    assert_eq!(
        (&thread["company"]["name"], &thread["technician"]["fullName"]),
        (&json!("Vestas"), &json!("Tanja Holm"))
    );
}

#[test]
fn pages_have_no_gap_and_no_repetition_while_threads_are_opened() {
    let (app, company, _) = app_with_threads(["a", "b", "c", "d", "e"]);
    app.database.run("UPDATE threads SET last_activity_at = '2026-11-22T06:43:00.123456Z'");
    let (mut cursor, mut pages) = (String::new(), Vec::new());
    for late in ["x", "y", "z"] {
        let body = list(&app, &company, &format!("limit=2&cursor={}", encoded(&cursor))).body();
        pages.push(partners(&body["data"]));
        open(&app, &app.technician(late), &json!({"companyId": company.id})).data(201);
        body["meta"]["nextCursor"].as_str().unwrap_or_default().clone_into(&mut cursor);
    }
    assert_eq!((cursor.as_str(), pages.iter().map(Vec::len).collect::<Vec<_>>()), ("", vec![2, 2, 1]));
    let mut listed = pages.concat();
    listed.sort();
    assert_eq!(listed, ["a", "b", "c", "d", "e"]);
}

#[test]
fn the_pages_of_a_technician_are_ordered_by_activity() {
    let app = App::start();
    let technician = app.technician("tanja");
    let threads = ["a", "b", "c"].map(|name| {
        let company = app.company(name);
        text(&open(&app, &technician, &json!({"companyId": company.id})).data(201)["id"])
    });
    send(&app, &technician, &threads[0], &json!({"text": "Hello"})).data(201);
    let first = list(&app, &technician, "limit=2").body();
    let cursor = encoded(first["meta"]["nextCursor"].as_str().unwrap());
    let second = list(&app, &technician, &format!("limit=2&cursor={cursor}")).body();
    let listed = [each(&first["data"], "id"), each(&second["data"], "id")].concat();
    assert_eq!(listed, [&threads[0], &threads[2], &threads[1]].map(String::as_str));
    assert_eq!(second["meta"]["nextCursor"], Value::Null);
}

#[test]
fn a_cursor_of_another_list_is_invalid() {
    let (app, company, [(technician, _), _]) = app_with_threads(["a", "b"]);
    let cursor = list(&app, &company, "limit=1").body()["meta"]["nextCursor"].as_str().map(encoded).unwrap();
    assert_eq!(partners(&list(&app, &company, &format!("cursor={cursor}")).data(200)), ["a"]);
    assert_eq!(list(&app, &technician, &format!("cursor={cursor}")).code(400), "invalid_cursor");
    let jobs = app.get(&format!("/api/jobs?cursor={cursor}")).send();
    assert_eq!(jobs.code(400), "invalid_cursor");
}

#[test]
fn invalid_parameters_are_reported_by_name() {
    let (app, company, []) = app_with_threads([]);
    let expected = ["limit: out_of_range", "jobId: unknown_field"];
    assert_eq!(list(&app, &company, "limit=101&jobId=7").fields(), expected);
}
