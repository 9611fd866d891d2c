//! The number of statements of a request: one for an actor that is not in memory, and one for
//! any list or detail, for any number of rows, and for a change of one row.

mod filling;
mod verifiers;

use std::{
    mem,
    sync::{Arc, Mutex},
};

use diesel::{Connection, connection::InstrumentationEvent};
use repower_domain::accounts::{CompanyRole, Role};
use repower_http::{Access, Route};
use repower_ports::operation::ActorsProbe;
use repower_postgres::Database;
use serde_json::json;

use self::filling::{MANY, administer, chat, fill_passport, rate};
use crate::support::{App, Person, feature_routes, text, until};

/// The statements for the actor.
const ACTOR: usize = 1;
/// The statements for a list or a detail.
const LIST_OR_DETAIL: usize = 1;
/// The statements for a change of a row whose rule needs what is stored: a read, and the
/// change of that revision.
const EDIT: usize = 2;

/// The check of an idle connection of the pool.
const CHECK: &str = "SELECT 1";
/// Statements around the work: transactions, and the settings of a custom plan.
const AROUND: [&str; 3] = ["BEGIN", "SET LOCAL", "COMMIT"];

/// The statements that were sent to the database.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<String>>>);

impl Log {
    /// A pool that records its statements.
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
            if statement != CHECK {
                self.0.lock().unwrap().push(statement);
            }
        }
    }

    /// The statements since the last call, with those around the work.
    fn take_all(&self) -> Vec<String> {
        mem::take(&mut self.0.lock().unwrap())
    }

    /// The statements since the last call.
    fn take(&self) -> Vec<String> {
        let mut all = self.take_all();
        all.retain(|statement| !AROUND.iter().any(|around| statement.starts_with(around)));
        all
    }
}

/// A marketplace with many of each resource.
struct Scene {
    app: App,
    database: Database,
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
        let mut database = None;
        let app = App::start_on(|url| database.insert(log.pool(url)).clone());
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
        administer(&app, &root, &app.technician("toma"), &company);
        let thread = chat(&app, &technician, &json!({"companyId": company.id, "jobId": jobs[0]}));
        let (job, application) = (jobs[0].clone(), applications[0].clone());
        Self { app, database: database.unwrap(), log, company, technician, root, job, application, thread }
    }

    /// The statements of a request that succeeds.
    fn statements(&self, path: &str, person: Option<&Person>) -> Vec<String> {
        self.log.take();
        let reply = self.app.get(path).by(person).send();
        assert_eq!(reply.status, 200, "{path}: {}", reply.text);
        self.log.take()
    }
}

impl Scene {
    /// The id of a resource that the company and the technician may see.
    fn id(&self, route: &Route) -> &str {
        match route.signature.path_id {
            Some("JobId") => &self.job,
            Some("CompanyId") => &self.company.id,
            Some("ApplicationId") => &self.application,
            Some("ThreadId") => &self.thread,
            Some("TechnicianId") => &self.technician.id,
            _ => "",
        }
    }

    /// The id of a certification of the technician.
    fn certification(&self) -> String {
        let passport = self.app.get("/api/technicians/me/passport").bearer(&self.technician.token).send().data(200);
        text(&passport["certifications"][0]["id"])
    }

    /// The query of a caller with what the route requires.
    fn complete(&self, route: &Route, caller: Option<&Person>, query: &str) -> String {
        let is_of_candidate =
            route.name == "getCompliance" && caller.is_some_and(|caller| caller.id == self.company.id);
        let candidate = format!("?technicianId={}", self.technician.id);
        if is_of_candidate { candidate } else { query.replace("{job}", &self.job) }
    }

    /// The callers that a route admits, one of each kind.
    fn admitted(&self, route: &Route) -> Vec<Option<&Person>> {
        let people =
            [(Role::Technician, &self.technician), (Role::CompanyAdmin, &self.company), (Role::SuperAdmin, &self.root)];
        let permits = |role: Role| match route.access {
            Access::Permitted(permission) => role.permits(permission),
            Access::Public | Access::Optional | Access::Token | Access::Authenticated => true,
        };
        let people = people.into_iter().filter(|(role, _)| permits(*role)).map(|(_, person)| Some(person));
        match route.access {
            Access::Public => vec![None],
            Access::Optional => people.chain([None]).collect(),
            Access::Token | Access::Authenticated | Access::Permitted(_) => people.collect(),
        }
    }
}

/// Queries of a route, beside none.
const fn queries(route: &Route) -> &'static [&'static str] {
    match route.name.as_bytes() {
        b"searchTechnicians" => &["?q=tanja+1&certification=1&minRating=4&dayRateMax=9&country=DK"],
        b"listJobs" => &["?q=blade+vestas&location=esb&dayRateMin=0&country=DK"],
        b"listOwnJobs" => &["?status=OPEN"],
        b"listCompanyApplications" => &["?status=ACCEPTED"],
        b"getTimeline" => &["?jobId={job}"],
        b"listCandidates" => &["?overall=MISSING&maxFailing=9&q=tanja&certification=1"],
        b"listMessages" => &["?after=1"],
        b"listUsers" => &["?q=example&role=TECHNICIAN"],
        b"listAuditEvents" | b"listOwnAuditEvents" => &["?subjectType=USER"],
        _ => &[],
    }
}

/// The statements of a route beside those of the actor and of the audit log.
fn list_or_detail(route: &Route, caller: Option<&Person>, query: &str) -> usize {
    let is_second = match route.name {
        // The own application of a technician beside the job.
        "getJob" => caller.is_some_and(|person| person.email.contains("technicians")),
        // Whether the job exists for the caller, and whether it is their company's, are two errors.
        "listApplicants" | "listApplicantsMounted" => true,
        // The companies or the users with the words are looked up first.
        "listJobs" | "listUsers" => query.contains("q="),
        // The job whose days are shown.
        "getTimeline" => !query.is_empty(),
        // The job before it, and for a company whether it may see the technician.
        // The job before its candidates, and with filters the technicians that match.
        "getCompliance" | "listCandidates" => return LIST_OR_DETAIL + if query.is_empty() { 1 } else { 2 },
        // Data of the program.
        "listCertificationTypes" => return 0,
        _ => false,
    };
    LIST_OR_DETAIL + usize::from(is_second)
}

#[test]
fn a_list_or_detail_costs_one_statement_beside_those_of_the_actor_and_of_the_audit_log() {
    let scene = Scene::new();
    for route in feature_routes().filter(|route| route.method == "GET") {
        let path = route.path.replace("{id}", scene.id(route));
        for query in queries(route).iter().chain(&[""]) {
            for caller in scene.admitted(route) {
                let query = &scene.complete(route, caller, query);
                let path = format!("{path}{query}");
                let expected = list_or_detail(route, caller, query) + caller.map_or(0, |_| ACTOR);
                let mut statements = scene.statements(&path, caller);
                statements.retain(|statement| !statement.starts_with("INSERT INTO \"audit_events\""));
                assert_eq!(statements.len(), expected, "{} {path}: {statements:#?}", route.name);
            }
        }
    }
}

#[test]
fn the_candidates_for_requirements_cost_a_statement_more_for_those_who_meet_most() {
    let scene = Scene::new();
    let (path, company) = (format!("/api/jobs/{}", scene.job), Some(&scene.company));
    let requirements = json!({"requirements": [{"anyOf": ["GWO_WAH"], "mandatory": true}]});
    scene.app.put(&format!("{path}/requirements")).by(company).json(&requirements).send().data(200);
    let statements = scene.statements(&format!("{path}/candidates"), company);
    assert_eq!(statements.len(), ACTOR + LIST_OR_DETAIL + 2, "{statements:#?}");
}

#[test]
fn a_change_of_one_row_costs_one_statement_beside_that_of_the_actor_and_no_transaction() {
    let scene = Scene::new();
    let (company, technician) = (&scene.company, &scene.technician);
    let messages = format!("/api/chat/threads/{}/messages", scene.thread);
    let read = format!("/api/chat/threads/{}/read", scene.thread);
    let certifications = "/api/technicians/me/certifications";
    let job = |status: &str| {
        json!({
            "title": "Blade repair", "description": "Leading edges", "location": "Esbjerg", "status": status,
            "discipline": "BLADE_REPAIR", "contractType": "DAY_RATE", "startDate": "2027-03-01",
        })
    };
    let certification =
        json!({"name": "Sea survival", "provider": "GWO", "validFrom": "2026-01-01", "validUntil": "2030-01-01"});
    let message = json!({"text": "Hello", "clientMessageId": "m"});
    let mut last = String::new();
    for (person, path, body, status) in [
        (technician, &*messages, json!({"text": "Hello"}), 201),
        (company, &messages, message.clone(), 201),
        (company, &read, json!({"seq": 1}), 200),
        (technician, &read, json!({"seq": 1_000}), 200),
        (company, "/api/jobs", job("DRAFT"), 201),
        (company, "/api/jobs", job("OPEN"), 201),
        (technician, certifications, certification, 201),
    ] {
        scene.log.take_all();
        let reply = scene.app.post(path).bearer(&person.token).json(&body).send();
        let statements = scene.log.take_all();
        assert_eq!(statements.len(), ACTOR + 1, "{path} {body}: {statements:#?}");
        last = reply.data(status)["id"].as_str().unwrap_or_default().to_owned();
    }
    // The rules of a type read the other certifications, and a proposal does nothing else.
    let typed = json!({"name": "Fire", "provider": "GWO", "typeCode": "GWO_FAW", "validFrom": "2026-01-01"});
    let proposal = json!({"typeCode": "GWO_FAW", "validFrom": "2026-01-01"});
    for (path, body, expected) in
        [(certifications.to_owned(), typed, 2), (format!("{certifications}/proposal"), proposal, 1)]
    {
        scene.log.take_all();
        let reply = scene.app.post(&path).bearer(&technician.token).json(&body).send();
        let statements = scene.log.take_all();
        assert!(reply.status.is_success());
        assert_eq!(statements.len(), ACTOR + expected, "{path}: {statements:#?}");
    }
    // A repeated message is read once it was not written.
    scene.app.post(&messages).bearer(&company.token).json(&message).send().data(200);
    assert_eq!(scene.log.take_all().len(), ACTOR + 2);
    let removed = scene.app.request("DELETE", &format!("{certifications}/{last}")).bearer(&technician.token).send();
    let statements = scene.log.take_all();
    assert_eq!((removed.status.as_u16(), statements.len()), (200, ACTOR + 1), "{statements:#?}");
}

/// The change has a transaction: a server that is ended at once rolls it back.
#[test]
fn an_edit_costs_a_read_and_a_change() {
    let scene = Scene::new();
    let (company, technician) = (&scene.company, &scene.technician);
    let job = format!("/api/jobs/{}", scene.job);
    let status = format!("{job}/status");
    let certification = format!("/api/technicians/me/certifications/{}", scene.certification());
    for (person, path, body) in [
        (company, &*job, json!({"title": "Inspection"})),
        (company, &status, json!({"status": "CLOSED"})),
        (company, &status, json!({"status": "OPEN"})),
        (technician, "/api/technicians/me", json!({"bio": "Ropes."})),
        (technician, &certification, json!({"typeCode": "GWO_WAH"})),
    ] {
        scene.log.take();
        scene.app.patch(path).bearer(&person.token).json(&body).send().data(200);
        let statements = scene.log.take();
        assert_eq!(statements.len(), ACTOR + EDIT, "{path} {body}: {statements:#?}");
    }
}

#[test]
fn a_page_of_filters_that_is_full_costs_one_statement() {
    let scene = Scene::new();
    for filters in [
        "discipline=BLADE_REPAIR&country=DK&startDateFrom=2026-01-01",
        "contractType=DAY_RATE&startDateTo=2027-12-31",
        "sort=startDate&contractType=DAY_RATE",
        "sort=-dayRate&discipline=BLADE_REPAIR",
    ] {
        let statements = scene.statements(&format!("/api/jobs?{filters}&limit=5"), None);
        assert_eq!(statements.len(), 1, "{filters}: {statements:#?}");
    }
}

#[test]
fn the_actor_costs_one_statement() {
    let scene = Scene::new();
    for person in [&scene.company, &scene.technician] {
        scene.log.take();
        let rejected = scene.app.get("/api/chat/threads?x=1").bearer(&person.token).send();
        assert_eq!((rejected.status.as_u16(), scene.log.take().len()), (400, ACTOR));
    }
}

#[test]
fn an_actor_in_memory_costs_no_statement() {
    let scene = Scene::new();
    scene.database.keep_actors().unwrap();
    let before = scene.database.actors();
    for person in [&scene.company, &scene.technician] {
        let rejected = || scene.app.get("/api/chat/threads?x=1").bearer(&person.token).send();
        // The first request reads the actor, and so does one after a late heartbeat.
        until(|| {
            scene.log.take();
            rejected().code(400);
            scene.log.take().is_empty()
        });
        for route in feature_routes().filter(|route| route.method == "GET") {
            if !scene.admitted(route).iter().flatten().any(|admitted| admitted.user_id == person.user_id) {
                continue;
            }
            let query = scene.complete(route, Some(person), "");
            let path = format!("{}{query}", route.path.replace("{id}", scene.id(route)));
            let misses = scene.database.actors().misses;
            let mut statements = scene.statements(&path, Some(person));
            statements.retain(|statement| !statement.starts_with("INSERT INTO \"audit_events\""));
            let read = usize::try_from(scene.database.actors().misses - misses).unwrap();
            let expected = list_or_detail(route, Some(person), &query) + read * ACTOR;
            assert_eq!(statements.len(), expected, "{path}: {statements:#?}");
        }
    }
    let after = scene.database.actors();
    assert!(after.hits - before.hits > after.misses - before.misses, "{before:?} {after:?}");
}

/// The actor is not looked up: the session may have ended.
#[test]
fn a_log_out_costs_one_statement() {
    let scene = Scene::new();
    for _ in 0..2 {
        scene.log.take();
        scene.app.post("/api/auth/logout").bearer(&scene.technician.token).send().data(200);
        assert_eq!(scene.log.take().len(), 1);
    }
}

#[test]
fn a_request_that_is_rejected_before_the_token_costs_no_statement() {
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
