use serde_json::{Value, json};

use super::{apply, move_job, move_with, stored};
use crate::support::{App, Person, UNKNOWN_ID, a_moment, text, with};

struct Scene {
    app: App,
    company: Person,
    technician: Person,
    job: String,
    /// The application as it was returned.
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
fn a_change_is_returned_and_stored() {
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
fn a_message_is_unchanged_replaced_or_cleared() {
    let scene = Scene::new();
    for (reset, body, expected) in [
        ("APPLIED", json!({"status": "SHORTLISTED"}), json!(null)),
        ("APPLIED", json!({"status": "SHORTLISTED", "messageToTechnician": "One"}), json!("One")),
        ("SHORTLISTED", json!({"status": "OFFERED"}), json!("One")),
        ("OFFERED", json!({"status": "ACCEPTED", "messageToTechnician": "Two"}), json!("Two")),
        ("OFFERED", json!({"status": "ACCEPTED", "messageToTechnician": null}), json!(null)),
        ("OFFERED", json!({"status": "REJECTED", "messageToTechnician": "Three"}), json!("Three")),
        ("OFFERED", json!({"status": "REJECTED", "messageToTechnician": "  "}), json!(null)),
    ] {
        scene
            .app
            .database
            .run(&format!("UPDATE applications SET status = '{reset}', confirmed_at = NULL, booked = NULL"));
        assert_eq!(scene.moved(&scene.company, &body)["messageToTechnician"], expected, "{body}");
        assert_eq!(stored(&scene.app, &scene.technician)["messageToTechnician"], expected, "{body}");
    }
}

#[test]
fn a_change_by_the_technician_preserves_the_message_of_the_company() {
    let scene = Scene::new();
    scene.moved(&scene.company, &json!({"status": "OFFERED", "messageToTechnician": "Please come"}));
    let accepted = scene.moved(&scene.technician, &json!({"status": "ACCEPTED"}));
    assert_eq!(accepted["messageToTechnician"], "Please come");
    assert_eq!(accepted["messageToCompany"], "Hello");
}

#[test]
fn only_the_company_sends_a_message_to_the_technician() {
    let scene = Scene::new();
    let another = scene.app.technician("anders");
    for message in [json!("Hello"), json!(null), json!(""), json!(5)] {
        let body = json!({"status": "WITHDRAWN", "messageToTechnician": message});
        for (person, id) in
            [(&scene.technician, scene.id()), (&another, scene.id()), (&another, UNKNOWN_ID), (&another, "no-uuid")]
        {
            let rejected = move_with(&scene.app, person, id, &body);
            assert_eq!(rejected.fields(), ["messageToTechnician: not_allowed"], "{body}");
        }
    }
    let body = json!({"status": "GONE", "messageToTechnician": "Hello", "x": 1});
    let expected = ["status: not_allowed", "messageToTechnician: not_allowed", "x: unknown_field"];
    assert_eq!(move_with(&scene.app, &scene.technician, scene.id(), &body).fields(), expected);
    assert_eq!(stored(&scene.app, &scene.technician), scene.application);
}

#[test]
fn all_invalid_fields_are_reported_at_once() {
    let scene = Scene::new();
    for (body, expected) in [
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
        for id in [scene.id(), UNKNOWN_ID, "no-uuid"] {
            assert_eq!(move_with(&scene.app, &scene.company, id, &body).fields(), expected, "{body}");
        }
    }
    assert_eq!(stored(&scene.app, &scene.technician), scene.application);
    let longest = json!({"status": "OFFERED", "messageToTechnician": "ø".repeat(2_000)});
    assert_eq!(scene.moved(&scene.company, &longest)["messageToTechnician"], longest["messageToTechnician"]);
}

#[test]
fn a_repeated_status_is_rejected_and_stores_no_message() {
    let scene = Scene::new();
    for status in ["OFFERED", "ACCEPTED"] {
        let moved = scene.moved(&scene.company, &json!({ "status": status }));
        let repeated = json!({"status": status, "messageToTechnician": "Again"});
        assert_eq!(move_with(&scene.app, &scene.company, scene.id(), &repeated).code(409), "invalid_transition");
        assert_eq!(stored(&scene.app, &scene.technician), moved);
    }
}

#[test]
fn an_application_for_a_closed_job_can_still_be_moved() {
    let scene = Scene::new();
    scene.moved(&scene.company, &json!({"status": "SHORTLISTED"}));
    move_job(&scene.app, &scene.company, &scene.job, "CLOSED");
    scene.moved(&scene.company, &json!({"status": "OFFERED"}));
    scene.moved(&scene.technician, &json!({"status": "ACCEPTED"}));
    assert_eq!(stored(&scene.app, &scene.technician)["status"], "ACCEPTED");
}
