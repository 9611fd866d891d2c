//! `PATCH /api/admin/companies/{id}`: the verification of companies.

use serde_json::{Value, json};

use super::{get, log};
use crate::support::{App, Person, Reply, a_moment};

fn set_verified(app: &App, root: &Person, company: &str, verified: bool) -> Reply {
    let path = format!("/api/admin/companies/{company}");
    app.patch(&path).bearer(&root.token).json(&json!({ "verified": verified })).send()
}

fn own_view(app: &App, company: &Person) -> Value {
    app.get("/api/companies/me").bearer(&company.token).send().data(200)
}

#[test]
fn a_verified_company_shows_since_when_until_that_is_withdrawn() {
    let app = App::start();
    let (company, another, root) = (app.company("vestas"), app.company("siemens"), app.super_admin());
    assert_eq!(own_view(&app, &company)["verifiedAt"], Value::Null);
    let verified = set_verified(&app, &root, &company.id, true).data(200);
    a_moment(&verified["verifiedAt"]);
    assert_eq!(own_view(&app, &company), verified);
    let credentials = json!({"email": company.email, "password": "correct horse"});
    assert_eq!(app.post("/api/auth/login").json(&credentials).send().data(200)["company"], verified);
    let listed = get(&app, &root, "/api/admin/companies").data(200);
    assert_eq!(listed, json!([own_view(&app, &another), verified]));
    let withdrawn = set_verified(&app, &root, &company.id, false).data(200);
    assert_eq!((&withdrawn["verifiedAt"], &own_view(&app, &company)), (&Value::Null, &withdrawn));
}

#[test]
fn each_change_is_recorded_and_the_same_state_again_changes_nothing() {
    let app = App::start();
    let (company, root) = (app.company("vestas"), app.super_admin());
    for verified in [false, true, true, false, false] {
        set_verified(&app, &root, &company.id, verified).data(200);
    }
    let log = log(&app, &root);
    assert_eq!(log.as_array().unwrap().len(), 2);
    for (entry, action, after) in [(&log[0], "COMPANY_UNVERIFIED", false), (&log[1], "COMPANY_VERIFIED", true)] {
        let shown = [&entry["action"], &entry["subjectType"], &entry["subjectId"], &entry["before"], &entry["after"]];
        let states = [json!({ "verified": !after }), json!({ "verified": after })];
        let expected = [&json!(action), &json!("COMPANY"), &json!(company.id), &states[0], &states[1]];
        assert_eq!(shown, expected);
    }
}

#[test]
fn a_new_name_or_country_ends_the_verification_and_other_edits_do_not() {
    let app = App::start();
    let (company, root) = (app.company("vestas"), app.super_admin());
    for (edit, stays) in [
        (json!({"website": "https://vestas.example", "description": "Turbines"}), true),
        (json!({"name": "Vestas Wind Systems"}), false),
        (json!({"country": "ES"}), false),
    ] {
        set_verified(&app, &root, &company.id, true).data(200);
        let edited = app.patch("/api/companies/me").bearer(&company.token).json(&edit).send().data(200);
        assert_eq!((edited["verifiedAt"] != Value::Null, &edited), (stays, &own_view(&app, &company)), "{edit}");
    }
}

#[test]
fn the_body_must_say_whether() {
    let app = App::start();
    let (company, root) = (app.company("vestas"), app.super_admin());
    let path = format!("/api/admin/companies/{}", company.id);
    for (body, expected) in [(json!({}), "verified: required"), (json!({"verified": "x"}), "verified: wrong_type")] {
        assert_eq!(app.patch(&path).bearer(&root.token).json(&body).send().fields(), [expected]);
    }
    assert_eq!(app.database.rows("audit_events"), 0);
}
