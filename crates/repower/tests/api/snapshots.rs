//! The compliance that an application keeps, and offers without compliance.

use serde_json::{Value, json};

use crate::support::{App, Person, Reply, a_moment, text};

const HEIGHTS: &str = "GWO_WAH";

/// An open job on these days that requires work at heights.
fn a_job(app: &App, company: &Person) -> String {
    let body = json!({"status": "OPEN", "startDate": "2032-03-01", "endDate": "2032-03-10"});
    let job = text(&app.post_job(company, &body)["id"]);
    require(app, company, &job, &[HEIGHTS]);
    job
}

fn require(app: &App, company: &Person, job: &str, codes: &[&str]) {
    let groups: Vec<_> = codes.iter().map(|code| json!({"anyOf": [code], "mandatory": true})).collect();
    let body = json!({ "requirements": groups });
    app.put(&format!("/api/jobs/{job}/requirements")).bearer(&company.token).json(&body).send().data(200);
}

fn certify(app: &App, technician: &Person, until: &str) -> String {
    let body = json!({"name": "Heights", "provider": "Falck Safety", "typeCode": HEIGHTS, "validFrom": "2030-03-01",
        "validUntil": until});
    let path = "/api/technicians/me/certifications";
    text(&app.post(path).bearer(&technician.token).json(&body).send().data(201)["id"])
}

fn apply(app: &App, technician: &Person, job: &str) -> Value {
    let path = format!("/api/jobs/{job}/applications");
    app.post(&path).bearer(&technician.token).json(&json!({})).send().data(201)
}

fn step(app: &App, caller: &Person, application: &Value, body: &Value) -> Reply {
    let path = format!("/api/applications/{}/status", text(&application["id"]));
    app.patch(&path).bearer(&caller.token).json(body).send()
}

fn details(app: &App, caller: &Person, application: &Value) -> Value {
    app.get(&format!("/api/applications/{}", text(&application["id"]))).bearer(&caller.token).send().data(200)
}

fn missing(status: &str, until: Option<&str>) -> Value {
    json!([{"anyOf": [HEIGHTS], "minTrust": null, "status": status, "coveredUntil": until}])
}

#[test]
fn an_application_keeps_the_compliance_of_its_time() {
    let app = App::start();
    let (company, technician) = (app.company("vestas"), app.technician("tanja"));
    let job = a_job(&app, &company);
    certify(&app, &technician, "2032-03-05");
    let application = apply(&app, &technician, &job);
    let compliance = json!({"overall": "EXPIRES_DURING", "missing": missing("EXPIRES_DURING", Some("2032-03-05")),
        "checkedAt": a_moment(&application["compliance"]["checkedAt"])});
    assert_eq!(application["compliance"], compliance);
    assert_eq!(application["compliance"]["checkedAt"], application["createdAt"]);
    certify(&app, &technician, "2032-03-31");
    require(&app, &company, &job, &[]);
    let path = format!("/api/jobs/{job}/applications");
    let listed = app.get(&path).bearer(&company.token).send().data(200);
    let own = app.get("/api/applications/me").bearer(&technician.token).send().data(200);
    let shown = details(&app, &company, &application);
    for kept in [&listed[0]["compliance"], &own[0]["compliance"], &shown["compliance"], &shown["snapshots"]["applied"]]
    {
        assert_eq!(*kept, compliance, "it is of one moment");
    }
    assert_eq!((&shown["snapshots"]["offered"], &shown["snapshots"]["accepted"]), (&json!(null), &json!(null)));
}

#[test]
fn one_who_is_not_compliant_is_offered_a_job_only_by_a_company_that_accepts_it() {
    let app = App::start();
    let (company, technician) = (app.company("vestas"), app.technician("tanja"));
    let application = apply(&app, &technician, &a_job(&app, &company));
    let offer = json!({"status": "OFFERED"});
    let refused = step(&app, &company, &application, &offer);
    assert_eq!(refused.code(409), "not_compliant");
    assert_eq!(refused.body()["details"], json!({"groups": missing("MISSING", None)}));
    let doubtful = json!({"status": "OFFERED", "acceptNonCompliant": false});
    assert_eq!(step(&app, &company, &application, &doubtful).code(409), "not_compliant");
    let wrong = json!({"status": "OFFERED", "acceptNonCompliant": "yes"});
    assert_eq!(step(&app, &company, &application, &wrong).fields(), ["acceptNonCompliant: wrong_type"]);
    assert_eq!(details(&app, &company, &application)["history"].as_array().unwrap().len(), 1);

    step(&app, &company, &application, &json!({"status": "SHORTLISTED"})).data(200);
    let accepted = json!({"status": "OFFERED", "acceptNonCompliant": true});
    step(&app, &company, &application, &accepted).data(200);
    let shown = details(&app, &technician, &application);
    let accepts: Vec<_> =
        shown["history"].as_array().unwrap().iter().map(|step| step.get("acceptNonCompliant")).collect();
    assert_eq!(accepts, [None, None, Some(&json!(true))]);
    assert_eq!((&shown["history"][2]["by"], &shown["history"][2]["to"]), (&json!("COMPANY"), &json!("OFFERED")));
    let offered = &shown["snapshots"]["offered"];
    assert_eq!((&offered["overall"], &offered["missing"]), (&json!("MISSING"), &missing("MISSING", None)));
    assert_eq!(offered["checkedAt"], shown["history"][2]["at"]);

    let own = json!({"status": "ACCEPTED", "acceptNonCompliant": true});
    assert_eq!(step(&app, &technician, &application, &own).fields(), ["acceptNonCompliant: not_allowed"]);
    step(&app, &technician, &application, &json!({"status": "ACCEPTED"})).data(200);
    let shown = details(&app, &company, &application);
    assert_eq!(shown["snapshots"]["accepted"]["overall"], "MISSING");
    assert_eq!(shown["history"][3].get("acceptNonCompliant"), None, "the company accepted it with the offer");
}

#[test]
fn an_acceptance_is_held_to_what_the_company_accepted_with_its_offer() {
    let app = App::start();
    let (company, technician) = (app.company("vestas"), app.technician("tanja"));
    let job = a_job(&app, &company);
    let heights = certify(&app, &technician, "2032-03-10");
    let application = apply(&app, &technician, &job);
    step(&app, &company, &application, &json!({"status": "OFFERED"})).data(200);
    let path = format!("/api/technicians/me/certifications/{heights}");
    let shorter = json!({"validUntil": "2032-03-09"});
    app.patch(&path).bearer(&technician.token).json(&shorter).send().data(200);
    let accept = json!({"status": "ACCEPTED"});
    let refused = step(&app, &technician, &application, &accept);
    assert_eq!(refused.code(409), "not_compliant");
    assert_eq!(refused.body()["details"]["groups"], missing("EXPIRES_DURING", Some("2032-03-09")));
    assert_eq!(step(&app, &company, &application, &accept).code(409), "not_compliant");
    let recorded = json!({"status": "ACCEPTED", "acceptNonCompliant": true});
    step(&app, &company, &application, &recorded).data(200);
    let shown = details(&app, &company, &application);
    assert_eq!(shown["snapshots"]["offered"]["overall"], "COMPLIANT");
    assert_eq!(shown["snapshots"]["accepted"]["overall"], "EXPIRES_DURING");
}
