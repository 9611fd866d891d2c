use serde_json::{Value, json};

use super::{NOBODY, apply, move_job, move_with, stored};
use crate::support::{App, Cast, Person, a_moment, text, with};

struct Scene {
    app: App,
    company: Person,
    technician: Person,
    job: String,
    /// The application as it was answered.
    application: Value,
}

impl Scene {
    fn new() -> Self {
        let app = App::start();
        let (company, technician) = (app.company("vestas"), app.technician("tanja"));
        let job = app.open_job(&company);
        let application = apply(&app, &technician, &job, &json!({"messageToCompany": "Hello"})).data(201);
        Self { app, company, technician, job, application }
    }

    fn id(&self) -> &str {
        self.application["id"].as_str().unwrap()
    }

    fn moved(&self, person: &Person, body: &Value) -> Value {
        move_with(&self.app, person, self.id(), body).data(200)
    }
}

#[test]
fn a_change_is_answered_and_kept() {
    let scene = Scene::new();
    let body = json!({"status": "SHORTLISTED", "messageToTechnician": " We will call. "});
    let moved = scene.moved(&scene.company, &body);
    let changes = json!({
        "status": "SHORTLISTED", "messageToTechnician": "We will call.", "updatedAt": a_moment(&moved["updatedAt"]),
    });
    assert_eq!(moved, with(&scene.application, &changes));
    assert!(text(&moved["updatedAt"]) >= text(&moved["createdAt"]));
    assert_eq!(stored(&scene.app, &scene.technician), moved);
}

#[test]
fn a_message_is_kept_replaced_or_cleared() {
    let scene = Scene::new();
    for (reset, body, told) in [
        ("APPLIED", json!({"status": "SHORTLISTED"}), json!(null)),
        ("APPLIED", json!({"status": "SHORTLISTED", "messageToTechnician": "One"}), json!("One")),
        ("SHORTLISTED", json!({"status": "OFFERED"}), json!("One")),
        ("OFFERED", json!({"status": "ACCEPTED", "messageToTechnician": "Two"}), json!("Two")),
        ("OFFERED", json!({"status": "ACCEPTED", "messageToTechnician": null}), json!(null)),
        ("OFFERED", json!({"status": "REJECTED", "messageToTechnician": "Three"}), json!("Three")),
        ("OFFERED", json!({"status": "REJECTED", "messageToTechnician": "  "}), json!(null)),
    ] {
        scene.app.database.run(&format!("UPDATE applications SET status = '{reset}'"));
        assert_eq!(scene.moved(&scene.company, &body)["messageToTechnician"], told, "{body}");
        assert_eq!(stored(&scene.app, &scene.technician)["messageToTechnician"], told, "{body}");
    }
}

#[test]
fn what_the_technician_does_keeps_the_companys_message() {
    let scene = Scene::new();
    scene.moved(&scene.company, &json!({"status": "OFFERED", "messageToTechnician": "Please come"}));
    let accepted = scene.moved(&scene.technician, &json!({"status": "ACCEPTED"}));
    assert_eq!(accepted["messageToTechnician"], "Please come");
    assert_eq!(accepted["messageToCompany"], "Hello");
}

#[test]
fn only_the_company_writes_to_the_technician() {
    let scene = Scene::new();
    let another = scene.app.technician("anders");
    for message in [json!("Hello"), json!(null), json!(""), json!(5)] {
        let body = json!({"status": "WITHDRAWN", "messageToTechnician": message});
        for (person, id) in
            [(&scene.technician, scene.id()), (&another, scene.id()), (&another, NOBODY), (&another, "no-uuid")]
        {
            let refused = move_with(&scene.app, person, id, &body);
            assert_eq!(refused.fields(), ["messageToTechnician: not_allowed"], "{body}");
        }
    }
    let body = json!({"status": "GONE", "messageToTechnician": "Hello", "x": 1});
    let told = ["status: not_allowed", "messageToTechnician: not_allowed", "x: unknown_field"];
    assert_eq!(move_with(&scene.app, &scene.technician, scene.id(), &body).fields(), told);
    assert_eq!(stored(&scene.app, &scene.technician), scene.application);
}

#[test]
fn every_wrong_field_is_told_at_once() {
    let scene = Scene::new();
    for (body, told) in [
        (json!({}), &["status: required"][..]),
        (json!({"status": null}), &["status: wrong_type"]),
        (
            json!({"status": "hired", "messageToTechnician": 1}),
            &["status: not_allowed", "messageToTechnician: wrong_type"],
        ),
        (json!({"messageToTechnician": "x".repeat(2_001)}), &["status: required", "messageToTechnician: too_long"]),
        (
            json!({"status": "OFFERED", "messageToCompany": "x", "jobId": 1}),
            &["messageToCompany: unknown_field", "jobId: unknown_field"],
        ),
    ] {
        for id in [scene.id(), NOBODY, "no-uuid"] {
            assert_eq!(move_with(&scene.app, &scene.company, id, &body).fields(), told, "{body}");
        }
    }
    assert_eq!(stored(&scene.app, &scene.technician), scene.application);
    let longest = json!({"status": "OFFERED", "messageToTechnician": "ø".repeat(2_000)});
    assert_eq!(scene.moved(&scene.company, &longest)["messageToTechnician"], longest["messageToTechnician"]);
}

#[test]
fn the_same_status_again_is_refused_and_writes_no_message() {
    let scene = Scene::new();
    for status in ["OFFERED", "ACCEPTED"] {
        let moved = scene.moved(&scene.company, &json!({ "status": status }));
        let again = json!({"status": status, "messageToTechnician": "Again"});
        assert_eq!(move_with(&scene.app, &scene.company, scene.id(), &again).code(409), "invalid_transition");
        assert_eq!(stored(&scene.app, &scene.technician), moved);
    }
}

/// The columns are those of [`Cast::statuses`].
#[test]
fn the_two_sides_move_an_application_and_to_all_others_it_is_not_there() {
    let app = App::start();
    let cast = Cast::of(&app);
    let application = app.apply(&cast.technician, &app.open_job(&cast.admin));
    let path = format!("/api/applications/{application}/status");
    let request = |status: &str| {
        app.database.run("UPDATE applications SET status = 'OFFERED'");
        app.patch(&path).json(&json!({ "status": status }))
    };
    assert_eq!(cast.statuses(|| request("ACCEPTED")), "401 200 404 200 200 200 403 404 403");
    assert_eq!(cast.statuses(|| request("OFFERED")), "401 409 404 409 409 409 403 404 403");
    assert_eq!(cast.statuses(|| request("HIRED")), "401 400 400 400 400 400 403 400 403");
    let unknown = |id: &str| {
        cast.statuses(|| app.patch(&format!("/api/applications/{id}/status")).json(&json!({"status": "OFFERED"})))
    };
    for id in [NOBODY, "no-uuid", "%00"] {
        assert_eq!(unknown(id), "401 404 404 404 404 404 403 404 403", "{id}");
    }
}

#[test]
fn nothing_is_stored_by_who_may_not() {
    let app = App::start();
    let cast = Cast::of(&app);
    let application = app.apply(&cast.technician, &app.open_job(&cast.admin));
    let before = app.database.contents();
    for person in [&cast.another_technician, &cast.viewer, &cast.other_admin, &cast.super_admin] {
        for status in ["SHORTLISTED", "WITHDRAWN"] {
            assert!(!app.move_application(person, &application, status).status.is_success());
        }
    }
    assert_eq!(app.database.contents(), before);
}

#[test]
fn an_application_goes_on_when_its_job_is_closed() {
    let scene = Scene::new();
    scene.moved(&scene.company, &json!({"status": "SHORTLISTED"}));
    move_job(&scene.app, &scene.company, &scene.job, "CLOSED");
    scene.moved(&scene.company, &json!({"status": "OFFERED"}));
    scene.moved(&scene.technician, &json!({"status": "ACCEPTED"}));
    assert_eq!(stored(&scene.app, &scene.technician)["status"], "ACCEPTED");
}
