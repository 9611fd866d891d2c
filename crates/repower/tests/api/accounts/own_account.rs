use repower_domain::accounts::CompanyRole;
use serde_json::{Value, json};

use super::log_in;
use crate::support::{App, PASSWORD, Person, Reply};

const ME: &str = "/api/users/me";

fn own_account(app: &App, person: &Person) -> Reply {
    app.get(ME).bearer(&person.token).send()
}

/// The account in the response to a login, without the token.
fn login_without_token(app: &App, person: &Person) -> Value {
    let mut data = log_in(app, &person.email, PASSWORD).data(200);
    for field in ["token", "expiresAt"] {
        assert!(data.as_object_mut().unwrap().remove(field).is_some(), "{field}");
    }
    data
}

#[test]
fn the_account_is_the_login_response_without_the_token() {
    let app = App::start();
    for (role, person) in app.one_of_each_role() {
        let reply = own_account(&app, &person);
        let whole =
            json!({"success": true, "message": reply.body()["message"], "data": login_without_token(&app, &person)});
        assert_eq!((role, reply.status.as_u16(), reply.body()), (role, 200, whole));
        assert_eq!(reply.header("Cache-Control"), Some("no-store"));
    }
}

#[test]
fn the_account_has_the_parts_of_its_role() {
    let app = App::start();
    for (role, person) in app.one_of_each_role() {
        let data = own_account(&app, &person).data(200);
        let parts = ["profile", "company", "membership"].map(|part| data[part].is_object());
        let expected = match role {
            "TECHNICIAN" => [true, false, false],
            "SUPER_ADMIN" => [false; 3],
            _ => [false, true, true],
        };
        assert_eq!(parts, expected, "{role}");
        assert_eq!(data["user"]["id"], json!(person.user_id));
        assert!(data["membership"].get("role").is_none_or(|shown| shown == role), "{role}");
    }
}

#[test]
fn the_account_shows_changes_made_after_the_token_was_issued() {
    let app = App::start();
    let technician = app.technician("tanja");
    let edit = json!({"bio": "Ropes.", "mobility": "GLOBAL"});
    let profile = app.patch("/api/technicians/me").bearer(&technician.token).json(&edit).send().data(200);
    assert_eq!(own_account(&app, &technician).data(200)["profile"], profile);
    let company = app.company("vestas");
    let member = app.member(&company, CompanyRole::Viewer);
    let role = json!({"role": "MANAGER"});
    app.patch(&app.membership(&member)).bearer(&company.token).json(&role).send().data(200);
    let data = own_account(&app, &member).data(200);
    assert_eq!((&data["user"]["role"], &data["membership"]["role"]), (&json!("COMPANY_MANAGER"), &json!("MANAGER")));
}

#[test]
fn a_parameter_is_rejected() {
    let app = App::start();
    let technician = app.technician("tanja");
    let reply = app.get(&format!("{ME}?id={}", technician.user_id)).bearer(&technician.token).send();
    assert_eq!(reply.fields(), ["id: unknown_field"]);
}
