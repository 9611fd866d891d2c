use serde_json::json;

use crate::support::{App, Person, a_job, with};

/// A server that keeps pages, another on the same database that keeps none, and
/// a job that both show.
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

    /// Asserts that a request changes what is shown, and that all pages are at
    /// once as they are now, whoever sends it.
    #[track_caller]
    fn assert_shown_at_once(&self, change: impl FnOnce(&App) -> u16) {
        let shown = |app: &App| {
            self.paths().map(|path| {
                let reply = app.get(&path).send();
                (path, reply.status, reply.header("ETag").map(str::to_owned), reply.text)
            })
        };
        let before = shown(&self.app);
        let status = change(&self.app);
        assert!((200..300).contains(&status), "{status}");
        let after = shown(&self.app);
        assert_ne!(after, before);
        assert_eq!(after, shown(&self.fresh));
    }

    fn move_job(&self, status: &str) {
        self.assert_shown_at_once(|app| {
            let request = app.patch(&format!("/api/jobs/{}/status", self.job)).bearer(&self.company.token);
            request.json(&json!({ "status": status })).send().status.as_u16()
        });
    }
}

#[test]
fn a_job_that_is_posted_shows_at_once() {
    let scene = Scene::new();
    let job = with(&a_job(), &json!({"status": "OPEN", "country": "DE"}));
    for key in [None, Some("a-key")] {
        scene.assert_shown_at_once(|app| {
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
fn a_job_that_is_edited_shows_so_at_once() {
    let scene = Scene::new();
    for change in [json!({"title": "Inspection"}), json!({"country": "DE"}), json!({"dayRateTo": 500})] {
        scene.assert_shown_at_once(|app| {
            let path = format!("/api/jobs/{}", scene.job);
            app.patch(&path).bearer(&scene.company.token).json(&change).send().status.as_u16()
        });
    }
}

#[test]
fn a_job_that_is_closed_or_opened_again_shows_so_at_once() {
    let scene = Scene::new();
    for status in ["CLOSED", "OPEN", "CLOSED"] {
        scene.move_job(status);
    }
}

#[test]
fn a_company_that_is_edited_shows_so_on_its_jobs_at_once() {
    let scene = Scene::new();
    for change in [json!({"name": "Vestas Wind Systems"}), json!({"country": "DE"})] {
        scene.assert_shown_at_once(|app| {
            app.patch("/api/companies/me").bearer(&scene.company.token).json(&change).send().status.as_u16()
        });
    }
}

#[test]
fn a_job_that_an_administrator_closes_shows_so_at_once() {
    let scene = Scene::new();
    let root = scene.app.super_admin();
    scene.assert_shown_at_once(|app| {
        let path = format!("/api/admin/jobs/{}/status", scene.job);
        app.patch(&path).bearer(&root.token).json(&json!({"status": "CLOSED"})).send().status.as_u16()
    });
}

#[test]
fn a_job_that_was_not_there_shows_as_soon_as_it_is() {
    let scene = Scene::new();
    let draft = scene.app.post_job(&scene.company, &json!({}));
    let path = format!("/api/jobs/{}", draft["id"].as_str().unwrap());
    assert_eq!(scene.app.get(&path).send().code(404), "not_found");
    let open = scene.app.patch(&format!("{path}/status")).bearer(&scene.company.token);
    open.json(&json!({"status": "OPEN"})).send().data(200);
    assert_eq!(scene.app.get(&path).send().data(200)["status"], "OPEN");
}
