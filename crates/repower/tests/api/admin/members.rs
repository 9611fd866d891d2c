//! `PATCH /api/admin/members/{id}`: the roles of the members of any company.

use repower_domain::accounts::CompanyRole;
use serde_json::json;

use super::{contents, log, readings, set_active};
use crate::support::{App, Person, Reply, UNKNOWN_ID, field_errors};

fn path(app: &App, member: &Person) -> String {
    app.membership(member).replace("/companies/me/", "/admin/")
}

fn change(app: &App, root: &Person, member: &Person, role: &str) -> Reply {
    app.patch(&path(app, member)).bearer(&root.token).json(&json!({"role": role})).send()
}

#[test]
fn a_company_whose_last_admin_is_deactivated_gets_another_one() {
    let app = App::start();
    let (company, root) = (app.company("vestas"), app.super_admin());
    let viewer = app.member(&company, CompanyRole::Viewer);
    assert_eq!(set_active(&app, &root, &company.user_id, false).data(200)["lastAdmin"], true);
    let promoted = change(&app, &root, &viewer, "ADMIN").data(200);
    assert_eq!((&promoted["role"], &promoted["userId"]), (&json!("ADMIN"), &json!(viewer.user_id)));
    let members = app.get("/api/companies/me/members").bearer(&viewer.token).send().data(200);
    assert_eq!(members[1], promoted);
    app.invitation(&viewer, "new@vestas.example", "VIEWER");
    let entry = log(&app, &root)[1].clone();
    let expected = json!({
        "action": "MEMBER_ROLE_CHANGED", "actorId": root.user_id, "subjectType": "USER", "subjectId": viewer.user_id,
        "before": {"role": "VIEWER"}, "after": {"role": "ADMIN"},
    });
    for (field, value) in expected.as_object().unwrap() {
        assert_eq!(entry[field], *value, "{entry}");
    }
}

#[test]
fn the_last_admin_is_not_demoted() {
    let app = App::start();
    let (company, root) = (app.company("vestas"), app.super_admin());
    let before = app.database.contents();
    assert_eq!(change(&app, &root, &company, "VIEWER").code(409), "last_admin");
    assert_eq!(app.database.contents(), before);
}

#[test]
fn the_present_role_changes_nothing_and_is_logged_as_a_reading() {
    let app = App::start();
    let (company, root) = (app.company("vestas"), app.super_admin());
    let before = contents(&app);
    assert_eq!(change(&app, &root, &company, "ADMIN").data(200)["role"], "ADMIN");
    assert_eq!(contents(&app), before);
    assert_eq!(readings(&app, &root), [json!([root.user_id, "USER_READ", "USER", company.user_id, {}, {}])]);
}

#[test]
fn the_invitations_of_an_admin_end_with_their_demotion() {
    let app = App::start();
    let (company, root) = (app.company("vestas"), app.super_admin());
    let second = app.member(&company, CompanyRole::Admin);
    let invitation = app.invitation(&second, "new@vestas.example", "ADMIN");
    change(&app, &root, &second, "MANAGER").data(200);
    assert_eq!(app.join(&invitation).code(404), "not_found");
}

#[test]
fn the_role_is_validated_before_the_member_is_looked_up() {
    let app = App::start();
    let (company, root) = (app.company("vestas"), app.super_admin());
    let before = app.database.contents();
    for member in [path(&app, &company), format!("/api/admin/members/{UNKNOWN_ID}")] {
        for role in [json!("COMPANY_ADMIN"), json!("SUPER_ADMIN")] {
            let reply = app.patch(&member).bearer(&root.token).json(&json!({"role": role})).send();
            assert_eq!(reply.fields(), field_errors(&["role"], "not_allowed"), "{role}");
        }
        let empty = app.patch(&member).bearer(&root.token).json(&json!({})).send();
        assert_eq!(empty.fields(), ["role: required"]);
    }
    assert_eq!(app.database.contents(), before);
}
