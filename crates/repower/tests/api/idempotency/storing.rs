use serde_json::json;

use super::{CERTIFICATIONS, REGISTER, Scene, a_certification, a_registration, certify, is_replayed};
use crate::support::{App, PASSWORD, Person, Reply, text};

fn apply(app: &App, technician: &Person, job: &str) -> Reply {
    let path = format!("/api/jobs/{job}/applications");
    app.post(&path).bearer(&technician.token).header("Idempotency-Key", "k").json(&json!({})).send()
}

fn age(app: &App, interval: &str) {
    app.database.run(&format!("UPDATE kept_answers SET created_at = created_at - interval '{interval}'"));
}

#[test]
fn a_conflict_is_not_stored() {
    let app = App::start();
    let (company, technician) = (app.company("vestas"), app.technician("tanja"));
    let job = app.open_job(&company);
    let status = |status: &str| {
        let path = format!("/api/jobs/{job}/status");
        app.patch(&path).bearer(&company.token).json(&json!({"status": status})).send().data(200);
    };
    status("CLOSED");
    let before = app.database.contents();
    for _ in 0..2 {
        assert_eq!(apply(&app, &technician, &job).code(409), "job_not_open");
    }
    assert_eq!(app.database.contents(), before);
    status("OPEN");
    let (first, again) = (apply(&app, &technician, &job), apply(&app, &technician, &job));
    assert_eq!((first.status.as_u16(), is_replayed(&first), is_replayed(&again)), (201, false, true));
}

#[test]
fn a_400_or_404_is_not_stored() {
    let app = App::start();
    let technician = app.technician("tanja");
    let post = |body: &serde_json::Value| {
        app.post(CERTIFICATIONS).bearer(&technician.token).header("Idempotency-Key", "k").json(body).send()
    };
    assert_eq!(post(&json!({})).code(400), "validation_failed");
    assert_eq!(apply(&app, &technician, "0192f1d0-7c2b-7cc1-9c40-6f3f2f2d9a11").code(404), "not_found");
    assert_eq!(app.database.rows("kept_answers"), 0);
    let first = post(&a_certification());
    assert_eq!((first.status.as_u16(), is_replayed(&first)), (201, false));
}

#[test]
fn a_503_is_not_stored() {
    let app = App::start();
    let technician = app.technician("tanja");
    for table in ["certifications", "kept_answers"] {
        app.database.run(&format!("ALTER TABLE {table} RENAME TO missing"));
        assert_eq!(certify(&app, &technician, table).code(503), "database_unavailable", "{table}");
        app.database.run(&format!("ALTER TABLE missing RENAME TO {table}"));
        let first = certify(&app, &technician, table);
        assert_eq!((first.status.as_u16(), is_replayed(&first)), (201, false), "{table}");
    }
    assert_eq!(app.database.rows("certifications"), 2);
}

#[test]
fn a_taken_email_is_rejected_each_time() {
    let app = App::start();
    app.post(REGISTER).json(&a_registration()).send().data(201);
    for _ in 0..2 {
        let reply = app.post(REGISTER).header("Idempotency-Key", app.database.name()).json(&a_registration()).send();
        assert_eq!((reply.code(409).as_str(), is_replayed(&reply)), ("email_taken", false));
    }
    assert_eq!(app.database.rows("kept_answers"), 0);
}

#[test]
fn the_stored_responses_of_a_user_end_with_a_new_password() {
    let app = App::start_with(&[("MAX_KEPT_ANSWERS", "1")]);
    let technician = app.technician("tanja");
    // A stranger with the old password used the key and the quota of stored responses.
    let stranger = certify(&app, &technician, "k").data(201);
    assert_eq!(certify(&app, &technician, "another").code(409), "limit_reached");
    let body = json!({"currentPassword": PASSWORD, "newPassword": "battery staple"});
    let changed = app.post("/api/users/me/password").bearer(&technician.token).json(&body).send().data(200);
    let technician = Person { token: text(&changed["token"]), ..technician };
    let (first, again) = (certify(&app, &technician, "k"), certify(&app, &technician, "k"));
    assert_eq!((is_replayed(&first), is_replayed(&again)), (false, true));
    assert_ne!(first.data(201)["id"], stranger["id"]);
}

#[test]
fn after_a_day_the_request_is_executed_again() {
    let app = App::start();
    let technician = app.technician("tanja");
    let first = text(&certify(&app, &technician, "k").data(201)["id"]);
    age(&app, "23 hours 59 minutes");
    let same = certify(&app, &technician, "k");
    assert_eq!((is_replayed(&same), &same.data(201)["id"]), (true, &json!(first)));
    age(&app, "1 minute");
    let second = certify(&app, &technician, "k");
    assert!(!is_replayed(&second) && second.data(201)["id"] != json!(first), "{}", second.text);
    let again = certify(&app, &technician, "k");
    assert_eq!((is_replayed(&again), &again.text), (true, &second.text));
    assert_eq!((app.database.rows("certifications"), app.database.rows("kept_answers")), (2, 1));
}

#[test]
fn after_a_day_another_request_may_use_the_key() {
    let app = App::start();
    let scene = Scene::new(&app);
    certify(&app, &scene.technician, "k").data(201);
    assert_eq!(apply(&app, &scene.technician, &scene.job).code(409), "idempotency_mismatch");
    age(&app, "24 hours");
    assert!(!is_replayed(&apply(&app, &scene.technician, &scene.job)));
    assert!(is_replayed(&apply(&app, &scene.technician, &scene.job)));
    assert_eq!(certify(&app, &scene.technician, "k").code(409), "idempotency_mismatch");
}
