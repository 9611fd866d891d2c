use serde_json::{Value, json};

use super::{edit, id, move_to};
use crate::support::{App, Person, a_moment, text, with};

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
    let mut told = with(&job, &with(&changes, &json!({"country": "DE"})));
    told["updatedAt"] = a_moment(&edited["updatedAt"]);
    assert_eq!(edited, told);
    assert!(text(&edited["updatedAt"]) >= text(&job["updatedAt"]));
    assert_eq!(shown(&app, &company, &job), edited);
}

#[test]
fn a_field_that_is_absent_stays() {
    let full = json!({
        "country": "DE", "projectName": "Baltic Eagle", "dayRateFrom": 300, "dayRateTo": 450, "currency": "DKK",
        "endDate": "2027-04-30",
    });
    let (app, company, job) = app_and_job(&full);
    let mut told = job.clone();
    for change in [json!({"title": "Inspection"}), json!({"dayRateTo": 500}), json!({"endDate": "2027-05-01"})] {
        let edited = edit(&app, &company, id(&job), &change).data(200);
        told = with(&with(&told, &change), &json!({"updatedAt": edited["updatedAt"]}));
        assert_eq!(edited, told);
    }
}

#[test]
fn null_clears_what_may_be_empty() {
    let full = json!({"projectName": "Baltic Eagle", "dayRateFrom": 300, "dayRateTo": 450, "endDate": "2027-04-30"});
    let (app, company, job) = app_and_job(&full);
    let nothing = json!({"projectName": null, "dayRateFrom": null, "dayRateTo": null, "endDate": null});
    let edited = edit(&app, &company, id(&job), &nothing).data(200);
    assert_eq!(edited, with(&job, &with(&nothing, &json!({"updatedAt": edited["updatedAt"]}))));
    assert_eq!(shown(&app, &company, &job), edited);
}

#[test]
fn an_empty_text_clears_what_may_be_empty() {
    let (app, company, job) = app_and_job(&json!({"projectName": "Baltic Eagle", "endDate": "2027-04-30"}));
    let edited = edit(&app, &company, id(&job), &json!({"projectName": "  ", "endDate": ""})).data(200);
    assert_eq!([&edited["projectName"], &edited["endDate"]], [&Value::Null; 2]);
}

#[test]
fn null_is_refused_where_something_must_stand() {
    let (app, company, job) = app_and_job(&json!({}));
    let fields = ["title", "description", "location", "country", "discipline", "contractType", "currency", "startDate"];
    let nulls: Value = fields.iter().map(|field| ((*field).to_owned(), Value::Null)).collect();
    assert_eq!(edit(&app, &company, id(&job), &nulls).fields(), fields.map(|field| format!("{field}: wrong_type")));
    let blanks: Value = fields.iter().map(|field| ((*field).to_owned(), json!(" "))).collect();
    assert_eq!(edit(&app, &company, id(&job), &blanks).fields(), fields.map(|field| format!("{field}: required")));
    assert_eq!(shown(&app, &company, &job), job);
}

#[test]
fn no_change_is_an_answer_and_changes_nothing() {
    for status in ["DRAFT", "OPEN"] {
        let (app, company, job) = app_and_job(&json!({ "status": status }));
        assert_eq!(edit(&app, &company, id(&job), &json!({})).data(200), job);
        assert_eq!(shown(&app, &company, &job), job);
    }
}

#[test]
fn the_status_and_what_follows_from_it_are_not_edited() {
    let (app, company, job) = app_and_job(&json!({}));
    let sent = json!({
        "status": "OPEN", "id": id(&job), "companyId": company.id, "publishedAt": null, "createdAt": null, "title": "x",
    });
    let mut told = edit(&app, &company, id(&job), &sent).fields();
    told.sort();
    let unknown = ["companyId", "createdAt", "id", "publishedAt", "status"];
    assert_eq!(told, unknown.map(|field| format!("{field}: unknown_field")));
    assert_eq!(shown(&app, &company, &job), job);
}

#[test]
fn fields_are_held_against_those_that_stay() {
    let stored = json!({"dayRateFrom": 300, "dayRateTo": 450, "startDate": "2027-03-01", "endDate": "2027-04-30"});
    let (app, company, job) = app_and_job(&stored);
    for (change, told) in [
        (json!({"dayRateFrom": 451}), "dayRateTo: inconsistent"),
        (json!({"dayRateTo": 299}), "dayRateTo: inconsistent"),
        (json!({"startDate": "2027-05-01"}), "endDate: inconsistent"),
        (json!({"endDate": "2027-02-28"}), "endDate: inconsistent"),
        (json!({"dayRateTo": 299, "endDate": "2027-02-28"}), "dayRateTo: inconsistent, endDate: inconsistent"),
    ] {
        assert_eq!(edit(&app, &company, id(&job), &change).fields().join(", "), told, "{change}");
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
fn fields_that_contradict_each_other_are_told_beside_what_else_is_wrong() {
    let (app, company, job) = app_and_job(&json!({}));
    let change = json!({
        "title": "", "dayRateFrom": 451, "dayRateTo": 450, "startDate": "2027-03-01", "endDate": "2027-02-28", "x": 1,
    });
    let told = ["title: required", "dayRateTo: inconsistent", "endDate: inconsistent", "x: unknown_field"];
    assert_eq!(edit(&app, &company, id(&job), &change).fields(), told);
}

#[test]
fn every_wrong_field_is_told_at_once() {
    let (app, company, job) = app_and_job(&json!({}));
    let change = json!({
        "title": "t".repeat(121), "description": 1, "location": [], "country": "Atlantis", "projectName": "p".repeat(121),
        "discipline": "", "contractType": "WEEKLY", "dayRateFrom": 1.5, "dayRateTo": 10_000_001, "currency": "x",
        "startDate": "x", "endDate": {},
    });
    let told = [
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
    assert_eq!(edit(&app, &company, id(&job), &change).fields(), told);
    assert_eq!(shown(&app, &company, &job), job);
}

#[test]
fn a_closed_job_is_not_edited_not_even_by_nothing() {
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
fn another_companys_job_is_refused_where_it_may_be_seen_and_else_not_there() {
    let (app, company, job) = app_and_job(&json!({}));
    let other = app.company("siemens");
    let never_open = app.post_job(&company, &json!({}));
    move_to(&app, &company, id(&never_open), "CLOSED").data(200);
    assert_eq!(edit(&app, &other, id(&job), &json!({})).code(404), "not_found");
    assert_eq!(edit(&app, &other, id(&never_open), &json!({})).code(404), "not_found");
    for status in ["OPEN", "CLOSED"] {
        move_to(&app, &company, id(&job), status).data(200);
        assert_eq!(edit(&app, &other, id(&job), &json!({})).code(403), "forbidden", "{status}");
    }
}
