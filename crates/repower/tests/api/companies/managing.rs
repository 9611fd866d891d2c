use repower_domain::accounts::CompanyRole;
use serde_json::{Value, json};

use super::{ME, MEMBERS};
use crate::support::{App, PASSWORD, Person, Reply, UNKNOWN_ID, each, field_errors, with};

fn change(app: &App, admin: &Person, member: &Person, role: &str) -> Reply {
    app.patch(&app.membership(member)).bearer(&admin.token).json(&json!({"role": role})).send()
}

fn remove(app: &App, admin: &Person, member: &Person) -> Reply {
    app.delete(&app.membership(member)).bearer(&admin.token).send()
}

fn members(app: &App, person: &Person) -> Value {
    app.get(MEMBERS).bearer(&person.token).send().data(200)
}

fn log_in(app: &App, person: &Person) -> Reply {
    app.post("/api/auth/login").json(&json!({"email": person.email, "password": PASSWORD})).send()
}

#[test]
fn a_member_can_get_each_role() {
    let app = App::start();
    let admin = app.company("vestas");
    let member = app.member(&admin, CompanyRole::Viewer);
    for role in ["ADMIN", "MANAGER", "RECRUITER", "VIEWER"] {
        let before = members(&app, &admin)[1].clone();
        let reply = change(&app, &admin, &member, role);
        let expected = with(&before, &json!({"role": role}));
        assert_eq!(reply.status, 200);
        assert_eq!(reply.body(), json!({"success": true, "message": reply.body()["message"], "data": expected}));
        assert_eq!(members(&app, &admin)[1], expected);
        assert_eq!(log_in(&app, &member).data(200)["user"]["role"], format!("COMPANY_{role}"));
    }
}

#[test]
fn a_role_takes_effect_at_the_next_request() {
    let app = App::start();
    let admin = app.company("vestas");
    let member = app.member(&admin, CompanyRole::Viewer);
    let edit = || app.patch(ME).bearer(&member.token).json(&json!({})).send();
    let list_invitations = || app.get("/api/companies/me/invitations").bearer(&member.token).send();
    for (role, edits, lists) in
        [("ADMIN", 200, 200), ("MANAGER", 200, 403), ("RECRUITER", 403, 403), ("ADMIN", 200, 200), ("VIEWER", 403, 403)]
    {
        change(&app, &admin, &member, role).data(200);
        assert_eq!((edit().status.as_u16(), list_invitations().status.as_u16()), (edits, lists), "{role}");
    }
}

#[test]
fn setting_the_current_role_changes_nothing() {
    let app = App::start();
    let admin = app.company("vestas");
    let member = app.member(&admin, CompanyRole::Recruiter);
    let before = app.database.contents();
    assert_eq!(change(&app, &admin, &member, "RECRUITER").data(200), members(&app, &admin)[1]);
    assert_eq!(change(&app, &admin, &admin, "ADMIN").data(200), members(&app, &admin)[0]);
    assert_eq!(app.database.contents(), before);
}

#[test]
fn a_removed_member_is_rejected_and_their_email_stays_taken() {
    let app = App::start();
    let admin = app.company("vestas");
    let [member, other] = [CompanyRole::Manager, CompanyRole::Viewer].map(|role| app.member(&admin, role));
    app.get(ME).bearer(&member.token).send().data(200);
    let reply = remove(&app, &admin, &member);
    assert_eq!(reply.status, 200);
    assert_eq!(reply.body(), json!({"success": true, "message": reply.body()["message"], "data": null}));
    for path in [ME, MEMBERS, "/api/users/me", "/api/technicians/me", "/api/chat/threads"] {
        assert_eq!(app.get(path).bearer(&member.token).send().code(401), "unauthenticated", "{path}");
    }
    assert_eq!(log_in(&app, &member).code(401), "invalid_credentials");
    assert_eq!(each(&members(&app, &admin), "email"), [admin.email.as_str(), &other.email]);
    let register = json!({
        "email": member.email, "password": PASSWORD, "role": "TECHNICIAN", "fullName": "M", "country": "DK",
    });
    assert_eq!(app.post("/api/auth/register").json(&register).send().code(409), "email_taken");
    assert_eq!(app.invite(&admin, &member.email, "VIEWER").code(409), "already_member");
}

#[test]
fn the_work_of_a_removed_member_stays() {
    let app = App::start();
    let admin = app.company("vestas");
    let member = app.member(&admin, CompanyRole::Recruiter);
    let job = app.open_job(&Person { id: admin.id.clone(), ..member.clone() });
    let technician = app.technician("tanja");
    let application = app.apply(&technician, &job);
    app.move_application(&member, &application, "SHORTLISTED").data(200);
    remove(&app, &admin, &member).data(200);
    app.get(&format!("/api/jobs/{job}")).send().data(200);
    app.move_application(&admin, &application, "OFFERED").data(200);
}

#[test]
fn the_last_admin_can_be_neither_demoted_nor_removed() {
    let app = App::start();
    let admin = app.company("vestas");
    app.member(&admin, CompanyRole::Manager);
    let other_company = app.company("siemens");
    app.member(&other_company, CompanyRole::Admin);
    let before = app.database.contents();
    for role in ["MANAGER", "RECRUITER", "VIEWER"] {
        assert_eq!(change(&app, &admin, &admin, role).code(409), "last_admin", "{role}");
    }
    assert_eq!(remove(&app, &admin, &admin).code(409), "last_admin");
    assert_eq!(app.database.contents(), before);
}

#[test]
fn either_of_two_admins_can_leave_and_the_other_becomes_the_last() {
    for (leaver, demoted) in [(0, true), (0, false), (1, true), (1, false)] {
        let app = App::start();
        let first = app.company("vestas");
        let pair = [app.member(&first, CompanyRole::Admin), first];
        let (former, remaining) = (&pair[leaver], &pair[1 - leaver]);
        // An admin is demoted by themselves, and removed by the other.
        let by = if demoted { former } else { remaining };
        let reply = if demoted { change(&app, by, former, "VIEWER") } else { remove(&app, by, former) };
        assert_eq!(reply.status, 200, "{}", reply.text);
        let rejected = app.get("/api/companies/me/invitations").bearer(&former.token).send();
        assert_eq!(
            rejected.code(if demoted { 403 } else { 401 }),
            if demoted { "forbidden" } else { "unauthenticated" }
        );
        assert_eq!(change(&app, remaining, remaining, "MANAGER").code(409), "last_admin");
        assert_eq!(remove(&app, remaining, remaining).code(409), "last_admin");
    }
}

#[test]
fn a_deactivated_admin_does_not_count_as_an_admin() {
    let app = App::start();
    let admin = app.company("vestas");
    let other = app.member(&admin, CompanyRole::Admin);
    app.database.run(&format!("UPDATE users SET active = false WHERE id = '{}'", other.user_id));
    assert_eq!(change(&app, &admin, &admin, "VIEWER").code(409), "last_admin");
    assert_eq!(remove(&app, &admin, &admin).code(409), "last_admin");
    remove(&app, &admin, &other).data(200);
}

#[test]
fn members_of_other_companies_and_ids_of_other_resources_are_not_found() {
    let app = App::start();
    let admin = app.company("vestas");
    let member = app.member(&admin, CompanyRole::Viewer);
    let strangers = app.company("siemens");
    let stranger = app.member(&strangers, CompanyRole::Viewer);
    let removed = app.member(&admin, CompanyRole::Manager);
    let former = app.membership(&removed);
    remove(&app, &admin, &removed).data(200);
    let before = app.database.contents();
    let ids = [UNKNOWN_ID, &member.user_id, &admin.id, "1", "%00", "0192f1d0"];
    let paths = ids.map(|id| format!("{MEMBERS}/{id}"));
    let theirs = [app.membership(&strangers), app.membership(&stranger), former];
    for path in paths.iter().chain(&theirs) {
        let patch = app.patch(path).bearer(&admin.token).json(&json!({"role": "ADMIN"})).send();
        assert_eq!(patch.code(404), "not_found", "{path}");
        // The body is validated first.
        let wrong = app.patch(path).bearer(&admin.token).json(&json!({})).send();
        assert_eq!(wrong.fields(), ["role: required"], "{path}");
        assert_eq!(app.delete(path).bearer(&admin.token).send().code(404), "not_found", "{path}");
    }
    assert_eq!(app.database.contents(), before);
}

#[test]
fn an_invalid_role_is_reported_and_nothing_is_stored() {
    let app = App::start();
    let admin = app.company("vestas");
    let member = app.member(&admin, CompanyRole::Viewer);
    let membership = app.membership(&member);
    let patch = |body: &Value| app.patch(&membership).bearer(&admin.token).json(body).send();
    let before = app.database.contents();
    for (role, code) in [
        (json!(""), "required"),
        (json!(null), "wrong_type"),
        (json!(["ADMIN"]), "wrong_type"),
        (json!("admin"), "not_allowed"),
        (json!("COMPANY_ADMIN"), "not_allowed"),
        (json!("SUPER_ADMIN"), "not_allowed"),
        (json!("TECHNICIAN"), "not_allowed"),
    ] {
        assert_eq!(patch(&json!({"role": role})).fields(), field_errors(&["role"], code), "{role}");
    }
    let more = json!({"role": "ADMIN", "email": "x@vestas.example"});
    assert_eq!(patch(&more).fields(), ["email: unknown_field"]);
    assert_eq!(app.database.contents(), before);
}
