//! `PATCH /api/admin/users/{id}`: deactivating and reactivating users.

use repower_domain::accounts::CompanyRole;
use serde_json::{Value, json};

use super::{USERS, contents, log, readings, set_active};
use crate::support::{App, PASSWORD, Person, Reply, UNKNOWN_ID, a_moment, field_errors, text};

fn log_in(app: &App, person: &Person) -> Reply {
    app.post("/api/auth/login").json(&json!({"email": person.email, "password": PASSWORD})).send()
}

/// Asserts that the routes of every role reject the token of a user, and that their
/// login fails.
#[track_caller]
fn assert_rejected(app: &App, person: &Person) {
    for path in ["/api/users/me", "/api/technicians/me", "/api/companies/me", "/api/chat/threads", USERS] {
        let reply = app.get(path).bearer(&person.token).send();
        assert_eq!(reply.code(401), "unauthenticated", "{path}");
        assert_eq!(reply.header("WWW-Authenticate"), Some("Bearer"));
    }
    assert_eq!(log_in(app, person).code(401), "invalid_credentials");
}

#[test]
fn a_deactivated_user_is_returned_and_rejected_at_once() {
    let app = App::start();
    let (company, root) = (app.company("vestas"), app.super_admin());
    let recruiter = app.member(&company, CompanyRole::Recruiter);
    for (person, role) in
        [(app.technician("tanja"), "TECHNICIAN"), (recruiter, "COMPANY_RECRUITER"), (company, "COMPANY_ADMIN")]
    {
        app.get("/api/users/me").bearer(&person.token).send().data(200);
        let reply = set_active(&app, &root, &person.user_id, false);
        let data = reply.data(200);
        let user = json!({
            "id": person.user_id, "email": person.email, "role": role, "active": false,
            "lastAdmin": role == "COMPANY_ADMIN",
            "createdAt": a_moment(&data["createdAt"]), "updatedAt": a_moment(&data["updatedAt"]),
        });
        assert_eq!(data, user);
        assert!(data["updatedAt"].as_str() >= data["createdAt"].as_str());
        assert_rejected(&app, &person);
    }
    app.get("/api/users/me").bearer(&root.token).send().data(200);
}

#[test]
fn a_login_does_not_reveal_that_the_user_is_deactivated() {
    let app = App::start();
    let (technician, root) = (app.technician("tanja"), app.super_admin());
    set_active(&app, &root, &technician.user_id, false).data(200);
    let wrong = app.post("/api/auth/login").json(&json!({"email": technician.email, "password": "wrong horse"})).send();
    assert_eq!((log_in(&app, &technician).text, wrong.code(401).as_str()), (wrong.text, "invalid_credentials"));
}

#[test]
fn a_reactivated_user_keeps_their_data_and_needs_a_new_login() {
    let app = App::start();
    let (technician, root) = (app.technician("tanja"), app.super_admin());
    let application = app.apply(&technician, &app.open_job(&app.company("vestas")));
    set_active(&app, &root, &technician.user_id, false).data(200);
    assert_rejected(&app, &technician);
    assert_eq!(set_active(&app, &root, &technician.user_id, true).data(200)["active"], true);
    let path = format!("/api/applications/{application}");
    assert_eq!(app.get(&path).bearer(&technician.token).send().code(401), "unauthenticated");
    let token = text(&log_in(&app, &technician).data(200)["token"]);
    app.get(&path).bearer(&token).send().data(200);
}

#[test]
fn a_deactivated_technician_is_not_found_written_to_offered_to_or_evaluated() {
    let app = App::start();
    let (company, technician, root) = (app.company("vestas"), app.technician("tanja"), app.super_admin());
    let done = app.engage(&company, &technician);
    let job = app.open_job(&company);
    let application = app.apply(&technician, &job);
    let open = |body: Value| app.post("/api/chat/threads").bearer(&company.token).json(&body).send();
    let thread = open(json!({"technicianId": technician.id, "text": "Hello"})).data(201);
    let messages = format!("/api/chat/threads/{}/messages", text(&thread["id"]));
    let status = format!("/api/applications/{application}/status");
    let reject = |body: Value| app.patch(&status).bearer(&company.token).json(&body).send();
    set_active(&app, &root, &technician.user_id, false).data(200);

    assert_eq!(app.get("/api/technicians").bearer(&company.token).send().data(200), json!([]));
    let before = app.database.contents();
    let write = app.post(&messages).bearer(&company.token).json(&json!({"text": "Still there?"}));
    for refused in [
        write.send(),
        open(json!({"technicianId": technician.id, "text": "Hello again"})),
        open(json!({"technicianId": technician.id, "jobId": job})),
        app.move_application(&company, &application, "SHORTLISTED"),
        app.move_application(&company, &application, "OFFERED"),
        reject(json!({"status": "REJECTED", "messageToTechnician": "Sorry"})),
        app.evaluate(&company, &technician, &done, 1),
    ] {
        assert_eq!(refused.code(409), "conflict");
        assert_eq!(refused.body()["message"], "The technician is deactivated");
    }
    assert_eq!(app.database.contents(), before);

    // What exists can be read, and the application can be rejected.
    let get = |path: &str| app.get(path).bearer(&company.token).send().data(200);
    assert_eq!(get(&messages)[0]["text"], "Hello");
    assert_eq!(open(json!({"technicianId": technician.id})).data(200)["id"], thread["id"]);
    assert_eq!(get(&format!("/api/technicians/{}/passport", technician.id))["technician"]["id"], technician.id);
    assert_eq!(get(&format!("/api/jobs/{job}/applications"))[0]["id"], application);
    app.move_application(&company, &application, "REJECTED").data(200);

    set_active(&app, &root, &technician.user_id, true).data(200);
    assert_eq!(get("/api/technicians")[0]["id"], technician.id);
    app.evaluate(&company, &technician, &done, 5).data(201);
    app.post(&messages).bearer(&company.token).json(&json!({"text": "Welcome back"})).send().data(201);
}

#[test]
fn setting_the_current_state_changes_nothing_and_is_logged_as_a_reading() {
    let app = App::start();
    let (technician, root) = (app.technician("tanja"), app.super_admin());
    let before = contents(&app);
    assert_eq!(set_active(&app, &root, &technician.user_id, true).data(200)["active"], true);
    assert_eq!(contents(&app), before);
    let deactivated = set_active(&app, &root, &technician.user_id, false).data(200);
    let before = contents(&app);
    assert_eq!(set_active(&app, &root, &technician.user_id, false).data(200), deactivated);
    assert_eq!(contents(&app), before);
    let reading = json!([root.user_id, "USER_READ", "USER", technician.user_id, {}, {}]);
    assert_eq!(readings(&app, &root), [reading.clone(), reading]);
}

#[test]
fn a_super_admin_cannot_deactivate_themselves() {
    let app = App::start();
    let root = app.super_admin();
    let before = app.database.contents();
    assert_eq!(set_active(&app, &root, &root.user_id, false).code(409), "conflict");
    assert_eq!(app.database.contents(), before);
    app.get("/api/users/me").bearer(&root.token).send().data(200);
}

#[test]
fn a_deactivated_admin_does_not_count_as_an_admin_of_the_company() {
    let app = App::start();
    let (company, root) = (app.company("vestas"), app.super_admin());
    let second = app.member(&company, CompanyRole::Admin);
    let demote = || {
        let path = app.membership(&company);
        app.patch(&path).bearer(&company.token).json(&json!({"role": "VIEWER"})).send()
    };
    set_active(&app, &root, &second.user_id, false).data(200);
    assert_eq!(demote().code(409), "last_admin");
    set_active(&app, &root, &second.user_id, true).data(200);
    assert_eq!(demote().data(200)["role"], "VIEWER");
}

#[test]
fn the_last_active_admin_of_a_company_is_named() {
    let app = App::start();
    let (company, root) = (app.company("vestas"), app.super_admin());
    let (second, viewer) = (app.member(&company, CompanyRole::Admin), app.member(&company, CompanyRole::Viewer));
    for (person, active, last_admin) in [
        (&company, false, false),
        (&second, false, true),
        (&second, false, true),
        (&viewer, false, false),
        (&company, true, false),
        (&second, false, false),
    ] {
        let reply = set_active(&app, &root, &person.user_id, active).data(200);
        assert_eq!(reply["lastAdmin"], last_admin, "{} {active}", person.email);
    }
}

#[test]
fn active_is_a_boolean_and_is_validated_before_the_user_is_looked_up() {
    let app = App::start();
    let (technician, root) = (app.technician("tanja"), app.super_admin());
    let before = app.database.contents();
    let patch = |user: &str, body: &Value| app.patch(&format!("{USERS}/{user}")).bearer(&root.token).json(body).send();
    for user in [technician.user_id.as_str(), &root.user_id, UNKNOWN_ID, "no-uuid"] {
        for wrong in [json!("false"), json!(0), json!(null), json!([])] {
            assert_eq!(
                patch(user, &json!({ "active": wrong })).fields(),
                field_errors(&["active"], "wrong_type"),
                "{wrong}"
            );
        }
        assert_eq!(patch(user, &json!({})).fields(), ["active: required"]);
        let unknown = json!({"active": false, "role": "SUPER_ADMIN"});
        assert_eq!(patch(user, &unknown).fields(), ["role: unknown_field"]);
    }
    for user in [UNKNOWN_ID, "no-uuid", "%00", &technician.id] {
        assert_eq!(set_active(&app, &root, user, false).code(404), "not_found", "{user}");
    }
    assert_eq!(app.database.contents(), before);
    assert_eq!(log(&app, &root), json!([]));
}
