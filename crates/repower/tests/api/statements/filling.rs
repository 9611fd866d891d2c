//! Fills the scene with many of each resource.

use serde_json::{Value, json};

use crate::support::{App, Person, text};

/// The number of each resource: enough to show a statement for each row.
pub(super) const MANY: usize = 12;

/// Accepts and evaluates a technician for a job; returns the application.
pub(super) fn rate(app: &App, technician: &Person, company: &Person, job: &str) -> String {
    let application = app.apply(technician, job);
    for (person, status) in [(company, "SHORTLISTED"), (company, "OFFERED"), (technician, "ACCEPTED")] {
        app.move_application(person, &application, status).data(200);
    }
    app.evaluate(company, technician, job, 4).data(201);
    application
}

/// Opens a thread, and sends messages in it.
pub(super) fn chat(app: &App, technician: &Person, thread: &Value) -> String {
    let thread = text(&app.post("/api/chat/threads").bearer(&technician.token).json(thread).send().data(201)["id"]);
    for _ in 0..3 {
        let path = format!("/api/chat/threads/{thread}/messages");
        app.post(&path).bearer(&technician.token).json(&json!({"text": "Hello"})).send().data(201);
    }
    thread
}

/// Invites people into the company, deactivates and activates a technician, whose token is
/// invalid after it, and revokes the certifications of a provider that has issued none.
pub(super) fn administer(app: &App, root: &Person, technician: &Person, company: &Person) {
    for number in 0..MANY {
        app.invitation(company, &format!("{number}@invited.example"), "VIEWER");
        let path = format!("/api/admin/users/{}", technician.user_id);
        app.patch(&path).bearer(&root.token).json(&json!({"active": number % 2 == 1})).send().data(200);
        let terms = json!({
            "provider": "Ghost Training", "issuedFrom": "2025-01-01", "issuedUntil": "2025-06-30", "reason": "An audit",
        });
        app.post("/api/admin/revocations").bearer(&root.token).json(&terms).send().data(201);
    }
}

/// Adds skills, and certifications of one provider: as many of one type as without a type.
pub(super) fn fill_passport(app: &App, technician: &Person) {
    let skills: Vec<_> = (0..MANY).map(|number| json!({"name": number.to_string(), "level": "EXPERT"})).collect();
    app.put("/api/technicians/me/skills").bearer(&technician.token).json(&json!({ "skills": skills })).send().data(200);
    for number in 0..2 * MANY {
        let certification = json!({
            "name": number.to_string(), "provider": "GWO", "validFrom": "2026-01-01", "validUntil": "2030-01-01",
            "typeCode": (number % 2 == 0).then_some("GWO_FAW"),
        });
        app.post("/api/technicians/me/certifications").bearer(&technician.token).json(&certification).send().data(201);
    }
}
