//! `GET /api/companies/me/dashboard`: a company in numbers.

use repower_domain::accounts::CompanyRole;
use serde_json::{Value, json};

use crate::support::{App, Person, text, with};

const DASHBOARD: &str = "/api/companies/me/dashboard";

fn dashboard(app: &App, member: &Person) -> Value {
    app.get(DASHBOARD).bearer(&member.token).send().data(200)
}

/// The numbers of a company that has done nothing yet.
fn nothing() -> Value {
    json!({
        "jobs": {"draft": 0, "open": 0, "closed": 0},
        "applications": {
            "applied": 0, "shortlisted": 0, "rejected": 0, "offered": 0, "accepted": 0, "withdrawn": 0,
        },
        "unreadMessages": 0,
        "members": 1,
    })
}

/// Gives a company jobs, applications, unread messages and members: a different
/// number of each.
fn fill(app: &App, company: &Person) {
    let posted = |status: &str| text(&app.post_job(company, &json!({ "status": status }))["id"]);
    for status in ["DRAFT", "DRAFT", "DRAFT", "DRAFT", "OPEN"] {
        posted(status);
    }
    let technicians: Vec<_> = (0..6).map(|number| app.technician(&format!("{number}-at-{}", company.id))).collect();
    let job = posted("OPEN");
    for (place, moves) in [
        &[][..],
        &["SHORTLISTED"],
        &["REJECTED"],
        &["OFFERED"],
        &["OFFERED", "ACCEPTED"],
        &["WITHDRAWN"],
    ]
    .into_iter()
    .enumerate()
    {
        for technician in &technicians[place..] {
            let job = if technician.id == technicians[place].id { job.clone() } else { posted("OPEN") };
            let application = app.apply(technician, &job);
            for status in moves {
                let mover = if *status == "WITHDRAWN" { technician } else { company };
                app.move_application(mover, &application, status).data(200);
            }
            close(app, company, &job, place);
        }
    }
    for technician in &technicians[..2] {
        let thread = json!({"companyId": company.id, "text": "Hello"});
        app.post("/api/chat/threads").bearer(&technician.token).json(&thread).send().data(201);
    }
    app.member(company, CompanyRole::Viewer);
}

/// Every job that is not the first of its kind is closed.
fn close(app: &App, company: &Person, job: &str, place: usize) {
    if place > 0 {
        let path = format!("/api/jobs/{job}/status");
        app.patch(&path).bearer(&company.token).json(&json!({"status": "CLOSED"})).send().data(200);
    }
}
