//! `Idempotency-Key`: repeated requests.

mod headers;
mod invitations;
mod keys;
mod replaying;
mod secrets;
mod storing;

use repower_http::Route;
use serde_json::{Value, json};

use crate::support::{App, ExampleRequest, PASSWORD, Person, Reply, Request, World, feature_routes, text, with};

const REGISTER: &str = "/api/auth/register";
const JOIN: &str = "/api/auth/accept-invitation";
const CERTIFICATIONS: &str = "/api/technicians/me/certifications";
const INVITATIONS: &str = "/api/companies/me/invitations";

/// The example request of a route that takes a key, with another body for it.
struct Keyed {
    route: &'static Route,
    example: ExampleRequest,
    caller: Option<Person>,
    body: Value,
    other_body: Value,
}

/// A request for each route that takes a key.
fn keyed_requests(world: &World) -> Vec<Keyed> {
    let keyed = |route: &'static Route| {
        let (example, caller) = world.successful_example(route);
        let body = example.body(world, caller).unwrap().clone();
        let other_body = with(&body, &another(route));
        Keyed { route, body, other_body, caller: caller.cloned(), example }
    };
    feature_routes().filter(|route| route.signature.is_idempotent).map(keyed).collect()
}

/// Fields that make another body of the example.
fn another(route: &Route) -> Value {
    match route.name {
        "register" => json!({"fullName": "Anna"}),
        "acceptInvitation" => json!({"password": "battery staple"}),
        "invite" => json!({"role": "MANAGER"}),
        "evaluateTechnician" => json!({"rating": 1}),
        "postJob" => json!({"title": "Inspection"}),
        "applyForJob" | "applyForJobMounted" => json!({"messageToCompany": "Hello"}),
        "openThread" | "sendMessage" | "appealCertification" => json!({"text": "Bye"}),
        "revokeCertifications" => json!({"reason": "Another"}),
        _ => json!({"name": "Another"}),
    }
}

impl Keyed {
    /// Whether its response has a secret, which is not stored.
    fn shows_secret(&self) -> bool {
        matches!(self.route.name, "register" | "acceptInvitation" | "invite")
    }

    fn request(&self, world: &World, body: &Value) -> Request {
        self.example.bare_request(world, self.caller.as_ref()).json(body)
    }

    fn send(&self, world: &World) -> Reply {
        self.send_body(world, &self.body)
    }

    fn send_other_body(&self, world: &World) -> Reply {
        self.send_body(world, &self.other_body)
    }

    fn send_body(&self, world: &World, body: &Value) -> Reply {
        // Keys are locked beyond the schema of a test, and emails are the same in two tests.
        let key = format!("{}-{}", self.route.name, world.app().database.name());
        self.request(world, body).header("Idempotency-Key", &key).send()
    }
}

/// A technician and a company, with resources for requests with a key.
struct Scene {
    company: Person,
    technician: Person,
    /// A job on which the technician was accepted.
    done: String,
    job: String,
    thread: String,
}

impl Scene {
    fn new(app: &App) -> Self {
        let (company, technician) = (app.company("vestas"), app.technician("tanja"));
        let (done, job) = (app.open_job(&company), app.open_job(&company));
        let application = app.apply(&technician, &done);
        for (person, status) in [(&company, "OFFERED"), (&technician, "ACCEPTED")] {
            app.move_application(person, &application, status).data(200);
        }
        let about = json!({"companyId": company.id, "jobId": job});
        let thread = app.post("/api/chat/threads").bearer(&technician.token).json(&about).send().data(201);
        Self { thread: text(&thread["id"]), done, job, company, technician }
    }

    fn an_evaluation(&self) -> Value {
        json!({"jobId": self.done, "rating": 5})
    }

    fn applications(&self) -> String {
        format!("/api/jobs/{}/applications", self.job)
    }

    fn a_thread(&self) -> Value {
        json!({"companyId": self.company.id})
    }

    fn messages(&self) -> String {
        format!("/api/chat/threads/{}/messages", self.thread)
    }
}

fn a_registration() -> Value {
    json!({
        "email": "anders@technicians.example", "password": PASSWORD, "role": "TECHNICIAN", "fullName": "Anders",
        "country": "DK",
    })
}

fn an_invitation() -> Value {
    json!({"email": "rolf@vestas.example", "role": "VIEWER"})
}

fn a_certification() -> Value {
    json!({"name": "Working at heights", "provider": "GWO", "validFrom": "2026-01-01", "validUntil": "2028-01-01"})
}

/// Adds a certification with a key.
fn certify(app: &App, technician: &Person, key: &str) -> Reply {
    let request = app.post(CERTIFICATIONS).bearer(&technician.token).json(&a_certification());
    request.header("Idempotency-Key", key).send()
}

/// Whether the response is a replay.
#[track_caller]
fn is_replayed(reply: &Reply) -> bool {
    match reply.header("Idempotency-Replayed") {
        None => false,
        Some("true") => true,
        Some(other) => panic!("{other}"),
    }
}

/// The body of a response with its secrets replaced by null.
fn without_secrets(reply: &Reply) -> Value {
    let mut body = reply.body();
    let data = body["data"].as_object_mut().unwrap();
    let is_login = data.contains_key("user");
    for (field, is_fresh) in [("token", true), ("expiresAt", is_login)] {
        if let Some(value) = data.get_mut(field).filter(|_| is_fresh) {
            assert!(value.is_string(), "{value}");
            *value = Value::Null;
        }
    }
    body
}
