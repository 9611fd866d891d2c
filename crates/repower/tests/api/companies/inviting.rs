use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};

use super::INVITATIONS;
use crate::support::{App, Person, Reply, a_moment, an_id, each, text};

const EMAIL: &str = "rita@vestas.example";

/// The pending invitations of a company.
fn pending(app: &App, admin: &Person) -> Value {
    app.get(INVITATIONS).bearer(&admin.token).send().data(200)
}

fn post(app: &App, admin: &Person, body: &Value) -> Reply {
    app.post(INVITATIONS).bearer(&admin.token).json(body).send()
}

fn moment(value: &Value) -> DateTime<Utc> {
    text(value).parse().unwrap()
}

#[test]
fn an_invitation_is_valid_for_seven_days_and_shows_its_token_once() {
    let app = App::start();
    let company = app.company("vestas");
    for role in ["ADMIN", "MANAGER", "RECRUITER", "VIEWER"] {
        let email = format!("{role}@members.example").to_lowercase();
        let reply = app.invite(&company, &email, role);
        let data = reply.data(201);
        let token = text(&data["token"]);
        let shown = json!({
            "id": an_id(&data["id"]), "email": email, "role": role, "token": token,
            "expiresAt": a_moment(&data["expiresAt"]),
        });
        assert_eq!(reply.body(), json!({"success": true, "message": reply.body()["message"], "data": shown}));
        let list = pending(&app, &company);
        let listed = list.as_array().unwrap().last().unwrap();
        let whole = json!({
            "id": data["id"], "email": email, "role": role, "expiresAt": data["expiresAt"],
            "createdAt": a_moment(&listed["createdAt"]),
        });
        assert_eq!(*listed, whole);
        assert_eq!(moment(&data["expiresAt"]) - moment(&listed["createdAt"]), TimeDelta::days(7));
    }
}

#[test]
fn only_the_digest_of_the_token_is_stored() {
    let app = App::start();
    let company = app.company("vestas");
    let token = app.invitation(&company, EMAIL, "RECRUITER");
    assert_eq!(app.database.rows(&format!("invitations WHERE secret_digest = sha256('{token}')")), 1);
    assert!(!app.database.holds(&token));
    let another = app.invitation(&company, "rolf@vestas.example", "RECRUITER");
    assert!(token != another && token.len() >= 22, "{token} {another}");
}

#[test]
fn an_email_is_trimmed_and_stored_in_lower_case() {
    let app = App::start();
    let company = app.company("vestas");
    assert_eq!(app.invite(&company, " Rita@Vestas.EXAMPLE\n", "VIEWER").data(201)["email"], EMAIL);
}

#[test]
fn a_second_invitation_replaces_the_first() {
    let app = App::start();
    let company = app.company("vestas");
    let first = app.invitation(&company, EMAIL, "VIEWER");
    app.invitation(&company, "rolf@vestas.example", "VIEWER");
    let second = app.invite(&company, "RITA@vestas.example", "MANAGER").data(201);
    let list = pending(&app, &company);
    assert_eq!(each(&list, "email"), ["rolf@vestas.example", EMAIL]);
    assert_eq!((&list[1]["id"], &list[1]["role"]), (&second["id"], &json!("MANAGER")));
    assert_eq!(app.join(&first).code(404), "not_found");
    assert_eq!(app.join(&text(&second["token"])).data(201)["membership"]["role"], "MANAGER");
}

#[test]
fn an_expired_invitation_is_replaced() {
    let app = App::start();
    let company = app.company("vestas");
    let first = app.invitation(&company, EMAIL, "VIEWER");
    app.database.run("UPDATE invitations SET created_at = now() - interval '8 days', expires_at = now()");
    let second = app.invitation(&company, EMAIL, "VIEWER");
    assert_eq!(pending(&app, &company).as_array().unwrap().len(), 1);
    assert_eq!(app.join(&first).code(404), "not_found");
    app.join(&second).data(201);
}

#[test]
fn invitations_of_other_companies_are_not_replaced() {
    let app = App::start();
    let (vestas, siemens) = (app.company("vestas"), app.company("siemens"));
    let theirs = app.invitation(&siemens, EMAIL, "VIEWER");
    let before = pending(&app, &siemens);
    for role in ["VIEWER", "MANAGER"] {
        app.invitation(&vestas, EMAIL, role);
    }
    assert_eq!(pending(&app, &siemens), before);
    assert_eq!(app.join(&theirs).data(201)["company"]["id"], json!(siemens.id));
}

#[test]
fn an_email_with_an_account_of_any_kind_cannot_be_invited() {
    let app = App::start();
    let (vestas, siemens) = (app.company("vestas"), app.company("siemens"));
    let (technician, deactivated, removed) =
        (app.technician("tanja"), app.technician("anders"), app.company("removed"));
    app.database.run(&format!("UPDATE users SET active = false WHERE id = '{}'", deactivated.user_id));
    app.database.run(&format!("DELETE FROM company_members WHERE user_id = '{}'", removed.user_id));
    let root = app.super_admin();
    let before = app.database.contents();
    for person in [&vestas, &siemens, &technician, &deactivated, &removed, &root] {
        for email in [person.email.clone(), person.email.to_uppercase()] {
            assert_eq!(app.invite(&vestas, &email, "VIEWER").code(409), "already_member", "{email}");
        }
    }
    assert_eq!(app.database.contents(), before);
}

#[test]
fn invalid_fields_are_reported_and_nothing_is_stored() {
    let app = App::start();
    let company = app.company("vestas");
    let before = app.database.contents();
    for (body, fields) in [
        (json!({}), vec!["email: required", "role: required"]),
        (json!({"email": " ", "role": ""}), vec!["email: required", "role: required"]),
        (json!({"email": null, "role": null}), vec!["email: wrong_type", "role: wrong_type"]),
        (json!({"email": "rita", "role": "VIEWER"}), vec!["email: invalid_format"]),
        (json!({"email": format!("{}@vestas.example", "r".repeat(250)), "role": "VIEWER"}), vec!["email: too_long"]),
        (json!({"email": EMAIL, "role": "viewer"}), vec!["role: not_allowed"]),
        (json!({"email": EMAIL, "role": "COMPANY_VIEWER"}), vec!["role: not_allowed"]),
        (json!({"email": EMAIL, "role": "TECHNICIAN"}), vec!["role: not_allowed"]),
        (json!({"email": EMAIL, "role": "SUPER_ADMIN"}), vec!["role: not_allowed"]),
        (json!({"email": EMAIL, "role": "VIEWER", "companyId": company.id}), vec!["companyId: unknown_field"]),
        (json!([]), vec![": wrong_type"]),
    ] {
        assert_eq!(post(&app, &company, &body).fields(), fields, "{body}");
    }
    assert_eq!(app.database.contents(), before);
}
