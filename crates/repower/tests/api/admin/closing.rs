//! `PATCH /api/admin/jobs/{id}/status`: closing open jobs.

use serde_json::{Value, json};

use super::{close, log};
use crate::support::{App, Person, Reply, UNKNOWN_ID, a_moment, field_errors, text, with};

fn patch(app: &App, root: &Person, job: &str, body: &Value) -> Reply {
    app.patch(&format!("/api/admin/jobs/{job}/status")).bearer(&root.token).json(body).send()
}

fn move_job(app: &App, company: &Person, job: &str, status: &str) {
    let path = format!("/api/jobs/{job}/status");
    app.patch(&path).bearer(&company.token).json(&json!({ "status": status })).send().data(200);
}

#[test]
fn a_closed_job_is_returned_whole_and_is_not_open() {
    let app = App::start();
    let (company, root) = (app.company("vestas"), app.super_admin());
    let job = app.post_job(&company, &json!({"status": "OPEN", "dayRateFrom": 300}));
    let id = text(&job["id"]);
    let closed = close(&app, &root, &id).data(200);
    let changes = json!({"status": "CLOSED", "updatedAt": a_moment(&closed["updatedAt"])});
    assert_eq!(closed, with(&job, &changes));
    assert_eq!(app.get(&format!("/api/jobs/{id}")).send().data(200), closed);
    assert_eq!(app.get("/api/jobs").send().data(200), json!([]));
    let apply = app.post(&format!("/api/jobs/{id}/applications")).bearer(&app.technician("tanja").token);
    assert_eq!(apply.json(&json!({})).send().code(409), "job_not_open");
}

#[test]
fn only_an_open_job_can_be_closed() {
    let app = App::start();
    let (company, root) = (app.company("vestas"), app.super_admin());
    let draft = text(&app.post_job(&company, &json!({}))["id"]);
    let never_open = text(&app.post_job(&company, &json!({}))["id"]);
    move_job(&app, &company, &never_open, "CLOSED");
    let closed = app.open_job(&company);
    close(&app, &root, &closed).data(200);
    let before = app.database.contents();
    for job in [&draft, &never_open, &closed] {
        assert_eq!(close(&app, &root, job).code(409), "invalid_transition");
    }
    assert_eq!(app.database.contents(), before);
}

#[test]
fn the_company_can_reopen_its_job_and_it_can_be_closed_again() {
    let app = App::start();
    let (company, root) = (app.company("vestas"), app.super_admin());
    let job = app.open_job(&company);
    for _ in 0..2 {
        close(&app, &root, &job).data(200);
        move_job(&app, &company, &job, "OPEN");
    }
    assert_eq!(log(&app, &root).as_array().unwrap().len(), 2);
}

#[test]
fn applications_for_a_closed_job_can_still_be_moved() {
    let app = App::start();
    let (company, technician, root) = (app.company("vestas"), app.technician("tanja"), app.super_admin());
    let job = app.open_job(&company);
    let application = app.apply(&technician, &job);
    close(&app, &root, &job).data(200);
    app.move_application(&company, &application, "OFFERED").data(200);
    app.move_application(&technician, &application, "ACCEPTED").data(200);
}

#[test]
fn closed_is_the_only_valid_status_and_is_checked_before_the_job_is_looked_up() {
    let app = App::start();
    let (company, root) = (app.company("vestas"), app.super_admin());
    let job = app.open_job(&company);
    let before = app.database.contents();
    for id in [job.as_str(), UNKNOWN_ID, "no-uuid"] {
        for (status, code) in [
            (json!("OPEN"), "not_allowed"),
            (json!("DRAFT"), "not_allowed"),
            (json!("closed"), "not_allowed"),
            (json!(""), "required"),
            (json!(null), "wrong_type"),
            (json!(1), "wrong_type"),
        ] {
            assert_eq!(
                patch(&app, &root, id, &json!({ "status": status })).fields(),
                field_errors(&["status"], code),
                "{status}"
            );
        }
        assert_eq!(patch(&app, &root, id, &json!({})).fields(), ["status: required"]);
        let unknown = json!({"status": "CLOSED", "reason": "spam"});
        assert_eq!(patch(&app, &root, id, &unknown).fields(), ["reason: unknown_field"]);
    }
    for id in [UNKNOWN_ID, "no-uuid", "%00", &company.id] {
        assert_eq!(close(&app, &root, id).code(404), "not_found", "{id}");
    }
    assert_eq!(app.database.contents(), before);
}
