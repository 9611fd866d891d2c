use repower_domain::accounts::CompanyRole;
use serde_json::json;

use super::{at_once, counts, tally};
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
        self.app.database.run(&format!("UPDATE applications SET status = '{status}'"));
    }

    fn steps(&self) -> i64 {
        self.app.database.rows("application_events")
    }

    fn status(&self) -> String {
        self.app.database.texts("SELECT status FROM applications").concat()
    }
}

/// One wins, and the other is told that it lost; what is stored is what the
/// winner was told.
fn assert_one_wins(scene: &Scene, from: &str, moves: [(&Person, &str); 2]) {
    for _ in 0..8 {
        scene.reset(from);
        let steps = scene.steps();
        let replies = at_once(2, |number| {
            let (person, status) = moves[number];
            scene.app.move_application(person, &scene.application, status)
        });
        let (won, lost): (Vec<&Reply>, Vec<&Reply>) = replies.iter().partition(|reply| reply.status == 200);
        assert_eq!((won.len(), lost.len()), (1, 1), "{:?}", tally(&replies));
        assert!(["conflict", "invalid_transition"].contains(&lost[0].code(409).as_str()));
        assert_eq!(won[0].data(200)["status"], scene.status());
        assert_eq!(scene.steps() - steps, 1);
    }
}

#[test]
fn of_two_changes_that_exclude_each_other_one_is_made() {
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
        assert_one_wins(&scene, from, moves);
    }
}

#[test]
fn of_many_who_make_the_same_change_one_makes_it() {
    let scene = Scene::new();
    let body = |number: usize| json!({"status": "SHORTLISTED", "messageToTechnician": number.to_string()});
    let replies = at_once(16, |number| {
        let path = format!("/api/applications/{}/status", scene.application);
        scene.app.patch(&path).bearer(&scene.company.token).json(&body(number)).send()
    });
    let won: Vec<_> = replies.iter().filter(|reply| reply.status == 200).collect();
    assert_eq!((won.len(), scene.steps()), (1, 2), "{:?}", tally(&replies));
    let stored = scene.app.database.texts("SELECT message_to_technician FROM applications");
    assert_eq!(won[0].data(200)["messageToTechnician"], stored.concat());
    for reply in replies.iter().filter(|reply| reply.status != 200) {
        assert!(["conflict", "invalid_transition"].contains(&reply.code(409).as_str()));
    }
}

#[test]
fn of_many_who_edit_a_job_each_is_told_whether_it_was_done() {
    let scene = Scene::new();
    let job = scene.app.open_job(&scene.company);
    let path = format!("/api/jobs/{job}");
    let replies = at_once(16, |number| {
        scene.app.patch(&path).bearer(&scene.company.token).json(&json!({"title": number.to_string()})).send()
    });
    let title = scene.app.get(&path).send().data(200)["title"].clone();
    let told: Vec<_> =
        replies.iter().filter(|reply| reply.status == 200).map(|reply| reply.data(200)["title"].clone()).collect();
    assert!(told.contains(&title), "{title} was told to nobody: {told:?}");
    let refused = replies.iter().filter(|reply| reply.status != 200);
    assert_eq!(
        tally(refused),
        counts([("409 conflict", 16 - told.len())]).into_iter().filter(|(_, count)| *count > 0).collect()
    );
}
