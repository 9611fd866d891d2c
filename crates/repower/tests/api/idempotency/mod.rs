//! Section 1 of the contract, `Idempotency-Key`: requests that are sent again.

mod answers;
mod headers;
mod invitations;
mod keeping;
mod keys;
mod secrets;

use serde_json::{Value, json};

use crate::support::{App, PASSWORD, Person, Reply, Request, a_job, text, with};

const REGISTER: &str = "/api/auth/register";
const JOIN: &str = "/api/auth/accept-invitation";
const CERTIFICATIONS: &str = "/api/technicians/me/certifications";
const INVITATIONS: &str = "/api/companies/me/invitations";

/// A request that makes something.
struct Sending {
    name: &'static str,
    path: String,
    by: Option<Person>,
    body: Value,
    /// What another request with this key has in its body.
    otherwise: Value,
}

impl Sending {
    fn request(&self, app: &App, body: &Value) -> Request {
        app.post(&self.path).by(self.by.as_ref()).json(body)
    }

    fn send(&self, app: &App) -> Reply {
        self.keyed(app, &self.body)
    }

    fn send_otherwise(&self, app: &App) -> Reply {
        self.keyed(app, &with(&self.body, &self.otherwise))
    }

    fn keyed(&self, app: &App, body: &Value) -> Reply {
        // Keys are locked beyond the schema of a test, and whoever registers may be the same in two.
        let key = format!("{}-{}", self.name, app.database.name());
        self.request(app, body).header("Idempotency-Key", &key).send()
    }
}

/// What the nine routes are sent to.
struct Scene {
    company: Person,
    technician: Person,
    /// A job on which the technician was accepted.
    done: String,
    job: String,
    thread: String,
    invitation: String,
}

impl Scene {
    fn new(app: &App) -> Self {
        let (company, technician) = (app.company("vestas"), app.technician("tanja"));
        let (done, job) = (app.open_job(&company), app.open_job(&company));
        let application = app.apply(&technician, &done);
        for status in ["OFFERED", "ACCEPTED"] {
            app.move_application(&company, &application, status).data(200);
        }
        let about = json!({"companyId": company.id, "jobId": job});
        let thread = app.post("/api/chat/threads").bearer(&technician.token).json(&about).send().data(201);
        let invitation = app.invitation(&company, "rita@vestas.example", "RECRUITER");
        Self { thread: text(&thread["id"]), done, job, invitation, company, technician }
    }

    /// A request for each of the routes that take a key.
    fn all_nine(&self) -> [Sending; 9] {
        let [register, join] = [a_registration(), json!({"token": self.invitation, "password": PASSWORD})];
        let (company, technician) = (Some(&self.company), Some(&self.technician));
        [
            sending("register", REGISTER, None, register, json!({"fullName": "Anna"})),
            sending("join", JOIN, None, join, json!({"password": "battery staple"})),
            sending("invite", INVITATIONS, company, an_invitation(), json!({"role": "MANAGER"})),
            sending("certify", CERTIFICATIONS, technician, a_certification(), json!({"name": "GWO"})),
            sending("evaluate", &self.evaluations(), company, self.an_evaluation(), json!({"rating": 1})),
            sending("post", "/api/jobs", company, a_job(), json!({"title": "Inspection"})),
            sending("apply", &self.applications(), technician, json!({}), json!({"messageToCompany": "Hello"})),
            sending("open", "/api/chat/threads", technician, self.a_thread(), json!({"jobId": self.done})),
            sending("write", &self.messages(), technician, json!({"text": "Hello"}), json!({"text": "Bye"})),
        ]
    }

    fn evaluations(&self) -> String {
        format!("/api/technicians/{}/evaluations", self.technician.id)
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

fn sending(name: &'static str, path: &str, by: Option<&Person>, body: Value, otherwise: Value) -> Sending {
    Sending { name, path: path.to_owned(), by: by.cloned(), body, otherwise }
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

/// Whether this is the answer that was given before.
#[track_caller]
fn is_replayed(reply: &Reply) -> bool {
    match reply.header("Idempotency-Replayed") {
        None => false,
        Some("true") => true,
        Some(other) => panic!("{other}"),
    }
}

/// The whole answer, with the secrets in it made equal.
fn without_secrets(reply: &Reply) -> Value {
    let mut body = reply.body();
    let data = body["data"].as_object_mut().unwrap();
    let is_sign_in = data.contains_key("user");
    for (field, is_fresh) in [("token", true), ("expiresAt", is_sign_in)] {
        if let Some(value) = data.get_mut(field).filter(|_| is_fresh) {
            assert!(value.is_string(), "{value}");
            *value = Value::Null;
        }
    }
    body
}
