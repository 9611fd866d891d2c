//! `GET /api/applications/{id}`: an application as both sides see it.

use repower_domain::accounts::CompanyRole;
use serde_json::{Value, json};

use super::{apply, move_job, move_with};
use crate::support::{App, Person, Reply, UNKNOWN_ID, a_moment, seen_by_companies, text, with};

fn find(app: &App, person: &Person, application: &str) -> Reply {
    app.get(&format!("/api/applications/{application}")).bearer(&person.token).send()
}

/// An application between a company and a technician.
struct Scene {
    app: App,
    company: Person,
    technician: Person,
    application: String,
}

impl Scene {
    fn new() -> Self {
        let app = App::start();
        let (company, technician) = (app.company("vestas"), app.technician("tanja"));
        let application = app.apply(&technician, &app.open_job(&company));
        Self { app, company, technician, application }
    }

    fn move_to(&self, person: &Person, status: &str) {
        self.app.move_application(person, &self.application, status).data(200);
    }

    /// The application; asserts that it is the same for both sides.
    #[track_caller]
    fn shown(&self) -> Value {
        let [company, technician] =
            [&self.company, &self.technician].map(|person| find(&self.app, person, &self.application).data(200));
        assert_eq!(company, technician);
        company
    }

    /// The steps of the history without their timestamps, whose order is asserted.
    #[track_caller]
    fn steps(&self) -> Value {
        let mut steps = self.shown()["history"].as_array().unwrap().clone();
        let moments: Vec<_> = steps.iter().map(|step| text(&a_moment(&step["at"]))).collect();
        assert!(moments.is_sorted(), "{moments:?}");
        for step in &mut steps {
            step.as_object_mut().unwrap().remove("at");
        }
        json!(steps)
    }
}

fn step(from: Option<&str>, to: &str, by: &str) -> Value {
    json!({"from": from, "to": to, "by": by})
}

#[test]
fn an_application_is_shown_with_its_job_its_technician_and_its_history() {
    let app = App::start();
    let (company, technician) = (app.company("vestas"), app.technician("tanja"));
    let job = app.post_job(&company, &json!({"status": "OPEN", "dayRateFrom": 300, "projectName": "Baltic Eagle"}));
    app.rate(&company, &technician, &[5, 4]);
    let profile = seen_by_companies(&app.get("/api/technicians/me").bearer(&technician.token).send().data(200));
    let application = apply(&app, &technician, &text(&job["id"]), &json!({"messageToCompany": "Hello"})).data(201);
    let id = text(&application["id"]);
    let reply = find(&app, &company, &id);
    let whole = json!({
        "job": job,
        "technician": with(&profile, &json!({"averageRating": 4.5, "evaluationCount": 2})),
        "history": [{"from": null, "to": "APPLIED", "by": "TECHNICIAN", "at": application["createdAt"]}],
        "snapshots": {"applied": application["compliance"], "offered": null, "accepted": null},
    });
    assert_eq!(reply.data(200), with(&application, &whole));
    assert_eq!(find(&app, &technician, &id).body(), reply.body());
    let body = reply.body();
    let mut keys: Vec<_> = body.as_object().unwrap().keys().collect();
    keys.sort();
    assert_eq!(keys, ["data", "message", "success"]);
}

#[test]
fn each_step_of_the_history_names_its_side() {
    let scene = Scene::new();
    let mut steps = vec![step(None, "APPLIED", "TECHNICIAN")];
    assert_eq!(scene.steps(), json!(steps));
    for (person, from, to, by) in [
        (&scene.company, "APPLIED", "SHORTLISTED", "COMPANY"),
        (&scene.company, "SHORTLISTED", "OFFERED", "COMPANY"),
        (&scene.technician, "OFFERED", "ACCEPTED", "TECHNICIAN"),
    ] {
        scene.move_to(person, to);
        steps.push(step(Some(from), to, by));
        assert_eq!(scene.steps(), json!(steps));
        let shown = scene.shown();
        assert_eq!((&shown["status"], &shown["updatedAt"]), (&json!(to), &shown["history"][steps.len() - 1]["at"]));
    }
}

#[test]
fn the_last_step_names_the_side_that_accepted_or_ended_the_application() {
    for (moves, last) in [
        (&[("C", "OFFERED"), ("C", "ACCEPTED")][..], step(Some("OFFERED"), "ACCEPTED", "COMPANY")),
        (&[("C", "OFFERED"), ("T", "ACCEPTED")], step(Some("OFFERED"), "ACCEPTED", "TECHNICIAN")),
        (&[("C", "OFFERED"), ("T", "WITHDRAWN")], step(Some("OFFERED"), "WITHDRAWN", "TECHNICIAN")),
        (&[("C", "SHORTLISTED"), ("T", "WITHDRAWN")], step(Some("SHORTLISTED"), "WITHDRAWN", "TECHNICIAN")),
        (&[("T", "WITHDRAWN")], step(Some("APPLIED"), "WITHDRAWN", "TECHNICIAN")),
        (&[("C", "REJECTED")], step(Some("APPLIED"), "REJECTED", "COMPANY")),
    ] {
        let scene = Scene::new();
        for (side, status) in moves {
            scene.move_to(if *side == "C" { &scene.company } else { &scene.technician }, status);
        }
        let steps = scene.steps();
        assert_eq!((steps.as_array().unwrap().len(), &steps[moves.len()]), (moves.len() + 1, &last));
    }
}

#[test]
fn the_history_names_the_company_for_each_of_its_members() {
    let scene = Scene::new();
    for (role, status) in [(CompanyRole::Manager, "SHORTLISTED"), (CompanyRole::Recruiter, "OFFERED")] {
        scene.move_to(&scene.app.member(&scene.company, role), status);
    }
    let steps = scene.steps();
    assert_eq!(steps[1], step(Some("APPLIED"), "SHORTLISTED", "COMPANY"));
    assert_eq!(steps[2], step(Some("SHORTLISTED"), "OFFERED", "COMPANY"));
}

#[test]
fn a_rejected_change_adds_no_step() {
    let scene = Scene::new();
    scene.move_to(&scene.company, "OFFERED");
    let before = scene.shown();
    for (person, status, code) in [
        (&scene.company, "OFFERED", 409),
        (&scene.company, "WITHDRAWN", 409),
        (&scene.technician, "REJECTED", 409),
        (&scene.company, "HIRED", 400),
    ] {
        assert_eq!(scene.app.move_application(person, &scene.application, status).status, code, "{status}");
    }
    assert_eq!(scene.shown(), before);
}

#[test]
fn the_job_and_the_technician_are_current_and_messages_are_shown() {
    let scene = Scene::new();
    let body = json!({"status": "OFFERED", "messageToTechnician": "Please come"});
    move_with(&scene.app, &scene.company, &scene.application, &body).data(200);
    let job = text(&scene.shown()["jobId"]);
    move_job(&scene.app, &scene.company, &job, "CLOSED");
    let rename = scene.app.patch("/api/technicians/me").bearer(&scene.technician.token);
    rename.json(&json!({"fullName": "Tanja Holm"})).send().data(200);
    let shown = scene.shown();
    assert_eq!((&shown["job"]["status"], &shown["technician"]["fullName"]), (&json!("CLOSED"), &json!("Tanja Holm")));
    assert_eq!(shown["messageToTechnician"], "Please come");
}

#[test]
fn the_id_of_another_resource_is_not_found() {
    let scene = Scene::new();
    let job = text(&scene.shown()["jobId"]);
    for id in [&job, &scene.company.id, UNKNOWN_ID, "no-uuid", "%00"] {
        assert_eq!(find(&scene.app, &scene.technician, id).code(404), "not_found", "{id}");
    }
    let with_parameter = format!("{}?x=1", scene.application);
    assert_eq!(find(&scene.app, &scene.company, &with_parameter).fields(), ["x: unknown_field"]);
}
