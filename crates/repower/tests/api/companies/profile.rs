use serde_json::{Value, json};

use super::ME;
use crate::support::{App, Person, Reply, assert_id, assert_timestamp, field_errors, with};

fn patch(app: &App, person: &Person, body: &Value) -> Reply {
    app.patch(ME).bearer(&person.token).json(body).send()
}

#[test]
fn a_member_sees_the_whole_company() {
    let app = App::start();
    let company = app.company("vestas");
    let reply = app.get(ME).bearer(&company.token).send();
    let data = reply.data(200);
    assert_id(&data["id"]);
    assert_timestamp(&data["createdAt"]);
    let whole = json!({
        "success": true,
        "message": reply.body()["message"],
        "data": {
            "id": company.id, "name": "vestas", "country": "DK", "website": null, "description": null, "verifiedAt": null,
            "createdAt": data["createdAt"], "updatedAt": data["createdAt"],
        },
    });
    assert_eq!(reply.body(), whole);
}

#[test]
fn every_field_of_the_company_can_be_changed_and_two_can_be_cleared() {
    let app = App::start();
    let company = app.company("vestas");
    let before = app.get(ME).bearer(&company.token).send().data(200);
    let changes = json!({
        "name": "Vestas Service", "country": "DEU", "website": "https://vestas.example/service",
        "description": "Blades.\nAnd towers.",
    });
    let edited = patch(&app, &company, &changes).data(200);
    assert_timestamp(&edited["updatedAt"]);
    assert!(edited["updatedAt"].as_str() >= before["updatedAt"].as_str());
    let normal = json!({"country": "DE", "updatedAt": edited["updatedAt"]});
    assert_eq!(edited, with(&with(&before, &changes), &normal));
    assert_eq!(app.get(ME).bearer(&company.token).send().data(200), edited);
    let cleared = patch(&app, &company, &json!({"website": null, "description": " "})).data(200);
    let nothing = json!({"website": null, "description": null, "verifiedAt": null, "updatedAt": cleared["updatedAt"]});
    assert_eq!(cleared, with(&edited, &nothing));
}

#[test]
fn an_empty_object_changes_nothing() {
    let app = App::start();
    let company = app.company("vestas");
    let before = app.get(ME).bearer(&company.token).send().data(200);
    let contents = app.database.contents();
    assert_eq!(patch(&app, &company, &json!({})).data(200), before);
    assert_eq!(app.database.contents(), contents);
}

#[test]
fn each_field_has_its_bounds_and_no_invalid_value_is_stored() {
    let app = App::start();
    let company = app.company("vestas");
    let before = app.database.contents();
    for (field, value, code) in [
        ("name", json!("x".repeat(121)), "too_long"),
        ("name", json!("\t"), "required"),
        ("name", json!(null), "wrong_type"),
        ("name", json!("a\u{0}b"), "invalid_format"),
        ("country", json!("XX"), "not_allowed"),
        ("country", json!(null), "wrong_type"),
        ("website", json!("vestas.example"), "invalid_format"),
        ("website", json!("mailto:a@vestas.example"), "invalid_format"),
        ("website", json!(format!("{:x<2049}", "https://vestas.example/")), "too_long"),
        ("website", json!(true), "wrong_type"),
        ("description", json!("x".repeat(10_001)), "too_long"),
        ("description", json!({}), "wrong_type"),
        ("id", json!(company.id), "unknown_field"),
        ("createdAt", json!("2026-01-01T00:00:00Z"), "unknown_field"),
    ] {
        assert_eq!(patch(&app, &company, &json!({field: value})).fields(), field_errors(&[field], code), "{value}");
    }
    let all = json!({"description": 5, "website": "x", "country": "", "name": null, "zap": 1});
    let expected = [
        "name: wrong_type",
        "country: required",
        "website: invalid_format",
        "description: wrong_type",
        "zap: unknown_field",
    ];
    assert_eq!(patch(&app, &company, &all).fields(), expected);
    assert_eq!(app.database.contents(), before);
    for (field, value) in [("name", json!("ø".repeat(120))), ("description", json!("ø".repeat(10_000)))] {
        assert_eq!(patch(&app, &company, &json!({field: value})).data(200)[field], value);
    }
}

#[test]
fn a_new_name_is_shown_on_the_jobs_of_the_company() {
    let app = App::start();
    let company = app.company("vestas");
    let job = app.open_job(&company);
    patch(&app, &company, &json!({"name": "Vestas Service", "country": "DE"})).data(200);
    let shown = app.get(&format!("/api/jobs/{job}")).send().data(200);
    assert_eq!(shown["company"], json!({"id": company.id, "name": "Vestas Service", "country": "DE"}));
    assert_eq!(shown["country"], "DK");
}

#[test]
fn a_company_sees_and_edits_only_itself() {
    let app = App::start();
    let (vestas, siemens) = (app.company("vestas"), app.company("siemens"));
    let before = app.get(ME).bearer(&siemens.token).send().data(200);
    patch(&app, &vestas, &json!({"description": "Blades."})).data(200);
    assert_eq!(app.get(ME).bearer(&siemens.token).send().data(200), before);
}
