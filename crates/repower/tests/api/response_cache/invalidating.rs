use serde_json::json;

use crate::support::{App, Person, a_job, with};

/// A server with a response cache, another without one on the same database, and a
/// job.
struct Scene {
    app: App,
    fresh: App,
    company: Person,
    job: String,
}

impl Scene {
    fn new() -> Self {
        let app = App::start();
        let fresh = app.beside(&[("RESPONSE_CACHE_BYTES", "0")]);
        let company = app.company("vestas");
        let job = app.open_job(&company);
        Self { app, fresh, company, job }
    }

    fn paths(&self) -> [String; 4] {
        let list = |query: &str| format!("/api/jobs{query}");
        [list(""), list("?limit=1&q=vestas"), list("?country=DE"), format!("/api/jobs/{}", self.job)]
    }

    /// Asserts that a request changes the public responses, and that the server returns
    /// the new ones at once.
    #[track_caller]
    fn assert_visible_at_once(&self, change: impl FnOnce(&App) -> u16) {
        let responses = |app: &App| {
            self.paths().map(|path| {
                let reply = app.get(&path).send();
                (path, reply.status, reply.header("ETag").map(str::to_owned), reply.text)
            })
        };
        let before = responses(&self.app);
        let status = change(&self.app);
        assert!((200..300).contains(&status), "{status}");
        let after = responses(&self.app);
        assert_ne!(after, before);
        assert_eq!(after, responses(&self.fresh));
    }

    fn move_job(&self, status: &str) {
        self.assert_visible_at_once(|app| {
            let request = app.patch(&format!("/api/jobs/{}/status", self.job)).bearer(&self.company.token);
            request.json(&json!({ "status": status })).send().status.as_u16()
        });
    }
}

#[test]
fn a_new_job_is_visible_at_once() {
    let scene = Scene::new();
    let job = with(&a_job(), &json!({"status": "OPEN", "country": "DE"}));
    for key in [None, Some("a-key")] {
        scene.assert_visible_at_once(|app| {
            let request = app.post("/api/jobs").bearer(&scene.company.token).json(&job);
            let request = match key {
                Some(key) => request.header("Idempotency-Key", key),
                None => request,
            };
            request.send().status.as_u16()
        });
    }
}

#[test]
fn an_edit_of_a_job_is_visible_at_once() {
    let scene = Scene::new();
    for change in [json!({"title": "Inspection"}), json!({"country": "DE"}), json!({"dayRateTo": 500})] {
        scene.assert_visible_at_once(|app| {
            let path = format!("/api/jobs/{}", scene.job);
            app.patch(&path).bearer(&scene.company.token).json(&change).send().status.as_u16()
        });
    }
}

#[test]
fn a_closed_or_reopened_job_is_visible_at_once() {
    let scene = Scene::new();
    for status in ["CLOSED", "OPEN", "CLOSED"] {
        scene.move_job(status);
    }
}

#[test]
fn an_edit_of_a_company_is_visible_in_its_jobs_at_once() {
    let scene = Scene::new();
    for change in [json!({"name": "Vestas Wind Systems"}), json!({"country": "DE"})] {
        scene.assert_visible_at_once(|app| {
            app.patch("/api/companies/me").bearer(&scene.company.token).json(&change).send().status.as_u16()
        });
    }
}

#[test]
fn a_closing_by_an_administrator_is_visible_at_once() {
    let scene = Scene::new();
    let root = scene.app.super_admin();
    scene.assert_visible_at_once(|app| {
        let path = format!("/api/admin/jobs/{}/status", scene.job);
        app.patch(&path).bearer(&root.token).json(&json!({"status": "CLOSED"})).send().status.as_u16()
    });
}

#[test]
fn a_draft_is_visible_as_soon_as_it_is_open() {
    let scene = Scene::new();
    let draft = scene.app.post_job(&scene.company, &json!({}));
    let path = format!("/api/jobs/{}", draft["id"].as_str().unwrap());
    assert_eq!(scene.app.get(&path).send().code(404), "not_found");
    let open = scene.app.patch(&format!("{path}/status")).bearer(&scene.company.token);
    open.json(&json!({"status": "OPEN"})).send().data(200);
    assert_eq!(scene.app.get(&path).send().data(200)["status"], "OPEN");
}
