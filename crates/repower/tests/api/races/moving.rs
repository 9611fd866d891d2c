use repower_domain::accounts::CompanyRole;
use serde_json::json;

use super::{concurrently, counts, tally};
use crate::support::{App, Person, Reply};

struct Scene {
    app: App,
    company: Person,
    recruiter: Person,
    technician: Person,
    application: String,
}

impl Scene {
    fn new() -> Self {
        let app = App::start();
        let (company, technician) = (app.company("vestas"), app.technician("tanja"));
        let recruiter = app.member(&company, CompanyRole::Recruiter);
        let application = app.apply(&technician, &app.open_job(&company));
        Self { app, company, recruiter, technician, application }
    }

    fn reset(&self, status: &str) {
        self.app
            .database
            .run(&format!("UPDATE applications SET status = '{status}', confirmed_at = NULL, booked = NULL"));
    }

    fn steps(&self) -> i64 {
        self.app.database.rows("application_events")
    }

    fn status(&self) -> String {
        self.app.database.texts("SELECT status FROM applications").concat()
    }
}

/// Asserts that one of two changes succeeds and is stored, and that the other is
/// rejected.
fn assert_one_succeeds(scene: &Scene, from: &str, moves: [(&Person, &str); 2]) {
    for _ in 0..8 {
        scene.reset(from);
        let steps = scene.steps();
        let replies = concurrently(2, |number| {
            let (person, status) = moves[number];
            scene.app.move_application(person, &scene.application, status)
        });
        let (succeeded, rejected): (Vec<&Reply>, Vec<&Reply>) = replies.iter().partition(|reply| reply.status == 200);
        assert_eq!((succeeded.len(), rejected.len()), (1, 1), "{:?}", tally(&replies));
        assert!(["conflict", "invalid_transition"].contains(&rejected[0].code(409).as_str()));
        assert_eq!(succeeded[0].data(200)["status"], scene.status());
        assert_eq!(scene.steps() - steps, 1);
    }
}

#[test]
fn one_of_two_contradicting_changes_succeeds() {
    let scene = Scene::new();
    let (company, recruiter, technician) = (&scene.company, &scene.recruiter, &scene.technician);
    for (from, moves) in [
        ("APPLIED", [(company, "REJECTED"), (technician, "WITHDRAWN")]),
        ("SHORTLISTED", [(company, "REJECTED"), (technician, "WITHDRAWN")]),
        ("OFFERED", [(company, "REJECTED"), (technician, "ACCEPTED")]),
        ("OFFERED", [(company, "ACCEPTED"), (technician, "WITHDRAWN")]),
        ("OFFERED", [(company, "ACCEPTED"), (technician, "ACCEPTED")]),
        ("OFFERED", [(company, "ACCEPTED"), (recruiter, "REJECTED")]),
    ] {
        assert_one_succeeds(&scene, from, moves);
    }
}

#[test]
fn one_of_many_equal_changes_succeeds() {
    let scene = Scene::new();
    let body = |number: usize| json!({"status": "SHORTLISTED", "messageToTechnician": number.to_string()});
    let replies = concurrently(16, |number| {
        let path = format!("/api/applications/{}/status", scene.application);
        scene.app.patch(&path).bearer(&scene.company.token).json(&body(number)).send()
    });
    let succeeded: Vec<_> = replies.iter().filter(|reply| reply.status == 200).collect();
    assert_eq!((succeeded.len(), scene.steps()), (1, 2), "{:?}", tally(&replies));
    let stored = scene.app.database.texts("SELECT message_to_technician FROM applications");
    assert_eq!(succeeded[0].data(200)["messageToTechnician"], stored.concat());
    for reply in replies.iter().filter(|reply| reply.status != 200) {
        assert!(["conflict", "invalid_transition"].contains(&reply.code(409).as_str()));
    }
}

#[test]
fn each_concurrent_edit_of_a_job_succeeds_or_is_a_conflict() {
    let scene = Scene::new();
    let job = scene.app.open_job(&scene.company);
    let path = format!("/api/jobs/{job}");
    let replies = concurrently(16, |number| {
        scene.app.patch(&path).bearer(&scene.company.token).json(&json!({"title": number.to_string()})).send()
    });
    let title = scene.app.get(&path).send().data(200)["title"].clone();
    let returned: Vec<_> =
        replies.iter().filter(|reply| reply.status == 200).map(|reply| reply.data(200)["title"].clone()).collect();
    assert!(returned.contains(&title), "{title} is in no response: {returned:?}");
    let rejected = replies.iter().filter(|reply| reply.status != 200);
    assert_eq!(
        tally(rejected),
        counts([("409 conflict", 16 - returned.len())]).into_iter().filter(|(_, count)| *count > 0).collect()
    );
}
