use serde_json::{Value, json};

use super::{
    table::Entry,
    things::{World, a_certification},
};
use crate::support::{PASSWORD, Reply, a_job};

/// A request that anybody may send.
pub(super) struct Asked {
    method: &'static str,
    path: String,
    body: Option<Value>,
    /// What technicians send in the place of the body.
    technicians_body: Option<Value>,
}

impl World {
    /// A request to a route about a thing that is in the state the words tell.
    pub(super) fn ask(&self, entry: &Entry, about: &str) -> Asked {
        let (path, body) = match World::unknown(about) {
            Some(id) => (entry.path.replace("{id}", &id), self.body(entry, about, &id)),
            None if entry.names_a_thing() => self.about_a_thing(entry, about),
            None => (entry.path.to_owned(), self.body(entry, about, "")),
        };
        let technicians_body = (entry.path == "/api/chat/threads" && entry.method == "POST").then(|| {
            let company = &self.callers.cast.admin.id;
            json!({"companyId": company, "jobId": body.as_ref().map(|body| &body["jobId"])})
        });
        Asked { method: entry.method, path, body, technicians_body }
    }

    fn about_a_thing(&self, entry: &Entry, about: &str) -> (String, Option<Value>) {
        let (id, other) = match entry.path.trim_start_matches("/api/") {
            "technicians/me/certifications/{id}" => (self.certification(about), String::new()),
            "technicians/{id}/passport" => (self.technician(about), String::new()),
            "technicians/{id}/evaluations" => self.engagement(about),
            "companies/me/members/{id}" => (self.member(about), String::new()),
            "companies/me/invitations/{id}" => self.invitation(about),
            "admin/users/{id}" => (self.user(about), String::new()),
            path if path.starts_with("applications/{id}") => self.application(about),
            path if path.starts_with("chat/threads/{id}") => (self.thread(about), String::new()),
            path if path.contains("jobs/{id}") => (self.job(about), String::new()),
            path => panic!("no thing is known by {path}"),
        };
        (entry.path.replace("{id}", &id), self.body(entry, about, &other))
    }

    /// A body that is right; `other` is a second thing that it is about.
    fn body(&self, entry: &Entry, about: &str, other: &str) -> Option<Value> {
        let new_email = || format!("{}@people.example", self.new_name());
        let taken = || self.callers.cast.viewer.email.clone();
        Some(match (entry.method, entry.path.trim_start_matches("/api/")) {
            ("GET" | "DELETE", _) => return None,
            ("POST", "auth/register") => json!({
                "email": new_email(), "password": PASSWORD, "role": "TECHNICIAN", "fullName": "Nina", "country": "DK",
            }),
            ("POST", "auth/login") => json!({"email": taken(), "password": PASSWORD}),
            ("POST", "auth/accept-invitation") => json!({"token": self.invited(about), "password": PASSWORD}),
            ("POST", "users/me/password") => {
                let current = if about == "the right password" { PASSWORD } else { "wrong horse" };
                json!({"currentPassword": current, "newPassword": "another horse"})
            }
            ("PATCH", "technicians/me") => json!({"bio": "Ropes"}),
            ("PUT", "technicians/me/skills") => json!({"skills": [{"name": "Ropes", "level": "EXPERT"}]}),
            ("POST", "technicians/me/certifications") => a_certification(),
            ("POST", "technicians/{id}/evaluations") => self.evaluation(about, other),
            ("PATCH", "companies/me") => json!({"description": "Blades"}),
            ("PATCH", "companies/me/members/{id}") => json!({"role": "VIEWER"}),
            ("POST", "companies/me/invitations") => {
                let email = if about == "somebody new" { new_email() } else { taken() };
                json!({"email": email, "role": "VIEWER"})
            }
            ("POST", "jobs") => a_job(),
            ("PATCH", "jobs/{id}") => json!({"title": "Inspection"}),
            ("PATCH", "jobs/{id}/status" | "admin/jobs/{id}/status") => json!({"status": "CLOSED"}),
            ("PATCH", "applications/{id}/status") => json!({"status": "ACCEPTED"}),
            ("POST", "chat/threads") => {
                json!({"technicianId": self.callers.cast.technician.id, "jobId": self.talked_about(about)})
            }
            ("POST", "chat/threads/{id}/messages") => json!({"text": "Hello"}),
            ("POST", "chat/threads/{id}/read") => json!({"seq": 1}),
            ("PATCH", "admin/users/{id}") => json!({"active": false}),
            ("POST", path) if path.ends_with("jobs/{id}/applications") => json!({}),
            (method, path) => panic!("no body is known for {method} {path}"),
        })
    }

    /// The token of an invitation.
    fn invited(&self, about: &str) -> String {
        World::unknown(about).unwrap_or_else(|| self.invitation(about).1)
    }

    /// Of somebody unknown, the evaluation is for an own job with somebody else.
    fn evaluation(&self, about: &str, job: &str) -> Value {
        let job = if World::unknown(about).is_some() { &self.engagement("accepted").1 } else { job };
        json!({"jobId": job, "rating": 5})
    }
}

impl Asked {
    /// The status that comes back to the caller with this sign. What is refused
    /// is found to tell why.
    pub(super) fn by(&self, world: &World, sign: &str) -> u16 {
        let request = world.app().request(self.method, &self.path).by(world.callers.by_sign(sign));
        let of_technician = self.technicians_body.as_ref().filter(|_| sign.starts_with('T'));
        let reply = match of_technician.or(self.body.as_ref()) {
            Some(body) => request.json(body).send(),
            None => request.send(),
        };
        told(&reply)
    }
}

/// The status of a reply; 401, 403 and 404 are found to have codes of their own.
pub(super) fn told(reply: &Reply) -> u16 {
    let status = reply.status.as_u16();
    let code = match status {
        401 => "unauthenticated",
        403 => "forbidden",
        404 => "not_found",
        _ => return status,
    };
    assert_eq!(reply.code(status), code);
    assert_eq!(reply.header("WWW-Authenticate"), (status == 401).then_some("Bearer"));
    status
}
