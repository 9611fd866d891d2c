use serde_json::{Value, json};

use super::id;
use crate::support::{App, Cast, a_job};

const NOBODY: &str = "00000000-0000-7000-8000-000000000000";

/// The columns are those of [`Cast::statuses`].
#[test]
fn each_role_may_what_the_contract_says() {
    let app = App::start();
    let cast = Cast::of(&app);
    let open = app.post_job(&cast.admin, &json!({"status": "OPEN"}));
    let (job, status) = (format!("/api/jobs/{}", id(&open)), format!("/api/jobs/{}/status", id(&open)));
    for (method, path, body, statuses) in [
        ("POST", "/api/jobs", a_job(), "401 403 403 201 201 201 403 201 403"),
        ("GET", "/api/jobs", Value::Null, "200 200 200 200 200 200 200 200 200"),
        ("GET", &job, Value::Null, "200 200 200 200 200 200 200 200 200"),
        ("PATCH", &job, json!({"title": "Inspection"}), "401 403 403 200 200 200 403 403 403"),
        ("PATCH", &status, json!({"status": "OPEN"}), "401 403 403 200 200 200 403 403 403"),
        ("GET", "/api/companies/me/jobs", Value::Null, "401 403 403 200 200 200 200 200 403"),
    ] {
        let request = || {
            let request = app.request(method, path);
            if body.is_null() { request } else { request.json(&body) }
        };
        assert_eq!(cast.statuses(request), statuses, "{method} {path}");
    }
}

#[test]
fn the_draft_of_a_company_is_not_there_for_all_others() {
    let app = App::start();
    let cast = Cast::of(&app);
    let draft = app.post_job(&cast.admin, &json!({}));
    let (job, status) = (format!("/api/jobs/{}", id(&draft)), format!("/api/jobs/{}/status", id(&draft)));
    let edit = || app.patch(&job).json(&json!({"title": "Inspection"}));
    assert_eq!(cast.statuses(edit), "401 403 403 200 200 200 403 404 403");
    let move_it = || app.patch(&status).json(&json!({"status": "DRAFT"}));
    assert_eq!(cast.statuses(move_it), "401 403 403 200 200 200 403 404 403");
}

#[test]
fn what_the_role_may_not_do_is_refused_before_the_body_is_looked_at() {
    let app = App::start();
    let cast = Cast::of(&app);
    for (method, path) in [("POST", "/api/jobs"), ("PATCH", "/api/jobs/x"), ("PATCH", "/api/jobs/x/status")] {
        let request = || app.request(method, path).raw("{");
        assert_eq!(cast.statuses(request), "401 403 403 400 400 400 403 400 403", "{method} {path}");
        let request = || app.request(method, path).header("Content-Type", "text/plain").bytes("{}");
        assert_eq!(cast.statuses(request), "401 403 403 415 415 415 403 415 403", "{method} {path}");
    }
}

#[test]
fn the_body_is_looked_at_before_the_job() {
    let app = App::start();
    let company = app.company("vestas");
    for job in [NOBODY, "no-uuid", "%00"] {
        let (job, status) = (format!("/api/jobs/{job}"), format!("/api/jobs/{job}/status"));
        for (path, wrong, right) in [
            (&job, json!({"title": 5}), json!({"title": "Inspection"})),
            (&status, json!({}), json!({"status": "OPEN"})),
        ] {
            let patch = |body| app.patch(path).bearer(&company.token).json(body).send();
            assert_eq!(patch(&wrong).code(400), "validation_failed", "{path}");
            assert_eq!(patch(&right).code(404), "not_found", "{path}");
        }
        assert_eq!(app.get(&job).send().code(404), "not_found", "{job}");
    }
}

#[test]
fn nothing_is_stored_by_who_may_not() {
    let app = App::start();
    let cast = Cast::of(&app);
    let open = app.post_job(&cast.admin, &json!({"status": "OPEN"}));
    let path = format!("/api/jobs/{}", id(&open));
    let mighty = [&cast.technician, &cast.viewer, &cast.other_admin, &cast.super_admin];
    for person in mighty {
        app.patch(&path).bearer(&person.token).json(&json!({"title": "Taken over"})).send().code(403);
        app.patch(&format!("{path}/status")).bearer(&person.token).json(&json!({"status": "CLOSED"})).send().code(403);
    }
    for person in [&cast.technician, &cast.viewer, &cast.super_admin] {
        app.post("/api/jobs").bearer(&person.token).json(&a_job()).send().code(403);
    }
    assert_eq!(app.get(&path).send().data(200), open);
    assert_eq!(app.database.rows("jobs"), 1);
}
