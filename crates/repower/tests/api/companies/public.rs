//! `GET /api/companies/{id}`: a company as anybody sees it, and which companies' jobs are listed.

use serde_json::json;

use crate::{
    admin::set_active,
    support::{App, Person, UNKNOWN_ID, a_moment, each},
};

fn path(company: &Person) -> String {
    format!("/api/companies/{}", company.id)
}

#[test]
fn anybody_sees_the_profile_and_the_number_of_open_jobs() {
    let app = App::start();
    let (company, another, technician) = (app.company("vestas"), app.company("siemens"), app.technician("tanja"));
    let changes = json!({"website": "https://vestas.example/", "description": "Blades"});
    app.patch("/api/companies/me").bearer(&company.token).json(&changes).send().data(200);
    for status in ["DRAFT", "OPEN", "OPEN"] {
        app.post_job(&company, &json!({ "status": status }));
    }
    app.open_job(&another);
    let shown = app.get(&path(&company)).send().data(200);
    let expected = json!({
        "id": company.id, "name": "vestas", "country": "DK", "website": "https://vestas.example/",
        "description": "Blades", "verified": false, "openJobs": 2, "createdAt": a_moment(&shown["createdAt"]),
    });
    assert_eq!(shown, expected);
    for person in [&company, &another, &technician, &app.super_admin()] {
        assert_eq!(app.get(&path(&company)).bearer(&person.token).send().data(200), shown);
    }
    for id in [UNKNOWN_ID, "no-uuid", "%00", technician.id.as_str()] {
        assert_eq!(app.get(&format!("/api/companies/{id}")).send().code(404), "not_found", "{id}");
    }
    assert_eq!(app.get(&format!("{}?x=1", path(&company))).send().fields(), ["x: unknown_field"]);
}

#[test]
fn what_changes_a_company_is_seen_at_once() {
    let app = App::start();
    let (company, root) = (app.company("vestas"), app.super_admin());
    let shown = || app.get(&path(&company)).send().data(200);
    assert_eq!((&shown()["verified"], &shown()["openJobs"]), (&json!(false), &json!(0)));
    let job = app.open_job(&company);
    assert_eq!(shown()["openJobs"], 1);
    let admin_path = format!("/api/admin{}", path(&company).trim_start_matches("/api"));
    app.patch(&admin_path).bearer(&root.token).json(&json!({"verified": true})).send().data(200);
    assert_eq!(shown()["verified"], true);
    app.patch("/api/companies/me").bearer(&company.token).json(&json!({"name": "Ørsted"})).send().data(200);
    assert_eq!(shown()["name"], "Ørsted");
    let close = json!({"status": "CLOSED"});
    app.patch(&format!("/api/jobs/{job}/status")).bearer(&company.token).json(&close).send().data(200);
    assert_eq!(shown()["openJobs"], 0);
}

#[test]
fn the_jobs_of_a_company_without_an_active_member_are_readable_but_not_listed_or_applied_for() {
    let app = App::start();
    let (company, another, root) = (app.company("vestas"), app.company("siemens"), app.super_admin());
    let (job, other_job) = (app.open_job(&company), app.open_job(&another));
    let listed = |query: &str| each(&app.get(&format!("/api/jobs?{query}")).send().data(200), "id");
    assert_eq!(listed(""), [other_job.clone(), job.clone()]);
    set_active(&app, &root, &company.user_id, false).data(200);
    assert_eq!(listed(""), [other_job.as_str()]);
    assert!(listed("q=vestas").is_empty() && listed(&format!("companyId={}", company.id)).is_empty());
    assert_eq!(app.get(&path(&company)).send().data(200)["openJobs"], 0);
    app.get(&format!("/api/jobs/{job}")).send().data(200);
    let technician = app.technician("tanja");
    let apply = || app.post(&format!("/api/jobs/{job}/applications")).bearer(&technician.token).json(&json!({})).send();
    assert_eq!(apply().code(409), "job_not_open");
    set_active(&app, &root, &company.user_id, true).data(200);
    apply().data(201);
    assert_eq!(listed(""), [other_job, job.clone()]);
    assert_eq!(app.get(&path(&company)).send().data(200)["openJobs"], 1);
}
