//! Requests of many users that are read in one statement.

use serde_json::json;

use super::{concurrently, counts, tally};
use crate::support::{App, Person, Reply, text};

const CLIENTS: usize = 24;

struct Scene {
    app: App,
    company: Person,
    /// Each with a thread, to which the company has written the technician's name.
    technicians: Vec<(Person, String)>,
    jobs: Vec<(String, String)>,
}

impl Scene {
    /// A server with places for requests that are read together.
    fn new() -> Self {
        let app = App::start_with(&[("DATABASE_POOL_SIZE", "10"), ("RESPONSE_CACHE_BYTES", "0")]);
        let company = app.company("vestas");
        let technicians = (0..6).map(|number| {
            let technician = app.technician(&format!("technician-{number}"));
            let body = json!({"technicianId": technician.id, "text": technician.id});
            let thread = text(&app.post("/api/chat/threads").bearer(&company.token).json(&body).send().data(201)["id"]);
            (technician, thread)
        });
        let technicians = technicians.collect();
        let jobs = (0..6).map(|number| {
            let title = format!("Job {number}");
            let job = app.post_job(&company, &json!({"title": title, "status": "OPEN"}));
            (text(&job["id"]), title)
        });
        let jobs = jobs.collect();
        Self { app, company, technicians, jobs }
    }

    fn get(&self, path: &str, person: &Person) -> Reply {
        self.app.get(path).bearer(&person.token).send()
    }
}

#[test]
fn each_of_many_concurrent_requests_has_the_rows_of_its_own_user_and_path() {
    let scene = Scene::new();
    concurrently(CLIENTS, |client| {
        for step in 0..30 {
            let (technician, thread) = &scene.technicians[(client + step) % 6];
            let (job, title) = &scene.jobs[(client * 7 + step) % 6];
            match (client + step) % 3 {
                0 => {
                    let passport = scene.get("/api/technicians/me/passport", technician).data(200);
                    assert_eq!(passport["technician"]["id"], technician.id);
                }
                1 => {
                    let path = format!("/api/chat/threads/{thread}/messages?after=0");
                    let messages = scene.get(&path, technician).data(200);
                    assert_eq!((&messages[0]["text"], messages.as_array().unwrap().len()), (&json!(technician.id), 1));
                    let path = format!("/api/chat/threads/{thread}/messages?after=1");
                    assert_eq!(scene.get(&path, &scene.company).data(200), json!([]));
                }
                _ => {
                    let found = scene.app.get(&format!("/api/jobs/{job}")).send().data(200);
                    assert_eq!((&found["id"], &found["title"]), (&json!(job), &json!(title)));
                }
            }
        }
    });
}

#[test]
fn a_poll_finds_each_message_that_was_sent_before_it() {
    let scene = Scene::new();
    concurrently(CLIENTS, |client| {
        let (technician, thread) = &scene.technicians[client % 6];
        let path = format!("/api/chat/threads/{thread}/messages");
        for step in 0..10 {
            let words = json!({"text": format!("{client} {step}")});
            let sent = scene.app.post(&path).bearer(&technician.token).json(&words).send().data(201);
            let before = sent["seq"].as_i64().unwrap() - 1;
            let found = scene.get(&format!("{path}?after={before}&limit=1"), &scene.company).data(200);
            assert_eq!(found, json!([sent]));
        }
    });
}

#[test]
fn a_request_without_the_right_to_its_rows_gets_none_among_those_that_have_it() {
    let scene = Scene::new();
    let (technician, own) = &scene.technicians[0];
    let (_, foreign) = &scene.technicians[1];
    let replies = concurrently(CLIENTS, |client| match client % 6 {
        0 => scene.get(&format!("/api/chat/threads/{own}/messages?after=0"), technician),
        1 => scene.get(&format!("/api/chat/threads/{foreign}/messages?after=0"), technician),
        2 => scene.get("/api/technicians/me/passport", &scene.company),
        3 => scene.app.get("/api/technicians/me/passport").bearer("no token").send(),
        4 => scene.app.get(&format!("/api/jobs/{foreign}")).send(),
        _ => scene.get(&format!("/api/chat/threads/{own}/messages?after=-1"), technician),
    });
    let each = CLIENTS / 6;
    let expected = [
        ("200", each),
        ("404 not_found", 2 * each),
        ("403 forbidden", each),
        ("401 unauthenticated", each),
        ("400 validation_failed", each),
    ];
    assert_eq!(tally(&replies), counts(expected));
}
