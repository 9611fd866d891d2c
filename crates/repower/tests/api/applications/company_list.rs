use serde_json::{Value, json};

use super::{apply, paths};
use crate::support::{App, Person, Reply, UNKNOWN_ID, each, encoded, seen_by_companies, text, with};

fn list(app: &App, company: &Person, job: &str, query: &str) -> Reply {
    app.get(&format!("/api/jobs/{job}/applications?{query}")).bearer(&company.token).send()
}

/// The names of the applicants, in the order of the list.
#[track_caller]
fn applicants(list: &Value) -> Vec<String> {
    list.as_array().unwrap().iter().map(|entry| text(&entry["technician"]["fullName"])).collect()
}

/// A job with applications of technicians with these names, in this order, and the
/// ids of the applications.
fn app_with_applicants<const N: usize>(names: [&str; N]) -> (App, Person, String, [String; N]) {
    let app = App::start();
    let company = app.company("vestas");
    let job = app.open_job(&company);
    let applications = names.map(|name| app.apply(&app.technician(name), &job));
    (app, company, job, applications)
}

#[test]
fn an_application_is_shown_with_its_technician_and_their_ratings() {
    let app = App::start();
    let (company, other) = (app.company("vestas"), app.company("siemens"));
    let job = app.open_job(&company);
    let technician = app.technician("tanja");
    let profile = json!({
        "bio": "Ropes", "dayRateMin": 400, "dayRateMax": 500, "currency": "DKK", "availabilityFrom": "2027-01-01",
        "mobility": "GLOBAL", "primaryDiscipline": "ROPE_ACCESS", "yearsExperience": 7,
    });
    let profile = app.patch("/api/technicians/me").bearer(&technician.token).json(&profile).send().data(200);
    app.rate(&company, &technician, &[5, 4]);
    app.rate(&other, &technician, &[4]);
    let application = apply(&app, &technician, &job, &json!({"messageToCompany": "Hello"})).data(201);
    let rated = with(&seen_by_companies(&profile), &json!({"averageRating": 4.25, "evaluationCount": 3}));
    for path in paths(&job) {
        let body = app.get(&path).bearer(&company.token).send().body();
        assert_eq!(body["data"], json!([with(&application, &json!({ "technician": rated }))]), "{path}");
        assert_eq!(body["meta"], json!({"limit": 20, "nextCursor": null}), "{path}");
    }
}

#[test]
fn a_technician_without_ratings_has_no_average() {
    let (app, company, job, _) = app_with_applicants(["tanja"]);
    let technician = &list(&app, &company, &job, "").data(200)[0]["technician"];
    assert_eq!((&technician["averageRating"], &technician["evaluationCount"]), (&Value::Null, &json!(0)));
}

#[test]
fn applications_are_listed_newest_first() {
    let (app, company, job, _) = app_with_applicants(["first", "second", "third"]);
    assert_eq!(applicants(&list(&app, &company, &job, "").data(200)), ["third", "second", "first"]);
}

#[test]
fn each_job_has_its_own_applications() {
    let (app, company, _, _) = app_with_applicants(["tanja"]);
    let other = app.open_job(&company);
    assert_eq!(list(&app, &company, &other, "").data(200), json!([]));
    app.apply(&app.technician("anders"), &other);
    assert_eq!(applicants(&list(&app, &company, &other, "").data(200)), ["anders"]);
}

#[test]
fn the_list_is_filtered_by_status() {
    let names = ["applied", "shortlisted", "rejected", "offered", "accepted", "withdrawn"];
    let (app, company, job, applications) = app_with_applicants(names);
    for (name, id) in names.iter().zip(&applications) {
        app.database.run(&format!("UPDATE applications SET status = upper('{name}'), booked = NULL WHERE id = '{id}'"));
    }
    for name in names {
        for path in paths(&job) {
            let path = format!("{path}?status={}", name.to_uppercase());
            assert_eq!(applicants(&app.get(&path).bearer(&company.token).send().data(200)), [name]);
        }
    }
    assert_eq!(applicants(&list(&app, &company, &job, "status=").data(200)).len(), 6);
}

#[test]
fn pages_have_no_gap_and_no_repetition_while_technicians_apply() {
    let (app, company, job, _) = app_with_applicants(["a", "b", "c", "d", "e"]);
    app.database.run("UPDATE applications SET created_at = '2026-11-22T06:43:00.123456Z'");
    let (mut cursor, mut pages) = (String::new(), Vec::new());
    for late in ["x", "y", "z"] {
        let body = list(&app, &company, &job, &format!("limit=2&cursor={}", encoded(&cursor))).body();
        pages.push(applicants(&body["data"]));
        app.apply(&app.technician(late), &job);
        body["meta"]["nextCursor"].as_str().unwrap_or_default().clone_into(&mut cursor);
    }
    assert_eq!((cursor.as_str(), pages.iter().map(Vec::len).collect::<Vec<_>>()), ("", vec![2, 2, 1]));
    let mut listed = pages.concat();
    listed.sort();
    assert_eq!(listed, ["a", "b", "c", "d", "e"]);
}

#[test]
fn a_cursor_is_valid_for_its_job_and_status_at_either_path() {
    let (app, company, job, _) = app_with_applicants(["a", "b"]);
    let cursor = list(&app, &company, &job, "limit=1").body()["meta"]["nextCursor"].as_str().map(encoded).unwrap();
    for path in paths(&job) {
        let next = app.get(&format!("{path}?cursor={cursor}")).bearer(&company.token).send().data(200);
        assert_eq!(applicants(&next), ["a"]);
    }
    let other = app.open_job(&company);
    for (job, query) in [(&job, "status=APPLIED&"), (&other, "")] {
        let rejected = list(&app, &company, job, &format!("{query}cursor={cursor}"));
        assert_eq!(rejected.code(400), "invalid_cursor");
    }
}

#[test]
fn invalid_parameters_are_reported_by_name() {
    let (app, company, job, _) = app_with_applicants([]);
    let expected = ["status: not_allowed", "limit: out_of_range", "q: unknown_field"];
    for job in [job.as_str(), UNKNOWN_ID] {
        assert_eq!(list(&app, &company, job, "status=NEW&limit=0&q=x").fields(), expected);
    }
    for job in [job.as_str(), UNKNOWN_ID, "no-uuid"] {
        assert_eq!(list(&app, &company, job, "cursor=x").code(400), "invalid_cursor");
    }
}

#[test]
fn the_lists_of_both_sides_show_the_same_application() {
    let (app, company, job, _) = app_with_applicants(["tanja"]);
    let technician = app.technician("anders");
    let application = app.apply(&technician, &job);
    app.move_application(&company, &application, "OFFERED").data(200);
    let shown = list(&app, &company, &job, "status=OFFERED").data(200);
    assert_eq!(each(&shown, "id"), [application]);
    let mut shown = shown[0].clone();
    shown.as_object_mut().unwrap().remove("technician");
    assert_eq!(super::stored(&app, &technician), shown);
}
