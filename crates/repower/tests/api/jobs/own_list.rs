use serde_json::{Value, json};

use super::{id, move_to};
use crate::support::{App, Person, Reply, each, encoded, with};

const PATH: &str = "/api/companies/me/jobs";

fn list(app: &App, company: &Person, query: &str) -> Reply {
    app.get(&format!("{PATH}?{query}")).bearer(&company.token).send()
}

fn titles(app: &App, company: &Person, query: &str) -> Vec<String> {
    each(&list(app, company, query).data(200), "title")
}

/// A company with jobs titled by their histories, posted in this order.
fn app_with_jobs() -> (App, Person) {
    let app = App::start();
    let company = app.company("vestas");
    for (title, history) in [
        ("draft", &[][..]),
        ("open", &["OPEN"]),
        ("closed", &["OPEN", "CLOSED"]),
        ("never open", &["CLOSED"]),
        ("reopened", &["OPEN", "CLOSED", "OPEN"]),
    ] {
        let job = app.post_job(&company, &json!({ "title": title }));
        for status in history {
            move_to(&app, &company, id(&job), status).data(200);
        }
    }
    (app, company)
}

#[test]
fn a_company_sees_its_jobs_in_every_status_newest_first() {
    let (app, company) = app_with_jobs();
    assert_eq!(titles(&app, &company, ""), ["reopened", "never open", "closed", "open", "draft"]);
}

#[test]
fn the_list_is_filtered_by_status() {
    let (app, company) = app_with_jobs();
    for (status, found) in
        [("DRAFT", &["draft"][..]), ("OPEN", &["reopened", "open"]), ("CLOSED", &["never open", "closed"])]
    {
        assert_eq!(titles(&app, &company, &format!("status={status}")), found);
    }
    assert_eq!(titles(&app, &company, "status=").len(), 5);
}

#[test]
fn each_job_has_the_number_of_its_applications() {
    let app = App::start();
    let company = app.company("vestas");
    let wanted = app.post_job(&company, &json!({"status": "OPEN", "projectName": "Baltic Eagle", "dayRateFrom": 300}));
    let unwanted = app.post_job(&company, &json!({}));
    for name in ["tanja", "anders", "mette"] {
        let application = app.apply(&app.technician(name), id(&wanted));
        app.move_application(&company, &application, "REJECTED").data(200);
    }
    let body = list(&app, &company, "").body();
    let counted = |job: &Value, count: u64| with(job, &json!({ "applicationCount": count }));
    assert_eq!(body["data"], json!([counted(&unwanted, 0), counted(&wanted, 3)]));
    assert_eq!(body["meta"], json!({"limit": 20, "nextCursor": null}));
}

#[test]
fn a_company_sees_only_its_own_jobs() {
    let (app, _) = app_with_jobs();
    assert_eq!(list(&app, &app.company("siemens"), "").data(200), json!([]));
}

#[test]
fn pages_have_no_gap_and_no_repetition_while_jobs_are_added() {
    let (app, company) = app_with_jobs();
    app.database.run("UPDATE jobs SET created_at = '2026-11-22T06:43:00.123456Z'");
    let (mut cursor, mut pages) = (String::new(), Vec::new());
    loop {
        let body = list(&app, &company, &format!("limit=2&cursor={}", encoded(&cursor))).body();
        pages.push(each(&body["data"], "title"));
        app.post_job(&company, &json!({}));
        match body["meta"]["nextCursor"].as_str() {
            Some(next) => next.clone_into(&mut cursor),
            None => break,
        }
    }
    assert_eq!(pages.iter().map(Vec::len).collect::<Vec<_>>(), [2, 2, 1]);
    let mut listed = pages.concat();
    listed.sort();
    assert_eq!(listed, ["closed", "draft", "never open", "open", "reopened"]);
}

#[test]
fn a_cursor_is_valid_for_its_company_and_status_only() {
    let (app, company) = app_with_jobs();
    let cursor = list(&app, &company, "limit=1").body()["meta"]["nextCursor"].as_str().map(encoded).unwrap();
    assert_eq!(titles(&app, &company, &format!("limit=1&cursor={cursor}")), ["never open"]);
    for query in ["status=OPEN&", "status=DRAFT&"] {
        assert_eq!(list(&app, &company, &format!("{query}cursor={cursor}")).code(400), "invalid_cursor");
    }
    let other = app.company("siemens");
    assert_eq!(list(&app, &other, &format!("cursor={cursor}")).code(400), "invalid_cursor");
}

#[test]
fn invalid_parameters_are_reported_by_name() {
    let (app, company) = app_with_jobs();
    let expected = ["status: not_allowed", "limit: out_of_range", "q: unknown_field"];
    assert_eq!(list(&app, &company, "status=open&limit=101&q=x").fields(), expected);
    assert_eq!(list(&app, &company, "status=OPEN&status=DRAFT").fields(), ["status: duplicate"]);
}

#[test]
fn the_list_is_not_cached() {
    let (app, company) = app_with_jobs();
    assert_eq!(list(&app, &company, "").header("Cache-Control"), Some("no-store"));
}
