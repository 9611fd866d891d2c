use serde_json::json;

use super::post;
use crate::support::{App, Person, a_job, a_moment, an_id, with};

fn app_and_company() -> (App, Person) {
    let app = App::start();
    let company = app.company("vestas");
    (app, company)
}

#[test]
fn a_job_is_returned_with_every_field_of_the_request() {
    let (app, company) = app_and_company();
    let sent = json!({
        "title": "Blade repair", "description": "Leading edges", "location": "Kiel", "country": "DE",
        "projectName": "Baltic Eagle", "discipline": "ROPE_ACCESS", "contractType": "HOURLY",
        "dayRateFrom": 300, "dayRateTo": 450, "currency": "DKK",
        "startDate": "2027-03-01", "endDate": "2027-04-30", "status": "OPEN",
    });
    let job = post(&app, &company, &sent).data(201);
    let expected = json!({
        "id": an_id(&job["id"]), "companyId": company.id,
        "company": {"id": company.id, "name": "vestas", "country": "DK"},
        "title": "Blade repair", "description": "Leading edges", "location": "Kiel", "country": "DE",
        "projectName": "Baltic Eagle", "discipline": "ROPE_ACCESS", "contractType": "HOURLY",
        "dayRateFrom": 300, "dayRateTo": 450, "currency": "DKK",
        "startDate": "2027-03-01", "endDate": "2027-04-30", "requirements": [], "status": "OPEN",
        "publishedAt": a_moment(&job["publishedAt"]), "createdAt": a_moment(&job["createdAt"]),
        "updatedAt": a_moment(&job["updatedAt"]),
    });
    assert_eq!(job, expected);
    assert_eq!([&job["publishedAt"], &job["updatedAt"]], [&job["createdAt"]; 2]);
}

#[test]
fn an_absent_field_has_its_default() {
    let (app, company) = app_and_company();
    let job = post(&app, &company, &a_job()).data(201);
    let expected = json!({
        "id": an_id(&job["id"]), "companyId": company.id,
        "company": {"id": company.id, "name": "vestas", "country": "DK"},
        "title": "Blade repair", "description": "Leading edges of 20 turbines", "location": "Esbjerg",
        "country": "DK", "projectName": null, "discipline": "BLADE_REPAIR", "contractType": "DAY_RATE",
        "dayRateFrom": null, "dayRateTo": null, "currency": "EUR",
        "startDate": "2027-03-01", "endDate": null, "requirements": [], "status": "DRAFT",
        "publishedAt": null, "createdAt": a_moment(&job["createdAt"]), "updatedAt": a_moment(&job["updatedAt"]),
    });
    assert_eq!(job, expected);
}

#[test]
fn the_country_defaults_to_the_current_country_of_the_company() {
    let (app, company) = app_and_company();
    app.patch("/api/companies/me").bearer(&company.token).json(&json!({"country": "Norway"})).send().data(200);
    assert_eq!(post(&app, &company, &a_job()).data(201)["country"], "NO");
}

#[test]
fn values_are_accepted_in_every_form_and_returned_in_one() {
    let (app, company) = app_and_company();
    for (field, sent, expected) in [
        ("title", json!("  Blade repair \n"), json!("Blade repair")),
        ("title", json!("💥".repeat(120)), json!("💥".repeat(120))),
        ("description", json!("ø".repeat(10_000)), json!("ø".repeat(10_000))),
        ("location", json!("l".repeat(120)), json!("l".repeat(120))),
        ("projectName", json!("p".repeat(120)), json!("p".repeat(120))),
        ("projectName", json!("  "), json!(null)),
        ("projectName", json!(null), json!(null)),
        ("country", json!("dnk"), json!("DK")),
        ("country", json!("gErMaNy"), json!("DE")),
        ("dayRateFrom", json!(0), json!(0)),
        ("dayRateTo", json!(10_000_000), json!(10_000_000)),
        ("dayRateTo", json!(100.0), json!(100)),
        ("dayRateTo", json!(null), json!(null)),
        ("startDate", json!("2027-03-01T23:30:00-02:00"), json!("2027-03-02")),
        ("endDate", json!("2027-03-01"), json!("2027-03-01")),
        ("endDate", json!(""), json!(null)),
    ] {
        let job = post(&app, &company, &with(&a_job(), &json!({ field: sent }))).data(201);
        assert_eq!(job[field], expected, "{field}: {sent}");
    }
}

#[test]
fn all_missing_fields_are_reported_at_once() {
    let (app, company) = app_and_company();
    let missing = post(&app, &company, &json!({})).fields();
    let required = ["title", "description", "location", "discipline", "contractType", "startDate"];
    assert_eq!(missing, required.map(|field| format!("{field}: required")));
}

#[test]
fn all_invalid_fields_are_reported_at_once() {
    let (app, company) = app_and_company();
    let invalid = json!({
        "title": 5, "description": " ", "location": "l".repeat(121), "country": "Atlantis", "projectName": ["x"],
        "discipline": "climbing", "contractType": null, "dayRateFrom": "300", "dayRateTo": -1,
        "currency": "EURO", "startDate": "2027-02-30", "endDate": true, "status": "CLOSED", "publishedAt": null,
    });
    let expected = [
        "title: wrong_type",
        "description: required",
        "location: too_long",
        "country: not_allowed",
        "projectName: wrong_type",
        "discipline: not_allowed",
        "contractType: wrong_type",
        "dayRateFrom: wrong_type",
        "dayRateTo: out_of_range",
        "currency: not_allowed",
        "startDate: invalid_format",
        "endDate: wrong_type",
        "status: not_allowed",
        "publishedAt: unknown_field",
    ];
    assert_eq!(post(&app, &company, &invalid).fields(), expected);
    assert_eq!(app.database.rows("jobs"), 0);
}

#[test]
fn each_violated_bound_has_its_code() {
    let (app, company) = app_and_company();
    for (field, sent, code) in [
        ("title", json!("t".repeat(121)), "too_long"),
        ("title", json!("a\u{0}b"), "invalid_format"),
        ("title", json!(null), "wrong_type"),
        ("description", json!("d".repeat(10_001)), "too_long"),
        ("projectName", json!("p".repeat(121)), "too_long"),
        ("country", json!(null), "wrong_type"),
        ("currency", json!(null), "wrong_type"),
        ("currency", json!(978), "wrong_type"),
        ("status", json!(null), "wrong_type"),
        ("dayRateFrom", json!(5.5), "wrong_type"),
        ("dayRateFrom", json!(10_000_001), "out_of_range"),
        ("startDate", json!("01.03.2027"), "invalid_format"),
        ("startDate", json!(1_900_000_000), "wrong_type"),
        ("endDate", json!("2027-13-01"), "invalid_format"),
        ("endDate", json!("2027-02-28"), "inconsistent"),
        ("companyId", json!(company.id), "unknown_field"),
        ("day_rate_from", json!(1), "unknown_field"),
    ] {
        assert_eq!(
            post(&app, &company, &with(&a_job(), &json!({ field: sent }))).fields(),
            [format!("{field}: {code}")],
            "{sent}"
        );
    }
    assert_eq!(app.database.rows("jobs"), 0);
}

#[test]
fn inconsistent_fields_are_reported_with_all_other_errors() {
    let (app, company) = app_and_company();
    let changes = json!({"dayRateFrom": 451, "dayRateTo": 450, "endDate": "2027-02-28", "title": ""});
    let job = with(&a_job(), &changes);
    let expected = ["title: required", "dayRateTo: inconsistent", "endDate: inconsistent"];
    assert_eq!(post(&app, &company, &job).fields(), expected);
}

#[test]
fn an_invalid_value_is_not_compared_with_others() {
    let (app, company) = app_and_company();
    let changes = json!({"dayRateFrom": 451, "dayRateTo": -1, "startDate": "soon", "endDate": "2000-01-01"});
    let job = with(&a_job(), &changes);
    let expected = ["dayRateTo: out_of_range", "startDate: invalid_format"];
    assert_eq!(post(&app, &company, &job).fields(), expected);
}

#[test]
fn a_repeated_field_is_rejected() {
    let (app, company) = app_and_company();
    let text = a_job().to_string().replacen('{', r#"{"title": "Another title","#, 1);
    let rejected = app.post("/api/jobs").bearer(&company.token).raw(text).send();
    assert_eq!(rejected.fields(), ["title: duplicate"]);
    assert_eq!(app.database.rows("jobs"), 0);
}
