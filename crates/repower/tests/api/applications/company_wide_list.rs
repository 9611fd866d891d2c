//! `GET /api/companies/me/applications`: over all jobs of a company.

use repower_domain::accounts::CompanyRole;
use serde_json::{Value, json};

use crate::support::{App, Person, Reply, UNKNOWN_ID, each, encoded, text, with};

fn list(app: &App, company: &Person, query: &str) -> Reply {
    app.get(&format!("/api/companies/me/applications?{query}")).bearer(&company.token).send()
}

/// The names of the applicants and the titles of their jobs, in the order of the list.
#[track_caller]
fn shown(list: &Value) -> Vec<String> {
    let shown = |entry: &Value| format!("{} {}", text(&entry["technician"]["fullName"]), text(&entry["job"]["title"]));
    list.as_array().unwrap().iter().map(shown).collect()
}

/// A company with the jobs "blades" and "ropes", for which technicians have applied in
/// this order.
fn app_with_applicants() -> (App, Person, [String; 2], [String; 3]) {
    let app = App::start();
    let company = app.company("vestas");
    let jobs = ["blades", "ropes"]
        .map(|title| text(&app.post_job(&company, &json!({"title": title, "status": "OPEN"}))["id"]));
    let [ana, bo] = ["ana", "bo"].map(|name| app.technician(name));
    let applications = [(&ana, 0), (&bo, 1), (&ana, 1)].map(|(technician, job)| app.apply(technician, &jobs[job]));
    (app, company, jobs, applications)
}

#[test]
fn an_application_is_shown_as_in_the_list_of_its_job_and_with_the_job() {
    let (app, company, jobs, _) = app_with_applicants();
    let theirs = app.company("siemens");
    app.apply(&app.technician("toma"), &app.open_job(&theirs));
    let in_job = app.get(&format!("/api/jobs/{}/applications", jobs[0])).bearer(&company.token).send().data(200);
    let expected = with(&in_job[0], &json!({"job": {"id": jobs[0], "title": "blades"}}));
    let body = list(&app, &company, "").body();
    assert_eq!(body["data"][2], expected);
    assert_eq!(body["meta"], json!({"limit": 20, "nextCursor": null}));
    assert_eq!(shown(&body["data"]), ["ana ropes", "bo ropes", "ana blades"]);
    let recruiter = app.member(&company, CompanyRole::Recruiter);
    assert_eq!(list(&app, &recruiter, "").data(200), body["data"]);
    assert_eq!(shown(&list(&app, &theirs, "").data(200)), ["toma Blade repair"]);
}

#[test]
fn the_list_is_filtered_by_status_and_job() {
    let (app, company, jobs, applications) = app_with_applicants();
    app.move_application(&company, &applications[2], "SHORTLISTED").data(200);
    for (query, expected) in [
        ("status=SHORTLISTED".to_owned(), &["ana ropes"][..]),
        ("status=APPLIED".to_owned(), &["bo ropes", "ana blades"]),
        ("status=REJECTED".to_owned(), &[]),
        (format!("jobId={}", jobs[1]), &["ana ropes", "bo ropes"]),
        (format!("jobId={}&status=APPLIED", jobs[1]), &["bo ropes"]),
        (format!("jobId={UNKNOWN_ID}"), &[]),
        ("jobId=&status=".to_owned(), &["ana ropes", "bo ropes", "ana blades"]),
    ] {
        assert_eq!(shown(&list(&app, &company, &query).data(200)), expected, "{query}");
    }
    let another = app.company("siemens");
    assert_eq!(list(&app, &another, &format!("jobId={}", jobs[1])).data(200), json!([]));
}

#[test]
fn pages_have_no_gap_and_no_repetition_while_technicians_apply() {
    let (app, company, jobs, applications) = app_with_applicants();
    app.database.run("UPDATE applications SET created_at = '2026-11-22T06:43:00.123456Z'");
    let (mut cursor, mut seen) = (String::new(), Vec::new());
    for late in ["x", "y", "z"] {
        let body = list(&app, &company, &format!("limit=1&cursor={}", encoded(&cursor))).body();
        seen.extend(each(&body["data"], "id"));
        app.apply(&app.technician(late), &jobs[0]);
        body["meta"]["nextCursor"].as_str().unwrap_or_default().clone_into(&mut cursor);
    }
    let mut expected = applications.to_vec();
    expected.sort_by(|one, other| other.cmp(one));
    assert_eq!((seen, cursor), (expected, String::new()));
}

#[test]
fn a_cursor_of_another_filter_is_invalid() {
    let (app, company, jobs, _) = app_with_applicants();
    let cursor = text(&list(&app, &company, "limit=1").body()["meta"]["nextCursor"]);
    list(&app, &company, &format!("limit=2&cursor={cursor}")).data(200);
    for other in ["status=APPLIED".to_owned(), format!("jobId={}", jobs[0])] {
        assert_eq!(list(&app, &company, &format!("{other}&cursor={cursor}")).code(400), "invalid_cursor");
    }
    let theirs = app.company("siemens");
    assert_eq!(list(&app, &theirs, &format!("cursor={cursor}")).code(400), "invalid_cursor");
}

#[test]
fn invalid_parameters_are_reported_by_name() {
    let (app, company, _, _) = app_with_applicants();
    let reply = list(&app, &company, "status=NEW&jobId=1&limit=0&technicianId=x");
    assert_eq!(
        reply.fields(),
        ["status: not_allowed", "jobId: invalid_format", "limit: out_of_range", "technicianId: unknown_field"]
    );
}
