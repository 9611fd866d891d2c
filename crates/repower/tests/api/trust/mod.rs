//! The judgement of certifications: `/api/admin/certifications`, `/api/admin/revocations`, and the appeals of technicians.

mod appealing;
mod judging;
mod numbers;
mod revoking;

use serde_json::{Value, json};

use crate::support::{App, Person, Reply, text, with};

const QUEUE: &str = "/api/admin/certifications";
const REVOCATIONS: &str = "/api/admin/revocations";
const CERTIFICATIONS: &str = "/api/technicians/me/certifications";

/// Adds a certification with a document; returns it as its technician sees it.
fn certify(app: &App, technician: &Person, changes: &Value) -> Value {
    let body = json!({
        "name": "GWO Working at Heights", "provider": "Falck Safety", "validFrom": "2025-03-01",
        "validUntil": "2034-01-30", "documentUrl": "https://certificates.example/7",
    });
    app.post(CERTIFICATIONS).bearer(&technician.token).json(&with(&body, changes)).send().data(201)
}

fn judge(app: &App, root: &Person, certification: &Value, body: &Value) -> Reply {
    app.patch(&format!("{QUEUE}/{}", text(&certification["id"]))).bearer(&root.token).json(body).send()
}

fn appeal(app: &App, technician: &Person, certification: &Value, words: &str) -> Reply {
    let path = format!("{CERTIFICATIONS}/{}/appeal", text(&certification["id"]));
    app.post(&path).bearer(&technician.token).json(&json!({ "text": words })).send()
}

fn edit(app: &App, technician: &Person, certification: &Value, body: &Value) -> Reply {
    app.patch(&format!("{CERTIFICATIONS}/{}", text(&certification["id"]))).bearer(&technician.token).json(body).send()
}

fn revoke(app: &App, root: &Person, provider: &str) -> Reply {
    let body = json!({
        "provider": provider, "issuedFrom": "2025-01-01", "issuedUntil": "2025-06-30", "reason": "Invented records",
    });
    app.post(REVOCATIONS).bearer(&root.token).json(&body).send()
}

fn undo(app: &App, root: &Person, revocation: &Value) -> Reply {
    app.delete(&format!("{REVOCATIONS}/{}", text(&revocation["id"]))).bearer(&root.token).send()
}

/// The list for verifiers.
fn queue(app: &App, root: &Person, query: &str) -> Value {
    app.get(&format!("{QUEUE}{query}")).bearer(&root.token).send().data(200)
}

/// A certification as its technician sees it.
fn own(app: &App, technician: &Person, certification: &Value) -> Value {
    let passport = app.get("/api/technicians/me/passport").bearer(&technician.token).send().data(200);
    let all = passport["certifications"].as_array().unwrap();
    all.iter().find(|one| one["id"] == certification["id"]).unwrap().clone()
}

/// The paths at which a company reads about a technician, and the answers after an application and a message to it. Each has
/// the id of the technician or the certification, which is of `GWO_WAH`, or its provider.
fn read_by_company(
    app: &App,
    company: &Person,
    technician: &Person,
    certification: &Value,
) -> impl Iterator<Item = (String, String)> {
    let job = app.open_job(company);
    let heights = json!({"requirements": [{"anyOf": ["GWO_WAH"], "mandatory": true}]});
    app.put(&format!("/api/jobs/{job}/requirements")).bearer(&company.token).json(&heights).send().data(200);
    let application = app.apply(technician, &job);
    let thread = json!({"companyId": company.id});
    app.post("/api/chat/threads").bearer(&technician.token).json(&thread).send().data(201);
    let (id, passport) = (&technician.id, format!("/api/technicians/{}/passport", technician.id));
    let (evidence, provider) = (text(&certification["id"]), text(&certification["provider"]));
    let about = [
        ("/api/technicians".to_owned(), id),
        (format!("{passport}/timeline.svg"), &provider),
        (passport, &evidence),
        (format!("/api/jobs/{job}/applications"), id),
        (format!("/api/jobs/{job}/compliance?technicianId={id}"), &evidence),
        (format!("/api/applications/{application}"), id),
        ("/api/companies/me/applications".to_owned(), id),
        ("/api/chat/threads".to_owned(), id),
    ];
    let read = about.map(|(path, sign)| {
        let shown = app.get(&path).bearer(&company.token).send();
        assert_eq!(shown.status, 200, "{path}");
        assert!(shown.text.contains(sign), "{path} is not about the technician: {}", shown.text);
        (path, shown.text)
    });
    read.into_iter()
}

/// The acts on certifications and revocations in the audit log, oldest first: their actor,
/// action and states.
fn acts(app: &App, root: &Person) -> Vec<Value> {
    let log = app.get("/api/admin/audit?limit=100").bearer(&root.token).send().data(200);
    let entries = log.as_array().unwrap().iter().rev();
    let entries = entries.filter(|entry| entry["action"] != "CERTIFICATIONS_LISTED");
    entries.map(|entry| json!([entry["actorId"], entry["action"], entry["before"], entry["after"]])).collect()
}
