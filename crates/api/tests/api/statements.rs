//! How many statements a request costs: who is asking, and at most two for any
//! list or detail, however many rows there are.

use std::{
    collections::BTreeSet,
    mem,
    sync::{Arc, Mutex},
};

use diesel::{Connection, connection::InstrumentationEvent};
use repower_api::wiring;
use repower_domain::accounts::CompanyRole;
use repower_postgres::Database;
use serde_json::json;

use crate::support::{App, Person, text};

/// How many of each thing there are: enough for one statement a row to show.
const MANY: usize = 12;

/// Finding out who is asking.
const ACTOR: usize = 1;
const LIST_OR_DETAIL: usize = 2;

/// The statements that were sent to the database.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<String>>>);

impl Log {
    /// A pool that writes down what it sends, its own pings aside.
    fn pool(&self, url: &str) -> Database {
        let log = self.clone();
        let setup = move |connection: &mut diesel::PgConnection| {
            let log = log.clone();
            connection.set_instrumentation(move |event: InstrumentationEvent<'_>| log.note(&event));
            Ok(())
        };
        Database::with_setup(url, 4, Arc::new(setup))
    }

    fn note(&self, event: &InstrumentationEvent<'_>) {
        if let InstrumentationEvent::StartQuery { query, .. } = event {
            let statement = query.to_string();
            if statement != "SELECT 1" {
                self.0.lock().unwrap().push(statement);
            }
        }
    }

    /// What was sent since it was asked last.
    fn take(&self) -> Vec<String> {
        mem::take(&mut self.0.lock().unwrap())
    }
}

/// A marketplace in which everybody has many of everything.
struct Scene {
    app: App,
    log: Log,
    company: Person,
    technician: Person,
    job: String,
    thread: String,
}

impl Scene {
    fn new() -> Self {
        let log = Log::default();
        let app = App::start_on(|url| log.pool(url));
        let (company, technician) = (app.company("vestas"), app.technician("tanja"));
        let jobs: Vec<_> = (0..MANY).map(|_| app.open_job(&company)).collect();
        for job in &jobs {
            app.apply(&technician, job);
            rate(&app, &technician, &company, job);
        }
        for number in 1..MANY {
            let other = app.technician(&number.to_string());
            app.apply(&other, &jobs[0]);
            rate(&app, &other, &company, &jobs[0]);
            chat(&app, &other, &json!({"companyId": company.id}));
            chat(&app, &technician, &json!({"companyId": company.id, "jobId": jobs[number]}));
        }
        for role in [CompanyRole::Manager, CompanyRole::Recruiter, CompanyRole::Viewer] {
            app.member(&company, role);
        }
        fill_passport(&app, &technician);
        let thread = chat(&app, &technician, &json!({"companyId": company.id, "jobId": jobs[0]}));
        let job = jobs[0].clone();
        Self { app, log, company, technician, job, thread }
    }

    /// The statements of a request that succeeds.
    fn statements(&self, path: &str, person: Option<&Person>) -> Vec<String> {
        self.log.take();
        let reply = self.app.get(path).by(person).send();
        assert_eq!(reply.status, 200, "{path}: {}", reply.text);
        self.log.take()
    }
}

fn rate(app: &App, technician: &Person, company: &Person, job: &str) {
    app.database.run(&format!(
        "INSERT INTO evaluations (id, technician_id, company_id, job_id, rating, comment, created_at)
         VALUES (gen_random_uuid(), '{}', '{}', '{job}', 4, 'Good', now())",
        technician.id, company.id
    ));
}

/// Opens a thread and says something in it, from both sides.
fn chat(app: &App, technician: &Person, thread: &serde_json::Value) -> String {
    let thread = text(&app.post("/api/chat/threads").bearer(&technician.token).json(thread).send().data(201)["id"]);
    for _ in 0..3 {
        let path = format!("/api/chat/threads/{thread}/messages");
        app.post(&path).bearer(&technician.token).json(&json!({"text": "Hello"})).send().data(201);
    }
    thread
}

fn fill_passport(app: &App, technician: &Person) {
    let skills: Vec<_> = (0..MANY).map(|number| json!({"name": number.to_string(), "level": "EXPERT"})).collect();
    app.put("/api/technicians/me/skills").bearer(&technician.token).json(&json!({ "skills": skills })).send().data(200);
    for number in 0..MANY {
        let certification = json!({
            "name": number.to_string(), "provider": "GWO", "validFrom": "2026-01-01", "validUntil": "2030-01-01",
        });
        app.post("/api/technicians/me/certifications").bearer(&technician.token).json(&certification).send().data(201);
    }
}

#[test]
fn no_list_or_detail_costs_more_than_who_is_asking_and_two_statements() {
    let scene = Scene::new();
    let (company, technician) = (Some(&scene.company), Some(&scene.technician));
    let (job, thread) = (&scene.job, &scene.thread);
    let mut asked = BTreeSet::new();
    for (route, path, person) in [
        ("/api/technicians/me", String::new(), technician),
        ("/api/technicians/me/passport", String::new(), technician),
        ("/api/companies/me", String::new(), company),
        ("/api/companies/me/members", String::new(), company),
        ("/api/companies/me/jobs", String::new(), company),
        ("/api/companies/me/jobs", "/api/companies/me/jobs?status=OPEN".to_owned(), company),
        ("/api/jobs", String::new(), None),
        ("/api/jobs", "/api/jobs?q=blade+vestas&location=esb&dayRateMin=0&country=DK".to_owned(), None),
        ("/api/jobs/{id}", format!("/api/jobs/{job}"), None),
        ("/api/jobs/{id}", format!("/api/jobs/{job}"), company),
        ("/api/jobs/{id}", format!("/api/jobs/{job}"), technician),
        ("/api/jobs/{id}/applications", format!("/api/jobs/{job}/applications"), company),
        ("/api/applications/jobs/{id}/applications", format!("/api/applications/jobs/{job}/applications"), company),
        ("/api/applications/me", String::new(), technician),
        ("/api/chat/threads", String::new(), company),
        ("/api/chat/threads", String::new(), technician),
        ("/api/chat/threads/{id}/messages", format!("/api/chat/threads/{thread}/messages"), company),
        ("/api/chat/threads/{id}/messages", format!("/api/chat/threads/{thread}/messages?after=1"), technician),
    ] {
        let path = if path.is_empty() { route } else { &path };
        let most = LIST_OR_DETAIL + person.map_or(0, |_| ACTOR);
        let statements = scene.statements(path, person);
        assert!((1..=most).contains(&statements.len()), "{path}: {statements:#?}");
        asked.insert(route);
    }
    let all: BTreeSet<_> =
        wiring::routes().iter().filter(|route| route.method == "GET").map(|route| route.path).collect();
    assert_eq!(asked, all, "each route that lists or shows something stands in the table");
}

#[test]
fn who_is_asking_costs_one_statement() {
    let scene = Scene::new();
    for person in [&scene.company, &scene.technician] {
        scene.log.take();
        let refused = scene.app.get("/api/chat/threads?x=1").bearer(&person.token).send();
        assert_eq!((refused.status.as_u16(), scene.log.take().len()), (400, ACTOR));
    }
}

#[test]
fn what_is_refused_at_the_door_costs_no_statement() {
    let scene = Scene::new();
    scene.log.take();
    let path = format!("/api/jobs/{}", scene.job);
    assert_eq!(scene.app.get("/api/chat/threads").send().code(401), "unauthenticated");
    assert_eq!(scene.app.get(&path).bearer("no-token").send().code(401), "unauthenticated");
    assert_eq!(scene.app.get("/api/jobs?x=1").send().code(400), "validation_failed");
    assert_eq!(scene.app.get("/api/nowhere").send().code(404), "route_not_found");
    assert_eq!(scene.app.request("DELETE", "/api/jobs").send().code(405), "method_not_allowed");
    assert_eq!(scene.log.take(), [""; 0]);
}
