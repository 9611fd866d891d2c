//! How much an owner may have at once (section 11a of the contract). The rates are
//! disabled in these tests, which does not disable the quotas.

use serde_json::{Value, json};

use crate::support::{App, Person, Reply, text};

const CERTIFICATIONS: &str = "/api/technicians/me/certifications";
const INVITATIONS: &str = "/api/companies/me/invitations";

/// Asserts that a request was refused because there are as many as the limit.
#[track_caller]
fn assert_limited(reply: &Reply, limit: u32) {
    assert_eq!(reply.code(409), "limit_reached");
    assert_eq!(reply.body()["details"], json!({ "limit": limit }));
}

fn certify(app: &App, technician: &Person, name: &str) -> Reply {
    let body = json!({"name": name, "provider": "GWO", "validFrom": "2026-01-01", "validUntil": "2030-01-01"});
    app.post(CERTIFICATIONS).bearer(&technician.token).json(&body).send()
}

fn post_open(app: &App, company: &Person) -> Reply {
    let job = json!({
        "title": "Blade repair", "description": "Leading edges", "location": "Esbjerg", "status": "OPEN",
        "discipline": "BLADE_REPAIR", "contractType": "DAY_RATE", "startDate": "2027-03-01",
    });
    app.post("/api/jobs").bearer(&company.token).json(&job).send()
}

fn move_job(app: &App, company: &Person, job: &str, status: &str) -> Reply {
    app.patch(&format!("/api/jobs/{job}/status")).bearer(&company.token).json(&json!({ "status": status })).send()
}

fn items(app: &App, person: &Person, path: &str) -> usize {
    app.get(path).bearer(&person.token).send().data(200).as_array().map_or(0, Vec::len)
}

#[test]
fn a_technician_has_at_most_as_many_certifications_as_the_quota() {
    let app = App::start_with(&[("MAX_CERTIFICATIONS", "3")]);
    let (technician, another) = (app.technician("tanja"), app.technician("anders"));
    let held: Vec<Value> = (0..3).map(|number| certify(&app, &technician, &number.to_string()).data(201)).collect();
    assert_limited(&certify(&app, &technician, "one more"), 3);
    assert_eq!(app.database.rows("certifications"), 3);
    certify(&app, &another, "of another technician").data(201);
    let path = format!("{CERTIFICATIONS}/{}", text(&held[0]["id"]));
    app.delete(&path).bearer(&technician.token).send().data(200);
    certify(&app, &technician, "in its place").data(201);
    assert_limited(&certify(&app, &technician, "one more"), 3);
}

#[test]
fn a_company_has_at_most_as_many_open_jobs_as_the_quota() {
    let app = App::start_with(&[("MAX_OPEN_JOBS", "2")]);
    let (company, another) = (app.company("vestas"), app.company("orsted"));
    let draft = text(&app.post_job(&company, &json!({"status": "DRAFT"}))["id"]);
    let open: Vec<_> = (0..2).map(|_| text(&post_open(&app, &company).data(201)["id"])).collect();
    assert_limited(&post_open(&app, &company), 2);
    assert_limited(&move_job(&app, &company, &draft, "OPEN"), 2);
    assert_eq!(app.database.rows("jobs"), 3);
    app.post_job(&company, &json!({"status": "DRAFT"}));
    post_open(&app, &another).data(201);
    // An open job is still edited, and moving it to its own status changes nothing.
    let edited = json!({"title": "Inspection"});
    app.patch(&format!("/api/jobs/{}", open[0])).bearer(&company.token).json(&edited).send().data(200);
    move_job(&app, &company, &open[0], "OPEN").data(200);
    move_job(&app, &company, &open[0], "CLOSED").data(200);
    move_job(&app, &company, &draft, "OPEN").data(200);
    assert_limited(&move_job(&app, &company, &open[0], "OPEN"), 2);
    move_job(&app, &company, &draft, "CLOSED").data(200);
    move_job(&app, &company, &open[0], "OPEN").data(200);
}

#[test]
fn a_company_that_is_not_verified_has_at_most_as_many_open_jobs_as_a_quota_of_its_own() {
    let app = App::start_with(&[("MAX_OPEN_JOBS", "3"), ("MAX_OPEN_JOBS_UNVERIFIED", "1")]);
    let (company, verified) = (app.company("vestas"), app.verified_company("orsted"));
    post_open(&app, &company).data(201);
    assert_limited(&post_open(&app, &company), 1);
    for _ in 0..3 {
        post_open(&app, &verified).data(201);
    }
    assert_limited(&post_open(&app, &verified), 3);
    app.services.admin.vouch_for(company.id.parse().unwrap()).unwrap();
    post_open(&app, &company).data(201);
    let draft = text(&app.post_job(&company, &json!({"status": "DRAFT"}))["id"]);
    move_job(&app, &company, &draft, "OPEN").data(200);
    assert_limited(&post_open(&app, &company), 3);
}

#[test]
fn without_settings_an_unverified_company_has_at_most_twenty_open_jobs() {
    let app = App::start();
    let company = app.company("vestas");
    for _ in 0..20 {
        post_open(&app, &company).data(201);
    }
    assert_limited(&post_open(&app, &company), 20);
}

#[test]
fn a_company_has_at_most_as_many_pending_invitations_as_the_quota() {
    let app = App::start_with(&[("MAX_PENDING_INVITATIONS", "2")]);
    let (company, another) = (app.company("vestas"), app.company("orsted"));
    let invite = |email: &str| app.invite(&company, email, "VIEWER");
    let first = text(&invite("a@invited.example").data(201)["id"]);
    let token = text(&invite("b@invited.example").data(201)["token"]);
    assert_limited(&invite("c@invited.example"), 2);
    assert_eq!(items(&app, &company, INVITATIONS), 2);
    let again = text(&invite("a@invited.example").data(201)["id"]);
    assert_ne!(first, again);
    app.invite(&another, "c@invited.example", "VIEWER").data(201);
    app.delete(&format!("{INVITATIONS}/{again}")).bearer(&company.token).send().data(200);
    invite("c@invited.example").data(201);
    assert_limited(&invite("d@invited.example"), 2);
    let acceptance = json!({"token": token, "password": "correct horse"});
    app.post("/api/auth/accept-invitation").json(&acceptance).send().data(201);
    invite("d@invited.example").data(201);
}

#[test]
fn a_user_has_at_most_as_many_stored_responses_as_the_quota() {
    let app = App::start_with(&[("MAX_KEPT_ANSWERS", "2")]);
    let (company, another) = (app.company("vestas"), app.company("orsted"));
    let post = |person: &Person, key: &str| {
        let body = json!({"email": format!("{key}@{}.example", person.id), "role": "VIEWER"});
        app.post(INVITATIONS).bearer(&person.token).header("Idempotency-Key", key).json(&body).send()
    };
    post(&company, "a").data(201);
    post(&company, "b").data(201);
    assert_limited(&post(&company, "c"), 2);
    assert_eq!(items(&app, &company, INVITATIONS), 2);
    assert_eq!(post(&company, "a").header("Idempotency-Replayed"), Some("true"));
    post(&another, "c").data(201);
    // Without a key, or a day later, the request succeeds.
    app.invite(&company, "c@invited.example", "VIEWER").data(201);
    app.database.run("UPDATE kept_answers SET created_at = created_at - interval '1 day'");
    post(&company, "c").data(201);
}
