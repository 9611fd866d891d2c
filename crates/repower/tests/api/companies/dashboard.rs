//! `GET /api/companies/me/dashboard`: the numbers of a company.

use repower_domain::accounts::CompanyRole;
use serde_json::{Value, json};

use crate::support::{App, Person, text, with};

const DASHBOARD: &str = "/api/companies/me/dashboard";

/// The histories of applications, without their first step.
const HISTORIES: [&[&str]; 6] =
    [&[], &["SHORTLISTED"], &["REJECTED"], &["OFFERED"], &["OFFERED", "ACCEPTED"], &["WITHDRAWN"]];

fn dashboard(app: &App, member: &Person) -> Value {
    app.get(DASHBOARD).bearer(&member.token).send().data(200)
}

/// The numbers of a new company.
fn empty_numbers() -> Value {
    let applications = applications([0; 6]);
    json!({"jobs": jobs([0; 3]), "applications": applications, "unreadMessages": 0, "members": 1})
}

fn jobs([draft, open, closed]: [u32; 3]) -> Value {
    json!({"draft": draft, "open": open, "closed": closed})
}

fn applications([applied, shortlisted, rejected, offered, accepted, withdrawn]: [u32; 6]) -> Value {
    json!({
        "applied": applied, "shortlisted": shortlisted, "rejected": rejected, "offered": offered,
        "accepted": accepted, "withdrawn": withdrawn,
    })
}

fn move_job(app: &App, company: &Person, job: &str, status: &str) {
    let path = format!("/api/jobs/{job}/status");
    app.patch(&path).bearer(&company.token).json(&json!({ "status": status })).send().data(200);
}

/// Sends a message to a company; returns the id of the thread.
fn send_message(app: &App, technician: &Person, company: &Person) -> String {
    let body = json!({"companyId": company.id, "text": "Hello"});
    text(&app.post("/api/chat/threads").bearer(&technician.token).json(&body).send().body()["data"]["id"])
}

/// Gives a company 7 drafts, 8 open and 9 closed jobs, 1 to 6 applications with each of
/// the [`HISTORIES`], 12 messages and 3 members.
fn fill(app: &App, company: &Person) {
    let technicians: Vec<_> = (1..=6).map(|number| app.technician(&format!("{number}-{}", company.id))).collect();
    for (place, history) in HISTORIES.iter().enumerate() {
        let job = app.open_job(company);
        for technician in &technicians[..=place] {
            let application = app.apply(technician, &job);
            for status in *history {
                let mover = if *status == "WITHDRAWN" { technician } else { company };
                app.move_application(mover, &application, status).data(200);
            }
        }
    }
    for (status, closes, count) in [("DRAFT", false, 7), ("OPEN", false, 2), ("OPEN", true, 4), ("DRAFT", true, 5)] {
        for _ in 0..count {
            let job = text(&app.post_job(company, &json!({ "status": status }))["id"]);
            if closes {
                move_job(app, company, &job, "CLOSED");
            }
        }
    }
    for technician in technicians.iter().chain(&technicians) {
        send_message(app, technician, company);
    }
    for role in [CompanyRole::Manager, CompanyRole::Viewer] {
        app.member(company, role);
    }
}

fn filled_numbers() -> Value {
    let applications = applications([1, 2, 3, 4, 5, 6]);
    json!({"jobs": jobs([7, 8, 9]), "applications": applications, "unreadMessages": 12, "members": 3})
}

#[test]
fn a_new_company_has_one_member_and_nothing_else() {
    let app = App::start();
    let company = app.company("vestas");
    let reply = app.get(DASHBOARD).bearer(&company.token).send();
    let whole = json!({"success": true, "message": reply.body()["message"], "data": empty_numbers()});
    assert_eq!((reply.status.as_u16(), reply.body()), (200, whole));
}

#[test]
fn jobs_and_applications_are_counted_by_status_for_each_company() {
    let app = App::start();
    let (vestas, siemens) = (app.company("vestas"), app.company("siemens"));
    fill(&app, &vestas);
    assert_eq!(dashboard(&app, &vestas), filled_numbers());
    assert_eq!(dashboard(&app, &siemens), empty_numbers());
    fill(&app, &siemens);
    assert_eq!([dashboard(&app, &vestas), dashboard(&app, &siemens)], [filled_numbers(), filled_numbers()]);
}

#[test]
fn the_numbers_are_current() {
    let app = App::start();
    let (company, technician) = (app.company("vestas"), app.technician("tanja"));
    let mut expected = empty_numbers();
    let mut assert_now = |field: &str, number: Value| {
        expected = with(&expected, &json!({ field: number }));
        assert_eq!(dashboard(&app, &company), expected);
    };
    let job = text(&app.post_job(&company, &json!({}))["id"]);
    assert_now("jobs", jobs([1, 0, 0]));
    for (status, counted) in [("OPEN", [0, 1, 0]), ("CLOSED", [0, 0, 1]), ("OPEN", [0, 1, 0])] {
        move_job(&app, &company, &job, status);
        assert_now("jobs", jobs(counted));
    }
    let application = app.apply(&technician, &job);
    assert_now("applications", applications([1, 0, 0, 0, 0, 0]));
    for (person, status, counted) in [
        (&company, "SHORTLISTED", [0, 1, 0, 0, 0, 0]),
        (&company, "OFFERED", [0, 0, 0, 1, 0, 0]),
        (&technician, "WITHDRAWN", [0, 0, 0, 0, 0, 1]),
    ] {
        app.move_application(person, &application, status).data(200);
        assert_now("applications", applications(counted));
    }
    move_job(&app, &company, &job, "CLOSED");
    assert_now("jobs", jobs([0, 0, 1]));
}

#[test]
fn messages_of_technicians_after_the_marks_of_the_company_are_unread() {
    let app = App::start();
    let (company, technician, another) = (app.company("vestas"), app.technician("tanja"), app.technician("anders"));
    let unread = || dashboard(&app, &company)["unreadMessages"].clone();
    let thread = send_message(&app, &technician, &company);
    send_message(&app, &technician, &company);
    send_message(&app, &another, &company);
    assert_eq!(unread(), 3);
    let answer = app.post(&format!("/api/chat/threads/{thread}/messages")).bearer(&company.token);
    answer.json(&json!({"text": "Good morning"})).send().data(201);
    assert_eq!(unread(), 3);
    for (person, seq, left) in [(&technician, 3, 3), (&company, 1, 2), (&company, 3, 1)] {
        let path = format!("/api/chat/threads/{thread}/read");
        app.post(&path).bearer(&person.token).json(&json!({ "seq": seq })).send().data(200);
        assert_eq!(unread(), left);
    }
}

#[test]
fn a_removed_member_is_not_counted() {
    let app = App::start();
    let company = app.company("vestas");
    let viewer = app.member(&company, CompanyRole::Viewer);
    assert_eq!(dashboard(&app, &company)["members"], 2);
    app.delete(&app.membership(&viewer)).bearer(&company.token).send().data(200);
    assert_eq!(dashboard(&app, &company)["members"], 1);
}

#[test]
fn every_member_sees_the_same_numbers() {
    let app = App::start();
    let company = app.company("vestas");
    let members: Vec<_> = [CompanyRole::Manager, CompanyRole::Recruiter, CompanyRole::Viewer]
        .map(|role| app.member(&company, role))
        .into();
    app.open_job(&company);
    for member in &members {
        assert_eq!(dashboard(&app, member), dashboard(&app, &company));
    }
    assert_eq!(dashboard(&app, &company)["members"], 4);
}

#[test]
fn the_dashboard_accepts_no_parameters() {
    let app = App::start();
    let company = app.company("vestas");
    let reply = app.get(&format!("{DASHBOARD}?companyId={}", company.id)).bearer(&company.token).send();
    assert_eq!(reply.fields(), ["companyId: unknown_field"]);
}
