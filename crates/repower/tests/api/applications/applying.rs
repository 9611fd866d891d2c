use serde_json::{Value, json};

use super::{apply, move_job, paths, stored};
use crate::support::{App, Person, UNKNOWN_ID, a_moment, an_id};

fn app_and_job() -> (App, Person, String) {
    let app = App::start();
    let company = app.company("vestas");
    let job = app.open_job(&company);
    (app, company, job)
}

#[test]
fn an_application_is_returned_whole_at_both_paths() {
    let (app, _, job) = app_and_job();
    for (path, name) in paths(&job).iter().zip(["tanja", "anders"]) {
        let technician = app.technician(name);
        let body = json!({"messageToCompany": " I know these blades. "});
        let application = app.post(path).bearer(&technician.token).json(&body).send().data(201);
        let expected = json!({
            "id": an_id(&application["id"]), "jobId": job, "technicianId": technician.id, "status": "APPLIED",
            "compliance": {"overall": "COMPLIANT", "missing": [], "checkedAt": application["createdAt"]},
            "messageToCompany": "I know these blades.", "messageToTechnician": null,
            "confirmedAt": null, "createdAt": a_moment(&application["createdAt"]), "updatedAt": application["createdAt"],
        });
        assert_eq!(application, expected, "{path}");
        assert_eq!(stored(&app, &technician), application, "{path}");
    }
}

#[test]
fn the_message_to_the_company_is_optional() {
    let (app, _, job) = app_and_job();
    for (name, body) in
        [("a", json!({})), ("b", json!({"messageToCompany": null})), ("c", json!({"messageToCompany": " "}))]
    {
        let application = apply(&app, &app.technician(name), &job, &body).data(201);
        assert_eq!(application["messageToCompany"], Value::Null, "{body}");
    }
}

#[test]
fn a_message_has_at_most_2000_characters() {
    let (app, _, job) = app_and_job();
    let technician = app.technician("tanja");
    let rejected = apply(&app, &technician, &job, &json!({"messageToCompany": "ø".repeat(2_001)}));
    assert_eq!(rejected.fields(), ["messageToCompany: too_long"]);
    let longest = json!({"messageToCompany": "ø".repeat(2_000)});
    assert_eq!(apply(&app, &technician, &job, &longest).data(201)["messageToCompany"], longest["messageToCompany"]);
}

#[test]
fn an_invalid_body_is_rejected_before_the_job_is_looked_up() {
    let (app, company, job) = app_and_job();
    let draft = app.post_job(&company, &json!({}));
    let technician = app.technician("tanja");
    for job in [&job, draft["id"].as_str().unwrap(), UNKNOWN_ID, "no-uuid"] {
        for path in paths(job) {
            let send = |body: &str| app.post(&path).bearer(&technician.token).raw(body).send();
            let expected = ["messageToCompany: wrong_type", "status: unknown_field"];
            assert_eq!(send(r#"{"status": "ACCEPTED", "messageToCompany": 5}"#).fields(), expected, "{path}");
            assert_eq!(send(r#"{"messageToCompany": "a\u0000b"}"#).fields(), ["messageToCompany: invalid_format"]);
            assert_eq!(send("[]").fields(), [": wrong_type"], "{path}");
            assert_eq!(send("").code(400), "malformed_json", "{path}");
        }
    }
    assert_eq!((app.database.rows("applications"), app.database.rows("application_events")), (0, 0));
}

#[test]
fn a_closed_job_accepts_no_application() {
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
fn a_technician_applies_once_whatever_the_status_of_the_application() {
    let (app, company, job) = app_and_job();
    let technician = app.technician("tanja");
    let application = apply(&app, &technician, &job, &json!({"messageToCompany": "First"})).data(201);
    for status in ["APPLIED", "SHORTLISTED", "REJECTED", "OFFERED", "ACCEPTED", "WITHDRAWN"] {
        app.database.run(&format!("UPDATE applications SET status = '{status}', booked = NULL"));
        for path in paths(&job) {
            let repeated =
                app.post(&path).bearer(&technician.token).json(&json!({"messageToCompany": "Second"})).send();
            assert_eq!(repeated.code(409), "already_applied", "{status}");
        }
    }
    assert_eq!(stored(&app, &technician)["messageToCompany"], application["messageToCompany"]);
    assert_eq!((app.database.rows("applications"), app.database.rows("application_events")), (1, 1));
    apply(&app, &technician, &app.open_job(&company), &json!({})).data(201);
}
