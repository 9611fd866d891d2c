//! How many statements a request costs: who is asking, and at most two for any
//! list or detail, however many rows there are.

use std::{
    collections::BTreeSet,
    mem,
    sync::{Arc, Mutex},
};

use diesel::{Connection, connection::InstrumentationEvent};
use repower_domain::accounts::CompanyRole;
use repower_postgres::Database;
use serde_json::json;

use crate::support::{App, Person, feature_routes, text};

/// How many of each thing there are: enough for one statement a row to show.
const MANY: usize = 12;

/// Finding out who is asking.
const ACTOR: usize = 1;
const LIST_OR_DETAIL: usize = 2;

/// What is no work of the database's: the pings of the pool, and what tells it to
/// plan a search for its values.
const AROUND: [&str; 4] = ["SELECT 1", "BEGIN", "SET LOCAL", "COMMIT"];

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
            if !AROUND.iter().any(|around| statement.starts_with(around)) {
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
    root: Person,
    job: String,
    application: String,
    thread: String,
}

impl Scene {
    fn new() -> Self {
        let log = Log::default();
        let app = App::start_on(|url| log.pool(url));
        let (company, technician) = (app.company("vestas"), app.technician("tanja"));
        let jobs: Vec<_> = (0..MANY).map(|_| app.open_job(&company)).collect();
        let applications: Vec<_> = jobs.iter().map(|job| rate(&app, &technician, &company, job)).collect();
        for number in 1..MANY {
            let other = app.technician(&number.to_string());
            rate(&app, &other, &company, &jobs[0]);
            chat(&app, &other, &json!({"companyId": company.id}));
            chat(&app, &technician, &json!({"companyId": company.id, "jobId": jobs[number]}));
        }
        for role in [CompanyRole::Manager, CompanyRole::Recruiter, CompanyRole::Viewer] {
            app.member(&company, role);
        }
        fill_passport(&app, &technician);
        let root = app.super_admin();
        administer(&app, &root, &technician, &company);
        let thread = chat(&app, &technician, &json!({"companyId": company.id, "jobId": jobs[0]}));
        let (job, application) = (jobs[0].clone(), applications[0].clone());
        Self { app, log, company, technician, root, job, application, thread }
    }

    /// The statements of a request that succeeds.
    fn statements(&self, path: &str, person: Option<&Person>) -> Vec<String> {
        self.log.take();
        let reply = self.app.get(path).by(person).send();
        assert_eq!(reply.status, 200, "{path}: {}", reply.text);
        self.log.take()
    }
}

/// Has a technician accepted for a job and rated for it; answers the
/// application.
fn rate(app: &App, technician: &Person, company: &Person, job: &str) -> String {
    let application = app.apply(technician, job);
    for status in ["SHORTLISTED", "OFFERED", "ACCEPTED"] {
        app.move_application(company, &application, status).data(200);
    }
    app.evaluate(company, technician, job, 4).data(201);
    application
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

/// Invites people into the company, and shuts the technician out and in again.
fn administer(app: &App, root: &Person, technician: &Person, company: &Person) {
    for number in 0..MANY {
        app.invitation(company, &format!("{number}@invited.example"), "VIEWER");
        let path = format!("/api/admin/users/{}", technician.user_id);
        app.patch(&path).bearer(&root.token).json(&json!({"active": number % 2 == 1})).send().data(200);
    }
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

/// A route, the identity in its path, a query, and who asks.
type Asked<'a> = (&'static str, &'a str, &'static str, Option<&'a Person>);

impl Scene {
    fn asked_by_technician(&self) -> Vec<Asked<'_>> {
        let technician = Some(&self.technician);
        vec![
            ("/api/users/me", "", "", technician),
            ("/api/technicians/me", "", "", technician),
            ("/api/technicians/me/passport", "", "", technician),
            ("/api/jobs/{id}", &self.job, "", technician),
            ("/api/applications/me", "", "", technician),
            ("/api/applications/{id}", &self.application, "", technician),
            ("/api/chat/threads", "", "", technician),
            ("/api/chat/threads/{id}/messages", &self.thread, "?after=1", technician),
        ]
    }

    fn asked_by_company(&self) -> Vec<Asked<'_>> {
        let (company, words) = (Some(&self.company), "?q=tanja+1&certification=1&minRating=4&dayRateMax=9&country=DK");
        vec![
            ("/api/users/me", "", "", company),
            ("/api/technicians", "", "", company),
            ("/api/technicians", "", words, company),
            ("/api/technicians/{id}/passport", &self.technician.id, "", company),
            ("/api/companies/me", "", "", company),
            ("/api/companies/me/dashboard", "", "", company),
            ("/api/companies/me/members", "", "", company),
            ("/api/companies/me/invitations", "", "", company),
            ("/api/companies/me/jobs", "", "", company),
            ("/api/companies/me/jobs", "", "?status=OPEN", company),
            ("/api/jobs/{id}", &self.job, "", company),
            ("/api/jobs/{id}/applications", &self.job, "", company),
            ("/api/applications/jobs/{id}/applications", &self.job, "", company),
            ("/api/applications/{id}", &self.application, "", company),
            ("/api/chat/threads", "", "", company),
            ("/api/chat/threads/{id}/messages", &self.thread, "", company),
        ]
    }

    fn asked_by_others(&self) -> Vec<Asked<'_>> {
        let (nobody, root) = (None, Some(&self.root));
        vec![
            ("/api/jobs", "", "", nobody),
            ("/api/jobs", "", "?q=blade+vestas&location=esb&dayRateMin=0&country=DK", nobody),
            ("/api/jobs/{id}", &self.job, "", nobody),
            ("/api/users/me", "", "", root),
            ("/api/admin/users", "", "?q=example&role=TECHNICIAN", root),
            ("/api/admin/companies", "", "", root),
            ("/api/admin/audit", "", "?subjectType=USER", root),
        ]
    }
}

#[test]
fn no_list_or_detail_costs_more_than_who_is_asking_and_two_statements() {
    let scene = Scene::new();
    let mut asked = BTreeSet::new();
    for (route, id, query, person) in
        [scene.asked_by_technician(), scene.asked_by_company(), scene.asked_by_others()].concat()
    {
        let path = format!("{}{query}", route.replace("{id}", id));
        let most = LIST_OR_DETAIL + person.map_or(0, |_| ACTOR);
        let statements = scene.statements(&path, person);
        assert!((1..=most).contains(&statements.len()), "{path}: {statements:#?}");
        asked.insert(route);
    }
    let all: BTreeSet<_> = feature_routes().filter(|route| route.method == "GET").map(|route| route.path).collect();
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
