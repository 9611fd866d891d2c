use serde_json::{Value, json};

use super::id;
use crate::support::{App, Person};

#[test]
fn a_job_is_shown_as_it_was_returned_when_posted() {
    let app = App::start();
    let company = app.company("vestas");
    let job = json!({
        "country": "DE", "projectName": "Baltic Eagle", "dayRateFrom": 300, "dayRateTo": 450, "currency": "DKK",
        "endDate": "2027-04-30", "status": "OPEN",
    });
    let posted = app.post_job(&company, &job);
    let path = format!("/api/jobs/{}", id(&posted));
    assert_eq!(app.get(&path).send().data(200), posted);
    assert_eq!(app.get(&path).bearer(&company.token).send().data(200), posted);
}

#[test]
fn a_technician_sees_the_own_application_beside_the_job() {
    let app = App::start();
    let (company, technician) = (app.company("vestas"), app.technician("tanja"));
    let path = format!("/api/jobs/{}", app.open_job(&company));
    let shown = |person: &Person| app.get(&path).bearer(&person.token).send();
    assert_eq!(shown(&technician).data(200).get("application"), Some(&Value::Null));
    let application = app.apply(&technician, path.rsplit('/').next().unwrap());
    let own = |status| json!({"id": application, "status": status});
    assert_eq!(shown(&technician).data(200)["application"], own("APPLIED"));
    app.move_application(&company, &application, "SHORTLISTED").data(200);
    let reply = shown(&technician);
    assert_eq!(reply.header("Cache-Control"), Some("private, no-store"));
    let mut job = reply.data(200);
    assert_eq!(job.as_object_mut().unwrap().remove("application"), Some(own("SHORTLISTED")));
    assert_eq!(shown(&app.technician("toma")).data(200)["application"], Value::Null);
    // All others see the job without.
    assert_eq!(app.get(&path).send().data(200), job);
    for person in [&company, &app.company("siemens"), &app.super_admin()] {
        assert_eq!(shown(person).data(200), job);
    }
}

#[test]
fn an_invalid_token_is_rejected_although_none_is_required() {
    let app = App::start();
    let company = app.company("vestas");
    let path = format!("/api/jobs/{}", app.open_job(&company));
    let cut = &company.token[..company.token.len() - 1];
    for header in ["Bearer no-token", "Basic dXNlcjpwYXNz", "Bearer", &format!("Bearer {cut}"), &company.token] {
        let rejected = app.get(&path).header("Authorization", header).send();
        assert_eq!(rejected.code(401), "unauthenticated", "{header}");
        assert_eq!(rejected.header("WWW-Authenticate"), Some("Bearer"), "{header}");
    }
    app.get(&path).send().data(200);
}

#[test]
fn an_id_of_no_job_is_not_found() {
    let app = App::start();
    let company = app.company("vestas");
    let job = app.open_job(&company);
    let unhyphenated = job.replace('-', "");
    for id in [company.id.as_str(), "no-uuid", &unhyphenated, "%00", "%ff", "1", &format!("{job}0")] {
        let path = format!("/api/jobs/{id}");
        assert_eq!(app.get(&path).send().code(404), "not_found", "{id}");
        assert_eq!(app.get(&path).bearer(&company.token).send().code(404), "not_found", "{id}");
    }
    assert_eq!(app.get(&format!("/api/jobs/{}/", job.to_uppercase())).send().data(200)["id"], job);
}

#[test]
fn a_job_accepts_no_parameters() {
    let app = App::start();
    let path = format!("/api/jobs/{}?lang=da", app.open_job(&app.company("vestas")));
    assert_eq!(app.get(&path).send().fields(), ["lang: unknown_field"]);
}
