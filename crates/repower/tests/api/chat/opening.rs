use serde_json::{Value, json};

use super::{Scene, list, open, read};
use crate::support::{App, Person, UNKNOWN_ID, a_moment, an_id, each, text, with};

fn app_and_sides() -> (App, Person, Person) {
    let app = App::start();
    let (company, technician) = (app.company("vestas"), app.technician("tanja"));
    (app, company, technician)
}

#[test]
fn a_thread_about_no_job_is_created_once_for_both_sides() {
    let (app, company, technician) = app_and_sides();
    let thread = open(&app, &technician, &json!({"companyId": company.id})).data(201);
    let expected = json!({
        "id": an_id(&thread["id"]), "companyId": company.id, "technicianId": technician.id, "jobId": null,
        "company": {"id": company.id, "name": "vestas"}, "technician": {"id": technician.id, "fullName": "tanja"},
        "job": null, "lastMessage": null, "unreadCount": 0, "createdAt": a_moment(&thread["createdAt"]),
    });
    assert_eq!(thread, expected);
    assert_eq!(open(&app, &technician, &json!({"companyId": company.id, "jobId": null})).data(200), thread);
    assert_eq!(open(&app, &company, &json!({"technicianId": technician.id})).data(200), thread);
    assert_eq!(app.database.rows("threads"), 1);
}

#[test]
fn a_thread_about_a_job_names_the_job() {
    let (app, company, technician) = app_and_sides();
    let job = app.open_job(&company);
    let thread = open(&app, &company, &json!({"technicianId": technician.id, "jobId": job})).data(201);
    let expected = json!({
        "id": an_id(&thread["id"]), "companyId": company.id, "technicianId": technician.id, "jobId": job,
        "company": {"id": company.id, "name": "vestas"}, "technician": {"id": technician.id, "fullName": "tanja"},
        "job": {"id": job, "title": "Blade repair"}, "lastMessage": null, "unreadCount": 0,
        "createdAt": a_moment(&thread["createdAt"]),
    });
    assert_eq!(thread, expected);
    assert_eq!(open(&app, &technician, &json!({"companyId": company.id, "jobId": job})).data(200), thread);
}

#[test]
fn each_company_technician_and_job_have_a_thread_of_their_own() {
    let (app, company, technician) = app_and_sides();
    let (other_company, another) = (app.company("siemens"), app.technician("anders"));
    let jobs = [app.open_job(&company), app.open_job(&company)];
    let bodies = [
        (&technician, json!({"companyId": company.id})),
        (&technician, json!({"companyId": company.id, "jobId": jobs[0]})),
        (&technician, json!({"companyId": company.id, "jobId": jobs[1]})),
        (&technician, json!({"companyId": other_company.id})),
        (&another, json!({"companyId": company.id})),
        (&other_company, json!({"technicianId": another.id})),
        (&another, json!({"companyId": company.id, "jobId": jobs[0]})),
    ];
    let created = bodies.each_ref().map(|(person, body)| text(&open(&app, person, body).data(201)["id"]));
    let found = bodies.each_ref().map(|(person, body)| text(&open(&app, person, body).data(200)["id"]));
    assert_eq!(created, found);
    assert_eq!(app.database.rows("threads"), 7);
}

#[test]
fn a_text_is_sent_when_a_thread_is_opened() {
    let (app, company, technician) = app_and_sides();
    let body = json!({"companyId": company.id, "text": " Hello ", "clientMessageId": "a-1"});
    let thread = open(&app, &technician, &body).data(201);
    let message = &thread["lastMessage"];
    let expected = json!({
        "id": an_id(&message["id"]), "threadId": thread["id"], "seq": 1, "senderType": "TECHNICIAN",
        "senderUserId": technician.user_id, "senderName": "tanja", "text": "Hello", "clientMessageId": "a-1",
        "createdAt": a_moment(&message["createdAt"]),
    });
    assert_eq!((message, &thread["unreadCount"]), (&expected, &json!(0)));
    assert_eq!(read(&app, &company, &text(&thread["id"]), "").data(200), json!([expected]));
}

#[test]
fn a_text_is_sent_into_an_existing_thread() {
    let scene = Scene::new();
    let (app, company, technician) = (&scene.app, &scene.company, &scene.technician);
    let body = json!({"technicianId": technician.id, "text": "Hello", "clientMessageId": "a-1"});
    let opened = open(app, company, &body).data(200);
    assert_eq!((&opened["id"], &opened["lastMessage"]["seq"]), (&json!(scene.thread), &json!(1)));
    let repeated = open(app, company, &with(&body, &json!({"text": "Another text"}))).data(200);
    assert_eq!(repeated, opened);
    open(app, company, &json!({"technicianId": technician.id, "text": "Hello"})).data(200);
    assert_eq!(each(&read(app, company, &scene.thread, "").data(200), "text"), ["Hello", "Hello"]);
    assert_eq!(list(app, technician, "").data(200)[0]["unreadCount"], 2);
}

#[test]
fn an_empty_text_sends_no_message() {
    let (app, company, technician) = app_and_sides();
    for (sent, status) in [(json!(null), 201), (json!(""), 200), (json!(" \n"), 200)] {
        let thread = open(&app, &technician, &json!({"companyId": company.id, "text": sent})).data(status);
        assert_eq!(thread["lastMessage"], Value::Null, "{sent}");
    }
    assert_eq!(app.database.rows("messages"), 0);
}

#[test]
fn a_technician_cannot_open_an_existing_thread_about_a_draft() {
    let (app, company, technician) = app_and_sides();
    let draft = text(&app.post_job(&company, &json!({}))["id"]);
    let thread = open(&app, &company, &json!({"technicianId": technician.id, "jobId": draft})).data(201);
    assert_eq!(open(&app, &technician, &json!({"companyId": company.id, "jobId": draft})).code(404), "not_found");
    assert_eq!(each(&list(&app, &technician, "").data(200), "id"), [text(&thread["id"])]);
}

#[test]
fn unknown_and_unrelated_ids_are_not_found() {
    let (app, company, technician) = app_and_sides();
    let other = app.company("siemens");
    let (own, theirs) = (app.open_job(&company), app.open_job(&other));
    for (person, body) in [
        (&technician, json!({"companyId": company.id, "jobId": theirs})),
        (&technician, json!({"companyId": company.id, "jobId": UNKNOWN_ID})),
        (&technician, json!({"companyId": UNKNOWN_ID})),
        (&technician, json!({"companyId": UNKNOWN_ID, "jobId": own})),
        (&technician, json!({"companyId": technician.id})),
        (&company, json!({"technicianId": technician.id, "jobId": theirs})),
        (&company, json!({"technicianId": UNKNOWN_ID})),
        (&company, json!({"technicianId": UNKNOWN_ID, "jobId": own})),
        (&company, json!({"technicianId": technician.user_id})),
        (&company, json!({"technicianId": company.id})),
    ] {
        for body in [body.clone(), with(&body, &json!({"text": "Hello"}))] {
            assert_eq!(open(&app, person, &body).code(404), "not_found", "{body}");
        }
    }
    assert_eq!((app.database.rows("threads"), app.database.rows("messages")), (0, 0));
}

#[test]
fn each_side_names_the_other() {
    let (app, company, technician) = app_and_sides();
    for (body, by_technician, by_company) in [
        (json!({}), &["companyId: required"][..], &["technicianId: required"][..]),
        (
            json!({"companyId": null, "technicianId": null}),
            &["companyId: wrong_type", "technicianId: unknown_field"],
            &["technicianId: wrong_type", "companyId: unknown_field"],
        ),
        (
            json!({"companyId": company.id, "technicianId": technician.id}),
            &["technicianId: unknown_field"],
            &["companyId: unknown_field"],
        ),
    ] {
        assert_eq!(open(&app, &technician, &body).fields(), by_technician, "{body}");
        assert_eq!(open(&app, &company, &body).fields(), by_company, "{body}");
    }
    assert_eq!(app.database.rows("threads"), 0);
}

#[test]
fn all_invalid_fields_are_reported_at_once() {
    let (app, company, technician) = app_and_sides();
    let invalid = json!({"jobId": "7", "text": "x".repeat(4_001), "clientMessageId": "x".repeat(65), "seq": 1});
    let expected = |other: &str| {
        let others = ["jobId: invalid_format", "text: too_long", "clientMessageId: too_long", "seq: unknown_field"];
        [vec![format!("{other}: invalid_format")], others.map(str::to_owned).to_vec()].concat()
    };
    let by_technician = open(&app, &technician, &with(&invalid, &json!({"companyId": "no-uuid"})));
    assert_eq!(by_technician.fields(), expected("companyId"));
    let by_company = open(&app, &company, &with(&invalid, &json!({"technicianId": "no-uuid"})));
    assert_eq!(by_company.fields(), expected("technicianId"));
    let nameless = json!({"companyId": company.id, "clientMessageId": "a-1"});
    assert_eq!(open(&app, &technician, &nameless).fields(), ["clientMessageId: inconsistent"]);
    assert_eq!(app.database.rows("threads"), 0);
}
