use repower_domain::accounts::CompanyRole;
use serde_json::{Value, json};

use super::{EMAIL, a_company, a_technician, log_in, register};
use crate::support::{App, PASSWORD, claims_of, with};

/// The response without the fields that differ between logins.
fn without_token(mut data: Value) -> Value {
    for field in ["token", "expiresAt"] {
        assert!(data[field].is_string(), "{data:#}");
        data[field] = Value::Null;
    }
    data
}

#[test]
fn a_login_returns_the_registered_account() {
    let app = App::start();
    for body in [a_technician(), a_company()] {
        let registered = register(&app, &body).data(201);
        let reply = log_in(&app, body["email"].as_str().unwrap(), PASSWORD);
        let (registered_claims, login_claims) =
            (claims_of(text(&registered["token"])), claims_of(text(&reply.data(200)["token"])));
        assert_eq!(without_token(reply.data(200)), without_token(registered));
        for claim in ["sub", "role", "technicianId", "companyId"] {
            assert_eq!(login_claims.get(claim), registered_claims.get(claim), "{claim}");
        }
    }
}

#[test]
fn the_login_of_a_member_returns_their_company_and_role() {
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
fn a_super_admin_has_neither_profile_nor_company() {
    let app = App::start();
    let root = app.super_admin();
    let data = log_in(&app, &root.email, PASSWORD).data(200);
    assert_eq!((&data["user"]["role"], &data["user"]["id"]), (&json!("SUPER_ADMIN"), &json!(root.user_id)));
    for absent in ["profile", "company", "membership"] {
        assert_eq!(data.get(absent), Some(&Value::Null), "{absent}");
    }
    let claims = claims_of(text(&data["token"]));
    assert_eq!((claims.get("technicianId"), claims.get("companyId")), (None, None));
}

#[test]
fn the_email_is_accepted_in_any_case() {
    let app = App::start();
    let registered = register(&app, &a_technician()).data(201);
    for email in ["TANJA@TECHNICIANS.EXAMPLE", "  Tanja@technicians.example "] {
        assert_eq!(log_in(&app, email, PASSWORD).data(200)["user"], registered["user"]);
    }
}

#[test]
fn every_failed_login_returns_the_same_error() {
    let app = App::start();
    let [deactivated, removed] = [app.technician("deactivated"), app.company("removed")];
    register(&app, &a_technician()).data(201);
    app.database.run(&format!("UPDATE users SET active = false WHERE id = '{}'", deactivated.user_id));
    app.database.run(&format!("DELETE FROM company_members WHERE user_id = '{}'", removed.user_id));
    let before = app.database.contents();
    let rejected = log_in(&app, EMAIL, "wrong horse");
    assert_eq!(rejected.code(401), "invalid_credentials");
    assert_eq!((&rejected.body()["details"], rejected.header("WWW-Authenticate")), (&Value::Null, None));
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
        ("no email", PASSWORD),
        ("tanja", PASSWORD),
        (&deactivated.email, PASSWORD),
        (&deactivated.email, "wrong horse"),
        (&removed.email, PASSWORD),
    ] {
        let reply = log_in(&app, email, password);
        assert_eq!((reply.status, reply.text), (rejected.status, rejected.text.clone()), "{email} {password}");
    }
    assert_eq!(app.database.contents(), before);
}

#[test]
fn an_email_and_a_password_are_one_in_each_spelling() {
    let app = App::start();
    let (kept, ascii) = ("संपर्क@डाटामेल.भारत", "संपर्क@xn--c2bd4bq1db8d.xn--h2brj9c");
    let body = with(&a_technician(), &json!({"email": ascii, "password": "gru\u{308}n gru\u{308}n"}));
    assert_eq!(register(&app, &body).data(201)["user"]["email"], kept);
    for email in [kept, ascii, "\u{200b}संपर्क@डाटामेल。भारत\u{feff}"] {
        assert_eq!(log_in(&app, email, "grün grün").data(200)["user"]["email"], kept, "{email}");
    }
    assert_eq!(register(&app, &with(&body, &json!({"email": kept}))).code(409), "email_taken");
}

#[test]
fn missing_and_mistyped_fields_are_reported() {
    let app = App::start();
    let errors = |body: &Value| app.post("/api/auth/login").json(body).send().fields();
    assert_eq!(errors(&json!({})), ["email: required", "password: required"]);
    assert_eq!(errors(&json!({"email": " ", "password": null})), ["email: required", "password: wrong_type"]);
    assert_eq!(errors(&json!({"email": 5, "password": ["x"]})), ["email: wrong_type", "password: wrong_type"]);
    let nul = json!({"email": "a\u{0}b", "password": "c\u{0}d", "remember": true});
    assert_eq!(errors(&nul), ["email: invalid_format", "password: invalid_format", "remember: unknown_field"]);
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap()
}
