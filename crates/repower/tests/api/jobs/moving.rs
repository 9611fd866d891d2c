use serde_json::{Value, json};

use super::{id, move_to};
use crate::support::{App, Person, a_moment, text, with};

fn app_and_company() -> (App, Person) {
    let app = App::start();
    let company = app.company("vestas");
    (app, company)
}

/// A job that went this way from DRAFT.
fn job_that_went(app: &App, company: &Person, statuses: &[&str]) -> Value {
    let draft = app.post_job(company, &json!({}));
    statuses.iter().fold(draft, |job, status| move_to(app, company, id(&job), status).data(200))
}

#[test]
fn a_job_goes_where_the_table_says_and_nowhere_else() {
    let (app, company) = app_and_company();
    for (way, next, status) in [
        (&[][..], "DRAFT", 200),
        (&[], "OPEN", 200),
        (&[], "CLOSED", 200),
        (&["OPEN"], "DRAFT", 409),
        (&["OPEN"], "OPEN", 200),
        (&["OPEN"], "CLOSED", 200),
        (&["CLOSED"], "DRAFT", 409),
        (&["CLOSED"], "OPEN", 200),
        (&["CLOSED"], "CLOSED", 200),
        (&["OPEN", "CLOSED"], "DRAFT", 409),
        (&["OPEN", "CLOSED"], "OPEN", 200),
        (&["OPEN", "CLOSED"], "CLOSED", 200),
    ] {
        let job = job_that_went(&app, &company, way);
        let reply = move_to(&app, &company, id(&job), next);
        let now = app.get(&format!("/api/jobs/{}", id(&job))).bearer(&company.token).send().data(200);
        if status == 200 {
            assert_eq!((&reply.data(200), &now["status"]), (&now, &json!(next)), "{way:?} {next}");
        } else {
            assert_eq!((reply.code(409).as_str(), &now), ("invalid_transition", &job), "{way:?} {next}");
        }
    }
}

#[test]
fn publishing_keeps_everything_but_the_status() {
    let (app, company) = app_and_company();
    let draft = app.post_job(&company, &json!({"projectName": "Baltic Eagle", "dayRateFrom": 300}));
    let open = move_to(&app, &company, id(&draft), "OPEN").data(200);
    let changes = json!({
        "status": "OPEN", "publishedAt": a_moment(&open["publishedAt"]), "updatedAt": a_moment(&open["updatedAt"]),
    });
    assert_eq!(open, with(&draft, &changes));
    assert_eq!(open["publishedAt"], open["updatedAt"]);
    assert!(text(&open["publishedAt"]) >= text(&draft["createdAt"]));
}

#[test]
fn a_job_keeps_the_moment_of_its_first_publication() {
    let (app, company) = app_and_company();
    let open = job_that_went(&app, &company, &["OPEN"]);
    for status in ["CLOSED", "OPEN", "CLOSED", "OPEN"] {
        assert_eq!(
            move_to(&app, &company, id(&open), status).data(200)["publishedAt"],
            open["publishedAt"],
            "{status}"
        );
    }
}

#[test]
fn a_job_that_closed_before_it_was_ever_open_was_not_published() {
    let (app, company) = app_and_company();
    let closed = job_that_went(&app, &company, &["CLOSED"]);
    assert_eq!(closed["publishedAt"], Value::Null);
    let open = move_to(&app, &company, id(&closed), "OPEN").data(200);
    assert_eq!(a_moment(&open["publishedAt"]), open["updatedAt"]);
}

#[test]
fn the_same_status_again_changes_nothing() {
    let (app, company) = app_and_company();
    for (way, status) in [(&[][..], "DRAFT"), (&["OPEN"], "OPEN"), (&["OPEN", "CLOSED"], "CLOSED")] {
        let job = job_that_went(&app, &company, way);
        assert_eq!(move_to(&app, &company, id(&job), status).data(200), job, "{status}");
    }
}

#[test]
fn the_status_must_be_one_and_stand_alone() {
    let (app, company) = app_and_company();
    let job = app.post_job(&company, &json!({}));
    for (body, told) in [
        (json!({}), &["status: required"][..]),
        (json!({"status": null}), &["status: wrong_type"]),
        (json!({"status": ""}), &["status: required"]),
        (json!({"status": "open"}), &["status: not_allowed"]),
        (json!({"status": "PUBLISHED"}), &["status: not_allowed"]),
        (json!({"status": 1, "title": "x"}), &["status: wrong_type", "title: unknown_field"]),
        (json!({"status": "OPEN", "title": "x"}), &["title: unknown_field"]),
        (json!(["OPEN"]), &[": wrong_type"]),
    ] {
        let reply = app.patch(&format!("/api/jobs/{}/status", id(&job))).bearer(&company.token).json(&body).send();
        assert_eq!(reply.fields(), told, "{body}");
    }
    assert_eq!(app.database.rows("jobs WHERE status <> 'DRAFT'"), 0);
}

#[test]
fn another_companys_job_is_refused_where_it_may_be_seen_and_else_not_there() {
    let (app, company) = app_and_company();
    let other = app.company("siemens");
    for (way, status, code) in [
        (&[][..], 404, "not_found"),
        (&["CLOSED"], 404, "not_found"),
        (&["OPEN"], 403, "forbidden"),
        (&["OPEN", "CLOSED"], 403, "forbidden"),
    ] {
        let job = job_that_went(&app, &company, way);
        for next in ["DRAFT", "OPEN", "CLOSED"] {
            assert_eq!(move_to(&app, &other, id(&job), next).code(status), code, "{way:?} {next}");
        }
    }
}
