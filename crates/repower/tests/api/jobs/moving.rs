use serde_json::{Value, json};

use super::{id, move_to};
use crate::support::{App, Person, a_moment, text, with};

fn app_and_company() -> (App, Person) {
    let app = App::start();
    let company = app.company("vestas");
    (app, company)
}

/// A job that was moved from DRAFT through these statuses.
fn job_moved_through(app: &App, company: &Person, statuses: &[&str]) -> Value {
    let draft = app.post_job(company, &json!({}));
    statuses.iter().fold(draft, |job, status| move_to(app, company, id(&job), status).data(200))
}

#[test]
fn a_job_makes_exactly_the_transitions_of_the_table() {
    let (app, company) = app_and_company();
    for (history, next, status) in [
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
        let job = job_moved_through(&app, &company, history);
        let reply = move_to(&app, &company, id(&job), next);
        let now = app.get(&format!("/api/jobs/{}", id(&job))).bearer(&company.token).send().data(200);
        if status == 200 {
            assert_eq!((&reply.data(200), &now["status"]), (&now, &json!(next)), "{history:?} {next}");
        } else {
            assert_eq!((reply.code(409).as_str(), &now), ("invalid_transition", &job), "{history:?} {next}");
        }
    }
}

#[test]
fn publishing_changes_only_the_status_and_its_timestamps() {
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
fn published_at_is_the_moment_of_the_first_publication() {
    let (app, company) = app_and_company();
    let open = job_moved_through(&app, &company, &["OPEN"]);
    for status in ["CLOSED", "OPEN", "CLOSED", "OPEN"] {
        assert_eq!(
            move_to(&app, &company, id(&open), status).data(200)["publishedAt"],
            open["publishedAt"],
            "{status}"
        );
    }
}

#[test]
fn a_draft_that_was_closed_is_not_published() {
    let (app, company) = app_and_company();
    let closed = job_moved_through(&app, &company, &["CLOSED"]);
    assert_eq!(closed["publishedAt"], Value::Null);
    let open = move_to(&app, &company, id(&closed), "OPEN").data(200);
    assert_eq!(a_moment(&open["publishedAt"]), open["updatedAt"]);
}

#[test]
fn setting_the_current_status_changes_nothing() {
    let (app, company) = app_and_company();
    for (history, status) in [(&[][..], "DRAFT"), (&["OPEN"], "OPEN"), (&["OPEN", "CLOSED"], "CLOSED")] {
        let job = job_moved_through(&app, &company, history);
        assert_eq!(move_to(&app, &company, id(&job), status).data(200), job, "{status}");
    }
}

#[test]
fn the_body_has_exactly_one_valid_status() {
    let (app, company) = app_and_company();
    let job = app.post_job(&company, &json!({}));
    for (body, expected) in [
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
        assert_eq!(reply.fields(), expected, "{body}");
    }
    assert_eq!(app.database.rows("jobs WHERE status <> 'DRAFT'"), 0);
}

#[test]
fn another_companys_job_is_forbidden_once_published_and_not_found_before() {
    let (app, company) = app_and_company();
    let other = app.company("siemens");
    for (history, status, code) in [
        (&[][..], 404, "not_found"),
        (&["CLOSED"], 404, "not_found"),
        (&["OPEN"], 403, "forbidden"),
        (&["OPEN", "CLOSED"], 403, "forbidden"),
    ] {
        let job = job_moved_through(&app, &company, history);
        for next in ["DRAFT", "OPEN", "CLOSED"] {
            assert_eq!(move_to(&app, &other, id(&job), next).code(status), code, "{history:?} {next}");
        }
    }
}
