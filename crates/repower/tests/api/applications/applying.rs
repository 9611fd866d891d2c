use serde_json::{Value, json};

use super::{NOBODY, apply, move_job, paths, stored};
use crate::support::{App, Cast, Person, a_moment, an_id, text};

fn app_and_job() -> (App, Person, String) {
    let app = App::start();
    let company = app.company("vestas");
    let job = app.open_job(&company);
    (app, company, job)
}

#[test]
fn an_application_is_answered_whole_at_both_paths() {
    let (app, _, job) = app_and_job();
    for (path, name) in paths(&job).iter().zip(["tanja", "anders"]) {
        let technician = app.technician(name);
        let body = json!({"messageToCompany": " I know these blades. "});
        let application = app.post(path).bearer(&technician.token).json(&body).send().data(201);
        let told = json!({
            "id": an_id(&application["id"]), "jobId": job, "technicianId": technician.id, "status": "APPLIED",
            "messageToCompany": "I know these blades.", "messageToTechnician": null,
            "createdAt": a_moment(&application["createdAt"]), "updatedAt": application["createdAt"],
        });
        assert_eq!(application, told, "{path}");
        assert_eq!(stored(&app, &technician), application, "{path}");
    }
}

#[test]
fn nothing_needs_to_be_said_to_the_company() {
    let (app, _, job) = app_and_job();
    for (name, body) in
        [("a", json!({})), ("b", json!({"messageToCompany": null})), ("c", json!({"messageToCompany": " "}))]
    {
        let application = apply(&app, &app.technician(name), &job, &body).data(201);
        assert_eq!(application["messageToCompany"], Value::Null, "{body}");
    }
}

#[test]
fn a_message_has_two_thousand_characters_at_most() {
    let (app, _, job) = app_and_job();
    let technician = app.technician("tanja");
    let refused = apply(&app, &technician, &job, &json!({"messageToCompany": "ø".repeat(2_001)}));
    assert_eq!(refused.fields(), ["messageToCompany: too_long"]);
    let longest = json!({"messageToCompany": "ø".repeat(2_000)});
    assert_eq!(apply(&app, &technician, &job, &longest).data(201)["messageToCompany"], longest["messageToCompany"]);
}

#[test]
fn a_wrong_body_is_refused_before_the_job_is_looked_at() {
    let (app, company, job) = app_and_job();
    let draft = app.post_job(&company, &json!({}));
    let technician = app.technician("tanja");
    for job in [&job, draft["id"].as_str().unwrap(), NOBODY, "no-uuid"] {
        for path in paths(job) {
            let send = |body: &str| app.post(&path).bearer(&technician.token).raw(body).send();
            let told = ["messageToCompany: wrong_type", "status: unknown_field"];
            assert_eq!(send(r#"{"status": "ACCEPTED", "messageToCompany": 5}"#).fields(), told, "{path}");
            assert_eq!(send(r#"{"messageToCompany": "a\u0000b"}"#).fields(), ["messageToCompany: invalid_format"]);
            assert_eq!(send("[]").fields(), [": wrong_type"], "{path}");
            assert_eq!(send("").code(400), "malformed_json", "{path}");
        }
    }
    assert_eq!((app.database.rows("applications"), app.database.rows("application_events")), (0, 0));
}

/// The columns are those of [`Cast::statuses`]; the second row is of those who
/// applied before.
#[test]
fn technicians_apply_and_nobody_else() {
    let app = App::start();
    let cast = Cast::of(&app);
    for place in 0..2 {
        let job = app.open_job(&cast.admin);
        let request = || app.post(&paths(&job)[place]).json(&json!({}));
        assert_eq!(cast.statuses(request), "401 201 201 403 403 403 403 403 403");
        assert_eq!(cast.statuses(request), "401 409 409 403 403 403 403 403 403");
        let request = || app.post(&paths(&job)[place]).raw("{");
        assert_eq!(cast.statuses(request), "401 400 400 403 403 403 403 403 403");
        let request = || app.post(&paths(NOBODY)[place]).json(&json!({}));
        assert_eq!(cast.statuses(request), "401 404 404 403 403 403 403 403 403");
    }
    assert_eq!(app.database.rows("applications"), 4);
}

#[test]
fn a_job_that_was_never_published_is_not_there() {
    let (app, company, _) = app_and_job();
    let technician = app.technician("tanja");
    let job = text(&app.post_job(&company, &json!({}))["id"]);
    for path in paths(&job) {
        let send = || app.post(&path).bearer(&technician.token).json(&json!({})).send();
        assert_eq!(send().code(404), "not_found");
        move_job(&app, &company, &job, "CLOSED");
        assert_eq!(send().code(404), "not_found");
    }
    for job in [NOBODY, "no-uuid", "%00"] {
        assert_eq!(apply(&app, &technician, job, &json!({})).code(404), "not_found", "{job}");
    }
    assert_eq!(app.database.rows("applications"), 0);
}

#[test]
fn a_closed_job_takes_no_applications_from_whoever_applied_before_or_not() {
    let (app, company, job) = app_and_job();
    let (early, late) = (app.technician("tanja"), app.technician("anders"));
    app.apply(&early, &job);
    move_job(&app, &company, &job, "CLOSED");
    for technician in [&early, &late] {
        assert_eq!(apply(&app, technician, &job, &json!({})).code(409), "job_not_open");
    }
    move_job(&app, &company, &job, "OPEN");
    assert_eq!(apply(&app, &early, &job, &json!({})).code(409), "already_applied");
    apply(&app, &late, &job, &json!({})).data(201);
    assert_eq!(app.database.rows("applications"), 2);
}

#[test]
fn nobody_applies_twice_whatever_became_of_the_first() {
    let (app, company, job) = app_and_job();
    let technician = app.technician("tanja");
    let application = apply(&app, &technician, &job, &json!({"messageToCompany": "First"})).data(201);
    for status in ["APPLIED", "SHORTLISTED", "REJECTED", "OFFERED", "ACCEPTED", "WITHDRAWN"] {
        app.database.run(&format!("UPDATE applications SET status = '{status}'"));
        for path in paths(&job) {
            let again = app.post(&path).bearer(&technician.token).json(&json!({"messageToCompany": "Second"})).send();
            assert_eq!(again.code(409), "already_applied", "{status}");
        }
    }
    assert_eq!(stored(&app, &technician)["messageToCompany"], application["messageToCompany"]);
    assert_eq!((app.database.rows("applications"), app.database.rows("application_events")), (1, 1));
    apply(&app, &technician, &app.open_job(&company), &json!({})).data(201);
}
