use repower_domain::accounts::CompanyRole;
use serde_json::{Value, json};

use super::log_in;
use crate::support::{App, PASSWORD, Person, Reply};

const ME: &str = "/api/users/me";

fn own_account(app: &App, person: &Person) -> Reply {
    app.get(ME).bearer(&person.token).send()
}

/// What signing in answers, without what lets one in.
fn signed_in(app: &App, person: &Person) -> Value {
    let mut data = log_in(app, &person.email, PASSWORD).data(200);
    for field in ["token", "expiresAt"] {
        assert!(data.as_object_mut().unwrap().remove(field).is_some(), "{field}");
    }
    data
}

#[test]
fn everybody_sees_what_signing_in_answers_without_a_token() {
    let app = App::start();
    for (role, person) in app.one_of_each_role() {
        let reply = own_account(&app, &person);
        let whole = json!({"success": true, "message": reply.body()["message"], "data": signed_in(&app, &person)});
        assert_eq!((role, reply.status.as_u16(), reply.body()), (role, 200, whole));
        assert_eq!(reply.header("Cache-Control"), Some("no-store"));
    }
}

#[test]
fn each_role_has_its_own_parts() {
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
fn what_has_changed_since_the_token_was_issued_is_seen() {
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
fn who_is_not_or_no_longer_let_in_sees_nothing() {
    let app = App::start();
    let (deactivated, removed) = (app.technician("tanja"), app.company("vestas"));
    app.database.run(&format!("UPDATE users SET active = false WHERE id = '{}'", deactivated.user_id));
    app.database.run(&format!("DELETE FROM company_members WHERE user_id = '{}'", removed.user_id));
    let requests = [app.get(ME), app.get(ME).bearer(&deactivated.token), app.get(ME).bearer(&removed.token)];
    for request in requests {
        let refused = request.send();
        assert_eq!(refused.code(401), "unauthenticated");
        assert_eq!(refused.header("WWW-Authenticate"), Some("Bearer"));
    }
}

#[test]
fn it_takes_no_parameters() {
    let app = App::start();
    let technician = app.technician("tanja");
    let reply = app.get(&format!("{ME}?id={}", technician.user_id)).bearer(&technician.token).send();
    assert_eq!(reply.fields(), ["id: unknown_field"]);
}
