use repower_domain::accounts::CompanyRole;
use serde_json::json;

use super::log_in;
use crate::support::{App, PASSWORD, Person, claims_of, signed, text};

#[track_caller]
fn assert_unauthenticated(app: &App, person: &Person, path: &str) {
    let reply = app.get(path).bearer(&person.token).send();
    assert_eq!(reply.code(401), "unauthenticated");
    assert_eq!(reply.header("WWW-Authenticate"), Some("Bearer"));
}

#[test]
fn a_deactivation_takes_effect_at_the_next_request_and_an_activation_allows_a_new_login() {
    let app = App::start();
    let (technician, another) = (app.technician("tanja"), app.technician("anders"));
    let path = "/api/technicians/me";
    app.get(path).bearer(&technician.token).send().data(200);
    app.database.run(&format!("UPDATE users SET active = false WHERE id = '{}'", technician.user_id));
    assert_unauthenticated(&app, &technician, path);
    app.get(path).bearer(&another.token).send().data(200);
    app.database.run(&format!("UPDATE users SET active = true WHERE id = '{}'", technician.user_id));
    assert_unauthenticated(&app, &technician, path);
    app.get(path).bearer(&log_in_again(&app, &technician)).send().data(200);
}

/// The token of a new login.
fn log_in_again(app: &App, person: &Person) -> String {
    text(&log_in(app, &person.email, PASSWORD).data(200)["token"])
}

#[test]
fn a_removed_member_is_rejected_from_the_next_request_on() {
    let app = App::start();
    let company = app.company("vestas");
    let member = app.member(&company, CompanyRole::Manager);
    let path = "/api/companies/me";
    app.get(path).bearer(&member.token).send().data(200);
    app.database.run(&format!("DELETE FROM company_members WHERE user_id = '{}'", member.user_id));
    assert_unauthenticated(&app, &member, path);
    app.get(path).bearer(&company.token).send().data(200);
    let register = app.post("/api/auth/register").json(&serde_json::json!({
        "email": member.email, "password": PASSWORD, "role": "TECHNICIAN", "fullName": "M", "country": "DK",
    }));
    assert_eq!(register.send().code(409), "email_taken");
}

#[test]
fn a_change_of_role_takes_effect_at_the_next_request() {
    let app = App::start();
    let company = app.company("vestas");
    let member = app.member(&company, CompanyRole::Viewer);
    let edit = || app.patch("/api/companies/me").bearer(&member.token).json(&serde_json::json!({})).send();
    assert_eq!(edit().code(403), "forbidden");
    app.database.run(&format!("UPDATE users SET role = 'COMPANY_MANAGER' WHERE id = '{}'", member.user_id));
    edit().data(200);
    app.database.run(&format!("UPDATE users SET role = 'COMPANY_VIEWER' WHERE id = '{}'", member.user_id));
    assert_eq!(edit().code(403), "forbidden");
}

/// Tokens of another service with the secret, and of the release before.
#[test]
fn a_token_without_a_session_is_valid_from_a_moment_of_its_user_on() {
    let app = App::start();
    let technician = app.technician("tanja");
    let path = "/api/technicians/me";
    let claims = claims_of(&technician.token);
    let minimal = json!({"sub": claims["sub"], "iat": claims["iat"], "exp": claims["exp"]});
    let sessionless = Person { token: signed(&minimal), ..technician.clone() };
    app.get(path).bearer(&sessionless.token).send().data(200);
    let later = "UPDATE users SET tokens_valid_from = date_trunc('second', now()) + interval '1 minute'";
    app.database.run(&format!("{later} WHERE id = '{}'", technician.user_id));
    assert_unauthenticated(&app, &sessionless, path);
    app.get(path).bearer(&technician.token).send().data(200);
}
