//! `POST /api/admin/users/{id}/sessions/end`

use repower_domain::accounts::CompanyRole;
use serde_json::json;

use super::{USERS, log};
use crate::support::{App, PASSWORD, Person, Reply, UNKNOWN_ID, text};

fn end(app: &App, root: &Person, user: &str) -> Reply {
    app.post(&format!("{USERS}/{user}/sessions/end")).bearer(&root.token).send()
}

fn status(app: &App, token: &str) -> u16 {
    app.get("/api/users/me").bearer(token).send().status.as_u16()
}

#[test]
fn all_sessions_of_a_user_end_and_a_new_login_works() {
    let app = App::start();
    let (root, person, another) = (app.super_admin(), app.technician("tanja"), app.technician("anders"));
    let credentials = json!({"email": person.email, "password": PASSWORD});
    let log_in = || text(&app.post("/api/auth/login").json(&credentials).send().data(200)["token"]);
    let second = log_in();
    assert_eq!(end(&app, &root, &person.user_id).data(200), json!({"ended": 2}));
    let statuses = [&person.token, &second, &another.token, &root.token].map(|token| status(&app, token));
    assert_eq!(statuses, [401, 401, 200, 200]);
    assert_eq!(status(&app, &log_in()), 200);
    assert_eq!(end(&app, &root, UNKNOWN_ID).code(404), "not_found");
}

#[test]
fn each_end_is_an_entry_of_the_audit_log_which_the_company_of_the_user_sees() {
    let app = App::start();
    let (root, admin) = (app.super_admin(), app.company("vestas"));
    let viewer = app.member(&admin, CompanyRole::Viewer);
    for _ in 0..2 {
        end(&app, &root, &viewer.user_id).data(200);
    }
    let entries = log(&app, &root);
    let fields = ["actorId", "action", "subjectType", "subjectId", "before", "after"];
    for entry in entries.as_array().unwrap() {
        let expected = json!([root.user_id, "SESSIONS_ENDED", "USER", viewer.user_id, {}, {}]);
        assert_eq!(json!(fields.map(|field| &entry[field])), expected);
    }
    assert_eq!(entries.as_array().unwrap().len(), 2);
    assert_eq!(app.get("/api/companies/me/audit").bearer(&admin.token).send().data(200), entries);
    end(&app, &root, UNKNOWN_ID).code(404);
    assert_eq!(log(&app, &root), entries);
}

#[test]
fn an_administrator_may_end_their_own_sessions() {
    let app = App::start();
    let root = app.super_admin();
    assert_eq!(end(&app, &root, &root.user_id).data(200), json!({"ended": 1}));
    assert_eq!(status(&app, &root.token), 401);
}
