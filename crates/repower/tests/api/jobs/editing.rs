use serde_json::{Value, json};

use super::{edit, id, move_to};
use crate::support::{App, Person, UNKNOWN_ID, a_moment, text, with};

fn app_and_job(changes: &Value) -> (App, Person, Value) {
    let app = App::start();
    let company = app.company("vestas");
    let job = app.post_job(&company, changes);
    (app, company, job)
}

fn shown(app: &App, company: &Person, job: &Value) -> Value {
    app.get(&format!("/api/jobs/{}", id(job))).bearer(&company.token).send().data(200)
}

#[test]
fn every_field_can_be_changed_at_once() {
    let (app, company, job) = app_and_job(&json!({"status": "OPEN"}));
    let changes = json!({
        "title": "Inspection", "description": "All blades", "location": "Kiel", "country": "Germany",
        "projectName": "Baltic Eagle", "discipline": "INSPECTION", "contractType": "FIXED_PRICE",
        "dayRateFrom": 300, "dayRateTo": 450, "currency": "DKK", "startDate": "2027-05-01", "endDate": "2027-06-01",
    });
    let edited = edit(&app, &company, id(&job), &changes).data(200);
    let mut expected = with(&job, &with(&changes, &json!({"country": "DE"})));
    expected["updatedAt"] = a_moment(&edited["updatedAt"]);
    assert_eq!(edited, expected);
    assert!(text(&edited["updatedAt"]) >= text(&job["updatedAt"]));
    assert_eq!(shown(&app, &company, &job), edited);
}

#[test]
fn an_absent_field_is_unchanged() {
    let full = json!({
        "country": "DE", "projectName": "Baltic Eagle", "dayRateFrom": 300, "dayRateTo": 450, "currency": "DKK",
        "endDate": "2027-04-30",
    });
    let (app, company, job) = app_and_job(&full);
    let mut expected = job.clone();
    for change in [json!({"title": "Inspection"}), json!({"dayRateTo": 500}), json!({"endDate": "2027-05-01"})] {
        let edited = edit(&app, &company, id(&job), &change).data(200);
        expected = with(&with(&expected, &change), &json!({"updatedAt": edited["updatedAt"]}));
        assert_eq!(edited, expected);
    }
}

#[test]
fn null_clears_an_optional_field() {
    let full = json!({"projectName": "Baltic Eagle", "dayRateFrom": 300, "dayRateTo": 450, "endDate": "2027-04-30"});
    let (app, company, job) = app_and_job(&full);
    let nothing = json!({"projectName": null, "dayRateFrom": null, "dayRateTo": null, "endDate": null});
    let edited = edit(&app, &company, id(&job), &nothing).data(200);
    assert_eq!(edited, with(&job, &with(&nothing, &json!({"updatedAt": edited["updatedAt"]}))));
    assert_eq!(shown(&app, &company, &job), edited);
}

#[test]
fn an_empty_text_clears_an_optional_field() {
    let (app, company, job) = app_and_job(&json!({"projectName": "Baltic Eagle", "endDate": "2027-04-30"}));
    let edited = edit(&app, &company, id(&job), &json!({"projectName": "  ", "endDate": ""})).data(200);
    assert_eq!([&edited["projectName"], &edited["endDate"]], [&Value::Null; 2]);
}

#[test]
fn null_and_blanks_are_rejected_for_required_fields() {
    let (app, company, job) = app_and_job(&json!({}));
    let fields = ["title", "description", "location", "country", "discipline", "contractType", "currency", "startDate"];
    let nulls: Value = fields.iter().map(|field| ((*field).to_owned(), Value::Null)).collect();
    assert_eq!(edit(&app, &company, id(&job), &nulls).fields(), fields.map(|field| format!("{field}: wrong_type")));
    let blanks: Value = fields.iter().map(|field| ((*field).to_owned(), json!(" "))).collect();
    assert_eq!(edit(&app, &company, id(&job), &blanks).fields(), fields.map(|field| format!("{field}: required")));
    assert_eq!(shown(&app, &company, &job), job);
}

#[test]
fn an_empty_object_returns_the_job_and_changes_nothing() {
    for status in ["DRAFT", "OPEN"] {
        let (app, company, job) = app_and_job(&json!({ "status": status }));
        assert_eq!(edit(&app, &company, id(&job), &json!({})).data(200), job);
        assert_eq!(shown(&app, &company, &job), job);
    }
}

#[test]
fn the_status_and_the_fields_set_by_the_server_cannot_be_edited() {
    let (app, company, job) = app_and_job(&json!({}));
    let sent = json!({
        "status": "OPEN", "id": id(&job), "companyId": company.id, "publishedAt": null, "createdAt": null, "title": "x",
    });
    let mut fields = edit(&app, &company, id(&job), &sent).fields();
    fields.sort();
    let unknown = ["companyId", "createdAt", "id", "publishedAt", "status"];
    assert_eq!(fields, unknown.map(|field| format!("{field}: unknown_field")));
    assert_eq!(shown(&app, &company, &job), job);
}

#[test]
fn changed_fields_must_be_consistent_with_stored_ones() {
    let stored = json!({"dayRateFrom": 300, "dayRateTo": 450, "startDate": "2027-03-01", "endDate": "2027-04-30"});
    let (app, company, job) = app_and_job(&stored);
    for (change, expected) in [
        (json!({"dayRateFrom": 451}), "dayRateTo: inconsistent"),
        (json!({"dayRateTo": 299}), "dayRateTo: inconsistent"),
        (json!({"startDate": "2027-05-01"}), "endDate: inconsistent"),
        (json!({"endDate": "2027-02-28"}), "endDate: inconsistent"),
        (json!({"dayRateTo": 299, "endDate": "2027-02-28"}), "dayRateTo: inconsistent, endDate: inconsistent"),
    ] {
        assert_eq!(edit(&app, &company, id(&job), &change).fields().join(", "), expected, "{change}");
    }
    assert_eq!(shown(&app, &company, &job), job);
    for change in [
        json!({"dayRateFrom": 450}),
        json!({"dayRateFrom": 500, "dayRateTo": 600}),
        json!({"dayRateTo": null}),
        json!({"dayRateFrom": 9_000}),
        json!({"startDate": "2027-05-01", "endDate": "2027-05-01"}),
        json!({"endDate": null, "startDate": "2028-01-01"}),
    ] {
        edit(&app, &company, id(&job), &change).data(200);
    }
}

#[test]
fn inconsistent_fields_are_reported_with_all_other_errors() {
    let (app, company, job) = app_and_job(&json!({}));
    let change = json!({
        "title": "", "dayRateFrom": 451, "dayRateTo": 450, "startDate": "2027-03-01", "endDate": "2027-02-28", "x": 1,
    });
    let expected = ["title: required", "dayRateTo: inconsistent", "endDate: inconsistent", "x: unknown_field"];
    assert_eq!(edit(&app, &company, id(&job), &change).fields(), expected);
}

#[test]
fn all_invalid_fields_are_reported_at_once() {
    let (app, company, job) = app_and_job(&json!({}));
    let change = json!({
        "title": "t".repeat(121), "description": 1, "location": [], "country": "Atlantis", "projectName": "p".repeat(121),
        "discipline": "", "contractType": "WEEKLY", "dayRateFrom": 1.5, "dayRateTo": 10_000_001, "currency": "x",
        "startDate": "x", "endDate": {},
    });
    let expected = [
        "title: too_long",
        "description: wrong_type",
        "location: wrong_type",
        "country: not_allowed",
        "projectName: too_long",
        "discipline: required",
        "contractType: not_allowed",
        "dayRateFrom: wrong_type",
        "dayRateTo: out_of_range",
        "currency: not_allowed",
        "startDate: invalid_format",
        "endDate: wrong_type",
    ];
    assert_eq!(edit(&app, &company, id(&job), &change).fields(), expected);
    assert_eq!(shown(&app, &company, &job), job);
}

#[test]
fn a_closed_job_rejects_every_edit() {
    let (app, company, job) = app_and_job(&json!({"dayRateFrom": 300, "status": "OPEN"}));
    let closed = move_to(&app, &company, id(&job), "CLOSED").data(200);
    for change in [json!({}), json!({"title": "Inspection"}), json!({"dayRateTo": 299})] {
        assert_eq!(edit(&app, &company, id(&job), &change).code(409), "job_closed", "{change}");
    }
    assert_eq!(edit(&app, &company, id(&job), &json!({"title": ""})).fields(), ["title: required"]);
    assert_eq!(shown(&app, &company, &job), closed);
    move_to(&app, &company, id(&job), "OPEN").data(200);
    edit(&app, &company, id(&job), &json!({"title": "Inspection"})).data(200);
}

#[test]
fn an_invalid_body_is_rejected_before_the_job_is_looked_up() {
    let app = App::start();
    let company = app.company("vestas");
    for job in [UNKNOWN_ID, "no-uuid", "%00"] {
        let (job, status) = (format!("/api/jobs/{job}"), format!("/api/jobs/{job}/status"));
        for (path, invalid, valid) in [
            (&job, json!({"title": 5}), json!({"title": "Inspection"})),
            (&status, json!({}), json!({"status": "OPEN"})),
        ] {
            let patch = |body| app.patch(path).bearer(&company.token).json(body).send();
            assert_eq!(patch(&invalid).code(400), "validation_failed", "{path}");
            assert_eq!(patch(&valid).code(404), "not_found", "{path}");
        }
    }
}
