//! Which companies see a technician: `visibility`, verified companies, and what is shown after contact only.

use repower_domain::accounts::CompanyRole;
use serde_json::{Value, json};

use super::{a_certification, add_certification, patch};
use crate::support::{App, Person, Reply, UNKNOWN_ID, each, text};

const REQUIRED: &[(&str, &str)] = &[("REQUIRE_VERIFIED_COMPANY", "true")];

fn search(app: &App, member: &Person) -> Reply {
    app.get("/api/technicians").bearer(&member.token).send()
}

fn passport_of(app: &App, member: &Person, technician: &str) -> Reply {
    app.get(&format!("/api/technicians/{technician}/passport")).bearer(&member.token).send()
}

fn open_thread(app: &App, person: &Person, body: &Value) -> Reply {
    app.post("/api/chat/threads").bearer(&person.token).json(body).send()
}

fn write_to(app: &App, company: &Person, technician: &str) -> Reply {
    open_thread(app, company, &json!({"technicianId": technician, "text": "Hello"}))
}

fn hide(app: &App, technician: &Person) {
    let profile = patch(app, technician, &json!({"visibility": "APPLIED"})).data(200);
    assert_eq!(profile["visibility"], "APPLIED");
}

/// The comment and the document that a company sees in a passport.
fn shown(app: &App, member: &Person, technician: &Person) -> [Value; 2] {
    let passport = passport_of(app, member, &technician.id).data(200);
    let (evaluation, certification) = (&passport["evaluations"][0], &passport["certifications"][0]);
    assert_eq!((evaluation["rating"].as_i64(), certification["status"].as_str()), (Some(4), Some("VALID")));
    [evaluation["comment"].clone(), certification["documentUrl"].clone()]
}

#[test]
fn a_hidden_technician_is_found_by_no_search_and_unknown_to_a_company_without_contact() {
    let app = App::start();
    let (company, hidden, other) = (app.company("vestas"), app.technician("tanja"), app.technician("anders"));
    hide(&app, &hidden);
    assert_eq!(each(&search(&app, &company).data(200), "fullName"), ["anders"]);
    let unknown = passport_of(&app, &company, UNKNOWN_ID);
    let of_hidden = passport_of(&app, &company, &hidden.id);
    assert_eq!((of_hidden.code(404), &of_hidden.body()["message"]), (unknown.code(404), &unknown.body()["message"]));
    // Nor can it make the contact.
    assert_eq!(write_to(&app, &company, &hidden.id).code(404), "not_found");
    passport_of(&app, &company, &other.id).data(200);
    patch(&app, &hidden, &json!({"visibility": "COMPANIES"})).data(200);
    assert_eq!(search(&app, &company).data(200).as_array().unwrap().len(), 2);
    passport_of(&app, &company, &hidden.id).data(200);
}

#[test]
fn a_hidden_technician_is_seen_by_the_companies_they_applied_to_or_chat_with() {
    let app = App::start();
    let hidden = app.technician("tanja");
    let [applied, written, without] = ["vestas", "siemens", "orsted"].map(|name| app.company(name));
    hide(&app, &hidden);
    app.apply(&hidden, &app.open_job(&applied));
    open_thread(&app, &hidden, &json!({"companyId": written.id})).data(201);
    let recruiter = app.member(&applied, CompanyRole::Recruiter);
    for member in [&applied, &recruiter, &written] {
        let passport = passport_of(&app, member, &hidden.id).data(200);
        assert_eq!(passport["technician"]["visibility"], "APPLIED");
        assert_eq!(search(&app, member).data(200), json!([]));
    }
    write_to(&app, &applied, &hidden.id).data(201);
    assert_eq!(passport_of(&app, &without, &hidden.id).code(404), "not_found");
    let viewer = app.member(&applied, CompanyRole::Viewer);
    assert_eq!(passport_of(&app, &viewer, &hidden.id).code(403), "forbidden");
}

#[test]
fn documents_and_comments_of_others_are_shown_after_contact_only() {
    let app = App::start();
    let technician = app.technician("tanja");
    let [evaluator, applied, chatting] = ["vestas", "siemens", "orsted"].map(|name| app.company(name));
    add_certification(&app, &technician, &a_certification()).data(201);
    let job = app.engage(&evaluator, &technician);
    let path = format!("/api/technicians/{}/evaluations", technician.id);
    let evaluation = json!({"jobId": job, "rating": 4, "comment": "Careful"});
    app.post(&path).bearer(&evaluator.token).json(&evaluation).send().data(201);
    let everything = [json!("Careful"), json!("https://certificates.example/7")];
    assert_eq!(shown(&app, &evaluator, &technician), everything);
    for company in [&applied, &chatting] {
        assert_eq!(shown(&app, company, &technician), [Value::Null, Value::Null]);
    }
    let application = app.apply(&technician, &app.open_job(&applied));
    assert_eq!(shown(&app, &applied, &technician), everything);
    app.move_application(&technician, &application, "WITHDRAWN").data(200);
    assert_eq!(shown(&app, &applied, &technician), everything);
    write_to(&app, &chatting, &technician.id).data(201);
    assert_eq!(shown(&app, &chatting, &technician), everything);
    let own = app.get(super::PASSPORT).bearer(&technician.token).send().data(200);
    assert_eq!([&own["evaluations"][0]["comment"], &own["certifications"][0]["documentUrl"]], everything.each_ref());
}

#[test]
fn an_unverified_company_sees_no_candidates_where_it_must_be_verified() {
    let app = App::start_with(REQUIRED);
    let (company, technician, hidden) = (app.company("vestas"), app.technician("tanja"), app.technician("anders"));
    hide(&app, &hidden);
    let recruiter = app.member(&company, CompanyRole::Recruiter);
    for member in [&company, &recruiter] {
        assert_eq!(search(&app, member).code(403), "company_unverified");
        for id in [&technician.id, &hidden.id, UNKNOWN_ID] {
            assert_eq!(passport_of(&app, member, id).code(403), "company_unverified");
            assert_eq!(write_to(&app, member, id).code(403), "company_unverified");
        }
    }
    assert_eq!(app.database.rows("threads"), 0);
    let viewer = app.member(&company, CompanyRole::Viewer);
    for person in [&viewer, &technician, &app.super_admin()] {
        assert_eq!(search(&app, person).code(403), "forbidden");
        assert_eq!(passport_of(&app, person, &technician.id).code(403), "forbidden");
    }
}

#[test]
fn an_unverified_company_sees_and_answers_those_who_applied_or_wrote_to_it() {
    let app = App::start_with(REQUIRED);
    let company = app.company("vestas");
    let [applicant, writer] = ["tanja", "anders"].map(|name| app.technician(name));
    let job = app.open_job(&company);
    let application = app.apply(&applicant, &job);
    let thread = text(&open_thread(&app, &writer, &json!({"companyId": company.id})).data(201)["id"]);
    for technician in [&applicant, &writer] {
        passport_of(&app, &company, &technician.id).data(200);
    }
    write_to(&app, &company, &applicant.id).data(201);
    write_to(&app, &company, &writer.id).data(200);
    let message = json!({"text": "Hello"});
    let path = format!("/api/chat/threads/{thread}/messages");
    app.post(&path).bearer(&company.token).json(&message).send().data(201);
    let path = format!("/api/jobs/{job}/applications");
    assert_eq!(each(&app.get(&path).bearer(&company.token).send().data(200), "id"), [application.as_str()]);
    app.move_application(&company, &application, "OFFERED").data(200);
}

#[test]
fn a_verification_and_its_withdrawal_hold_from_the_next_request_on() {
    let app = App::start_with(REQUIRED);
    let (company, technician, root) = (app.company("vestas"), app.technician("tanja"), app.super_admin());
    let set = |verified: bool| {
        let path = format!("/api/admin/companies/{}", company.id);
        app.patch(&path).bearer(&root.token).json(&json!({ "verified": verified })).send().data(200);
    };
    set(true);
    assert_eq!(each(&search(&app, &company).data(200), "fullName"), ["tanja"]);
    passport_of(&app, &company, &technician.id).data(200);
    write_to(&app, &company, &technician.id).data(201);
    set(false);
    assert_eq!(search(&app, &company).code(403), "company_unverified");
    // Its own thread is no turn of the technician to the company.
    assert_eq!(passport_of(&app, &company, &technician.id).code(403), "company_unverified");
}
