use serde_json::{Value, json};

use super::{INVITATIONS, ME, MEMBERS};
use crate::support::{App, PASSWORD, Person, Reply, a_moment, an_id, claims_of, each, field_errors, text};

const EMAIL: &str = "rita@vestas.example";

fn post(app: &App, body: &Value) -> Reply {
    app.post("/api/auth/accept-invitation").json(body).send()
}

fn log_in(app: &App, email: &str, password: &str) -> Reply {
    app.post("/api/auth/login").json(&json!({"email": email, "password": password})).send()
}

fn a_technician(email: &str) -> Value {
    json!({"email": email, "password": PASSWORD, "role": "TECHNICIAN", "fullName": "Rita", "country": "DK"})
}

fn invited(app: &App, admin: &Person) -> Vec<String> {
    each(&app.get(INVITATIONS).bearer(&admin.token).send().data(200), "email")
}

#[test]
fn accepting_creates_a_member_and_returns_a_login() {
    let app = App::start();
    let company = app.company("vestas");
    for role in ["ADMIN", "MANAGER", "RECRUITER", "VIEWER"] {
        let email = format!("{role}@members.example").to_lowercase();
        let reply = app.join(&app.invitation(&company, &email, role));
        let data = reply.data(201);
        let (user, membership) = (&data["user"], &data["membership"]);
        let created_at = a_moment(&user["createdAt"]);
        let whole = json!({
            "token": text(&data["token"]), "expiresAt": a_moment(&data["expiresAt"]),
            "user": {
                "id": an_id(&user["id"]), "email": email, "role": format!("COMPANY_{role}"),
                "createdAt": created_at, "updatedAt": created_at,
            },
            "profile": null,
            "company": app.get(ME).bearer(&company.token).send().data(200),
            "membership": {
                "id": an_id(&membership["id"]), "userId": user["id"], "email": email,
                "fullName": role.to_lowercase(), "role": role, "createdAt": created_at,
            },
        });
        assert_eq!(reply.body(), json!({"success": true, "message": reply.body()["message"], "data": whole}));
        let members = app.get(MEMBERS).bearer(&text(&data["token"])).send().data(200);
        assert!(members.as_array().unwrap().contains(membership));
    }
    assert!(invited(&app, &company).is_empty());
}

#[test]
fn the_token_names_the_company_and_the_password_is_valid_for_login() {
    let app = App::start();
    let company = app.company("vestas");
    let joined = app.join(&app.invitation(&company, EMAIL, "RECRUITER")).data(201);
    let claims = claims_of(&text(&joined["token"]));
    let issued_at = claims["iat"].as_i64().unwrap();
    let whole = json!({
        "sub": joined["user"]["id"], "role": "COMPANY_RECRUITER", "companyId": company.id, "iat": issued_at,
        "exp": issued_at + 7 * 24 * 60 * 60, "sid": claims["sid"],
    });
    assert_eq!(claims, whole);
    let logged_in = log_in(&app, "Rita@Vestas.example", PASSWORD).data(200);
    for part in ["user", "company", "membership"] {
        assert_eq!(logged_in[part], joined[part], "{part}");
    }
    assert_eq!(log_in(&app, EMAIL, "wrong horse").code(401), "invalid_credentials");
}

#[test]
fn an_invitation_can_be_accepted_once() {
    let app = App::start();
    let company = app.company("vestas");
    let invitation = app.invitation(&company, EMAIL, "RECRUITER");
    app.join(&invitation).data(201);
    let before = app.database.contents();
    for password in [PASSWORD, "battery staple"] {
        assert_eq!(post(&app, &json!({"token": invitation, "password": password})).code(404), "not_found");
    }
    assert_eq!(app.database.contents(), before);
    assert_eq!(log_in(&app, EMAIL, "battery staple").code(401), "invalid_credentials");
}

#[test]
fn every_unusable_invitation_returns_the_same_error() {
    let app = App::start();
    let company = app.company("vestas");
    let used = app.invitation(&company, "used@vestas.example", "VIEWER");
    app.join(&used).data(201);
    let revoked = app.invite(&company, "revoked@vestas.example", "VIEWER").data(201);
    app.delete(&format!("{INVITATIONS}/{}", text(&revoked["id"]))).bearer(&company.token).send().data(200);
    let replaced = app.invitation(&company, "replaced@vestas.example", "VIEWER");
    app.invitation(&company, "replaced@vestas.example", "VIEWER");
    let expired = app.invitation(&company, "expired@vestas.example", "VIEWER");
    let expire = "UPDATE invitations SET created_at = now() - interval '7 days', expires_at = now()";
    app.database.run(&format!("{expire} WHERE email = 'expired@vestas.example'"));
    let valid = app.invitation(&company, EMAIL, "VIEWER");
    let before = app.database.contents();
    let unknown = app.join("unknown");
    assert_eq!(unknown.code(404), "not_found");
    let revoked = text(&revoked["token"]);
    let similar =
        [format!(" {valid}"), format!("{valid} "), valid.to_uppercase(), format!("{valid}="), "x".repeat(10_000)];
    for wrong in [&used, &revoked, &replaced, &expired].into_iter().chain(&similar) {
        let reply = app.join(wrong);
        assert_eq!((reply.status, reply.text), (unknown.status, unknown.text.clone()), "{wrong}");
    }
    assert_eq!(app.database.contents(), before);
    app.join(&valid).data(201);
}

#[test]
fn an_email_registered_meanwhile_is_rejected_and_the_invitation_stays_pending() {
    let app = App::start();
    let company = app.company("vestas");
    let invitation = app.invitation(&company, EMAIL, "RECRUITER");
    app.post("/api/auth/register").json(&a_technician("RITA@vestas.example")).send().data(201);
    let before = app.database.contents();
    for _ in 0..2 {
        assert_eq!(app.join(&invitation).code(409), "email_taken");
    }
    assert_eq!(app.database.contents(), before);
    assert_eq!(invited(&app, &company), [EMAIL]);
}

#[test]
fn only_the_first_accepted_invitation_of_two_companies_succeeds() {
    let app = App::start();
    let (vestas, siemens) = (app.company("vestas"), app.company("siemens"));
    let [one, other] = [&vestas, &siemens].map(|company| app.invitation(company, EMAIL, "RECRUITER"));
    assert_eq!(app.join(&other).data(201)["company"]["id"], json!(siemens.id));
    assert_eq!(app.join(&one).code(409), "email_taken");
    assert_eq!(invited(&app, &vestas), [EMAIL]);
}

#[test]
fn an_invalid_body_is_reported_and_the_invitation_stays_pending() {
    let app = App::start();
    let company = app.company("vestas");
    let invitation = app.invitation(&company, EMAIL, "RECRUITER");
    let before = app.database.contents();
    assert_eq!(post(&app, &json!({})).fields(), ["token: required", "password: required"]);
    assert_eq!(post(&app, &json!({"token": "", "password": ""})).fields(), ["token: required", "password: required"]);
    assert_eq!(
        post(&app, &json!({"token": 1, "password": null})).fields(),
        ["token: wrong_type", "password: wrong_type"]
    );
    for (password, code) in [
        ("1234567".to_owned(), "too_short"),
        ("x".repeat(73), "too_long"),
        ("with\u{0}nul-byte".to_owned(), "invalid_format"),
    ] {
        for token in [invitation.as_str(), "unknown"] {
            let reply = post(&app, &json!({"token": token, "password": password}));
            assert_eq!(reply.fields(), field_errors(&["password"], code), "{password}");
        }
    }
    let body = json!({"token": invitation, "password": PASSWORD, "fullName": "x".repeat(121)});
    assert_eq!(post(&app, &body).fields(), ["fullName: too_long"]);
    for field in ["email", "role", "companyId"] {
        let body = json!({"token": invitation, "password": PASSWORD, field: "x"});
        assert_eq!(post(&app, &body).fields(), field_errors(&[field], "unknown_field"));
    }
    assert_eq!(app.database.contents(), before);
    app.join(&invitation).data(201);
}

#[test]
fn an_invited_person_may_give_a_name() {
    let app = App::start();
    let company = app.company("vestas");
    for (email, given, name) in [(EMAIL, json!("Rita Lund"), "Rita Lund"), ("bo@vestas.example", json!(" "), "bo")] {
        let invitation = app.invitation(&company, email, "VIEWER");
        let joined = post(&app, &json!({"token": invitation, "password": PASSWORD, "fullName": given})).data(201);
        assert_eq!(joined["membership"]["fullName"], name);
    }
    assert_eq!(
        each(&app.get(MEMBERS).bearer(&company.token).send().data(200), "fullName"),
        ["admin", "Rita Lund", "bo"]
    );
}

#[test]
fn the_authorization_header_is_ignored() {
    let app = App::start();
    let company = app.company("vestas");
    let body = json!({"token": app.invitation(&company, EMAIL, "VIEWER"), "password": PASSWORD});
    let reply = app.post("/api/auth/accept-invitation").bearer("no token").json(&body).send();
    assert_eq!(reply.data(201)["user"]["email"], EMAIL);
}
