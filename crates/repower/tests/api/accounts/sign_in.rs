use repower_domain::accounts::CompanyRole;
use serde_json::{Value, json};

use super::{EMAIL, a_company, a_technician, log_in, register};
use crate::support::{App, PASSWORD, claims_of};

/// The answer with what is another at each time made equal.
fn lasting(mut data: Value) -> Value {
    for field in ["token", "expiresAt"] {
        assert!(data[field].is_string(), "{data:#}");
        data[field] = Value::Null;
    }
    data
}

#[test]
fn signing_in_answers_what_registering_did() {
    let app = App::start();
    for body in [a_technician(), a_company()] {
        let registered = register(&app, &body).data(201);
        let reply = log_in(&app, body["email"].as_str().unwrap(), PASSWORD);
        let (former, latter) = (claims_of(text(&registered["token"])), claims_of(text(&reply.data(200)["token"])));
        assert_eq!(lasting(reply.data(200)), lasting(registered));
        for claim in ["sub", "role", "technicianId", "companyId"] {
            assert_eq!(latter.get(claim), former.get(claim), "{claim}");
        }
    }
}

#[test]
fn a_member_signs_in_with_their_company_and_their_role() {
    let app = App::start();
    let company = app.company("vestas");
    for (role, name) in
        [(CompanyRole::Manager, "MANAGER"), (CompanyRole::Recruiter, "RECRUITER"), (CompanyRole::Viewer, "VIEWER")]
    {
        let member = app.member(&company, role);
        let data = log_in(&app, &member.email, PASSWORD).data(200);
        assert_eq!(data["user"]["role"], format!("COMPANY_{name}"));
        assert_eq!((&data["membership"]["role"], &data["company"]["id"]), (&json!(name), &json!(company.id)));
        assert_eq!(data["profile"], Value::Null);
        let claims = claims_of(text(&data["token"]));
        assert_eq!((&claims["role"], &claims["companyId"]), (&data["user"]["role"], &json!(company.id)));
    }
}

#[test]
fn who_runs_the_marketplace_has_neither_profile_nor_company() {
    let app = App::start();
    let root = app.super_admin();
    let data = log_in(&app, &root.email, PASSWORD).data(200);
    assert_eq!((&data["user"]["role"], &data["user"]["id"]), (&json!("SUPER_ADMIN"), &json!(root.user_id)));
    for nothing in ["profile", "company", "membership"] {
        assert_eq!(data.get(nothing), Some(&Value::Null), "{nothing}");
    }
    let claims = claims_of(text(&data["token"]));
    assert_eq!((claims.get("technicianId"), claims.get("companyId")), (None, None));
}

#[test]
fn the_address_may_be_given_in_any_case() {
    let app = App::start();
    let registered = register(&app, &a_technician()).data(201);
    for email in ["TANJA@TECHNICIANS.EXAMPLE", "  Tanja@technicians.example "] {
        assert_eq!(log_in(&app, email, PASSWORD).data(200)["user"], registered["user"]);
    }
}

#[test]
fn whatever_is_wrong_the_refusal_is_the_same() {
    let app = App::start();
    let [deactivated, removed] = [app.technician("deactivated"), app.company("removed")];
    register(&app, &a_technician()).data(201);
    app.database.run(&format!("UPDATE users SET active = false WHERE id = '{}'", deactivated.user_id));
    app.database.run(&format!("DELETE FROM company_members WHERE user_id = '{}'", removed.user_id));
    let before = app.database.contents();
    let refused = log_in(&app, EMAIL, "wrong horse");
    assert_eq!(refused.code(401), "invalid_credentials");
    assert_eq!((&refused.body()["details"], refused.header("WWW-Authenticate")), (&Value::Null, None));
    let over_long = format!("{}@technicians.example", "a".repeat(300));
    for (email, password) in [
        (EMAIL, ""),
        (EMAIL, " "),
        (EMAIL, "short"),
        (EMAIL, &PASSWORD.to_uppercase()),
        (EMAIL, &"x".repeat(73)),
        (EMAIL, &"x".repeat(100_000)),
        ("nobody@technicians.example", PASSWORD),
        (&over_long, PASSWORD),
        ("no address", PASSWORD),
        ("tanja", PASSWORD),
        (&deactivated.email, PASSWORD),
        (&deactivated.email, "wrong horse"),
        (&removed.email, PASSWORD),
    ] {
        let reply = log_in(&app, email, password);
        assert_eq!((reply.status, reply.text), (refused.status, refused.text.clone()), "{email} {password}");
    }
    assert_eq!(app.database.contents(), before);
}

#[test]
fn what_is_missing_or_no_text_is_told() {
    let app = App::start();
    let told = |body: &Value| app.post("/api/auth/login").json(body).send().fields();
    assert_eq!(told(&json!({})), ["email: required", "password: required"]);
    assert_eq!(told(&json!({"email": " ", "password": null})), ["email: required", "password: wrong_type"]);
    assert_eq!(told(&json!({"email": 5, "password": ["x"]})), ["email: wrong_type", "password: wrong_type"]);
    let nul = json!({"email": "a\u{0}b", "password": "c\u{0}d", "remember": true});
    assert_eq!(told(&nul), ["email: invalid_format", "password: invalid_format", "remember: unknown_field"]);
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap()
}
