use serde_json::{Value, json};

use super::{apply, move_job};
use crate::support::{App, Person, Reply, each, encoded, listed, text, with};

const PATH: &str = "/api/applications/me";

fn list(app: &App, technician: &Person, query: &str) -> Reply {
    app.get(&format!("{PATH}?{query}")).bearer(&technician.token).send()
}

/// The titles of the jobs, in the order of the list.
#[track_caller]
fn jobs(list: &Value) -> Vec<String> {
    list.as_array().unwrap().iter().map(|entry| text(&entry["job"]["title"])).collect()
}

/// A technician who applied for jobs with these titles, in this order.
fn app_with_applications<const N: usize>(titles: [&str; N]) -> (App, Person, Person, [String; N]) {
    let app = App::start();
    let (company, technician) = (app.company("vestas"), app.technician("tanja"));
    let applications = titles.map(|title| {
        let job = app.post_job(&company, &json!({"title": title, "status": "OPEN"}));
        app.apply(&technician, &text(&job["id"]))
    });
    (app, company, technician, applications)
}

#[test]
fn an_application_is_shown_with_its_current_job() {
    let app = App::start();
    let (company, technician) = (app.company("vestas"), app.technician("tanja"));
    let posted = app.post_job(&company, &json!({"status": "OPEN", "dayRateFrom": 300, "projectName": "Baltic Eagle"}));
    let job = text(&posted["id"]);
    let application = apply(&app, &technician, &job, &json!({"messageToCompany": "Hello"})).data(201);
    let shown = |job: &Value| json!([with(&application, &json!({ "job": listed(job) }))]);
    let body = list(&app, &technician, "").body();
    assert_eq!((&body["data"], &body["meta"]), (&shown(&posted), &json!({"limit": 20, "nextCursor": null})));
    move_job(&app, &company, &job, "CLOSED");
    let closed = app.get(&format!("/api/jobs/{job}")).send().data(200);
    assert_eq!(list(&app, &technician, "").data(200), shown(&closed));
}

#[test]
fn applications_are_listed_newest_first() {
    let (app, _, technician, applications) = app_with_applications(["first", "second", "third"]);
    let listed = list(&app, &technician, "").data(200);
    assert_eq!(jobs(&listed), ["third", "second", "first"]);
    assert_eq!(each(&listed, "id"), [&applications[2], &applications[1], &applications[0]].map(String::as_str));
}

#[test]
fn a_technician_sees_only_their_own_applications() {
    let (app, _, technician, _) = app_with_applications(["Blade repair"]);
    assert_eq!(list(&app, &app.technician("anders"), "").data(200), json!([]));
    assert_eq!(list(&app, &technician, "").data(200).as_array().unwrap().len(), 1);
}

#[test]
fn the_list_is_filtered_by_status() {
    let (app, company, technician, applications) = app_with_applications(["wanted", "unwanted", "unread"]);
    app.move_application(&company, &applications[0], "OFFERED").data(200);
    app.move_application(&company, &applications[1], "REJECTED").data(200);
    for (status, titles) in [
        ("OFFERED", &["wanted"][..]),
        ("REJECTED", &["unwanted"]),
        ("APPLIED", &["unread"]),
        ("ACCEPTED", &[]),
        ("", &["unread", "unwanted", "wanted"]),
    ] {
        assert_eq!(jobs(&list(&app, &technician, &format!("status={status}")).data(200)), titles, "{status}");
    }
}

#[test]
fn pages_have_no_gap_and_no_repetition_while_the_technician_applies() {
    let (app, company, technician, _) = app_with_applications(["a", "b", "c", "d", "e"]);
    app.database.run("UPDATE applications SET created_at = '2026-11-22T06:43:00.123456Z'");
    let (mut cursor, mut pages) = (String::new(), Vec::new());
    for _ in 0..3 {
        let body = list(&app, &technician, &format!("limit=2&cursor={}", encoded(&cursor))).body();
        pages.push(jobs(&body["data"]));
        app.apply(&technician, &app.open_job(&company));
        body["meta"]["nextCursor"].as_str().unwrap_or_default().clone_into(&mut cursor);
    }
    assert_eq!((cursor.as_str(), pages.iter().map(Vec::len).collect::<Vec<_>>()), ("", vec![2, 2, 1]));
    let mut listed = pages.concat();
    listed.sort();
    assert_eq!(listed, ["a", "b", "c", "d", "e"]);
}

#[test]
fn a_cursor_is_valid_for_its_technician_and_status_only() {
    let (app, company, technician, _) = app_with_applications(["a", "b"]);
    let cursor = list(&app, &technician, "limit=1").body()["meta"]["nextCursor"].as_str().map(encoded).unwrap();
    assert_eq!(jobs(&list(&app, &technician, &format!("cursor={cursor}")).data(200)), ["a"]);
    let filtered = list(&app, &technician, &format!("status=APPLIED&cursor={cursor}"));
    let of_another = list(&app, &app.technician("anders"), &format!("cursor={cursor}"));
    let of_jobs = app.get(&format!("/api/companies/me/jobs?cursor={cursor}")).bearer(&company.token).send();
    for rejected in [filtered, of_another, of_jobs] {
        assert_eq!(rejected.code(400), "invalid_cursor");
    }
}

#[test]
fn invalid_parameters_are_reported_by_name() {
    let (app, _, technician, _) = app_with_applications([]);
    let expected = ["status: not_allowed", "limit: wrong_type", "jobId: unknown_field"];
    assert_eq!(list(&app, &technician, "status=applied&limit=ten&jobId=7").fields(), expected);
}
