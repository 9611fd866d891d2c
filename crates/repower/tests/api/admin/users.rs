//! `GET /api/admin/users`: the users of the marketplace.

use repower_domain::accounts::{CompanyRole, Role};
use serde_json::{Value, json};

use super::{USERS, get, pages, set_active};
use crate::support::{App, Person, a_moment, each, encoded};

/// The emails that a search finds, in its order.
#[track_caller]
fn found(app: &App, root: &Person, query: &str) -> Vec<String> {
    each(&get(app, root, &format!("{USERS}?{query}")).data(200), "email")
}

#[test]
fn a_user_is_shown_with_their_active_flag() {
    let app = App::start();
    let (technician, root) = (app.technician("tanja"), app.super_admin());
    let shown = |active: bool| {
        let body = get(&app, &root, &format!("{USERS}?role=TECHNICIAN")).body();
        let created = a_moment(&body["data"][0]["createdAt"]);
        let updated = a_moment(&body["data"][0]["updatedAt"]);
        let user = json!({
            "id": technician.user_id, "email": technician.email, "role": "TECHNICIAN", "active": active,
            "createdAt": created, "updatedAt": updated,
        });
        assert_eq!((&body["data"], &body["meta"]), (&json!([user]), &json!({"limit": 20, "nextCursor": null})));
        user
    };
    let account = app.get("/api/users/me").bearer(&technician.token).send().data(200);
    assert_eq!(shown(true), crate::support::with(&account["user"], &json!({"active": true})));
    set_active(&app, &root, &technician.user_id, false).data(200);
    shown(false);
}

#[test]
fn users_are_filtered_by_role() {
    let app = App::start();
    let (company, technician, root) = (app.company("vestas"), app.technician("tanja"), app.super_admin());
    let members = [CompanyRole::Manager, CompanyRole::Recruiter, CompanyRole::Viewer]
        .map(|role| app.member(&company, role).email);
    let [manager, recruiter, viewer] = members;
    for (role, email) in
        Role::ALL.iter().zip([technician.email, company.email, manager, recruiter, viewer, root.email.clone()])
    {
        assert_eq!(found(&app, &root, &format!("role={role}")), [email], "{role}");
    }
    assert_eq!(found(&app, &root, "role=").len(), 6);
}

#[test]
fn a_member_is_found_by_their_current_role() {
    let app = App::start();
    let (company, root) = (app.company("vestas"), app.super_admin());
    let member = app.member(&company, CompanyRole::Viewer);
    app.patch(&app.membership(&member)).bearer(&company.token).json(&json!({"role": "MANAGER"})).send().data(200);
    assert_eq!(found(&app, &root, "role=COMPANY_VIEWER"), [""; 0]);
    assert_eq!(found(&app, &root, "role=COMPANY_MANAGER"), [member.email]);
}

#[test]
fn users_are_found_by_any_part_of_their_email_in_any_case() {
    let app = App::start();
    let root = app.super_admin();
    for email in ["a_b@vestas.example", "a%b@siemens.example", "a.b@Vestas.example"] {
        let body = json!({
            "email": email, "password": crate::support::PASSWORD, "role": "TECHNICIAN", "fullName": "Tanja",
            "country": "DK",
        });
        app.post("/api/auth/register").json(&body).send().data(201);
    }
    for (part, emails) in [
        ("VESTAS", &["a.b@vestas.example", "a_b@vestas.example"][..]),
        ("a_b", &["a_b@vestas.example"]),
        ("a%b", &["a%b@siemens.example"]),
        ("b@s", &["a%b@siemens.example"]),
        (" a.b ", &["a.b@vestas.example"]),
        ("root", &["root@repower.example"]),
        ("Tanja", &[]),
        ("'", &[]),
        (r"\", &[]),
    ] {
        assert_eq!(found(&app, &root, &format!("q={}", encoded(part))), emails, "{part}");
    }
    assert_eq!(found(&app, &root, "q=vestas&role=TECHNICIAN").len(), 2);
    assert_eq!(found(&app, &root, "q=vestas&role=SUPER_ADMIN"), [""; 0]);
}

#[test]
fn users_are_listed_newest_first_page_by_page() {
    let app = App::start();
    let root = app.super_admin();
    for name in ["1", "2", "3", "4"] {
        app.technician(name);
    }
    let mut late = ["x", "y"].into_iter();
    let register = || drop(app.technician(late.next().unwrap()));
    let pages = pages(&app, &root, USERS, "email", register);
    let name = |email: &String| email.split('@').next().unwrap().to_owned();
    let names: Vec<Vec<_>> = pages.iter().map(|page| page.iter().map(name).collect()).collect();
    assert_eq!(names, [vec!["4", "3"], vec!["2", "1"], vec!["root"]]);
}

#[test]
fn users_with_equal_timestamps_are_listed_exactly_once() {
    let app = App::start();
    let root = app.super_admin();
    for name in ["1", "2", "3", "4"] {
        app.technician(name);
    }
    app.database.run("UPDATE users SET created_at = '2026-11-22T06:43:00.123456Z'");
    let mut listed = pages(&app, &root, USERS, "email", || ()).concat();
    assert_eq!(listed, found(&app, &root, ""));
    listed.sort();
    listed.dedup();
    assert_eq!(listed.len(), 5);
}

#[test]
fn the_user_list_has_no_password_field() {
    let app = App::start();
    let root = app.super_admin();
    let users = get(&app, &root, USERS).data(200);
    let mut fields: Vec<_> = users[0].as_object().unwrap().keys().collect();
    fields.sort();
    assert_eq!(fields, ["active", "createdAt", "email", "id", "role", "updatedAt"]);
}

#[test]
fn invalid_parameters_are_reported_by_name_and_cursors_of_other_lists_are_rejected() {
    let app = App::start();
    let root = app.super_admin();
    app.technician("tanja");
    let expected = ["q: invalid_format", "role: not_allowed", "limit: out_of_range", "active: unknown_field"];
    assert_eq!(get(&app, &root, &format!("{USERS}?q=%00&role=ADMIN&limit=101&active=true")).fields(), expected);
    let first = get(&app, &root, &format!("{USERS}?limit=1")).body();
    let cursor = encoded(first["meta"]["nextCursor"].as_str().unwrap());
    for path in [format!("{USERS}?role=TECHNICIAN"), format!("{USERS}?q=t"), "/api/admin/companies?".to_owned()] {
        let reply = get(&app, &root, &format!("{path}&cursor={cursor}"));
        assert_eq!((reply.code(400).as_str(), &reply.body()["details"]), ("invalid_cursor", &Value::Null), "{path}");
    }
}
