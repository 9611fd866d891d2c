//! The rates of section 11a of the contract.

use serde_json::{Value, json};

use super::{counting, throttled_within};
use crate::support::{App, Person, Reply, text};

const DAY: u32 = 86_400;
const MINUTE: u32 = 60;

fn edit(app: &App, technician: &Person) -> Reply {
    app.patch("/api/technicians/me").bearer(&technician.token).json(&json!({"bio": "Rope access"})).send()
}

fn open_thread(app: &App, technician: &Person, body: &Value) -> Reply {
    app.post("/api/chat/threads").bearer(&technician.token).json(body).send()
}

fn send(app: &App, person: &Person, thread: &str) -> Reply {
    let path = format!("/api/chat/threads/{thread}/messages");
    app.post(&path).bearer(&person.token).json(&json!({"text": "Hello"})).send()
}

fn passport(app: &App, reader: &Person, technician: &Person) -> Reply {
    app.get(&format!("/api/technicians/{}/passport", technician.id)).bearer(&reader.token).send()
}

#[test]
fn a_user_writes_a_limited_number_of_times_in_a_minute() {
    let app = counting(&[("RATE_WRITES_PER_MINUTE", "3")]);
    let (technician, another) = (app.technician("tanja"), app.technician("anders"));
    edit(&app, &technician).data(200);
    // An invalid or forbidden request counts as well.
    app.patch("/api/technicians/me").bearer(&technician.token).json(&json!({"bio": 1})).send().code(400);
    app.post("/api/jobs").bearer(&technician.token).json(&json!({})).send().code(403);
    throttled_within(&edit(&app, &technician), MINUTE);
    let skills = app.put("/api/technicians/me/skills").bearer(&technician.token).json(&json!({"skills": []})).send();
    throttled_within(&skills, MINUTE);
    // Reads and DELETE are not counted.
    assert_eq!(app.get("/api/technicians/me").bearer(&technician.token).send().data(200)["bio"], "Rope access");
    app.delete(&format!("/api/technicians/me/certifications/{}", technician.id))
        .bearer(&technician.token)
        .send()
        .code(404);
    edit(&app, &another).data(200);
}

#[test]
fn the_writes_of_a_stolen_token_do_not_keep_its_user_from_a_new_password() {
    let app = counting(&[("RATE_WRITES_PER_MINUTE", "1")]);
    let technician = app.technician("tanja");
    edit(&app, &technician).data(200);
    throttled_within(&edit(&app, &technician), MINUTE);
    let password = json!({"currentPassword": "correct horse", "newPassword": "battery staple"});
    app.post("/api/users/me/password").bearer(&technician.token).json(&password).send().data(200);
    app.get("/api/technicians/me").bearer(&technician.token).send().code(401);
}

#[test]
fn the_writes_of_a_stolen_token_do_not_keep_its_user_from_ending_sessions_and_logging_out() {
    let app = counting(&[("RATE_WRITES_PER_MINUTE", "1")]);
    let technician = app.technician("tanja");
    edit(&app, &technician).data(200);
    throttled_within(&edit(&app, &technician), MINUTE);
    let others = json!({"password": "correct horse", "others": true});
    app.post("/api/users/me/sessions/end").bearer(&technician.token).json(&others).send().data(200);
    app.post("/api/auth/logout").bearer(&technician.token).send().data(200);
    app.get("/api/technicians/me").bearer(&technician.token).send().code(401);
}

#[test]
fn a_user_sends_a_limited_number_of_messages_to_each_thread_in_a_minute() {
    let app = counting(&[("RATE_MESSAGES_PER_MINUTE", "2")]);
    let (company, technician) = (app.company("vestas"), app.technician("tanja"));
    let job = app.open_job(&company);
    let first = json!({"companyId": company.id, "text": "Hello"});
    let thread = text(&open_thread(&app, &technician, &first).data(201)["id"]);
    send(&app, &technician, &thread).data(201);
    throttled_within(&send(&app, &technician, &thread), MINUTE);
    throttled_within(&open_thread(&app, &technician, &first), MINUTE);
    assert_eq!(app.database.rows("messages"), 2);
    // The thread is still opened, and others write to it; other threads have their own count.
    open_thread(&app, &technician, &json!({"companyId": company.id})).data(200);
    send(&app, &company, &thread).data(201);
    let about_the_job = json!({"companyId": company.id, "jobId": job, "text": "Hello"});
    open_thread(&app, &technician, &about_the_job).data(201);
}

#[test]
fn a_company_invites_a_limited_number_of_times_in_a_day() {
    let app = counting(&[("RATE_INVITATIONS_PER_DAY", "2")]);
    let (company, another) = (app.company("vestas"), app.company("orsted"));
    let path = "/api/companies/me/invitations";
    let body = json!({"email": "a@invited.example", "role": "VIEWER"});
    let keyed = || app.post(path).bearer(&company.token).header("Idempotency-Key", "k").json(&body).send();
    keyed().data(201);
    app.invite(&company, "b@invited.example", "VIEWER").data(201);
    throttled_within(&app.invite(&company, "c@invited.example", "VIEWER"), DAY);
    assert_eq!(app.database.rows("invitations"), 2);
    assert_eq!(keyed().header("Idempotency-Replayed"), Some("true"));
    app.invite(&another, "c@invited.example", "VIEWER").data(201);
    app.database.run("UPDATE throttle_windows SET window_ends_at = window_ends_at - interval '1 day'");
    app.invite(&company, "c@invited.example", "VIEWER").data(201);
}

#[test]
fn a_company_learns_of_a_limited_number_of_emails_in_a_day_whether_they_have_an_account() {
    let app = counting(&[("RATE_INVITATIONS_PER_DAY", "2")]);
    let (company, technician) = (app.company("vestas"), app.technician("tanja"));
    let body = json!({"email": technician.email, "role": "VIEWER"});
    let probe = || app.post("/api/companies/me/invitations").bearer(&company.token).json(&body);
    assert_eq!(probe().send().code(409), "already_member");
    assert_eq!(probe().header("Idempotency-Key", "k").send().code(409), "already_member");
    for email in [technician.email.as_str(), "a@invited.example"] {
        throttled_within(&app.invite(&company, email, "VIEWER"), DAY);
    }
}

#[test]
fn a_company_reads_a_limited_number_of_passports_in_a_day() {
    let app = counting(&[("RATE_PASSPORTS_PER_DAY", "2")]);
    let (company, another, technician) = (app.company("vestas"), app.company("orsted"), app.technician("tanja"));
    let member = app.member(&company, repower_domain::accounts::CompanyRole::Recruiter);
    passport(&app, &company, &technician).data(200);
    // A timeline is a passport.
    let timeline = |reader: &Person| {
        let path = format!("/api/technicians/{}/passport/timeline.svg", technician.id);
        app.get(&path).bearer(&reader.token).send()
    };
    assert_eq!(timeline(&member).status, 200);
    for reader in [&company, &member] {
        throttled_within(&passport(&app, reader, &technician), DAY);
        throttled_within(&timeline(reader), DAY);
    }
    // The limit is that of all instances.
    let beside = app.beside(&[("RATE_LIMIT_ENABLED", "true"), ("RATE_PASSPORTS_PER_DAY", "2")]);
    throttled_within(&passport(&beside, &company, &technician), DAY);
    passport(&app, &another, &technician).data(200);
    app.get("/api/technicians/me/passport").bearer(&technician.token).send().data(200);
    app.database.run("UPDATE throttle_windows SET window_ends_at = window_ends_at - interval '1 day'");
    passport(&app, &company, &technician).data(200);
}

#[test]
fn without_limits_there_are_no_rates() {
    let one =
        ["RATE_WRITES_PER_MINUTE", "RATE_MESSAGES_PER_MINUTE", "RATE_INVITATIONS_PER_DAY", "RATE_PASSPORTS_PER_DAY"];
    let app = App::start_with(&one.map(|name| (name, "1")));
    let (company, technician) = (app.company("vestas"), app.technician("tanja"));
    let thread = text(&open_thread(&app, &technician, &json!({"companyId": company.id})).data(201)["id"]);
    for number in 0..3 {
        edit(&app, &technician).data(200);
        send(&app, &technician, &thread).data(201);
        app.invite(&company, &format!("{number}@invited.example"), "VIEWER").data(201);
        passport(&app, &company, &technician).data(200);
    }
    assert_eq!(app.database.rows("throttle_windows"), 0);
}
